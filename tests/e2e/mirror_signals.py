#!/usr/bin/env python3
"""Mirrors whose query asks for signals: each signal is told once, with its
reason, to whom asked for it."""

import json
import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fake_slack  # noqa: E402
import mirrors  # noqa: E402
import telltale as t  # noqa: E402

LONG = int(os.environ.get('KILLS', '20')) >= 200  # ./dev long
FAILED = 'billing invoice payment failed'
BILL = dict(properties={'total_usd': 742.13})
WATCHING = re.compile('saw|notic|looks like|activity|watch', re.I)


def section(name, url, query, **settings):
    return mirrors.section(name, url, query=query,
                           **dict({'type': 'json'}, **settings))


def fail_payment(serve, account=0, **fields):
    """One billing signal of an account."""
    if account:
        fields.update(org_id='%08d-aaaa-4bbb-8ccc-dddddddddddd' % account,
                      org_name='Account %d' % account)
    t.equal(serve.post(t.body(FAILED, **BILL, **fields))[0], 200)


def signals(home):
    done = home.run('signals', '--json', '--all')
    t.equal(done.returncode, 0, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


@t.case('Slack gets a signal with its reason and an opener, and nothing else')
def _():
    with fake_slack.FakeSlack() as slack, t.Telltale(config=section(
            'team', slack.url, 'signal:billing', type='slack')) as serve:
        serve.post(t.body())
        fail_payment(serve)
        t.wait_until(lambda: slack.taken, 'the message')
        text = slack.text()
        lines = text.split('\n')
        assert lines[0].startswith('*billing · Alder &amp; Finch Labs'), text
        assert lines[1].startswith(':red_circle: had a payment fail'), text
        assert lines[2].startswith('_To say:_ '), text
        t.equal(len(lines), 3)
        assert not WATCHING.search(text), text
        assert slack.taken[0]['text'].startswith(
            'billing · Alder &amp; Finch Labs: '), slack.taken
        fail_payment(serve, 2)
        t.wait_until(lambda: len(slack.taken) == 2, 'the second')
        assert 'created' not in slack.text()


@t.case('a rule for signals sends the signal, and an event that it rests on '
        'does not go along')
def _():
    rule = '[rule money]\nquery = signal:billing\ndo = mirror %s\n'
    for kind, hook in (('slack', fake_slack.FakeSlack()),
                       ('json', fake_slack.Hook())):
        with hook, t.Telltale(config=section(
                'team', hook.url, 'account:nobody', type=kind) +
                rule % 'team') as serve:
            fail_payment(serve)
            t.wait_until(lambda hook=hook: hook.raw, 'the message')
            t.wait_until(lambda serve=serve: not serve.home.select(
                'SELECT 1 FROM outbox'), 'nothing to wait')
            t.equal(len(hook.raw), 1)
            if kind == 'json':
                t.equal(hook.items(), signals(serve.home))
            else:
                assert hook.text().startswith('*billing · '), hook.text()


@t.case('who asks gets signals, in the one JSON form; who does not, none')
def _():
    queries = {'all': 'signal:*', 'billing': 'signal:billing tone:bad',
               'quiet': 'signal:quiet', 'events': 'category:billing',
               'both': 'category:billing | signal:*'}
    hooks = {name: fake_slack.Hook() for name in queries}
    try:
        with t.Telltale(config=''.join(
                section(name, hooks[name].url, query)
                for name, query in queries.items())) as serve:
            fail_payment(serve)
            t.wait_until(lambda: all(
                len(list(hooks[name].items())) == count
                for name, count in (('all', 1), ('billing', 1),
                                    ('events', 1), ('both', 2))),
                'each what it asked for')
            wanted = signals(serve.home)
            event = serve.home.tail()[0]['uuid']
            t.equal(list(hooks['all'].items()), wanted)
            t.equal(list(hooks['billing'].items()), wanted)
            t.equal([item['uuid'] for item in hooks['events'].items()],
                    [event])
            t.equal({item.get('uuid', item.get('kind'))
                     for item in hooks['both'].items()}, {event, 'billing'})
            t.wait_until(lambda: not serve.home.select(
                'SELECT 1 FROM outbox'), 'an empty outbox')
            t.equal(hooks['quiet'].items(), [])
            t.equal(serve.home.select("SELECT seq FROM cursors WHERE reader "
                                      "= 'signals to quiet'"), [(1,)])
    finally:
        for hook in hooks.values():
            hook.close()


@t.case('a mirror begins with the signals of its own time')
def _():
    with fake_slack.Hook() as hook:
        home = t.Home()
        try:
            with t.Telltale(home=home) as serve:
                fail_payment(serve, 1)
                t.wait_until(lambda: signals(home), 'the signal')
            home.write('config/telltale/config.ini',
                       section('team', hook.url, 'signal:*'))
            with t.Telltale(home=home) as serve:
                fail_payment(serve, 2)
                t.wait_until(lambda: hook.raw, 'the message')
            t.equal([item['account']['name'] for item in hook.items()],
                    ['Account 2'])
        finally:
            home.remove()


@t.case('people stay out of signals where the mirror says so')
def _():
    with fake_slack.Hook() as hook, t.Telltale(config=section(
            'team', hook.url, 'signal:*', redact='people')) as serve:
        fail_payment(serve)
        t.wait_until(lambda: hook.raw, 'the message')
        t.equal(hook.items()[0]['person'], None)
        assert signals(serve.home)[0]['person'], 'it has one'


@t.case('done before it is sent: it is not sent')
def _():
    with fake_slack.Hook() as hook:
        home = t.Home(section('team', hook.url, 'signal:*',
                              quiet_hours='19:00-08:00'))
        try:
            home.env['TELLTALE_CLOCK'] = '2026-09-14T20:00:00Z'
            with t.Telltale(home=home) as serve:
                for account in (1, 2):
                    fail_payment(serve, account,
                                 timestamp='2026-09-14T20:00:00Z')
                t.wait_until(lambda: len(home.select(
                    'SELECT 1 FROM outbox')) == 2, 'both held')
                first = min(item['id'] for item in signals(home))
                t.equal(home.run('signals', 'done', str(first)).returncode, 0)
                t.wait_until(lambda: home.select(
                    "SELECT 1 FROM signals WHERE state = 'done'"),
                    'it to be done')
            t.equal(hook.raw, [])
            home.env['TELLTALE_CLOCK'] = '2026-09-15T08:00:01Z'
            with t.Telltale(home=home):
                t.wait_until(lambda: not home.select(
                    'SELECT 1 FROM outbox'), 'what was held')
            t.equal([item['id'] for item in hook.items()], [first + 1])
        finally:
            home.remove()


@t.case('killed at any point: every signal is told, in one message only')
def _():
    kills = 20 if LONG else 6
    with fake_slack.Hook() as hook:
        home = t.Home(section('team', hook.url, 'signal:*', timeout='60s'))
        try:
            for round_ in range(kills):
                serve = t.Telltale(home=home)
                try:
                    for n in range(4):
                        fail_payment(serve, 1 + round_ * 4 + n)
                    if round_ % 2:  # another point: some have been told
                        t.wait_until(lambda: len(hook.raw) >= round_ * 2,
                                     'some of them')
                finally:
                    serve.stop(signal.SIGKILL)
            with t.Telltale(home=home):
                t.wait_until(lambda: len(home.select(
                    'SELECT 1 FROM signals')) == kills * 4,
                    'all concluded', 4 * t.PATIENCE)
                t.wait_until(lambda: home.select(  # both at one moment
                    "SELECT seq, EXISTS (SELECT 1 FROM outbox WHERE state <> "
                    "'parked') FROM cursors WHERE reader = 'signals to team'")
                    == [(kills * 4, 0)], 'everything sent', 4 * t.PATIENCE)
            parked = [int(bucket.split(':')[1]) for bucket, in
                      home.select('SELECT bucket FROM outbox')]
            once = [json.loads(raw)['id'] for raw in set(hook.raw)]
            again = len(hook.raw) - len(set(hook.raw))
            t.note('%d signals, %d of them twice, %d parked' %
                   (kills * 4, again, len(parked)))
            t.equal(len(once), len(set(once)), 'signals in two messages')
            t.equal(set(once) | set(parked),
                    {item['id'] for item in signals(home)})
            assert again <= kills, again
            assert len(parked) <= kills, parked
        finally:
            home.remove()


t.run()
