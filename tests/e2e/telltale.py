"""A telltale of its own for a test: temporary home, a free port, and waiting
for conditions instead of sleeping. Also the TAP that the tests print.

    import telltale as t

    @t.case('a posted event is printed')
    def _():
        with t.Telltale() as watch:
            watch.post(t.body())
            watch.wait_for_line('created')

    t.run()
"""

import atexit
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import uuid

SOURCE = os.environ.get('TESTS_SRC') or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get('TESTS_BUILD') or SOURCE
PROGRAM = os.path.join(BUILD, 'telltale')
FIXTURES = os.path.join(SOURCE, 'tests', 'fixtures')
PATIENCE = float(os.environ.get('TESTS_PATIENCE', '30'))

# A shell has what it starts with & ignore some signals, and telltale does not
# take what it was told to ignore. With a handler here, what a test starts does.
for _number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, lambda *_: None)


# TAP

_cases = []
_running = ''


def case(sentence):
    """Registers a test; its name is a sentence."""
    def register(function):
        _cases.append((sentence, function))
        return function
    return register


def note(text):
    """A line of detail: counts, figures."""
    for line in str(text).splitlines():
        print('# ' + line, flush=True)


def row(kind, **figures):
    """A row of what ./dev faults prints: kind is 'fault' (sent, acknowledged,
    kept, doubled, lost, allowed: how many the fault itself destroys, worst) or 'attack' (good, served, worst); worst is the
    slowest answer in seconds. Named after the running case, or by case=."""
    figures.setdefault('case', _running)
    note('row ' + json.dumps(dict(figures, kind=kind)))


def run():
    """Runs all cases and ends the process."""
    global _running
    failed = 0
    # Stopped for being slow: what it began is ended, what it made removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print('1..%d' % len(_cases), flush=True)
    for number, (sentence, function) in enumerate(_cases, 1):
        _running = sentence
        try:
            function()
            print('ok %d - %s' % (number, sentence), flush=True)
        except Exception:
            failed += 1
            print('not ok %d - %s' % (number, sentence), flush=True)
            note(traceback.format_exc())
    sys.exit(1 if failed else 0)


def equal(got, wanted, what=''):
    if got != wanted:
        raise AssertionError('%s: got %r, wanted %r' % (what, got, wanted))


def wait_until(condition, what='a condition', limit=None):
    """Calls condition until it gives something true, and returns that; what:
    a text, or what gives one when it was in vain."""
    end = time.monotonic() + (limit or PATIENCE)
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError('waited in vain for %s' %
                                 (what() if callable(what) else what))
        time.sleep(0.01)


def sleeps(pid):
    """Its first thread sleeps, and has not run for a moment."""
    def look():
        with open('/proc/%d/task/%d/status' % (pid, pid),
                  encoding='ascii', errors='replace') as file:
            return [line for line in file
                    if line.startswith(('State:', 'voluntary'))]
    before = look()
    time.sleep(0.05)
    return look() == before and 'S' in before[0].split()[1]


class Ledger:
    """What was sent, what was acknowledged, and how long answers took. Any
    number of threads may add to it."""

    def __init__(self):
        self.sent, self.worst, self.kept = 0, 0.0, []
        self._lock = threading.Lock()

    def add(self, key, status, since):
        """One answer; since is the monotonic time when it was asked for."""
        with self._lock:
            self.sent += 1
            self.worst = max(self.worst, time.monotonic() - since)
            if status == 200:
                self.kept.append(key)

    def lost(self, journal, allowed=0):
        """Prints the row; the keys that were acknowledged and are not in the
        journal (its path). Nothing may be there twice, and it is whole.
        allowed: so many the fault itself may have destroyed."""
        database = sqlite3.connect(journal)
        there = [bytes(found[0]) for found in
                 database.execute('SELECT uuid FROM events')]
        whole = database.execute('PRAGMA integrity_check').fetchone()[0]
        database.close()
        known = set(there)
        lost = [key for key in self.kept
                if uuid.UUID(key).bytes not in known]
        row('fault', sent=self.sent, acknowledged=len(self.kept),
            kept=len(there), doubled=len(there) - len(set(there)),
            lost=len(lost), allowed=allowed, worst=self.worst)
        equal(whole, 'ok', 'integrity')
        equal(len(there), len(set(there)), 'twice')
        return lost


def select(journal, sql, *values, absent=None):
    """The rows that a journal (its path) gives, which is only read; absent:
    what one gives that is not there yet."""
    try:
        with contextlib.closing(sqlite3.connect(
                'file:%s?mode=ro' % journal, uri=True,
                timeout=20)) as database:
            return database.execute(sql, values).fetchall()
    except sqlite3.OperationalError:
        if absent is None:
            raise
        return absent


def certificate(folder, name, *names):
    """Makes one of that name, and of alternative ones: its path and its
    key's. None, and a note of it, where there is no openssl command."""
    paths = [os.path.join(folder, name + end) for end in ('.pem', '.key')]
    words = ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
             '-days', '2', '-subj', '/CN=' + name, '-out', paths[0],
             '-keyout', paths[1]]
    if names:
        words += ['-addext', 'subjectAltName=' + ','.join(names)]
    try:
        subprocess.run(words, check=True, capture_output=True)
    except FileNotFoundError:
        note('no openssl command: not tested')
        return None
    return paths


# Bodies

def fixture(name):
    with open(os.path.join(FIXTURES, name), 'rb') as file:
        return file.read()


def manifest():
    """The rows of manifest.tsv as dictionaries."""
    with open(os.path.join(FIXTURES, 'manifest.tsv'), encoding='utf-8') as f:
        lines = f.read().splitlines()
    names = lines[0].split('\t')
    return [dict(zip(names, line.split('\t'))) for line in lines[1:]]


def body(event='insight created', **fields):
    """A body of telltale's own payload with an id of its own."""
    record = {'v': 1, 'uuid': str(uuid.uuid4()), 'event': event,
              'distinct_id': 'd1', 'user_email': 'maya@alderfinch.example',
              'org_id': '77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8',
              'org_name': 'Alder & Finch Labs', 'properties': {}}
    record.update(fields)
    return json.dumps(record).encode()


# The program

class Home:
    """Temporary directories and the environment that names them. They are
    gone when the test ends, however it ends."""

    def __init__(self, config=None, **environment):
        self.path = tempfile.mkdtemp(prefix='telltale-e2e-')
        atexit.register(self.remove)
        self.env = {key: value for key, value in os.environ.items()
                    if not key.startswith('TELLTALE_')}
        self.env.update(HOME=self.path, TZ='UTC0', LC_ALL='C.UTF-8',
                        XDG_CONFIG_HOME=self.path + '/config',
                        XDG_STATE_HOME=self.path + '/state')
        self.env.update(environment)
        self.state = self.path + '/state/telltale'
        self.journal = self.state + '/journal.db'
        if config is not None:
            self.write('config/telltale/config.ini', config)

    def write(self, name, text):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def token(self):
        """What is secret in the hook's address; who receives has made it."""
        with open(self.state + '/token', encoding='ascii') as file:
            return file.read().strip()

    def select(self, sql, *values):
        """The rows that its journal gives."""
        return select(self.journal, sql, *values)

    def remove(self):
        atexit.unregister(self.remove)
        shutil.rmtree(self.path, ignore_errors=True)

    def run(self, *words, env=None, **options):
        """Runs telltale to its end: .returncode, .stdout, .stderr (text)."""
        options.setdefault('timeout', PATIENCE)
        options.setdefault('stdin', subprocess.DEVNULL)
        return subprocess.run([PROGRAM, *words], env=env or self.env,
                              capture_output=True, text=True,
                              encoding='utf-8', errors='surrogateescape',
                              **options)

    def check(self, *words, **options):
        """telltale check, on a port that no other program has."""
        return self.run('check', '--listen=127.0.0.1:0', *words, **options)

    def tail(self, *words):
        """The events of the journal, as dictionaries."""
        done = self.run('tail', '--json', '--hidden', '-n', 'all', *words)
        equal(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]


class Running:
    """A telltale that goes on in a home, once it was started; what it says
    is in the files .out and .err."""

    def __init__(self, home):
        self.home = home
        self.process = None
        self.out, self.err = home.path + '/out', home.path + '/err'

    def stop(self, how=signal.SIGTERM):
        """Stops it; returns its exit code."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError('did not stop')
        return self.process.returncode if self.process else None

    def stderr(self):
        with open(self.err, encoding='utf-8', errors='replace') as file:
            return file.read()


class Telltale(Running):
    """A running receiver; leaving the block stops it and removes its home,
    unless the home was given."""

    def __init__(self, *words, command='watch', home=None, config=None,
                 start=True, **environment):
        super().__init__(home or Home(config, **environment))
        self.own_home = home is None
        self.words = [command, '--listen', '127.0.0.1:0', *words]
        self.before, self.fds = [], ()  # words in front, what is inherited
        if start:
            self.start()

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.stop()
        if self.own_home:
            self.home.remove()

    def start(self, stdout=None):
        """Starts it, and waits until it says where it listens; stdout: a
        file for its output other than .out."""
        with open(self.out, 'ab') as out, open(self.err, 'wb') as err:
            self.process = subprocess.Popen(
                [*self.before, PROGRAM, *self.words], env=self.home.env,
                stdout=stdout or out, stderr=err, stdin=subprocess.DEVNULL,
                pass_fds=self.fds)
        wait_until(lambda: self._announced() or self._ended(),
                   'the announcement')
        if not self._announced():
            raise AssertionError('did not start: ' + self.stderr())
        self.token = self.home.token()
        return self

    def _ended(self):
        return self.process.poll() is not None

    def _announced(self):
        found = re.search(r'listening on 127\.0\.0\.1:(\d+)', self.stderr())
        if found:
            self.port = int(found.group(1))
        return found

    def stdout(self):
        with open(self.out, 'rb') as file:
            return file.read()

    def lines(self):
        return self.stdout().decode('utf-8').splitlines()

    def wait_for_line(self, part, count=1):
        """Waits until count lines of standard output hold part."""
        return wait_until(
            lambda: [line for line in self.lines() if part in line][count - 1:]
            and [line for line in self.lines() if part in line],
            'a line with %r' % part)

    def connect(self):
        return http.client.HTTPConnection('127.0.0.1', self.port,
                                          timeout=PATIENCE)

    def request(self, method, path, data=None, headers=None):
        """(status, body) of one request on a connection of its own, sent
        again, as a sender does, while it is told that the time did not
        suffice: the machine may be busy with other things."""
        end = time.monotonic() + PATIENCE
        while True:
            status, said = self.request_once(method, path, data, headers)
            if (status != 503 or time.monotonic() > end or
                    not re.search(b'in time, (?:send it|ask) again', said)):
                return status, said

    def request_once(self, method, path, data=None, headers=None):
        connection = self.connect()
        try:
            connection.request(method, path, data, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def post(self, data, headers=None, token=None):
        """Posts to the hook; returns (status, body)."""
        return self.request('POST', '/hook/' + (token or self.token), data,
                            headers or {'Content-Type': 'application/json'})

    def health(self, token=None):
        status, data = self.request(
            'GET', '/healthz', None,
            {'Authorization': 'Bearer ' + token} if token else {})
        return status, json.loads(data)
