#!/usr/bin/env python3
"""[rule NAME]: what is told at once, through a mirror and in the terminal;
what rests and what is quiet; and that nothing is told twice."""

import json
import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fake_slack  # noqa: E402
import telltale as t  # noqa: E402
from terminal import Terminal  # noqa: E402

BAD = 'billing invoice payment failed'
ORG = '0000%04d-aaaa-4bbb-8ccc-dddddddddddd'


def config(slack, **keys):
    """A mirror that sends nothing by itself, and a rule that goes through
    it."""
    rule = {'query': 'event:"%s"' % BAD, 'do': 'mirror team'}
    rule.update(keys)
    return ('[mirror team]\ntype = slack\nurl = %s\nallow_http = yes\n'
            'query = account:nobody\nwindow = 200ms\n'
            'backoff_max = 500ms\n[rule money]\n' % slack.url +
            ''.join('%s = %s\n' % item for item in rule.items()))


def bad(number=1, **fields):
    return t.body(BAD, org_id=ORG % number, org_name='Account %d.' % number,
                  **fields)


def told(slack):
    """The numbers of the accounts that were told of, as they came."""
    return [int(found) for found in
            re.findall(r'Account (\d+)\.', slack.text())]


def gone_over(home):
    """How far the rules have come in the journal."""
    found = home.select("SELECT seq FROM cursors WHERE reader = 'rules'")
    return found[0][0] if found else 0


def post(watch, *bodies):
    """Posts, one by one, each a page of its own for the rules."""
    for body in bodies:
        before = gone_over(watch.home)
        t.equal(watch.post(body)[0], 200)
        t.wait_until(lambda: gone_over(watch.home) > before,
                     'the rules to go over it')


def room(slack):
    """A clock that stands still never comes to the next try after a 429, and
    a mirror that is new knows nothing of the pace of the one before."""
    t.wait_until(slack.has_room, 'Slack to take a message at once')


def waiting(home):
    """Messages that are not sent yet."""
    return home.select('SELECT count(*) FROM outbox')[0][0]


def sent(slack, home, numbers):
    """These were told of, and nothing more is on its way. What is still to
    be sent on is sent before the last of them, which must be there."""
    t.wait_until(lambda: set(numbers) <= set(told(slack)) and
                 not waiting(home), 'accounts %r in Slack' % (numbers,))
    t.equal(sorted(told(slack)), sorted(numbers), 'told')


@t.case('do = mirror sends the event through the mirror, exactly once')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack)) as watch:
        post(watch, t.body('survey launched'), bad(1),
             t.body('insight created'), bad(2))
        sent(slack, watch.home, [1, 2])
        t.equal('Account 1' in slack.text() and
                'had a payment fail' in slack.text(), True, slack.text())


@t.case('the same body sent again is not told again')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack)) as watch:
        body = bad(1)
        post(watch, body)
        t.equal(watch.post(body)[0], 200)
        post(watch, bad(2))
        sent(slack, watch.home, [1, 2])


@t.case('of several events at once, each is sent on, in one message')
def _():
    with fake_slack.FakeSlack() as slack, \
            t.Telltale(config=config(slack)) as watch:
        several = [json.loads(bad(number)) for number in range(1, 8)]
        t.equal(watch.post(json.dumps(several).encode())[0], 200)
        sent(slack, watch.home, list(range(1, 8)))
        t.equal(len(slack.taken), 1, slack.text())


@t.case('what goes through a mirror that is off waits for it')
def _():
    with fake_slack.FakeSlack() as slack:
        slack.mode = 'gone'
        home = t.Home(config(slack))
        with t.Telltale(home=home) as watch:
            post(watch, bad(1))
            t.wait_until(lambda: slack.seen, 'Slack to say that it is gone')
            post(watch, bad(2), bad(3))
        t.equal(waiting(home), 3)
        home.remove()


def restarted(how):
    with fake_slack.FakeSlack() as slack:
        home = t.Home(config(slack))
        with t.Telltale(home=home) as watch:
            post(watch, bad(1))
            sent(slack, home, [1])
            watch.stop(how)
        for number in (2, 3):
            with t.Telltale(home=home) as watch:
                post(watch, bad(number))
                sent(slack, home, list(range(1, number + 1)))
                watch.stop(how)
        home.remove()


@t.case('after a restart nothing is told twice')
def _():
    restarted(signal.SIGTERM)


@t.case('after a kill -9 nothing is told twice')
def _():
    restarted(signal.SIGKILL)


@t.case('what came before there was a rule is not told')
def _():
    with fake_slack.FakeSlack() as slack:
        home = t.Home('')
        with t.Telltale(home=home) as watch:
            t.equal(watch.post(bad(1))[0], 200)
        home.write('config/telltale/config.ini', config(slack))
        with t.Telltale(home=home) as watch:
            post(watch, bad(2))
            sent(slack, home, [2])
        home.remove()


@t.case('what comes in quiet hours is not told, then or later')
def _():
    with fake_slack.FakeSlack() as slack:
        home = t.Home(config(slack, quiet_hours='19:00-08:00'))
        for number, clock in enumerate(
                ('18:59', '19:00', '07:59', '08:00')):
            day = 15 if clock < '12:00' else 14
            home.env['TELLTALE_CLOCK'] = '2026-09-%dT%s:00Z' % (day, clock)
            room(slack)
            with t.Telltale(home=home) as watch:
                post(watch, bad(number))
                if number in (0, 3):
                    sent(slack, home, [0, 3][:1 + number // 3])
        home.remove()


@t.case('an account rests by itself, also over a restart')
def _():
    with fake_slack.FakeSlack() as slack:
        home = t.Home(config(slack, per_account_cooldown='30m'))
        for clock, numbers, wanted in (
                ('10:00', (1, 2, 1), [1, 2]),
                ('10:29', (1, 2, 3), [1, 2, 3]),
                ('10:31', (1, 3), [1, 1, 2, 3])):
            home.env['TELLTALE_CLOCK'] = '2026-09-14T%s:00Z' % clock
            room(slack)
            with t.Telltale(home=home) as watch:
                post(watch, *(bad(number) for number in numbers))
                t.wait_until(lambda wanted=wanted: len(told(slack)) >=
                             len(wanted) and not waiting(home),
                             'accounts %r in Slack' % wanted)
                t.equal(sorted(told(slack)), wanted, clock)
        home.remove()


@t.case('owner: and segment: are refused with file and line, by check and at '
        'the start')
def _():
    for query in ('owner:ann', 'tone:bad segment:big', '-owner:ann'):
        home = t.Home('[rule money]\ndo = bell\nquery = %s\n' % query)
        for code, done in (
                (1, home.check()),
                (3, home.run('watch', '--listen', '127.0.0.1:0')),
                (3, home.run('serve', '--listen', '127.0.0.1:0'))):
            said = done.stdout + done.stderr
            t.equal(done.returncode, code, said)
            t.equal('config.ini:3: [rule money]' in said, True, said)
            t.equal('does not know owners and segments' in said, True, said)
        home.remove()


@t.case('a mirror that a rule names and nobody has is told by check')
def _():
    home = t.Home('[rule money]\nquery = tone:bad\ndo = mirror nowhere\n')
    done = home.check()
    t.equal('there is no mirror nowhere' in done.stdout + done.stderr, True,
            done.stdout + done.stderr)
    t.equal(done.returncode, 1)
    home.remove()


# In a terminal

class Board(t.Telltale):
    """telltale watch in a terminal."""

    def start(self):
        self.terminal = Terminal([t.PROGRAM, *self.words], self.home.env)
        found = self.terminal.wait_for(rb'127\.0\.0\.1:(\d+)')
        self.port, self.token = int(found.group(1)), self.home.token()
        return self

    def stop(self, how=signal.SIGTERM):
        os.kill(self.terminal.pid, how)
        self.terminal.wait_for_end()
        self.terminal.close()


RULE = '[rule money]\nquery = tone:bad\ndo = %s\n'


@t.case('do = notify title: a notification, and a number in the title until '
        'a key')
def _():
    with Board(config=RULE % 'notify title', TERM='xterm-256color',
                  VTE_VERSION='7200') as watch:
        screen = watch.terminal
        t.equal(watch.post(t.body('survey launched'))[0], 200)
        t.equal(watch.post(bad(1, user_name='Lucia; Marin'))[0], 200)
        screen.wait_for(rb'\x1b\]777;notify;money;Account 1\. [^;\x1b]*Lucia, '
                        rb'Marin had a payment fail[^\x1b]*\x1b\\')
        screen.wait_for(rb'\x1b\]2;\(1\) telltale\x1b\\')
        t.equal(watch.post(bad(2))[0], 200)
        screen.wait_for(rb'\x1b\]777;notify;money;Account 2\. ')
        screen.wait_for(rb'\x1b\]2;\(2\) telltale\x1b\\')
        screen.type(b'j')
        screen.wait_for(rb'\x1b\]2;telltale\x1b\\')
        t.equal(screen.seen.count(b'\x1b]777;'), 2, 'notifications')


@t.case('a terminal that takes no notification rings, and is told no other '
        'sequence')
def _():
    with Board(config=RULE % 'notify', TERM='xterm-256color') as watch:
        screen = watch.terminal
        screen.seen = b''
        t.equal(watch.post(bad(1))[0], 200)
        screen.wait_for(rb'\a')
        for sequence in (b'\x1b]777;', b'\x1b]99;', b'\x1b]9;', b'\x1b]2;'):
            t.equal(sequence in screen.seen, False, sequence)


t.run()
