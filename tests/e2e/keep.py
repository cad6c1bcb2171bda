"""keep, keep_bodies, max_size: what is deleted, what is not, and that a clock
alone deletes nothing."""

import json
import os
import socket
import threading

import fake_slack
import mirrors
import telltale as t

JANUARY = '2026-01-05T10:00:00Z'
MARCH = '2026-03-05T10:00:00Z'


def run_at(clock, home, event):
    """Runs a receiver at that time, posts one event; its notes."""
    home.env['TELLTALE_CLOCK'] = clock
    with t.Telltale(command='serve', home=home) as serve:
        t.equal(serve.post(t.body(event, timestamp=clock))[0], 200)
        return serve


def refuse(owner):
    """As one of an earlier version does, that knows no such request."""
    asked = owner.accept()[0]
    asked.makefile().readline()
    asked.sendall(b'{"ok":false,"error":"unknown request"}\n')


def cursors(home):
    return dict(home.select('SELECT reader, seq FROM cursors'))


def names(home):
    return [event['event'] for event in home.tail()]


def kept_in_march(config):
    home = t.Home(config)
    run_at(JANUARY, home, 'insight created')
    run_at(MARCH, home, 'survey launched')
    kept = names(home)
    home.remove()
    return kept


@t.case('what is older than keep is deleted')
def _():
    home = t.Home('[journal]\nkeep = 30d\n')
    run_at(JANUARY, home, 'insight created')
    home.env['TELLTALE_CLOCK'] = MARCH
    t.equal(home.run('check', '--trust-clock').returncode, 0)
    with t.Telltale(command='serve', home=home):
        t.wait_until(lambda: names(home) == [], 'the old event to go')
    home.remove()


@t.case('what a mirror has not read is sent before it is deleted')
def _():
    with fake_slack.Hook() as hook:
        home = t.Home('[journal]\nkeep = 30d\n' + mirrors.section(
            'team', hook.url, type='json', window='100ms'))
        home.env['TELLTALE_CLOCK'] = JANUARY
        with t.Telltale(command='serve', home=home):
            t.wait_until(lambda: 'mirror team' in cursors(home), 'a cursor')
        with t.Telltale('--no-mirrors', command='serve', home=home) as serve:
            for _ in range(8):
                sent = [json.loads(t.body(timestamp=JANUARY))
                        for _ in range(200)]
                t.equal(serve.post(json.dumps(sent).encode())[0], 200)
        home.env['TELLTALE_CLOCK'] = MARCH
        t.equal(home.run('check', '--trust-clock').returncode, 0)
        with t.Telltale(command='serve', home=home):
            t.wait_until(lambda: len(hook.items()) == 1600, 'the old events')
            t.wait_until(lambda: names(home) == [], 'them to go')
        home.remove()


@t.case('a clock that is far ahead at one start deletes nothing')
def _():
    home = t.Home('[journal]\nkeep = 30d\n')
    run_at(JANUARY, home, 'insight created')
    home.env['TELLTALE_CLOCK'] = '2026-07-24T10:00:00Z'
    with t.Telltale(command='serve', home=home) as serve:
        t.equal(serve.post(t.body('survey launched'))[0], 200)
        t.wait_until(lambda: 'the clock is 200 days ahead' in serve.stderr(),
                     'a word about the clock')
        t.equal(len(names(home)), 2)
        t.equal('--trust-clock' in home.run('check').stdout, True)
    run_at('2026-01-06T10:00:00Z', home, 'cohort created')
    t.equal(len(names(home)), 3)
    home.remove()


@t.case('a running receiver believes the clock once it is told to')
def _():
    home = t.Home('[journal]\nkeep = 30d\n')
    run_at(JANUARY, home, 'insight created')
    home.env['TELLTALE_CLOCK'] = MARCH
    with t.Telltale(command='serve', home=home) as serve:
        t.wait_until(lambda: 'the clock is 59 days ahead' in serve.stderr(),
                     'a word about the clock')
        t.equal(names(home), ['insight created'])
        done = home.run('check', '--trust-clock')
        t.equal((done.returncode, done.stderr), (0, ''))
        t.wait_until(lambda: names(home) == [], 'the old event to go')
    home.remove()


@t.case('what the telltale that runs did not take is no success')
def _():
    home = t.Home()
    os.makedirs(os.path.dirname(home.journal), exist_ok=True)
    with socket.socket(socket.AF_UNIX) as owner:
        owner.bind(home.journal + '.sock')
        owner.listen()
        threading.Thread(target=refuse, args=(owner,), daemon=True).start()
        done = home.run('check', '--trust-clock')
    t.equal((done.returncode, done.stdout), (1, ''))
    t.equal('unknown request' in done.stderr, True, done.stderr)
    home.remove()


@t.case('bodies go earlier than their events, and space comes back')
def _():
    home = t.Home('[journal]\nkeep = 90d\nkeep_bodies = 2d\n')
    home.env['TELLTALE_CLOCK'] = JANUARY
    with t.Telltale(command='serve', home=home) as serve:
        for _ in range(40):
            noise = os.urandom(50000).hex()
            t.equal(serve.post(t.body(properties={'x': noise}))[0], 200)
    before = os.path.getsize(home.journal)
    home.env['TELLTALE_CLOCK'] = '2026-01-09T10:00:00Z'
    t.equal(home.run('check', '--trust-clock').returncode, 0)
    with t.Telltale(command='serve', home=home):
        t.wait_until(lambda: os.path.getsize(home.journal) < before / 3,
                     'the file to shrink')
        t.equal(len(names(home)), 40)
    home.remove()


@t.case('a journal larger than max_size loses its oldest events')
def _():
    home = t.Home('[journal]\nmax_size = 2M\n')
    with t.Telltale(command='serve', home=home) as serve:
        for _ in range(60):
            noise = os.urandom(50000).hex()
            t.equal(serve.post(t.body(properties={'x': noise}))[0], 200)
    with t.Telltale(command='serve', home=home) as serve:
        t.wait_until(lambda: os.path.getsize(home.journal) < 2300000,
                     'the file to shrink')
        t.wait_until(lambda: 'larger than max_size' in serve.stderr(),
                     'a word about it')
        left = len(names(home))
        t.equal(20 < left < 60, True, '%d events left' % left)
    home.remove()


@t.case('a max_size that leaves no room is refused')
def _():
    home = t.Home('[journal]\nmax_size = 10K\n')
    done = home.run('serve', '--listen', '127.0.0.1:0')
    t.equal(done.returncode, 3, done.stderr)
    t.equal('max_size' in done.stderr, True, done.stderr)
    home.remove()


@t.case('what is younger stays')
def _():
    both = ['insight created', 'survey launched']
    t.equal(kept_in_march('[journal]\nkeep = 90d\n'), both)
    t.equal(kept_in_march('[journal]\nkeep = 36500d\n'), both)


t.run()
