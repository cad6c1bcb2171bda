"""telltale accounts pull against a pretended PostHog: pages, places where
accounts are kept, and what is wrong."""

import fake_posthog
import telltale as t
from hub import (
    ALDER, OWNER, ROWS, accounts_table, book_of, contains, home, only)


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
                'owner_email')
        t.equal(len(lines), 7)
        contains(book_of(made), '"Dunes Health, Inc.",growth,59029.5',
                 'Alder & Finch Labs,growth,,' + OWNER)
        contains(fake.sql[-2], "customer_success_manager = '%s'" % OWNER)
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


@t.case('more accounts than a page are read by key to the last, though '
        'PostHog does not say that there are more')
def _():
    for count in (999, 1000, 2500):
        with fake_posthog.FakePostHog() as fake:
            accounts_table(fake, [
                ['%08x-9f29-478f-bcd7-fb5e6967d9e8' % at, 'Account %d' % at,
                 None, None, None] for at in range(count)])
            made = home(fake, TELLTALE_POSTHOG_ACCOUNTS_SQL='vitally')
            done = made.run('accounts', 'pull')
            t.equal(done.returncode, 0, done.stderr)
            t.equal(len(book_of(made).splitlines()), count + 1)
            t.equal(len(set(book_of(made).splitlines())), count + 1)
            made.remove()


@t.case('ids that are numbers are read, and page like text')
def _():
    with fake_posthog.FakePostHog() as fake:
        rows = [(number, 'Account %d' % number)
                for number in range(7, 1500)]
        fake.warehouse.rows('mine', *rows,
                            columns='organization_id, organization_name')
        made = home(fake, TELLTALE_POSTHOG_ACCOUNTS_SQL='SELECT * FROM mine')
        done = made.run('accounts', 'pull')
        t.equal(done.returncode, 0, done.stderr)
        t.equal(sorted(book_of(made).splitlines()[1:]),
                sorted('%d,%s' % row for row in rows))
        made.remove()


@t.case('a telltale that runs soon knows a pulled account')
def _():
    with fake_posthog.FakePostHog() as fake, \
            t.Telltale('--plain') as watch:
        accounts_table(fake)
        watch.home.env.update(fake.environment(),
                              TELLTALE_POSTHOG_OWNER=OWNER)
        done = watch.home.run('accounts', 'pull')
        t.equal(done.returncode, 0, done.stderr)

        def named():  # the book is read beside what is received
            t.equal(watch.post(t.body(org_name=None))[0], 200)
            return any('Alder & Finch Labs' in line for line in watch.lines())
        t.wait_until(named, 'the name of the account')


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
        contains(done.stderr, 'asking again in 1 s, at ')
        made.remove()


@t.case('what is wrong is said in plain words, and the book stays')
def _():
    with fake_posthog.FakePostHog() as fake:
        accounts_table(fake)
        made = home(fake)
        t.equal(made.run('accounts', 'pull').returncode, 0)
        book = book_of(made)

        def refused(*parts, codes=(1, 3), **environment):
            done = made.run('accounts', 'pull',
                            env=dict(made.env, **environment))
            t.equal(done.returncode in codes, True, done.stderr)
            contains(done.stderr, *parts)
            t.equal(book_of(made), book)

        fake.scopes.discard('query:read')
        refused('lacks the scope query:read', '/settings/user-api-keys',
                codes=(4,))
        fake.scopes.add('query:read')
        refused('does not know this API key',
                codes=(4,), TELLTALE_POSTHOG_API_KEY='phx_other')
        refused('a personal API key begins with phx_',
                TELLTALE_POSTHOG_API_KEY='phc_project')
        refused('is project 3 the right one', codes=(4,),
                TELLTALE_POSTHOG_PROJECT='3')
        refused('is no e-mail address',
                TELLTALE_POSTHOG_OWNER="x' OR 1=1 --@team.example")
        refused('which project?', TELLTALE_POSTHOG_PROJECT='')
        refused('Unknown table', codes=(4,),
                TELLTALE_POSTHOG_ACCOUNTS_SQL='SELECT 1 FROM nowhere')
        refused('is none of us|eu|https://', TELLTALE_POSTHOG_HOST='moon')
        refused('neither us nor eu', TELLTALE_POSTHOG_HOST='http://x.example')
        refused('cannot connect',
                TELLTALE_POSTHOG_HOST='http://127.0.0.1:1')
        fake.wait = 3600
        fake.throttled = 1
        refused('asks to wait 3600 s', codes=(4,))
        accounts_table(fake, [])
        refused('gives no accounts')
        fake.warehouse.rows('mine', ('x', 'y'), columns='id, name')
        refused('gives no column organization_id', codes=(4,),
                TELLTALE_POSTHOG_ACCOUNTS_SQL='SELECT id, name FROM mine')
        made.remove()


# Where accounts are kept

def analytics(fake, accounts=None, **more):
    fake.warehouse.customer_analytics(accounts or [
        ('a%d' % at, row[1], row[0], ['alder.example', 'x%d.example' % at])
        for at, row in enumerate(ROWS)], **more)
    fake.warehouse.heard([row[0] for row in ROWS])


@t.case('the book comes from Customer Analytics first, with domains and MRR, '
        'and what the others would give is said')
def _():
    with fake_posthog.FakePostHog() as fake:
        analytics(fake)
        accounts_table(fake, ROWS[:4])
        fake.warehouse.rows('system.custom_property_definitions',
                            (fake_posthog.warehouse.MRR, 'MRR'))
        fake.warehouse.custom['a0', fake_posthog.warehouse.MRR] = '1250.5'
        made = home(fake)
        done = made.run('accounts', 'pull')
        t.equal(done.returncode, 0, done.stderr)
        contains(done.stdout, 'book of Customer Analytics: 6 accounts',
                 'Vitally would give 4', 'Salesforce is not there: ',
                 '6 of 6 accounts sent an event in the last 30 days')
        head = book_of(made).splitlines()[0]
        t.equal(head, 'organization_id,organization_name,owner_email,'
                'email_domains,website_domain,mrr,arr')
        line = [line for line in book_of(made).splitlines()
                if line.startswith(ALDER)][0]
        contains(line, '1250.5,15006')
        contains(made.run('accounts', 'list').stdout,
                 'alder.example x0.example')
        made.remove()


@t.case('an account without the organisation\'s id is told, and left out')
def _():
    with fake_posthog.FakePostHog() as fake:
        analytics(fake, [('a1', 'Alder & Finch Labs', ALDER, []),
                         ('a2', 'No \x1b[31mKey', None, []),
                         ('a3', 'Blank Key', '', [])])
        made = home(fake)
        done = made.run('accounts', 'pull')
        t.equal(done.returncode, 0, done.stderr)
        contains(done.stdout, '! 2 accounts have no id of an organisation',
                 'Blank Key, No', '1 accounts: 1 new')
        if '\x1b' in done.stdout:
            raise AssertionError('raw')
        made.remove()


@t.case('whose accounts depends on the role and the person, and an empty '
        'book is explained')
def _():
    with fake_posthog.FakePostHog() as fake:
        analytics(fake, role=fake_posthog.warehouse.EXECUTIVE)
        made = home(fake)
        done = made.run('accounts', 'pull')
        t.equal(done.returncode, 1, done.stdout)
        contains(done.stdout, OWNER + ' has no account as CSM at Customer '
                 'Analytics, but as Account executive (6): role = Account '
                 'executive')
        made.env['TELLTALE_POSTHOG_ROLE'] = 'csm, account executive'
        contains(made.run('accounts', 'pull').stdout, '6 accounts: 6 new')
        made.env['TELLTALE_POSTHOG_ROLE'] = 'any'
        contains(made.run('accounts', 'pull').stdout, '0 new, 0 gone')
        made.env['TELLTALE_POSTHOG_OWNER'] = 'other@team.example'
        done = made.run('accounts', 'pull')
        t.equal(done.returncode, 1, done.stdout)
        contains(done.stderr + done.stdout, 'is not there')
        fake.warehouse.rows('postgres_posthog_user',
                            (202, 'Other@team.example', 1))
        contains(made.run('accounts', 'pull').stdout,
                 'nor in any other role')
        analytics(fake, [('b1', 'Alder', ALDER, [])],
                  user=fake_posthog.warehouse.COLLEAGUE)
        contains(made.run('accounts', 'pull').stdout, '1 accounts: 0 new')
        made.remove()


@t.case('Salesforce is read by the names of its import, with a prefix too')
def _():
    for prefix in ('', 'eu_'):
        with fake_posthog.FakePostHog() as fake:
            fake.warehouse.salesforce(ROWS, OWNER, prefix)
            fake.warehouse.heard([ALDER])
            made = home(fake)
            done = made.run('accounts', 'pull')
            t.equal(done.returncode, 0, done.stderr)
            contains(done.stdout, 'book of Salesforce: 6 accounts',
                     '1 of 6 accounts sent an event')
            made.remove()


@t.case('ids that join nothing are told plainly; another group is found, kept '
        'and used, unless one is set')
def _():
    with fake_posthog.FakePostHog() as fake:
        fake.warehouse.vitally(ROWS, OWNER)
        fake.warehouse.make('events')
        made = home(fake, TELLTALE_PUBLIC_URL='https://tunnel.example')
        contains(made.run('accounts', 'pull').stdout,
                 '! none of 6 accounts of the book sent an event in the last '
                 '30 days by any group')
        done = made.run('check', '--posthog')
        t.equal(done.returncode, 1)
        contains(done.stdout, '! none of 6 accounts')
        fake.warehouse.heard([row[0] for row in ROWS[:5]], 2)
        done = made.run('check', '--posthog')
        contains(done.stdout, '! 0 of 6 accounts', 'but 5 by $group_2')
        fixed = dict(made.env, TELLTALE_POSTHOG_GROUP_INDEX='0')
        contains(made.run('accounts', 'pull', env=fixed).stdout,
                 'but 5 by $group_2: group_index = 2 in [posthog]')
        contains(made.run('accounts', 'pull').stdout,
                 'group_index = 2, kept in',
                 '5 of 6 accounts sent an event in the last 30 days '
                 '($group_2)')
        t.equal(made.run('destination', 'create').returncode, 0)
        function = only(fake)
        t.equal(function['filters']['properties'][0]['key'], '$group_2')
        with t.Telltale('--plain', home=made) as watch:
            function['inputs']['url']['value'] = \
                'http://127.0.0.1:%d/hook' % watch.port
            t.equal(fake.deliver(fake_posthog.globals_of(
                'insight created', ALDER, 'maya@alderfinch.example',
                group=('company', 2))), 1)
            watch.wait_for_line('Alder & Finch Labs')
        made.remove()


@t.case('where a month of events takes PostHog too long, a day is asked for')
def _():
    with fake_posthog.FakePostHog() as fake:
        fake.warehouse.vitally(ROWS, OWNER)
        fake.warehouse.heard([row[0] for row in ROWS[:5]])
        run, slow = fake._run, []
        fake._run = lambda sql: run(sql) if 'INTERVAL 30 DAY' not in sql \
            else slow.append(sql) or fake_posthog.too_slow()
        made = home(fake)
        done = made.run('accounts', 'pull')
        t.equal((done.returncode, done.stderr), (0, ''))
        contains(done.stdout,
                 '5 of 6 accounts sent an event in the last day')
        t.equal(len(slow), 1)
        made.remove()


t.run()
