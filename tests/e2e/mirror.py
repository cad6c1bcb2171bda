#!/usr/bin/env python3
"""The Slack mirror against a Slack that enforces its rules (fake_slack.py):
nothing lost, nothing flooded, nothing forged, and the receiver never waits."""

import json
import os
import re
import signal
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fake_slack  # noqa: E402
import telltale as t  # noqa: E402

BURST = int(os.environ.get('MIRROR_BURST', '2000'))


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
    db = sqlite3.connect('file:%s?mode=ro' % home.journal, uri=True)
    try:
        return {state: count for state, count in db.execute(
            'SELECT state, sum(events) FROM outbox GROUP BY state')}
    finally:
        db.close()


def burst(watch, count, accounts=30):
    """Posts count events in arrays, of so many accounts; the slowest
    answer in seconds."""
    slowest = 0.0
    for first in range(0, count, 100):
        events = [json.loads(t.body(
            event='insight created',
            org_id='0000%04d-aaaa-4bbb-8ccc-dddddddddddd' % (n % accounts),
            org_name='Account %d' % (n % accounts),
            distinct_id='p%d' % (n % 7)))
            for n in range(first, min(count, first + 100))]
        began = time.monotonic()
        status, _ = watch.post(json.dumps(events).encode())
        slowest = max(slowest, time.monotonic() - began)
        t.equal(status, 200)
    return slowest


@t.case('a lone event is posted at once, with buttons that lead somewhere')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack.url)) as watch:
        t.equal(watch.post(t.fixture(
            '49_flags_experiments_wave_flag_2.json'))[0], 200)
        t.wait_until(lambda: slack.taken, 'the message')
        message = slack.taken[0]
        t.equal(message['unfurl_links'], False)
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
        slowest = burst(watch, BURST)
        t.wait_until(lambda: accounted(slack) == BURST,
                     'all events in Slack', 120)
        t.equal((slack.limited, slack.ignored, slack.hidden, slack.refused),
                (0, 0, 0, []), 'limited, ignored, hidden, refused')
        t.wait_until(lambda: not outbox(watch.home), 'an empty outbox')
        t.note('%d events in %d messages; slowest answer to a webhook of 100 '
               'events %.1f ms' % (BURST, len(slack.taken), slowest * 1e3))


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
        times.sort()
        t.note('answers while Slack hangs: median %.1f ms, slowest %.1f ms'
               % (times[150] * 1e3, times[-1] * 1e3))


@t.case('killed at any point, every event is sent or waits, once')
def _():
    with fake_slack.FakeSlack() as slack:
        home = t.Home(config(slack.url, window='50ms'))
        try:
            posted = 0
            for round_ in range(8):
                watch = t.Telltale(home=home)
                try:
                    for _ in range(40):
                        t.equal(watch.post(t.body())[0], 200)
                        posted += 1
                    if round_ % 2:
                        time.sleep(0.05 * round_)  # another point each time
                finally:
                    watch.stop(signal.SIGKILL)
            with t.Telltale(home=home):
                t.wait_until(
                    lambda: accounted(slack) + outbox(home).get('parked', 0)
                    >= posted and not set(outbox(home)) - {'parked'},
                    'everything sent', 120)
            # Only the one message whose answer was lost by a kill may have
            # come twice, and no message holds more than one round.
            again = accounted(slack) + outbox(home).get('parked', 0) - posted
            t.note('%d posted, %d accounted for in Slack, %d parked' % (
                posted, accounted(slack), outbox(home).get('parked', 0)))
            assert 0 <= again, again
            texts = [raw for raw in slack.raw]
            repeated = len(texts) - len(set(texts))
            assert repeated <= 8, repeated
        finally:
            home.remove()


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


@t.case('a mirror of type json gets the event in its one form, signed')
def _():
    taken = []

    class Hook(fake_slack.FakeSlack):
        def handle(self, handler, data):
            taken.append((dict(handler.headers), json.loads(data)))
            self._answer(handler, 200, '{}')

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
                t.wait_until(lambda: taken, 'the event')
            headers, event = taken[0]
            t.equal(event['event'], 'insight created')
            t.equal(event['account']['id'],
                    '77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8')
            assert headers['webhook-signature'].startswith('v1,'), headers
            t.equal(len(taken), 1)
        finally:
            home.remove()


@t.case('settings that cannot be are refused with file and line')
def _():
    for text, part in (
            ('[mirror a]\ntype = slack\nurl = http://x.example/\n',
             'not https'),
            ('[mirror a]\ntype = fax\n', 'config.ini:2: type is slack or'),
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
