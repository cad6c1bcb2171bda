"""nats-server for a test: one, or a cluster of three, on loopback and free
ports, stopped by pid; and a proxy between telltale and it that can cut or
stall. `skip()` ends a test with a TAP line where there is no nats-server."""

import atexit
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request

import telltale as t

SERVER = shutil.which('nats-server') or shutil.which(
    'nats-server', path='/usr/sbin:/usr/local/bin:/usr/local/sbin')


def missing():
    """Why these tests cannot be run; None: they can."""
    if not SERVER:
        return 'nats-server is not installed'
    home = t.Home(TELLTALE_PUBLISH='nats://127.0.0.1:1')
    said = home.check().stdout
    home.remove()
    if 'built without NATS' in said:
        return 'telltale is built without libnats'
    return None


def skip():
    why = missing()
    if why:
        print('1..0 # SKIP ' + why)
        sys.exit(0)


def free_port():
    with socket.socket() as asked:
        asked.bind(('127.0.0.1', 0))
        return asked.getsockname()[1]


def answers(port, host='127.0.0.1'):
    try:
        socket.create_connection((host, port), 5).close()
        return True
    except OSError:
        return False


class Server:
    """One nats-server; more: text for its configuration; before: words in
    front of the command."""

    def __init__(self, more='', name='n1', start=True, host='127.0.0.1',
                 before=()):
        self.host, self.before = host, before
        self.folder = tempfile.mkdtemp(prefix='telltale-nats-')
        self.name, self.more = name, more
        self.port, self.monitor = free_port(), free_port()
        self.process = None
        atexit.register(self.remove)
        if start:
            self.start()

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.remove()

    def start(self, wait=True):
        path = self.folder + '/nats.conf'
        with open(path, 'w', encoding='utf-8') as file:
            file.write('server_name: %s\nlisten: %s:%d\n'
                       'http: %s:%d\n'
                       'jetstream { store_dir: "%s", max_mem: 64MB, '
                       'max_file: 2GB }\n%s\n' %
                       (self.name, self.host, self.port, self.host,
                        self.monitor, self.folder + '/js', self.more))
        with open(self.folder + '/log', 'ab') as log:
            self.process = subprocess.Popen([*self.before, SERVER, '-c', path],
                                            stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)
        if wait:
            self.wait()
        return self

    def wait(self):
        t.wait_until(lambda: answers(self.port, self.host),
                     'nats-server: ' + self.log())

    def log(self):
        with open(self.folder + '/log', encoding='utf-8',
                  errors='replace') as file:
            return file.read()[-2000:]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        """In order: all that it has is in its folder."""
        self.process.terminate()
        self.process.wait(t.PATIENCE)

    def remove(self):
        atexit.unregister(self.remove)
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, stream='TEST'):
        return 'nats://%s:%d/%s' % (self.host, self.port, stream)

    def ask(self, path):
        with urllib.request.urlopen(
                'http://%s:%d%s' % (self.host, self.monitor, path),
                timeout=t.PATIENCE) as answer:
            return json.load(answer)

    def streams(self):
        """name → details, as this server knows them."""
        found = self.ask('/jsz?streams=1&config=1')
        return {stream['name']: stream
                for account in found.get('account_details') or []
                for stream in account.get('stream_detail') or []}


class Cluster:
    """Three of them that keep a stream together."""

    def __init__(self, count=3):
        ports = [free_port() for _ in range(count)]
        routes = ', '.join('nats://127.0.0.1:%d' % port for port in ports)
        self.servers = [
            Server('cluster { name: c1, listen: 127.0.0.1:%d, '
                   'no_advertise: true, routes: [%s] }' % (port, routes),
                   'n%d' % (number + 1), start=False)
            for number, port in enumerate(ports)]
        for server in self.servers:
            server.start(wait=False)
        self.wait()

    def __enter__(self):
        return self

    def __exit__(self, *what):
        for server in self.servers:
            server.remove()

    def wait(self):
        """All are up, and one of them leads."""
        for server in self.servers:
            server.wait()
        t.wait_until(self._has_leader, 'a leader of the cluster')

    def _has_leader(self):
        try:
            meta = self.servers[0].ask('/jsz').get('meta_cluster') or {}
        except OSError:
            return False
        return meta.get('leader') and meta.get('cluster_size') == len(
            self.servers)

    def url(self, stream='TEST'):
        return 'nats://%s/%s' % (','.join('127.0.0.1:%d' % server.port
                                          for server in self.servers), stream)

    def leader(self, stream='TEST'):
        """The server that leads the stream."""
        def look():
            for server in self.servers:
                if server.process.poll() is not None:
                    continue
                found = server.streams().get(stream) or {}
                name = (found.get('cluster') or {}).get('leader')
                for other in self.servers:
                    if other.name == name and other.process.poll() is None:
                        return other
            return None
        return t.wait_until(look, 'a leader of the stream')


class Raw:
    """A client that says whatever it is told to."""

    def __init__(self, port, connect=None):
        self.socket = socket.create_connection(('127.0.0.1', port),
                                               t.PATIENCE)
        self.file = self.socket.makefile('rb')
        self.file.readline()  # INFO
        self._send('CONNECT %s\r\n' % json.dumps(
            dict({'verbose': False, 'headers': True, 'lang': 'test',
                  'version': '1', 'protocol': 1}, **(connect or {}))))

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.socket.close()

    def _send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def publish(self, subject, data=b'', headers=None, reply=''):
        head = b''
        if headers is not None:
            head = b'NATS/1.0\r\n' + b''.join(
                ('%s: %s\r\n' % pair).encode()
                for pair in headers.items()) + b'\r\n'
            self._send('HPUB %s %s %d %d\r\n' %
                       (subject, reply, len(head), len(head) + len(data)))
        else:
            self._send('PUB %s %s %d\r\n' % (subject, reply, len(data)))
        self._send(head + data + b'\r\n')

    def request(self, subject, data=b'', headers=None):
        """The answer, which is JSON."""
        inbox = '_INBOX.test%d' % os.getpid()
        self._send('SUB %s 1\r\nUNSUB 1 1\r\n' % inbox)
        self.publish(subject, data, headers, inbox)
        while True:
            line = self.file.readline().decode()
            if line.startswith('PING'):
                self._send('PONG\r\n')
            elif line.startswith(('MSG', 'HMSG')):
                size = int(line.split()[-1])
                skip = int(line.split()[-2]) if line[0] == 'H' else 0
                found = self.file.read(size)[skip:]
                return json.loads(found) if found else {}
            elif not line or line.startswith('-ERR'):
                raise AssertionError('nats-server: %r' % line)

    def api(self, what, **fields):
        return self.request('$JS.API.' + what,
                            json.dumps(fields).encode() if fields else b'')


class Proxy:
    """Passes connections on to a port, until told to cut or to stall."""

    def __init__(self, port):
        self.to = port
        self.stalled = self.refuses = False
        self.pairs = []
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, stream='TEST'):
        return 'nats://127.0.0.1:%d/%s' % (self.port, stream)

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.refuses:
                client.close()
                continue
            try:
                server = socket.create_connection(('127.0.0.1', self.to), 5)
            except OSError:
                client.close()
                continue
            self.pairs.append((client, server))
            threading.Thread(target=self._pump, args=(client, server),
                             daemon=True).start()

    def _pump(self, client, server):
        other = {client: server, server: client}
        try:
            while True:
                ready, _, _ = select.select([client, server], [], [], 0.2)
                if self.stalled:
                    continue
                for one in ready:
                    data = one.recv(65536)
                    if not data:
                        return
                    other[one].sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            client.close()
            server.close()

    def cut(self):
        for pair in self.pairs:
            for one in pair:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        self.pairs = []

    def close(self):
        self.listener.close()
        self.cut()
