"""Settings of mirrors, what is posted to them, and what became of it: at a
Slack (fake_slack.py), and in the outbox."""

import json
import re
import time

import fake_slack
import telltale as t


def section(name, url, **settings):
    """The section of a mirror that is quick, and slack if it is not said
    otherwise."""
    keys = {'type': 'slack', 'url': url, 'allow_http': 'yes',
            'window': '50ms', 'backoff_max': '500ms'}
    keys.update(settings)
    return '[mirror %s]\n' % name + ''.join(
        '%s = %s\n' % item for item in keys.items())


def config(url, **settings):
    """The one mirror of most tests; events of one burst may be folded."""
    return section('team', url, **dict({'window': '200ms'}, **settings))


def counted(message):
    """How many events a message speaks of."""
    total = 0
    for block in message['blocks']:
        if block['type'] != 'section':
            continue
        text = block['text']['text']
        digest = re.match(r'\*(\d+) events? from ', text)
        rest = re.match(r'_and (\d+) events? of other accounts_', text)
        group = re.match(r'\*[^\n]*\* · (\d+) events?', text)
        if rest:
            total += int(rest.group(1))
        elif group:
            total += int(group.group(1))
        elif not digest:
            total += 1
    return total


def accounted(slack):
    return sum(counted(message) for message in slack.taken)


def outbox(home):
    """Events that wait, and that are parked."""
    return dict(home.select(
        'SELECT state, sum(events) FROM outbox GROUP BY state'))


def percentiles(seconds):
    seconds = sorted(seconds)
    return ', '.join(
        '%s %.1f ms' % (name, seconds[min(len(seconds) - 1,
                                          int(len(seconds) * part))] * 1e3)
        for name, part in (('median', .5), ('p99', .99), ('slowest', 1)))


def tells_no_secret(watch):
    """Neither what is logged nor what is kept has the address in it."""
    secret = fake_slack.SECRET
    assert secret not in watch.stderr(), watch.stderr()
    with open(watch.home.journal, 'rb') as file:
        assert secret.encode() not in file.read()


def trouble_of(watch):
    """What the last attempts met, as the outbox has it."""
    return ' '.join(error for error, in watch.home.select(
        'SELECT error FROM outbox WHERE error IS NOT NULL'))


def burst(watch, count, accounts=30):
    """Posts count events in arrays, of so many accounts; how long each
    answer took, in seconds."""
    times = []
    for first in range(0, count, 100):
        events = [json.loads(t.body(
            event='insight created',
            org_id='0000%04d-aaaa-4bbb-8ccc-dddddddddddd' % (n % accounts),
            org_name='Account %d' % (n % accounts),
            distinct_id='p%d' % (n % 7)))
            for n in range(first, min(count, first + 100))]
        began = time.monotonic()
        status, _ = watch.post(json.dumps(events).encode())
        times.append(time.monotonic() - began)
        t.equal(status, 200)
    return times
