"""signals, export and report of another telltale: the same as there, noted
there, refused in words; a server that is old, lies or breaks off."""

import json
import os
import socket
import sqlite3
import subprocess
import threading
import uuid

import listening
import telltale as t
import terminal
from viewer import Viewer, make

VIEWER = 'viewer-from-elsewhere'
NOW = '2026-09-14T12:00:00Z'
LONG = int(os.environ.get('KILLS', '20')) >= 200  # ./dev long


def place():
    """One that has a past, and signals of a billing failure and more."""
    home = t.Home(TELLTALE_CLOCK=NOW, TELLTALE_VIEWER_TOKEN=VIEWER)
    lines = []
    for number in range(900):
        day, account = number % 9, 'abc'[number % 3]
        lines.append({
            'uuid': str(uuid.uuid5(uuid.NAMESPACE_URL, str(number))),
            'event': 'invoice payment failed' if number in (5, 403)
            else 'insight created',
            'category': 'billing' if number in (5, 403) else 'analytics',
            'tone': 'bad' if number in (5, 403) else 'info',
            'sentence': 'did %d' % number,
            'occurred_at': '2026-09-%02dT08:00:00.000Z' % (5 + day),
            'received_at': '2026-09-%02dT08:00:%02d.000Z' % (
                5 + day, number % 60),
            'account': {'id': 'org-' + account, 'name': 'Org ' + account,
                        'listed': True},
            'person': {'id': 'p%d' % (number % 7), 'email': None,
                       'name': 'P%d' % (number % 7)},
            'hidden': None, 'session_id': None, 'properties': {'n': number},
            'links': {'replay': None, 'person': None, 'event': None}})
    lines.sort(key=lambda line: line['received_at'])
    done = home.run('import', home.write('lines', '\n'.join(
        json.dumps(line) for line in lines)))
    t.equal(done.returncode, 0, done.stderr)
    return home


def elsewhere(token=VIEWER):
    return t.Home(TELLTALE_CLOCK=NOW, TELLTALE_VIEWER_TOKEN=token)


def url(serve, slash=''):
    return 'http://127.0.0.1:%d%s' % (serve.port, slash)


def said(home, *words, code=0):
    done = home.run(*words, timeout=4 * t.PATIENCE)
    t.equal(done.returncode, code, done.stderr)
    return done.stdout if not code else done.stderr


def concluded(serve):
    t.wait_until(lambda: said(serve.home, 'signals', '--all').count(
        'billing') > 1, 'what is concluded')


def add_signals(serve, count):
    """Made by hand, so that their number is known, once all is concluded."""
    concluded(serve)
    database = sqlite3.connect(serve.home.journal)
    database.execute('DELETE FROM signals')
    for number in range(1, count + 1):
        database.execute(
            "INSERT INTO signals VALUES (?, 'billing', (SELECT id FROM "
            "accounts WHERE key = ?), 0, -1, 1, 1700000000000, ?, ?, NULL, "
            "'[1]', 'new', NULL, NULL, NULL, 1700000000000)",
            (number, 'org-' + 'abc'[number % 3], number % 4,
             'Payment %d failed' % number))
    database.commit()
    database.close()


@t.case('signals are those of there, in their order; what is said of one is '
        'kept there')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        here = elsewhere()
        add_signals(serve, 12)
        for words in ((), ('--all',), ('--account', 'org b'),
                      ('--account', 'org-c', '--json'), ('--json',)):
            wanted = said(serve.home, 'signals', *words)
            t.equal(said(here, 'signals', url(serve), *words), wanted, words)
            t.equal(said(here, 'signals', 'list', url(serve, '/'), *words),
                    wanted, words)
        said(here, 'signals', 'done', url(serve), '3')
        said(here, 'signals', 'note', url(serve), '4', 'call', 'on', 'Friday')
        said(here, 'signals', 'snooze', url(serve), '5', 'week')
        states = {row['id']: row for row in map(json.loads, said(
            serve.home, 'signals', '--all', '--json').splitlines())}
        t.equal((states[3]['state'], states[4]['note'], states[5]['state']),
                ('done', 'call on Friday', 'snoozed'))
        t.equal(said(here, 'signals', url(serve), '--all', '--json'),
                said(serve.home, 'signals', '--all', '--json'))
        t.equal(said(here, 'signals', url(serve), '--account', 'nobody'),
                'no signals that wait for you\n')
        assert 'there is no signal' in said(
            here, 'signals', 'done', url(serve), '99', code=4)
        for words in (('done', url(serve)), ('done', url(serve), 'x'),
                      ('snooze', url(serve), '3', 'soon'),
                      ('list', url(serve), 'word'),
                      ('list', 'ftp://x.example')):
            said(here, 'signals', *words, code=2)
        here.remove()


@t.case('more signals than one answer has are all told')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        here = elsewhere()
        add_signals(serve, 10050)
        told = said(here, 'signals', url(serve), '--json')
        assert told == said(serve.home, 'signals', '--json')
        t.equal(len(told.splitlines()), 10050)
        auth = {'Authorization': 'Bearer ' + VIEWER}
        status, body = serve.request('GET', '/signals?limit=3&skip=2', None,
                                     auth)
        t.equal((status, len(body.splitlines())), (200, 3))
        for words in ('limit=0', 'limit=10001', 'skip=-1', 'limit=x'):
            t.equal(serve.request('GET', '/signals?' + words, None, auth)[0],
                    400, words)
        t.equal(serve.request('GET', '/signals', None, {})[0], 401)
        here.remove()


@t.case('a report is the one that is made there, in each format')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        here = elsewhere()
        concluded(serve)
        for words in ((), ('--format', 'md'), ('--format', 'html'),
                      ('--format', 'json'), ('--account', 'org b'),
                      ('--since', '2026-09-10'), ('--since', '30d')):
            t.equal(said(here, 'report', url(serve), *words),
                    said(serve.home, 'report', *words), words)
        assert 'no account is called that' in said(
            here, 'report', url(serve), '--account', 'nobody', code=4)
        assert 'days at most' in said(
            here, 'report', url(serve), '--since', '2020-01-01', code=4)
        said(here, 'report', url(serve), 'word', code=2)
        said(here, 'report', 'word', code=2)
        auth = {'Authorization': 'Bearer ' + VIEWER}
        for words in ('format=pdf', 'since=yesterday', 'since='):
            t.equal(serve.request('GET', '/report?' + words, None, auth)[0],
                    400, words)
        t.equal(serve.request('HEAD', '/report', None, auth)[0], 200)
        t.equal(serve.request('GET', '/report', None, {})[0], 401)
        here.remove()


@t.case('who asks for reports and goes away, or asks at once with many, harms '
        'nobody')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        auth = {'Authorization': 'Bearer ' + VIEWER}
        ask = ('GET /report?format=html HTTP/1.1\r\nHost: x\r\n'
               'Authorization: Bearer %s\r\n\r\n' % VIEWER).encode()
        for number in range(40):
            with socket.create_connection(('127.0.0.1', serve.port)) as rude:
                rude.sendall(ask)
                if number % 2:
                    rude.recv(10)
        found = []

        def report():
            found.append(serve.request('GET', '/report', None, auth))

        crowd = [threading.Thread(target=report) for _ in range(30)]
        for each in crowd:
            each.start()
        for _ in range(20):
            t.equal(serve.post(t.body())[0], 200)
        for each in crowd:
            each.join()
        t.equal({status for status, _ in found} - {200, 503}, set())
        whole = [body for status, body in found if status == 200]
        assert whole and all(body.endswith(b'\n') for body in whole)
        here = elsewhere()
        said(here, 'report', url(serve))
        here.remove()


def tables(home):
    """What the journal knows of its events."""
    database = sqlite3.connect(home.journal)
    rows = database.execute(
        'SELECT hex(e.uuid), n.text, e.occurred_at, e.received_at, e.flags, '
        'e.key, e.origin_seq, e.tone, e.category, e.sentence, e.url, '
        'e.hidden, e.session, f.text FROM events e '
        'JOIN texts n ON n.id = e.name LEFT JOIN texts f ON f.id = e.fold '
        'ORDER BY e.seq').fetchall()
    ticks = database.execute('SELECT at FROM ticks ORDER BY seq').fetchall()
    database.close()
    return rows, ticks


def lines_of(text):
    """But for where they came from last."""
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        line.pop('source', None)
    return lines


@t.case('an export is the one that would be made there, and imports the same; '
        'it is noted there')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        t.equal(serve.post(t.body('deployed', **{
            'uuid': None, 'email': '', 'url': 'javascript:x'}))[0], 200)
        # Not what somebody's login may be, who exports here, too.
        maya = elsewhere(make(serve.home, 'maya.afar'))
        exported = said(maya, 'export', url(serve))
        wanted = said(serve.home, 'export')
        t.equal(lines_of(exported), lines_of(wanted))
        imported = []
        for text in (exported, wanted):
            home = t.Home(TELLTALE_CLOCK=NOW)
            t.equal(home.run('import', home.write('all', text)).returncode, 0)
            imported.append(tables(home))
            home.remove()
        t.equal(imported[0], imported[1])
        t.equal(len(imported[0][0]), 901)
        for words in (('event:invoice*',), ('--since', '2026-09-09'),
                      ('prop.n>890',), ('account:"org b"', 'tone:bad'),
                      ('--', '-event:insight*'),
                      ('event:' + 'x' * 3000 + ' | event:invoice*',)):
            got = lines_of(said(maya, 'export', url(serve), *words))
            wanted = lines_of(said(serve.home, 'export', *words))
            t.equal([line for line in got if 'tick' not in line],
                    [line for line in wanted if 'tick' not in line], words)
        t.equal(said(maya, 'export', url(serve), '--format', 'csv').replace(
            ',feed,', ',file,'),
            said(serve.home, 'export', '--format', 'csv').replace(
                ',webhook,', ',file,'))
        notes = said(serve.home, 'export', '--list')
        t.equal(notes.count('  maya.afar, jsonl  '), 7, notes)
        t.equal(notes.count('  maya.afar, csv  901 events  everything'), 1, notes)
        assert '  maya.afar, jsonl  2 events  event:invoice*' in notes, notes
        said(maya, 'export', url(serve), '--list', code=2)
        said(maya, 'export', url(serve), 'amount>', code=2)
        assert 'telltale viewers add' in said(
            elsewhere('wrong'), 'export', url(serve), code=4)
        maya.remove()


@t.case('an export is asked for what was there when it began, however much '
        'comes meanwhile; the feed ends by itself')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        stop = threading.Event()

        def send():
            while not stop.is_set():
                serve.post(t.body(uuid=None))

        sender = threading.Thread(target=send)
        sender.start()
        here = elsewhere()
        for _ in range(3):
            got = lines_of(said(here, 'export', url(serve)))
            assert len(got) >= 900, len(got)
        stop.set()
        sender.join()
        seqs = [line['seq'] for line in got]
        t.equal(seqs, sorted(set(seqs)))
        viewer = Viewer(serve, VIEWER, after=0, query='x&end=1')
        viewer.wait_for_end()
        t.equal(viewer.wait_for_word('bye')['all'], True)
        viewer = Viewer(serve, VIEWER, after=10 ** 9, query='&end=1')
        viewer.wait_for_end()
        t.equal(viewer.events, [])
        here.remove()


class Liar(listening.Listening):
    """What answers in place of a telltale. answer(handler, path) writes all
    of it."""

    def __init__(self, answer):
        asked = self.asked = []

        class Handler(listening.Handler):
            protocol_version = 'HTTP/1.0'

            def do_GET(self):
                asked.append(self.path)
                try:
                    answer(self, self.path)
                except OSError:
                    pass

            def do_POST(self):
                self.body()
                self.do_GET()

        super().__init__(Handler)


def plain(handler, status, body=b''):
    handler.send_response(status)
    handler.end_headers()
    handler.wfile.write(body)


HELLO = (b'{"feed":"hello","version":1,"journal":'
         b'"a74e9006-0000-7000-8000-000000000001","after":0,"last":5,'
         b'"viewer":"x","quiet_ms":15000,"zone":"UTC"}\n')


def line(seq, **more):
    return json.dumps(dict({
        'seq': seq, 'event': 'thing', 'sentence': 'did it',
        'occurred_at': '2026-09-14T08:00:00.000Z',
        'received_at': '2026-09-14T08:00:00.000Z'}, **more)).encode() + b'\n'


@t.case('an older telltale is said to be older')
def _():
    def old(handler, path):
        if path == '/act':
            plain(handler, 400, b'{"ok":false,"error":"signal is the id of '
                                b'one, or one as JSON"}')
        else:
            plain(handler, 404, b'{"ok":false,"error":"nothing is here"}')

    with Liar(old) as server:
        here = elsewhere()
        for words in (('signals',), ('report',)):
            text = said(here, *words, url(server), code=4)
            assert 'older than this one' in text, text
        text = said(here, 'export', url(server), code=4)
        assert 'cannot be noted there' in text, text
        here.remove()


@t.case('an export goes on behind what it has when the connection breaks, and '
        'is never half')
def _():
    rounds = []

    def breaks(handler, path):
        if path == '/act':
            plain(handler, 200, b'{"ok":true}')
            return
        rounds.append(path)
        after = int(path.split('after=')[1].split('&')[0])
        body = HELLO + line(after + 1) + line(after + 2)[:20]
        if after == 4:
            body = HELLO + line(5) + b'{"feed":"bye","all":true}\n'
        plain(handler, 200, body)

    with Liar(breaks) as server:
        here = elsewhere()
        got = lines_of(said(here, 'export', url(server)))
        t.equal([each['seq'] for each in got], [1, 2, 3, 4, 5])
        t.equal([path.split('after=')[1][0] for path in rounds], list('01234'))
        here.remove()


@t.case('an export that gets nothing new is given up at the fourth time, and '
        'says why')
def _():
    rounds = []

    def breaks(handler, path):
        if path == '/act':
            plain(handler, 200, b'{"ok":true}')
            return
        rounds.append(path.split('after=')[1][0])
        plain(handler, 200, HELLO + line(1))

    with Liar(breaks) as server:
        here = elsewhere()
        done = here.run('export', url(server))
        t.equal(done.returncode, 1, done.stderr)
        t.equal([each['seq'] for each in lines_of(done.stdout)], [1])
        assert 'the connection ended' in done.stderr, done.stderr
        t.equal(rounds, list('0111'))
        here.remove()


@t.case('an event that is too long for a line is said once, however often the '
        'connection breaks')
def _():
    def breaks(handler, path):
        if path == '/act':
            plain(handler, 200, b'{"ok":true}')
            return
        after = int(path.split('after=')[1].split('&')[0])
        body = HELLO + b'{"feed":"too-long","seq":2}\n' + line(3)
        if not after:
            body = HELLO + line(1) + b'{"feed":"too-long","seq":2}\n'
        elif after > 2:
            body = HELLO + line(5) + b'{"feed":"bye","all":true}\n'
        plain(handler, 200, body)

    with Liar(breaks) as server:
        here = elsewhere()
        done = here.run('export', url(server))
        t.equal(done.returncode, 0, done.stderr)
        t.equal([each['seq'] for each in lines_of(done.stdout)], [1, 3, 5])
        t.equal(done.stderr.count('event 2 is too long'), 1, done.stderr)
        here.remove()


@t.case('a report that breaks off is said to be none, and nothing of it is '
        'printed')
def _():
    def breaks(handler, path):
        handler.wfile.write(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked'
                            b'\r\n\r\n6\r\nhello\n\r\n')

    with Liar(breaks) as server:
        here = elsewhere()
        done = here.run('report', url(server))
        t.equal((done.returncode, done.stdout), (1, ''))
        assert 'breaks off' in done.stderr, done.stderr
        t.equal(len(done.stderr.splitlines()), 1, done.stderr)
        here.remove()


@t.case('who waits at a terminal for a report is told so, and the line goes')
def _():
    made = threading.Event()

    def slow(handler, path):
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.flush()
        made.wait(t.PATIENCE)
        handler.wfile.write(b'the page\n')

    with Liar(slow) as server:
        here = elsewhere()
        with terminal.Terminal([t.PROGRAM, 'report', url(server)],
                               here.env) as shown:
            shown.wait_for(b'the report is being made there: ')
            made.set()
            t.equal(shown.wait_for_end(), 0)
            t.equal(shown.seen.endswith(b'\r\x1b[Kthe page\r\n'), True,
                    shown.seen)
        here.remove()


def left_after_a_minute():
    asked = threading.Event()
    with Liar(lambda handler, path: asked.wait(4 * t.PATIENCE)) as server:
        here = elsewhere()
        text = said(here, 'report', url(server), code=1)
        assert ('the report was not begun within a minute: ask for fewer '
                'days (--since), or later') in text, text
        asked.set()
        here.remove()


if LONG:
    t.case('a report that does not begin is left after a minute')(
        left_after_a_minute)


@t.case('a server that lies is not believed, and one that never ends is left')
def _():
    long = b'{"feed":"alive","x":"' + b'x' * (9 << 20)
    other = HELLO.replace(b'0001"', b'0002"')
    lies = {
        'no feed': b'<html>hello</html>\n',
        'events before hello': line(1),
        'a line that is none': HELLO + b'{"seq":\n',
        'a line without an end': HELLO + long,
        'another journal': None,
        'another version': HELLO.replace(b'"version":1', b'"version":2'),
    }
    for name, body in lies.items():
        state = []

        def answer(handler, path, body=body, state=state):
            if path == '/act':
                plain(handler, 200, b'{"ok":true}')
                return
            state.append(path)
            if body is None:
                plain(handler, 200, (HELLO if len(state) == 1 else other) +
                      line(len(state)))
            else:
                plain(handler, 200, body)

        with Liar(answer) as server:
            here = elsewhere()
            said(here, 'export', url(server), code=1)
            here.remove()

    def wrong(handler, path):
        plain(handler, 200, b'{"ok":true}' if path == '/act' else
              HELLO + line(3) + line(2) + line(3) + line(7) +
              line(4, sentence='\x1b]0;x\x07red') +
              b'{"feed":"tick","seq":5,"at":"soon"}\n'
              b'{"feed":"bye","all":true}\n')

    with Liar(wrong) as server:
        here = elsewhere()
        text = said(here, 'export', url(server), 'event:thing')
        t.equal([each['seq'] for each in lines_of(text)][:2], [3, 4])
        assert '\x1b' not in text and '\\u001b' not in text, text
        here.remove()


@t.case('signals and reports of a liar: cleaned, bounded, or refused')
def _():
    row = {'id': 1, 'kind': 'billing', 'tone': 'bad', 'state': 'new',
           'account': {'id': 'o', 'name': 'O\x1b[2Jx'}, 'person': None,
           'sentence': 'x\u202ey', 'numbers': {'x': 'a\u202e'},
           'evidence': ['\x1b'], 'fired_at': '2026-09-14T08:00:00Z'}

    def answer(handler, path):
        if path.startswith('/report'):
            plain(handler, 200, b'one\x1b[2J\r\n\xfftwo\n')
        elif 'skip=0' in path:
            plain(handler, 200, json.dumps(row).encode() + b'\n[]\nx\n')
        else:
            plain(handler, 200)

    with Liar(answer) as server:
        here = elsewhere()
        for words in ((), ('--json',)):
            done = here.run('signals', url(server), *words)
            t.equal(done.returncode, 0, done.stderr)
            for bad in ('\x1b', '\u202e'):
                assert bad not in done.stdout, done.stdout
            t.equal(done.stderr.count('is left out'), 2, done.stderr)
        text = said(here, 'report', url(server))
        assert '\x1b' not in text and 'two' in text, repr(text)
        here.remove()

    def endless(handler, path):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100000):
            handler.wfile.write(b'x' * 4096)

    with Liar(endless) as server:
        here = elsewhere()
        said(here, 'signals', url(server), code=1)
        here.remove()


@t.case('a reader that goes away, or a signal, ends an export in order')
def _():
    with t.Telltale(command='serve', home=place()) as serve:
        here = elsewhere()
        with subprocess.Popen([t.PROGRAM, 'export', url(serve)], env=here.env,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as export:
            export.stdout.readline()
            export.stdout.close()
            t.equal(export.wait(t.PATIENCE), 0)

    def silent(handler, path):
        if path == '/act':
            plain(handler, 200, b'{"ok":true}')
            return
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(HELLO + line(1))
        handler.wfile.flush()
        asleep.wait(t.PATIENCE)

    asleep = threading.Event()
    with Liar(silent) as server:
        out = open(os.path.join(here.path, 'out'), 'wb')
        with subprocess.Popen([t.PROGRAM, 'export', url(server)],
                              env=here.env, stdout=out,
                              stderr=subprocess.PIPE) as export:
            t.wait_until(lambda: len(server.asked) > 1, 'the feed is asked')
            export.send_signal(2)
            t.equal(export.wait(t.PATIENCE), 130)
        asleep.set()
        out.close()
    here.remove()


t.run()
