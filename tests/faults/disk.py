"""What the disk can do to a receiver: a locked journal, a log that may not
grow, a full file system. Each is answered 503, said on /healthz, and over as
soon as it is over; whatever was acknowledged is kept."""

import json
import os
import resource
import sqlite3
import subprocess
import sys
import time
import uuid

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                             '..', 'e2e'))
import telltale as t  # noqa: E402


class Posts(t.Ledger):
    """Posts events and remembers what was acknowledged."""

    def __init__(self, watch):
        super().__init__()
        self.watch = watch

    def post(self, size=100):
        key = str(uuid.uuid4())
        connection = self.watch.connect()
        since = time.monotonic()
        try:
            connection.request(
                'POST', '/hook/' + self.watch.token,
                t.body(uuid=key, properties={'text':
                                              os.urandom(size // 2).hex()}))
            answer = connection.getresponse()
            answer.read()
            self.add(key, answer.status, since)
            if answer.status != 200 and not answer.getheader('Retry-After'):
                raise AssertionError('%d without Retry-After' % answer.status)
            return answer.status
        finally:
            connection.close()

    def assert_all_there(self):
        t.equal(self.lost(self.watch.home.journal), [], 'lost')


def fail_and_recover(watch, posts, recover, size=100):
    """Posts until it is refused, repairs the disk, posts again."""
    t.wait_until(lambda: posts.post(size) == 503, 'an answer 503')
    t.equal(watch.health()[1]['ok'], False, 'health in trouble')
    recover()
    t.wait_until(lambda: posts.post() == 200, 'an answer 200')
    t.wait_until(lambda: watch.health()[1]['ok'], 'good health')


@t.case('a locked journal is answered 503 until it is free')
def _():
    with t.Telltale(command='serve') as watch:
        posts = Posts(watch)
        t.equal(posts.post(), 200, 'before')
        other = sqlite3.connect(watch.home.journal, isolation_level=None)
        other.execute('BEGIN IMMEDIATE')
        fail_and_recover(watch, posts, lambda: other.execute('ROLLBACK'))
        other.close()
        posts.assert_all_there()


def file_limit_case():
    with t.Telltale(command='serve') as watch:
        posts = Posts(watch)
        t.equal(posts.post(), 200, 'before')
        pid, kind = watch.process.pid, resource.RLIMIT_FSIZE
        before = resource.prlimit(pid, kind)
        resource.prlimit(pid, kind, (400000, before[1]))
        fail_and_recover(watch, posts,
                         lambda: resource.prlimit(pid, kind, before), 50000)
        posts.assert_all_there()


def mounted(path, size):
    os.makedirs(path)
    return subprocess.call(
        ['mount', '-t', 'tmpfs', '-o', 'mode=700,size=' + size, 'tmpfs',
         path], stderr=subprocess.DEVNULL) == 0


@t.case('a full file system is answered 503 until there is room')
def _():
    home = t.Home()
    if not mounted(home.state, '3m'):
        t.note('no small file system can be mounted here')
        home.remove()
        return
    ballast = home.state + '/ballast'
    try:
        with open(ballast, 'wb') as file:
            file.write(bytes(1500000))
        with t.Telltale(command='serve', home=home) as watch:
            posts = Posts(watch)
            fail_and_recover(watch, posts, lambda: os.unlink(ballast), 20000)
            posts.assert_all_there()
    finally:
        subprocess.call(['umount', home.state])
        home.remove()


def add_signal(home):
    """Of the one account that is known: number 70."""
    database = sqlite3.connect(home.journal, timeout=20)
    database.execute(
        "INSERT INTO signals SELECT 70, 'billing', id, 0, -1, 1, "
        "1700000000000, 1, 'Payment failed', NULL, '[1]', 'new', NULL, "
        'NULL, NULL, 1700000000000 FROM accounts')
    database.commit()
    database.close()


@t.case('what is said while nothing can be kept is answered 503, and no '
        'signal is said to be missing')
def _():
    home = t.Home(TELLTALE_VIEWER_TOKEN='viewer-of-a-disk')
    with t.Telltale(command='serve', home=home) as watch:
        posts = Posts(watch)
        t.equal(posts.post(), 200, 'before')
        add_signal(home)
        other = sqlite3.connect(home.journal, isolation_level=None)
        other.execute('BEGIN IMMEDIATE')

        def act(**words):
            return watch.request_once(
                'POST', '/act', json.dumps(words),
                {'X-Telltale-Token': 'viewer-of-a-disk'})[0]

        for words in ({'do': 'done', 'signal': 70},
                      {'do': 'note', 'signal': 70, 'note': 'call'},
                      {'do': 'note', 'account': 'org-1', 'note': 'call'},
                      {'do': 'read', 'account': 'org-1'},
                      {'do': 'export', 'id': 9, 'form': 'csv', 'events': 0}):
            t.equal(act(**words), 503, words)
        other.execute('ROLLBACK')
        other.close()
        t.wait_until(lambda: act(do='done', signal=70) == 200, 'an answer 200')
        t.wait_until(lambda: act(do='done', signal=71) == 404, 'none')


@t.case('a command whose change cannot be kept fails, says why, and all is '
        'as it was')
def _():
    home = t.Home('[mirror team]\ntype = json\nallow_http = yes\n'
                  'url = http://127.0.0.1:1/\n',
                  TELLTALE_VIEWER_TOKEN='viewer-of-a-disk')
    with t.Telltale(command='serve', home=home) as watch:
        posts = Posts(watch)
        t.equal(posts.post(), 200, 'before')
        add_signal(home)
        t.wait_until(lambda: home.select('SELECT state FROM mirrors') ==
                     [('on',)], 'the mirror')
        other = sqlite3.connect(home.journal, isolation_level=None)
        other.execute('BEGIN IMMEDIATE')
        commands = (['signals', 'done', '70'], ['signals', 'note', '70', 'x'],
                    ['mirrors', 'pause', 'team'], ['export'],
                    ['check', '--trust-clock'])
        for words in commands:
            done = home.run(*words)
            t.equal((done.returncode, done.stdout), (1, ''), words)
            t.equal(len(done.stderr.splitlines()), 1, done.stderr)
            assert 'locked' in done.stderr, done.stderr
        mirror, = watch.health('viewer-of-a-disk')[1]['mirrors']
        assert mirror['state'] != 'paused', mirror
        other.execute('ROLLBACK')
        other.close()
        t.wait_until(lambda: posts.post() == 200, 'an answer 200')
        for words in commands:
            t.equal(home.run(*words).returncode, 0, words)
        t.equal(home.select('SELECT state, note FROM signals'),
                [('done', 'x')])
        t.equal(home.select('SELECT state FROM mirrors'), [('paused',)])


if hasattr(resource, 'prlimit'):
    t.case('a log that may not grow is answered 503 until it may')(
        file_limit_case)

t.run()
