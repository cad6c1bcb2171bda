"""The book and the destination on a schedule, while telltale runs."""

import os
import re

import fake_posthog
import telltale as t

ALDER = '77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8'
NEWCOMER = '01a09ef3-a9a6-7bb2-a3ce-10cfe4a10794'
OWNER = 'csm@team.example'


class Place:
    """A fake PostHog whose accounts a test may change (rows), and a telltale
    that asks for them five times a second."""

    def __init__(self, *words, command='serve', **environment):
        self.answer = fake_posthog.answer_of('query_200.json')
        self.rows = list(self.answer['results'])
        self.words = words
        self.command = command
        self.environment = environment

    def __enter__(self):
        self.posthog = fake_posthog.FakePostHog()
        self.posthog.forgive()
        self.posthog.hourly = None  # the team has more
        self.posthog.table('FROM mine', self._accounts)
        home = t.Home(**dict(self.posthog.environment(),
                             TELLTALE_POSTHOG_OWNER=OWNER,
                             TELLTALE_POSTHOG_REFRESH='200ms',
                             TELLTALE_POSTHOG_ACCOUNTS_SQL='SELECT * FROM '
                             'mine',
                             **self.environment))
        home.write('config/telltale/accounts.csv',
                   t.fixture('accounts.csv').decode())
        self.home = home
        self.telltale = t.Telltale(*self.words, command=self.command,
                                   home=home)
        return self

    def __exit__(self, *_):
        self.telltale.stop()
        self.posthog.close()
        self.home.remove()

    def _accounts(self, sql):
        if 'nameless' in sql:
            return ['accounts', 'nameless'], [[len(self.rows), 0]]
        after = re.search(r"toString\(organization_id\) > '([^']*)'",
                          sql).group(1)
        return self.answer['columns'], sorted(
            row for row in self.rows if row[0] > after)

    def add(self, organization, name):
        self.rows.append([organization, name, 'growth', None, '2026-05-01',
                          0])

    def book(self):
        with open(self.home.path + '/config/telltale/accounts.csv',
                  encoding='utf-8') as file:
            return file.read()

    def wait_for_book(self, part):
        t.wait_until(lambda: part in self.book(), part + ' in the book')

    def wait_for_word(self, part):
        t.wait_until(lambda: part in self.telltale.stderr(), part)

    def wait_for_rounds(self, count=2):
        """So many more queries are answered."""
        asked = len(self.posthog.sql)
        t.wait_until(lambda: len(self.posthog.sql) >= asked + count)


def only(fake):
    """The destination for events; beside it there is that for docs pages."""
    t.equal(len(fake.functions), 2)
    return list(fake.functions.values())[-1]  # the first is made last


def organizations(function):
    return [rule['value'] for rule in function['filters']['properties']
            if isinstance(rule['value'], list)]


@t.case('an account that comes to the book is known without a restart')
def _():
    with Place('--plain', command='watch') as place:
        place.wait_for_book(ALDER)
        place.add(NEWCOMER, 'Newcomer & Sons')
        place.wait_for_book('Newcomer & Sons')
        place.wait_for_word('1 new, 0 gone')

        def is_named():  # once what was written is read, beside the loop
            body = t.body(org_id=NEWCOMER, org_name=None)
            t.equal(place.telltale.post(body)[0], 200)
            return 'Newcomer & Sons' in place.telltale.stdout().decode()

        t.wait_until(is_named, 'a line that names the newcomer')
        with open(place.home.path + '/config/telltale/accounts.csv.old',
                  encoding='utf-8') as file:
            t.equal(NEWCOMER in file.read(), False)


@t.case('a book that is the same is not written again')
def _():
    with Place() as place:
        place.wait_for_book('csm_date_assigned')
        path = place.home.path + '/config/telltale/accounts.csv'
        before = os.stat(path)
        place.wait_for_rounds(3)
        after = os.stat(path)
        t.equal((after.st_ino, after.st_mtime_ns),
                (before.st_ino, before.st_mtime_ns))


@t.case('an empty answer, and one that has lost half the book, are not taken')
def _():
    with Place() as place:
        place.wait_for_book('csm_date_assigned')
        before, rows = place.book(), place.rows
        place.rows = []
        place.wait_for_word('the query gives no accounts')
        place.rows = rows[:2]
        place.wait_for_word('the query gives 2 accounts, 6 before: not taken')
        t.equal(place.book(), before)
        place.rows = rows[:4]
        place.wait_for_word('0 new, 2 gone')
        t.equal(len(place.book().splitlines()), 5)


@t.case('the destination follows the book when it may')
def _():
    with Place(TELLTALE_PUBLIC_URL='https://tunnel.example',
               TELLTALE_POSTHOG_UPDATE='yes') as place:
        place.wait_for_book('csm_date_assigned')
        place.wait_for_rounds()
        t.equal(place.posthog.functions, {})  # it creates none by itself
        done = place.home.run('destination', 'create')
        t.equal(done.returncode, 0, done.stderr)
        made = only(place.posthog)
        place.add(NEWCOMER, 'Newcomer & Sons')
        t.wait_until(lambda: all(NEWCOMER in listed
                                 for listed in organizations(made)))
        place.wait_for_word(' updated')
        place.wait_for_rounds()
        t.equal(len([1 for method, _, _ in place.posthog.requests
                     if method == 'PATCH']), 2)


@t.case('the destination does not follow unasked; that is told')
def _():
    with Place(TELLTALE_PUBLIC_URL='https://tunnel.example') as place:
        place.wait_for_book('csm_date_assigned')
        t.equal(place.home.run('destination', 'create').returncode, 0)
        made = only(place.posthog)
        place.add(NEWCOMER, 'Newcomer & Sons')
        place.wait_for_word('does not fit it: telltale destination update')
        t.equal(any(NEWCOMER in listed for listed in organizations(made)),
                False)
        t.equal({method for method, _, _ in place.posthog.requests
                 if method not in ('GET', 'POST')}, set())


@t.case('a list without inputs and in pages is read to its end')
def _():
    with Place(TELLTALE_PUBLIC_URL='https://tunnel.example',
               TELLTALE_POSTHOG_UPDATE='yes') as place:
        fake = place.posthog
        listed = fake._list
        fake._list = lambda query: listed({'limit': 1, **{
            key: query[key] for key in query if key == 'offset'}})
        for number in range(3):
            other = fake_posthog.answer_of('hog_function_201.json')
            other.update(id='other-%d' % number, name='Other %d' % number)
            fake.functions[other['id']] = other
        place.wait_for_book('csm_date_assigned')  # it is there, and stays
        t.equal(place.home.run('destination', 'create').returncode, 0)
        t.equal('as it should be' in
                place.home.run('destination', 'update').stdout, True)
        t.equal(len(fake.functions), 5)


@t.case('throttled, stumbling, refused: told, and asked again')
def _():
    with Place() as place:
        place.posthog.throttled = 1
        place.posthog.stumbles = 2
        place.add(NEWCOMER, 'Newcomer & Sons')
        place.wait_for_book('Newcomer & Sons')
        place.posthog.scopes.discard('query:read')
        place.wait_for_word('lacks the scope query:read')
        place.posthog.scopes.add('query:read')
        place.rows.pop()
        t.wait_until(lambda: NEWCOMER not in place.book())


t.run()
