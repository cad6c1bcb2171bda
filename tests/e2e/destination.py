"""telltale destination against a pretended PostHog."""

import contextlib
import json

import fake_posthog
import telltale as t
from hub import ALDER, NAME, accounts_table, contains, home, only

FIXED = fake_posthog.answer_of('hog_function_create_request.json')
SIGNING = FIXED['inputs']['signing_secret']['value']


def feed_home(fake, accounts=None, **environment):
    made = home(fake, TELLTALE_PUBLIC_URL='https://tunnel.example/',
                **environment)
    made.write('config/telltale/accounts.csv',
               accounts or t.fixture('accounts.csv').decode())
    return made


@t.case('the request that creates a destination is the one of PostHog\'s API')
def _():
    with fake_posthog.FakePostHog() as fake:
        made = feed_home(fake, TELLTALE_SIGNING_SECRET=SIGNING)
        done = made.run('destination', 'create')
        t.equal(done.returncode, 0, done.stderr)
        for method, path, body in fake.requests[-2:]:
            t.equal((method, path), ('POST', '/api/projects/2/hog_functions/'))
            t.equal(set(body), set(FIXED))
            for key in ('type', 'template_id', 'enabled', 'inputs'):
                t.equal(body[key], FIXED[key], key)
        docs, events = [body['filters'] for _, _, body in fake.requests[-2:]]
        orgs = FIXED['filters']['events'][0]['properties'][0]['value']
        t.equal(events['properties'], [{
            'key': '$group_0', 'type': 'event', 'operator': 'exact',
            'value': orgs}])
        t.equal([dict(entry, order=0) for entry in events['events']
                 if entry['id'] == 'insight created'],
                [{'id': 'insight created', 'name': 'insight created',
                  'type': 'events', 'order': 0, 'properties': []}])
        t.equal([entry['id'] for entry in docs['events']], ['$pageview'])
        t.equal(docs['properties'], [
            {'key': 'organization_id', 'type': 'person', 'operator': 'exact',
             'value': orgs},
            {'key': '$pathname', 'type': 'event', 'operator': 'icontains',
             'value': '/docs'}])
        size = len(json.dumps(events))
        t.equal(size < 12000, True, size)
        made.remove()


@t.case('creating twice makes one; what changes is shown before it is done')
def _():
    with fake_posthog.FakePostHog() as fake:
        made = feed_home(fake)
        fake.page = 1
        t.equal(made.run('destination', 'create').returncode, 0)
        contains(made.run('destination', 'create').stdout,
                 'is as it should be')
        t.equal(only(fake)['inputs']['url']['value'],
                'https://tunnel.example/hook')
        token = only(fake)['inputs']['headers']['value']['X-Telltale-Token']
        t.equal(made.token(), token)
        made.write('config/telltale/accounts.csv',
                   'organization_id,organization_name\n' + ALDER +
                   ',Alder & Finch Labs\n')
        before = json.dumps(only(fake))
        done = made.run('destination', 'update', '--dry-run')
        contains(done.stdout, '- account    becccfc8-9252-4f2f-983e-',
                 'would be updated')
        t.equal(json.dumps(only(fake)), before)
        made.env['TELLTALE_PUBLIC_URL'] = 'https://other.example'
        done = made.run('destination', 'update')
        contains(done.stdout, '~ address    https://tunnel.example/hook → '
                 'https://other.example/hook', ' updated')
        for function in fake.functions.values():
            t.equal(function['filters']['properties'][0]['value'],
                [ALDER, '(no other organisation)'])
        made.remove()


@t.case('a list of organisations that is empty is never sent')
def _():
    with fake_posthog.FakePostHog() as fake:
        made = feed_home(fake, 'organization_id,organization_name\n')
        for verb in ('create', 'update', 'test', 'show'):
            done = made.run('destination', verb)
            t.equal(done.returncode, 3, done.stdout)
            contains(done.stderr, 'an empty list means everybody')
        t.equal(fake.functions, {})
        made.remove()


@t.case('PostHog compares letter by letter: an id in capitals is listed as the '
        'book has it, too, and told once')
def _():
    with fake_posthog.FakePostHog() as fake:
        made = feed_home(fake, 'organization_id,organization_name\n'
                         'alder,Alder\nQuince-Co,Quince\n')
        done = made.run('destination', 'create')
        t.equal(done.returncode, 0, done.stderr)
        t.equal(only(fake)['filters']['properties'][0]['value'],
                ['alder', 'quince-co', 'Quince-Co'])
        for org, passed in (('Quince-Co', 1), ('quince-co', 1),
                            ('QUINCE-CO', 0), ('Alder', 0)):
            t.equal(fake_posthog.filters_hold(
                only(fake)['filters'], fake_posthog.globals_of(
                    'insight created', org)), bool(passed), org)
        made.write('config/telltale/accounts.csv',
                   'organization_id,organization_name\nalder,Alder\n')
        done = made.run('destination', 'update', '--dry-run')
        t.equal(done.stdout.count('- account'), 2, done.stdout)
        made.remove()


@t.case('a book of 250 accounts becomes three destinations, a short one fewer')
def _():
    with fake_posthog.FakePostHog() as fake:
        rows = ['%08x-9f29-478f-bcd7-fb5e6967d9e8,Account %d' % (i, i)
                for i in range(250)]
        made = feed_home(fake, 'organization_id,organization_name\n' +
                         '\n'.join(rows) + '\n')
        fake.page = 2
        t.equal(made.run('destination', 'create').returncode, 0)
        t.equal(sorted(f['name'] for f in fake.functions.values()),
                [NAME + part for part in ('', ' 2', ' 3', ' docs', ' docs 2',
                                          ' docs 3')])
        listed = [org for f in fake.functions.values()
                  for org in f['filters']['properties'][0]['value']]
        t.equal(sorted(listed),
                sorted(2 * [row.split(',')[0] for row in rows]))
        made.write('config/telltale/accounts.csv',
                   'organization_id,organization_name\n' + rows[0] + '\n')
        done = made.run('destination', 'update')
        t.equal(done.stdout.count(' deleted'), 4, done.stdout)
        t.equal(len([f for f in fake.functions.values()
                     if not f['deleted']]), 2)
        made.remove()


@t.case('a book that is split over receivers: each organisation is asked for '
        'once in all, and none touches the others\' destinations')
def _():
    with fake_posthog.FakePostHog() as fake:
        rows = ['%08x-9f29-478f-bcd7-fb5e6967d9e8,Account %d' % (i, i)
                for i in range(450)]
        parts = {'Activity, north': rows[:150], 'Activity, south': rows[150:]}
        homes = {name: feed_home(
            fake, 'organization_id,organization_name\n' + '\n'.join(part) +
            '\n', TELLTALE_POSTHOG_DESTINATION=name)
            for name, part in parts.items()}

        def asked(name=''):
            return [org for f in fake.functions.values()
                    if not f['deleted'] and f['name'].startswith(name) and
                    'docs' not in f['name']
                    for org in f['filters']['properties'][0]['value']]

        for made in homes.values():
            t.equal(made.run('destination', 'create').returncode, 0)
        t.equal(sorted(asked()), [row.split(',')[0] for row in rows])
        south = asked('Activity, south')
        t.equal(len(south), 300)
        north = homes['Activity, north']
        north.write('config/telltale/accounts.csv',
                    'organization_id,organization_name\n' + rows[0] + '\n' +
                    rows[1] + '\n')
        t.equal(north.run('destination', 'update').returncode, 0)
        t.equal(asked('Activity, north'),
                [row.split(',')[0] for row in rows[:2]])
        t.equal(asked('Activity, south'), south)
        t.equal(north.run('destination', 'delete', '--yes').returncode, 0)
        t.equal(asked(), south)
        for made in homes.values():
            made.remove()


@t.case('pause, resume and delete do what they say, and only to our own')
def _():
    with fake_posthog.FakePostHog() as fake:
        made = feed_home(fake)
        other = fake_posthog.answer_of('hog_function_201.json')
        other['name'] = 'Customer activity stream (somebody@team.example)'
        fake.functions[other['id']] = other
        before = json.dumps(other)
        t.equal(made.run('destination', 'create').returncode, 0)
        ours = [f for f in fake.functions.values() if f is not other][0]
        t.equal(made.run('destination', 'pause').returncode, 0)
        t.equal(ours['enabled'], False)
        t.equal(made.run('destination', 'update').returncode, 0)
        t.equal(ours['enabled'], False)
        t.equal(made.run('destination', 'resume').returncode, 0)
        t.equal(ours['enabled'], True)
        t.equal(made.run('destination', 'delete').returncode, 2)
        t.equal(ours['deleted'], False)
        t.equal(made.run('destination', 'delete', '--yes').returncode, 0)
        t.equal(ours['deleted'], True)
        t.equal(made.run('destination', 'pause').returncode, 1)
        t.equal(json.dumps(other), before)
        made.remove()


@t.case('show gives the JSON and the steps, and keeps the secrets')
def _():
    with fake_posthog.FakePostHog() as fake:
        made = feed_home(fake)
        done = made.run('destination', 'show')
        contains(done.stdout, 'By hand, in PostHog', '"template-webhook"')
        token = made.token()
        if token in done.stdout:
            raise AssertionError('the token is shown')
        shown = [json.loads(line) for line in made.run(
            'destination', 'show', '--json', '--secrets').stdout.splitlines()]
        t.equal([one['name'] for one in shown], [NAME, NAME + ' docs'])
        for one in shown:
            t.equal(one['inputs']['headers']['value']['X-Telltale-Token'],
                    token)
        t.equal(fake.requests, [])
        made.remove()


@t.case('a token that PostHog would take for a template is refused')
def _():
    with fake_posthog.FakePostHog() as fake:
        for token in ('one{two}three', 'one{two', 'one\\two'):
            made = feed_home(fake, TELLTALE_TOKEN=token)
            done = made.run('destination', 'create')
            contains(done.stderr, 'the token has a { or a \\ in it')
            t.equal((done.returncode, token in done.stderr, fake.functions),
                    (3, False, {}))
            made.env['TELLTALE_SIGNING_SECRET'] = SIGNING
            t.equal(made.run('destination', 'create').returncode, 0)
            fake.functions.clear()
            made.remove()


@t.case('what somebody else changes meanwhile is not written over')
def _():
    with fake_posthog.FakePostHog() as fake:
        made = feed_home(fake)
        t.equal(made.run('destination', 'create').returncode, 0)
        made.env['TELLTALE_PUBLIC_URL'] = 'https://other.example'
        shown = fake._list

        def change_meanwhile(query):
            answer = shown(query)
            for function in fake.functions.values():
                fake._patch(function, {'description': 'theirs'})
            return answer

        fake._list = change_meanwhile
        done = made.run('destination', 'update')
        t.equal(done.returncode, 4, done.stderr)
        contains(done.stderr, 'somebody else changed it in the meantime')
        t.equal([(each['description'], each['inputs']['url']['value'])
                 for each in fake.functions.values()],
                [('theirs', 'https://tunnel.example/hook')] * 2)
        fake._list = shown
        t.equal(made.run('destination', 'update').returncode, 0)
        t.equal(only(fake)['inputs']['url']['value'],
                'https://other.example/hook')
        made.remove()


@t.case('a missing scope, a missing add-on and a bad address are named')
def _():
    with fake_posthog.FakePostHog() as fake:
        made = feed_home(fake)
        fake.add_on = False
        contains(made.run('destination', 'create').stderr,
                 'data pipelines add-on')
        fake.scopes.discard('hog_function:write')
        contains(made.run('destination', 'create').stderr,
                 'lacks the scope hog_function:write')
        for address in 'http://tunnel.example', 'http://127.0.0.1.example', \
                'http://localhost@example.com':
            made.env['TELLTALE_PUBLIC_URL'] = address
            contains(made.run('destination', 'create').stderr,
                     'must begin with https://')
        del made.env['TELLTALE_PUBLIC_URL']
        contains(made.run('destination', 'create').stderr, '--public-url')
        t.equal(fake.functions, {})
        made.remove()


# The handbook's phrases that are no event's name, and the name they have.
NAMES = {'AI generation (LLM)': '$ai_generation',
         'LLMa events for seeing user prompts': '$ai_trace',
         'Pageview (where url contains "docs")': '$pageview'}


MUTE = ('error_tracking_issue_created', 'batch import created')


def phrase_globals(phrase, org):
    """An event of the phrase as PostHog has it: pageviews of docs carry no
    group, only the person's organisation; two others neither."""
    name = NAMES.get(phrase, phrase)
    if name == '$pageview':
        return fake_posthog.globals_of(
            name, None, 'tomas@borealis.example', org,
            {'$pathname': '/docs/feature-flags',
             '$current_url': 'https://posthog.com/docs/feature-flags'})
    if name in MUTE:
        return fake_posthog.globals_of(name, properties={
            'team_id': 71 if org == ALDER else 72})
    return fake_posthog.globals_of(name, org, 'maya@alderfinch.example')


@contextlib.contextmanager
def teams_home():
    made = t.Home()
    made.write('config/telltale/accounts.csv',
               t.fixture('accounts.csv').decode())
    made.write('config/telltale/teams.csv',
               'team_id,organization_id\n71,%s\n' % ALDER.upper())
    made.env['TELLTALE_ACCOUNTS_TEAMS'] = \
        made.path + '/config/telltale/teams.csv'
    try:
        yield made
    finally:
        made.remove()


@t.case('what can never come is named, until it is known whose a project is')
def _():
    with fake_posthog.FakePostHog() as fake:
        made = feed_home(fake)
        for words in (('destination', 'show'), ('check', '--posthog'),
                      ('check',)):
            done = made.run(*words)
            contains(done.stdout, '~ %s never come: ' % ' and '.join(MUTE),
                     'teams = FILE', 'team_id of the book')
            t.equal(done.stdout.count(' never come'), 1)
        done = made.run('destination', 'create')
        t.equal(len(fake.functions), 2)
        made.write('teams.csv', '71,%s\n' % ALDER)
        made.env['TELLTALE_ACCOUNTS_TEAMS'] = made.path + '/teams.csv'
        done = made.run('destination', 'update')
        contains(done.stdout, '"%s projects" created' % NAME)
        if 'never come' in made.run('destination', 'show').stdout:
            raise AssertionError('it comes now')
        done = made.run('check')
        contains(done.stdout, '  projects  1, ')
        t.equal('never come' in done.stdout, False)
        made.write('teams.csv', '71,%s\nx,y\n' % ALDER)
        done = made.run('destination', 'show')
        t.equal(done.returncode, 3)
        contains(done.stderr, 'teams.csv:2: ')
        made.remove()


@t.case('a column of the book says whose a project is, too')
def _():
    with fake_posthog.FakePostHog() as fake:
        made = feed_home(fake)
        made.write('config/telltale/accounts.csv',
                   'organization_id,team_ids\n%s,71;72\n' % ALDER)
        made.run('destination', 'create')
        if 'never come' in made.run('check').stdout:
            raise AssertionError('it comes')
        for team, comes in ((71, 1), ('72', 1), (73, 0)):
            t.equal(fake.deliver(fake_posthog.globals_of(
                MUTE[0], properties={'team_id': team})), comes, team)
        made.remove()


@t.case('all 40 events of the handbook pass the filters for accounts of the '
        'book, and arrive, two of them by their project; none for others')
def _():
    phrases = t.fixture('handbook_events.txt').decode().split('\n')
    phrases = [phrase for phrase in phrases if phrase]
    t.equal(len(phrases), 40)
    with fake_posthog.FakePostHog() as fake, \
            teams_home() as made, t.Telltale('--plain', home=made) as watch:
        made.env.update(fake.environment(),
                        TELLTALE_PUBLIC_URL='http://127.0.0.1:%d'
                        % watch.port)
        done = made.run('destination', 'create')
        t.equal(done.returncode, 0, done.stderr)
        for phrase in phrases:
            t.equal(fake.deliver(phrase_globals(phrase, ALDER)), 1, phrase)
            t.equal(fake.deliver(phrase_globals(
                phrase, '00000000-9f29-478f-bcd7-fb5e6967d9e8')), 0, phrase)
        t.equal(fake.deliver(fake_posthog.globals_of(
            '$pageview', ALDER, 'maya@alderfinch.example')), 0)
        t.equal({status for _, _, status in fake.delivered}, {200})
        events = made.tail()
        t.equal(len(events), 40)
        t.equal({event['account']['id'] for event in events}, {ALDER})


@t.case('a destination older than signing goes on authenticating, by the '
        'token')
def _():
    old = ('url', 'method', 'body', 'headers', 'debug')
    for listed in (True, False):
        with fake_posthog.FakePostHog() as fake, \
                t.Telltale('--plain') as watch:
            made = watch.home
            made.env.update(fake.environment(),
                            TELLTALE_PUBLIC_URL='http://127.0.0.1:%d'
                            % watch.port)
            made.write('config/telltale/accounts.csv',
                       t.fixture('accounts.csv').decode())
            fake.template_inputs = old
            t.equal(made.run('destination', 'create').returncode, 0)
            if not listed:
                shown = fake._shown
                fake._shown = lambda *words: {
                    key: value for key, value in shown(*words).items()
                    if key != 'inputs_schema'}
            made.env['TELLTALE_SIGNING_SECRET'] = SIGNING
            for verb in ('update', 'create'):
                done = made.run('destination', verb, '--force')
                t.equal(done.returncode, 0, done.stderr)
                for function in fake.functions.values():
                    t.equal('signing_secret' in function['inputs'], False)
                    t.equal('X-Telltale-Token' in
                            function['inputs']['headers']['value'], True)
            contains(made.run('destination', 'update').stdout,
                     'is as it should be')
            t.equal(fake.deliver(fake_posthog.globals_of(
                'insight created', ALDER, 'maya@alderfinch.example')), 1)
            t.equal([status for _, _, status in fake.delivered], [200])
            done = made.run('destination', 'test')
            t.equal(done.returncode, 0, done.stderr)


@t.case('a new one that PostHog keeps unsigned gets the token at once')
def _():
    with fake_posthog.FakePostHog() as fake:
        made = feed_home(fake, TELLTALE_SIGNING_SECRET=SIGNING,
                         TELLTALE_TOKEN='token-of-ours')
        fake.template_inputs = ('url', 'method', 'body', 'headers', 'debug')
        t.equal(made.run('destination', 'create').returncode, 0)
        for function in fake.functions.values():
            t.equal(function['inputs']['headers']['value'],
                    {'Content-Type': 'application/json',
                     'X-Telltale-Token': 'token-of-ours'})
        made.remove()


@t.case('what PostHog\'s worker says of a test is shown, cleaned')
def _():
    with fake_posthog.FakePostHog() as fake, \
            t.Telltale('--plain') as watch:
        made = watch.home
        made.env.update(fake.environment(),
                        TELLTALE_PUBLIC_URL='http://127.0.0.1:%d'
                        % watch.port)
        made.write('config/telltale/accounts.csv',
                   t.fixture('accounts.csv').decode())
        t.equal(made.run('destination', 'create').returncode, 0)
        fake.hostname_allowed = False
        contains(made.run('destination', 'test').stderr,
                 'Hostname is not allowed')


@t.case('nothing of what PostHog says reaches a terminal raw')
def _():
    bad = 'a\x1b[31mb\u009bc\u202ed\u2066e\x07f'
    with fake_posthog.FakePostHog() as fake:
        made = home(fake, TELLTALE_POSTHOG_ACCOUNTS_SQL='vitally')
        for status in (400, 403, 404, 402, 429, 500):
            fake._route = lambda *_: (status, {
                'detail': bad, 'attr': bad, 'errors': [bad]})
            for words in (('accounts', 'pull'), ('check', '--posthog')):
                if status == 429:
                    fake._route = lambda *_: (400, {'errors': [bad]})
                done = made.run(*words)
                for sign in '\x1b\u009b\u202e\u2066\x07':
                    if sign in done.stdout + done.stderr:
                        raise AssertionError((status, words, sign))
        made.remove()


@t.case('a destination made by hand may carry the token in a header of its '
        'own')
def _():
    with t.Telltale('--plain', '--token-header', 'X-Webhook-Secret') as watch:
        for name, token, status in (('X-Webhook-Secret', watch.token, 200),
                                    ('x-webhook-secret', watch.token, 200),
                                    ('X-Webhook-Secret', 'wrong', 401),
                                    ('X-Other', watch.token, 401)):
            t.equal(watch.request('POST', '/hook', t.body(),
                                  {name: token})[0], status, name)


@t.case('PostHog\'s limit of an hour is named, and when it is asked again')
def _():
    with fake_posthog.FakePostHog() as fake:
        accounts_table(fake)
        fake.throttled = 1
        made = home(fake, TELLTALE_POSTHOG_ACCOUNTS_SQL='vitally')
        contains(made.run('accounts', 'pull').stderr, 'limit of a minute',
                 'asking again in 1 s, at ')
        fake.hourly = 1
        contains(made.run('accounts', 'pull').stderr, '120 queries',
                 'asks to wait 3')
        made.remove()


@t.case('destination test goes through PostHog and is waited for')
def _():
    with fake_posthog.FakePostHog() as fake, \
            t.Telltale('--plain', TELLTALE_SIGNING_SECRET=SIGNING) as watch:
        made = watch.home
        made.env.update(fake.environment(),
                        TELLTALE_PUBLIC_URL='http://127.0.0.1:%d'
                        % watch.port)
        made.write('config/telltale/accounts.csv',
                   t.fixture('accounts.csv').decode())
        contains(made.run('destination', 'test').stderr,
                 'there is no destination')
        t.equal(made.run('destination', 'create').returncode, 0)
        done = made.run('destination', 'test')
        t.equal(done.returncode, 0, done.stderr)
        contains(done.stdout, 'has arrived')
        watch.wait_for_line('telltale test')
        watch.stop()
        contains(made.run('destination', 'test').stderr, 'nothing receives')


t.run()
