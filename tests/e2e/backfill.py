"""telltale backfill: events of the past by the query API."""

import re
import signal
import subprocess

import telltale as t
from fake_posthog import too_slow
from past import (
    EVENTS, BOREALIS, FOREIGN, HOUR, Place, happened, hours, iso, now_ms)


@t.case('events of the past come in, each counted on its day')
def _():
    now = now_ms()
    past = [happened('insight created', now - 50 * HOUR),
            happened('survey launched', now - 26 * HOUR, BOREALIS),
            happened('chat with ai', now - 2 * HOUR)]
    others = [happened('insight created', now - HOUR, FOREIGN),
              happened('something else', now - HOUR),
              happened('insight created', now - 100 * HOUR)]
    with Place(past + others) as place:
        done = place.run('--since', '3d')
        t.equal((done.returncode, done.stdout),
                (0, '3 events of the past kept, 0 were there already\n'),
                done.stderr)
        t.equal('100 %' in done.stderr, True, done.stderr)
        events = place.home.tail()
        t.equal([(e['event'], e['occurred_at'], e['received_at'])
                 for e in events],
                [(e['event'], iso(e['ms']), iso(e['ms'])) for e in past])
        t.equal({e['source'] for e in events}, {'posthog'})
        t.equal(events[1]['account'], {'id': BOREALIS, 'listed': True,
                                       'name': 'Borealis Freight'})
        t.equal(events[2]['properties']['prompt'], None)
        t.equal(place.ask('SELECT day, sum(count) FROM daily GROUP BY day '
                          'ORDER BY day'),
                sorted({e['ms'] // (24 * HOUR):
                        sum(f['ms'] // (24 * HOUR) == e['ms'] // (24 * HOUR)
                            for f in past) for e in past}.items()))
        t.equal(place.ask('SELECT min(flags & 3), max(flags & 3) '
                          'FROM events'), [(2, 2)])


@t.case('what a webhook brought is not kept twice')
def _():
    now = now_ms()
    one, other = (happened('insight created', now - HOUR) for _ in range(2))
    with Place([one, other]) as place:
        with t.Telltale(command='serve', home=place.home) as serve:
            t.equal(serve.post(t.body(uuid=one['uuid']))[0], 200)
        done = place.run('--since', '1d')
        t.equal(done.stdout,
                '1 event of the past kept, 1 was there already\n',
                done.stderr)
        done = place.run('--since', '1d')
        t.equal(done.stdout,
                '0 events of the past kept, 2 were there already\n',
                done.stderr)
        t.equal(len(place.home.tail()), 2)


@t.case('more than a page, many at one moment: none is left out')
def _():
    now = now_ms()
    with Place([happened('insight created', now - HOUR - i // 700)
                for i in range(2500)]) as place:
        done = place.run('--since', '1d')
        t.equal(done.stdout,
                '2500 events of the past kept, 0 were there already\n',
                done.stderr)
        t.equal(len(place.past.asked), 3)
        t.equal(place.ask('SELECT count(DISTINCT uuid) FROM events'),
                [(2500,)])


@t.case('from the beginning of time it begins where the first event is, and '
        'says so')
def _():
    now = now_ms()
    with Place([happened('insight created', now - 50 * HOUR),
                happened('survey launched', now - 2 * HOUR)]) as place:
        done = place.run('--since', '1970-01-01')
        t.equal((done.returncode, done.stdout),
                (0, 'the first event was on %s\n2 events of the past kept, 0 '
                 'were there already\n' % iso(now - 50 * HOUR)[:10]),
                done.stderr)
        t.equal('from ' + iso(now - 50 * HOUR)[:10] in done.stderr, True,
                done.stderr)
        t.equal(len(place.past.asked) <= 4, True, len(place.past.asked))
    with Place([]) as place:
        done = place.run('--since', '1970-01-01')
        t.equal((done.returncode, done.stdout),
                (0, '0 events of the past kept, 0 were there already\n'),
                done.stderr)
        t.equal(place.past.asked, [])


def stopped(place, number):
    """A backfill of three days that gets a signal when it asks for its second
    page, behind 2,000 events: its exit code, and what it said."""
    def stop_it(sql):
        if len(place.past.asked) == 2:
            running.send_signal(number)
            running.wait()
        return place.past.answer(sql)

    place.posthog.tables.clear()
    place.posthog.table(EVENTS, stop_it)
    running = subprocess.Popen(
        [t.PROGRAM, 'backfill', '--since', '3d'], env=place.home.env,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said = running.communicate(timeout=t.PATIENCE)[1]
    t.equal(place.ask('SELECT count(*) FROM events'), [(2000,)])
    return running.returncode, said


@t.case('killed in the middle, it goes on where it was')
def _():
    now = now_ms()
    with Place([happened('insight created', now - 71 * HOUR + i)
                for i in range(2500)]) as place:
        t.equal(stopped(place, signal.SIGKILL)[0], -signal.SIGKILL)
        before = len(place.past.asked)
        done = place.run('--since', '3d')
        t.equal(done.stdout,
                '500 events of the past kept, 0 were there already\n',
                done.stderr)
        t.equal(place.past.asked[before][0], now - 71 * HOUR + 1999)
        t.equal(place.ask('SELECT count(*), count(DISTINCT uuid) '
                          'FROM events'), [(2500, 2500)])


@t.case('PostHog may take its time, ask to wait, and answer later')
def _():
    with Place([happened('insight created', now_ms() - HOUR)]) as place:
        place.posthog.queries_later = True
        place.posthog.throttled = 1
        done = place.run('--since', '1d')
        t.equal((done.returncode, 'asks to wait 1 s' in done.stderr),
                (0, True), done.stderr)
        t.equal(len(place.home.tail()), 1)


@t.case('a query that takes PostHog too long is asked for less')
def _():
    now = now_ms()
    with Place([happened('insight created', now - i * HOUR)
                for i in range(1, 40)]) as place:
        slow = []
        run = place.posthog._run
        place.posthog._run = lambda sql: run(sql) if hours(sql) < 7 else \
            slow.append(hours(sql)) or too_slow()
        done = place.run('--since', '2d')
        t.equal(done.stdout,
                '39 events of the past kept, 0 were there already\n',
                done.stderr)
        t.equal(max(hours(sql) for sql in place.posthog.sql) < 7, True)
        # Each of them once: the same would be stopped again.
        t.equal([round(hour) for hour in slow], [24, 12])


@t.case('events that are too long together are asked for a few at a time')
def _():
    now = now_ms()
    prompt = 'word ' * 170000  # PostHog takes events of about a megabyte
    past = [happened('insight created', now - HOUR + i, more=prompt)
            for i in range(90)]
    past += [happened('insight created', now - HOUR // 2 + i)
             for i in range(1200)]
    with Place(past) as place:
        done = place.run('--since', '1d')
        t.equal(done.stdout,
                '1290 events of the past kept, 0 were there already\n',
                done.stderr)
        limits = [int(re.search(r' LIMIT (\d+)$', sql).group(1))
                  for sql in place.posthog.sql]
        t.equal(limits, [1000, 250, 62, 62, 62, 124, 248, 496, 992])


@t.case('what is missing is said: key, scope, project, book, times')
def _():
    with Place([]) as place:
        place.posthog.scopes.remove('query:read')
        done = place.run('--since', '1d')
        t.equal((done.returncode, 'query:read' in done.stderr), (1, True),
                done.stderr)
        for words, why in ((['--since', 'soon'], '--since soon'),
                           (['--since', '1d', '--until', '2d'], 'before'),
                           (['now'], 'now')):
            done = place.run(*words)
            t.equal((done.returncode, why in done.stderr), (2, True),
                    done.stderr)
        home = place.home
        place.home.write('config/telltale/accounts.csv',
                         'organization_id,organization_name\n')
        done = place.run()
        t.equal((done.returncode, 'no account' in done.stderr), (3, True),
                done.stderr)
        for name in ('TELLTALE_POSTHOG_PROJECT', 'TELLTALE_POSTHOG_API_KEY'):
            del home.env[name]
            t.equal(place.run().returncode, 3)


@t.case('a telltale that runs does it itself, and receives meanwhile')
def _():
    now = now_ms()
    past = [happened('insight created', now - 60 * HOUR + i)
            for i in range(1500)]
    with Place(past) as place, \
            t.Telltale('--plain', home=place.home) as watch:
        answer = place.past.answer

        def post_one(sql):
            t.equal(watch.post(t.body('survey launched'))[0], 200)
            return answer(sql)

        place.posthog.tables.clear()
        place.posthog.table(EVENTS, post_one)
        done = place.run('--since', '3d')
        t.equal(done.stdout,
                '1500 events of the past kept, 0 were there already\n',
                done.stderr)
        t.equal('100 %' in done.stderr, True, done.stderr)
        done = place.run('--since', '3d')
        t.equal(done.stdout,
                '0 events of the past kept, 1500 were there already\n',
                done.stderr)
        posted = len(place.past.asked)
        watch.wait_for_line('survey', posted)
        t.equal(len([line for line in watch.lines()
                     if 'insight' in line]), 0)
        t.equal(place.ask('SELECT flags & 2, count(*) FROM events GROUP BY 1 '
                          'ORDER BY 1'), [(0, posted), (2, 1500)])


@t.case('stopped by Ctrl-C, here or in a telltale that runs, it goes on later')
def _():
    now = now_ms()
    past = [happened('insight created', now - 71 * HOUR + i)
            for i in range(2500)]
    for owned in (False, True):
        with Place(past) as place:
            watch = t.Telltale(command='serve', home=place.home, start=owned)
            code, said = stopped(place, signal.SIGINT)
            t.equal((code, 'run it again' in said), (130, True), said)
            done = place.run('--since', '3d')
            t.equal(done.stdout,
                    '500 events of the past kept, 0 were there already\n',
                    done.stderr)
            watch.stop()


@t.case('a page is kept in parts, behind one of which a webhook waits')
def _():
    now = now_ms()
    with Place([happened('insight created', now - HOUR - i)
                for i in range(1000)]) as place:
        place.home.env['TELLTALE_VIEWER_TOKEN'] = 'parts'
        with t.Telltale(command='serve', home=place.home) as serve:
            done = place.run('--since', '1d')
            t.equal(done.stdout,
                    '1000 events of the past kept, 0 were there already\n',
                    done.stderr)
            status, body = serve.request(
                'GET', '/metrics', None, {'Authorization': 'Bearer parts'})
            t.equal(status, 200)
            commits = int(re.search(rb'journal_commits_total (\d+)',
                                    body).group(1))
            t.equal(commits >= 1000 // 64, True, commits)
        t.equal(place.ask('SELECT count(DISTINCT uuid) FROM events'),
                [(1000,)])


@t.case('a telltale that runs without a key says so')
def _():
    with Place([]) as place:
        env = dict(place.home.env)
        del place.home.env['TELLTALE_POSTHOG_API_KEY']
        with t.Telltale(command='serve', home=place.home):
            done = place.home.run('backfill', env=env)
            t.equal((done.returncode, 'knows no PostHog' in done.stderr),
                    (1, True), done.stderr)


@t.case('no event of the past is sent on by a mirror or shown as news')
def _():
    with Place([happened('insight created', now_ms() - HOUR)]) as place:
        t.equal(place.run('--since', '1d').returncode, 0)
        with t.Telltale('--plain', home=place.home) as watch:
            t.equal(watch.post(t.body('survey launched'))[0], 200)
            watch.wait_for_line('survey')
            t.equal(len([line for line in watch.lines()
                         if 'insight' in line]), 0)


t.run()
