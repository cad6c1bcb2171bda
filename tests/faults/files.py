"""What can be done to a journal's files while a receiver has them open, and
while none has. It is noticed and said; what was acknowledged is there, or is
saved by `telltale check --journal` as far as it can be read; and the next
events are taken. Also the disk that hangs."""

import contextlib
import ctypes
import glob
import os
import signal
import sqlite3
import sys
import threading
import time
import uuid

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                             '..', 'e2e'))
import telltale as t  # noqa: E402


class Posts(t.Ledger):
    """Posts events and remembers what was acknowledged."""

    def __init__(self, home):
        super().__init__()
        self.home = home

    def post(self, watch, size=100):
        key = str(uuid.uuid4())
        since = time.monotonic()
        status = watch.post(t.body(uuid=key, properties={'text':
                                   os.urandom(size // 2).hex()}))[0]
        self.add(key, status, since)
        return status

    def fill(self, watch, count=300):
        for _ in range(count):
            t.equal(self.post(watch), 200)

    def until_kept(self, watch):
        t.wait_until(lambda: self.post(watch) == 200, 'an answer 200')

    def count_lost(self, allowed=0):
        return len(self.lost(self.home.journal, allowed))


def damaged(home):
    return [name for name in glob.glob(home.journal + '.damaged-*')
            if not name.endswith('-wal')]


def check(home, *words, code=None):
    result = home.check(*words)
    if code is not None:
        t.equal(result.returncode, code, result.stdout + result.stderr)
    return result.stdout


def under_owner(do, loses=0):
    """Something happens to the files while serve runs."""
    home = t.Home()
    with t.Telltale(command='serve', home=home) as serve:
        posts = Posts(home)
        posts.fill(serve)
        do(home)
        posts.until_kept(serve)
        posts.fill(serve, 20)
        if damaged(home):
            said = check(home, '--journal', code=1)
            t.equal('stop it' in said, True, said)
    if damaged(home):
        said = check(home, '--journal', code=0)
        t.equal('salvaged' in said, True, said)
        t.equal(damaged(home), [])
        check(home, '--journal', code=0)
    lost = posts.count_lost(loses)
    t.equal(lost <= loses, True, 'lost %d' % lost)
    home.remove()
    return lost


@t.case('a log that is removed under a receiver loses nothing')
def _():
    under_owner(lambda home: os.unlink(home.journal + '-wal'))


@t.case('an index that is removed under a receiver loses nothing')
def _():
    under_owner(lambda home: os.unlink(home.journal + '-shm'))


@t.case('a journal that is removed under a receiver is put back')
def _():
    under_owner(lambda home: os.unlink(home.journal))


@t.case('a journal that is moved away under a receiver is put back')
def _():
    under_owner(lambda home: os.rename(home.journal, home.journal + '.old'))


@t.case('a journal that another file replaces is put back')
def _():
    def replace(home):
        with open(home.journal + '.new', 'w') as file:
            file.write('not a journal\n')
        os.rename(home.journal + '.new', home.journal)
    under_owner(replace)


@t.case('all three files removed: nothing is lost')
def _():
    def remove(home):
        for suffix in ('', '-wal', '-shm'):
            os.unlink(home.journal + suffix)
    under_owner(remove)


def zero(path, at, size):
    with open(path, 'r+b') as file:
        file.seek(at)
        file.write(bytes(size))


def remove_lock(home):
    for suffix in ('.lock', '.sock'):
        os.unlink(home.journal + suffix)


@t.case('a lock and a socket that are removed under a receiver come back with '
        'the next event')
def _():
    home = t.Home()
    with t.Telltale(command='serve', home=home) as serve:
        posts = Posts(home)
        remove_lock(home)
        posts.until_kept(serve)
        second = home.run('serve', '--listen=127.0.0.1:0')
        t.equal(second.returncode, 1, second.stderr)
        assert ('belongs to telltale, process %d,' % serve.process.pid in
                second.stderr), second.stderr
        told = home.run('signals', 'done', '1')
        assert 'there is no signal 1' in told.stderr, told.stderr
        forgotten = home.run('forget', '--yes', 'nobody@x.example')
        t.equal(forgotten.returncode, 0, forgotten.stderr)
    t.equal('somebody is forgotten' in serve.stderr(), True, serve.stderr())
    home.remove()


@t.case('who takes a removed lock first has the journal; the other refuses, '
        'says why, and goes on when it ends')
def _():
    home = t.Home(TELLTALE_VIEWER_TOKEN='viewer-of-files')
    with t.Telltale(command='serve', home=home) as serve:
        posts = Posts(home)
        posts.fill(serve, 5)
        # Or it would take it back before the other comes.
        serve.process.send_signal(signal.SIGSTOP)
        os.waitpid(serve.process.pid, os.WUNTRACED)
        remove_lock(home)
        with t.Telltale(command='serve', home=home) as second:
            serve.process.send_signal(signal.SIGCONT)
            posts.fill(second, 20)
            t.equal(posts.post(serve), 503)
            posts.fill(second, 20)
            trouble = serve.health('viewer-of-files')[1]['journal']['trouble']
            assert ('owned by telltale, pid %d' % second.process.pid in
                    trouble), trouble
            assert 'stop one of the two' in trouble, trouble
            t.equal(second.health()[1]['ok'], True)
        posts.until_kept(serve)
        posts.fill(serve, 20)
    t.equal(posts.count_lost(), 0)
    home.remove()


@t.case('a journal whose head is overwritten is put aside and salvaged')
def _():
    under_owner(lambda home: zero(home.journal, 0, 4096))


@t.case('a journal that is cut short is put aside, and the rest salvaged')
def _():
    def cut(home):
        os.truncate(home.journal, os.path.getsize(home.journal) // 2)
    under_owner(cut, loses=300)


@t.case('a journal that is emptied is put aside, and the next events kept')
def _():
    under_owner(lambda home: os.truncate(home.journal, 0), loses=300)


@t.case('a log that is emptied is noticed, and the next events kept')
def _():
    under_owner(lambda home: os.truncate(home.journal + '-wal', 0),
                loses=300)


def at_start(do, loses=0):
    home = t.Home()
    posts = Posts(home)
    with t.Telltale(command='serve', home=home) as serve:
        posts.fill(serve)
    do(home)
    t.equal('!' in check(home), True, 'check says nothing')
    with t.Telltale(command='serve', home=home) as serve:
        posts.fill(serve, 20)
    t.equal(len(damaged(home)), 1)
    t.equal('--journal saves' in check(home, code=1), True)
    check(home, '--journal', code=0)
    lost = posts.count_lost(loses)
    t.equal(lost <= loses, True, 'lost %d' % lost)
    home.remove()


@t.case('a journal without a head is found at the start')
def _():
    at_start(lambda home: zero(home.journal, 0, 4096))


@t.case('a journal with a hole is found at the start')
def _():
    at_start(lambda home: zero(home.journal, 40960, 8192), loses=100)


@t.case('check --journal mends without a receiver')
def _():
    home = t.Home()
    posts = Posts(home)
    with t.Telltale(command='serve', home=home) as serve:
        posts.fill(serve)
    zero(home.journal, 0, 4096)
    said = check(home, '--journal', code=1)
    t.equal('salvaged  300 events' in said, True, said)
    t.equal(posts.count_lost(), 0)
    check(home, '--journal', code=0)
    home.remove()


@t.case('a note that is salvaged is one, and no act that looks like it')
def _():
    home = t.Home()
    with t.Telltale(command='serve', home=home) as serve:
        Posts(home).fill(serve, 3)
    with contextlib.closing(sqlite3.connect(home.journal)) as database:
        database.execute("INSERT INTO notes (about, subject, text, at) "
                         "VALUES ('account', 'o1', 'Renewal in March', 1)")
        database.execute("INSERT INTO acts (id, subject, verb, who, at) "
                         "VALUES (7, 'about o1', 'note', 'maya', 1)")
        database.commit()
    zero(home.journal, 0, 4096)
    check(home, '--journal', code=1)
    t.equal(home.select('SELECT about, subject, text FROM notes'),
            [('account', 'o1', 'Renewal in March')])
    home.remove()


# The disk that hangs: a thread is stopped that writes, or that syncs.

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17


def ptrace(request, thread):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p,
                            ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long
    return libc.ptrace(request, thread, None, None) == 0


WRITER = 1  # in the order that threads are begun in; it syncs too, where
            # that is quick (syncer_test has the thread that else does)


def is_in_kernel(pid, thread):
    with open('/proc/%d/task/%d/syscall' % (pid, thread),
              encoding='ascii') as file:
        return not file.read().startswith('-1')


def stop_thread(pid, which):
    """Where a disk would stop it: in the kernel, with no lock of a library
    held. None where that may not be."""
    thread = sorted(map(int, os.listdir('/proc/%d/task' % pid)))[which]
    while ptrace(SEIZE, thread) and ptrace(INTERRUPT, thread):
        os.waitpid(thread, 0x40000000)  # __WALL
        if is_in_kernel(pid, thread):
            return thread
        ptrace(DETACH, thread)
    return None


def while_it_hangs():
    size, threads, each = 1000000, 20, 12
    home = t.Home()
    with t.Telltale(command='serve', home=home) as serve:
        posts = Posts(home)
        posts.fill(serve, 5)
        stopped = stop_thread(serve.process.pid, WRITER)
        if not stopped:
            t.note('no thread can be stopped here')
            home.remove()
            return
        answers = []

        def post_many():
            for _ in range(each):
                try:
                    answers.append(posts.post(serve, size))
                except OSError:
                    answers.append(0)
        workers = [threading.Thread(target=post_many) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        t.equal(200 in answers, False, 'answers')
        ptrace(DETACH, stopped)
        posts.until_kept(serve)
        t.wait_until(lambda: serve.health()[1]['ok'], 'good health')
    journal = sqlite3.connect(home.journal)
    there = journal.execute('SELECT count(*) FROM events').fetchone()[0]
    journal.close()
    t.note('%d MB offered, %d MB waited for the disk' %
           (threads * each * size / 1e6, there * size / 1e6))
    t.equal(there * size < 100e6, True, 'MB waited')
    t.equal(posts.count_lost(), 0)
    home.remove()


@t.case('while the disk hangs, what waits for it stays within its limit')
def _():
    while_it_hangs()


t.run()
