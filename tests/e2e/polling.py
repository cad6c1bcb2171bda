"""--source posthog: a live feed where no webhook can reach, by asking."""

import signal

import telltale as t
from fake_posthog import too_slow
from past import FOREIGN, HOUR, Place, happened, hours, iso, now_ms

WORDS = ('--source', 'posthog', '--posthog-every', '200ms', '--plain')
VIEWER = 'viewer-of-the-figures'
# How far polling got is kept; others keep their places there, too.
PLACE = "SELECT 1 FROM cursors WHERE reader <> 'signals'"


def watching(place):
    return t.Telltale(*WORDS, home=place.home)


@t.case('what happens is printed, once, and others\' events are not')
def _():
    with Place([happened('survey launched', now_ms() - 60000)]) as place:
        with watching(place) as watch:
            watch.wait_for_line('survey')
            event = happened('insight created', now_ms() - 500)
            place.past.add(happened('insight created', now_ms() - 500,
                                    FOREIGN))
            place.past.add(event)
            watch.wait_for_line('insight')
            t.equal(watch.post(t.body(uuid=event['uuid']))[0], 200)
            asked = len(place.past.asked)
            t.wait_until(lambda: len(place.past.asked) > asked + 2)
            t.equal(len([line for line in watch.lines()
                         if 'insight' in line]), 1)
        t.equal([(e['event'], e['source']) for e in place.home.tail()],
                [('survey launched', 'posthog'),
                 ('insight created', 'posthog')])
        t.equal(place.ask('SELECT max(flags & 2) FROM events'), [(0,)])


@t.case('a webhook that came first is not followed by a second event')
def _():
    with Place([]) as place:
        with watching(place) as watch:
            event = happened('insight created', now_ms() - 500)
            t.equal(watch.post(t.body(uuid=event['uuid']))[0], 200)
            place.past.add(event)
            asked = len(place.past.asked)
            t.wait_until(lambda: len(place.past.asked) > asked + 2)
        t.equal([e['source'] for e in place.home.tail()], ['webhook'])


@t.case('killed and started again, it goes on from there')
def _():
    with Place([happened('survey launched', now_ms() - 60000)]) as place:
        watch = watching(place)
        watch.wait_for_line('survey')
        t.wait_until(lambda: place.ask(PLACE))
        watch.stop(signal.SIGKILL)
        place.past.add(happened('insight created', now_ms()))
        place.past.add(happened('insight created', now_ms() - 3 * HOUR))
        with watching(place) as watch:
            t.wait_until(lambda: len(place.home.tail()) == 2)
        t.equal([e['event'] for e in place.home.tail()],
                ['survey launched', 'insight created'])


def was_there_last(place, ms):
    """It ran, and that was so long ago."""
    with watching(place):
        t.wait_until(lambda: place.past.asked and place.ask(PLACE))
    place.write('UPDATE cursors SET state = state - %d WHERE '
                "reader <> 'signals'" % ms)


@t.case('after a night it asks for the night, and marks that as past')
def _():
    with Place([]) as place:
        was_there_last(place, 9 * HOUR)
        place.past.add(happened('insight created', now_ms() - 8 * HOUR))
        place.past.add(happened('survey launched', now_ms() - 1000))
        with watching(place):
            t.wait_until(lambda: len(place.home.tail()) == 2)
        t.equal(place.ask('SELECT flags & 3 FROM events ORDER BY seq'),
                [(2,), (0,)])


@t.case('a night that is too much for PostHog at once is asked for in parts')
def _():
    with Place([]) as place:
        was_there_last(place, 9 * HOUR)
        for hour in range(9):
            place.past.add(happened('insight created',
                                    now_ms() - hour * HOUR - 1000))
        run, slow = place.posthog._run, []
        place.posthog._run = lambda sql: run(sql) if hours(sql) < 3 else \
            slow.append(hours(sql)) or too_slow()
        with watching(place) as watch:
            t.wait_until(lambda: len(place.home.tail()) == 9)
            t.equal('in vain' in watch.stderr(), False)
        t.equal([round(hour) for hour in slow], [9, 5])


@t.case('what PostHog shows late comes all the same, once, and is told')
def _():
    late = happened('insight created', now_ms() - HOUR // 2)
    with Place([happened('survey launched', now_ms() - 60000)]) as place:
        place.home.env['TELLTALE_VIEWER_TOKEN'] = VIEWER
        with watching(place) as watch:
            watch.wait_for_line('survey')
            t.wait_until(lambda: place.ask(PLACE))
            place.past.add(late)
            watch.wait_for_line('insight')
            t.wait_until(lambda: '1 event came late: it did not show what '
                         'happened at ' + iso(late['ms']) in watch.stderr())
            asked = len(place.past.asked)
            t.wait_until(lambda: len(place.past.asked) > asked + 12)
            t.equal(['1 event came late since it began: PostHog did not show '
                     'what happened at ' + iso(late['ms']) in line
                     for line in place.home.run('check').stdout.split('\n')
                     if ' late ' in line], [True])
            source = watch.health(VIEWER)[1]['source']
            t.equal((source['late'], source['late_since']),
                    (1, iso(late['ms'])))
            t.equal('telltale_late_total 1\n' in watch.request(
                'GET', '/metrics', None,
                {'Authorization': 'Bearer ' + VIEWER})[1].decode(), True)
        t.equal(len(place.home.tail()), 2)
        t.equal(watch.stderr().count('came late'), 1)


@t.case('a day back is asked for too, now and then')
def _():
    with Place([happened('survey launched', now_ms() - 60000)]) as place:
        with t.Telltale('--source', 'posthog', '--posthog-every', '10ms',
                        '--plain', home=place.home) as watch:
            watch.wait_for_line('survey')
            t.wait_until(lambda: place.ask(PLACE))
            place.past.add(happened('insight created', now_ms() - 20 * HOUR))
            t.wait_until(lambda: len(place.home.tail()) == 2)


@t.case('a place in the future skips nothing, and nobody asks beyond now')
def _():
    with Place([]) as place:
        with watching(place):
            t.wait_until(lambda: place.past.asked and
                         place.ask(PLACE))
        place.write('UPDATE cursors SET state = state + %d WHERE '
                    "reader <> 'signals'" % (50 * HOUR))
        place.past.add(happened('insight created', now_ms() - 3 * HOUR))
        place.past.add(happened('survey launched', now_ms() - 1000))
        place.past.add(happened('chat with ai', now_ms() + 9 * HOUR))
        with watching(place) as watch:
            t.wait_until(lambda: len(place.home.tail()) == 2)
            t.equal('the clock went back' in watch.stderr(), True)
            t.wait_until(lambda: place.ask(
                "SELECT state < %d FROM cursors WHERE reader <> 'signals'" %
                (now_ms() + HOUR)) ==
                [(1,)])
        t.equal([e['event'] for e in place.home.tail()],
                ['insight created', 'survey launched'])


@t.case('names are asked for letter by letter, and what has neither a group '
        'nor a person by its project')
def _():
    with Place([]) as place:
        place.home.write('teams.csv', '71,%s\n' % FOREIGN)
        place.home.env['TELLTALE_ACCOUNTS_TEAMS'] = \
            place.home.path + '/teams.csv'
        with watching(place):
            t.wait_until(lambda: place.past.asked)
        sql = place.posthog.sql[-1]
        t.equal('llma single trace loaded' in sql, True, sql)
        t.equal("event ILIKE '" in sql or '*' in sql, False, sql)
        t.equal("toString(properties.team_id) IN ('71')" in sql, True, sql)


@t.case('more than a page comes whole, later if PostHog takes its time')
def _():
    now = now_ms()
    with Place([happened('insight created', now - 60000 + i)
                for i in range(2300)]) as place:
        place.posthog.queries_later = True
        place.posthog.polls = 1
        with watching(place):
            t.wait_until(lambda: len(place.home.tail()) == 2300)


@t.case('throttled and stumbling, it asks again later')
def _():
    with Place([happened('insight created', now_ms() - 1000)]) as place:
        place.posthog.stumbles = 1
        place.posthog.throttled = 1
        with watching(place) as watch:
            watch.wait_for_line('insight')


@t.case('without a key or a project it does not start, and says why')
def _():
    with Place([]) as place:
        for name, why in (('TELLTALE_POSTHOG_PROJECT', 'which project?'),
                          ('TELLTALE_POSTHOG_API_KEY', 'no PostHog API key')):
            del place.home.env[name]
            done = place.home.run('serve', '--listen', '127.0.0.1:0',
                                  '--source', 'posthog')
            t.equal((done.returncode, why in done.stderr), (3, True),
                    done.stderr)


t.run()
