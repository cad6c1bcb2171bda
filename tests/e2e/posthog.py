"""The PostHog side against a pretended PostHog: accounts, destinations,
setup."""

import json
import os
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


t.run()
