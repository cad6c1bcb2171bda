"""What telltale asks of PostHog, sends to it and takes from it, held against
PostHog's own packages: `./dev contract`.

This side runs telltale, against the pretended PostHog of tests/e2e where it
needs one, and writes claims; contract.js has PostHog's virtual machine and
its parser judge them. Where the pretended one says something, it is a claim
too: that it and PostHog agree.
"""

import copy
import json
import os
import subprocess
import sys
import urllib.parse
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'e2e'))

import fake_posthog  # noqa: E402
import telltale as t  # noqa: E402
from past import ALDER, FOREIGN, HOUR, Place, happened, now_ms  # noqa: E402

OWNER = 'csm@team.example'
CAPITALS = '01A09EF3-A9A6-7BB2-A3CE-10CFE4A10794'
WORDY = 'Quince-and-Co'
TEAM = 71
MORE_POSTS = 450
SECRET = 'whsec_cG9zdGhvZy1hY3Rpdml0eS1maXh0dXJlLXNlY3JldCE='
BOOK = t.fixture('accounts.csv').decode().rstrip('\n')
BOOK += '\n%s,Quince%s\n' % (
    CAPITALS, ',' * (BOOK.splitlines()[0].count(',') - 1))
WORDY_BOOK = 'organization_id,organization_name\nalder,Alder\n%s,Quince\n' \
    % WORDY
ROWS = fake_posthog.answer_of('query_200.json')['results']
# What the template "HTTP Webhook" comes with, less what telltale never reads.
DEFAULT_BODY = {'event': '{event}', 'person': '{person}'}

claims = []
found = []  # TAP of what this side has judged


def claim(kind, name, **more):
    claims.append(dict(more, kind=kind, name=name))


# Events as a destination sees them

def globals_of_payload(body):
    """What a body of our own payload was rendered from."""
    site = body['event_url'].split('/events/')[0]
    org = body['org_id']
    return {
        'project': {'id': 2, 'name': body['project'], 'url': site},
        'source': {'name': 'x', 'url': body['source_url']},
        'event': {'uuid': body['uuid'], 'event': body['event'],
                  'elements_chain': '', 'distinct_id': body['distinct_id'],
                  'properties': body['properties'],
                  'timestamp': body['timestamp'], 'url': body['event_url']},
        'person': {'id': 'p1', 'name': body['user_email'],
                   'url': body['person_url'],
                   'properties': {'email': body['user_email'],
                                  'name': body['user_name'],
                                  'organization_id': body['person_org_id']}},
        'groups': {'organization': {
            'id': org, 'index': 0, 'type': 'organization',
            'properties': {'name': body['org_name']}}} if org else {},
    }


def globals_of_default(body):
    """The same of the untouched template's body."""
    event = body['event']
    site = event['url'].split('/events/')[0]
    org = event['properties'].get('$group_0')
    return {
        'project': {'id': 2, 'name': 'PostHog App + Website', 'url': site},
        'source': {'name': 'x', 'url': site + '/functions/x'},
        'event': event, 'person': body['person'],
        'groups': {'organization': {
            'id': org, 'index': 0, 'type': 'organization',
            'properties': {'name': 'Alder & Finch Labs'}}} if org else {},
    }


def odd_shapes(globals_):
    """What else there is: no person, no group, no session, and values that
    are no text where text is made of them."""
    def changed(change):
        made = copy.deepcopy(globals_)
        change(made)
        return made

    def put(key, value):
        return lambda g: g['event']['properties'].update({key: value})
    yield 'no person', changed(lambda g: g.update(person=None))
    yield 'no groups', changed(lambda g: (
        g.update(groups={}), g['event']['properties'].pop('$groups')))
    yield 'no properties', changed(
        lambda g: g['event'].update(properties={}))
    for value in (None, True, 17, 1.5, 'a"b\\c\n{x}', ['a', 1], {'k': 'v'}):
        yield 'a session id %s' % json.dumps(value), changed(
            put('$session_id', value))


def shapes():
    """(name, globals, the body PostHog made of it or None, its kind)."""
    for row in t.manifest():
        if row['file'].startswith('vm_'):
            text = t.fixture(row['file']).decode()
            body = json.loads(text)
            ours = row['kind'] == 'event'
            yield (row['file'], globals_of_payload(body) if ours
                   else globals_of_default(body), text, ours)
    base = globals_of_payload(json.loads(
        t.fixture('vm_a01_insight_created.json')))
    for name, globals_ in odd_shapes(base):
        yield name, globals_, None, True


# Payloads

def claim_payloads(requests):
    inputs = requests[0]['inputs']
    payload = inputs['body']['value']
    for name, globals_, text, ours in shapes():
        if text:
            claim('payload', 'the payload of %s is the same to the byte'
                  % name, template=payload if ours else DEFAULT_BODY,
                  globals=globals_, text=text)
        for of, template in (('our payload', payload),
                             ('the default body', DEFAULT_BODY)):
            claim('payload', '%s of %s: PostHog and its double agree'
                  % (of, name), template=template, globals=globals_,
                  wanted=fake_posthog.render(template, globals_))
    for one in requests:
        for key, value in one['inputs'].items():
            if key != 'body':
                claim('payload', '%s: %s reaches PostHog as it is'
                      % (one['name'], key), template=value['value'],
                      globals=globals_, wanted=value['value'])


# Filters

def event(name, org=None, person_org=None, **properties):
    return fake_posthog.globals_of(
        name, org, 'maya@alderfinch.example' if person_org else None,
        person_org, properties)


def whose():
    """(in words, organisation, does it come)."""
    listed = [row.split(',')[0] for row in BOOK.splitlines()[1:]]
    for org in listed + [CAPITALS.lower()]:
        yield 'of %s' % org, org, True
    for org in (FOREIGN, ALDER.upper(), CAPITALS.replace('A9', 'a9'), '', None,
                ALDER[:-1], ' ' + ALDER):
        yield 'of %s' % json.dumps(org), org, False


def events_of(name, org, made):
    """An event of that name as PostHog has it, of that organisation."""
    if name == '$pageview':
        return event(name, None, org, **{'$pathname': '/docs/feature-flags'})
    if name in made.mute:
        return event(name)
    return event(name, org, org)


def claim_filter(sentence, requests, globals_, wanted):
    """wanted: how many of the destinations let it through."""
    passed = [fake_posthog.filters_hold(one['filters'], globals_)
              for one in requests]
    found.append('%sok 0 - %s passes %d of our destinations, not %d' % (
        '' if sum(passed) == wanted else 'not ', sentence, wanted,
        len(requests) - wanted))
    for one, each in zip(requests, passed):
        claim('filter', '%s: %s%s' % (one['name'], '' if each else 'not ',
                                      sentence),
              filters=one['filters'], globals=globals_, wanted=each)


def claim_double():
    """The double compares as the VM does, whatever the types."""
    values = ('a', 'A', '1', 'true', 'null', '', 'a_b', 'xaybz', '50%', 1, 0,
              1.5, True, False, None)
    for operator, wanted in [('exact', each) for each in values] + [
            ('exact', []), ('exact', ['a']), ('exact', [1]),
            ('exact', ['a', '1', 1.5]), ('exact', [1, 'true', None]),
            ('icontains', 'A'), ('icontains', '1'), ('icontains', 'u'),
            ('icontains', 'a_b'), ('icontains', 'a%b'), ('icontains', '50%'),
            ('icontains', '.')]:
        for value in values:
            rule = {'key': 'k', 'type': 'event', 'operator': operator,
                    'value': wanted}
            for key, globals_ in (('k', event('x', k=value)),
                                  ('other', event('x'))):
                filters = {'properties': [rule]}
                claim('filter', 'PostHog and its double agree: %s %s %s' % (
                    json.dumps(value) if key == 'k' else 'nothing', operator,
                    json.dumps(wanted)), filters=filters, globals=globals_,
                      wanted=fake_posthog.filters_hold(filters, globals_))


def claim_filters(made, requests):
    names = [entry['id'] for one in requests
             for entry in one['filters']['events']]
    for name in names:
        if name in made.mute:
            continue
        for words, org, comes in whose():
            claim_filter('%s %s' % (name, words), requests,
                         events_of(name, org, made), int(comes))
    for name in made.mute:
        for team, comes in ((TEAM, 1), (str(TEAM), 1), (TEAM + 1, 0),
                            (None, 0), (True, 0)):
            claim_filter('%s of project %s' % (name, json.dumps(team)),
                         requests, event(name, team_id=team), comes)
    claim_filter('a name that nobody asked for', requests,
                 event('something else', ALDER, ALDER), 0)
    claim_filter('an event in another case', requests,
                 event('Insight Created', ALDER, ALDER), 0)
    for path, comes in (('/docs', 1), ('/Docs/x', 1), ('/pricing', 0),
                        (None, 0), (7, 0)):
        claim_filter('a page %s' % json.dumps(path), requests,
                     event('$pageview', None, ALDER, **{'$pathname': path}),
                     comes)
    claim_filter('a page of nobody', requests,
                 event('$pageview', **{'$pathname': '/docs'}), 0)
    claim_double()
    for empty in ({'properties': [{'key': '$group_0', 'type': 'event',
                                   'operator': 'exact', 'value': []}]}, {}):
        claim_filter('an empty list is everybody',
                     [{'name': 'a warning', 'filters': empty}],
                     event('anything', FOREIGN), 1)


class Feed:
    """A home with a book, and the requests that would make destinations."""

    mute = ('error_tracking_issue_created', 'batch import created')

    def __init__(self, book=BOOK, **environment):
        self.home = t.Home(TELLTALE_PUBLIC_URL='https://tunnel.example/',
                           **environment)
        self.home.write('config/telltale/accounts.csv', book)
        self.home.env['TELLTALE_ACCOUNTS_TEAMS'] = self.home.write(
            'teams.csv', 'team_id,organization_id\n%d,%s\n' % (TEAM, ALDER))

    def requests(self):
        done = self.home.run('destination', 'show', '--json', '--secrets')
        t.equal(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]


def claim_destinations():
    made = Feed()
    requests = made.requests()
    claim_payloads(requests)
    claim_filters(made, requests)
    made.home.env['TELLTALE_SIGNING_SECRET'] = SECRET
    claim_payloads(made.requests()[:1])
    made.home.env['TELLTALE_POSTHOG_GROUP_INDEX'] = '1'
    for one in made.requests()[:1]:
        for org, comes in ((ALDER, 1), (CAPITALS, 1), (FOREIGN, 0)):
            claim_filter('of %s by another group' % org, [one],
                         fake_posthog.globals_of('insight created', org,
                                                 group=('customer', 1)),
                         comes)
        claim('payload', 'another group is the organisation',
              template=one['inputs']['body']['value']['org_id'],
              globals=fake_posthog.globals_of('insight created', ALDER,
                                              group=('customer', 1)),
              wanted=ALDER)
    made.home.remove()
    made = Feed(WORDY_BOOK)
    for org, comes in (('alder', 1), ('Alder', 0), (WORDY, 1),
                       (WORDY.lower(), 1), (WORDY.upper(), 0)):
        claim_filter('of %s in words' % org, made.requests(),
                     fake_posthog.globals_of('insight created', org), comes)
    made.home.remove()
    claim_alone()


def claim_alone():
    """A book of one account: what is no text is not taken for it."""
    made = Feed('organization_id,organization_name\n%s,Alder\n' % ALDER)
    requests = made.requests()
    for org, comes in ((ALDER, 1), (FOREIGN, 0), (False, 0), (True, 0),
                       (0, 0), (1, 0), ('', 0), (None, 0)):
        words = 'of %s where there is one account' % json.dumps(org)
        claim_filter(words, requests,
                     event('insight created', **{'$group_0': org}), comes)
        claim_filter('a page ' + words, requests, fake_posthog.globals_of(
            '$pageview', None, 'maya@alderfinch.example', org,
            {'$pathname': '/docs/feature-flags'}), comes)
    made.home.remove()


# Queries

def pull(fill, **environment):
    """What is asked when a book is pulled and looked at."""
    with fake_posthog.FakePostHog() as fake:
        fill(fake)
        made = t.Home(**dict(dict(fake.environment(),
                                  TELLTALE_POSTHOG_OWNER=OWNER),
                             **environment))
        made.run('accounts', 'pull')
        made.run('check', '--posthog')
        made.remove()
        return fake.sql


def analytics(fake, accounts=None):
    fake.warehouse.customer_analytics(accounts or [
        ('a%d' % at, row[1], row[0], ['x%d.example' % at])
        for at, row in enumerate(ROWS)])
    fake.warehouse.rows('system.custom_property_definitions',
                        (fake_posthog.warehouse.MRR, 'MRR'))
    fake.warehouse.heard([row[0] for row in ROWS])


def vitally(fake):
    fake.warehouse.vitally(ROWS, OWNER)
    fake.warehouse.heard([])


def salesforce(fake):
    fake.warehouse.salesforce(ROWS, OWNER, 'eu_')


def nameless(fake):
    analytics(fake, [('a1', "O'Hara \\ Sons", None, []),
                     ('a2', 'Alder & Finch Labs', ALDER, [])])


def asked_for_events():
    """What backfill and polling ask, from the first page to the last."""
    wordy = '%s,Quince\n' % CAPITALS
    with Place([happened('insight created', now_ms() - HOUR - i // 700)
                for i in range(1200)]) as place:
        with open(place.home.path + '/config/telltale/accounts.csv', 'a',
                  encoding='utf-8') as file:
            file.write(wordy)
        place.home.env['TELLTALE_ACCOUNTS_TEAMS'] = place.home.write(
            'teams.csv', '%d,%s\n' % (TEAM, ALDER))
        place.run('--since', '30d')
        with t.Telltale('--source', 'posthog', '--posthog-every', '200ms',
                        '--plain', home=place.home):
            asked = len(place.posthog.sql)
            t.wait_until(lambda: len(place.posthog.sql) > asked + 1)
        return place.posthog.sql


def claim_queries():
    questions = {}
    for name, asked in (
            ('a book of Customer Analytics', pull(analytics)),
            ('accounts without an id', pull(nameless)),
            ('nobody in that role', pull(
                analytics, TELLTALE_POSTHOG_ROLE="Owner, O'Role \\")),
            ('any role', pull(analytics, TELLTALE_POSTHOG_ROLE='any')),
            ('another person', pull(lambda fake: (
                analytics(fake), fake.warehouse.rows(
                    'postgres_posthog_user', (202, OWNER, 1))),
                TELLTALE_POSTHOG_OWNER='colleague@team.example')),
            ('a book of Vitally', pull(vitally)),
            ('a book of Salesforce', pull(salesforce)),
            ('events', asked_for_events())):
        if not asked:
            raise AssertionError('nothing was asked for ' + name)
        for sql in asked:
            questions.setdefault(sql, name)
    for number, (sql, name) in enumerate(questions.items(), 1):
        claim('query', 'query %d, %s, is HogQL' % (number, name), sql=sql,
              wanted=True)
    for sql in ('SELECT 1 FROM', "SELECT 'a FROM events",
                'SELECT nonsenseOfOurs(1)'):
        claim('query', 'this one is not: ' + sql, sql=sql, wanted=False)


# Delivery

def bodies():
    """Those that PostHog's VM made, and copies with ids of their own."""
    made = [t.fixture(row['file']).decode() for row in t.manifest()
             if row['file'].startswith('vm_')]
    ours = json.loads(t.fixture('vm_a01_insight_created.json'))
    return made + [json.dumps(dict(ours, uuid=str(uuid.uuid4())))
                    for _ in range(MORE_POSTS)]


def uuids_of(texts):
    return {body['uuid'] if 'uuid' in body else body['event']['uuid']
            for body in map(json.loads, texts)}


class Receiver:
    """A running telltale, and the claim that it takes what undici sends."""

    def __init__(self, words, **environment):
        self.words = words
        self.sent = bodies()
        self.feed = Feed(**environment)
        self.running = t.Telltale(command='serve', home=self.feed.home)
        inputs = self.feed.requests()[0]['inputs']
        claim('post', '%s, through a pool' % words, bodies=self.sent,
              url='http://127.0.0.1:%d' % self.running.port
              + urllib.parse.urlsplit(inputs['url']['value']).path,
              headers=inputs['headers']['value'],
              secret=inputs.get('signing_secret', {}).get('value'))

    def close(self):
        """The uuids that it kept of those that were sent."""
        self.running.stop()
        kept = {one['uuid'] for one in self.feed.home.tail()}
        self.feed.home.remove()
        return len(uuids_of(self.sent) & kept), len(uuids_of(self.sent))


# All of it

def judge():
    """contract.js on the claims: its lines of TAP."""
    text = ''.join(json.dumps(one) + '\n' for one in claims)
    done = subprocess.run(['node', os.path.join(HERE, 'contract.js')],
                          input=text, stdout=subprocess.PIPE, text=True,
                          encoding='utf-8', timeout=300)
    lines = done.stdout.splitlines()
    if not lines or not lines[-1].startswith('1..'):
        raise AssertionError('contract.js did not come to its end')
    return lines


def main():
    claim_destinations()
    claim_queries()
    receivers = [Receiver('a body with the token'),
                 Receiver('a signed body', TELLTALE_SIGNING_SECRET=SECRET)]
    try:
        lines = found + judge()
    finally:
        kept = [(one.words,) + one.close() for one in receivers]
    posted = any('through a pool' in line for line in lines)
    for words, got, sent in kept if posted else ():
        lines.append('%s 0 - every %s is kept, once (%d of %d)'
                     % ('ok' if got == sent else 'not ok', words, got, sent))
    good = sum(line.startswith('ok') for line in lines)
    bad = sum(line.startswith('not ok') for line in lines)
    for line in lines:
        if line.startswith(('not ok', '#')):
            print(line)
    print('%d of %d' % (good, good + bad))
    return 0 if good and not bad else 1


if __name__ == '__main__':
    sys.exit(main())
