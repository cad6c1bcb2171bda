"""A newcomer's place for tests of setup: an empty directory, a port, a
PostHog, and a terminal to be asked at."""

import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import termios

import fake_posthog
import telltale as t
from hub import ALDER, OWNER, ROWS, contains

BOOK = 'config/telltale/accounts.csv'
SETTINGS = 'config/telltale/config.ini'
KEY = 'config/telltale/posthog_key'
HINT = 'session_recording:read'
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
