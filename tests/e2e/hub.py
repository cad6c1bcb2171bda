"""What tests against the pretended PostHog share: whose accounts it keeps,
and which."""

import fake_posthog
import telltale as t

ALDER = '77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8'
OWNER = 'csm@team.example'
NAME = 'Customer activity stream (%s)' % OWNER
ROWS = fake_posthog.answer_of('query_200.json')['results']


def contains(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError('%r is not in %r' % (part, text))


def lacks(text, *parts):
    for part in parts:
        if part in text:
            raise AssertionError('%r is in %r' % (part, text))


def accounts_table(fake, rows=None):
    """The rows of query_200.json as Vitally's view has them."""
    fake.warehouse.drop('vitally_csm_managed_accounts')
    fake.warehouse.heard([row[0] for row in rows or ROWS])
    fake.warehouse.make('vitally_csm_managed_accounts')
    fake.warehouse.vitally(ROWS if rows is None else rows, OWNER)


def home(fake, **environment):
    return t.Home(**dict(fake.environment(), TELLTALE_POSTHOG_OWNER=OWNER,
                         **environment))


def book_of(made):
    with open(made.path + '/config/telltale/accounts.csv',
              encoding='utf-8') as file:
        return file.read()


def only(fake):
    """The destination for events; beside it there is that for docs pages."""
    t.equal([function['name'] for function in fake.functions.values()],
            [NAME + ' docs', NAME])
    return list(fake.functions.values())[-1]
