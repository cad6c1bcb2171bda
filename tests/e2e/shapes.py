"""Bodies of every shape, posted to the real receiver: odd fixtures, other
senders' forms, paths of one's own, and what is dropped at the border."""

import json
import os
import urllib.parse

import telltale as t

BOOK = ['--accounts', os.path.join(t.FIXTURES, 'accounts.csv')]
FORM = {'Content-Type': 'application/x-www-form-urlencoded'}
BOREALIS = 'becccfc8-9252-4f2f-983e-4eeaaac45350'
# How many events a fixture holds, where it is not one.
COUNTS = {'shape_array_batch.json': 3, 'shape_array_onboarding_burst.json': 6,
          'shape_empty_array.json': 0, 'hard_dup_uuid_b.json': 0}
# Its id is no session id, so there is no replay.
NO_SESSION = {'hard_session_shell.json'}


def check(row, events):
    name = row['file']
    t.equal(len(events), COUNTS.get(name, 1), name)
    for event in events:
        assert event['sentence'], name
    if len(events) != 1:
        return
    event = events[0]
    if row['event']:
        t.equal(event['event'], row['event'], name)
        if row['replay'] != '-':
            t.equal(event['links']['replay'] is not None,
                    row['replay'] == 'yes' and name not in NO_SESSION, name)
    if row['org_id']:
        t.equal(event['account']['id'], row['org_id'], name)
    if row['email']:
        t.equal(event['person']['email'], row['email'], name)


@t.case('every odd fixture is answered and read as its row says')
def _():
    right, seen = 0, 0
    with t.Telltale(*BOOK) as watch:
        rows = [row for row in t.manifest()
                if row['kind'] in ('hard', 'shape')]
        for row in rows:
            status, answer = watch.post(t.fixture(row['file']))
            t.equal((status, answer), (200, b'{"ok":true}'), row['file'])
            events = watch.home.tail()
            check(row, events[seen:])
            seen = len(events)
            right += 1
        t.note('%d of %d' % (right, len(rows)))


def same_event():
    """One event as eight senders would write it: name → (body, headers)."""
    person = {'email': 'tomas@borealis.example', 'name': 'Tomás Herrera'}
    groups = {'$groups': {'organization': BOREALIS}}
    inner = {'event': 'feature flag created', 'distinct_id': 'd1',
             'timestamp': '2026-09-14T08:06:03.942Z', 'properties': groups}
    default = {'event': inner, 'person': {'id': 'p', 'properties': person}}
    flat = {'event': 'feature flag created', 'email': person['email'],
            'name': 'x', 'user_name': person['name'],
            'organization_id': BOREALIS}
    shapes = {
        'default body': default,
        'whole globals': dict(default, source={'name': 's', 'url': 'x'},
                              project={'id': 2, 'url': 'https://us.posthog.'
                                                       'com/project/2'},
                              groups={'organization': {'id': BOREALIS}}),
        'hand-made': flat,
        'list': [flat],
        'in a string': json.dumps(flat),
        'gateway': {'requestId': 'r', 'body': json.dumps(default)},
        'Zapier': {'hook': {'id': 'x', 'event': {}},
                   'data': dict(inner, person={'properties': person})},
        'Segment': {'type': 'track', 'event': 'feature flag created',
                    'userId': 'd1', 'properties': {},
                    'context': {'groupId': BOREALIS, 'traits': person}},
    }
    bodies = {name: (json.dumps(shape).encode(), None)
              for name, shape in shapes.items()}
    bodies['lines'] = (json.dumps(flat).encode() + b'\n' +
                       json.dumps(flat).encode() + b'\n', None)
    bodies['form'] = (urllib.parse.urlencode(flat).encode(), FORM)
    bodies['payload in a form'] = (urllib.parse.urlencode(
        {'payload': json.dumps(flat)}).encode(), FORM)
    bodies['curl -d'] = (json.dumps(flat).encode(), FORM)
    return bodies


@t.case('the same event reads the same in every shape')
def _():
    with t.Telltale(*BOOK) as watch:
        bodies = same_event()
        for name, (body, headers) in bodies.items():
            t.equal(watch.post(body, headers)[0], 200, name)
        events = watch.home.tail(*BOOK)
        t.equal(len(events), len(bodies) + 1, 'events')
        for event in events:
            t.equal(event['sentence'], 'created a feature flag')
            t.equal(event['account'], {'id': BOREALIS, 'listed': True,
                                       'name': 'Borealis Freight'})
            t.equal(event['person']['name'], 'Tomás Herrera')
            t.equal(event['person']['email'], 'tomas@borealis.example')
        t.note('%d shapes' % len(bodies))


@t.case('a template that was never filled in is said to be one')
def _():
    with t.Telltale() as watch:
        body = t.fixture('shape_unrendered_template.json')
        for _ in range(2):
            t.equal(watch.post(body)[0], 200)
        t.equal([event['sentence'] for event in watch.home.tail()],
                ['sent a template that PostHog did not fill in'] * 2)


@t.case('paths of [payload] find what we do not know')
def _():
    config = ('[payload]\nevent = was.done\nperson_email = by.0.mail\n'
              'account_id = customer.ref\n')
    with t.Telltale(*BOOK, config=config) as watch:
        watch.post(json.dumps({
            'was': {'done': 'insight created'},
            'by': [{'mail': 'omar@dunes.example'}],
            'customer': {'ref': BOREALIS.upper()}}).encode())
        event, = watch.home.tail()
        t.equal(event['sentence'], 'created an insight')
        t.equal(event['person']['email'], 'omar@dunes.example')
        t.equal(event['account']['name'], 'Borealis Freight')


@t.case('prompts are dropped at the border, in whatever wrapping')
def _():
    secret = 'a question nobody else should read'
    event = {'event': 'chat with ai', 'properties': {'prompt': secret}}
    wrapped = dict(event, properties=json.dumps(event['properties']))
    with t.Telltale() as watch:
        for shape in event, [event], json.dumps(event), wrapped:
            t.equal(watch.post(json.dumps(shape).encode())[0], 200)
        events = watch.home.tail()
        t.equal(len(events), 4)
        assert secret not in json.dumps(events)
        assert secret.encode() not in watch.stdout()
        watch.stop()
        for folder, _, files in os.walk(watch.home.path):
            for file in files:
                with open(os.path.join(folder, file), 'rb') as kept:
                    assert secret.encode() not in kept.read(), file


t.run()
