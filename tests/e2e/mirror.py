#!/usr/bin/env python3
"""The Slack mirror against a Slack that enforces its rules (fake_slack.py):
nothing lost, nothing flooded, nothing forged, and the receiver never waits."""

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

LONG = int(os.environ.get('KILLS', '20')) >= 200  # ./dev long
BURST = 10000 if LONG else 2000


def config(url, **settings):
    keys = {'type': 'slack', 'url': url, 'allow_http': 'yes',
            'window': '200ms', 'backoff_max': '500ms'}
    keys.update(settings)
    return '[mirror team]\n' + ''.join(
        '%s = %s\n' % item for item in keys.items())


def counted(message):
    """How many events a message speaks of."""
    total = 0
    for block in message['blocks']:
        if block['type'] != 'section':
            continue
        text = block['text']['text']
        digest = re.match(r'\*(\d+) events? from ', text)
        rest = re.match(r'_and (\d+) events? of other accounts_', text)
        group = re.match(r'\*[^\n]*\* · (\d+) events?', text)
        if rest:
            total += int(rest.group(1))
        elif group:
            total += int(group.group(1))
        elif not digest:
            total += 1
    return total


def accounted(slack):
    return sum(counted(message) for message in slack.taken)


def outbox(home):
    """Events that wait, and that are parked."""
    return dict(home.select(
        'SELECT state, sum(events) FROM outbox GROUP BY state'))


def percentiles(seconds):
    seconds = sorted(seconds)
    return ', '.join(
        '%s %.1f ms' % (name, seconds[min(len(seconds) - 1,
                                          int(len(seconds) * part))] * 1e3)
        for name, part in (('median', .5), ('p99', .99), ('slowest', 1)))


def tells_no_secret(watch):
    """Neither what is logged nor what is kept has the address in it."""
    secret = fake_slack.SECRET
    assert secret not in watch.stderr(), watch.stderr()
    with open(watch.home.journal, 'rb') as file:
        assert secret.encode() not in file.read()


def trouble_of(watch):
    """What the last attempts met, as the outbox has it."""
    return ' '.join(error for error, in watch.home.select(
        'SELECT error FROM outbox WHERE error IS NOT NULL'))


def burst(watch, count, accounts=30):
    """Posts count events in arrays, of so many accounts; how long each
    answer took, in seconds."""
    times = []
    for first in range(0, count, 100):
        events = [json.loads(t.body(
            event='insight created',
            org_id='0000%04d-aaaa-4bbb-8ccc-dddddddddddd' % (n % accounts),
            org_name='Account %d' % (n % accounts),
            distinct_id='p%d' % (n % 7)))
            for n in range(first, min(count, first + 100))]
        began = time.monotonic()
        status, _ = watch.post(json.dumps(events).encode())
        times.append(time.monotonic() - began)
        t.equal(status, 200)
    return times


@t.case('a lone event is posted at once, with buttons that lead somewhere')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack.url)) as watch:
        t.equal(watch.post(t.fixture(
            '49_flags_experiments_wave_flag_2.json'))[0], 200)
        t.wait_until(lambda: slack.taken, 'the message')
        message = slack.taken[0]
        t.equal(message['unfurl_links'], False)
        t.equal(message['unfurl_media'], False)
        assert 'Borealis Freight' in message['text'], message
        assert 'created a feature flag' in slack.text(), message
        buttons = {element['text']['text']: element['url']
                   for element in message['blocks'][1]['elements']}
        assert '/replay/' in buttons['Replay'], buttons
        assert '/person/' in buttons['Person'], buttons
        assert '/groups/0/' in buttons['Account'], buttons


@t.case('an event from a server has no replay button')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack.url)) as watch:
        watch.post(t.fixture('37_billing_invoice_payment_failed.json'))
        t.wait_until(lambda: slack.taken, 'the message')
        assert 'had a payment fail' in slack.text()
        assert ':red_circle:' in slack.text()
        assert 'Replay' not in json.dumps(slack.taken)


@t.case('no name can mention a channel, forge a link or format')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack.url)) as watch:
        watch.post(t.fixture('hard_markup.json'))
        watch.post(t.body(org_name='<!channel> *bold* `code`',
                          user_name='<https://evil.example|Ann> & co'))
        t.wait_until(lambda: accounted(slack) == 2, 'both events')
        for raw in slack.raw:
            text = raw.decode()
            assert '<!' not in text and '<@' not in text, text
            assert '<https://evil' not in text, text
            assert '*bold*' not in text, text


@t.case('a burst is folded: every event accounted for, no rule broken')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack.url)) as watch:
        times = burst(watch, BURST)
        t.wait_until(lambda: accounted(slack) == BURST,
                     'all events in Slack', 120)
        t.equal((slack.limited, slack.ignored, slack.hidden, slack.refused),
                (0, 0, 0, []), 'limited, ignored, hidden, refused')
        t.wait_until(lambda: not outbox(watch.home), 'an empty outbox')
        t.note('%d events in %d messages; answers to webhooks of 100 events: '
               '%s' % (BURST, len(slack.taken), percentiles(times)))


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


def bot(url, **settings):
    return config(url, token_env='BOT_TOKEN', channel='#accounts',
                  **settings)


@t.case('a bot posts to its channel, and is judged by what it is told')
def _():
    with fake_slack.FakeSlack() as slack:
        home = t.Home(bot(slack.url), BOT_TOKEN='xoxb-fixture-token')
        try:
            with t.Telltale(home=home) as watch:
                slack.mode = 'bot:ratelimited'
                watch.post(t.body())
                t.wait_until(lambda: 'ratelimited' in trouble_of(watch),
                             'a retry')
                slack.mode = 'bot'
                t.wait_until(lambda: accounted(slack) == 1, 'the message')
                t.equal(slack.taken[0]['channel'], '#accounts')
                t.equal(slack.headers[0]['Authorization'],
                        'Bearer xoxb-fixture-token')
                slack.mode = 'bot:invalid_blocks'
                watch.post(t.body())
                t.wait_until(lambda: outbox(home).get('parked') == 1,
                             'a parked message')
                slack.mode = 'bot:not_in_channel'
                watch.post(t.body())
                t.wait_until(lambda: 'not_in_channel' in watch.stderr(),
                             'the reason')
                assert 'xoxb-' not in watch.stderr()
        finally:
            home.remove()


@t.case('check --mirror sends a test, or says why not with exit 4')
def _():
    with fake_slack.FakeSlack() as slack:
        home = t.Home(config(slack.url))
        try:
            done = home.run('check', '--mirror', 'team', '--dry-run')
            t.equal(done.returncode, 0, done.stderr)
            t.equal(fake_slack.block_errors(json.loads(done.stdout)), None)
            assert 'sent a test' in done.stdout, done.stdout
            with t.Telltale('--no-mirrors', home=home) as watch:
                watch.post(t.body(org_name='Alder & Finch Labs'))
                done = home.run('check', '--mirror', 'team', '--dry-run')
            t.equal(fake_slack.block_errors(json.loads(done.stdout)), None)
            assert 'Alder &amp; Finch Labs' in done.stdout, done.stdout
            t.equal(slack.seen, 0)
            done = home.run('check', '--mirror', 'team')
            t.equal(done.returncode, 0, done.stderr)
            t.equal(len(slack.taken), 1)
            for mode, part in (('gone', '404 no_service'),
                               ('refuse', '400 invalid_payload'),
                               ('moved', '302')):
                slack.mode = mode
                done = home.run('check', '--mirror', 'team')
                t.equal(done.returncode, 4, mode)
                assert part in done.stderr, done.stderr
                assert fake_slack.SECRET not in done.stderr, done.stderr
            t.equal(home.run('check', '--mirror', 'nobody').returncode, 3)
        finally:
            home.remove()


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


class Hook(fake_slack.FakeSlack):
    """Anything with a URL: remembers every body."""

    def handle(self, handler, data):
        with self.lock:
            self.raw.append(data)
            self.headers.append(dict(handler.headers))
        self._answer(handler, 200, '{}')

    def events(self, bodies):
        for data in bodies:
            event = json.loads(data)
            yield from event if isinstance(event, list) else [event]


@t.case('killed at any point: only what was under way may come twice')
def _():
    kills = 30 if LONG else 8
    with Hook() as hook:
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
                                  hook.events(list(hook.raw))}) +
                             outbox(home).get('parked', 0) >= len(posted),
                             'everything sent', 4 * t.PATIENCE)
            # What came twice is the same message again, one a kill at most,
            # and no event is in two different messages.
            different = set(hook.raw)
            once = [event['uuid'] for event in hook.events(different)]
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


def held_until(clocks, **settings):
    """Posts three events at the first time of the day, starts again at the
    second: the text that is sent then."""
    with fake_slack.FakeSlack() as slack:
        home = t.Home(config(slack.url, **settings))
        try:
            home.env['TELLTALE_CLOCK'] = clocks[0]
            with t.Telltale(home=home) as watch:
                for count in range(1, 4):
                    watch.post(t.body())
                    t.wait_until(lambda: outbox(home) == {'waiting': count},
                                 'the event held')
            t.equal(slack.taken, [])
            home.env['TELLTALE_CLOCK'] = clocks[1]
            with t.Telltale(home=home):
                t.wait_until(lambda: slack.taken, 'what was held')
            t.equal(len(slack.taken), 1)
            return slack.text()
        finally:
            home.remove()


@t.case('the digest comes once, at its time, as a report')
def _():
    text = held_until(('2026-09-14T17:10:00Z', '2026-09-14T17:30:01Z'),
                      digest='17:30')
    assert text.startswith('*Sun 13 Sep 17:30 to Mon 14 Sep 17:30*\n1 of 1 '
                           'account active: 3 events by 1 person'), text


@t.case('quiet hours end with one message')
def _():
    text = held_until(('2026-09-14T23:10:00Z', '2026-09-15T08:00:01Z'),
                      quiet_hours='19:00-08:00')
    assert text.startswith('*3 events from 1 account*, Mon 14 Sep'), text


@t.case('quiet hours hold everything but what is urgent')
def _():
    quiet = '00:00-23:59'
    with fake_slack.FakeSlack() as slack, t.Telltale(
            config=config(slack.url, quiet_hours=quiet, bypass='tone:bad'),
            TELLTALE_CLOCK='2026-09-14T10:00:00Z') as watch:
        watch.post(t.body())
        watch.post(t.fixture('37_billing_invoice_payment_failed.json'))
        t.wait_until(lambda: slack.taken, 'the urgent one')
        t.wait_until(lambda: outbox(watch.home) == {'waiting': 1},
                     'the other one held')
        t.equal(len(slack.taken), 1)
        assert 'payment fail' in slack.text()


@t.case('people are masked where the mirror says so')
def _():
    with fake_slack.FakeSlack() as slack, t.Telltale(
            config=config(slack.url, redact='emails')) as watch:
        watch.post(t.body(user_name=None))
        t.wait_until(lambda: slack.taken, 'the message')
        text = json.dumps(slack.taken, ensure_ascii=False)
        assert 'maya@' not in text, text
        assert 'm…@alderfinch.example' in text, text


@t.case('one of type json masks addresses wherever a person has one')
def _():
    with Hook() as hook, t.Telltale(config=config(
            hook.url, type='json', redact='emails')) as watch:
        address = 'maya@alderfinch.example'
        watch.post(t.body(user_email=address, user_name='Maya (maya@home.example)',
                          distinct_id=address, properties={'of': address}))
        t.wait_until(lambda: hook.raw, 'the event')
        event = json.loads(hook.raw[0])
        assert 'maya' not in json.dumps(event), event
        t.equal([event['person'][key] for key in ('email', 'name', 'id')],
                ['m…@alderfinch.example', 'M…@home.example)',
                 'm…@alderfinch.example'])


@t.case('a mirror of type json gets the event in its one form, signed')
def _():
    with Hook() as hook:
        home = t.Home(config(
            hook.url, type='json', query='category:analytics',
            signing_secret_env='HOOK_SECRET'),
            HOOK_SECRET='whsec_cG9zdGhvZy1hY3Rpdml0eS1maXh0dXJlLXNlY3JldCE=')
        try:
            with t.Telltale(home=home) as watch:
                watch.post(t.fixture(
                    '37_billing_invoice_payment_failed.json'))
                watch.post(t.fixture(
                    '01_product_analytics_insight_created.json'))
                t.wait_until(lambda: hook.raw, 'the event')
            headers, event = hook.headers[0], json.loads(hook.raw[0])
            t.equal(event['event'], 'insight created')
            t.equal(event['account']['id'],
                    '77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8')
            assert headers['webhook-signature'].startswith('v1,'), headers
            assert headers['webhook-id'].startswith('msg_'), headers
            t.equal(len(hook.raw), 1)
        finally:
            home.remove()


class Mute:
    """Something that takes a request and answers without a word of HTTP."""

    def __init__(self):
        self.asked = 0
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.url = 'http://127.0.0.1:%d/' % self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            with client:
                client.recv(65536)
                self.asked += 1
                client.sendall(b'taken, thank you\r\n')

    def close(self):
        self.socket.close()


@t.case('an answer that is no HTTP leaves it in doubt, then parked, and why')
def _():
    mute = Mute()
    home = t.Home(config(mute.url, type='json'))
    with t.Telltale(home=home) as watch:
        t.equal(watch.post(t.body())[0], 200)
        t.wait_until(lambda: outbox(home).get('parked'), 'it to be parked')
    t.equal((mute.asked, outbox(home)), (2, {'parked': 1}))
    database = sqlite3.connect(home.journal)
    why, = database.execute('SELECT error FROM outbox').fetchone()
    database.close()
    t.equal(why, '127.0.0.1: what answers there does not speak HTTP')
    mute.close()
    home.remove()


@t.case('settings that cannot be are refused with file and line')
def _():
    for text, part in (
            ('[mirror a]\ntype = slack\nurl = http://x.example/\n',
             'not https'),
            ('[mirror a]\ntype = fax\n', 'config.ini:2: type is slack'),
            ('[mirror a]\nurl = https://x.example/\nquery = age<\n',
             'config.ini:3: column'),
            ('[mirror a]\nurl = https://x.example/\ncolour = red\n',
             'config.ini:3: ')):
        home = t.Home(text)
        done = home.run('watch', '--listen', '127.0.0.1:0')
        t.equal(done.returncode, 3, done.stderr)
        assert part in done.stderr, done.stderr
        home.remove()


t.run()
