"""As a service: ready, alive and stopping are said, secrets come from the
service manager's folder and are rotated, sockets are the manager's."""

import base64
import fcntl
import hashlib
import hmac
import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import uuid

import telltale as t


def listener(name):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(name)
    sock.settimeout(t.PATIENCE)
    return sock


def said(sock):
    return sock.recv(4096).decode()


@t.case('ready once it listens, alive while it runs, stopping when told to')
def _():
    home = t.Home()
    for name in (home.path + '/notify',
                 '\0telltale-test-%d' % os.getpid()):
        with listener(name) as sock:
            home.env['NOTIFY_SOCKET'] = name.replace('\0', '@')
            home.env['WATCHDOG_USEC'] = '200000'
            with t.Telltale(command='serve', home=home) as serve:
                t.equal(said(sock), 'READY=1')
                t.equal(serve.post(t.body())[0], 200)
                for _ in range(3):
                    t.equal(said(sock), 'WATCHDOG=1')
            words = [said(sock)]
            while words[-1] == 'WATCHDOG=1':
                words.append(said(sock))
            t.equal(words[-1], 'STOPPING=1')
    home.remove()


@t.case('a watchdog that means another process is not fed')
def _():
    home = t.Home()
    with listener(home.path + '/notify') as sock:
        home.env.update(NOTIFY_SOCKET=home.path + '/notify',
                        WATCHDOG_USEC='1000', WATCHDOG_PID='1')
        with t.Telltale(command='serve', home=home):
            pass
        t.equal([said(sock), said(sock)], ['READY=1', 'STOPPING=1'])
    home.remove()


@t.case('a manager that is gone is nobody\'s affair')
def _():
    for name in ('/dev/null/notify', 'relative', '@', '/' + 'x' * 200):
        with t.Telltale(command='serve', NOTIFY_SOCKET=name) as serve:
            t.equal(serve.post(t.body())[0], 200, name)


@t.case('secrets come from the folder of credentials')
def _():
    home = t.Home()
    folder = home.path + '/credentials'
    os.mkdir(folder)
    for name, secret in (('token', 'hook-secret'),
                         ('viewer_token', 'viewer-secret')):
        with open(folder + '/' + name, 'w', encoding='ascii') as file:
            file.write(secret + '\n')
        os.chmod(folder + '/' + name, 0o440)
    home.env['CREDENTIALS_DIRECTORY'] = folder
    serve = t.Telltale(command='serve', home=home, start=False)
    os.makedirs(home.state)
    with open(home.state + '/token', 'w', encoding='ascii') as file:
        file.write('of-the-file')
    os.chmod(home.state + '/token', 0o600)
    with serve.start():
        t.equal(serve.post(t.body(), token='hook-secret')[0], 200)
        t.equal(serve.post(t.body(), token='of-the-file')[0], 401)
        assert 'version' in serve.health('viewer-secret')[1]
        t.equal('hook-secret' in serve.stderr(), False)
    os.chmod(folder + '/token', 0o444)
    done = home.run('serve', '--listen', '127.0.0.1:0')
    assert 'others may read it' in done.stderr, done.stderr
    t.equal(done.returncode, 3)
    home.remove()


# --- reading again, and rotation --------------------------------------------

def write_secret(path, text):
    """In one step, as an editor or a tool for secrets does."""
    with open(path + '.new', 'w', encoding='ascii') as file:
        file.write(text + '\n')
    os.chmod(path + '.new', 0o600)
    os.rename(path + '.new', path)


@t.case('SIGHUP says that it reloads, and when it has')
def _():
    home = t.Home()
    with listener(home.path + '/notify') as sock:
        home.env['NOTIFY_SOCKET'] = home.path + '/notify'
        with t.Telltale(command='serve', home=home) as serve:
            t.equal(said(sock), 'READY=1')
            for _ in range(3):
                before = time.monotonic_ns() // 1000
                serve.process.send_signal(signal.SIGHUP)
                first, when = said(sock).split('\n')
                t.equal(first, 'RELOADING=1')
                name, _, value = when.partition('=')
                t.equal(name, 'MONOTONIC_USEC')
                assert before <= int(value) <= time.monotonic_ns() // 1000
                t.equal(said(sock), 'READY=1')
    home.remove()


def key(letter):
    return 'whsec_' + base64.b64encode(letter * 32).decode()


def signature(secret, name, body):
    stamp = str(int(time.time()))
    code = hmac.new(base64.b64decode(secret.removeprefix('whsec_')),
                    b'%s.%s.%s' % (name.encode(), stamp.encode(), body),
                    hashlib.sha256).digest()
    return {'webhook-id': name, 'webhook-timestamp': stamp,
            'webhook-signature': 'v1,' + base64.b64encode(code).decode()}


class Sender(threading.Thread):
    """Posts without a pause, with the token and with signatures in turn, of
    whatever secrets hold now; remembers every answer."""

    def __init__(self, serve, token, secret):
        super().__init__(daemon=True)
        self.serve, self.token, self.secret = serve, token, secret
        self.statuses, self.kept = [], []
        self.ending = False

    def run(self):
        while not self.ending:
            event = str(uuid.uuid4())
            body = t.body(uuid=event)
            if len(self.statuses) % 2:
                status = self.serve.post(body, token=self.token)[0]
            else:
                status = self.serve.request(
                    'POST', '/hook', body,
                    signature(self.secret, 'msg_' + event, body))[0]
            self.statuses.append(status)
            if status == 200:
                self.kept.append(event)

    def more(self):
        goal = len(self.statuses) + 10
        t.wait_until(lambda: len(self.statuses) >= goal or
                     not self.is_alive(), 'more posts')


def hang_up(serve):
    before = serve.stderr().count('read again: ')
    serve.process.send_signal(signal.SIGHUP)
    t.wait_until(lambda: serve.stderr().count('read again: ') > before,
                 'the reading')


def rotate(serve, senders, files, first, second):
    """Both are known; the senders change; the first is forgotten."""
    def all_send():
        for sender in senders:
            sender.more()
    for path, old, new in zip(files, first, second):
        write_secret(path, old + ' ' + new)
    hang_up(serve)
    all_send()
    for sender in senders:
        sender.token, sender.secret = second
    all_send()
    for path, new in zip(files, second):
        write_secret(path, new)
    hang_up(serve)
    all_send()


@t.case('token and signing secret are rotated without a lost event')
def _():
    home = t.Home()
    files = [home.path + '/token', home.path + '/signing']
    pairs = [('token-%d' % n, key(bytes([65 + n]))) for n in range(4)]
    home.env.update(TELLTALE_TOKEN_FILE=files[0],
                    TELLTALE_SIGNING_SECRET_FILE=files[1])
    for path, secret in zip(files, pairs[0]):
        write_secret(path, secret)
    serve = t.Telltale(command='serve', home=home, start=False)
    os.makedirs(home.state)
    write_secret(home.state + '/token', 'unused')
    with serve.start():
        senders = [Sender(serve, *pairs[0]) for _ in range(3)]
        for sender in senders:
            sender.start()
        for first, second in zip(pairs, pairs[1:]):
            rotate(serve, senders, files, first, second)
        for sender in senders:
            sender.ending = True
            sender.join(t.PATIENCE)
        statuses = [s for sender in senders for s in sender.statuses]
        t.note('%d posts through %d rotations' %
               (len(statuses), len(pairs) - 1))
        t.row('attack', good=len(statuses), served=statuses.count(200))
        t.equal(set(statuses), {200})
        for old in pairs[:-1]:
            t.equal(serve.post(t.body(), token=old[0])[0], 401)
            body = t.body()
            t.equal(serve.request('POST', '/hook', body, signature(
                old[1], 'msg_old', body))[0], 401)
        for text in (serve.stderr(), home.run('check').stdout):
            for pair in pairs:
                assert not any(secret in text for secret in pair), text
    kept = [event['uuid'] for event in home.tail()]
    wanted = [event for sender in senders for event in sender.kept]
    t.equal(sorted(kept), sorted(wanted))
    home.remove()


@t.case('a secret that cannot be read again leaves the old one')
def _():
    home = t.Home()
    with t.Telltale(command='serve', home=home) as serve:
        path = home.state + '/token'
        for spoil in (lambda: os.chmod(path, 0o644),
                      lambda: write_secret(path, ''),
                      lambda: os.unlink(path)):
            spoil()
            hang_up(serve)
            t.wait_until(lambda: 'secrets are not read again' in
                         serve.stderr(), 'a word about it')
            t.equal(serve.post(t.body())[0], 200)
        t.equal(os.path.exists(path), False)
        t.equal(serve.token in serve.stderr().split('post to')[-1].split(
            '\n', 1)[1], False)
    home.remove()


# --- sockets of the manager -------------------------------------------------

HAND_OVER = """
import os, sys
for number, fd in enumerate(map(int, sys.argv[1].split(','))):
    os.dup2(fd, 3 + number)
os.environ['LISTEN_PID'] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
"""


def given(home, *socks):
    """A receiver that finds these open."""
    # Above what they are moved to, or one would close another.
    high = [fcntl.fcntl(sock.fileno(), fcntl.F_DUPFD, 50) for sock in socks]
    serve = t.Telltale(command='serve', home=home, start=False)
    serve.fds = tuple(high)
    serve.before = [sys.executable, '-c', HAND_OVER,
                    ','.join(map(str, high))]
    home.env['LISTEN_FDS'] = str(len(socks))
    return serve


def tcp(family=socket.AF_INET, address='127.0.0.1'):
    sock = socket.socket(family)
    sock.bind((address, 0))
    sock.listen(64)
    return sock


@t.case('it listens where the manager does, and what came between waits')
def _():
    home = t.Home()
    with tcp() as sock, tcp(socket.AF_INET6, '::1') as other:
        port = sock.getsockname()[1]
        waiting = []
        for life in range(3):
            serve = given(home, sock, other)
            with serve.start():
                t.equal(serve.port, port)
                for connection in waiting:
                    t.equal(connection.getresponse().status, 200)
                t.equal(serve.post(t.body())[0], 200)
                six = http.client.HTTPConnection(
                    '::1', other.getsockname()[1], timeout=t.PATIENCE)
                six.request('POST', '/hook/' + serve.token, t.body())
                t.equal(six.getresponse().status, 200)
            waiting = [serve.connect() for _ in range(5)]
            for connection in waiting:
                connection.request('POST', '/hook/' + serve.token, t.body())
    t.equal(len(home.tail()), 3 * 2 + 2 * 5)
    home.remove()


@t.case('a socket that is no good is refused with a reason')
def _():
    home = t.Home()
    with socket.socket(socket.AF_UNIX) as unix, tcp(
            address='0.0.0.0') as wide, socket.socket() as deaf:
        unix.bind(home.path + '/sock')
        unix.listen(1)
        for sock, part in ((unix, 'no TCP socket that listens'),
                           (deaf, 'no TCP socket that listens'),
                           (wide, 'beyond this machine')):
            serve = given(home, sock)
            try:
                serve.start()
                raise AssertionError('it started')
            except AssertionError as error:
                assert part in str(error), error
                assert "the service manager's socket" in str(error), error
    home.env['LISTEN_PID'] = '1'
    with t.Telltale(command='serve', home=home) as serve:
        t.equal(serve.post(t.body())[0], 200)
    home.remove()


def common_name(serve):
    text = ssl.get_server_certificate(('127.0.0.1', serve.port))
    done = subprocess.run(['openssl', 'x509', '-noout', '-subject'],
                          input=text, capture_output=True, text=True,
                          check=True)
    return done.stdout.strip().split('=')[-1].strip()


@t.case('a certificate is renewed by SIGHUP, without a break; what does not '
        'fit leaves the old one')
def _():
    home = t.Home()
    first, second = (t.certificate(home.path, name)
                     for name in ('first', 'second'))
    if not first or not second:
        return
    used = [shutil.copy(path, home.path + '/used' + path[-4:])
            for path in first]
    with t.Telltale('--tls-cert', used[0], '--tls-key', used[1],
                    command='serve', home=home) as serve:
        t.equal(common_name(serve), 'first')
        unchecked = ssl._create_unverified_context()
        kept = http.client.HTTPSConnection('127.0.0.1', serve.port,
                                           context=unchecked,
                                           timeout=t.PATIENCE)
        kept.request('GET', '/healthz')
        t.equal(kept.getresponse().read()[:10], b'{"ok":true')
        shutil.copy(second[0], used[0])
        serve.process.send_signal(signal.SIGHUP)
        t.wait_until(lambda: 'not read again' in serve.stderr(), 'the warning')
        t.equal(common_name(serve), 'first')
        shutil.copy(second[1], used[1])
        serve.process.send_signal(signal.SIGHUP)
        t.wait_until(lambda: common_name(serve) == 'second', 'the new one')
        kept.request('GET', '/healthz')
        t.equal(kept.getresponse().status, 200)
        kept.close()
    home.remove()


t.run()
