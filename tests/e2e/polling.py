"""--source posthog: a live feed where no webhook can reach, by asking."""

import signal

import telltale as t
from past import FOREIGN, HOUR, Place, happened, now_ms

WORDS = ('--source', 'posthog', '--posthog-every', '200ms', '--plain')


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
        t.wait_until(lambda: place.ask('SELECT 1 FROM cursors'))
        watch.stop(signal.SIGKILL)
        place.past.add(happened('insight created', now_ms()))
        place.past.add(happened('insight created', now_ms() - 3 * HOUR))
        with watching(place) as watch:
            t.wait_until(lambda: len(place.home.tail()) == 2)
        t.equal([e['event'] for e in place.home.tail()],
                ['survey launched', 'insight created'])


@t.case('after a night it asks for the night, and marks that as past')
def _():
    with Place([]) as place:
        with watching(place):
            t.wait_until(lambda: place.past.asked and
                         place.ask('SELECT 1 FROM cursors'))
        place.write('UPDATE cursors SET state = state - %d' % (9 * HOUR))
        place.past.add(happened('insight created', now_ms() - 8 * HOUR))
        place.past.add(happened('survey launched', now_ms() - 1000))
        with watching(place):
            t.wait_until(lambda: len(place.home.tail()) == 2)
        t.equal(place.ask('SELECT flags & 3 FROM events ORDER BY seq'),
                [(2,), (0,)])


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
