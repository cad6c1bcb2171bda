"""A newcomer's place for tests of setup: an empty directory, a port, a
PostHog, and a terminal to be asked at."""

import os
import re
import socket
import termios

import fake_posthog
import telltale as t
from hub import ALDER, OWNER, ROWS, contains
from terminal import Terminal

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
        self.fake.close()
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
        return list(self.fake.functions.values())[-1]

    def happens(self):
        """An event of an account of the book; how many let it through."""
        return self.fake.deliver(fake_posthog.globals_of(
            'insight created', ALDER, 'maya@alderfinch.example'))


def arrives(place, *more):
    done = place.setup(*more)
    t.equal(done.returncode, 0, done.stderr + done.stdout)
    contains(done.stdout, 'the test has arrived')
    return done.stdout


class Dialogue(Terminal):
    """A program that asks; .seen is text, with a | before what follows an
    answer."""

    seen = ''

    def __init__(self, home, *words, program=t.PROGRAM):
        super().__init__([program, *words],
                         dict(home.env, TERM='xterm-256color'))

    def took(self, got):
        self.seen += got.decode(errors='replace')

    def answer(self, question, text):
        """Waits until that is asked, and types text and Enter."""
        self.wait_for(question + r'[^\r\n]*: $')
        self.type(text + '\n')

    def type(self, text):
        self.seen += '|'
        super().type(text.encode())

    def echoes(self):
        return bool(self.local_modes() & termios.ECHO)


def at_terminal(place, *more):
    place.home.env.pop('TELLTALE_POSTHOG_API_KEY', None)
    return Dialogue(place.home, 'setup', '--listen', place.address, *more)


def converse(place, terminal, address):
    terminal.answer('not shown', place.fake.url)
    terminal.answer('Now its key.*not shown', place.fake.key)
    terminal.answer('Number of the project, and whose accounts', '')
    terminal.answer('Public address', address)
