#!/usr/bin/env python3
"""The daily digest of a mirror is a report of what the mirror may send on:
once a day, within what Slack takes, without those who were forgotten and
without signals that were done meanwhile."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fake_slack  # noqa: E402
import mirrors  # noqa: E402
import telltale as t  # noqa: E402

FAILED = 'billing invoice payment failed'
BEFORE, DUE = '2026-09-14T16:00:00Z', '2026-09-14T17:30:01Z'
HOSTILE = '<!channel> *b* <https://e.example|x> & `c` @here ' + 'x' * 200


def section(name, url, **settings):
    return mirrors.section(name, url, digest='17:30', **settings)


def account(number, name='Account %d'):
    return {'org_id': '%08d-aaaa-4bbb-8ccc-dddddddddddd' % number,
            'org_name': name % number if '%' in name else name}


def waiting(home):
    return sum(count for count, in home.select('SELECT events FROM outbox'))


def digest(config, bodies, clocks=(BEFORE, DUE), between=None, held=None):
    """Posts the bodies at the first time, starts again at the second, and
    waits until the outbox is empty; held: how much is to wait before."""
    home = t.Home(config)
    try:
        home.env['TELLTALE_CLOCK'] = clocks[0]
        with t.Telltale(home=home) as serve:
            for body in bodies:
                t.equal(serve.post(body)[0], 200)
            t.wait_until(lambda: waiting(home) == (
                len(bodies) if held is None else held), 'all to be held')
            if between:
                between(home)
        home.env['TELLTALE_CLOCK'] = clocks[1]
        with t.Telltale(home=home):
            t.wait_until(lambda: not home.select('SELECT 1 FROM outbox'),
                         'what was held')
        return home.select('SELECT sent, events FROM mirrors')
    finally:
        home.remove()


def body(event='insight created', at='2026-09-14T15:50:00Z', **fields):
    return t.body(event, timestamp=at, **fields)


def payment(at='2026-09-14T15:51:00Z', **fields):
    return body(FAILED, at, properties={'total_usd': 742.13}, **fields)


@t.case('Slack gets one report of the day: who, what, and what to ask')
def _():
    with fake_slack.FakeSlack() as slack:
        sent = digest(section('team', slack.url,
                              query='category:analytics | signal:*'),
                      [body(**account(1)), body(**account(1)),
                       body(distinct_id='p2', user_name='Omar Haddad',
                            user_email='omar@dunes.example', **account(1)),
                       body(**account(2)), payment(**account(3))],
                      # the payment is no event of its own: its signal is
                      held=5)
        t.equal(slack.refused, [])
        t.equal(len(slack.taken), 1)
        t.equal(sent, [(1, 5)])
        parts = [block['text']['text']
                 for block in slack.taken[0]['blocks']]
        assert parts[0].startswith(
            '*Sun 13 Sep 17:30 to Mon 14 Sep 17:30*\n2 of 3 accounts active: '
            '4 events by 3 people'), parts
        assert parts[1].startswith('*Account 3* · no events\n'
                                   ':red_circle: billing · '), parts
        assert '_To say:_ ' in parts[1], parts
        assert parts[2].startswith('*Account 1* · 3 events by 2 people\n'
                                   ), parts
        assert re.search(r'who: maya 67 %, Omar Haddad 33 %', parts[2]
                         ), parts
        t.equal(len(parts), 4)
        assert not re.search('saw|notic|looks like|activity|watch',
                             slack.text(), re.I), parts
        assert slack.taken[0]['text'].endswith('; Account 3: billing'
                                               ), slack.taken[0]['text']


@t.case('a mirror of type json gets the data of it')
def _():
    with fake_slack.Hook() as hook:
        digest(section('team', hook.url, type='json', redact='people'),
               [body(**account(1)), body(**account(2)),
                payment(**account(2))])
        t.equal(len(hook.raw), 1)
        report = json.loads(hook.raw[0])
        t.equal((report['since'], report['until']),
                ('2026-09-13T17:30:00.000Z', '2026-09-14T17:30:00.000Z'))
        t.equal(report['now']['events'], 3)
        t.equal([(one['name'], one['now']['events'], one['who'])
                 for one in report['accounts']],
                [('Account 2', 2, []), ('Account 1', 1, [])])
        t.equal(report['accounts'][0]['what'][0]['person'], None)
        assert b'aya' not in hook.raw[0], hook.raw


@t.case('a dry run prints what a digest of the last day would be')
def _():
    home = t.Home(section('team', 'http://127.0.0.1:1/', type='json'),
                  TELLTALE_CLOCK=BEFORE)
    try:
        with t.Telltale(home=home) as serve:
            serve.post(body(**account(1)))
            t.wait_until(lambda: waiting(home) == 1, 'it')
        done = home.run('check', '--mirror', 'team', '--dry-run')
        t.equal(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        t.equal([one['now']['events'] for one in report['accounts']], [1])
    finally:
        home.remove()


@t.case('the next day tells the next events, beside the same hours before')
def _():
    with fake_slack.Hook() as hook:
        home = t.Home(section('team', hook.url, type='json'))
        try:
            for day, count in ((7, 2), (13, 1), (14, 3)):
                home.env['TELLTALE_CLOCK'] = '2026-09-%02dT16:00:00Z' % day
                with t.Telltale(home=home) as serve:
                    for _ in range(count):
                        serve.post(body(at='2026-09-%02dT15:50:00Z' % day,
                                        **account(1)))
                    t.wait_until(lambda: waiting(home) == count, 'them')
                home.env['TELLTALE_CLOCK'] = '2026-09-%02dT17:31:00Z' % day
                with t.Telltale(home=home):
                    t.wait_until(lambda: not waiting(home), 'the digest')
            reports = [json.loads(raw) for raw in hook.raw]
            t.equal([(one['now']['events'], one['before']['events'])
                     for one in reports], [(2, 0), (1, 0), (3, 2)])
        finally:
            home.remove()


@t.case('what was done or forgotten meanwhile is not told')
def _():
    def act(home):
        for words in (('signals', 'done', '1'),
                      ('forget', 'gone@dunes.example', '--yes')):
            done = home.run(*words)
            t.equal(done.returncode, 0, done.stderr)

    with fake_slack.Hook() as hook:
        digest(section('team', hook.url, type='json',
                       query='category:analytics | signal:*'),
               [payment(**account(1)),
                body(distinct_id='gone', user_name='Gone Girl',
                     user_email='gone@dunes.example', **account(2)),
                body(**account(2))], between=act)
        report = json.loads(hook.raw[0])
        t.equal([(one['name'], one['now']['events'], one['signals'])
                 for one in report['accounts']], [('Account 2', 1, [])])
        assert b'Gone' not in hook.raw[0] and b'gone' not in hook.raw[0]


@t.case('a digest with nothing left to say is not sent')
def _():
    with fake_slack.Hook() as hook:
        sent = digest(section('team', hook.url, type='json',
                              query='signal:*'),
                      [payment(**account(1))],
                      between=lambda home: home.run('signals', 'done', '1'))
        t.equal(hook.raw, [])
        t.equal(sent, [(0, 0)])


@t.case('three hundred accounts with names that attack fit into one message')
def _():
    bodies = ['[%s]' % ','.join(
        payment(user_name=HOSTILE + str(number),
                **account(number, HOSTILE + '%d')).decode()
        for number in range(first, first + 50)) for first in
        range(1, 301, 50)]
    with fake_slack.FakeSlack() as slack:
        digest(section('team', slack.url, query='signal:* | tone:bad'),
               [part.encode() for part in bodies], held=600)
        t.equal(slack.refused, [])
        t.equal(len(slack.taken), 1)
        blocks = slack.taken[0]['blocks']
        total = sum(len(block['text']['text'].encode()) for block in blocks)
        assert total <= 10000 and len(blocks) > 5, (total, len(blocks))
        assert '<!' not in slack.text()
        told = sum(text.startswith('*&lt;') for text in
                   slack.text().split('\n'))
        more = re.search(r'_and (\d+) more accounts: (\d+) events_',
                         slack.text())
        t.equal(told + int(more.group(1)), 300)


if __name__ == '__main__':
    t.run()
