"""Whom a command does not wait for, at least not for ever: who reads its log,
the telltale that is asked, a pipe that stands in the place of a file. And
what it is told of signals by who starts it."""

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import termios

import telltale as t
import terminal

IGNORED = signal.SIGINT, signal.SIGHUP


def ignore(*numbers):
    """For preexec_fn."""
    def begin():
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
    return begin


def fill(path):
    """Writes to it, a pipe or a terminal, what it takes."""
    output = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    for size in 4096, 1:
        with contextlib.suppress(BlockingIOError):
            while os.write(output, b'-' * size):
                pass
    os.close(output)


def read_some(fd):
    with contextlib.suppress(BlockingIOError):
        return os.read(fd, 65536)
    return b''


class Log:
    """What stands in for a log: a pipe, or a terminal; path is who writes,
    reader the descriptor of who reads, and does not."""

    def __init__(self, home, terminal=False):
        if terminal:
            self.reader, self.writer = os.openpty()
            self.path = os.ttyname(self.writer)
            modes = termios.tcgetattr(self.writer)
            modes[3] &= ~termios.ECHO
            termios.tcsetattr(self.writer, termios.TCSANOW, modes)
        else:
            self.path = home.path + '/log'
            os.mkfifo(self.path)
            self.reader = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
            self.writer = os.open(self.path, os.O_WRONLY)
        fcntl.fcntl(self.reader, fcntl.F_SETFL, os.O_NONBLOCK)

    def wait_for(self, part):
        said = b''

        def look():
            nonlocal said
            said += read_some(self.reader)
            return part in said
        t.wait_until(look, lambda: 'log: %r in %r' % (part, said[-300:]))
        return said

    def close(self):
        os.close(self.reader)
        os.close(self.writer)


@contextlib.contextmanager
def served(log, home, *words, stderr):
    """A receiver that says everything to log; port and token are known."""
    with subprocess.Popen(
            [t.PROGRAM, 'serve', '--listen', '127.0.0.1:0', *words],
            env=home.env, stdout=subprocess.DEVNULL, stderr=stderr,
            stdin=subprocess.DEVNULL) as process:
        try:
            said = log.wait_for(b'/hook/')
            serve = t.Telltale(home=home, start=False)
            serve.port = int(said.split(b'127.0.0.1:')[1].split(b',')[0])
            serve.token = home.token()
            yield process, serve
        finally:
            process.kill()


def goes_on(log, process, serve, hold, let_go):
    """While nobody reads, it answers, and reads again what is said then: so
    it says later that a line was left out."""
    def look():
        hold()
        process.send_signal(signal.SIGHUP)
        t.equal(serve.post(t.body())[0], 200)
        t.wait_until(lambda: t.sleeps(process.pid), 'a wait')
        let_go()
        process.send_signal(signal.SIGHUP)
        return b'left out here: nobody read on' in log.wait_for(b'read again')
    t.wait_until(look, 'what was left out')
    hold()
    process.terminate()
    t.equal(process.wait(t.PATIENCE), 0)


def drain(log):
    while read_some(log.reader):
        pass


@t.case('a receiver answers and ends while nobody reads its log, and says how '
        'many lines that cost')
def _():
    for terminal in False, True:
        for by_name in False, True:
            home = t.Home()
            log = Log(home, terminal)
            words = ['--log', log.path] if by_name else []
            stderr = subprocess.DEVNULL if by_name else log.writer
            with served(log, home, *words, stderr=stderr) as (process, serve):
                goes_on(log, process, serve,
                        lambda log=log: fill(log.path),
                        lambda log=log: drain(log))
            log.close()
            home.remove()


@t.case('Ctrl-S at the terminal of a receiver holds nothing but its lines')
def _():
    home = t.Home()
    log = Log(home, terminal=True)
    with served(log, home, stderr=log.writer) as (process, serve):
        goes_on(log, process, serve,
                lambda: termios.tcflow(log.writer, termios.TCOOFF),
                lambda: termios.tcflow(log.writer, termios.TCOON))
    log.close()
    home.remove()


@t.case('a log that is a pipe without a reader is refused')
def _():
    home = t.Home()
    path = home.path + '/log'
    os.mkfifo(path)
    done = home.run('serve', '--listen', '127.0.0.1:0', '--log', path)
    t.equal((done.returncode, done.stderr),
            (3, 'telltale: %s cannot be written: nobody reads it\n' % path))
    home.remove()


@t.case('what NATS is asked with is no pipe, which nobody could end')
def _():
    home = t.Home()
    path = home.path + '/pipe'
    os.mkfifo(path)
    for name in 'credentials', 'ca':
        done = home.run('serve', '--listen', '127.0.0.1:0', '--source',
                        'nats://127.0.0.1:1', '--nats-' + name, path)
        t.equal(done.returncode, 3)
        assert path + ': not a regular file' in done.stderr, done.stderr
    home.remove()


@t.case('once signals are noted only, no pipe is read in place of a file')
def _():
    home = t.Home()
    pipe = home.path + '/pipe'
    os.mkfifo(pipe)
    with terminal.Terminal([t.PROGRAM, 'watch', '--listen', '127.0.0.1:0',
                            '--theme', pipe], home.env | {'TERM': 'xterm'}
                           ) as board:
        board.wait_for(b'not a regular file')
        os.kill(board.pid, signal.SIGTERM)
        board.wait_for_end()
    done = home.run('serve', '--listen', '127.0.0.1:0', '--tls-cert', pipe,
                    '--tls-key', pipe)
    t.equal(done.stderr, 'telltale: %s: not a regular file\n' % pipe)

    names = home.write('names.ini', '')
    with t.Telltale('--events-file', names, command='serve',
                    home=home) as serve:
        os.remove(names)
        os.mkfifo(names)
        serve.process.send_signal(signal.SIGHUP)
        t.wait_until(lambda: 'not read again: %s: not a regular file' % names
                     in serve.stderr(), serve.stderr)
        t.equal(serve.stop(), 0)
    home.remove()


@t.case('a server of NATS that greets and then says nothing keeps nobody')
def _():
    hello = json.dumps({'server_id': 'X', 'version': '2.9.0', 'proto': 1,
                        'headers': True, 'max_payload': 1 << 20,
                        'jetstream': True})
    with socket.create_server(('127.0.0.1', 0)) as server:
        server.settimeout(t.PATIENCE)
        url = 'nats://127.0.0.1:%d' % server.getsockname()[1]
        for words in (['tail', '--source', url], ['serve', '--source', url],
                      ['serve', '--publish', url]):
            home = t.Home()
            listen = ['--listen', '127.0.0.1:0'] if words[0] == 'serve' else []
            with subprocess.Popen(
                    [t.PROGRAM, *words, *listen], env=home.env,
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE) as process:
                peer = server.accept()[0]
                with peer:
                    peer.sendall(b'INFO ' + hello.encode() + b'\r\n')
                    said = b''
                    while b'PING' not in said:
                        got = peer.recv(4096)
                        assert got
                        said += got
                    process.terminate()
                    try:
                        said = process.communicate(timeout=t.PATIENCE)[1]
                    except subprocess.TimeoutExpired:
                        process.kill()
                        raise
            t.equal(process.returncode, 130 if words[0] == 'tail' else 0)
            assert b'Sanitizer' not in said, said
            home.remove()


@t.case('a signal that is ignored from the start stays so')
def _():
    home = t.Home()
    for words in ['serve'], ['watch'], ['import', '-']:
        listen = [] if words[0] == 'import' else ['--listen', '127.0.0.1:0']
        with subprocess.Popen(
                [t.PROGRAM, *words, *listen], env=home.env,
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                preexec_fn=ignore(*IGNORED)) as process:
            if words[0] == 'import':
                process.stdin.write(b'nothing\n')
                process.stdin.flush()
            assert process.stderr.readline()
            for number in IGNORED:
                process.send_signal(number)
            t.wait_until(lambda pid=process.pid: t.sleeps(pid), 'a wait')
            t.equal(process.poll(), None, words)
            process.terminate()
            process.communicate(timeout=t.PATIENCE)
            t.equal(process.returncode, 130 if words[0] == 'import' else 0)
    home.remove()


@t.case('a secret command that fails has failed, however we were started')
def _():
    home = t.Home()
    command = home.write('secret', '#!/bin/sh\necho a-secret-of-many-letters\n'
                         'exit 1\n')
    os.chmod(command, 0o755)
    done = home.run('serve', '--listen', '127.0.0.1:0', '--token-command',
                    command, preexec_fn=ignore(signal.SIGCHLD))
    t.equal((done.returncode, done.stderr),
            (3, 'telltale: token_command: %s failed: no secret from it\n' %
             command))
    home.remove()


@t.case('an owner that is stopped is not waited for, however many others do')
def _():
    with t.Telltale(command='serve') as serve, contextlib.ExitStack() as all:
        serve.process.send_signal(signal.SIGSTOP)
        with contextlib.suppress(BlockingIOError):
            while True:
                other = all.enter_context(socket.socket(socket.AF_UNIX))
                other.setblocking(False)
                other.connect(serve.home.journal + '.sock')
        done = serve.home.run('import', os.devnull)
        t.equal((done.returncode, done.stderr),
                (1, 'telltale: the owner does not answer\n'))
        serve.process.send_signal(signal.SIGCONT)


@t.case('a command that writes beside an import is told who is in its way')
def _():
    home = t.Home()
    path = home.write('events', '')
    with subprocess.Popen([t.PROGRAM, 'import', '-'], env=home.env,
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE) as process:
        process.stdin.write(b'nothing\n')
        process.stdin.flush()
        assert process.stderr.readline()
        done = home.run('import', path)
        t.equal((done.returncode, done.stderr), (
            1, 'telltale: %s belongs to process %d, which is asked nothing: '
            'wait for its end\n' % (home.journal, process.pid)))
        process.communicate(timeout=t.PATIENCE)
    home.remove()


@t.case('an owner that is about to listen is waited for')
def _():
    home = t.Home()
    lock = home.write('state/telltale/journal.db.lock', '%d ' % os.getpid())
    with open(lock, encoding='ascii') as held, \
            socket.socket(socket.AF_UNIX) as server:
        fcntl.flock(held, fcntl.LOCK_EX)
        with subprocess.Popen(
                [t.PROGRAM, 'viewers', 'add', 'ada'], env=home.env,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE) as process:
            t.wait_until(lambda: process.poll() is not None or
                         os.path.exists(home.state + '/viewers'), 'it')
            t.equal(process.poll(), None)
            server.bind(home.journal + '.sock')
            server.listen()
            server.settimeout(t.PATIENCE)
            with server.accept()[0] as peer:
                t.equal(json.loads(peer.recv(4096)), {'do': 'viewers'})
                peer.sendall(b'{"ok":true}\n')
            said = process.communicate(timeout=t.PATIENCE)[1]
            t.equal((process.returncode, said.count(b'\n')), (0, 1), said)
    home.remove()


if __name__ == '__main__':
    t.run()
