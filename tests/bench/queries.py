"""What a query finds in a large journal, and how long that takes: queries.py
[EVENTS] (1000000) makes one of so many events, with properties as PostHog
sends them, and asks `telltale tail` for the newest twenty that match and for
all of them. A light query is judged by what a row shows, a deep one reads the
bodies. Prints, asserts nothing."""

import json
import subprocess
import sys
import time

from bench import figure, t

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
ACCOUNTS, PEOPLE = 30, 600
EACH_MS = 200 * 1000000 // EVENTS  # two and a half days and less
ALL_SECONDS = 600

KINDS = [  # event, category, sentence, properties of its own
    ('insight created', 'analytics', 'created an insight · trends',
     {'insight': 'TRENDS', 'series_length': 2}),
    ('feature flag created', 'flags', 'created a feature flag',
     {'variants_count': 3, 'has_rollout_percentage': True}),
    ('chat with ai', 'ai', 'asked the AI a question', {'mode': 'sidebar'}),
    ('recording analyzed', 'replay', 'watched a replay',
     {'duration': 318442}),
    ('person viewed', 'engagement', 'opened a person profile',
     {'properties_count': 31}),
    ('billing subscription paid', 'billing', 'paid for the subscription',
     {'total_usd': '120.50'}),
]
QUERIES = [
    ('', 'everything'),
    ('category:billing', 'one in six'),
    ('insight', 'a word in one of six'),
    ('account:"Account 7 "', 'one account of thirty'),
    ('category:ai person:person-20@', 'a person, and what they do'),
    ('/flag$/', 'a regular expression'),
    ('"nobody said this"', 'nothing'),
    ('amount>900', 'deep: money, one in sixty'),
    ('prop.plan:scale category:flags', 'deep, narrowed by what is light'),
    ('prop.$browser_version=119', 'deep: one in thirty'),
    ('body:checkout-17', 'deep: one in ninety'),
    ('body:nowhere', 'deep: nothing'),
]


def properties(number, own):
    """As many as a browser sends."""
    return dict(own, **{
        'plan': ('free', 'scale', 'enterprise')[number % 3],
        '$browser': 'Firefox', '$browser_version': 100 + number % 30,
        '$os': 'Mac OS X', '$device_type': 'Desktop',
        '$screen_height': 1117, '$screen_width': 1728,
        '$lib': 'web', '$lib_version': '1.268.0',
        '$pathname': '/checkout-%d' % (number % 1000),
        '$referring_domain': 'posthog.example',
        '$session_id': '0198aaaa-0000-7000-8000-%012d' % (number // 40),
        '$timezone': 'Europe/Zurich'})


def line(number, newest):
    event, category, sentence, own = KINDS[number % len(KINDS)]
    own = dict(own)
    if 'total_usd' in own:
        own['total_usd'] = '%d.50' % (number // 6 % 1000)
    at = newest - (EVENTS - number) * EACH_MS
    iso = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(at // 1000))
    iso += '.%03dZ' % (at % 1000)
    return json.dumps({
        'uuid': '%08x-%04x-7000-8000-%012x' % (at >> 16, at & 0xffff, number),
        'event': event, 'category': category, 'tone': 'info',
        'sentence': sentence, 'occurred_at': iso, 'received_at': iso,
        'account': {'id': '0190aaaa-0000-0000-0000-%012d' % (number % ACCOUNTS),
                    'name': 'Account %d Labs' % (number % ACCOUNTS)},
        'person': {'id': 'p%d' % (number % PEOPLE),
                   'email': 'person-%d@alder.example' % (number % PEOPLE)},
        'properties': properties(number, own)})


def fill(home):
    """By import, which takes what export writes."""
    began = time.monotonic()
    newest = int(time.time() * 1000)
    taking = subprocess.Popen(
        [t.PROGRAM, 'import', '-'], env=home.env, stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, text=True)
    for number in range(1, EVENTS + 1):
        taking.stdin.write(line(number, newest) + '\n')
    taking.stdin.close()
    if taking.wait() != 0:
        raise SystemExit('queries: the import failed')
    print('%d events taken in within %.0f s' % (EVENTS,
                                                time.monotonic() - began),
          flush=True)


def ask(home, query, lines):
    """How many came, and milliseconds until the last of them."""
    began = time.monotonic()
    done = subprocess.run(
        [t.PROGRAM, 'tail', '-n', lines, '--', query], env=home.env,
        stdin=subprocess.DEVNULL, capture_output=True, timeout=ALL_SECONDS)
    if done.returncode not in (0, 1):
        raise SystemExit('queries: ' + done.stderr.decode())
    return done.stdout.count(b'\n'), (time.monotonic() - began) * 1000


def main():
    home = t.Home()
    fill(home)
    for number, (query, what) in enumerate(QUERIES):
        _, newest = ask(home, query, '20')
        found, took = ask(home, query, 'all')
        print('%-34s %-34s %7d found, the newest 20 in %.0f ms, all in %.2f s'
              % (query, what, found, newest, took / 1000), flush=True)
        figure('queries.%d.newest' % number, newest, 'ms')
        figure('queries.%d.all' % number, took, 'ms', query=query, what=what,
               found=found)
    home.remove()


main()
