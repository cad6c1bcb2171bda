"""As a service: ready, alive and stopping are said, and secrets come from the
service manager's folder."""

import os
import socket

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
    for name in ('/nonexistent/notify', 'relative', '@', '/' + 'x' * 200):
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


t.run()
