"""One signal ends a command that waits: for its input, or for whoever reads
what it prints."""

import json
import os
import signal
import subprocess

import telltale as t

VIEWER = 'viewer-who-waits'
SIGNALS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


def lines(count):
    return ''.join(json.dumps({
        'event': 'thing %d' % n, 'sentence': 'did %d' % n,
        'occurred_at': '2026-09-14T08:00:00Z',
        'received_at': '2026-09-14T08:00:00Z',
        'properties': {'much': 'x' * 20000}}) + '\n' for n in range(count))


def unread(home, number, *words, more=lambda: None):
    """A command whose output nobody reads, ended while it waits for that: its
    exit code and what it says. more: gives it more to print."""
    read, write = os.pipe()
    with subprocess.Popen([t.PROGRAM, *words], env=home.env, stdout=write,
                          stderr=subprocess.PIPE) as process:
        os.close(write)
        os.read(read, 1)
        more()
        t.wait_until(lambda: t.sleeps(process.pid), 'a wait')
        process.send_signal(number)
        stderr = process.communicate(timeout=t.PATIENCE)[1]
    os.close(read)
    return process.returncode, stderr.decode()


@t.case('an import that waits for its input keeps what it read, and says how '
        'to go on')
def _():
    for number in SIGNALS:
        home = t.Home()
        with subprocess.Popen([t.PROGRAM, 'import', '-'], env=home.env,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            process.stdin.write((lines(3) + 'nothing\n').encode())
            process.stdin.flush()
            assert process.stderr.readline()
            t.wait_until(lambda pid=process.pid: t.sleeps(pid), 'a wait')
            process.send_signal(number)
            t.equal(process.wait(t.PATIENCE), 130, number)
            assert process.stdout.read().startswith(b'3 events kept'), number
            assert b'run it again' in process.stderr.read(), number
        t.equal(len(home.tail()), 3)
        home.remove()


@t.case('what nobody reads is not waited for, here')
def _():
    home = t.Home()
    path = home.write('events', lines(40))
    t.equal(home.run('import', path).returncode, 0)
    for number in SIGNALS:
        t.equal(unread(home, number, 'export'), (130, ''))
        t.equal(unread(home, number, 'tail', '--json', '-n', 'all',
                       '--source', 'file://' + path), (130, ''))
    noted = home.run('export', '--list').stdout.splitlines()
    t.equal((len(noted), [line for line in noted if '  0 events' in line]),
            (3, []))
    home.remove()


@t.case('nor of another telltale')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        def more():
            for _ in range(40):
                t.equal(serve.post(t.body(properties={'much': 'x' * 20000}))[
                    0], 200)

        more()
        home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
        url = 'http://127.0.0.1:%d' % serve.port
        for number in signal.SIGINT, signal.SIGTERM:
            t.equal(unread(home, number, 'export', url), (130, ''))
            t.equal(unread(home, number, 'tail', '--json', '-f', '-n', '1',
                           url, more=more), (130, ''))
        home.remove()


if __name__ == '__main__':
    t.run()
