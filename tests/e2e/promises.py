"""Promises that hold for the whole program: privacy, patience, idleness."""

import glob
import os
import re
import signal
import socket
import sqlite3
import sys
import time

import terminal
import telltale as t

VIEWER = 'viewer-token-of-the-test'


def open_mask(function):
    """Runs it with a umask that closes nothing."""
    def run():
        before = os.umask(0)
        try:
            function()
        finally:
            os.umask(before)
    return run


def written(folder):
    for root, folders, files in os.walk(folder):
        for name in folders + files:
            yield os.path.join(root, name)


@t.case('whatever the umask, all it writes is for its user alone')
@open_mask
def _():
    with t.Telltale(command='serve') as serve:
        t.equal(serve.post(t.body())[0], 200)
        t.equal(serve.post(b'no json')[0], 400)
        names = list(written(serve.home.state))
        for part in ('journal.db', 'journal.db-wal', 'journal.db-shm',
                     'journal.db.lock', 'journal.db.sock', 'token'):
            assert os.path.join(serve.home.state, part) in names, part
        for name in names + [serve.home.state]:
            mode = os.lstat(name).st_mode & 0o777
            assert not mode & 0o077, '%s: %o' % (name, mode)


@t.case('the token is in no log, no refusal and no journal')
def _():
    with t.Telltale(command='serve') as serve:
        t.equal(serve.post(t.body())[0], 200)
        serve.stop()
        serve.start()  # there are events now: the address is masked
        path = '/hook/' + serve.token
        t.equal(serve.post(b'no json')[0], 400)
        t.equal(serve.request('DELETE', path)[0], 405)
        t.equal(serve.request('POST', path + '/x', b'{}')[0], 404)
        t.equal(serve.request('POST', path, b'{}',
                              {'Content-Encoding': 'gzip'})[0], 415)
        for answer in (serve.request('GET', path),
                       serve.request('POST', path, b'no json')):
            assert serve.token.encode() not in answer[1], answer
        serve.stop()
        assert serve.token not in serve.stderr(), serve.stderr()
        assert serve.token.encode() not in serve.stdout()
        with sqlite3.connect(serve.home.journal) as journal:
            rejects = journal.execute('SELECT count(*) FROM rejects')
            assert rejects.fetchone()[0] >= 3, 'nothing was refused'
        for name in glob.glob(serve.home.journal + '*'):
            with open(name, 'rb') as file:
                assert serve.token.encode() not in file.read(), name


def tie_up(serve, count):
    """Viewers that ask for all there is and read nothing of it."""
    viewers = []
    for _ in range(count):
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.connect(('127.0.0.1', serve.port))
        peer.sendall(b'GET /events?limit=10000 HTTP/1.1\r\nHost: a\r\n'
                     b'Authorization: Bearer %s\r\n\r\n' % VIEWER.encode())
        viewers.append(peer)
    return viewers


def tie_up_control(serve, count):
    """Followers of the control socket that read nothing either."""
    followers = []
    for _ in range(count):
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(serve.home.journal + '.sock')
        peer.sendall(b'{"do":"follow"}\n')
        followers.append(peer)
    return followers


@t.case('viewers and followers who never read hold up no webhook')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        large = t.body(properties={'text': 'x' * 200000})
        for _ in range(10):
            t.equal(serve.post(large.replace(b'"uuid"', b'"other"'))[0], 200)
        peers = tie_up(serve, 8) + tie_up_control(serve, 8)
        for _ in range(100):
            t.equal(serve.post(t.body())[0], 200)
        for peer in peers:
            peer.close()
        health = serve.health(VIEWER)[1]
        t.equal(health['journal']['events'], 110)
        t.wait_until(
            lambda: serve.health(VIEWER)[1]['server']['connections'] == 1,
            'the viewers\' connections to be given back')


def wakings(pid):
    """How often its threads went to sleep so far."""
    count = 0
    for name in glob.glob('/proc/%d/task/*/status' % pid):
        with open(name, encoding='ascii', errors='replace') as file:
            for line in file:
                if line.startswith('voluntary_ctxt_switches:'):
                    count += int(line.split()[1])
    return count


@t.case('it asks nobody anything unless it was told to')
def _():
    # Whatever goes out goes by libcurl, which obeys these.
    with socket.create_server(('127.0.0.1', 0)) as proxy:
        proxy.setblocking(False)
        address = 'http://127.0.0.1:%d' % proxy.getsockname()[1]
        home = t.Home(ALL_PROXY=address, HTTPS_PROXY=address,
                      http_proxy=address)
        link = b'{"event":"$pageview","properties":{"$current_url":' \
               b'"https://example.com/"},"distinct_id":"d1"}'
        with t.Telltale(command='serve', home=home) as serve:
            t.equal(serve.post(link)[0], 200)
            t.equal(serve.stop(), 0)
        for command in (('tail',), ('check',), ('accounts', 'list')):
            home.run(*command)
        home.remove()
        try:
            proxy.accept()
        except BlockingIOError:
            return
        raise AssertionError('it connected to somebody')


@t.case('with nothing to do it does nothing')
def _():
    with t.Telltale(command='serve') as serve:
        t.equal(serve.post(t.body())[0], 200)
        pid, before, quiet = serve.process.pid, -1, 0
        if not glob.glob('/proc/%d/task/*/status' % pid):
            t.note('no /proc here: not looked at')
            return
        end = time.monotonic() + t.PATIENCE
        while quiet < 20:
            assert time.monotonic() < end, 'it keeps waking up'
            time.sleep(0.05)
            now = wakings(pid)
            quiet = quiet + 1 if now == before else 0
            before = now


def asked(home, line):
    """What the owner of its journal answers."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(t.PATIENCE)
        peer.connect(home.state + '/journal.db.sock')
        peer.sendall(line.encode() + b'\n')
        return peer.recv(4096)


# What a shell does with one that is stopped from outside and goes on: it takes
# the terminal back before.
SHELL = '''
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
child = os.fork()
if not child:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
os.waitpid(child, os.WUNTRACED)
os.tcsetpgrp(0, os.getpgrp())
print('taken back', flush=True)
os.kill(child, signal.SIGCONT)
signal.sigwait({signal.SIGUSR1})
print('typed', sys.stdin.readline().strip(), flush=True)
os.kill(child, signal.SIGTERM)
_, status = os.waitpid(child, os.WUNTRACED)
print('stopped' if os.WIFSTOPPED(status) else 'ended', status, flush=True)
os.kill(child, signal.SIGKILL) if os.WIFSTOPPED(status) else None
'''


@t.case('stopped from outside and continued behind a shell, it gives the '
        'screen back, and ends')
def _():
    home = t.Home()
    with terminal.Terminal(
            [sys.executable, '-c', SHELL, t.PROGRAM, 'watch',
             '--listen=127.0.0.1:0', '--log', home.path + '/log'],
            dict(home.env, TERM='xterm-256color')) as shell:
        shell.wait_for(rb'nothing yet')
        with open(home.state + '/journal.db.lock', encoding='ascii') as lock:
            pid = int(lock.read().split()[0])
        os.kill(pid, signal.SIGSTOP)
        shell.wait_for(rb'taken back.*\x1b\[\?1049l')
        shell.type(b'q\n')
        for _ in range(3):  # it turns, and has had the time to read that
            asked(home, '{"do":"ping"}')
        os.kill(shell.pid, signal.SIGUSR1)
        shell.wait_for(rb'(ended|stopped) \d')
        shown = shell.seen[shell.seen.index(b'taken back'):]
        assert re.search(rb'typed q\r?\nended 0', shown), shown
    home.remove()


t.run()
