"""History beyond an attached board's own journal, asked of the receiver: GET
/events in the order of time, and the board that goes on into it, back, with a
filter, by finding, to a time; and what it says without a link."""

import json
import os
import re
import sqlite3
import subprocess
import threading
import uuid

import telltale as t
from cable import Cable

VIEWER = 'viewer-of-the-past'
AUTH = {'Authorization': 'Bearer ' + VIEWER}
NOW = '2026-09-14T12:00:00Z'
COUNT, HERE = 600, 300  # events; so many, the newest, are here


def event(number):
    """The higher the number, the later, by two minutes."""
    minutes = 2 * number
    at = '2026-09-13T%02d:%02d:00.000Z' % (minutes // 60, minutes % 60)
    return {'uuid': str(uuid.uuid5(uuid.NAMESPACE_URL, str(number))),
            'event': 'insight created', 'category': 'analytics',
            'tone': 'info', 'sentence': 'did number %03d' % number,
            'occurred_at': at, 'received_at': at,
            'account': {'id': 'org-1', 'name': 'Org one', 'listed': True},
            'person': {'id': 'p1', 'email': None, 'name': 'Pat'},
            'hidden': None, 'session_id': None,
            'properties': {'n': number, 'odd': number % 2},
            'links': {'replay': None, 'person': None, 'event': None}}


def imported(home, numbers):
    path = home.write('lines', '\n'.join(json.dumps(event(n))
                                         for n in numbers))
    done = home.run('import', path)
    t.equal(done.returncode, 0, done.stderr)


def place():
    """Read in two goes, the later half first: seqs are not the order."""
    home = t.Home(TELLTALE_CLOCK=NOW, TELLTALE_VIEWER_TOKEN=VIEWER)
    imported(home, range(COUNT // 2, COUNT))
    imported(home, range(COUNT // 2))
    return home


def ask(serve, words):
    """Their numbers, and the next place or None."""
    connection = serve.connect()
    connection.request('GET', '/events?' + words, None, AUTH)
    answer = connection.getresponse()
    lines = answer.read().splitlines()
    connection.close()
    t.equal(answer.status, 200, words)
    return ([json.loads(line)['properties']['n'] for line in lines],
            answer.getheader('X-Telltale-Next'))


@t.case('events are told in the order of time, both ways, from place to place')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        for order, wanted in (('older', list(range(COUNT))[::-1]),
                              ('newer', list(range(COUNT)))):
            for limit in 7, 100, 601:
                found, where = [], 'place=0.0.0'
                while where:
                    some, where = ask(serve, 'order=%s&limit=%d&%s' %
                                      (order, limit, where))
                    found += some
                t.equal(found, wanted, order)
            some, where = ask(serve, 'order=%s&limit=3&q=prop.odd:1' % order)
            t.equal(some, [n for n in wanted if n % 2][:3])
            some, where = ask(serve, 'order=%s&limit=3&q=prop.odd:1&%s' %
                              (order, where))
            t.equal(some, [n for n in wanted if n % 2][3:6])
        status, body = serve.request(
            'GET', '/events?order=newer&limit=1&kept=1', None, AUTH)
        t.equal(json.loads(body)['kept']['flags'], ['backfilled'])
        for words in ('order=up', 'order=older&place=x', 'order=older&place=',
                      'order=newer&place=1.2.3', 'order=newer&place=1.2',
                      'order=newer&place=-1.2.0', 'order=newer&place=1.2.0x'):
            t.equal(serve.request('GET', '/events?' + words, None, AUTH)[0],
                    400, words)


PICTURE = os.path.join(os.environ['TESTS_BUILD'], 'tests/screen/picture')


class Board:
    """An attached one whose journal is pruned to the newest HERE of them."""

    def __init__(self, serve, pruned=True):
        self.home = t.Home(TELLTALE_CLOCK=NOW, TELLTALE_VIEWER_TOKEN=VIEWER)
        self.port = serve.port
        self.waiting, self.over = [], threading.Event()
        self.path = (self.home.state +
                     '/attached-127.0.0.1_%d.db' % serve.port)
        self.follow(lambda: count(self.path) == COUNT, 'all events here')
        if pruned:
            self.prune()

    def follow(self, condition, what):
        """Attached without a screen until then."""
        process = subprocess.Popen([t.PROGRAM, 'attach', '--json', self.url()],
                                   env=self.home.env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        t.wait_until(condition, what)
        process.terminate()
        process.wait(t.PATIENCE)

    def hears_all(self, serve):
        """What was done there is told here: no board is told it again."""
        def last(path, sql):
            return t.select(path, sql, absent=[(0,)])[0][0]
        self.follow(lambda: last(self.path, "SELECT max(seq) FROM cursors "
                                 "WHERE reader = 'feed acts'") ==
                    last(serve.home.journal, 'SELECT max(id) FROM acts'),
                    'the acts here')

    def change(self, *statements):
        database = sqlite3.connect(self.path, timeout=20)
        for statement in statements:
            database.execute(statement)
        database.commit()
        database.close()

    def prune(self):
        self.change(
            "INSERT OR REPLACE INTO counters VALUES ('pruned events', %d)" %
            (COUNT - HERE), "DELETE FROM events WHERE sentence < "
            "'did number %03d'" % (COUNT - HERE))

    def forget_whose(self):
        """It knows no more whose journal is there, and is told all anew."""
        self.change("DELETE FROM cursors WHERE reader = 'feed'")

    def url(self):
        return 'http://127.0.0.1:%d' % self.port

    def when_there(self, action):
        """A file whose coming makes it happen."""
        path = os.path.join(self.home.path, 'step-%d' % len(self.waiting))

        def wait():
            t.wait_until(lambda: os.path.exists(path) or self.over.is_set(),
                         'the step before')
            if os.path.exists(path):
                action()
        thread = threading.Thread(target=wait)
        self.waiting.append((thread, path))
        thread.start()
        return path

    def shows(self, *steps):
        """What is on the screen behind these: keys, (text) to wait for, or
        something to call."""
        words = []
        self.over.clear()
        for step in steps:
            words += ['-U', step[0]] if isinstance(step, tuple) else \
                ['-k', step] if isinstance(step, str) else \
                ['-T', self.when_there(step)]
        env = ['XDG_STATE_HOME=' + self.home.env['XDG_STATE_HOME'],
               'XDG_CONFIG_HOME=' + self.home.env['XDG_CONFIG_HOME'],
               'HOME=' + self.home.path, 'TELLTALE_CLOCK=' + NOW,
               'TELLTALE_VIEWER_TOKEN=' + VIEWER, 'TZ=UTC0']
        done = subprocess.run(
            [PICTURE, '-t', '-s', '40x140', '-u', 'number %03d' % (COUNT - 1),
             *words, *[word for one in env for word in ('-e', one)],
             t.PROGRAM, 'attach', self.url()], capture_output=True, text=True,
            timeout=10 * t.PATIENCE)
        self.over.set()
        for thread, path in self.waiting:
            thread.join()
            if os.path.exists(path):
                os.unlink(path)
        self.waiting = []
        t.equal(done.returncode, 0, '%r: %s' % (steps, done.stdout))
        return done.stdout

    def numbers(self, *steps):
        return [int(n) for n in re.findall(r'did number (\d+)',
                                           self.shows(*steps))]


def count(path):
    return t.select(path, 'SELECT count(*) FROM events', absent=[(0,)])[0][0]


@t.case('a board goes on beyond its own journal: to the oldest, to a time, up '
        'and down, and nothing of it is kept')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        board = Board(serve)
        found = board.numbers('g', ('did number 000',), ('begins here',))
        t.equal(found[:20], list(range(20)))
        found = board.numbers('g', ('did number 000',), 'G',
                              ('number %03d' % (COUNT - 1),))
        assert found[-1] == COUNT - 1, found
        # 03:20 is before what is here, 10:00 is where that begins.
        found = board.numbers('T2026-09-13 03:20\\n', ('did number 100',))
        t.equal(found, list(range(found[0], found[-1] + 1)))
        steps = []
        for number in range(110, 400, 10):
            steps += ['\\e[B' * 10, ('did number %03d' % number,)]
        found = board.numbers('T2026-09-13 03:20\\n', ('did number 100',),
                              *steps)
        t.equal(found, list(range(found[0], found[-1] + 1)))
        assert found[-1] > COUNT - HERE + 50, found
        steps = []
        for number in range(COUNT - 11, COUNT - HERE - 100, -10):
            steps += ['\\e[A' * 10,
                      ('>%02d:%02d' % (number // 30, number * 2 % 60),)]
        found = board.numbers(*steps)
        t.equal(found, list(range(found[0], found[-1] + 1)))
        t.equal(count(board.path), HERE)
        board.home.remove()


@t.case('filters, deep ones too, finding, and the details of an event go on '
        'beyond it')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        board = Board(serve)
        found = board.numbers('fprop.odd:1\\n', 'g', ('did number 001',),
                              ('Nothing older in the journal matches.',),
                              ('did number 029',))
        t.equal(found[:15], list(range(1, 30, 2)))
        found = board.numbers('/number 007\\n', ('did number 007',))
        assert 7 in found, found
        text = board.shows('g', ('did number 000',), '\\n',
                           ('odd',))
        assert 'did number 000' in text, text
        board.home.remove()


@t.case('without a link it says where the rest is')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        board = Board(serve)
        serve.stop()
        board.shows(('No link to 127.0.0.1',), 'g',
                    ('Older events, if any, are at the receiver; there is no '
                     'link.',))
        board.home.remove()


@t.case('without a link, what has all that was told says that it begins there')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        board = Board(serve, pruned=False)
        serve.stop()
        board.shows(('No link to 127.0.0.1',), 'g', ('did number 000',),
                    ('begins here',))
        text = board.shows(('No link to 127.0.0.1',), 'T2026-09-12 03:20\\n',
                           ('did number 000',))
        assert 'there is no link' not in text, text
        # Its first one is not here: it is not known.
        database = sqlite3.connect(board.path, timeout=20)
        database.execute('DELETE FROM events WHERE origin_seq = 1')
        database.commit()
        database.close()
        board.shows(('No link to 127.0.0.1',), 'g', ('there is no link.',))
        board.home.remove()


def held():
    """A board behind a cable that passes nothing on now."""
    serve = t.Telltale(command='serve', home=place())
    cable = Cable(serve.port)
    board = Board(cable)
    cable.held.clear()
    return serve, cable, board


def let_go(serve, cable, board):
    board.home.remove()
    cable.close()
    serve.stop()
    serve.home.remove()


WAITS = ('Waiting for the link to 127.0.0.1',)


@t.case('a key before the link is up waits for it, says so, and goes on then')
def _():
    serve, cable, board = held()
    for forgets in False, True:
        for keys, wanted in (('g', 'did number 000'),
                             ('T2026-09-13 03:20\\n', 'did number 100'),
                             ('/number 007\\n', 'did number 007')):
            if forgets:
                board.prune()
                board.forget_whose()
            cable.held.clear()
            board.shows(keys, WAITS, cable.held.set, (wanted,))
    let_go(serve, cable, board)


@t.case('what waits for the link is stopped by Esc, and asked for again')
def _():
    serve, cable, board = held()
    board.shows('g', WAITS, '\\e', ('Stopped.',), cable.held.set, 'g',
                ('did number 000',))
    let_go(serve, cable, board)


@t.case('where the first link does not come up, what is here is shown')
def _():
    serve, cable, board = held()
    text = board.shows('g', WAITS, cable.close, ('there is no link.',), '/',
                       'number 301\\n', ('did number 301',))
    assert 'Waiting for' not in text, text
    let_go(serve, cable, board)


def hello(serve):
    status, body = serve.request('GET', '/feed?end=1', None, AUTH)
    t.equal(status, 200)
    return json.loads(body.splitlines()[0])


def pins(path):
    return t.select(path, 'SELECT sentence, note FROM pins JOIN events '
                    'USING (seq)')


@t.case('what only the receiver has is pinned there, shows as a pin here, and '
        'is taken off')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        board = Board(serve)
        oldest = ('g', ('did number 000',), '\\e[H')
        text = board.shows(*oldest, ':pin why so late\\n',
                           ('Pinned at 127.0.0.1',), "'", ('1 pin',))
        assert 'why so late' in text and 'did number 000' in text, text
        wanted = [('did number 000', 'why so late')]
        t.equal(pins(serve.home.journal), wanted)
        t.equal(pins(board.path), [])
        board.hears_all(serve)
        board.shows(*oldest, 'm', ('Pinned at 127.0.0.1',), 'm',
                    ('The pin is off, at 127.0.0.1',), "'",
                    ('Nothing is pinned.',))
        t.equal(pins(serve.home.journal), [])
        board.hears_all(serve)
        text = board.shows(*oldest, 'm', ('Pinned at 127.0.0.1',), "'",
                           ('1 pin',), '\\n', ('odd',))
        assert 'did number 000' in text, text
        # By others while the board is away: told by the feed.
        database = sqlite3.connect(serve.home.journal, timeout=20)
        seq = database.execute("SELECT seq FROM events WHERE sentence = "
                               "'did number 007'").fetchone()[0]
        database.close()
        origin = {'id': hello(serve)['journal'], 'seq': seq}
        for words in ({'do': 'unpin', 'origin': dict(origin, seq=COUNT)},
                      {'do': 'pin', 'origin': origin, 'note': 'by others'}):
            t.equal(serve.request('POST', '/act', json.dumps(words),
                                  AUTH)[0], 200)
        board.shows("'", ('did number 007',), '\\n', ('odd',))
        board.hears_all(serve)
        board.shows(*oldest, 'm', ('Pinned at',), "'", ('1 pin',), 'd',
                           ('Nothing is pinned.',))
        t.equal(pins(serve.home.journal), [('did number 007', 'by others')])
        t.equal(count(board.path), HERE)
        board.home.remove()


def seq_of(path, number):
    return t.select(path, "SELECT seq FROM events WHERE sentence = "
                    "'did number %03d'" % number)[0][0]


@t.case('what others pinned and took off again at once shows nowhere')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        board = Board(serve)
        journal = hello(serve)['journal']

        def say(do, number):
            words = {'do': do, 'origin': {
                'id': journal, 'seq': seq_of(serve.home.journal, number)}}
            t.equal(serve.request('POST', '/act', json.dumps(words),
                                  AUTH)[0], 200)

        def others():
            for number in range(10):
                say('pin', number)
                say('unpin', number)
            say('pin', 10)
        text = board.shows(others, "'", ('did number 010',), ('1 pin',))
        t.equal('did number 00' in text, False, text)
        board.home.remove()


@t.case('what cannot be pinned there says why')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        board = Board(serve)
        database = sqlite3.connect(serve.home.journal, timeout=20)
        database.execute('INSERT INTO pins (seq, at) SELECT seq, seq FROM '
                         'events LIMIT 200')
        database.commit()
        oldest = ('g', ('did number 000',), '\\e[H')
        board.shows(*oldest, 'm', ('Not pinned: 127.0.0.1',),
                    ('has too many pins',))
        database.close()
        board.home.remove()


@t.case('without a link it is said that nothing is pinned, and that no pin goes')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        board = Board(serve)
        board.shows('g', ('did number 000',), '\\e[H', 'm',
                    ('Pinned at 127.0.0.1',), serve.stop,
                    ('No link to 127.0.0.1',), 'm',
                    ('The pin stays: 127.0.0.1',), ('there is no link',),
                    '\\e[B', 'm', ('Not pinned: 127.0.0.1',), "'", ('1 pin',))
        t.equal(len(pins(serve.home.journal)), 1)
        board.home.remove()


@t.case('of who is forgotten there, no pin of what only the receiver had stays')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        board = Board(serve)
        board.shows('g', ('did number 000',), '\\e[H', 'm',
                    ('Pinned at 127.0.0.1',),
                    lambda: t.equal(serve.home.run(
                        'forget', '--yes', 'p1').returncode, 0),
                    "'", ('Nothing is pinned.',))
        board.home.remove()


if __name__ == '__main__':
    t.run()
