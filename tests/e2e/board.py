"""A board without a screen, attached to a receiver or to what pretends to be
one."""

import json
import subprocess
import threading

import listening
import telltale as t

VIEWER = 'viewer-by-settings'
AUTH = {'Authorization': 'Bearer ' + VIEWER}


def serving(home, port=0):
    serve = t.Telltale(command='serve', home=home, start=False)
    serve.words[2] = '127.0.0.1:%d' % port
    return serve.start()


def post(serve, count, name='thing'):
    for start in range(0, count, 500):
        events = [{'event': name, 'distinct_id': str(n), 'uuid': None}
                  for n in range(start, min(start + 500, count))]
        t.equal(serve.post(json.dumps(events))[0], 200)


def rows(path, what='origin_seq'):
    """Of a journal that may not be there yet."""
    return [row[0] for row in t.select(
        path, 'SELECT %s FROM events ORDER BY seq' % what, absent=[])]


class Attached(t.Running):
    """An attached telltale without a screen, its lines in a file."""

    def __init__(self, port, token, *words, home=None, start=True):
        super().__init__(home or t.Home())
        self.home.env['TELLTALE_VIEWER_TOKEN'] = token
        self.words = ['attach', '--json', *words,
                      'http://127.0.0.1:%d' % port]
        self.journal = (self.home.state +
                        '/attached-127.0.0.1_%d.db' % port)
        if start:
            self.start()

    def start(self):
        with open(self.out, 'ab') as out, open(self.err, 'ab') as err:
            self.process = subprocess.Popen(
                [t.PROGRAM, *self.words], env=self.home.env, stdout=out,
                stderr=err, stdin=subprocess.DEVNULL)
        return self

    def lines(self):
        with open(self.out, encoding='utf-8') as file:
            return [json.loads(line) for line in file if line.endswith('\n')]

    def wait_for(self, count):
        t.wait_until(lambda: len(rows(self.journal)) >= count,
                     '%d events at the viewer, of %d' %
                     (count, len(rows(self.journal))))

    def wait_for_word(self, word):
        t.wait_until(lambda: word in self.stderr(), word)

    def remove(self):
        self.stop()
        self.home.remove()


HELLO = {'feed': 'hello', 'version': 1, 'after': 0, 'last': 3,
         'journal': '0d9a0a4e-6f3e-4a0e-9d5c-0b1f4f6c7a11',
         'quiet_ms': 15000}


def event(seq, **fields):
    record = {'seq': seq, 'uuid': None, 'event': 'thing', 'category': 'ai',
              'tone': 'info', 'sentence': 'did a thing',
              'occurred_at': '2026-09-14T08:06:03.000Z',
              'received_at': '2026-09-14T08:06:04.000Z',
              'account': {'id': 'a', 'name': 'A', 'listed': True},
              'person': {'id': 'p', 'email': None, 'name': 'P'},
              'hidden': None, 'url': None, 'session_id': None,
              'links': {'replay': None, 'person': None, 'event': None},
              'source': 'webhook', 'properties': {}}
    record.update(fields)
    return record


class Liar(listening.Listening):
    """A server that answers what it is given, or what that makes of the path,
    and then no more."""

    def __init__(self, *answers, kind='application/x-ndjson', status=200):
        liar = self
        self.asked = []

        class Handler(listening.Handler):
            def do_GET(self):
                liar.asked.append(self.path)
                data = answers[min(len(liar.asked), len(answers)) - 1]
                if callable(data):
                    data = data(self.path)
                self.send_response(status)
                self.send_header('Content-Type', kind)
                self.send_header('Transfer-Encoding', 'chunked')
                self.end_headers()
                self.wfile.write(b'%x\r\n%s\r\n' % (len(data), data))
                self.wfile.flush()
                if not liar.stays:
                    self.wfile.write(b'0\r\n\r\n')
                else:
                    liar.over.wait()

        self.stays, self.over = True, threading.Event()
        super().__init__(Handler)
        self.forgive()

    def close(self):
        self.over.set()
        super().close()


def lines(*words):
    return b''.join(word if isinstance(word, bytes) else
                    json.dumps(word).encode() + b'\n' for word in words)


def place(journal):
    return [seq for seq, in t.select(
        journal, "SELECT seq FROM cursors WHERE reader = 'feed'")]
