"""telltale attach: a journal of its own behind another's feed. Receiver killed,
viewer killed, link cut: every event at every viewer once, in the other's
order."""

import json
import resource
import sqlite3
import subprocess
import threading

import telltale as t
from board import (AUTH, HELLO, VIEWER, Attached, Liar, lines, post, rows,
                   serving)
from cable import Cable
from viewer import act, make


def same(serve, attached):
    """Every event of the one is in the other once, in order."""
    t.equal(rows(attached.journal), rows(serve.home.journal, 'seq'))
    t.equal(set(rows(attached.journal, 'source')), {1})


@t.case('what is there comes first, what comes follows, lines are printed '
        'once')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        post(serve, 3)
        attached = Attached(serve.port, VIEWER)
        attached.wait_for(3)
        post(serve, 4)
        attached.wait_for(7)
        same(serve, attached)
        t.equal(attached.stop(), 0)
        t.equal(len(attached.lines()), 7)
        t.equal(attached.lines()[0]['origin']['seq'], 1)
        attached.remove()


@t.case('it opens without a link with what it has, and says so')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        post(serve, 3)
        attached = Attached(serve.port, VIEWER)
        attached.wait_for(3)
        attached.stop()
        serve.stop()
        attached.start()
        attached.wait_for_word('no link to 127.0.0.1')
        assert 'cannot connect' in attached.stderr(), attached.stderr()
        done = attached.home.run('tail', '--json', '--journal',
                                 attached.journal)
        t.equal(len(done.stdout.splitlines()), 3)
        attached.remove()


@t.case('the receiver killed and back five times: every event once, in order')
def _():
    home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
    serve = serving(home)
    port, attached = serve.port, [Attached(serve.port, VIEWER)
                                  for _ in range(3)]
    for _ in range(5):
        post(serve, 120)
        serve.stop(9)
        serve = serving(home, port)
        post(serve, 30)
    for viewer in attached:
        viewer.wait_for(750)
        same(serve, viewer)
        viewer.remove()
    serve.stop()
    home.remove()


@t.case('what others said while the disk of a board is full is done there once '
        'it is not')
def _():
    home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
    token = make(home, 'ben')
    with serving(home) as serve:
        post(serve, 3)
        attached = Attached(serve.port, VIEWER)
        attached.wait_for(3)
        pid, kind = attached.process.pid, resource.RLIMIT_FSIZE
        before = resource.prlimit(pid, kind)
        resource.prlimit(pid, kind, (4096, before[1]))
        for number in range(5):
            t.equal(act(serve, token, do='note', account='o%d' % number,
                        note='Renewal')[0], 200)
        t.wait_until(lambda: 'disk' in attached.stderr(),
                     'the board to say that it cannot write')
        t.equal(t.select(attached.journal, 'SELECT * FROM notes'), [])
        resource.prlimit(pid, kind, before)
        t.wait_until(lambda: len(t.select(
            attached.journal, 'SELECT * FROM notes')) == 5, 'five notes')
        attached.remove()
    home.remove()


@t.case('the viewer killed while events come, ten times: every event once, '
        'in order')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        attached = Attached(serve.port, VIEWER, start=False)
        over = threading.Event()

        def send():
            while not over.is_set():
                post(serve, 40)

        thread = threading.Thread(target=send)
        thread.start()
        for number in range(10):
            attached.start()
            attached.wait_for(len(rows(attached.journal)) + 30)
            attached.stop(9)
        over.set()
        thread.join()
        attached.start()
        attached.wait_for(len(rows(serve.home.journal, 'seq')))
        same(serve, attached)
        attached.remove()


@t.case('the link cut again and again, also in the middle of a line: every '
        'event once, in order')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        cable = Cable(serve.port)
        attached = Attached(cable.port, VIEWER)
        for _ in range(5):
            there = len(rows(attached.journal))
            post(serve, 200)
            attached.wait_for(there + 1)
            cable.cut()
            post(serve, 10)
        attached.wait_for(1050)
        same(serve, attached)
        attached.wait_for_word('is back')
        attached.remove()
        cable.close()


@t.case('what holds the feed back between is noticed and said')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        cable = Cable(serve.port)
        cable.held.clear()
        attached = Attached(cable.port, VIEWER)
        attached.wait_for_word('something between gathers')
        cable.held.set()
        post(serve, 2)
        attached.wait_for(2)
        same(serve, attached)
        attached.remove()
        cable.close()


@t.case('a viewer that slept catches up')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        attached = Attached(serve.port, VIEWER)
        post(serve, 1)
        attached.wait_for(1)
        attached.process.send_signal(19)
        post(serve, 5000)
        attached.process.send_signal(18)
        attached.wait_for(5001)
        same(serve, attached)
        attached.remove()


@t.case('a viewer that slept until its feed was let go, and for longer, '
        'catches up: every event once, in order')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        attached = Attached(serve.port, VIEWER)
        post(serve, 1)
        attached.wait_for(1)
        attached.process.send_signal(19)
        for _ in range(20):  # more than sockets hold
            t.equal(serve.post(t.body(properties={'text': 'x' * 900000}))[0],
                    200)
        t.wait_until(lambda: 'was let go' in serve.stderr(),
                     'a viewer that is let go', 2 * t.PATIENCE)
        post(serve, 3000)  # the rest of its night
        attached.process.send_signal(18)
        attached.wait_for(3021)
        same(serve, attached)
        attached.wait_for_word('no link to')
        attached.wait_for_word('is back')
        post(serve, 3)
        attached.wait_for(3024)
        same(serve, attached)
        attached.remove()


@t.case('a token that is refused is said, with what to do; one that is taken '
        'back ends the link')
def _():
    with t.Telltale(command='serve') as serve:
        token = make(serve.home, 'maya')
        wrong = Attached(serve.port, 'x' + token)
        wrong.wait_for_word('telltale viewers add')
        wrong.remove()
        attached = Attached(serve.port, token)
        post(serve, 1)
        attached.wait_for(1)
        serve.home.run('viewers', 'remove', 'maya')
        attached.wait_for_word('the token holds no longer')
        attached.remove()


@t.case('tail prints and follows another telltale, with a filter, cleaned')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        for name in ('one', 'two', 'one', 'one'):
            post(serve, 1, name)
        home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
        url = 'http://127.0.0.1:%d/' % serve.port
        done = home.run('tail', url, '--json')
        t.equal(len(done.stdout.splitlines()), 4, done.stderr)
        done = home.run('tail', url, 'event:one', '-n', '2', '--json')
        t.equal([json.loads(line)['seq'] for line in done.stdout.splitlines()],
                rows(serve.home.journal, 'seq')[2:])
        with subprocess.Popen([t.PROGRAM, 'tail', url, '-f', '-n', '1',
                               '--json', 'event:one'], env=home.env,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as tail:
            first = json.loads(tail.stdout.readline())
            for name in ('two', 'one'):
                post(serve, 1, name)
            second = json.loads(tail.stdout.readline())
            t.equal([first['seq'], second['seq']],
                    [rows(serve.home.journal, 'seq')[at] for at in (3, 5)])
            serve.stop()
            t.equal(tail.wait(t.PATIENCE), 1)
            assert b'the server stops' in tail.stderr.read()
        home.env['TELLTALE_VIEWER_TOKEN'] = 'wrong'
        for words in (('--since', '1h'), ('--rejects',)):
            t.equal(home.run('tail', url, *words).returncode, 2)
        home.remove()


@t.case('tail follows what comes, and no more of the past than it is asked '
        'for; it ends when nobody reads it, or nothing is heard')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        post(serve, 3)
        home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
        words = [t.PROGRAM, 'tail', '-f', '-n', '0', '--json']
        with subprocess.Popen([*words, 'http://127.0.0.1:%d' % serve.port],
                              env=home.env, stdout=subprocess.PIPE) as tail:
            t.wait_until(lambda: b'\ntelltale_http_streams 1\n' in
                         serve.request('GET', '/metrics', None, AUTH)[1],
                         'its feed')
            post(serve, 1, 'new')
            t.equal(json.loads(tail.stdout.readline())['event'], 'new')
            t.equal(serve.post(t.body(properties={'x': 'y' * 900000}))[0], 200)
            large = json.loads(tail.stdout.readline())  # more than a pipe has
            t.equal(len(large['properties']['x']), 900000)
            tail.stdout.close()
            t.equal(tail.wait(t.PATIENCE), 0)
    liar = Liar(lines(dict(HELLO, quiet_ms=100)))
    done = home.run(*words[1:], 'http://127.0.0.1:%d' % liar.port)
    t.equal((done.returncode, done.stdout), (1, ''))
    assert 'nothing was heard for too long' in done.stderr, done.stderr
    liar.close()
    home.remove()


def person(email, identity, count=5):
    return [{'event': 'thing', 'distinct_id': identity, 'user_email': email,
             'org_id': 'org-1', 'org_name': 'One'} for _ in range(count)]


@t.case('whom the other forgets is forgotten here too, at once or when the '
        'link is back, and nobody else')
def _():
    home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
    serve = serving(home)
    for email, identity in (('jonas@alder.example', 'j'),
                            ('maya@alder.example', 'm'),
                            ('ben@alder.example', 'b')):
        t.equal(serve.post(json.dumps(person(email, identity)))[0], 200)
    attached = Attached(serve.port, VIEWER)
    attached.wait_for(15)
    t.equal(home.run('forget', '--yes', 'jonas@alder.example').returncode, 0)
    t.wait_until(lambda: len(rows(attached.journal)) == 10, 'jonas gone')
    attached.stop()
    t.equal(home.run('forget', '--yes', 'maya@alder.example').returncode, 0)
    attached.start()
    t.wait_until(lambda: len(rows(attached.journal)) == 5, 'maya gone')
    done = attached.home.run('tail', '--json', '--journal', attached.journal)
    t.equal({json.loads(line)['person']['email']
             for line in done.stdout.splitlines()}, {'ben@alder.example'})
    t.equal(serve.post(json.dumps(person('maya@alder.example', 'm')))[0], 200)
    attached.wait_for(10)
    attached.remove()
    serve.stop()
    home.remove()


def names(path):
    return {name for name, in t.select(
        path, 'SELECT text FROM events JOIN texts ON texts.id = name')}


@t.case('by an id alone they are forgotten, too, where their address is not '
        'known; what they did since then stays')
def _():
    def does(name):
        t.equal(serve.post(json.dumps({'event': name, 'distinct_id': 'd7'}))
                [0], 200)

    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        does('before')
        attached = Attached(serve.port, VIEWER)
        attached.wait_for(1)
        attached.stop()
        t.equal(serve.post(json.dumps(person('lena@alder.example', 'd7')))[0],
                200)
        t.equal(serve.home.run('forget', '--yes', 'lena@alder.example')
                .returncode, 0)
        t.equal(names(serve.home.journal), set())
        does('since')
        attached.start()
        t.wait_until(lambda: names(attached.journal) == {'since'},
                     lambda: 'what is left: %r' % names(attached.journal))
        t.equal(names(serve.home.journal), {'since'})
        attached.remove()


CLOCK = 'TELLTALE_CLOCK'


@t.case('who was forgotten by a clock that was far ahead is not refused once '
        'it is set, there or here')
def _():
    def does(name):
        t.equal(serve.post(t.body(name, timestamp=home.env[CLOCK]))[0], 200)

    home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
    home.env[CLOCK] = '2026-09-14T08:00:00Z'
    serve = serving(home)
    does('insight created')
    attached = Attached(serve.port, VIEWER, home=t.Home(
        **{CLOCK: home.env[CLOCK]}))
    attached.wait_for(1)
    serve.stop()
    home.env[CLOCK] = '2027-12-01T08:00:00Z'
    port = serve.port
    serve = serving(home, port)
    t.equal(home.run('forget', '--yes', 'maya@alderfinch.example')
            .returncode, 0)
    t.wait_until(lambda: names(attached.journal) == set(), 'her gone')
    serve.stop()
    home.env[CLOCK] = '2026-09-14T10:00:00Z'
    serve = serving(home, port)
    does('survey launched')
    t.equal(names(home.journal), {'survey launched'})
    t.wait_until(lambda: names(attached.journal) == {'survey launched'},
                 lambda: 'what is there: %r' % names(attached.journal))
    attached.remove()
    serve.stop()
    home.remove()


SIGNAL = ("INSERT INTO signals SELECT ?, 'billing', accounts.id, 0, -1, 1, "
          "1700000000000, 1, 'Payment failed', NULL, '[1]', 'new', NULL, "
          "NULL, NULL, 1700000000000 FROM accounts WHERE key = 'org-1'")


def signal_state(path):
    found = t.select(path, 'SELECT state, note FROM signals '
                     "WHERE kind = 'billing'")
    return found[0] if found else None


@t.case('what is said of a signal at one place is so at all others')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        t.equal(serve.post(json.dumps(person('a@b.example', 'a')))[0], 200)
        boards = [Attached(serve.port, VIEWER) for _ in range(2)]
        for board in boards:
            board.wait_for(5)
        journals = [serve.home.journal] + [board.journal for board in boards]
        for number, path in enumerate(journals):
            database = sqlite3.connect(path, timeout=20)
            database.execute(SIGNAL, (70 + number,))
            database.commit()
            database.close()
        done = boards[0].home.run('signals', 'note', '71', 'call', 'her',
                                  '--journal', boards[0].journal)
        t.equal(done.returncode, 0, done.stderr)
        t.wait_until(lambda: [signal_state(path) for path in journals] ==
                     3 * [('new', 'call her')], 'the note everywhere')
        t.equal(serve.home.run('signals', 'done', '70').returncode, 0)
        t.wait_until(lambda: [signal_state(path) for path in journals] ==
                     3 * [('done', 'call her')], 'done everywhere')
        long = ' '.join(300 * ['word'])
        t.equal(serve.request('POST', '/act', json.dumps(
            {'do': 'note', 'signal': 70, 'note': long}), AUTH)[0], 200)
        t.wait_until(lambda: [signal_state(path) for path in journals] ==
                     3 * [('done', long)], 'a long one everywhere')
        serve.stop()
        boards[1].wait_for_word('no link')
        done = boards[1].home.run('signals', 'note', '72', 'call', 'him',
                                  '--journal', boards[1].journal)
        t.equal(done.returncode, 0, done.stderr)
        t.wait_until(lambda: signal_state(boards[1].journal) ==
                     ('done', 'call him'), 'the note here, without a link')
        for board in boards:
            board.remove()


def pins(path):
    return t.select(path, 'SELECT e.origin_seq, p.note FROM pins p JOIN events '
                    'e ON e.seq = p.seq ORDER BY 1')


def notes(path):
    return t.select(path, 'SELECT subject, text FROM notes ORDER BY 1')


@t.case('what was said while a board was away is so when it comes back, and '
        'when it is new')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        t.equal(serve.post(json.dumps(person('a@b.example', 'a')))[0], 200)
        board = Attached(serve.port, VIEWER)
        board.wait_for(5)
        for number, path in ((70, serve.home.journal), (71, board.journal)):
            database = sqlite3.connect(path, timeout=20)
            database.execute(SIGNAL, (number,))
            database.commit()
            database.close()
        board.stop(9)
        origin = json.loads(serve.request(
            'GET', '/events?after=0&limit=1', None, AUTH)[1])['origin']
        for words in ({'do': 'note', 'signal': 70, 'note': 'call her'},
                      {'do': 'done', 'signal': 70},
                      {'do': 'pin', 'origin': origin, 'note': 'why'},
                      {'do': 'note', 'account': 'org-1', 'note': 'renewal'},
                      {'do': 'note', 'account': 'org-2', 'note': 'no more'},
                      {'do': 'note', 'account': 'org-2', 'note': ''}):
            t.equal(serve.request('POST', '/act', json.dumps(words), AUTH)[0],
                    200)
        post(serve, 600)
        late = {'id': origin['id'],
                'seq': rows(serve.home.journal, 'seq')[-1]}
        t.equal(serve.request('POST', '/act', json.dumps(
            {'do': 'pin', 'origin': late}), AUTH)[0], 200)
        board.start()
        wanted = [(origin['seq'], 'why'), (late['seq'], None)]
        new = Attached(serve.port, VIEWER)
        for each in board, new:
            each.wait_for(605)
            t.wait_until(lambda: pins(each.journal) == wanted,
                         'pins, not %r' % pins(each.journal))
            t.wait_until(lambda: notes(each.journal) == [('org-1', 'renewal')],
                         'notes')
        t.wait_until(lambda: signal_state(board.journal) ==
                     ('done', 'call her'), 'done')
        board.stop(9)
        t.equal(serve.request('POST', '/act', json.dumps(
            {'do': 'unpin', 'origin': origin}), AUTH)[0], 200)
        board.start()
        t.wait_until(lambda: pins(board.journal) == wanted[1:], 'one pin less')
        t.equal(serve.home.run('forget', '--yes', 'org-1').returncode, 0)
        for each in board, new:
            t.wait_until(lambda: notes(each.journal) == [],
                         'the note forgotten')
        for each in board, new:
            each.remove()


@t.case('what is said at a receiver whose journal was damaged reaches a board '
        'that had heard of more')
def _():
    home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
    serve = serving(home)
    port = serve.port
    post(serve, 3)
    board = Attached(port, VIEWER)
    board.wait_for(3)
    for number in range(5):
        t.equal(act(serve, VIEWER, do='note', account='org-1',
                    note='%d times' % number)[0], 200)
    t.wait_until(lambda: notes(board.journal) == [('org-1', '4 times')],
                 'the note')
    serve.stop()
    with open(home.journal, 'r+b') as file:
        file.write(b'\xa5' * 100)
    with serving(home, port) as serve:
        assert 'damaged' in serve.stderr(), serve.stderr()
        t.equal(act(serve, VIEWER, do='note', account='org-1',
                    note='once more')[0], 200)
        t.wait_until(lambda: notes(board.journal) == [('org-1', 'once more')],
                     'the note')
        board.remove()


@t.case('addresses that would show the token, or are none, are refused')
def _():
    home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
    for url in ('http://hub.example', 'ftp://hub.example', 'hub.example',
                'https://', 'https://me@hub.example', 'https://hub?x',
                'http://127.example', 'http://localhost.example'):
        done = home.run('attach', url)
        t.equal(done.returncode, 2, url + done.stderr)
        t.equal(len(done.stderr.splitlines()), 1, done.stderr)
    done = home.run('attach')
    t.equal((done.returncode, done.stderr),
            (2, 'telltale: attach to which? telltale attach https://HOST\n'))
    del home.env['TELLTALE_VIEWER_TOKEN']
    done = home.run('attach', 'https://hub.example')
    t.equal(done.returncode, 3)
    assert 'telltale viewers add' in done.stderr, done.stderr
    home.remove()


@t.case('a second one says whose the journal is')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        post(serve, 1)
        attached = Attached(serve.port, VIEWER)
        attached.wait_for(1)
        second = attached.home.run('attach', '--json', attached.words[-1])
        t.equal(second.returncode, 1)
        assert 'belongs to telltale, process %d' % attached.process.pid in \
            second.stderr, second.stderr
        attached.remove()


if __name__ == '__main__':
    t.run()
