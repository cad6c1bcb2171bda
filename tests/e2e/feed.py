"""GET /feed over real HTTP: what is there, then what comes, to each once and in
order; who may look, and no longer; slow, sleeping and hostile viewers."""

import json
import os
import re
import socket
import sqlite3
import stat
import subprocess
import threading

import telltale as t
from viewer import Viewer, make

VIEWER = 'viewer-of-the-feed'
AUTH = {'Authorization': 'Bearer ' + VIEWER}


def serving(**how):
    return t.Telltale(command='serve', **how)


def home():
    return t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)


def post(serve, count, name='thing', pad=0):
    """So many events, in bodies of at most 500."""
    for start in range(0, count, 500):
        events = [{'event': name, 'distinct_id': str(n),
                   'properties': {'pad': 'x' * pad}}
                  for n in range(start, min(start + 500, count))]
        t.equal(serve.post(json.dumps(events))[0], 200)


def kept(place, name=None):
    """The seqs of the events in the journal: ticks have numbers too."""
    database = sqlite3.connect(place.journal)
    rows = database.execute(
        'SELECT seq FROM events JOIN texts ON texts.id = name '
        'WHERE ?1 IS NULL OR text = ?1 ORDER BY seq', (name,)).fetchall()
    database.close()
    return [row[0] for row in rows]


@t.case('a viewer is told who answers, then everything, then what comes')
def _():
    with serving(home=home()) as serve:
        post(serve, 3)
        viewer = Viewer(serve, VIEWER, after=0)
        t.equal(viewer.answer.getheader('X-Accel-Buffering'), 'no')
        t.equal(viewer.answer.getheader('Content-Type'),
                'application/x-ndjson')
        viewer.wait_for(3)
        post(serve, 2)
        viewer.wait_for(5)
        hello = viewer.lines[0]
        t.equal((hello['feed'], hello['version'], hello['after'],
                 hello['quiet_ms']), ('hello', 1, 0, 15000))
        assert hello['last'] in (3, 4), hello
        database = sqlite3.connect(serve.home.journal)
        row = database.execute("SELECT hex(value) FROM meta WHERE key = 'id'")
        t.equal(hello['journal'].replace('-', '').upper(), row.fetchone()[0])
        database.close()
        t.equal(viewer.seqs(), kept(serve.home))
        status, body = serve.request('GET', '/events?after=0', None, AUTH)
        t.equal([json.loads(line) for line in body.splitlines()],
                viewer.events, 'the lines of /events')
        viewer.close()


@t.case('without after it begins with what comes')
def _():
    with serving(home=home()) as serve:
        post(serve, 3)
        viewer = Viewer(serve, VIEWER)
        viewer.wait_for_word('hello')
        post(serve, 2)
        viewer.wait_for(2)
        t.equal(viewer.seqs(), kept(serve.home)[3:])
        viewer.close()


@t.case('a filter leaves out the past and what comes, and costs no place')
def _():
    with serving(home=home()) as serve:
        for name in ('one', 'other', 'one'):
            post(serve, 1, name)
        viewer = Viewer(serve, VIEWER, after=0, query='event:one')
        viewer.wait_for(2)
        for name in ('other', 'one'):
            post(serve, 1, name)
        viewer.wait_for(3)
        t.equal(viewer.seqs(), kept(serve.home, 'one'))
        viewer.close()
        t.equal(Viewer(serve, VIEWER, query='amount%3E').status, 400)
        t.equal(Viewer(serve, VIEWER, query='segment:big').status, 400)


@t.case('text/event-stream has ids, and goes on behind Last-Event-ID')
def _():
    with serving(home=home()) as serve:
        post(serve, 3)
        first, second, third = kept(serve.home)
        connection = serve.connect()
        connection.request('GET', '/feed?after=0', None,
                           dict(AUTH, Accept='text/event-stream',
                                **{'Last-Event-ID': str(first)}))
        answer = connection.getresponse()
        t.equal(answer.getheader('Content-Type'), 'text/event-stream')
        lines = []
        while b'id: %d\n' % third not in lines:
            lines.append(answer.readline())
            assert lines[-1], lines
        t.equal(lines[0], b'event: hello\n')
        t.equal(json.loads(lines[1][6:])['after'], first)
        at = lines.index(b'id: %d\n' % second)
        t.equal(json.loads(lines[at + 1][6:])['seq'], second)
        t.equal(lines[at + 2], b'\n')
        connection.close()


@t.case('HTTP/1.0 gets no chunks, HEAD no body, another method 405')
def _():
    with serving(home=home()) as serve:
        post(serve, 1)
        with socket.create_connection(('127.0.0.1', serve.port)) as plain:
            plain.sendall(b'GET /feed?after=0 HTTP/1.0\r\nX-Telltale-Token: ' +
                          VIEWER.encode() + b'\r\n\r\n')
            file = plain.makefile('rb')
            head = []
            while not head or head[-1] != b'\r\n':
                head.append(file.readline())
            assert not any(b'chunked' in line for line in head), head
            t.equal(json.loads(file.readline())['feed'], 'hello')
            t.equal(json.loads(file.readline())['seq'], 1)
        connection = serve.connect()
        for _ in range(2):
            connection.request('HEAD', '/feed', None, AUTH)
            answer = connection.getresponse()
            t.equal((answer.status, answer.read()), (200, b''))
        connection.close()
        t.equal(serve.request('POST', '/feed', b'', AUTH)[0], 405)


@t.case('a viewer has a token of its own, kept as its hash, for as long as '
        'its name is there')
def _():
    with serving(home=t.Home()) as serve:
        t.equal(Viewer(serve, 'anything').status, 401)
        assert b'telltale viewers add' in Viewer(serve, 'anything').body
        maya, ben = make(serve.home, 'maya'), make(serve.home, 'ben')
        path = serve.home.state + '/viewers'
        t.equal(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, encoding='ascii') as file:
            text = file.read()
        assert maya not in text and ben not in text
        listed = serve.home.run('viewers', 'list').stdout
        t.equal([line.split()[0] for line in listed.splitlines()],
                ['maya', 'ben'])
        both = [Viewer(serve, token, after=0) for token in (maya, ben)]
        t.equal(both[0].wait_for_word('hello')['viewer'], 'maya')
        both[1].wait_for_word('hello')
        for path in ('/events', '/metrics'):
            t.equal(serve.request('GET', path, None,
                                  {'X-Telltale-Token': ben})[0], 200, path)
        t.equal(serve.home.run('viewers', 'remove', 'maya').returncode, 0)
        both[0].wait_for_end()
        assert 'token' in both[0].wait_for_word('bye')['why']
        t.equal(Viewer(serve, maya).status, 401)
        post(serve, 1)
        both[1].wait_for(1)
        assert not both[1].ended
        both[1].close()


@t.case('names are words, once each; a file that others read is refused')
def _():
    place = t.Home()
    for name in ('maya "x"', '', '-x', 'a/b', 'ä', 'x' * 64):
        assert place.run('viewers', 'add', '--', name).returncode == 2, name
    make(place, 'maya')
    again = place.run('viewers', 'add', 'maya')
    t.equal(again.returncode, 2)
    assert 'remove maya first' in again.stderr, again.stderr
    assert place.run('viewers', 'remove', 'ben').returncode == 2
    os.chmod(place.state + '/viewers', 0o644)
    refused = place.run('viewers', 'list')
    t.equal(refused.returncode, 3)
    assert 'chmod 600' in refused.stderr, refused.stderr
    os.chmod(place.state + '/viewers', 0o600)
    with open(place.state + '/viewers', 'a', encoding='ascii') as file:
        file.write('ben 12 now\n')
    broken = place.run('viewers', 'list')
    t.equal(broken.returncode, 3)
    assert 'viewers:2: ' in broken.stderr, broken.stderr
    place.remove()


@t.case('ten viewers that come at different times all get every event once, '
        'in order')
def _():
    with serving(home=home()) as serve:
        total, threads, viewers = 4000, [], []

        def send(part):
            for _ in range(10):
                post(serve, total // 40, 'part %d' % part, pad=200)

        for part in range(4):
            threads.append(threading.Thread(target=send, args=(part,)))
            threads[-1].start()
        for _ in range(10):
            viewers.append(Viewer(serve, VIEWER, after=0))
            viewers[-1].wait_for_word('hello')
        for thread in threads:
            thread.join()
        for viewer in viewers:
            viewer.wait_for(total)
            t.equal(viewer.seqs(), kept(serve.home))
            viewer.close()


@t.case('a day that ends is told between the events')
def _():
    place = home()
    with serving(home=place) as serve:
        post(serve, 1)
    database = sqlite3.connect(place.journal)
    database.execute('DELETE FROM ticks')
    database.execute('INSERT INTO ticks (seq, at) VALUES (3, 86400000)')
    database.execute("UPDATE meta SET value = 3 WHERE key = 'seq'")
    database.commit()
    database.close()
    with serving(home=place) as serve:
        viewer = Viewer(serve, VIEWER, after=0)
        post(serve, 1)
        viewer.wait_for(2)
        lines = [line for line in viewer.lines if line.get('feed') != 'hello']
        # The start found that days had passed since that one.
        t.equal([line.get('feed') for line in lines],
                [None, 'tick', 'tick', None])
        t.equal([line['seq'] for line in lines][1:], [3, 4, 5])
        t.equal(lines[1]['at'], '1970-01-02T00:00:00.000Z')
        viewer.close()
    place.remove()


@t.case('what is no longer kept is a gap that is told')
def _():
    place = home()
    with serving(home=place) as serve:
        post(serve, 9)
    seqs = kept(place)
    database = sqlite3.connect(place.journal)
    database.execute('DELETE FROM events WHERE seq < ?', (seqs[4],))
    database.commit()
    database.close()
    with serving(home=place) as serve:
        viewer = Viewer(serve, VIEWER, after=seqs[1])
        viewer.wait_for(5)
        gap = viewer.wait_for_word('gap')
        t.equal((gap['after'], gap['oldest']), (seqs[1], seqs[4]))
        t.equal(viewer.seqs()[0], seqs[4])
        viewer.close()
        viewer = Viewer(serve, VIEWER, after=seqs[3])
        viewer.wait_for(5)
        t.equal([word['feed'] for word in viewer.said][:1], ['hello'])
        assert 'gap' not in [word['feed'] for word in viewer.said]
        viewer.close()
    place.remove()


@t.case('where nothing at all is kept any more, that is a gap, too; and what '
        'is pruned while somebody who is slow waits for it')
def _():
    place = home()
    with serving(home=place) as serve:
        post(serve, 9)
    seqs = kept(place)

    def forget(upto):
        database = sqlite3.connect(place.journal, timeout=20)
        database.execute('DELETE FROM events WHERE seq <= ?', (upto,))
        database.commit()
        database.close()

    forget(seqs[-1])
    with serving(home=place) as serve:
        viewer = Viewer(serve, VIEWER, after=seqs[1])
        gap = viewer.wait_for_word('gap')
        t.equal(gap['after'], seqs[1])
        assert gap['oldest'] > seqs[-1], gap
        viewer.close()
        awake = threading.Event()
        viewer = Viewer(serve, VIEWER, after=0, pause=awake)
        last = len(kept(place))
        for _ in range(16):  # more than sockets hold
            post(serve, 1, pad=1900000)
        post(serve, 9)
        seqs = kept(place)[last:]
        forget(seqs[-5])
        awake.set()
        viewer.wait_for_word('gap')
        t.wait_until(lambda: viewer.seqs()[-1:] == seqs[-1:], 'the newest')
        assert seqs[-5] not in viewer.seqs(), viewer.seqs()
        t.equal(viewer.said[-1]['oldest'], seqs[-4])
        viewer.close()
    place.remove()


@t.case('who does not read holds up nobody, is let go, and goes on where it '
        'was')
def _():
    with serving(home=home()) as serve:
        asleep = threading.Event()
        sleeper = Viewer(serve, VIEWER, after=0, pause=asleep)
        awake = Viewer(serve, VIEWER, after=0)
        total = 6000
        post(serve, total, pad=4000)
        awake.wait_for(total)
        everything = kept(serve.home)
        t.equal(awake.seqs(), everything)
        status, body = serve.request('GET', '/metrics', None, AUTH)
        unsent = [int(line.split()[1]) for line in body.decode().splitlines()
                  if line.startswith('telltale_http_unsent_bytes ')]
        assert unsent[0] < 9 * 1024 * 1024, unsent
        asleep.set()
        t.wait_until(lambda: sleeper.ended or
                     len(sleeper.events) == total, 'the sleeper')
        got = sleeper.seqs()
        t.equal(got, everything[:len(got)], 'in order, once')
        if sleeper.ended:
            rest = Viewer(serve, VIEWER, after=got[-1] if got else 0)
            rest.wait_for(total - len(got))
            t.equal(got + rest.seqs(), everything)
            rest.close()
        sleeper.close()
        awake.close()


class Raw:
    """A feed in sockets as small as can be: read all the time, or never."""

    def __init__(self, serve, reads):
        self.sock, self.ended = socket.socket(), False
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.sock.connect(('127.0.0.1', serve.port))
        self.sock.sendall(('GET /feed HTTP/1.1\r\nHost: x\r\n'
                           'Authorization: Bearer %s\r\n\r\n' %
                           VIEWER).encode())
        if reads:
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            while self.sock.recv(4096):
                pass
        except OSError:
            pass
        self.ended = True

    def close(self):
        self.sock.close()


@t.case('where too much waits for many who do not read, no more of them are '
        'let go than must be, and nobody who reads')
def _():
    with serving(home=home()) as serve:
        asleep = [Raw(serve, False) for _ in range(50)]
        awake = [Raw(serve, True) for _ in range(5)]

        def figure(name):
            text = serve.request('GET', '/metrics', None, AUTH)[1].decode()
            return int(re.search(r'\n%s (\d+)\n' % name, text).group(1))

        t.wait_until(lambda: figure('telltale_http_streams') == 55, 'all')

        def overflows():
            post(serve, 1, pad=600000)
            return figure('telltale_http_evicted_total')

        t.wait_until(overflows, 'one that makes way')
        assert figure('telltale_http_unsent_bytes') > 16 << 20
        t.equal([one.ended for one in awake], 5 * [False])
        for one in asleep + awake:
            one.close()


@t.case('killed and started again, the feed goes on behind the last seq')
def _():
    place, got, last = home(), [], 0
    for round_ in range(4):
        serve = serving(home=place)
        with serve:
            viewer = Viewer(serve, VIEWER, after=last)
            post(serve, 50)
            last = viewer.wait_for(50)
            serve.stop(9)
            viewer.wait_for_end()
            got += viewer.seqs()
            last = got[-1]
            viewer.close()
    t.equal(got, kept(place))
    t.equal(len(got), 200)
    place.remove()


@t.case('stopped in order, it says so, and the connection ends whole')
def _():
    with serving(home=home()) as serve:
        viewer = Viewer(serve, VIEWER, after=0)
        viewer.wait_for_word('hello')
        serve.stop()
        viewer.wait_for_end()
        t.equal(viewer.wait_for_word('bye')['why'], 'the server stops')
        t.equal(viewer.broken, None)
        viewer.close()


@t.case('viewers that send, break off or ask nonsense harm nobody')
def _():
    with serving(home=home()) as serve:
        good = Viewer(serve, VIEWER, after=0)
        good.wait_for_word('hello')
        ask = (b'GET /feed?after=0 HTTP/1.1\r\nHost: x\r\nX-Telltale-Token: ' +
               VIEWER.encode() + b'\r\n\r\n')
        for number in range(60):
            with socket.create_connection(('127.0.0.1', serve.port)) as rude:
                rude.settimeout(t.PATIENCE)
                rude.sendall(ask * (1 + number % 3))
                if number % 4 == 1:
                    rude.recv(10)
                elif number % 4 == 2:
                    rude.sendall(os.urandom(1000))
                elif number % 4 == 3:
                    try:
                        for _ in range(200):
                            rude.sendall(b'x' * 10000)
                    except OSError:
                        pass
            if number % 10 == 0:
                post(serve, 1)
        for path in ('/feed?after=-1', '/feed?after=1e3', '/feed?after=x'):
            t.equal(serve.request('GET', path, None, AUTH)[0], 400, path)
        t.equal(serve.request('GET', '/feed', None,
                              dict(AUTH, **{'Last-Event-ID': 'x'}))[0], 400)
        t.equal(serve.request('GET', '/feed', None, dict(
            AUTH, **{'Last-Event-ID': '1' * 40}))[0], 400)
        for path in ('/feed?kept=yes', '/feed?end=', '/feed?q=%zz',
                     '/feed?after=1&other=%', '/events?q=%zz',
                     '/signals?account=%zz', '/report?account=%zz',
                     '/signals?all=maybe', '/healthz?%zz',
                     '/events?limit=' + '0' * 40 + '1'):
            t.equal(serve.request('GET', path, None, AUTH)[0], 400, path)
        good.wait_for(6)
        t.equal(good.seqs(), kept(serve.home))
        t.wait_until(lambda: b'\ntelltale_http_streams 1\n' in
                     serve.request('GET', '/metrics', None, AUTH)[1],
                     'the others are gone')
        good.close()


@t.case('at most 256 look at once, the next is told to come later')
def _():
    with serving(home=home()) as serve:
        crowd = [Viewer(serve, VIEWER) for _ in range(256)]
        late = Viewer(serve, VIEWER)
        t.equal(late.status, 503)
        t.equal(late.answer.getheader('Retry-After'), '30')
        post(serve, 1)
        for viewer in crowd:
            viewer.wait_for(1)
            viewer.close()
        t.wait_until(lambda: Viewer(serve, VIEWER).status == 200, 'room')


class Late:
    """A request whose body is one byte, which comes later."""

    def __init__(self, serve, token, what='GET /feed'):
        self.sock = socket.create_connection(('127.0.0.1', serve.port))
        self.sock.settimeout(t.PATIENCE)
        self.sock.sendall(
            ('%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n'
             'Content-Length: 16\r\nExpect: 100-continue\r\n\r\n' %
             (what, token)).encode())
        self.file = self.sock.makefile('rb')
        t.equal(self.file.readline(), b'HTTP/1.1 100 Continue\r\n')
        t.equal(self.file.readline(), b'\r\n')

    def status(self):
        self.sock.sendall(b'{"do":"nothing"}')
        return int(self.file.readline().split()[1])

    def close(self):
        self.file.close()
        self.sock.close()


@t.case('who sends a body late is let in by what is so then')
def _():
    with serving(home=home()) as serve:
        token = make(serve.home, 'maya')
        late = [Late(serve, token), Late(serve, token, 'POST /act')]
        t.equal(serve.home.run('viewers', 'remove', 'maya').returncode, 0)
        t.equal([one.status() for one in late], [401, 401])
        late += [Late(serve, VIEWER), Late(serve, VIEWER, 'POST /act')]
        crowd = [Viewer(serve, VIEWER) for _ in range(256)]
        t.equal([one.status() for one in late[2:]], [503, 400])
        for one in late + crowd:
            one.close()


@t.case('however many are forgotten, all are told, and what else there is')
def _():
    many = 60000
    with serving(home=home()) as serve:
        post(serve, 5)
        database = sqlite3.connect(serve.home.journal)
        database.execute(
            'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n '
            "WHERE i < ?) INSERT INTO forgotten SELECT randomblob(32), "
            "'email', 1700000000000 FROM n", (many,))
        database.commit()
        database.close()
        status, data = serve.request('GET', '/feed?kept=1&after=0&end=1',
                                     None, AUTH)
        t.equal(status, 200)
        lines = [json.loads(line) for line in data.splitlines()]
        t.equal(len({line['hash'] for line in lines
                     if line.get('feed') == 'forgotten'}), many)
        t.equal(len([line for line in lines if 'feed' not in line]), 5)
        t.equal(lines[-1]['feed'], 'bye')
        plain = serve.request('GET', '/feed?kept=0&after=0&end=1', None,
                              AUTH)[1]
        t.equal(b'"kept"' in plain or b'"forgotten"' in plain, False)
        viewer = Viewer(serve, VIEWER, after=0, query='&end=0')
        viewer.wait_for(5)
        post(serve, 1)
        viewer.wait_for(6)
        viewer.close()


@t.case('curl -N reads it')
def _():
    with serving(home=home()) as serve:
        post(serve, 2)
        with subprocess.Popen(
                ['curl', '-sN', '-H', 'Authorization: Bearer ' + VIEWER,
                 'http://127.0.0.1:%d/feed?after=0' % serve.port],
                stdout=subprocess.PIPE) as curl:
            words = [json.loads(curl.stdout.readline()) for _ in range(3)]
            curl.kill()
        t.equal([word.get('feed') for word in words][:2], ['hello', None])


t.run()
