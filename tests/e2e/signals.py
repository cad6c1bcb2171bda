"""telltale signals: what is concluded, printed and answered."""

import json
import os
import subprocess
import sqlite3

import telltale as t
from terminal import Terminal

BILL = dict(properties={'total_usd': 742.13})
HOME = {'TELLTALE_CLOCK': '2026-09-14T09:00:00Z'}
FAILED = 'billing invoice payment failed'
WHEN = '2026-09-14T08:59:00Z'


def signals(home, *words):
    done = home.run('signals', '--json', *words)
    t.equal(done.returncode, 0, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def snoozed(home):
    return [(signal['id'], signal['until'])
            for signal in signals(home, '--all')
            if signal['state'] == 'snoozed']


def receiver(home):
    return t.Telltale(command='serve', home=home)


@t.case('a failed payment becomes a signal, with evidence and an opener')
def _():
    home = t.Home(**HOME)
    with receiver(home) as serve:
        t.equal(serve.post(t.body(FAILED, timestamp=WHEN, **BILL))[0], 200)
        t.wait_until(lambda: signals(home), 'a signal')
        signal = signals(home)[0]
        event = home.tail()[0]
        t.equal(signal['kind'], 'billing')
        t.equal(signal['account']['name'], 'Alder & Finch Labs')
        t.equal(signal['tone'], 'bad')
        t.equal(signal['sentence'], event['sentence'])
        t.equal(signal['evidence'], [event['seq']])
        t.equal(signal['state'], 'new')
        t.equal(bool(signal['opener']), True)
        t.equal('billing · Alder & Finch Labs' in
                home.run('signals').stdout, True)
    home.remove()


@t.case('a name from right to left is kept apart in a terminal, and only there')
def _():
    name = '\u0639\u0645\u0631'
    home = t.Home(**HOME)
    with receiver(home) as serve:
        t.equal(serve.post(t.body(FAILED, timestamp=WHEN, user_name=name,
                                  **BILL))[0], 200)
        t.wait_until(lambda: signals(home), 'a signal')
        t.equal(' \u00b7 %s  ' % name in home.run('signals').stdout, True)
        with Terminal([t.PROGRAM, 'signals'], home.env) as terminal:
            terminal.wait_for((' \u00b7 \u2068%s\u2069  ' % name).encode())
    home.remove()


@t.case('an event is found by the signals that rest on it')
def _():
    home = t.Home(**HOME)
    with receiver(home) as serve:
        t.equal(serve.post(t.body('dashboard created', timestamp=WHEN))[0],
                200)
        t.equal(serve.post(t.body(FAILED, timestamp=WHEN, **BILL))[0], 200)
        t.wait_until(lambda: signals(home), 'a signal')
        for query in 'signal:billing', 'signal:*', 'signal:bill amount>700':
            found = json.loads(home.run('tail', '--json', query).stdout)
            t.equal(found['event'], FAILED)
        t.equal(home.run('tail', '--json', 'signal:stuck').stdout, '')
        t.equal(home.run('tail', '--json', 'amount>1000').stdout, '')
    home.remove()


@t.case('done, snooze and note reach the owner, and the journal without one')
def _():
    home = t.Home(**HOME)
    with receiver(home) as serve:
        t.equal(serve.post(t.body(FAILED, timestamp=WHEN, **BILL))[0], 200)
        t.equal(serve.post(t.body('hit billing limit', timestamp=WHEN))[0],
                200)
        t.wait_until(lambda: len(signals(home)) == 2, 'two signals')
        first, second = (signal['id'] for signal in signals(home))
        t.equal(home.run('signals', 'snooze', str(first), '3d').returncode, 0)
        t.wait_until(lambda: snoozed(home) == [
            (first, '2026-09-17T09:00:00.000Z')], 'one to be snoozed')
        t.equal(home.run('signals', 'done', str(first)).returncode, 0)
        t.wait_until(lambda: not snoozed(home), 'it to be done')
        t.equal([signal['id'] for signal in signals(home)], [second])
    note = home.run('signals', 'note', str(second), 'asked', 'accounting')
    t.equal(note.returncode, 0, note.stderr)
    t.equal(signals(home)[0]['note'], 'asked accounting')
    snooze = home.run('signals', 'snooze', str(second), 'week')
    t.equal(snooze.returncode, 0, snooze.stderr)
    t.equal(signals(home), [])
    t.equal(snoozed(home), [(second, '2026-09-21T00:00:00.000Z')])
    t.equal(sorted(s['state'] for s in signals(home, '--all')),
            ['done', 'snoozed'])
    t.equal(len(signals(home, '--all', '--account', 'alder')), 2)
    t.equal(signals(home, '--all', '--account', 'nobody'), [])
    home.remove()


@t.case('what cannot be done is said in a line')
def _():
    home = t.Home(**HOME)
    with receiver(home):
        pass
    for words, code, part in [
            (['done', '7'], 1, 'there is no signal 7'),
            (['done'], 2, 'which signal?'),
            (['snooze', '7', 'sometime'], 2, 'snooze until when?'),
            (['perhaps'], 2, 'done, snooze or note')]:
        done = home.run('signals', *words)
        t.equal(done.returncode, code, words)
        t.equal(part in done.stderr, True, done.stderr)
    home.remove()


@t.case('a bad key of [signals] is an error with file and line')
def _():
    home = t.Home('[signals]\nholidays = 2026-12-25 soon\n', **HOME)
    done = home.run('serve', '--listen', '127.0.0.1:0')
    t.equal(done.returncode, 3, done.stderr)
    t.equal('config.ini:2: [signals] holidays: "soon" is no date' in
            done.stderr, True, done.stderr)
    home.remove()


@t.case('thresholds and areas out of range are refused, with file and line')
def _():
    for text, part in [
            ('[signals]\n\nchampion_share = 5\n', 'config.ini:3: '),
            ('[signals]\noff = champion quiett\n', 'config.ini:2: '),
            ('[signals]\nquiet_hight = 40\n', 'nearest: quiet_height'),
            ('[signals]\ndocs_within = 90d\n',
             'config.ini:2: [signals] a time is 1s to 60d'),
            ('[areas]\ndocs/x = flag\n',
             'config.ini:2: [areas] docs/x: "flag" is no category')]:
        home = t.Home(text, **HOME)
        done = home.run('serve', '--listen', '127.0.0.1:0')
        t.equal(done.returncode, 3, text)
        t.equal(part in done.stderr, True, done.stderr)
        home.remove()


@t.case('docs of the house, then a flag: seen where [areas] says so')
def _():
    home = t.Home('[areas]\nguides/switches = flags\n', **HOME)
    with receiver(home) as serve:
        for name, when, url in [
                ('$pageview', '2026-09-14T08:50:00Z',
                 'https://wiki.example/guides/switches/first'),
                ('feature flag created', '2026-09-14T08:59:00Z', None)]:
            t.equal(serve.post(t.body(name, timestamp=when,
                                      current_url=url))[0], 200)
        t.wait_until(lambda: signals(home), 'a signal')
        signal = signals(home)[0]
        t.equal(signal['kind'], 'working-now')
        t.equal(signal['sentence'].startswith(
            '1 docs page on feature flags, then created a feature flag'),
            True, signal)
        t.equal(len(signal['evidence']), 2)
    home.remove()


@t.case("setup's test counts for nothing: no signal, no day")
def _():
    home = t.Home(**HOME)
    with receiver(home) as serve:
        t.equal(serve.post(t.body(FAILED, timestamp=WHEN,
                                  distinct_id='telltale-test'))[0], 200)
        t.equal(serve.post(t.body(FAILED, timestamp=WHEN, **BILL))[0], 200)
        t.wait_until(lambda: signals(home), 'a signal')
        t.equal(len(signals(home)), 1)
        t.equal(len(home.tail()), 2)
    journal = sqlite3.connect(home.journal)
    t.equal(journal.execute('SELECT sum(count) FROM daily').fetchone()[0], 1)
    t.equal(journal.execute('SELECT count(*) FROM persons WHERE last_at '
                            'IS NOT NULL').fetchone()[0], 1)
    journal.close()
    home.remove()


@t.case('a day is that of the zone, as in the other lists')
def _():
    home = t.Home(TELLTALE_CLOCK='2026-09-15T02:00:00Z',
                  TZ='America/Los_Angeles')
    with receiver(home) as serve:
        t.equal(serve.post(t.body(FAILED, timestamp='2026-09-15T01:59:00Z',
                                  **BILL))[0], 200)
        t.wait_until(lambda: signals(home), 'a signal')
        for words in ['signals'], ['accounts', 'unlisted']:
            said = home.run(*words).stdout
            assert '  2026-09-14  ' in said, said
    home.remove()


@t.case('a reader who has enough of a long list is no failure')
def _():
    home = t.Home(**HOME)
    with receiver(home) as serve:
        for number in range(40):
            t.equal(serve.post(t.body(
                FAILED, timestamp=WHEN, org_id='org-%d' % number,
                **BILL))[0], 200)
        t.wait_until(lambda: len(signals(home)) == 40, 'signals')
    for words in ['--json'], []:
        left, taken = os.pipe()
        os.close(left)
        done = subprocess.run([t.PROGRAM, 'signals', *words], env=home.env,
                              stdout=taken, stderr=subprocess.PIPE, text=True,
                              timeout=t.PATIENCE)
        os.close(taken)
        t.equal((done.returncode, done.stderr), (0, ''), words)
    home.remove()


@t.case('a full disk behind standard output is told as that, and not of the '
        'telltale that was asked')
def _():
    home = t.Home(**HOME, TELLTALE_VIEWER_TOKEN='viewer')
    with receiver(home) as serve:
        t.equal(serve.post(t.body(FAILED, timestamp=WHEN, **BILL))[0], 200)
        t.wait_until(lambda: signals(home), 'a signal')
        url = 'http://127.0.0.1:%d' % serve.port
        for words in (['signals', url], ['signals', url, '--json'],
                      ['export', url], ['export', url, '--format=csv'],
                      ['tail', url], ['report', url]):
            with open('/dev/full', 'wb') as output:
                done = subprocess.run(
                    [t.PROGRAM, *words], env=home.env, stdout=output,
                    stderr=subprocess.PIPE, text=True, timeout=t.PATIENCE)
            t.equal((done.returncode, done.stderr),
                    (1, 'telltale: standard output: No space left on '
                        'device\n'), words)


t.run()
