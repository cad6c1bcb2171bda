"""What is done at a board without a link is told when the link is back: once,
in order, the newest of each subject; also behind a restart of the board. What
the other knows that is newer stands."""

import datetime
import json
import sqlite3
import threading

import listening
import telltale as t
from board import HELLO, Attached, event, lines, serving
from terminal_board import Board, attached
from viewer import act, make


def posted(serve, *accounts):
    for account in accounts:
        t.equal(serve.post(json.dumps(
            {'event': 'insight created', 'distinct_id': 'p' + account,
             'user_email': account + '@alder.example', 'uuid': None,
             'org_id': 'org-' + account, 'org_name': 'Org ' + account}))[0],
            200)


def journal_of(home, port):
    return home.state + '/attached-127.0.0.1_%d.db' % port


def notes(path):
    return t.select(path, "SELECT subject, text FROM notes WHERE about = "
                         "'account' ORDER BY 1")


def pins(path):
    return t.select(path, 'SELECT coalesce(e.origin_seq, e.seq), p.note FROM '
                         'pins p JOIN events e ON e.seq = p.seq ORDER BY 1')


def waiting(path):
    return [subject for subject, in t.select(
        path, 'SELECT a.subject FROM acts a JOIN acts_untold u ON u.act = a.id '
              'ORDER BY a.id')]


def write(path, *statements):
    database = sqlite3.connect(path, timeout=20)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def wait_for(what, wanted, of):
    t.wait_until(lambda: what() == wanted, '%s: %r' % (of, what()))


class Team:
    """A receiver, a board of maya's on a terminal, and one of ben's."""

    def __init__(self, *accounts):
        self.home = t.Home()
        self.serve = serving(self.home)
        self.port = self.serve.port
        self.maya, self.ben = (make(self.home, name)
                               for name in ('maya', 'ben'))
        posted(self.serve, *accounts)
        self.one = attached(self.serve, self.maya)
        self.other = Attached(self.port, self.ben)
        self.other.wait_for(len(accounts))
        for account in accounts:
            self.one.wait_for('Org ' + account)
        self.path = journal_of(self.one.home, self.port)
        self.journals = [self.home.journal, self.path, self.other.journal]

    def cut(self):
        self.serve.stop(9)
        self.one.wait_for('No link to')

    def back(self):
        self.serve = serving(self.home, self.port)

    def say(self, keys, *wanted):
        """Presses keys; what waits then."""
        self.one.keys(keys)
        wait_for(lambda: waiting(self.path), list(wanted), 'what waits')

    def end_board(self, how=9):
        self.one.close(how)

    def start_board(self):
        self.one = attached(self.serve, self.maya, self.one.home)

    def everywhere(self, what, wanted):
        for path in self.journals:
            wait_for(lambda: what(path), wanted, path)

    def remove(self):
        self.one.close()
        self.other.remove()
        self.serve.stop()
        self.home.remove()


def about(account):
    return 'about org-' + account


@t.case('notes and a pin of a board without a link are told when it is back, '
        'once and in order, though the board was killed meanwhile')
def _():
    team = Team('a')
    team.cut()
    team.say(':note too early\r', about('a'))
    team.one.wait_for('told when the link is back')
    pin = 'pin %s %d' % t.select(
        team.path, "SELECT lower(substr(hex(journal), 1, 8) || '-' || "
        "substr(hex(journal), 9, 4) || '-' || substr(hex(journal), 13, 4) || "
        "'-' || substr(hex(journal), 17, 4) || '-' || "
        "substr(hex(journal), 21)), origin_seq FROM events e JOIN origins o "
        "ON o.id = e.origin")[0]
    team.say('m', about('a'), pin)
    team.say(':note renewal in March\r', pin, about('a'))
    team.one.wait_for('2 things wait to be told.')
    team.end_board()
    t.equal(waiting(team.path), [pin, about('a')])
    team.start_board()
    team.one.wait_for('2 things wait to be told.')
    team.back()
    team.everywhere(notes, [('org-a', 'renewal in March')])
    team.everywhere(lambda path: [note for _, note in pins(path)], [None])
    wait_for(lambda: waiting(team.path), [], 'what waits')
    t.equal(t.select(team.home.journal,
                    'SELECT id, subject, verb, who FROM acts ORDER BY id'),
            [(1, pin, 'pin', 'maya'), (2, about('a'), 'note', 'maya')])
    seen = len(team.one.data)
    team.one.keys(':note\r')
    team.everywhere(notes, [])
    assert 'told when the link' not in team.one.plain(seen)
    team.remove()


@t.case('told and not noted so, it is told twice, and that does no harm')
def _():
    team = Team('a')
    team.say(':note renewal in March\r')
    team.everywhere(notes, [('org-a', 'renewal in March')])
    wait_for(lambda: waiting(team.path), [], 'what waits')
    team.end_board()
    write(team.path, 'INSERT INTO acts_untold (act) SELECT id FROM acts')
    team.start_board()
    wait_for(lambda: waiting(team.path), [], 'what waits')
    team.everywhere(notes, [('org-a', 'renewal in March')])
    team.end_board()
    t.equal(act(team.serve, team.ben, do='note', account='org-a',
                note='in April')[0], 200)
    write(team.path, 'INSERT INTO acts_untold (act) SELECT id FROM acts')
    team.start_board()
    wait_for(lambda: waiting(team.path), [], 'what waits')
    team.everywhere(notes, [('org-a', 'in April')])
    team.remove()


@t.case('of two notes on one account the newer stands on all boards, whoever '
        'comes later, and no board goes to and fro')
def _():
    team = Team('a')
    t.equal(act(team.serve, team.ben, do='note', account='org-a',
                note='of ben, first')[0], 200)
    team.everywhere(notes, [('org-a', 'of ben, first')])
    team.cut()
    team.say(':note of maya\r', about('a'))
    team.back()
    team.everywhere(notes, [('org-a', 'of maya')])
    wait_for(lambda: waiting(team.path), [], 'what waits')
    team.cut()
    team.say(':note of maya, again\r', about('a'))
    team.end_board()
    write(team.path,
          'CREATE TABLE written (text TEXT)',
          'CREATE TRIGGER written AFTER INSERT ON notes BEGIN INSERT INTO '
          'written VALUES (NEW.text); END')
    team.back()
    t.equal(act(team.serve, team.ben, do='note', account='org-a',
                note='of ben, last')[0], 200)
    team.start_board()
    team.everywhere(notes, [('org-a', 'of ben, last')])
    wait_for(lambda: waiting(team.path), [], 'what waits')
    team.one.wait_for('something newer')
    t.equal(set(t.select(team.path, 'SELECT text FROM written')),
            {('of ben, last',)})
    t.equal(t.select(team.home.journal, 'SELECT subject, who FROM acts'),
            [(about('a'), 'ben')])
    team.remove()


SIGNAL = ("INSERT INTO signals SELECT %d, 'billing', accounts.id, 0, -1, 1, "
          "1700000000000, 1, 'Payment failed', NULL, '[1]', 'new', NULL, "
          "NULL, NULL, 1700000000000 FROM accounts WHERE key = 'org-a'")


@t.case('which of two is the newer does not hang on whose clock is right')
def _():
    team = Team('a')
    team.cut()
    team.say(':note of maya\r', about('a'))
    team.end_board()
    team.home.env['TELLTALE_CLOCK'] = '2020-01-02T00:00:00Z'
    team.back()
    t.equal(act(team.serve, team.ben, do='note', account='org-a',
                note='of ben')[0], 200)
    team.start_board()
    team.everywhere(notes, [('org-a', 'of ben')])
    wait_for(lambda: waiting(team.path), [], 'what waits')
    team.cut()
    team.say(':note of maya, again\r', about('a'))
    team.home.env['TELLTALE_CLOCK'] = '2020-01-03T00:00:00Z'
    team.back()
    team.everywhere(notes, [('org-a', 'of maya, again')])
    team.remove()


@t.case('what is said of a signal without a link, and while no board runs, is '
        'told when it is back')
def _():
    team = Team('a')
    for number, path in enumerate(team.journals):
        write(path, SIGNAL % (70 + number))
    team.cut()
    done = team.one.home.run('signals', 'done', '71', '--journal', team.path)
    t.equal(done.returncode, 0, done.stderr)
    wait_for(lambda: waiting(team.path), ['state 71'], 'what waits')
    team.end_board()
    done = team.one.home.run('signals', 'note', '71', 'call', 'her',
                             '--journal', team.path)
    t.equal(done.returncode, 0, done.stderr)
    t.equal(waiting(team.path), ['state 71', 'note 71'])
    team.back()
    team.start_board()
    team.everywhere(lambda path: t.select(
        path, "SELECT state, note FROM signals WHERE kind = 'billing'"),
        [('done', 'call her')])
    wait_for(lambda: waiting(team.path), [], 'what waits')
    team.remove()


@t.case('a signal that slept while nobody could be told is new to all, unless '
        'somebody said more since')
def _():
    team = Team('a')
    for number, path in enumerate(team.journals):
        write(path, SIGNAL % (70 + number))
    t.equal(act(team.serve, team.ben, do='seen', signal=70)[0], 200)
    states = lambda path: t.select(
        path, "SELECT state FROM signals WHERE kind = 'billing'")
    team.everywhere(states, [('seen',)])
    for state in 'new', 'done':
        team.cut()
        team.end_board()
        done = team.one.home.run('signals', 'snooze', '71', '1d', '--journal',
                                 team.path)
        t.equal(done.returncode, 0, done.stderr)
        write(team.path, 'UPDATE signals SET until = 1')
        team.back()
        if state == 'done':
            t.equal(act(team.serve, team.ben, do='done', signal=70)[0], 200)
        team.start_board()
        wait_for(lambda: waiting(team.path), [], 'what waits')
        for path in team.home.journal, team.other.journal:
            wait_for(lambda: states(path), [(state,)], path)
    wait_for(lambda: states(team.path), [('done',)], 'the state here')
    team.remove()


@t.case('a pin that is taken off again before the link is back is on no board')
def _():
    team = Team('a')
    team.cut()
    team.one.keys('m')
    t.wait_until(lambda: pins(team.path), 'a pin here')
    team.one.keys("'")
    team.one.wait_for('1 pin')
    team.one.keys('d')
    wait_for(lambda: pins(team.path), [], 'pins here')
    t.wait_until(lambda: len(waiting(team.path)) == 1, 'one that waits')
    team.back()
    wait_for(lambda: waiting(team.path), [], 'what waits')
    team.everywhere(pins, [])
    team.remove()


@t.case('that an account was read is told with when that was')
def _():
    team = Team('a')
    team.cut()
    team.say('a', 'read org-a')
    team.end_board()
    before = datetime.datetime.now(datetime.timezone.utc)
    team.back()
    team.start_board()
    wait_for(lambda: waiting(team.path), [], 'what waits')
    at, = t.select(team.home.journal,
                  "SELECT at FROM acts WHERE subject = 'read org-a'")[0]
    assert at <= before.timestamp() * 1000, (at, before)
    team.remove()


@t.case('with whom the board forgets goes what waits of them; whom the '
        'receiver has forgotten since does not come back')
def _():
    team = Team('a', 'b')
    team.cut()
    team.say(':note on the newest\r', about('b'))
    team.one.keys('m')
    t.wait_until(lambda: len(waiting(team.path)) == 2, 'two that wait')
    done = team.one.home.run('forget', '--yes', 'b@alder.example',
                             '--journal', team.path)
    t.equal(done.returncode, 0, done.stderr)
    wait_for(lambda: waiting(team.path), [about('b')], 'what waits')
    done = team.one.home.run('forget', '--yes', 'org-b', '--journal',
                             team.path)
    t.equal(done.returncode, 0, done.stderr)
    wait_for(lambda: waiting(team.path), [], 'what waits')
    team.end_board()
    team.start_board()
    team.one.wait_for('Org a')
    team.say(':note on the other\r', about('a'))
    team.end_board()
    team.back()
    done = team.home.run('forget', '--yes', 'org-a')
    t.equal(done.returncode, 0, done.stderr)
    team.start_board()
    wait_for(lambda: waiting(team.path), [], 'what waits')
    team.everywhere(notes, [])
    t.equal(t.select(team.home.journal, 'SELECT subject FROM acts'), [])
    team.remove()


class Receiver(listening.Listening):
    """What pretends to be one: a feed with an event, and answers to POST /act,
    one after another; the last is given for good."""

    def __init__(self, *answers, **hello):
        receiver = self
        self.said, self.over = [], threading.Event()
        feed = lines(dict(HELLO, last=1, **hello),
                     event(1, account={'id': 'org-a', 'name': 'Org a',
                                       'listed': True}))

        class Handler(listening.Handler):
            def do_GET(self):
                self.send_response(200)
                self.send_header('Content-Type', 'application/x-ndjson')
                self.send_header('Transfer-Encoding', 'chunked')
                self.end_headers()
                self.wfile.write(b'%x\r\n%s\r\n' % (len(feed), feed))
                self.wfile.flush()
                receiver.over.wait()

            def do_POST(self):
                words = json.loads(self.body())
                if words['do'] == 'look':
                    status, answer = 409, {'ok': False}
                else:
                    receiver.said.append(words)
                    status, answer = answers[
                        min(len(receiver.said), len(answers)) - 1]
                self.answer(status, json.dumps(answer).encode())

        super().__init__(Handler)
        self.forgive()

    def board(self):
        board = Board(t.Home(TELLTALE_VIEWER_TOKEN='x'), 'attach',
                      'http://127.0.0.1:%d' % self.port)
        board.wait_for('Org a')
        return board, journal_of(board.home, self.port)

    def close(self):
        self.over.set()
        super().close()


@t.case('what is refused is said and not asked again')
def _():
    receiver = Receiver((409, {'ok': False, 'error': 'too many \x1b[31mnotes'}),
                        (200, {'ok': True}), late=True)
    board, path = receiver.board()
    board.keys(':note one\r')
    board.wait_for('refuses a note on an account: too many')
    wait_for(lambda: waiting(path), [], 'what waits')
    board.keys('m')
    t.wait_until(lambda: len(receiver.said) == 2, 'the pin')
    t.equal([words['do'] for words in receiver.said], ['note', 'pin'])
    t.equal(notes(path), [('org-a', 'one')])
    assert '\x1b[31mnotes' not in board.data.decode(errors='replace')
    board.close()
    receiver.close()


@t.case('one of an earlier day that does not know it refuses it in words; '
        'what was read is not told there late')
def _():
    receiver = Receiver((400, {'ok': False, 'error': 'signal is the id of one, '
                                                     'or one as JSON'}))
    board, path = receiver.board()
    board.keys(':note one\r')
    board.wait_for('which is older, refuses a note on an account')
    wait_for(lambda: waiting(path), [], 'what waits')
    board.close()
    write(path, "INSERT INTO acts (id, subject, verb, who, at) VALUES "
                "(90, 'read org-a', 'read', '', 1)",
          'INSERT INTO acts_untold (act) VALUES (90)')
    board = Board(board.home, 'attach',
                  'http://127.0.0.1:%d' % receiver.port)
    wait_for(lambda: waiting(path), [], 'what waits')
    t.equal([words['do'] for words in receiver.said], ['note'])
    board.close()
    receiver.close()


@t.case('what cannot be kept there now is told again, and what waits is said '
        'until then')
def _():
    receiver = Receiver((503, {'ok': False}), (500, {'ok': False}),
                        (200, {'ok': True, 'act': 7}), late=True)
    board, path = receiver.board()
    board.keys(':note one\r')
    board.wait_for('1 thing waits to be told to 127.0.0.1')
    board.wait_for('it answers 503')
    wait_for(lambda: waiting(path), [], 'what waits')
    t.equal([words['note'] for words in receiver.said], 3 * ['one'])
    board.close()
    receiver.close()


@t.case('a board that holds as much as it may says that it will not be told')
def _():
    receiver = Receiver((503, {'ok': False}), late=True)
    board, path = receiver.board()
    write(path,
          "INSERT INTO acts (subject, verb, who, at) WITH RECURSIVE n(i) AS "
          "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT "
          "'read ' || i, 'read', '', 1 FROM n",
          'INSERT INTO acts_untold (act) SELECT id FROM acts')
    board.keys(':note one\r')
    board.wait_for('the others are not told: 1000 things wait')
    t.equal(notes(path), [('org-a', 'one')])
    t.equal(len(waiting(path)), 1000)
    board.close()
    receiver.close()


t.run()
