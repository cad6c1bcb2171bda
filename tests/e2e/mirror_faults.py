#!/usr/bin/env python3
"""Mirrors whose other side is away, slow, gone or not what it should be, and
receivers that are killed: nothing lost, nothing flooded, and the receiver
never waits."""

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import ssl
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fake_slack  # noqa: E402
import telltale as t  # noqa: E402
from mirrors import (  # noqa: E402
    accounted, burst, config, outbox, percentiles, section, tells_no_secret,
    trouble_of)
from terminal_board import Board  # noqa: E402

VIEWER = 'viewer'
NOBODY = 'http://127.0.0.1:9/'
LONG = int(os.environ.get('KILLS', '20')) >= 200  # ./dev long


def state_of(home):
    return [state for state, in home.select('SELECT state FROM mirrors')]


@t.case('an outage loses nothing and is caught up with by digest')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack.url)) as watch:
        slack.mode = 'down'
        burst(watch, 1000)
        t.wait_until(lambda: sum(outbox(watch.home).values()) == 1000,
                     'all events in the outbox')
        t.equal(slack.taken, [])
        slack.mode = 'ok'
        t.wait_until(lambda: accounted(slack) == 1000,
                     'all events in Slack', 60)
        t.equal((slack.ignored, slack.refused), (0, []))
        assert len(slack.taken) < 12, len(slack.taken)
        t.note('1000 events of an outage in %d messages' % len(slack.taken))


@t.case('what a clock that was wrong put off is sent when it is right again')
def _():
    with fake_slack.FakeSlack() as slack:
        home = t.Home(config(slack.url, backoff_max='5m'))
        try:
            for sent, clock in enumerate(('2031-01-01T10:00:00Z',
                                          '2026-09-14T18:00:00Z')):
                slack.mode = 'down'
                home.env['TELLTALE_CLOCK'] = clock
                with t.Telltale(home=home) as watch:
                    burst(watch, 1)
                    t.wait_until(lambda: home.select(
                        'SELECT count(*) FROM outbox WHERE error IS NOT NULL'
                        ) == [(1,)], 'a message that is to be sent again')
                slack.mode = 'ok'
                home.env['TELLTALE_CLOCK'] = '2026-09-14T10:00:00Z'
                with t.Telltale(home=home):
                    t.wait_until(lambda: accounted(slack) == sent + 1,
                                 'the event in Slack')
                    t.wait_until(lambda: not outbox(home), 'an empty outbox')
        finally:
            home.remove()


@t.case('ten minutes of outage and a restart lose nothing, and flood nothing')
def _():
    with fake_slack.FakeSlack() as slack:
        home = t.Home(config(slack.url, backoff_max='5m'))
        try:
            slack.mode = 'down'
            for clock in ('2026-09-14T10:00:00Z', '2026-09-14T10:05:00Z'):
                home.env['TELLTALE_CLOCK'] = clock
                with t.Telltale(home=home) as watch:
                    before = sum(outbox(home).values())
                    burst(watch, 300)
                    t.wait_until(lambda: sum(outbox(home).values()) ==
                                 before + 300, 'all events in the outbox')
            slack.mode = 'ok'
            home.env['TELLTALE_CLOCK'] = '2026-09-14T10:10:00Z'
            with t.Telltale(home=home):
                t.wait_until(lambda: accounted(slack) == 600,
                             'all events in Slack')
                t.wait_until(lambda: not outbox(home), 'an empty outbox')
            t.equal((slack.limited, slack.hidden, slack.refused), (0, 0, []))
            assert len(slack.taken) < 8, len(slack.taken)
        finally:
            home.remove()


@t.case('a 429 is obeyed for as long as it says')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack.url)) as watch:
        slack._tokens = 0.0
        slack._last = time.monotonic() + 0.5
        watch.post(t.body())
        t.wait_until(lambda: accounted(slack) == 1, 'the message')
        assert slack.limited >= 1
        t.equal(slack.ignored, 0)


@t.case('a gone channel switches the mirror off, and says so')
def _():
    with fake_slack.FakeSlack() as slack:
        home = t.Home(config(slack.url))
        try:
            slack.mode = 'gone'
            with t.Telltale(home=home) as watch:
                watch.post(t.body())
                t.wait_until(lambda: 'no_service' in watch.stderr(),
                             'the reason')
                t.equal(watch.post(t.body())[0], 200)
            slack.mode = 'ok'
            db = sqlite3.connect(home.journal)
            state, reason = db.execute(
                'SELECT state, reason FROM mirrors').fetchone()
            db.close()
            t.equal(state, 'off')
            assert '404' in reason, reason
            with t.Telltale(home=home) as watch:
                watch.post(t.body())
            t.equal(slack.taken, [])
            t.equal(sum(outbox(home).values()), 1)
        finally:
            home.remove()


def told(home, *words):
    done = home.run('mirrors', *words)
    t.equal(done.returncode, 0, done.stderr)
    return done.stdout


@t.case('one that is off is resumed without a screen, and paused')
def _():
    with fake_slack.FakeSlack() as slack, t.Telltale(
            command='serve', config=config(slack.url)) as serve:
        home = serve.home
        slack.mode = 'gone'
        serve.post(t.body())
        t.wait_until(lambda: 'telltale mirrors resume team' in
                     serve.stderr(), 'the way out, in the log')
        t.wait_until(lambda: ' off ' in home.run('mirrors').stdout,
                     'the state')
        assert 'no_service' in home.run('mirrors', 'list').stdout
        assert ('telltale mirrors resume team' in
                home.check().stdout), home.check().stdout
        t.equal(home.run('mirrors', 'pause', 'team').returncode, 1)
        slack.mode = 'ok'
        t.equal(told(home, 'resume', 'team'),
                'team resumed: 1 event to be sent\n')
        t.wait_until(lambda: accounted(slack) == 1, 'what waited')
        t.equal(told(home, 'pause', 'team'),
                'team paused: what would be sent waits\n')
        t.wait_until(lambda: state_of(home) == ['paused'], 'a pause')
        serve.post(t.body())
        assert re.match('team +paused +1 event sent, 0 wait, 0 parked, '
                        '1 not looked at$', told(home)), told(home)
        assert ('team is paused, 0 events wait, 1 are not looked at: ' in
                home.check().stdout), home.check().stdout
        t.equal(told(home, 'resume', 'team'),
                'team resumed: 0 events to be sent, 1 to be looked at\n')
        t.wait_until(lambda: accounted(slack) == 2, 'what came meanwhile')


def unread(running):
    return running.health(VIEWER)[1]['mirrors'][0]['unread']


@t.case('what a paused one has not looked at is told wherever it is asked: by '
        '/healthz, on the board, by mirrors, also after a start')
def _():
    home = t.Home(section('one', NOBODY), TELLTALE_VIEWER_TOKEN=VIEWER)
    try:
        with t.Telltale(command='serve', home=home) as serve:
            t.equal(serve.post(t.body())[0], 200)
            t.wait_until(lambda: sum(outbox(home).values()) == 1, 'a plan')
            told(home, 'pause', 'one')
            t.equal(unread(serve), 0)
            for count in (1, 2):
                t.equal(serve.post(t.body())[0], 200)
                t.wait_until(lambda: unread(serve) == count, 'the count')
            assert ', 2 not looked at' in told(home), told(home)
        with t.Telltale(command='serve', home=home) as serve:
            t.wait_until(lambda: unread(serve) == 2, 'the count')
            t.equal(serve.post(t.body())[0], 200)
            t.wait_until(lambda: unread(serve) == 3, 'what came since')
        board = Board(home, 'watch', '--listen', '127.0.0.1:0')
        try:
            board.keys(':mirrors\r')
            board.wait_for('3 not looked at')
            told(home, 'resume', 'one')
            t.wait_until(lambda: sum(outbox(home).values()) == 4,
                         'what waited')
        finally:
            board.close()
    finally:
        home.remove()


def change(home, sql):
    """By another program."""
    with contextlib.closing(sqlite3.connect(home.journal, timeout=20)) as db:
        db.execute(sql)
        db.commit()


@t.case('what waits for a paused one waits in the journal, also where that '
        'cannot say at once that it is paused')
def _():
    with fake_slack.FakeSlack() as slack:
        home = t.Home(config(slack.url))
        try:
            with t.Telltale(command='serve', home=home) as serve:
                told(home, 'pause', 'team')
                t.equal(serve.post(t.body())[0], 200)
            change(home, 'CREATE TRIGGER no_room BEFORE INSERT ON mirrors '
                         "BEGIN SELECT raise(ABORT, 'there is no room'); END")
            with t.Telltale(command='serve', home=home) as serve:
                t.wait_until(lambda: 'there is no room' in serve.stderr(),
                             'what is in the way')
                change(home, 'DROP TRIGGER no_room')
                t.wait_until(lambda: not home.run(
                    'mirrors', 'pause', 'team').returncode, 'the state')
                t.equal(outbox(home), {})
                t.equal(told(home, 'resume', 'team'),
                        'team resumed: 0 events to be sent, '
                        '1 to be looked at\n')
                t.wait_until(lambda: accounted(slack) == 1, 'what waited')
        finally:
            home.remove()


@t.case('a resumed one reads its address again from its file')
def _():
    with fake_slack.FakeSlack() as old, fake_slack.FakeSlack() as new:
        home = t.Home(config('', url_file='~/slack-url').replace('url = \n',
                                                                 ''))

        def write(text, mode=0o600):
            home.write('slack-url', text + '\n')
            os.chmod(home.path + '/slack-url', mode)

        try:
            write(old.url)
            old.mode = 'gone'
            with t.Telltale(command='serve', home=home) as serve:
                serve.post(t.body())
                t.wait_until(lambda: state_of(home) == ['off'], 'the state')
                seen = old.seen
                for bad in ((new.url, 0o644), ('ftp://nowhere', 0o600)):
                    write(*bad)
                    refused = home.run('mirrors', 'resume', 'team')
                    t.equal(refused.returncode, 1)
                    assert 'slack-url' in refused.stderr or \
                        'https' in refused.stderr, refused.stderr
                    t.equal(state_of(home), ['off'])
                write(new.url)
                t.equal(home.run('mirrors', 'resume', 'team').returncode, 0)
                t.wait_until(lambda: accounted(new) == 1, 'what waited')
                t.equal(old.seen, seen)
        finally:
            home.remove()


@t.case('where nobody owns the journal, it is written there')
def _():
    with fake_slack.FakeSlack() as slack:
        home = t.Home(config(slack.url))
        try:
            with t.Telltale(command='serve', home=home) as serve:
                slack.mode = 'gone'
                serve.post(t.body())
                t.wait_until(lambda: state_of(home) == ['off'], 'the state')
            slack.mode = 'ok'
            for words in (['resume', 'nobody'], ['resume'], ['list', 'team']):
                t.equal(home.run('mirrors', *words).returncode, 2, words)
            t.equal(told(home, 'resume', 'team'),
                    'team resumed: 1 event to be sent\n')
            t.equal(state_of(home), ['on'])
            with t.Telltale(command='serve', home=home):
                t.wait_until(lambda: accounted(slack) == 1, 'what waited')
        finally:
            home.remove()


@t.case('what the settings have and what the journal has of them is told')
def _():
    home = t.Home('')
    try:
        with t.Telltale(command='serve', home=home):
            pass
        assert 'no mirrors yet: a [mirror NAME] of the settings is listed ' \
            'once telltale has started with it' in told(home), told(home)
        home.write('config/telltale/config.ini', config('http://127.0.0.1:1/'))
        done = home.run('mirrors', 'pause', 'team')
        t.equal(done.returncode, 2)
        assert 'once telltale has started with it' in done.stderr, done.stderr
        with t.Telltale(command='serve', home=home):
            pass
        assert re.match('team +on +0 events sent', told(home)), told(home)
        home.write('config/telltale/config.ini', '')
        assert re.match('team +not in the settings +0 events sent',
                        told(home)), told(home)
        done = home.run('mirrors', 'pause', 'tema')
        assert 'there is no mirror "tema"' in done.stderr, done.stderr
    finally:
        home.remove()


@t.case('a journal whose mirrors cannot be read is not one without any')
def _():
    home = t.Home(config('http://127.0.0.1:1/'))
    try:
        with t.Telltale(command='serve', home=home):
            pass
        db = sqlite3.connect(home.journal)
        db.execute('ALTER TABLE mirrors RENAME TO elsewhere')
        db.commit()
        db.close()
        for words in ([], ['pause', 'team']):
            done = home.run('mirrors', *words)
            t.equal(done.returncode, 1, done.stdout)
            assert 'no such table: mirrors' in done.stderr, done.stderr
        done = home.check()
        assert '! ' in done.stdout and \
            'no such table: mirrors' in done.stdout, done.stdout
    finally:
        home.remove()


@t.case('a refused message is parked, the next ones go on')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack.url)) as watch:
        slack.mode = 'refuse'
        watch.post(t.body())
        t.wait_until(lambda: outbox(watch.home).get('parked') == 1,
                     'a parked message')
        slack.mode = 'ok'
        watch.post(t.body())
        t.wait_until(lambda: accounted(slack) == 1, 'the next message')
        t.wait_until(lambda: outbox(watch.home) == {'parked': 1},
                     'only the parked one left')


@t.case('a lost answer sends that one message once more, then parks it')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack.url)) as watch:
        slack.mode = 'drop'
        watch.post(t.body())
        t.wait_until(lambda: outbox(watch.home).get('parked') == 1,
                     'a parked message', 60)
        t.equal(slack.dropped, 2)


@t.case('nor is it sent a third time where a kept connection broke')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack.url)) as watch:
        watch.post(t.body())
        t.wait_until(lambda: slack.taken, 'the first message')
        slack.mode = 'drop'
        watch.post(t.body())
        t.wait_until(lambda: outbox(watch.home).get('parked') == 1,
                     'a parked message')
        t.equal(slack.dropped, 2)


@t.case('catch_up = all sends what an outage held, message by message')
def _():
    with fake_slack.FakeSlack() as slack, t.Telltale(config=config(
            slack.url, catch_up='all', window='50ms')) as watch:
        slack.mode = 'down'
        for count in range(1, 6):
            watch.post(t.body())
            t.wait_until(lambda: sum(outbox(watch.home).values()) == count,
                         'the event in the outbox')
        slack.mode = 'ok'
        t.wait_until(lambda: accounted(slack) == 5, 'all events in Slack')
        t.equal(len(slack.taken), 5)


@t.case('a redirect is not followed')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack.url)) as watch:
        slack.mode = 'moved'
        watch.post(t.body())
        t.wait_until(lambda: 'it answered 302' in watch.stderr(),
                     'the reason')
        t.equal((slack.seen, slack.followed), (1, 0))
        tells_no_secret(watch)


def self_signed(folder):
    """A TLS context that nobody trusts; None: no openssl command here."""
    paths = t.certificate(folder, '127.0.0.1')
    if not paths:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*paths)
    return context


@t.case('a certificate that is not trusted gets nothing')
def _():
    with tempfile.TemporaryDirectory() as folder:
        context = self_signed(folder)
        if not context:
            return
        with fake_slack.FakeSlack(context) as slack, \
                t.Telltale(config=config(slack.url)) as watch:
            watch.post(t.body())
            t.wait_until(lambda: 'certificate is not trusted'
                         in trouble_of(watch), 'the reason')
            t.equal(slack.seen, 0)
            t.equal(outbox(watch.home), {'waiting': 1})
            tells_no_secret(watch)


@t.case('a hung Slack does not delay a webhook')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack.url)) as watch:
        slack.mode = 'hang'
        watch.post(t.body())
        times = []
        for _ in range(300):
            began = time.monotonic()
            t.equal(watch.post(t.body())[0], 200)
            times.append(time.monotonic() - began)
        t.note('answers while Slack hangs: ' + percentiles(times))


@t.case('an answer that does not come in time leaves the message in doubt')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack.url, timeout='300ms')) as watch:
        slack.mode = 'hang'
        watch.post(t.body())
        t.wait_until(lambda: outbox(watch.home).get('parked') == 1,
                     'a parked message')
        t.equal(slack.seen, 2)
        assert 'no answer in time' in trouble_of(watch), trouble_of(watch)
        tells_no_secret(watch)


@t.case('killed at any point: only what was under way may come twice')
def _():
    kills = 30 if LONG else 8
    with fake_slack.Hook() as hook:
        # An answer that is late because the machine is busy is no kill.
        home = t.Home(config(hook.url, type='json', window='20ms',
                             timeout='60s'))
        try:
            posted = set()
            for round_ in range(kills):
                watch = t.Telltale(home=home)
                try:
                    for _ in range(25):
                        data = t.body()
                        t.equal(watch.post(data)[0], 200)
                        posted.add(json.loads(data)['uuid'])
                    if round_ % 2:
                        time.sleep(0.01 * round_)  # another point each time
                finally:
                    watch.stop(signal.SIGKILL)
            with t.Telltale(home=home):
                t.wait_until(lambda: not set(outbox(home)) - {'parked'} and
                             len({event['uuid'] for event in
                                  hook.items()}) +
                             outbox(home).get('parked', 0) >= len(posted),
                             'everything sent', 4 * t.PATIENCE)
            # What came twice is the same message again, one a kill at most,
            # and no event is in two different messages.
            different = set(hook.raw)
            once = [event['uuid'] for event in hook.items(different)]
            t.equal(len(once), len(set(once)), 'events in two messages')
            again = len(hook.raw) - len(different)
            parked = outbox(home).get('parked', 0)
            t.note('%d events, %d messages, %d of them twice, %d events '
                   'parked' % (len(posted), len(different), again, parked))
            t.row('fault', case='%d kill -9, as a JSON mirror has it' % kills,
                  sent=len(posted), acknowledged=len(posted),
                  kept=len(set(once)) + parked,
                  doubled=len(once) - len(set(once)),
                  lost=max(0, len(posted - set(once)) - parked))
            assert again <= kills, again
            assert set(once) <= posted
            assert len(posted - set(once)) <= parked, (posted - set(once))
            ids = {}
            for raw, headers in zip(hook.raw, hook.headers):
                ids.setdefault(raw, set()).add(headers.get('webhook-id'))
            assert all(len(same) == 1 for same in ids.values())
        finally:
            home.remove()


class Odd:
    """Something that takes a request and answers what no server would: these
    bytes, the last of them without end."""

    def __init__(self, answer, endless=b''):
        self.asked, self.answer, self.endless = 0, answer, endless
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.url = 'http://127.0.0.1:%d/' % self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):
                client.recv(65536)
                self.asked += 1
                client.sendall(self.answer)
                while self.endless:
                    client.sendall(self.endless)

    def close(self):
        self.socket.close()


@t.case('an answer that is none leaves it in doubt, then parked, and why')
def _():
    no_http = '127.0.0.1: what answers there does not speak HTTP'
    for odd, words in (
            (Odd(b'taken, thank you\r\n'), no_http),
            (Odd(b'HTTP/1.1 200 ', b'x' * 65536), no_http),
            (Odd(b'HTTP/1.1 200 OK\r\n\r\n', b'x' * (1 << 20)),
             '127.0.0.1: its answer is too long')):
        home = t.Home(config(odd.url, type='json'))
        with t.Telltale(home=home) as watch:
            t.equal(watch.post(t.body())[0], 200)
            t.wait_until(lambda: outbox(home).get('parked'),
                         'it to be parked')
        t.equal((odd.asked, outbox(home)), (2, {'parked': 1}))
        t.equal(t.select(home.journal, 'SELECT error FROM outbox'),
                [(words,)])
        odd.close()
        home.remove()


@t.case('a board says how many mirrors are in trouble, and of an event for '
        'them that it was handed over')
def _():
    home = t.Home(section('one', NOBODY) + section('two', NOBODY,
                                                   type='json'))
    with t.Telltale(home=home) as watch:
        t.equal(watch.post(t.body())[0], 200)
    board = Board(home, 'watch', '--listen', '127.0.0.1:0')
    try:
        board.wait_for(' +1')
        board.keys(':send\r')
        board.wait_for('2 mirrors. :mirrors shows what waits.')
    finally:
        board.close()
        home.remove()


t.run()
