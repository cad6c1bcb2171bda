"""Somebody who looks: GET /feed on a connection of its own, read by a thread
until it ends. Also the requests of a viewer."""

import http.client
import json
import threading

import telltale as t


class Viewer:
    """Reads a feed. lines: everything that came, as dictionaries; events:
    those that are events; said: the others."""

    def __init__(self, serve, token, after=None, query=None, headers=None,
                 pause=None):
        path = '/feed'
        words = []
        if after is not None:
            words.append('after=%d' % after)
        if query is not None:
            words.append('q=' + query)
        if words:
            path += '?' + '&'.join(words)
        self.connection = http.client.HTTPConnection(
            '127.0.0.1', serve.port, timeout=t.PATIENCE)
        self.lines, self.ended, self.broken = [], False, None
        self.pause = pause
        self.connection.request(
            'GET', path, None,
            dict({'Authorization': 'Bearer ' + token}, **(headers or {})))
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.thread = threading.Thread(target=self._read, daemon=True)
        if self.status == 200:
            self.connection.sock.settimeout(None)
            self.thread.start()
        else:
            self.body = self.answer.read()

    def _read(self):
        try:
            while True:
                if self.pause:
                    self.pause.wait()
                line = self.answer.readline()
                if not line:
                    break
                self.take(line)
        except (OSError, ValueError, http.client.HTTPException,
                AttributeError) as error:
            self.broken = error
        self.ended = True

    def take(self, line):
        self.lines.append(json.loads(line))

    @property
    def events(self):
        return [line for line in list(self.lines) if 'feed' not in line]

    @property
    def said(self):
        return [line for line in list(self.lines) if 'feed' in line]

    def seqs(self):
        return [event['seq'] for event in self.events]

    def wait_for(self, count):
        """Until so many events came; the newest seq."""
        t.wait_until(lambda: len(self.events) >= count,
                     '%d events, not %d' % (count, len(self.events)))
        return self.events[-1]['seq']

    def wait_for_word(self, kind):
        return t.wait_until(
            lambda: [line for line in self.said if line['feed'] == kind],
            'the word ' + kind)[-1]

    def wait_for_end(self):
        t.wait_until(lambda: self.ended, 'the end')

    def close(self):
        if self.connection.sock:
            try:
                self.connection.sock.shutdown(2)
            except OSError:
                pass
        self.answer.close()
        self.connection.close()


def act(serve, token, **words):
    """(status, answer) of POST /act."""
    status, body = serve.request(
        'POST', '/act', json.dumps(words),
        {'Authorization': 'Bearer ' + token})
    return status, json.loads(body)


def make(home, name):
    """A viewer's token."""
    done = home.run('viewers', 'add', name)
    t.equal(done.returncode, 0, done.stderr)
    return done.stdout.strip()
