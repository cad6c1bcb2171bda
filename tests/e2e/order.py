"""A journal with events of the past in it, fetched after newer ones came:
people read it in the order of time, programs in the order of seq."""

import calendar
import json
import os
import subprocess
import time

import telltale as t
from past import EVENTS, BOREALIS, Place, happened

PICTURE = os.path.join(t.BUILD, 'tests', 'screen', 'picture')


def ms(text):
    return calendar.timegm(time.strptime(text, '%Y-%m-%dT%H:%M')) * 1000


# What happened, in the order of time; how it came.
STORY = [
    ('2026-09-02T09:00', 'insight created', 'past'),
    ('2026-09-07T10:00', 'chat with ai', 'live'),
    ('2026-09-09T11:00', 'cohort created', 'past'),
    ('2026-09-14T08:00', 'survey launched', 'live'),
    ('2026-09-14T08:30', 'insight created', 'past'),
    ('2026-09-14T09:00', 'batch export enabled', 'live'),
]
WORDS = ['created an insight', 'asked the AI', 'created a cohort',
         'launched a survey', 'created an insight', 'batch export']
NOW = '2026-09-14T10:00:00Z'
# How they came. Their numbers have a gap where the tick is for the days when
# nobody ran, beside the first event after it.
CAME = [4, 1, 5, 2, 6, 3]


class Mixed(Place):
    """Everything live came before anything of the past was fetched, if it
    was."""

    def __init__(self, fetched=True):
        super().__init__([happened(name, ms(at)) for at, name, how in STORY
                          if how == 'past'])
        self.fetched = fetched

    def __enter__(self):
        super().__enter__()
        for at, name, how in STORY:
            if how == 'live':
                self.home.env['TELLTALE_CLOCK'] = at + ':00Z'
                with t.Telltale(command='serve', home=self.home) as serve:
                    t.equal(serve.post(t.body(name))[0], 200)
        self.home.env['TELLTALE_CLOCK'] = NOW
        if self.fetched:
            self.fetch()
        return self

    def fetch(self):
        done = self.run('--since', '28d')
        t.equal(done.returncode, 0, done.stderr)
        t.equal(done.stdout.split()[0], '3', done.stdout)

    def lines(self, *words):
        """Of telltale tail."""
        done = self.home.run('tail', *words)
        t.equal(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def board(self, keys='', then='', first='6 · following', words=()):
        """The screen of a board that is started now, as text, when it showed
        what comes first, keys were pressed, and it shows what comes then."""
        names = ('HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME',
                 'TELLTALE_CLOCK', *self.posthog.environment())
        done = subprocess.run(
            [PICTURE, '-t', '-s', '24x80', '-u', first, '-k', keys,
             '-U', then, *['-e%s=%s' % (name, self.home.env[name])
                           for name in names],
             t.PROGRAM, 'watch', '--listen', '127.0.0.1:0', *words],
            capture_output=True, timeout=t.PATIENCE, check=True)
        return done.stdout.decode()


def places(seqs):
    """The place of each among them all, from 1."""
    return [sorted(seqs).index(seq) + 1 for seq in seqs]


def in_order(lines, words=None):
    words = words or WORDS
    t.equal(len(lines), len(words), lines)
    for line, part in zip(lines, words):
        t.equal(part in line, True, line)


@t.case('tail prints in the order of time, whatever it is asked for')
def _():
    with Mixed() as place:
        in_order(place.lines())
        in_order(place.lines('-n', 'all'))
        in_order(place.lines('-n', '2'), WORDS[4:])
        in_order(place.lines('--since', '2026-09-08'), WORDS[2:])
        in_order(place.lines('--since', '2026-09-08', '-n', '3'), WORDS[3:])
        in_order(place.lines('created', '-n', '2'), [WORDS[2], WORDS[4]])
        t.equal(place.lines('-n', '0'), [])
        events = [json.loads(line) for line in place.lines('--json')]
        t.equal(places([event['seq'] for event in events]), CAME)
        t.equal([event['received_at'][:16] for event in events],
                [at for at, _, _ in STORY])


@t.case('a journal that has no index yet reads the same')
def _():
    with Mixed() as place:
        place.write('DROP INDEX events_past')
        in_order(place.lines('-n', 'all'))
        in_order(place.lines('-n', '3'), WORDS[3:])
        index = "SELECT count(*) FROM sqlite_schema WHERE name='events_past'"
        t.equal(place.ask(index), [(0,)])
        with t.Telltale(command='serve', home=place.home):
            pass
        t.equal(place.ask(index), [(1,)])
        in_order(place.lines('-n', 'all'))


@t.case('tail -f goes on as things come, late ones too')
def _():
    with Mixed() as place:
        out = place.home.path + '/followed'
        with open(out, 'wb') as file:
            tail = subprocess.Popen([t.PROGRAM, 'tail', '-f', '-n', '2'],
                                    env=place.home.env, stdout=file)
        try:
            def lines():
                with open(out, encoding='utf-8') as file:
                    return file.read().splitlines()

            t.wait_until(lambda: len(lines()) == 2, 'the newest two')
            place.past.add(happened('team member invited',
                                    ms('2026-09-08T12:00'), BOREALIS))
            t.equal(place.run('--since', '28d').returncode, 0)
            t.wait_until(lambda: len(lines()) == 3, 'the late one')
            in_order(lines(), WORDS[4:] + ['invited a team member'])
        finally:
            tail.terminate()
            tail.wait()


@t.case('/events stays in the order of seq')
def _():
    with Mixed() as place:
        place.home.env['TELLTALE_VIEWER_TOKEN'] = 'see'
        with t.Telltale(command='serve', home=place.home) as serve:
            status, data = serve.request('GET', '/events', None,
                                         {'Authorization': 'Bearer see'})
            t.equal(status, 200, data)
            t.equal([json.loads(line)['seq'] for line in data.splitlines()],
                    [seq for seq, in place.ask(
                        'SELECT seq FROM events ORDER BY seq')])
            t.equal(len(data.splitlines()), 6)


# The stream's rows, and the rules between days: the first row's day is told,
# since it is not today's.
ROWS = ['─ Wed 2 Sep ─', 'created an insight', '─ Mon 7 Sep ─', 'asked the AI',
        '─ Wed 9 Sep ─', 'created a cohort', '─ Mon 14 Sep ─',
        'launched a survey', 'created an insight', 'batch export']


def stream_in_order(screen):
    rows = screen.splitlines()
    at = rows[2].index('[Stream]') - 1
    in_order([row[at:] for row in rows[3:-1] if row[at:].strip()], ROWS)


@t.case('a board that is started again shows the stream in that order')
def _():
    with Mixed() as place:
        stream_in_order(place.board())


@t.case('a board that runs while the past is fetched shows it in the end, at '
        'the newest event, filter, freeze and x or not')
def _():
    for keys in ('', 'k', ' ', 'x'):
        with Mixed(fetched=False) as place:
            started = []
            answer = place.past.answer

            def when_told(sql):
                """The last day is answered once the keys were pressed."""
                if "'2026-09-14T10" in sql:
                    started.append(sql)
                    t.wait_until(lambda: place.ask(
                        'SELECT count(*) FROM events')[0][0] >= 5)
                return answer(sql)

            place.posthog.tables.clear()
            place.posthog.table(EVENTS, when_told)
            screen = place.board(keys, 'The past is here: 3 events.',
                                 '3 · following', ('--backfill', '28d'))
            t.equal(len(started), 1)
            stream_in_order(screen)


@t.case('its detail steps in that order, and reads the event it names')
def _():
    with Mixed() as place:
        keys = 'g\\n'
        for number, (when, _, _) in enumerate(STORY, 1):
            screen = place.board(keys, ' %s:00 UTC' % when[11:])
            t.equal('%d of 6' % number in screen and
                    ' %s:00 UTC' % when[11:] in screen, True, screen)
            keys += '\\t'


@t.case('the last event of an account is the last in time')
def _():
    with Mixed() as place:
        # What PostHog was asked for has links, what was posted here has not.
        screen = place.board('g' 'y', 'Sent to the terminal')
        link = ''.join(line.strip() for line in screen.splitlines())
        t.equal('/2026-09-02T09%3A00%3A00.000Z' in link, True, screen)
        screen = place.board('\\t' 'y', 'No link')
        t.equal('>Alder' in screen and
                'No link: the event names none.' in screen, True, screen)


t.run()
