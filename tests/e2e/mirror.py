#!/usr/bin/env python3
"""The Slack mirror against a Slack that enforces its rules (fake_slack.py),
and one of type json: what they get, in which form, and when. What goes wrong
is mirror_faults.py."""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fake_slack  # noqa: E402
import telltale as t  # noqa: E402
from mirrors import (  # noqa: E402
    accounted, burst, config, outbox, percentiles, section, trouble_of)

LONG = int(os.environ.get('KILLS', '20')) >= 200  # ./dev long
BURST = 10000 if LONG else 2000


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
    with fake_slack.Hook() as hook, t.Telltale(config=config(
            hook.url, type='json', redact='emails')) as watch:
        address = 'maya@alderfinch.example'
        watch.post(t.body(user_email=address, distinct_id=address,
                          user_name='Maya (maya@home.example)',
                          properties={'of': address}))
        t.wait_until(lambda: hook.raw, 'the event')
        event = json.loads(hook.raw[0])
        assert 'maya' not in json.dumps(event), event
        t.equal([event['person'][key] for key in ('email', 'name', 'id')],
                ['m…@alderfinch.example', 'M…@home.example)',
                 'm…@alderfinch.example'])


@t.case('a mirror of type json gets the event in its one form, signed')
def _():
    with fake_slack.Hook() as hook:
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


@t.case('the first event opens the window, and what comes within it waits')
def _():
    with fake_slack.Hook() as hook, fake_slack.Hook() as patient, \
            t.Telltale(config=section(
                'now', hook.url, type='json', window='0s') + section(
                    'later', patient.url, type='json', window='1h')) as watch:
        t.equal(watch.post(t.body(event='first'))[0], 200)
        t.wait_until(lambda: len(hook.items()) == 1 and patient.items(),
                     'the first event at both')
        # Each is awaited where nothing holds it: time enough for the other.
        for number in range(2, 6):
            watch.post(t.body(event='event %d' % number))
            t.wait_until(lambda: len(hook.items()) == number, 'the next one')
        t.equal([item['event'] for item in patient.items()], ['first'])


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
