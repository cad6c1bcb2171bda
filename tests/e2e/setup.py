"""telltale setup by flags, from an empty directory to a live event: what it
says on the way, and what it leaves."""

import contextlib
import http.client
import json
import os
import socket
import sqlite3

import listening
import telltale as t
from hub import OWNER, ROWS, contains, lacks
from place import (
    BOOK, HINT, KEY, SETTINGS, Place, accounts, arrives, free_port)


@t.case('from an empty directory, with nothing else running, setup ends with '
        'a live event')
def _():
    with Place() as place:
        out = arrives(place)
        contains(out, '"csm laptop" of ' + OWNER, 'project      2 at',
                 '6 accounts: 6 new', 'listens on ' + place.address,
                 'created', 'telltale opens the board', HINT)
        lacks(out, '! ', 'region')
        t.equal(place.owner(), 'none: nothing receives now')
        contains(place.home.run('tail').stdout, 'telltale test')
        t.equal(os.stat(place.home.path + '/' + KEY).st_mode & 0o777, 0o600)
        t.equal(place.file(KEY), place.fake.key + '\n')
        contains(place.file(SETTINGS), 'listen = ' + place.address,
                 'accounts_sql = salesforce', 'owner = ' + OWNER)
        lacks(out + place.file(SETTINGS), place.fake.key)
        with place.watch() as watch:
            t.equal(place.happens(), 1)
            watch.wait_for_line('maya')


@t.case('a second time nothing is done twice, and nothing is needed but the '
        'word')
def _():
    with Place() as place:
        arrives(place)
        before = place.file(SETTINGS)
        del place.home.env['TELLTALE_POSTHOG_API_KEY']
        again = place.home.run('setup')
        t.equal(again.returncode, 0, again.stderr)
        contains(again.stdout, 'as they were', 'is as it should be',
                 '0 new, 0 gone, 0 changed', 'the test has arrived')
        t.equal(place.file(SETTINGS), before)
        place.only()
        t.equal([method for method, path, _ in place.fake.requests
                 if method == 'POST' and path.endswith('/hog_functions/')],
                ['POST'] * 2)


@t.case('a telltale that runs is the receiver, and goes on')
def _():
    with Place() as place, place.watch() as watch:
        out = arrives(place)
        contains(out, 'the telltale that runs, process %d'
                 % watch.process.pid,
                 'The telltale that runs shows what comes.')
        lacks(out, 'opens the board', 'it asks then')
        watch.wait_for_line('telltale test')
        t.equal(place.happens(), 1)
        watch.wait_for_line('maya')


@t.case('mirrors and --source posthog are not for the receiver of a test')
def _():
    with Place(TELLTALE_SOURCE='posthog') as place:
        place.home.write(SETTINGS, '[mirror x]\ntype = json\n'
                         'url = http://127.0.0.1:1/\nallow_http = yes\n')
        arrives(place)
        t.equal([path for _, path, body in place.fake.requests
                 if body and 'event_uuid' in json.dumps(body)], [])
        with contextlib.closing(sqlite3.connect(place.home.journal)) as db:
            t.equal(db.execute("SELECT reader FROM cursors WHERE reader <> "
                               "'signals'").fetchall(), [])


@t.case('setup keeps what a person wrote into the settings')
def _():
    with Place() as place:
        place.home.write(SETTINGS, '; mine\n[main]\npublic_url = '
                         'https://old.example\ntheme = night ; dark\n'
                         '[screen]\nglyphs = ascii\n')
        place.fake.warehouse.vitally(ROWS, OWNER)
        sql = ('SELECT organization_id, organization_name FROM '
               "vitally_csm_managed_accounts WHERE customer_success_manager "
               "= '{email}' AND segment IN ('growth', 'enterprise')")
        arrives(place, '--posthog-accounts-sql', sql)
        contains(place.file(SETTINGS), '; mine\n[main]\n',
                 'public_url = http://%s\ntheme = night ; dark\n'
                 % place.address, '[screen]\nglyphs = ascii\n', 'project = 2')
        contains(place.fake.sql[-2], "manager = 'csm@team.example' AND")
        t.equal(place.home.run('accounts', 'pull').returncode, 0)
        contains(place.fake.sql[-2], sql.replace('{email}', OWNER))


@t.case('a port that is taken and a journal that cannot be are one clear '
        'line, before anything is made at PostHog')
def _():
    with Place() as place, socket.socket() as taken:
        taken.bind(('127.0.0.1', place.port))
        taken.listen()
        done = place.setup()
        t.equal(done.returncode, 1, done.stdout)
        t.equal(len(done.stderr.splitlines()), 1, done.stderr)
        contains(done.stderr, place.address + ' is in use')
        place.home.write('file', '')
        done = place.setup('--journal', place.home.path + '/file/journal.db')
        t.equal(done.returncode, 1, done.stdout)
        t.equal(len(done.stderr.splitlines()), 1, done.stderr)
        contains(done.stderr, place.home.path + '/file')
        done = place.setup('--listen', '0.0.0.0:%d' % place.port)
        t.equal(done.returncode, 3, done.stdout)
        contains(done.stderr, 'beyond this machine')
        t.equal(place.fake.functions, {})


# The key

@t.case('scopes that are missing are named all at once, before anything is '
        'made or written')
def _():
    with Place() as place:
        place.fake.scopes -= {'query:read', 'hog_function:read',
                              'hog_function:write'}
        done = place.setup()
        t.equal(done.returncode, 1, done.stdout)
        contains(done.stderr, '"csm laptop" lacks query:read, '
                 'hog_function:read and hog_function:write',
                 place.fake.url + '/settings/user-api-keys')
        t.equal(len(done.stderr.splitlines()), 1, done.stderr)
        t.equal(place.files(), [])
        t.equal(len(place.fake.requests), 1)
        place.fake.scopes |= {'query:read', 'hog_function:write', HINT}
        lacks(arrives(place), HINT)  # write includes read; there is no hint


@t.case('a key limited to other projects is told, and where to change that')
def _():
    with Place() as place:
        place.fake.teams = [3, 71]
        done = place.setup()
        t.equal(done.returncode, 1, done.stdout)
        contains(done.stderr, 'is limited to project 3, 71 and may not see '
                 'project 2', '/settings/user-api-keys')
        t.equal(place.files(), [])
        place.fake.teams = [2]
        arrives(place)


@t.case('a key that is not known is not kept')
def _():
    with Place() as place:
        place.home.env['TELLTALE_POSTHOG_API_KEY'] = 'phx_other'
        done = place.setup('--posthog-project', '2')
        t.equal(done.returncode, 1, done.stdout)
        contains(done.stderr, 'does not know this API key')
        t.equal(place.files(), [])


@t.case('a PostHog that tells nothing about keys is asked step by step')
def _():
    with Place() as place:
        place.fake.tells_key = False
        place.fake.scopes.discard('query:read')
        done = place.setup()
        t.equal(done.returncode, 1, done.stdout)
        contains(done.stderr, 'lacks the scope query:read')
        place.fake.scopes.add('query:read')
        place.fake.scopes.discard('user:read')
        done = place.setup()
        t.equal(done.returncode, 0, done.stderr)  # the project is known now
        contains(done.stdout, 'lacks the scope user:read', 'has arrived')


# The book

@t.case('where the book is is found, and the word is kept')
def _():
    with Place() as place:
        accounts(place.fake, 'vitally')
        contains(arrives(place), 'book of Vitally: 6 accounts',
                 'Salesforce is not there: ', 'Unknown table `salesforce',
                 '6 accounts: 6 new')
        contains(place.file(SETTINGS), 'accounts_sql = vitally')
        asked = len(place.fake.sql)
        t.equal(place.home.run('accounts', 'pull').returncode, 0)
        for sql in place.fake.sql[asked:]:
            lacks(sql, 'system.', 'salesforce_')
        contains(place.fake.sql[asked], 'FROM vitally_csm_managed_accounts')
        asked = len(place.fake.sql)
        place.home.env['TELLTALE_POSTHOG_ACCOUNTS_SQL'] = 'salesforce'
        contains(place.home.run('accounts', 'pull').stderr, 'Unknown table')
        contains(place.fake.sql[-1], 'FROM salesforce_account')


@t.case('without either it says what to do; a CSV will do')
def _():
    with Place() as place:
        place.fake.warehouse.drop('salesforce_account')
        done = place.setup()
        t.equal(done.returncode, 1)
        contains(done.stderr, "neither Customer Analytics nor Vitally's nor "
                 "Salesforce's",
                 'a CSV with organization_id and organization_name at '
                 + place.home.path + '/' + BOOK, '--posthog-accounts-sql')
        t.equal(place.fake.functions, {})
        place.home.write(BOOK, t.fixture('accounts.csv').decode())
        contains(arrives(place), 'telltale accounts pull renews it')


@t.case('what PostHog says of a query that fails is passed on')
def _():
    with Place() as place:
        done = place.setup('--posthog-accounts-sql', 'SELECT 1 FROM nowhere')
        t.equal(done.returncode, 1)
        contains(done.stderr, 'Unknown table', 'put a CSV')


# The address

@t.case('without a key setup names the key, without an address tunnels')
def _():
    with Place() as place:
        del place.home.env['TELLTALE_POSTHOG_API_KEY']
        done = place.setup()
        t.equal(done.returncode, 3)
        contains(done.stderr, 'no PostHog API key')
        place.home.env['TELLTALE_POSTHOG_API_KEY'] = place.fake.key
        place.words = place.words[:-2]
        done = place.setup()
        t.equal(done.returncode, 1)
        contains(done.stdout, 'cloudflared tunnel --url http://'
                 + place.address, 'ngrok http %d' % place.port, 'ssh -R')
        contains(done.stderr, '--public-url')
        t.equal(place.fake.functions, {})
        for address in 'http://tunnel.example', 'http://127.0.0.1.example':
            done = place.setup('--public-url', address)
            t.equal(done.returncode, 3)
            contains(done.stderr, 'must begin with https://')
        lacks(place.file(SETTINGS), 'tunnel.example')


@t.case('where no webhook can reach, --source posthog is kept instead')
def _():
    with Place() as place:
        place.words = place.words[:-2]
        done = place.setup('--source', 'posthog')
        t.equal(done.returncode, 0, done.stderr)
        contains(done.stdout, 'asked every 60 s')
        contains(place.file(SETTINGS), 'source = posthog')
        t.equal(place.fake.functions, {})


class Front(listening.Listening):
    """Stands where a tunnel would: passes posts on, and answers what it is
    asked itself. PostHog reaches us through it, and we do not."""

    def __init__(self, port, status=200, text=b'hello'):
        class Handler(listening.Handler):
            def do_GET(self):
                self.answer(status, text)

            def do_POST(self):
                inner = http.client.HTTPConnection('127.0.0.1', port,
                                                   timeout=t.PATIENCE)
                inner.request('POST', self.path, self.body(),
                              dict(self.headers))
                answer = inner.getresponse()
                self.answer(answer.status, answer.read())
                inner.close()

        super().__init__(Handler)


@t.case('an address where something else answers is a warning, no more')
def _():
    for status, text, says in (
            (200, b'hello', 'something else than telltale answers there'),
            (502, b'', '/healthz answers 502'),
            (404, b'{"ok":false,"error":"x"}', '/healthz answers 404'),
            (503, b'{"ok":false}', 'cannot keep events now')):
        with Place() as place, Front(place.port, status, text) as front:
            place.words[-1] = front.url + '/'
            out = arrives(place)
            line = [line for line in out.splitlines() if line[:1] == '!']
            t.equal(len(line), 1, out)
            contains(line[0], says)


@t.case('an address where nobody answers is told before PostHog tries it')
def _():
    with Place() as place:
        place.words[-1] = 'http://127.0.0.1:%d' % free_port()
        done = place.setup()
        t.equal(done.returncode, 1, done.stdout)
        contains(done.stdout, '! address    no answer (127.0.0.1: cannot '
                 'connect)', 'must lead to ' + place.address)
        contains(done.stderr, 'PostHog could not deliver')
        t.equal(place.owner(), 'none: nothing receives now')


# At a terminal


t.run()
