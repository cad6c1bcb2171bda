"""Zones: all times are shown in the zone of now, days are counted in the
journal's, a difference is said, and a journal can be moved."""

import sqlite3

import telltale as t

LATE = '2026-09-14T22:30:00Z'  # the 15th in Berlin


def day_of(home):
    journal = sqlite3.connect(home.journal)
    days = [row[0] for row in journal.execute('SELECT day FROM daily')]
    journal.close()
    return days


def with_event(zone):
    home = t.Home(TZ=zone, TELLTALE_CLOCK=LATE)
    with t.Telltale(command='serve', home=home) as serve:
        t.equal(serve.post(t.body(timestamp=LATE))[0], 200)
    return home


@t.case('watch and tail show the same time, that of now\'s zone')
def _():
    home = with_event('UTC')
    home.env['TZ'] = 'Europe/Berlin'
    with t.Telltale('--plain', home=home) as watch:
        t.equal(watch.post(t.body(timestamp=LATE))[0], 200)
        lines = watch.wait_for_line('insight')
    tail = home.run('tail', '--plain').stdout
    t.equal('00:30' in lines[-1], True, lines[-1])
    t.equal('00:30' in tail, True, tail)
    t.equal('22:30' in tail, False, tail)
    home.remove()


@t.case('a difference is said, and days stay those of the journal')
def _():
    home = with_event('UTC')
    t.equal('zone      UTC' in home.run('check').stdout, True)
    home.env['TZ'] = 'Europe/Berlin'
    with t.Telltale(command='serve', home=home) as serve:
        t.equal(serve.post(t.body(timestamp=LATE))[0], 200)
    t.equal(day_of(home), [20710])
    said = home.run('check').stdout
    t.equal('--zone Europe/Berlin' in said, True, said)
    home.remove()


@t.case('check --zone moves the journal over, its sums recounted')
def _():
    home = with_event('UTC')
    home.env['TZ'] = 'Europe/Berlin'
    done = home.run('check', '--zone', 'Europe/Berlin')
    t.equal(done.returncode, 0, done.stderr)
    t.equal('1 events count on another day' in done.stdout, True, done.stdout)
    t.equal(day_of(home), [20711])
    t.equal('--zone' in home.run('check').stdout, False)
    with t.Telltale(command='serve', home=home) as serve:
        t.equal(serve.post(t.body(timestamp=LATE))[0], 200)
        refused = home.run('check', '--zone', 'UTC')
        t.equal(refused.returncode, 1)
        t.equal('stop it first' in refused.stderr, True, refused.stderr)
    t.equal(day_of(home), [20711])
    home.remove()


@t.case('a report says the last day of who did not come in the zone of now')
def _():
    home = with_event('UTC')
    home.env['TELLTALE_CLOCK'] = '2026-10-14T12:00:00Z'
    for zone, day in ('UTC', 14), ('Europe/Berlin', 15):
        home.env['TZ'] = zone
        said = home.run('report').stdout
        t.equal(', last on 2026-09-%d' % day in said, True, said)
    home.remove()


@t.case('a zone that is not known is said, and refused')
def _():
    home = with_event('UTC')
    refused = home.run('check', '--zone', 'Mars/Base')
    t.equal(refused.returncode, 1)
    t.equal('Mars/Base is no time zone' in refused.stderr, True)
    unnamed = home.run('check', '--zone', '')
    t.equal(unnamed.returncode, 2)
    assert 'the name of a time zone' in unnamed.stderr, unnamed.stderr
    home.env['TZ'] = 'Mars/Base'
    done = home.run('check')
    t.equal(done.returncode, 1)
    t.equal('! the time zone Mars/Base is not known' in done.stdout, True)
    home.remove()


t.run()
