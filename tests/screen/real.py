"""The real program in a terminal: posts are answered whatever the terminal
does, and the terminal is given back however the program ends."""

import http.client
import json
import os
import re
import signal
import sqlite3
import sys
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'e2e'))
import telltale as t  # noqa: E402
from terminal import Terminal  # noqa: E402
from fake_posthog import FakePostHog, error  # noqa: E402

POSTS = 4000


class Screen(Terminal):
    """telltale watch in a terminal, with a home of its own."""

    def __init__(self, *words, config=None, files=None, starts=True, **env):
        self.home = t.Home(config, TERM='xterm-256color', **env)
        for name, text in (files or {}).items():
            self.home.write(name, text)
        super().__init__(self.argv(*words), self.home.env)
        if starts:
            self.ready()

    def argv(self, *words):
        return [t.PROGRAM, 'watch', '--listen', '127.0.0.1:0', *words]

    def ready(self):
        found = self.wait_for(rb'127\.0\.0\.1:(\d+)')
        self.port, self.token = int(found.group(1)), self.home.token()

    def close(self):
        super().close()
        self.home.remove()

    def state(self):
        """One letter: R, S, T (stopped) …"""
        with open('/proc/%d/stat' % self.pid, encoding='utf-8') as file:
            return file.read().rpartition(')')[2].split()[0]

    def modes(self):
        """True when the terminal echoes and reads lines."""
        local = self.local_modes()
        return bool(local & termios.ECHO and local & termios.ICANON)

    def post(self, connection, data):
        connection.request('POST', '/hook/' + self.token, data,
                           {'Content-Type': 'application/json'})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def connect(self):
        return http.client.HTTPConnection('127.0.0.1', self.port,
                                          timeout=t.PATIENCE)


@t.case('a posted event is on the screen')
def _():
    with Screen() as screen:
        t.equal(screen.post(screen.connect(), t.body('cohort created')), 200)
        screen.wait_for(rb'cohort')


@t.case('a terminal that nobody reads holds up no answer, and is right after')
def _():
    with Screen() as screen:
        connection = screen.connect()
        worst = 0.0
        for i in range(POSTS):
            start = time.monotonic()
            t.equal(screen.post(connection, t.body()), 200)
            worst = max(worst, time.monotonic() - start)
        screen.seen = b''
        t.equal(screen.post(connection, t.body('cohort created')), 200)
        screen.wait_for(rb'cohort')
        t.note('%d posts answered, the slowest in %.1f ms'
               % (POSTS, worst * 1000))
        t.equal(len(screen.home.tail()), POSTS + 1, 'kept')


@t.case('what was refused is told, listed, shown, and decoded again')
def _():
    with Screen() as screen:
        bad = b'{"event": \x1b[31mharm'
        t.equal(screen.post(screen.connect(), bad), 400)
        screen.wait_for(rb'1 post refused since .*:rejects')
        screen.wait_for(rb'1 refused')
        screen.type(b':rejects\r')
        screen.wait_for(rb'400')
        screen.type(b'\f')  # all of it, not only what changed
        screen.wait_for(rb'Rejects.*1 kept.*400.*event')
        screen.type(b'\r')
        screen.wait_for(rb'harm')
        screen.type(b'\f')
        screen.wait_for(rb'Refused.*harm')
        t.equal(b'\x1b[31mharm' in screen.seen, False, 'harmless')
        database = sqlite3.connect(screen.home.journal)
        good = t.body('cohort created')
        database.execute('UPDATE rejects SET size = ?, body = ?',
                         (len(good), good))
        database.commit()
        database.close()
        screen.seen = b''
        screen.type(b':rejects retry\r')
        screen.wait_for(rb'1 of 1 refused bodies decoded, 1 new event')
        t.equal([event['event'] for event in screen.home.tail()],
                ['cohort created'])


@t.case('a saved view of somebody forgotten goes from a board that runs')
def _():
    email = 'jonas@alderfinch.example'
    views = {'state/telltale/journal.db.views':
             'pane\t7\tMoney\tcategory:billing\n'
             'pane\t7\tJonas\tperson:%s\n' % email}
    with Screen(files=views) as screen:
        t.equal(screen.post(screen.connect(), t.body(user_email=email)), 200)
        screen.type(b':views\r')
        screen.wait_for(rb'jonas@')
        done = screen.home.run('forget', '--yes', email)
        t.equal('1 saved view named them and is gone\n' in done.stdout, True,
                done.stdout + done.stderr)
        screen.type(b':back\r')
        screen.type(b':filter tone:bad\r')
        screen.wait_for(rb'tone[:=]bad')
        screen.type(b':save-view Trouble\r')

        def written():
            screen.read()
            with open(screen.home.journal + '.views',
                      encoding='utf-8') as file:
                text = file.read()
            return 'Trouble' in text and text
        text = t.wait_until(written, 'the views to be written')
        t.equal(('Money' in text, 'onas' in text), (True, False), text)
        screen.seen = b''
        screen.type(b':views\r')
        screen.wait_for(rb'Trouble')
        t.equal(b'onas' in screen.seen, False, screen.seen)


@t.case('a terminal that goes away ends it in order')
def _():
    with Screen() as screen:
        t.equal(screen.post(screen.connect(), t.body()), 200)
        screen.hang_up()
        t.equal(screen.wait_for_end() >= 0, True, 'ended by itself')
        t.equal(len(screen.home.tail()), 1, 'kept')


def ends_by(number):
    with Screen() as screen:
        os.kill(screen.pid, number)
        t.equal(screen.wait_for_end() >= 0, True, 'ended by itself')
        screen.wait_for(rb'\x1b\[\?1049l')
        t.equal(screen.modes(), True, 'the terminal reads lines again')


@t.case('SIGHUP ends it and gives the terminal back')
def _():
    ends_by(signal.SIGHUP)


@t.case('SIGTERM ends it and gives the terminal back')
def _():
    ends_by(signal.SIGTERM)


@t.case('q ends it with status 0')
def _():
    with Screen() as screen:
        screen.type(b'q')
        t.equal(screen.wait_for_end(), 0, 'status')
        t.equal(screen.modes(), True, 'the terminal reads lines again')
        t.equal(re.findall(rb'\x1b\[[0-9;]*r', screen.seen)[-1], b'\x1b[r',
                'all lines scroll again')


@t.case('SIGTSTP stops it, SIGCONT brings screen and receiver back')
def _():
    with Screen() as screen:
        os.kill(screen.pid, signal.SIGTSTP)
        t.wait_until(lambda: screen.read() and screen.state() == 'T',
                     'the stop')
        screen.wait_for(rb'\x1b\[\?1049l')
        t.equal(screen.modes(), True, 'the shell has its terminal')
        screen.seen = b''
        os.kill(screen.pid, signal.SIGCONT)
        screen.wait_for(rb'\x1b\[\?1049h')
        t.wait_until(lambda: screen.read() and not screen.modes(),
                     'keys one by one again')
        t.equal(screen.post(screen.connect(), t.body('cohort created')), 200)
        screen.wait_for(rb'cohort')


@t.case('[keys] binds a key to a command, and says which line is wrong')
def _():
    with Screen(config='[keys]\n^F = category billing\n') as screen:
        screen.wait_for(rb'no event yet')
        screen.type(b'\x06')
        screen.wait_for(rb'category=billing')
    with Screen(config='[keys]\n^F = explode\n') as screen:
        screen.wait_for(rb'No command "explode"')


def theme_of(lines):
    """A home whose theme `mine` has these lines."""
    return {'config/telltale/themes/mine.theme': '[roles]\n' + lines}


@t.case('a theme of the user is taken from the themes directory')
def _():
    with Screen('--theme', 'mine', files=theme_of('title = 123456 bold\n'),
                COLORTERM='truecolor') as screen:
        screen.wait_for(rb'38;2;18;52;86m')


@t.case('a theme that is wrong ends it, with file and line')
def _():
    with Screen('--theme', 'mine', files=theme_of('\ntitle = ?\n'),
                starts=False) as screen:
        screen.wait_for_end()
        screen.wait_for(rb'mine\.theme:3: "\?" is no colour')


def crashes_by(number):
    with Screen(ASAN_OPTIONS='handle_segv=0:handle_abort=0:detect_leaks=0') \
            as screen:
        t.equal(screen.post(screen.connect(), t.body()), 200)
        os.kill(screen.pid, number)
        t.equal(screen.wait_for_end(), -number, 'what ended it is not hidden')
        screen.wait_for(rb'\x1b\[\?25h')
        screen.wait_for(rb'\x1b\[\?1049l')
        t.equal(screen.modes(), True, 'the terminal reads lines again')
        t.equal(len(screen.home.tail()), 1, 'kept')


@t.case('a crash gives the terminal back and keeps what was answered')
def _():
    crashes_by(signal.SIGSEGV)


@t.case('an abort gives the terminal back and keeps what was answered')
def _():
    crashes_by(signal.SIGABRT)


SESSION = '0199480e-7a31-7c0e-8f50-3f1f3a6c0d11'
ASKED = '/api/projects/2/session_recordings/%s/' % SESSION
BROWSER = 'printf %s "$1" > "$0.t" && mv "$0.t" "$0.url"\n'


class Replay(Screen):
    """One event of a session, O pressed on it; what is opened is written
    down."""

    def __init__(self, posthog, project=2, **env):
        super().__init__(files={'browser': BROWSER},
                         **dict(posthog.environment(), **env))
        status = self.post(self.connect(), t.body(
            session_id=SESSION,
            project_url='%s/project/%d' % (posthog.url, project)))
        t.equal(status, 200)
        self.wait_for(rb'an insight')
        self.type(b'O')
        self.wait_for(rb'Open')

    def argv(self, *words):
        return super().argv('--links-browser',
                            '/bin/sh %s/browser' % self.home.path, *words)

    def wait_for_list(self, pattern):
        """Waits for it in the list of replays, drawn anew as a whole."""
        self.type(b':replays\r')
        self.type(b'\f')
        self.wait_for(pattern)

    def opened(self):
        try:
            with open(self.home.path + '/browser.url',
                      encoding='ascii') as file:
                return file.read()
        except FileNotFoundError:
            return None

    def wait_for_opened(self):
        return t.wait_until(lambda: self.read() and self.opened(),
                            'the browser')


def asked(posthog):
    return [path for _, path, _ in posthog.requests]


@t.case('O opens a replay as soon as PostHog has its recording')
def _():
    with FakePostHog() as posthog:
        posthog.scopes.add('session_recording:read')
        posthog.recordings[SESSION] = {'end_time': '2100-01-01T00:00:00Z'}
        with Replay(posthog) as screen:
            t.equal('%s/project/2/replay/%s' % (posthog.url, SESSION)
                    in screen.wait_for_opened(), True, screen.opened())
            t.equal(asked(posthog), [ASKED])


@t.case('while PostHog has none, O waits and opens nothing')
def _():
    with FakePostHog() as posthog:
        posthog.scopes.add('session_recording:read')
        with Replay(posthog) as screen:
            t.wait_until(lambda: screen.read() and asked(posthog) == [ASKED])
            screen.wait_for_list(rb'opens when ready')
            t.equal(screen.opened(), None)


@t.case('a key that may not ask for recordings is told apart: O takes longer')
def _():
    with FakePostHog() as posthog, Replay(posthog) as screen:
        screen.wait_for(rb'cording:read')
        screen.wait_for_list(rb'opens about')
        t.equal(screen.opened(), None)


@t.case('what PostHog says of itself is made harmless')
def _():
    with FakePostHog() as posthog:
        posthog.scopes.add('session_recording:read')
        posthog._recording = lambda _: error(
            400, 'query_400.json', detail='boo \x9b31m\u202ehoo')
        with Replay(posthog) as screen:
            screen.wait_for('boo \ufffd31mhoo'.encode())
            t.equal(b'\xc2\x9b' in screen.seen, False)


@t.case('who has no key, and what is another project\'s, is not asked about')
def _():
    for project, env in ((2, {'TELLTALE_POSTHOG_API_KEY': ''}), (3, {})):
        with FakePostHog() as posthog:
            with Replay(posthog, project=project, **env) as screen:
                screen.wait_for_list(rb'opens about')
            t.equal(asked(posthog), [])


@t.case('q ends it while PostHog keeps a question waiting')
def _():
    with FakePostHog() as posthog:
        posthog.forgive()
        with posthog.lock, Replay(posthog) as screen:
            screen.type(b'q')
            t.equal(screen.wait_for_end(), 0, 'status')


class Shell(Screen):
    """A shell with job control in the pty; telltale is what it starts."""

    def argv(self, *words):
        self.home.env.update(PS1='$ ', ENV='', PROGRAM=t.PROGRAM)
        return ['/bin/bash', '--norc', '--noprofile', '-i']

    def ready(self):
        self.wait_for(rb'\$ ')

    def say(self, command, pattern):
        """Types a command; returns what its output matches. Marks are
        written so that the echo of the command does not look like one."""
        self.seen = b''
        self.type(command + b'\n')
        return self.wait_for(pattern)

    def settings(self):
        return self.say(b'echo "<"$(stty -g)">"', rb'<([0-9a-f:]+)>').group(1)


@t.case('a shell finds its terminal as it was: ^Z, fg, q')
def _():
    with Shell() as shell:
        before = shell.settings()
        shell.say(b'"$PROGRAM" watch --listen 127.0.0.1:0',
                  rb'\x1b\[\?1049h.*127\.0\.0\.1:\d+')
        t.equal(shell.modes(), False, 'lines are read while it draws')
        shell.seen = b''
        shell.type(b'\x1a')
        shell.wait_for(rb'\x1b\[\?1049l.*\$ ')
        t.equal(shell.settings(), before, 'settings after ^Z')
        shell.say(b'fg', rb'\x1b\[\?1049h.*127\.0\.0\.1:\d+')
        shell.seen = b''
        shell.type(b'q')
        shell.wait_for(rb'\x1b\[\?1049l.*\$ ')
        shell.say(b'echo status=$?', rb'status=0')
        t.equal(shell.settings(), before, 'settings after q')


FAILED = dict(properties={'total_usd': 742.13})


def open_signals(screen):
    """A payment fails; the signal of it is on the screen."""
    failed = t.body('billing invoice payment failed', **FAILED)
    t.equal(screen.post(screen.connect(), failed), 200)
    t.wait_until(lambda: states(screen) == ['new'], 'a signal')
    screen.type(b'S')
    screen.wait_for(rb'1 new.*Why.*Write')
    screen.seen = b''


def states(screen):
    """Of all signals, as the journal has them."""
    lines = screen.home.run('signals', '--all', '--json').stdout
    return [json.loads(line)['state'] for line in lines.splitlines()]


@t.case('a signal comes to the screen; what is said of it reaches the journal')
def _():
    with Screen() as screen:
        open_signals(screen)
        screen.type(b'd')
        screen.wait_for(rb'Done. d again opens it.')
        t.wait_until(lambda: states(screen) == ['done'], 'it to be done')
        screen.type(b'd')
        t.wait_until(lambda: states(screen) == ['seen'], 'it to be open')


@t.case('what another process says of a signal is on the screen')
def _():
    with Screen() as screen:
        open_signals(screen)
        done = screen.home.run('signals', 'done', '1')
        t.equal(done.returncode, 0, done.stderr)
        screen.wait_for(rb'done')


t.run()
