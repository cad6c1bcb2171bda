"""telltale attach where what is there lies, or is no telltale: it is not
trusted, what it says is made harmless, and its lies cost nothing."""

import contextlib
import hashlib
import json
import re
import signal
import socket
import sqlite3
import threading
import time

import listening
import telltale as t
from board import (HELLO, VIEWER, Attached, Liar, event, lines, place, rows)


@t.case('what a server says is made harmless again: text, links, properties')
def _():
    liar = Liar(lines(
        dict(HELLO, last=2),
        event(1, sentence='did\x1b[2J a\u202e thing', event='a\x07b',
              person={'id': 'p', 'email': None, 'name': 'P\x1b]52;c;x\x07'},
              links={'replay': 'javascript:alert(1)',
                     'person': 'https://evil.example/x',
                     'event': 'https://us.posthog.com/project/2'},
              session_id='x; rm -rf /', url='file:///etc/passwd'),
        event(2, properties='none', account=5)))
    attached = Attached(liar.port, VIEWER)
    attached.wait_for(2)
    t.wait_until(lambda: len(attached.lines()) == 2, 'two lines')
    text = json.dumps(attached.lines(), ensure_ascii=False)
    for bad in ('\x1b', '\x07', '\u202e', 'javascript', 'evil.example',
                'rm -rf', '\\u001b'):
        assert bad not in text, (bad, text)
    assert 'us.posthog.com/project/2' in text, text
    attached.remove()
    liar.close()


@t.case('lines that are none are left out, those around them are taken')
def _():
    liar = Liar(lines(
        dict(HELLO, last=9), b'\n', b'x\n', b'[]\n', b'{"seq":1}\n',
        b'\xff\xfe\n', b'[' * 3000 + b'\n', b'"' * 100 + b'\n',
        {'feed': 'of a later day', 'x': [1]}, {'feed': 5},
        event(3), event(3), event(2), {'feed': 'tick', 'seq': 4, 'at': 7},
        dict(event(5), received_at='2999-01-01T00:00:00Z'),
        event(-6), event(1e30), event(6)))
    attached = Attached(liar.port, VIEWER)
    attached.wait_for(2)
    t.equal(rows(attached.journal), [3, 6])
    t.equal(attached.process.poll(), None)
    attached.remove()
    liar.close()


def most_memory(*answer):
    """KiB, when the two events of the answer are there."""
    liar = Liar(lines(dict(HELLO, last=2), event(1), *answer, event(2)))
    home = t.Home()
    home.env['ASAN_OPTIONS'] = 'quarantine_size_mb=1'
    attached = Attached(liar.port, VIEWER, home=home)
    t.wait_until(lambda: len(rows(attached.journal)) == 2, 'both events',
                 4 * t.PATIENCE)
    with open('/proc/%d/status' % attached.process.pid) as status:
        most = int(re.search(r'VmHWM:\s+(\d+)', status.read())[1])
    attached.remove()
    liar.close()
    return most


@t.case('lines that are none leave nothing in memory, however many come')
def _():
    none = dict(event(9), received_at='2999-01-01T00:00:00Z',
                sentence='y' * 20000, event='x' * 4000, url='u' * 4000,
                person={'id': 'p' * 4000, 'email': 'e' * 4000,
                        'name': 'n' * 4000},
                account={'id': 'a' * 4000, 'name': 'b' * 4000})
    act = {'feed': 'act', 'do': 'done', 'signal': {
        'kind': 'billing', 'account': {'id': 'org-1'}}}
    few = most_memory(none, act)
    assert most_memory(*[none] * 1500) < few + 16 * 1024
    assert most_memory(*[act] * 40000) < few + 16 * 1024


@t.case('a second hello is none of a feed')
def _():
    other = dict(HELLO, journal='0d9a0a4e-6f3e-4a0e-9d5c-0b1f4f6c7a12')
    liar = Liar(lines(dict(HELLO, last=9), event(5), dict(other, last=9),
                      event(6), event(7)))
    attached = Attached(liar.port, VIEWER)
    attached.wait_for_word('says hello')
    attached.wait_for(1)
    t.equal(rows(attached.journal), [5])
    attached.remove()
    liar.close()


@t.case('a number that cannot be moves our place nowhere')
def _():
    for word in (event(10 ** 17), {'feed': 'alive', 'seq': 10 ** 17},
                 {'feed': 'tick', 'seq': 10 ** 12 + 9},
                 {'feed': 'act', 'act': 10 ** 17, 'do': 'read', 'by': '',
                  'account': 'a', 'at': '2026-09-14T08:06:03.000Z'}):
        liar = Liar(lines(dict(HELLO, last=2), event(1), word, event(2)))
        attached = Attached(liar.port, VIEWER)
        attached.wait_for_word('numbers that cannot be')
        attached.wait_for(1)
        t.equal(rows(attached.journal), [1])
        t.wait_until(lambda: place(attached.journal) == [1], 'the place')
        attached.remove()
        liar.close()


@t.case('a place that a lie moved on is found again')
def _():
    good = lines(dict(HELLO, last=3), event(1), event(2), event(3))
    liar = Liar(lines(dict(HELLO, last=10 ** 14), event(1),
                      {'feed': 'alive', 'seq': 10 ** 14}), good)
    liar.stays = False
    attached = Attached(liar.port, VIEWER)
    t.wait_until(lambda: rows(attached.journal) == [1, 2, 3], 'the rest')
    attached.wait_for_word('we were told more')
    attached.remove()
    liar.close()


@t.case('a journal restored from an older copy is followed on, and what only '
        'we have stays')
def _():
    many = 2500
    lost = [event(number) for number in range(4, 4 + many)]
    last = dict(HELLO, last=5)
    liar = Liar(lines(dict(HELLO, last=3 + many), event(1), *lost),
                lines(dict(HELLO, last=3)),
                lines(last, event(2), event(3),
                      dict(event(4), sentence='is another'),
                      dict(event(5), sentence='is another, too')))
    liar.stays = False
    attached = Attached(liar.port, VIEWER)
    t.wait_until(lambda: len(rows(attached.journal)) == many + 5, 'all')
    t.equal(rows(attached.journal),
            [1] + list(range(4, 4 + many)) + [2, 3, 4, 5])
    t.wait_until(lambda: place(attached.journal) == [5], 'the place')
    t.equal([path.split('after=')[1] for path in liar.asked[:3]],
            ['0', str(3 + many), '1'])
    attached.wait_for_word('%d events that it has lost stay here' % many)
    attached.remove()
    liar.close()


@t.case('what is no feed is said and asked again later, not at once')
def _():
    for answer, word in (
            (b'<html>hello</html>\n', 'no telltale'),
            (lines(event(1)), 'no telltale'),
            (lines(dict(HELLO, version=2)), 'another version'),
            (lines(dict(HELLO, journal='x')), 'no telltale'),
            (b'x' * (9 << 20), 'too long')):
        liar = Liar(answer)
        attached = Attached(liar.port, VIEWER)
        attached.wait_for_word(word)
        t.equal(len(liar.asked), 1, word)
        t.equal(rows(attached.journal), [])
        attached.remove()
        liar.close()


@t.case('a link that only comes up is asked for again later each time')
def _():
    times = []
    liar = Liar(lambda _: times.append(time.monotonic()) or lines(HELLO))
    liar.stays = False
    attached = Attached(liar.port, VIEWER)
    t.wait_until(lambda: len(times) > 4, 'five links')
    attached.remove()
    liar.close()
    gaps = [after - before for before, after in zip(times, times[1:])]
    assert gaps[3] > 2 * gaps[0], gaps


class Slow:
    """Says hello, then one event in so many parts, a second each; a link that
    is silent for 4.5 s is dead."""

    def __init__(self, parts):
        self.parts, self.asked = parts, 0
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        text = json.dumps(event(1, properties={'x': 'y' * 40000 * self.parts}))
        try:
            while True:
                self._answer(self.listener.accept()[0], text.encode() + b'\n')
        except OSError:
            pass

    def _answer(self, there, line):
        self.asked += 1
        with there:
            there.recv(65536)
            there.sendall(b'HTTP/1.1 200 OK\r\n\r\n' +
                          lines(dict(HELLO, last=1, quiet_ms=1500)))
            for start in range(0, len(line), 40000):
                time.sleep(1)
                there.sendall(line[start:start + 40000])
            there.recv(1)

    def close(self):
        self.listener.close()


@t.case('an event that takes longer to come than silence may last does come')
def _():
    slow = Slow(7)
    attached = Attached(slow.port, VIEWER)
    attached.wait_for(1)
    t.equal(slow.asked, 1)
    attached.remove()
    slow.close()


@t.case('another journal there is read from its beginning')
def _():
    other = dict(HELLO, journal='0d9a0a4e-6f3e-4a0e-9d5c-0b1f4f6c7a12',
                 last=1)
    liar = Liar(lines(dict(HELLO, last=3), event(1), event(2), event(3)),
                lines(other, event(1)), lines(other, event(1)))
    liar.stays = False
    attached = Attached(liar.port, VIEWER)
    attached.wait_for(4)
    t.equal(rows(attached.journal), [1, 2, 3, 1])
    t.equal([path.split('after=')[1] for path in liar.asked[:3]],
            ['0', '3', '0'])
    attached.remove()
    liar.close()


@t.case('of another journal there what was said is told from its beginning, '
        'also where neither has an event')
def _():
    other = dict(HELLO, journal='0d9a0a4e-6f3e-4a0e-9d5c-0b1f4f6c7a12',
                 last=0)

    def note(act, text):
        return {'feed': 'act', 'act': act, 'do': 'note', 'by': '',
                'account': 'a', 'note': text,
                'at': '2026-09-14T08:06:03.000Z'}
    liar = Liar(lines(dict(HELLO, last=0), note(5, 'before')), lines(other),
                lines(other, note(1, 'after')))
    liar.stays = False
    attached = Attached(liar.port, VIEWER)
    t.wait_until(lambda: t.select(attached.journal, 'SELECT text FROM notes',
                                  absent=[]) == [('after',)], 'the note')
    t.equal([re.search('acts=([0-9]*)', path)[1] for path in liar.asked[:3]],
            ['0', '5', '0'])
    attached.remove()
    liar.close()


class Forks(listening.Listening):
    """Has it ask anew while what the board tells is still being answered:
    the hello that comes then is taken inside curl."""

    COUNT = 120

    def __init__(self):
        forks = self
        self.gets, self.over = 0, threading.Event()
        self.posted, self.again = threading.Event(), threading.Event()

        class Handler(listening.Handler):
            def chunk(self, *words):
                data = lines(*words)
                self.wfile.write(b'%x\r\n%s\r\n' % (len(data), data))
                self.wfile.flush()

            def do_GET(self):
                forks.gets += 1
                number = forks.gets
                self.send_response(200)
                self.send_header('Content-Type', 'application/x-ndjson')
                self.send_header('Transfer-Encoding', 'chunked')
                self.end_headers()
                self.chunk(dict(HELLO, last=forks.COUNT, late=True, after=0))
                if number == 1:
                    self.chunk(*[event(i) for i in range(1, forks.COUNT + 1)])
                elif number == 2:
                    forks.posted.wait(t.PATIENCE)
                    at = re.search('at=([^&]*)', self.path)[1]
                    at = [int(one.split('%3A')[0].split(':')[0])
                          for one in re.split('%2C|,', at)]
                    self.chunk({'feed': 'fork', 'upto': at[12],
                                'from': at[11]})
                else:
                    forks.again.set()
                forks.over.wait(2 * t.PATIENCE)

            def do_POST(self):
                self.body()
                forks.posted.set()
                forks.again.wait(t.PATIENCE)
                time.sleep(0.2)  # its hello is read by then
                self.answer(200, b'{"ok":true,"act":1}',
                            [('Content-Type', 'application/json')])
        super().__init__(Handler)
        self.forgive()

    def close(self):
        self.over.set()
        self.again.set()
        super().close()


@t.case('a fork that comes while it tells of something ends nothing')
def _():
    with Forks() as forks:
        attached = Attached(forks.port, VIEWER)
        attached.wait_for(forks.COUNT)
        attached.stop(signal.SIGKILL)
        with contextlib.closing(sqlite3.connect(attached.journal)) as journal:
            journal.execute("INSERT INTO notes (about, subject, text, at) "
                            "VALUES ('account', 'a', 'call', 1)")
            journal.execute("INSERT INTO acts_untold (act) SELECT last FROM "
                            "(SELECT coalesce(max(id), 0) + 1 AS last FROM "
                            "acts)")
            journal.execute("INSERT INTO acts (id, subject, verb, who, at) "
                            "SELECT act, 'about a', 'note', '', 1 FROM "
                            "acts_untold")
            journal.commit()
        attached.start()
        t.wait_until(forks.again.is_set, 'another hello')
        t.wait_until(lambda: forks.gets >= 3, 'it to ask anew')
        time.sleep(1)  # what would end it comes now
        t.equal(attached.process.poll(), None, attached.stderr()[-2000:])
        attached.remove()


def forgotten(number):
    """A line of somebody; of None: of whose event is below."""
    said = b'p' * 16 + b'email\0' + (
        b'jonas@alder.example' if number is None else b'%d' % number)
    return (b'{"feed":"forgotten","kind":"email","salt":"%s","hash":"%s",'
            b'"at":"2030-01-01T00:00:00.000Z"}\n' % (
                b'70' * 16, hashlib.sha256(said).hexdigest().encode()))


@t.case('however many were forgotten there, the last is forgotten here, too')
def _():
    liar = Liar(lines(
        dict(HELLO, last=2),
        event(1, person={'id': 'j', 'email': 'jonas@alder.example'}),
        event(2), *(forgotten(number) for number in range(100500)),
        forgotten(None)))
    attached = Attached(liar.port, VIEWER)
    t.wait_until(lambda: rows(attached.journal) == [2], 'one is gone',
                 6 * t.PATIENCE)
    attached.remove()
    liar.close()


if __name__ == '__main__':
    t.run()
