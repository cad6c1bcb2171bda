"""Watching the pipe: /healthz, /metrics, and the silence alarm."""

import json
import math
import re
import shutil
import sqlite3
import subprocess

import fake_posthog
import fake_slack
import mirrors
import telltale as t

VIEWER = 'viewer-of-the-figures'
AUTH = {'Authorization': 'Bearer ' + VIEWER}
NAME = re.compile(r'[a-zA-Z_:][a-zA-Z0-9_:]*\Z')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
KINDS = ('counter', 'gauge', 'histogram')
HOUR = 3600000
WEEK = 168 * HOUR
MONDAY = 1789376400000  # 2026-09-14, 9:00 UTC


# --- a strict reader of Prometheus' text format ------------------------------

def read_sample(line):
    """(name, labels, value) of one line."""
    found = re.match(r'([^ {]+)(?:\{(.*)\})? ([^ ]+)\Z', line)
    assert found and NAME.match(found.group(1)), line
    labels, rest = {}, found.group(2)
    while rest:
        label = LABEL.match(rest)
        assert label and label.group(1) not in labels, line
        labels[label.group(1)] = label.group(2)
        rest = rest[label.end():]
        assert not rest or rest.startswith(','), line
        rest = rest[1:]
    return found.group(1), labels, float(found.group(3))


def family_of(name, kind):
    if kind == 'histogram':
        return re.sub('_(bucket|sum|count)$', '', name)
    return name


def check_histogram(name, samples):
    buckets = [(float(labels['le']), value) for sample, labels, value
               in samples if sample == name + '_bucket']
    assert buckets == sorted(buckets), 'not cumulative: %s' % buckets
    assert [value for _, value in buckets] == sorted(
        value for _, value in buckets), buckets
    assert math.isinf(buckets[-1][0]), 'no +Inf'
    count = [value for sample, _, value in samples
             if sample == name + '_count']
    t.equal(count, [buckets[-1][1]], name)
    t.equal(len([1 for sample, _, _ in samples if sample == name + '_sum']),
            1, name)


def read_metrics(text):
    """{(name, labels): value}; an assertion for all that is not to be."""
    assert text.endswith('\n') and '\r' not in text
    families, helped, current, seen = {}, set(), None, {}
    for line in text[:-1].split('\n'):
        assert line and line == line.strip(), repr(line)
        if line.startswith('# HELP '):
            name, words = line[7:].split(' ', 1)
            assert NAME.match(name) and words and name not in helped, line
            helped.add(name)
        elif line.startswith('# TYPE '):
            name, kind = line[7:].split(' ')
            assert kind in KINDS and name in helped, line
            assert name not in families, line
            assert (kind == 'counter') == name.endswith('_total'), line
            families[name] = (kind, [])
            current = name
        else:
            name, labels, value = read_sample(line)
            kind, samples = families[current]
            t.equal(family_of(name, kind), current, 'out of its family')
            key = name, tuple(sorted(labels.items()))
            assert key not in seen, 'twice: %s' % line
            assert kind == 'gauge' or value >= 0, line
            seen[key] = value
            samples.append((name, labels, value))
    for name, (kind, samples) in families.items():
        assert samples, name + ' has no sample'
        if kind == 'histogram':
            check_histogram(name, samples)
    t.equal(helped, set(families), 'HELP and TYPE')
    return seen


def metrics(serve):
    status, data = serve.request('GET', '/metrics', None, AUTH)
    t.equal(status, 200)
    return {name[len('telltale_'):] + ''.join(
        '{%s=%s}' % label for label in labels): value
        for (name, labels), value in read_metrics(data.decode()).items()}


# --- cases -------------------------------------------------------------------

def serving(*words, **how):
    return t.Telltale(*words, command='serve', TELLTALE_VIEWER_TOKEN=VIEWER,
                      **how)


@t.case('metrics are for the viewer, in a form that a strict reader takes')
def _():
    with serving() as serve:
        t.equal(serve.request('GET', '/metrics')[0], 401)
        t.equal(serve.request('GET', '/metrics', None, {
            'Authorization': 'Bearer ' + serve.token})[0], 401, 'the hook')
        t.equal(serve.request('POST', '/metrics', b'x', AUTH)[0], 405)
        connection = serve.connect()
        connection.request('GET', '/metrics', None, AUTH)
        answer = connection.getresponse()
        t.equal(answer.getheader('Content-Type'),
                'text/plain; version=0.0.4; charset=utf-8')
        read_metrics(answer.read().decode())
        connection.close()


@t.case('promtool, where there is one, has nothing to say')
def _():
    tool = shutil.which('promtool')
    if not tool:
        t.note('promtool is not installed')
        return
    with serving() as serve:
        serve.post(t.body())
        text = serve.request('GET', '/metrics', None, AUTH)[1]
        done = subprocess.run([tool, 'check', 'metrics'], input=text,
                              capture_output=True, check=False)
        t.equal((done.returncode, done.stdout + done.stderr), (0, b''))


@t.case('what came is counted as what it was, with its lag')
def _():
    when = '2026-09-14T09:00:00Z'
    with serving(TELLTALE_CLOCK=when) as serve:
        first = metrics(serve)
        assert 'last_event_timestamp_seconds' not in first
        event = {'event': 'insight created', 'distinct_id': 'maya',
                 'uuid': '0198f2d5-0000-7000-8000-000000000001',
                 'timestamp': '2026-09-14T08:59:58Z'}
        t.equal(serve.post(json.dumps(event))[0], 200)
        t.equal(serve.post(json.dumps(event))[0], 200)
        t.equal(serve.post(b'{')[0], 400)
        t.equal(serve.post(b'{}', token='wrong')[0], 401)
        t.equal(serve.request('GET', '/nowhere')[0], 404)
        got = metrics(serve)
        wanted = {'events_total': 1, 'duplicates_total': 1,
                  'refused_total{reason=not_json}': 1,
                  'refused_total{reason=secret}': 1,
                  'refused_total{reason=journal}': 0,
                  'refused_total{reason=http}': 1,
                  'arrival_lag_seconds_bucket{le=1.000}': 0,
                  'arrival_lag_seconds_bucket{le=2.500}': 1,
                  'arrival_lag_seconds_bucket{le=+Inf}': 1,
                  'arrival_lag_seconds_sum': 2, 'journal_up': 1,
                  'journal_last_seq': 1, 'silence': 0, 'habit_hours': 0,
                  'last_event_timestamp_seconds': MONDAY / 1000}
        t.equal({name: got.get(name) for name in wanted}, wanted)
        assert got['http_requests_total'] > first['http_requests_total']


@t.case('health says ok to anybody, and to the viewer all of it')
def _():
    with serving() as serve:
        t.equal(serve.health(), (200, {'ok': True}))
        t.equal(serve.health('wrong'), (200, {'ok': True}))
        serve.post(t.body())
        serve.post(b'{')
        status, told = serve.health(VIEWER)
        t.equal(status, 200)
        version = subprocess.run([t.PROGRAM, '--version'], check=True,
                                 capture_output=True, text=True).stdout
        t.equal(told['version'], version.split()[1])
        t.equal(told['journal']['last_seq'], 1)
        t.equal(told['journal']['trouble'], None)
        t.equal(told['source']['events'], 1)
        t.equal(told['source']['not_json'], 1)
        t.equal(told['source']['silence'], None)
        t.equal(told['lag']['events'], 1)
        t.equal(told['mirrors'], [])


def destination(name, enabled=True, state=1):
    function = fake_posthog.answer_of('hog_function_201.json')
    function.update(id='f1', name=name, enabled=enabled, deleted=False,
                    status={'state': state, 'tokens': 0})
    return function


def serving_at(home, when, *words):
    home.env['TELLTALE_CLOCK'] = when
    return t.Telltale(*words, command='serve', home=home)


def write_past(home, weeks=4):
    """Every two minutes from 7:58 to 11, on the Mondays before."""
    with serving_at(home, '2026-09-14T09:00:00Z', '--no-mirrors') as serve:
        events = [{'event': 'insight created', 'distinct_id': str(number)}
                  for number in range(weeks * 91)]
        t.equal(serve.post(json.dumps(events))[0], 200)
    with sqlite3.connect(home.state + '/journal.db') as journal:
        seqs = [row[0] for row in journal.execute(
            'SELECT seq FROM events ORDER BY seq')]
        t.equal(len(seqs), weeks * 91)
        for number, seq in enumerate(seqs):
            week, step = divmod(number, 91)
            at = (MONDAY - (weeks - week) * WEEK - HOUR
                  + (step - 1) * 120000)
            journal.execute('UPDATE events SET received_at = ?1,'
                            ' occurred_at = ?1 WHERE seq = ?2', (at, seq))
        journal.execute('DELETE FROM hours')
        journal.execute(
            'INSERT INTO hours SELECT received_at / 3600000, count(*), 0,'
            ' min(seq), min(received_at), max(received_at) FROM events'
            ' GROUP BY 1')
    journal.close()


def quiet_home(config=None, weeks=4):
    home = t.Home(config, TELLTALE_VIEWER_TOKEN=VIEWER)
    write_past(home, weeks)
    return home


@t.case('a silence out of the ordinary is said in log, health, metrics and '
        'check, and to the mirror that asked for it')
def _():
    with fake_slack.Hook() as hook, fake_slack.Hook() as deaf:
        home = quiet_home(
            mirrors.section('told', hook.url, type='json', window='0s',
                            silence='yes', query='nobody') +
            mirrors.section('deaf', deaf.url, type='json', window='0s'))
        wanted = ('No event for 168 h; every 2 min is usual at this hour of '
                  'a Mon')
        with serving_at(home, '2026-09-14T09:30:00Z') as serve:
            t.wait_until(lambda: metrics(serve)['silence'] == 1, 'the alarm')
            assert wanted in serve.stderr().replace('167 h', '168 h'), \
                serve.stderr()
            told = serve.health(VIEWER)[1]['source']['silence']
            assert told.endswith('Monday. Is the destination on?'), told
            check = home.run('check')
            assert '! No event for' in check.stdout, check.stdout
            t.wait_until(hook.items, 'the mirror')
            t.equal(hook.items()[0]['event'], 'telltale silence')
            assert 'is usual at this hour' in hook.items()[0]['sentence']
            labels = '{mirror=told}{type=json}'
            t.wait_until(lambda: metrics(serve)[
                'mirror_messages_total' + labels] == 1, 'the count')
            t.equal(metrics(serve)['mirror_up' + labels], 1)
            t.equal([mirror['name'] for mirror in
                     serve.health(VIEWER)[1]['mirrors']], ['told', 'deaf'])
            t.equal(deaf.items(), [], 'who did not ask')
            serve.post(t.body())
            t.equal(metrics(serve)['silence'], 0)
            assert 'events come again' in serve.stderr(), serve.stderr()
            assert '! No event' not in home.run('check').stdout
        home.remove()


@t.case('with an API key PostHog is asked, and what it says is said')
def _():
    name = 'Customer activity stream'
    for change, wanted in (
            (None, 'PostHog has none: telltale destination create.'),
            ({'enabled': False}, 'PostHog says it is paused: telltale '
                                 'destination resume.'),
            ({'state': 3}, 'PostHog has disabled it: slow or failing'),
            ({'state': 2}, 'PostHog holds events back: slow or failing'),
            ({}, 'PostHog says it is on.')):
        with fake_posthog.FakePostHog() as posthog:
            if change is not None:
                posthog.functions['f1'] = destination(name, **change)
            home = quiet_home()
            home.env.update(posthog.environment())
            with serving_at(home, '2026-09-14T09:30:00Z') as serve:
                told = t.wait_until(
                    lambda: wanted in str(serve.health(VIEWER)[1]['source']
                                          ['silence']), wanted)
                assert told and wanted in serve.stderr(), serve.stderr()
            home.remove()


@t.case('the same on a Sunday, or after two weeks only, is nobody\'s affair')
def _():
    for weeks, when, hours in ((4, '2026-09-13T09:30:00Z', 1),
                               (2, '2026-09-14T09:30:00Z', 0)):
        home = quiet_home(weeks=weeks)
        with serving_at(home, when) as serve:
            if hours:
                t.wait_until(lambda: metrics(serve)['habit_hours'] >= hours,
                             'the habit')
            t.equal(serve.health(VIEWER)[1]['source']['silence'], None)
            t.equal(metrics(serve)['habit_hours'] >= 1, hours >= 1)
            assert 'No event for' not in serve.stderr()
        home.remove()


t.run()
