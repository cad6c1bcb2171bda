"""The network is cut: on one side of a wire between two network namespaces is
what receives, on the other who looks, or the stream. Nothing says that it is
gone; what was sent is not there. Everything is at every viewer once, in order,
when the wire is whole again. EVENTS are posted in each case, for ./dev
faults. Where nobody may make namespaces, these tests are
skipped."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import uuid

import telltale as t
import jetstream as js

HERE, THERE = '10.99.0.1', '10.99.0.2'
COUNT = int(os.environ.get('EVENTS', '3200')) // 8 // 100 * 100
VIEWER = 'viewer-beyond-the-wire'

# Passes connections to a port of loopback there on to HERE.
RELAY = '''
import select, socket, sys, threading
port = int(sys.argv[1])
listener = socket.create_server(('127.0.0.1', port))
def pump(one):
    try:
        other = socket.create_connection((%r, port))
        pair = {one: other, other: one}
        while True:
            for ready in select.select(list(pair), [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                pair[ready].sendall(data)
    except OSError:
        pass
    finally:
        one.close()
while True:
    threading.Thread(target=pump, args=(listener.accept()[0],),
                     daemon=True).start()
''' % HERE


def ip(*words, before=()):
    subprocess.run([*before, 'ip', *words], check=True, capture_output=True)


class Wire:
    """Another namespace, and the wire to it."""

    def __enter__(self):
        self.holder = subprocess.Popen(['unshare', '-n', 'sleep', '100000'])
        mine = os.readlink('/proc/self/ns/net')
        path = '/proc/%d/ns/net' % self.holder.pid
        t.wait_until(lambda: os.readlink(path) != mine, 'a namespace')
        self.before = ['nsenter', '-t', str(self.holder.pid), '-n']
        ip('link', 'add', 'here', 'type', 'veth', 'peer', 'name', 'there',
           'netns', str(self.holder.pid))
        ip('addr', 'add', HERE + '/30', 'dev', 'here')
        ip('addr', 'add', THERE + '/30', 'dev', 'there', before=self.before)
        ip('link', 'set', 'lo', 'up', before=self.before)
        ip('link', 'set', 'here', 'up')
        self.join()
        return self

    def cut(self):
        ip('link', 'set', 'there', 'down', before=self.before)

    def join(self):
        ip('link', 'set', 'there', 'up', before=self.before)

    def __exit__(self, *what):
        self.holder.kill()
        self.holder.wait()
        subprocess.run(['ip', 'link', 'del', 'here'], capture_output=True)


class small_buffers:
    """What is sent from here waits in the program, not in the system."""

    PATH = '/proc/sys/net/ipv4/tcp_wmem'

    def __enter__(self):
        with open(self.PATH, encoding='ascii') as file:
            self.before = file.read()
        self._write('4096 4096 8192')

    def __exit__(self, *what):
        self._write(self.before)

    def _write(self, text):
        with open(self.PATH, 'w', encoding='ascii') as file:
            file.write(text)


def unsent(port):
    """Bytes that connections to a port have not got rid of."""
    with open('/proc/self/net/tcp', encoding='ascii') as file:
        rows = [line.split() for line in file.read().splitlines()[1:]]
    return sum(int(row[4].split(':')[0], 16) for row in rows
               if int(row[2].split(':')[1], 16) == port)


def program(command, *words, before=(), home=None):
    home = home or t.Home(TELLTALE_NATS_ALLOW_PLAIN='yes')
    one = t.Telltale(*words, command=command, home=home, start=False)
    one.before = list(before)
    return one.start()


def post(serve, count, ledger=None):
    for _ in range(0, count, 100):
        since = time.monotonic()
        keys = [str(uuid.uuid4()) for _ in range(100)]
        status = serve.post(json.dumps(
            [{'event': 'thing', 'distinct_id': 'p', 'uuid': key}
             for key in keys]))[0]
        t.equal(status, 200)
        for key in keys:
            if ledger:
                ledger.add(key, status, since)


def uuids(journal):
    done = subprocess.run(
        [sys.executable, '-c', 'import sqlite3, sys\n'
         'for row in sqlite3.connect("file:%s?mode=ro" % sys.argv[1], '
         'uri=True).execute("SELECT hex(uuid) FROM events ORDER BY seq"): '
         'print(*row)', journal], capture_output=True, text=True)
    return done.stdout.split()


def same(serve, viewer_journal, count, said):
    t.wait_until(lambda: len(uuids(viewer_journal)) >= count,
                 '%d events at the viewer: %s' % (count, said()),
                 4 * t.PATIENCE)
    t.equal(uuids(viewer_journal), uuids(serve.home.journal))


def wait_for_word(one, word):
    t.wait_until(lambda: word in one.stderr(), word, 2 * t.PATIENCE)


@contextlib.contextmanager
def published(server, wire):
    """A receiver that publishes to the stream, and a board beyond the wire
    that reads it along."""
    serve = program('serve', '--publish', server.url())
    viewer = program('watch', '--source', server.url(), '--json',
                     before=wire.before)
    try:
        yield serve, viewer
    finally:
        for one in viewer, serve:
            t.equal(one.stop(), 0)
            one.home.remove()


@t.case('a viewer is cut off from the stream while events come')
def _():
    if js.missing():
        t.note(js.missing())
        return
    with Wire() as wire, js.Server(host=HERE) as server:
        ledger = t.Ledger()
        with published(server, wire) as (serve, viewer):
            post(serve, COUNT, ledger)
            for _ in range(3):
                wire.cut()
                post(serve, COUNT, ledger)
                wire.join()
                post(serve, COUNT, ledger)
            same(serve, viewer.home.journal, 7 * COUNT, viewer.stderr)
            wire.cut()
            post(serve, COUNT, ledger)
            wait_for_word(viewer, 'no link to')  # the beats are missing
            wire.join()
            same(serve, viewer.home.journal, 8 * COUNT, viewer.stderr)
            t.equal(ledger.lost(viewer.home.journal), [])


@t.case('a receiver is cut off from the stream: it answers, and what it kept '
        'is published later')
def _():
    if js.missing():
        t.note(js.missing())
        return
    with Wire() as wire, js.Server(host=THERE, before=wire.before) as server:
        ledger = t.Ledger()
        with published(server, wire) as (serve, viewer):
            post(serve, 2 * COUNT, ledger)
            same(serve, viewer.home.journal, 2 * COUNT, viewer.stderr)
            wire.cut()
            post(serve, 3 * COUNT, ledger)
            wait_for_word(serve, 'not published to')
            post(serve, 3 * COUNT, ledger)
            t.equal(len(uuids(viewer.home.journal)), 2 * COUNT)
            wire.join()
            same(serve, viewer.home.journal, 8 * COUNT, viewer.stderr)
            t.equal(ledger.lost(viewer.home.journal), [])


@t.case('a receiver stops in the middle of a page that the network takes no '
        'more of')
def _():
    if js.missing():
        t.note(js.missing())
        return
    with Wire() as wire, small_buffers(), \
            js.Server(host=THERE, before=wire.before) as server:
        serve = program('serve', '--publish', server.url())
        try:
            post(serve, 200)
            t.wait_until(lambda: server.streams().get('TEST', {}).get(
                'state', {}).get('messages') == 200, 'what is published')
            wire.cut()
            for _ in range(40):
                t.equal(serve.post(t.body(
                    properties={'text': 'x' * 100000}))[0], 200)
            t.wait_until(lambda: unsent(server.port) > 0,
                         'bytes that nobody takes')
        finally:
            t.equal(serve.stop(), 0)
            serve.home.remove()


@t.case('an attached board is cut off from its receiver, and killed meanwhile')
def _():
    with Wire() as wire:
        ledger = t.Ledger()
        home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
        serve = program('serve', home=home)
        relay_here = subprocess.Popen([sys.executable, '-c', RELAY.replace(
            "('127.0.0.1', port)", repr((HERE, serve.port))).replace(
                repr(HERE) + ', port', "'127.0.0.1', port"),
            str(serve.port)])
        relay = subprocess.Popen([*wire.before, sys.executable, '-c', RELAY,
                                  str(serve.port)])
        far = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
        words = [*wire.before, t.PROGRAM, 'attach', '--json',
                 'http://127.0.0.1:%d' % serve.port]
        journal = far.state + '/attached-127.0.0.1_%d.db' % serve.port
        out = open(far.path + '/out', 'ab')

        def attach():
            return subprocess.Popen(words, env=far.env, stdout=out, stderr=out)

        def said():
            with open(far.path + '/out', encoding='utf-8',
                      errors='replace') as file:
                return file.read()[-500:]

        attached = attach()
        try:
            post(serve, 2 * COUNT, ledger)
            same(serve, journal, 2 * COUNT, said)
            for number in range(3):
                wire.cut()
                post(serve, COUNT, ledger)
                if number == 1:
                    attached.kill()
                    attached.wait()
                    attached = attach()
                wire.join()
                post(serve, COUNT, ledger)
                same(serve, journal, (4 + 2 * number) * COUNT, said)
            t.equal(ledger.lost(journal), [])
        finally:
            for one in attached, relay, relay_here:
                one.terminate()
                one.wait()
            serve.stop()
            out.close()
            home.remove()
            far.remove()


# Looks at the feed of HERE, and sees nothing of how that ends.
LOOK = '''
import socket, sys
there = socket.create_connection((%r, int(sys.argv[1])))
there.sendall(b'GET /feed HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: '
              b'Bearer %s\\r\\n\\r\\n')
while there.recv(4096):
    pass
''' % (HERE, VIEWER)


@t.case('who looks and is gone without a word takes up no room for long')
def _():
    with Wire() as wire:
        serve = t.Telltale('--behind-proxy', command='serve', start=False,
                           TELLTALE_VIEWER_TOKEN=VIEWER)
        serve.words[2] = '127.0.0.1:8420,%s:8420' % HERE  # all are free here
        serve.start()
        gone = subprocess.Popen([*wire.before, sys.executable, '-c', LOOK,
                                 '8420'])

        def feeds():
            text = serve.request('GET', '/metrics', None,
                                 {'X-Telltale-Token': VIEWER})[1]
            return int(re.search(rb'\ntelltale_http_streams (\d+)\n',
                                 text).group(1))

        try:
            t.wait_until(lambda: feeds() == 1, 'one who looks')
            wire.cut()
            t.wait_until(lambda: feeds() == 0, 'its end', 4 * t.PATIENCE)
        finally:
            gone.kill()
            gone.wait()
            serve.stop()
            serve.home.remove()


def refused():
    """Why it cannot be done here; None: it can."""
    for tool in 'unshare', 'nsenter', 'ip':
        if not shutil.which(tool):
            return 'there is no ' + tool
    tried = subprocess.run(
        ['unshare', '-n', 'sh', '-c', 'ip link set lo up && ip link add here '
         'type veth peer name there'], capture_output=True, text=True)
    if tried.returncode:
        return 'no network namespaces: ' + ' '.join(tried.stderr.split())
    return None


if __name__ == '__main__':
    if 'TELLTALE_TEST_CUT' not in os.environ:
        why = refused()
        if why:
            print('1..0 # SKIP ' + why)
            sys.exit(0)
        os.environ['TELLTALE_TEST_CUT'] = 'here'
        os.execvp('unshare', ['unshare', '-n', sys.executable, *sys.argv])
    ip('link', 'set', 'lo', 'up')
    t.run()
