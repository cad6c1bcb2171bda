"""telltale attach: a journal of its own behind another's feed. Receiver killed,
viewer killed, link cut: every event at every viewer once, in the other's order.
A server that lies is not trusted."""

import json
import re
import resource
import socket
import sqlite3
import subprocess
import threading
import time

import telltale as t
from board import (AUTH, HELLO, VIEWER, Attached, Liar, event, lines, place,
                   post, rows, serving)
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


@t.case('addresses that would show the token, or are none, are refused')
def _():
    home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
    for url in ('http://hub.example', 'ftp://hub.example', 'hub.example',
                'https://', 'https://me@hub.example', 'https://hub?x',
                'http://127.example', 'http://localhost.example'):
        done = home.run('attach', url)
        t.equal(done.returncode, 2, url + done.stderr)
        t.equal(len(done.stderr.splitlines()), 1, done.stderr)
    t.equal(home.run('attach').returncode, 2)
    del home.env['TELLTALE_VIEWER_TOKEN']
    done = home.run('attach', 'https://hub.example')
    t.equal(done.returncode, 3)
    assert 'telltale viewers add' in done.stderr, done.stderr
    home.remove()


@t.case('what a server says is made harmless again: text, links, properties')
def _():
    liar = Liar(lines(
        dict(HELLO, last=2),
        event(1, sentence='did\x1b[2J a\u202e thing', event='a\x07b',
              person={'id': 'p', 'email': None, 'name': 'P\x1b]52;c;x\x07'},
              links={'replay': 'javascript:alert(1)',
                     'person': 'https://evil.example/x',
                     'event': 'https://us.posthog.com/project/2'},
              session_id='x; rm -rf /', url='file:///etc/passwd'),
        event(2, properties='none', account=5)))
    attached = Attached(liar.port, VIEWER)
    attached.wait_for(2)
    t.wait_until(lambda: len(attached.lines()) == 2, 'two lines')
    text = json.dumps(attached.lines(), ensure_ascii=False)
    for bad in ('\x1b', '\x07', '\u202e', 'javascript', 'evil.example',
                'rm -rf', '\\u001b'):
        assert bad not in text, (bad, text)
    assert 'us.posthog.com/project/2' in text, text
    attached.remove()
    liar.close()


@t.case('lines that are none are left out, those around them are taken')
def _():
    liar = Liar(lines(
        dict(HELLO, last=9), b'\n', b'x\n', b'[]\n', b'{"seq":1}\n',
        b'\xff\xfe\n', b'[' * 3000 + b'\n', b'"' * 100 + b'\n',
        {'feed': 'of a later day', 'x': [1]}, {'feed': 5},
        event(3), event(3), event(2), {'feed': 'tick', 'seq': 4, 'at': 7},
        dict(event(5), received_at='2999-01-01T00:00:00Z'),
        event(-6), event(1e30), event(6)))
    attached = Attached(liar.port, VIEWER)
    attached.wait_for(2)
    t.equal(rows(attached.journal), [3, 6])
    t.equal(attached.process.poll(), None)
    attached.remove()
    liar.close()


def most_memory(*answer):
    """KiB, when the two events of the answer are there."""
    liar = Liar(lines(dict(HELLO, last=2), event(1), *answer, event(2)))
    home = t.Home()
    home.env['ASAN_OPTIONS'] = 'quarantine_size_mb=1'
    attached = Attached(liar.port, VIEWER, home=home)
    attached.wait_for(2)
    with open('/proc/%d/status' % attached.process.pid) as status:
        most = int(re.search(r'VmHWM:\s+(\d+)', status.read())[1])
    attached.remove()
    liar.close()
    return most


@t.case('lines that are none leave nothing in memory, however many come')
def _():
    none = dict(event(9), received_at='2999-01-01T00:00:00Z',
                sentence='y' * 20000, event='x' * 4000, url='u' * 4000,
                person={'id': 'p' * 4000, 'email': 'e' * 4000,
                        'name': 'n' * 4000},
                account={'id': 'a' * 4000, 'name': 'b' * 4000})
    act = {'feed': 'act', 'do': 'done', 'signal': {
        'kind': 'billing', 'account': {'id': 'org-1'}}}
    few = most_memory(none, act)
    assert most_memory(*[none] * 1500) < few + 16 * 1024
    assert most_memory(*[act] * 40000) < few + 16 * 1024


@t.case('a second hello is none of a feed')
def _():
    other = dict(HELLO, journal='0d9a0a4e-6f3e-4a0e-9d5c-0b1f4f6c7a12')
    liar = Liar(lines(dict(HELLO, last=9), event(5), dict(other, last=9),
                      event(6), event(7)))
    attached = Attached(liar.port, VIEWER)
    attached.wait_for_word('says hello')
    attached.wait_for(1)
    t.equal(rows(attached.journal), [5])
    attached.remove()
    liar.close()


@t.case('a number that cannot be moves our place nowhere')
def _():
    for word in (event(10 ** 17), {'feed': 'alive', 'seq': 10 ** 17},
                 {'feed': 'tick', 'seq': 10 ** 12 + 9},
                 {'feed': 'act', 'act': 10 ** 17, 'do': 'read', 'by': '',
                  'account': 'a', 'at': '2026-09-14T08:06:03.000Z'}):
        liar = Liar(lines(dict(HELLO, last=2), event(1), word, event(2)))
        attached = Attached(liar.port, VIEWER)
        attached.wait_for_word('numbers that cannot be')
        attached.wait_for(1)
        t.equal(rows(attached.journal), [1])
        t.wait_until(lambda: place(attached.journal) == [1], 'the place')
        attached.remove()
        liar.close()


@t.case('a place that a lie moved on is found again')
def _():
    good = lines(dict(HELLO, last=3), event(1), event(2), event(3))
    liar = Liar(lines(dict(HELLO, last=10 ** 14), event(1),
                      {'feed': 'alive', 'seq': 10 ** 14}), good)
    liar.stays = False
    attached = Attached(liar.port, VIEWER)
    t.wait_until(lambda: rows(attached.journal) == [1, 2, 3], 'the rest')
    attached.wait_for_word('we were told more')
    attached.remove()
    liar.close()


@t.case('a journal restored from an older copy is followed on, and what only '
        'we have stays')
def _():
    many = 2500
    lost = [event(number) for number in range(4, 4 + many)]
    last = dict(HELLO, last=5)
    liar = Liar(lines(dict(HELLO, last=3 + many), event(1), *lost),
                lines(dict(HELLO, last=3)),
                lines(last, event(2), event(3),
                      dict(event(4), sentence='is another'),
                      dict(event(5), sentence='is another, too')))
    liar.stays = False
    attached = Attached(liar.port, VIEWER)
    t.wait_until(lambda: len(rows(attached.journal)) == many + 5, 'all')
    t.equal(rows(attached.journal),
            [1] + list(range(4, 4 + many)) + [2, 3, 4, 5])
    t.wait_until(lambda: place(attached.journal) == [5], 'the place')
    t.equal([path.split('after=')[1] for path in liar.asked[:3]],
            ['0', str(3 + many), '1'])
    attached.wait_for_word('%d events that it has lost stay here' % many)
    attached.remove()
    liar.close()


@t.case('what is no feed is said and asked again later, not at once')
def _():
    for answer, word in (
            (b'<html>hello</html>\n', 'no telltale'),
            (lines(event(1)), 'no telltale'),
            (lines(dict(HELLO, version=2)), 'another version'),
            (lines(dict(HELLO, journal='x')), 'no telltale'),
            (b'x' * (9 << 20), 'too long')):
        liar = Liar(answer)
        attached = Attached(liar.port, VIEWER)
        attached.wait_for_word(word)
        t.equal(len(liar.asked), 1, word)
        t.equal(rows(attached.journal), [])
        attached.remove()
        liar.close()


@t.case('a link that only comes up is asked for again later each time')
def _():
    times = []
    liar = Liar(lambda _: times.append(time.monotonic()) or lines(HELLO))
    liar.stays = False
    attached = Attached(liar.port, VIEWER)
    t.wait_until(lambda: len(times) > 4, 'five links')
    attached.remove()
    liar.close()
    gaps = [after - before for before, after in zip(times, times[1:])]
    assert gaps[3] > 2 * gaps[0], gaps


class Slow:
    """Says hello, then one event in so many parts, a second each; a link that
    is silent for 4.5 s is dead."""

    def __init__(self, parts):
        self.parts, self.asked = parts, 0
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        text = json.dumps(event(1, properties={'x': 'y' * 40000 * self.parts}))
        try:
            while True:
                self._answer(self.listener.accept()[0], text.encode() + b'\n')
        except OSError:
            pass

    def _answer(self, there, line):
        self.asked += 1
        with there:
            there.recv(65536)
            there.sendall(b'HTTP/1.1 200 OK\r\n\r\n' +
                          lines(dict(HELLO, last=1, quiet_ms=1500)))
            for start in range(0, len(line), 40000):
                time.sleep(1)
                there.sendall(line[start:start + 40000])
            there.recv(1)

    def close(self):
        self.listener.close()


@t.case('an event that takes longer to come than silence may last does come')
def _():
    slow = Slow(7)
    attached = Attached(slow.port, VIEWER)
    attached.wait_for(1)
    t.equal(slow.asked, 1)
    attached.remove()
    slow.close()


@t.case('another journal there is read from its beginning')
def _():
    other = dict(HELLO, journal='0d9a0a4e-6f3e-4a0e-9d5c-0b1f4f6c7a12',
                 last=1)
    liar = Liar(lines(dict(HELLO, last=3), event(1), event(2), event(3)),
                lines(other, event(1)), lines(other, event(1)))
    liar.stays = False
    attached = Attached(liar.port, VIEWER)
    attached.wait_for(4)
    t.equal(rows(attached.journal), [1, 2, 3, 1])
    t.equal([path.split('after=')[1] for path in liar.asked[:3]],
            ['0', '3', '0'])
    attached.remove()
    liar.close()


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
