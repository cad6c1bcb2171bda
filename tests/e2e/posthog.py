"""The PostHog side against a pretended PostHog: accounts and destinations.
Setup is setup.py's."""

import json
import re

import fake_posthog
import telltale as t

ALDER = '77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8'
OWNER = 'csm@team.example'


def contains(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError('%r is not in %r' % (part, text))


def accounts_table(fake, rows=None, columns=None, most=50000):
    """Serves rows (of query_200.json) by key, as the warehouse does."""
    answer = fake_posthog.answer_of('query_200.json')
    columns = columns or answer['columns']
    rows = answer['results'] if rows is None else rows
    key = columns.index('organization_id') \
        if 'organization_id' in columns else 0

    def run(sql):
        after = re.search(r"toString\(organization_id\) > '([^']*)'",
                          sql).group(1)
        found = sorted((row for row in rows if row[key] > after),
                       key=lambda row: row[key])
        return columns, found
    fake.table('salesforce_account|vitally', run)
    fake.most = most


def home(fake, **environment):
    return t.Home(**dict(fake.environment(), TELLTALE_POSTHOG_OWNER=OWNER,
                         **environment))


def book_of(made):
    with open(made.path + '/config/telltale/accounts.csv',
              encoding='utf-8') as file:
        return file.read()


@t.case('accounts pull writes the book with the columns of the query')
def _():
    with fake_posthog.FakePostHog() as fake:
        accounts_table(fake)
        made = home(fake)
        done = made.run('accounts', 'pull')
        t.equal(done.returncode, 0, done.stderr)
        contains(done.stdout, '6 accounts: 6 new, 0 gone, 0 changed',
                 '+ ' + ALDER + '  Alder & Finch Labs')
        lines = book_of(made).splitlines()
        t.equal(lines[0], 'organization_id,organization_name,segment,arr,'
                'csm_date_assigned,is_tam_overlay')
        t.equal(len(lines), 7)
        contains(book_of(made), '"Dunes Health, Inc.",growth,59029.5',
                 'Alder & Finch Labs,growth,,2026-05-01,0')
        contains(fake.sql[0], "u.Email = 'csm@team.example'")
        made.remove()


@t.case('accounts pull shows the difference, keeps the old book, and writes '
        'nothing when asked not to')
def _():
    with fake_posthog.FakePostHog() as fake:
        accounts_table(fake)
        made = home(fake)
        made.write('config/telltale/accounts.csv',
                   'organization_id,organization_name\n'
                   + ALDER + ',Alder\n'
                   '01a09ef3-a9a6-7bb2-a3ce-10cfe4a10794,Somebody\n')
        before = book_of(made)
        done = made.run('accounts', 'pull', '--dry-run')
        contains(done.stdout, '5 new, 1 gone, 1 changed', '(another name)')
        t.equal(book_of(made), before)
        t.equal(made.run('accounts', 'pull').returncode, 0)
        with open(made.path + '/config/telltale/accounts.csv.old') as file:
            t.equal(file.read(), before)
        contains(made.run('accounts', 'pull').stdout,
                 '6 accounts: 0 new, 0 gone, 0 changed')
        made.remove()


@t.case('more accounts than a page are read by key, and columns by name')
def _():
    with fake_posthog.FakePostHog() as fake:
        reordered = fake_posthog.answer_of('query_200_reordered.json')
        accounts_table(fake, reordered['results'], reordered['columns'], 4)
        made = home(fake)
        done = made.run('accounts', 'pull')
        t.equal(done.returncode, 0, done.stderr)
        t.equal(len(book_of(made).splitlines()), 7)
        t.equal(len(fake.sql), 2)
        made.remove()


@t.case('ids that are numbers are read, and page like text')
def _():
    with fake_posthog.FakePostHog() as fake:
        rows = [[number, 'Account %d' % number] for number in range(7, 12)]

        def run(sql):
            after = re.search(r"toString\(organization_id\) > '([^']*)'",
                              sql).group(1)
            return ['organization_id', 'organization_name'], sorted(
                (row for row in rows if str(row[0]) > after),
                key=lambda row: str(row[0]))
        fake.table('salesforce_account', run)
        fake.most = 2
        made = home(fake)
        done = made.run('accounts', 'pull')
        t.equal(done.returncode, 0, done.stderr)
        t.equal(sorted(book_of(made).splitlines()[1:]),
                sorted('%d,%s' % tuple(row) for row in rows))
        made.remove()


@t.case('a telltale that runs knows a pulled account at once')
def _():
    with fake_posthog.FakePostHog() as fake, \
            t.Telltale('--plain') as watch:
        accounts_table(fake)
        watch.home.env.update(fake.environment(),
                              TELLTALE_POSTHOG_OWNER=OWNER)
        done = watch.home.run('accounts', 'pull')
        t.equal(done.returncode, 0, done.stderr)
        t.equal(watch.post(t.body(org_name=None))[0], 200)
        watch.wait_for_line('Alder & Finch Labs')


@t.case('a query that runs in the background is waited for')
def _():
    with fake_posthog.FakePostHog() as fake:
        accounts_table(fake)
        fake.queries_later = True
        made = home(fake)
        t.equal(made.run('accounts', 'pull').returncode, 0)
        t.equal(len(book_of(made).splitlines()), 7)
        made.remove()


@t.case('being throttled and a stumbling gateway are waited out')
def _():
    with fake_posthog.FakePostHog() as fake:
        accounts_table(fake)
        fake.throttled = 1
        fake.stumbles = 1
        made = home(fake)
        done = made.run('accounts', 'pull')
        t.equal(done.returncode, 0, done.stderr)
        contains(done.stderr, 'asking again in 1 s')
        made.remove()


@t.case('what is wrong is said in plain words, and the book stays')
def _():
    with fake_posthog.FakePostHog() as fake:
        accounts_table(fake)
        made = home(fake)
        t.equal(made.run('accounts', 'pull').returncode, 0)
        book = book_of(made)

        def refused(*parts, **environment):
            done = made.run('accounts', 'pull',
                            env=dict(made.env, **environment))
            t.equal(done.returncode in (1, 3), True, done.stdout)
            contains(done.stderr, *parts)
            t.equal(book_of(made), book)

        fake.scopes.discard('query:read')
        refused('lacks the scope query:read', '/settings/user-api-keys')
        fake.scopes.add('query:read')
        refused('does not know this API key',
                TELLTALE_POSTHOG_API_KEY='phx_other')
        refused('a personal API key begins with phx_',
                TELLTALE_POSTHOG_API_KEY='phc_project')
        refused('is project 3 the right one',
                TELLTALE_POSTHOG_PROJECT='3')
        refused('is no e-mail address',
                TELLTALE_POSTHOG_OWNER="x' OR 1=1 --@team.example")
        refused('which project?', TELLTALE_POSTHOG_PROJECT='')
        refused('Unknown table',
                TELLTALE_POSTHOG_ACCOUNTS_SQL='SELECT 1 FROM nothing')
        refused('neither us nor eu', TELLTALE_POSTHOG_HOST='http://x.example')
        refused('cannot connect',
                TELLTALE_POSTHOG_HOST='http://127.0.0.1:1')
        fake.wait = 3600
        fake.throttled = 1
        refused('asks to wait 3600 s')
        fake.tables.clear()
        accounts_table(fake, [])
        refused('gives no accounts')
        fake.tables.clear()
        accounts_table(fake, [['x', 'y']], ['id', 'name'])
        refused('gives no column organization_id')
        made.remove()


# Destinations

FIXED = fake_posthog.answer_of('hog_function_create_request.json')
SIGNING = FIXED['inputs']['signing_secret']['value']


def feed_home(fake, accounts=None, **environment):
    made = home(fake, TELLTALE_PUBLIC_URL='https://tunnel.example/',
                **environment)
    made.write('config/telltale/accounts.csv',
               accounts or t.fixture('accounts.csv').decode())
    return made


def only(fake):
    t.equal(len(fake.functions), 1)
    return list(fake.functions.values())[0]


@t.case('the request that creates a destination is the one of PostHog\'s API')
def _():
    with fake_posthog.FakePostHog() as fake:
        made = feed_home(fake, TELLTALE_SIGNING_SECRET=SIGNING)
        done = made.run('destination', 'create')
        t.equal(done.returncode, 0, done.stderr)
        method, path, body = fake.requests[-1]
        t.equal((method, path), ('POST', '/api/projects/2/hog_functions/'))
        t.equal(set(body), set(FIXED))
        for key in ('type', 'template_id', 'enabled', 'inputs'):
            t.equal(body[key], FIXED[key], key)
        entries = {entry['id']: entry for entry in body['filters']['events']}
        for wanted in FIXED['filters'].pop('events'):
            entry = dict(entries[wanted['id']], order=wanted['order'])
            t.equal(entry, wanted)
        body['filters'].pop('events')
        t.equal(body['filters'], FIXED['filters'])
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
        with open(made.state + '/token', encoding='ascii') as file:
            t.equal(file.read().strip(), token)
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
        for entry in only(fake)['filters']['events']:
            t.equal(entry['properties'][-1]['value'], [ALDER])
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
                ['Customer activity stream (%s)%s' % (OWNER, part)
                 for part in ('', ' 2', ' 3')])
        listed = [org for f in fake.functions.values()
                  for org in f['filters']['events'][0]['properties'][0][
                      'value']]
        t.equal(sorted(listed), sorted(row.split(',')[0] for row in rows))
        made.write('config/telltale/accounts.csv',
                   'organization_id,organization_name\n' + rows[0] + '\n')
        done = made.run('destination', 'update')
        t.equal(done.stdout.count(' deleted'), 2, done.stdout)
        t.equal(len([f for f in fake.functions.values()
                     if not f['deleted']]), 1)
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
        with open(made.state + '/token', encoding='ascii') as file:
            token = file.read().strip()
        if token in done.stdout:
            raise AssertionError('the token is shown')
        shown = json.loads(made.run('destination', 'show', '--json',
                                    '--secrets').stdout)
        t.equal(shown['inputs']['headers']['value']['X-Telltale-Token'],
                token)
        t.equal(fake.requests, [])
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
        made.env['TELLTALE_PUBLIC_URL'] = 'http://tunnel.example'
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


def phrase_globals(phrase, org):
    """An event of the phrase as PostHog has it: pageviews of docs carry no
    group, only the person's organisation."""
    name = NAMES.get(phrase, phrase)
    if name == '$pageview':
        return fake_posthog.globals_of(
            name, None, 'tomas@borealis.example', org,
            {'$pathname': '/docs/feature-flags',
             '$current_url': 'https://posthog.com/docs/feature-flags'})
    return fake_posthog.globals_of(name, org, 'maya@alderfinch.example')


@t.case('all 40 events of the handbook pass the filters for accounts of the '
        'book, and arrive; none does for others')
def _():
    phrases = t.fixture('handbook_events.txt').decode().split('\n')
    phrases = [phrase for phrase in phrases if phrase]
    t.equal(len(phrases), 40)
    with fake_posthog.FakePostHog() as fake, \
            t.Telltale('--plain') as watch:
        made = watch.home
        made.env.update(fake.environment(),
                        TELLTALE_PUBLIC_URL='http://127.0.0.1:%d'
                        % watch.port)
        made.write('config/telltale/accounts.csv',
                   t.fixture('accounts.csv').decode())
        done = made.run('destination', 'create')
        t.equal(done.returncode, 0, done.stderr)
        for phrase in phrases:
            t.equal(fake.deliver(phrase_globals(phrase, ALDER)), 1, phrase)
            t.equal(fake.deliver(phrase_globals(
                phrase, '00000000-9f29-478f-bcd7-fb5e6967d9e8')), 0, phrase)
        t.equal(fake.deliver(fake_posthog.globals_of(
            '$pageview', ALDER, 'maya@alderfinch.example')), 0)
        t.equal({status for _, _, status in fake.delivered}, {200})
        t.equal(len(made.tail()), 40)


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
