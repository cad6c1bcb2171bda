"""telltale setup: from an empty directory to a live event, by flags and in
a terminal; what it says on the way, and what it leaves when it is cut short.
Also what else asks at a terminal (accounts pull), and check --posthog."""

import contextlib
import fcntl
import http.client
import http.server
import json
import os
import pty
import re
import select
import signal
import socket
import sqlite3
import struct
import termios
import threading

import fake_posthog
import telltale as t
from past import EVENTS, HOUR, Past, happened, now_ms

ALDER = '77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8'
OWNER = 'csm@team.example'
BOOK = 'config/telltale/accounts.csv'
SETTINGS = 'config/telltale/config.ini'
KEY = 'config/telltale/posthog_key'
HINT = 'session_recording:read'


def contains(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError('%r is not in %r' % (part, text))


def lacks(text, *parts):
    for part in parts:
        if part in text:
            raise AssertionError('%r is in %r' % (part, text))


ROWS = fake_posthog.answer_of('query_200.json')['results']
TABLE = {'salesforce': 'salesforce_account',
         'vitally': 'vitally_csm_managed_accounts'}


def accounts(fake, where='salesforce', rows=None):
    """The rows of query_200.json are there, and only there."""
    fake.warehouse.drop('salesforce_user', *TABLE.values())
    fake.warehouse.make(TABLE[where])
    getattr(fake.warehouse, where)(ROWS if rows is None else rows, OWNER)


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Place:
    """An empty home, a PostHog with a book, and a port to receive on."""

    def __init__(self, **environment):
        self.fake = fake_posthog.FakePostHog()
        accounts(self.fake)
        self.fake.warehouse.heard([row[0] for row in ROWS])
        self.home = t.Home(TELLTALE_POSTHOG_API_KEY=self.fake.key,
                           **environment)
        self.port = free_port()
        self.address = '127.0.0.1:%d' % self.port
        self.words = ['setup', '--posthog-host', self.fake.url,
                      '--listen', self.address,
                      '--public-url', 'http://' + self.address]

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.fake.__exit__(*what)
        self.home.remove()

    def setup(self, *more):
        return self.home.run(*self.words, *more)

    def watch(self):
        return t.Telltale('--plain', '--listen', self.address,
                          home=self.home)

    def file(self, name):
        with open(os.path.join(self.home.path, name),
                  encoding='utf-8') as file:
            return file.read()

    def files(self):
        return sorted(os.path.relpath(os.path.join(folder, name),
                                      self.home.path)
                      for folder, _, names in os.walk(self.home.path)
                      for name in names)

    def owner(self):
        """What check says of who has the journal."""
        return re.search(r'  owner     (.*)', self.home.run('check').stdout)[1]

    def only(self):
        """The one destination at PostHog that is not for docs pages."""
        t.equal([function['name'].replace(' docs', '') for function
                 in self.fake.functions.values()],
                ['Customer activity stream (%s)' % OWNER] * 2)
        return list(self.fake.functions.values())[0]

    def happens(self):
        """An event of an account of the book; how many let it through."""
        return self.fake.deliver(fake_posthog.globals_of(
            'insight created', ALDER, 'maya@alderfinch.example'))


def arrives(place, *more):
    done = place.setup(*more)
    t.equal(done.returncode, 0, done.stderr + done.stdout)
    contains(done.stdout, 'the test has arrived')
    return done.stdout


# By flags

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
        done = place.setup('--public-url', 'http://tunnel.example')
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


class Front:
    """Stands where a tunnel would: passes posts on, and answers what it is
    asked itself. PostHog reaches us through it, and we do not."""

    def __init__(self, port, status=200, text=b'hello'):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def log_message(self, *_):
                pass

            def answer(self, status, text):
                self.send_response(status)
                self.send_header('Content-Length', str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_GET(self):
                self.answer(status, text)

            def do_POST(self):
                length = int(self.headers['Content-Length'])
                inner = http.client.HTTPConnection('127.0.0.1', port,
                                                   timeout=t.PATIENCE)
                inner.request('POST', self.path, self.rfile.read(length),
                              dict(self.headers))
                answer = inner.getresponse()
                self.answer(answer.status, answer.read())
                inner.close()

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0),
                                                      Handler)
        self.server.daemon_threads = True
        self.url = 'http://127.0.0.1:%d' % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


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

class Terminal:
    """A program in a terminal of its own; what it wrote is in .seen."""

    def __init__(self, home, *words, program=t.PROGRAM):
        self.seen = ''
        self.status = None
        home.env['TERM'] = 'xterm-256color'
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ,
                            struct.pack('HHHH', 40, 120, 0, 0))
                os.execve(program, [program, *words], home.env)
            finally:  # or the child would go on with the tests
                os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def read(self):
        if select.select([self.fd], [], [], 0.02)[0]:
            try:
                self.seen += os.read(self.fd, 65536).decode(errors='replace')
            except OSError:
                pass  # the other end is closed

    def wait_for(self, pattern):
        def look():
            self.read()
            return re.search(pattern, self.seen, re.S)
        return t.wait_until(look, '%r after %r' % (pattern, self.seen))

    def answer(self, question, text):
        """Waits until that is asked, and types text and Enter."""
        self.wait_for(question + r'[^\r\n]*: $')
        self.type(text + '\n')

    def type(self, text):
        self.seen += '|'  # what follows answers this
        os.write(self.fd, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        return self.status is not None

    def end(self):
        """Waits for it: the exit code, or minus the signal."""
        def look():
            self.read()
            return self.ended()
        t.wait_until(look, 'the end after %r' % self.seen)
        self.read()
        return os.waitstatus_to_exitcode(self.status)


def at_terminal(place, *more):
    place.home.env.pop('TELLTALE_POSTHOG_API_KEY', None)
    return Terminal(place.home, 'setup', '--listen', place.address, *more)


def converse(place, terminal, address):
    terminal.answer('not shown', place.fake.url)
    terminal.answer('Now its key.*not shown', place.fake.key)
    terminal.answer('Number of the project, and whose accounts', '')
    terminal.answer('Public address', address)


@t.case('at a terminal setup asks what it is not told, hides the key, and '
        'ends with the board')
def _():
    with Place() as place, at_terminal(place) as terminal:
        past = Past([happened('survey launched', now_ms() - 50 * HOUR)])
        place.fake.table(EVENTS, past.answer)
        converse(place, terminal, 'http://%s/hook/x' % place.address)
        terminal.wait_for(r'Open the board \[yes\]: $')
        contains(terminal.seen, 'cloudflared', 'has arrived')
        lacks(terminal.seen, place.fake.key, '! ')
        t.equal(place.only()['inputs']['url']['value'],
                'http://%s/hook' % place.address)
        t.equal(place.happens(), 1)
        terminal.type('\n')
        terminal.wait_for(r'\x1b\[\?1049h.*maya')
        t.wait_until(lambda: len(place.home.tail()) == 3)
        terminal.type('q')
        t.equal(terminal.end(), 0)
        t.equal(terminal.echoes(), True)
        t.equal([(e['event'], e['source']) for e in place.home.tail()
                 if e['source'] != 'webhook'],
                [('survey launched', 'posthog')])
        contains(place.file(SETTINGS), 'refresh = 1d', 'update = yes')


@t.case('no board is opened by no; what opens it is said')
def _():
    with Place() as place, at_terminal(place) as terminal:
        converse(place, terminal, 'http://' + place.address)
        terminal.answer('Open the board', 'n')
        t.equal(terminal.end(), 0)
        contains(terminal.seen, 'telltale opens the board')
        t.equal(place.owner(), 'none: nothing receives now')


@t.case('an answer that makes no sense is asked for again')
def _():
    with Place() as place, at_terminal(place) as terminal:
        terminal.answer('not shown', place.fake.url.split('://')[1])
        terminal.answer('PostHog at https://127.*not shown', place.fake.url)
        terminal.answer('PostHog at http:.*not shown', 'phc_project')
        terminal.answer('personal API key begins.*not shown', 'phx_other')
        terminal.answer('does not know this API key.*not shown',
                        place.fake.key)
        terminal.answer('whose accounts', 'two')
        terminal.answer('"two" is neither.*NUMBER.*whose accounts',
                        'somebody 2')
        terminal.answer('"somebody" is neither.*whose accounts',
                        ' 2, %s ' % OWNER)
        terminal.answer('Public address.*Enter: none', 'none')
        terminal.answer('Enter alone.*Public address', 'http://tunnel.example')
        terminal.answer('must begin with https.*Public address',
                        'http://127.0.0.1:%d' % free_port())
        terminal.answer('no answer.*Another address', 'ftp://x')
        terminal.answer('must begin with https.*Another address',
                        'http://' + place.address)
        terminal.answer('Open the board', 'perhaps')
        terminal.answer('yes, board or no.*Open the board', 'no')
        t.equal(terminal.end(), 0)
        t.equal(place.file(KEY), place.fake.key + '\n')
        contains(place.file(SETTINGS), 'public_url = http://' + place.address)


@t.case('a key that PostHog has forgotten is asked for and replaced')
def _():
    with Place() as place:
        place.home.write(KEY, 'phx_old\n')
        os.chmod(place.home.path + '/' + KEY, 0o600)
        with at_terminal(place, '--posthog-host', place.fake.url) as terminal:
            terminal.answer('does not know.*not shown', place.fake.key)
            terminal.wait_for('Number of the project')
            t.equal(place.file(KEY), 'phx_old\n')  # all is not asked yet
            terminal.answer('Number of the project', '')
            terminal.wait_for('Public address')
            t.equal(place.file(KEY), place.fake.key + '\n')


@t.case('scopes can be added while setup waits, and so can the book')
def _():
    with Place() as place:
        place.fake.warehouse.drop('salesforce_account')
        place.fake.scopes.discard('query:read')
        with at_terminal(place, '--posthog-host', place.fake.url) as terminal:
            terminal.answer('not shown', place.fake.key)
            terminal.answer('lacks query:read.*when they are there', '')
            terminal.wait_for(r'\|.*lacks query:read.*are there: $')
            place.fake.scopes.add('query:read')
            terminal.answer('when they are there', '')
            terminal.answer('Number of the project', '')
            terminal.wait_for('when the CSV is there')
            place.home.write(BOOK, t.fixture('accounts.csv').decode())
            terminal.answer('when the CSV is there', '')
            terminal.wait_for('Public address')


@t.case('without an address PostHog is asked, and four answers did it')
def _():
    with Place() as place:
        place.home.env['TELLTALE_POSTHOG_HOST'] = place.fake.url
        with at_terminal(place) as terminal:
            terminal.answer('not shown', place.fake.key)
            terminal.answer('Number of the project', '')
            terminal.answer('Public address.*ask every minute', '')
            terminal.answer('Open the board', 'no')
            t.equal(terminal.end(), 0)
            t.equal(terminal.seen.count('|'), 4)
        contains(place.file(SETTINGS), 'source = posthog')
        t.equal(place.fake.functions, {})


@t.case('board opens it without the past')
def _():
    with Place() as place, at_terminal(place) as terminal:
        past = Past([happened('survey launched', now_ms() - 50 * HOUR)])
        place.fake.table(EVENTS, past.answer)
        converse(place, terminal, 'http://' + place.address)
        terminal.answer('Open the board', 'board')
        terminal.wait_for(r'\x1b\[\?1049h.*Live')
        terminal.type('q')
        t.equal(terminal.end(), 0)
        t.equal({e['source'] for e in place.home.tail()}, {'webhook'})


@t.case('Enter in place of a key leaves, and nothing is written')
def _():
    with Place() as place, at_terminal(place) as terminal:
        terminal.answer('Enter: leave', '')
        t.equal(terminal.end(), 1)
        contains(terminal.seen, 'left: nothing was changed')
        t.equal(place.files(), [])


def interrupted(place, terminal):
    t.equal(terminal.end(), -signal.SIGINT)
    t.equal(terminal.echoes(), True)
    t.equal([name for name in place.files() if name.endswith('.tmp')], [])


@t.case('^C at a question leaves the terminal as it was, and nothing half '
        'written')
def _():
    with Place() as place:
        with at_terminal(place) as terminal:
            terminal.wait_for(r'Enter: leave\): $')
            t.equal(terminal.echoes(), False)
            terminal.type('half a key\x03')
            interrupted(place, terminal)
            t.equal(place.files(), [])
        with at_terminal(place) as terminal:
            terminal.answer('not shown', place.fake.url)
            terminal.answer('Now its key.*not shown', place.fake.key)
            terminal.wait_for('Number of the project')
            terminal.type('\x03')
            interrupted(place, terminal)
            t.equal(place.files(), [])


@t.case('^Z at the hidden question gives the echo back, and fg asks again')
def _():
    with Place() as place:
        place.home.env.update(PS1='$ ', ENV='', PROGRAM=t.PROGRAM,
                              TELLTALE_POSTHOG_HOST=place.fake.url)
        del place.home.env['TELLTALE_POSTHOG_API_KEY']
        with Terminal(place.home, '-i', program='/bin/sh') as terminal:
            terminal.wait_for(r'\$ $')
            terminal.type('"$PROGRAM" setup\n')
            terminal.wait_for(r'Enter: leave\): $')
            terminal.type('half\x1a')
            terminal.wait_for(r'\|.*\$ $')
            terminal.type('stty -a\n')
            terminal.wait_for(r'[^-]echo -?echoe')
            terminal.type('fg\n')
            terminal.wait_for(r'Enter: leave\): $')
            t.equal(terminal.echoes(), False)
            terminal.type(place.fake.key + '\n')
            terminal.wait_for('Number of the project')
            t.equal(terminal.echoes(), True)


@t.case('the end of the input is told in plain words')
def _():
    with Place() as place, at_terminal(place) as terminal:
        terminal.wait_for(r'Enter: leave\): $')
        terminal.type('\x04')
        t.equal(terminal.end(), 1)
        contains(terminal.seen, 'the input has ended')
        t.equal(terminal.echoes(), True)
        t.equal(place.files(), [])


@t.case('whatever ends setup ends its receiver')
def _():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                   signal.SIGKILL):
        with Place() as place, at_terminal(place) as terminal:
            converse(place, terminal, 'http://' + place.address)
            terminal.wait_for('Open the board')
            contains(place.owner(), 'telltale setup, process')
            os.kill(terminal.pid, number)
            t.equal(terminal.end(), -number)
            if number == signal.SIGKILL:  # it hears of that by itself
                t.wait_until(lambda: place.owner().startswith('none'))
            t.equal(place.owner(), 'none: nothing receives now')
            t.equal(len(place.home.tail()), 1)


# accounts pull

@t.case('accounts pull offers at a terminal to tell PostHog')
def _():
    with Place() as place:
        arrives(place)
        rows = ROWS

        def organizations():
            return len(place.only()['filters']['properties'][0]['value'])

        accounts(place.fake, rows=rows[:2])
        with Terminal(place.home, 'accounts', 'pull') as terminal:
            terminal.answer('4 gone.*Tell PostHog now', 'no')
            t.equal(terminal.end(), 0)
        t.equal(organizations(), 6)
        accounts(place.fake, rows=rows[:3])
        with Terminal(place.home, 'accounts', 'pull') as terminal:
            terminal.answer('1 new.*Tell PostHog now', '')
            t.equal(terminal.end(), 0)
            contains(terminal.seen, ' updated')
        t.equal(organizations(), 3)
        with Terminal(place.home, 'accounts', 'pull') as terminal:
            t.equal(terminal.end(), 0)
            lacks(terminal.seen, 'Tell PostHog')
        accounts(place.fake, rows=rows[:4])
        done = place.home.run('accounts', 'pull', '--dry-run', '--update')
        contains(done.stdout, '1 new', 'nothing was written')
        done = place.home.run('accounts', 'pull', '--update')
        t.equal(done.returncode, 0, done.stderr)
        contains(done.stdout, '1 new', ' updated')
        t.equal(organizations(), 4)


@t.case('without a public address there is nobody to tell')
def _():
    with Place() as place:
        place.home.env.update(place.fake.environment(),
                              TELLTALE_POSTHOG_OWNER=OWNER)
        with Terminal(place.home, 'accounts', 'pull') as terminal:
            t.equal(terminal.end(), 0)
            contains(terminal.seen, '6 new')
            lacks(terminal.seen, 'Tell PostHog')


# check --posthog

def checked(place, code, *parts):
    done = place.home.check('--posthog')
    t.equal(done.returncode, code, done.stdout + done.stderr)
    contains(done.stdout, *parts)
    wrong = [line for line in done.stdout.splitlines() if line[0] == '!']
    t.equal(bool(wrong), bool(code), done.stdout)
    return done.stdout


@t.case('check --posthog says that all is well, and changes nothing')
def _():
    with Place() as place:
        arrives(place)
        place.only()['status'] = {'state': 1, 'tokens': 9000}
        before = json.dumps(place.fake.functions)
        out = checked(place, 0, 'project 2', '"csm laptop" of ' + OWNER,
                      'on, healthy', '6 accounts', 'was not tried', HINT)
        lacks(out, place.fake.key)
        with place.watch():
            lacks(checked(place, 0), 'was not tried')
        t.equal(json.dumps(place.fake.functions), before)
        lacks(place.home.run('check').stdout, 'csm laptop')


@t.case('check --posthog says what is wrong with the destination')
def _():
    with Place() as place:
        arrives(place)
        ours = place.only()
        ours['enabled'] = False
        checked(place, 1, '! webhook "Customer activity stream (%s)": paused'
                % OWNER)
        ours['enabled'] = True
        ours['status'] = {'state': 3, 'tokens': 0}
        checked(place, 1, 'on, disabled by PostHog')
        ours['status'] = {'state': 2, 'tokens': 10}
        checked(place, 1, 'on, degraded by PostHog')
        ours['status'] = None
        place.home.write(BOOK, 'organization_id,organization_name\n'
                         + ALDER + ',Alder & Finch Labs\n')
        checked(place, 1, 'not as it should be: telltale destination update',
                '- account')
        ours['deleted'] = True
        checked(place, 1, 'not there: telltale destination create')
        place.home.write(BOOK, 'organization_id,organization_name\n')
        checked(place, 1, 'the book is empty')


@t.case('check --posthog says what is wrong with key, project and address')
def _():
    with Place() as place:
        arrives(place)
        place.fake.scopes -= {'user:read', 'hog_function:write'}
        checked(place, 1, '! the API key lacks user:read and '
                'hog_function:write')
        place.fake.scopes |= set(fake_posthog.SCOPES)
        place.fake.teams = [7]
        checked(place, 1, '! the API key may not see project 2')
        place.fake.teams = []
        with place.watch():
            place.home.env['TELLTALE_PUBLIC_URL'] = \
                'http://127.0.0.1:%d' % free_port()
            checked(place, 1, '! address http://127.0.0.1', 'no answer',
                    '~ address')
        place.home.env['TELLTALE_POSTHOG_API_KEY'] = 'phx_other'
        checked(place, 1, 'does not know this API key')
        place.home.env['TELLTALE_POSTHOG_HOST'] = 'http://127.0.0.1:1'
        checked(place, 1, 'cannot connect')


@t.case('check --posthog makes nothing where nothing is')
def _():
    with Place() as place:
        place.home.env['TELLTALE_POSTHOG_HOST'] = place.fake.url
        checked(place, 1, 'which project?')
        place.home.env.update(place.fake.environment())
        checked(place, 1, 'no token yet')
        place.home.env['TELLTALE_SOURCE'] = 'posthog'
        checked(place, 0, 'none: PostHog is asked')
        t.equal(place.files(), [])


t.run()
