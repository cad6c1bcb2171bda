"""serve --sandbox gives up what it does not need: files and programs. No
command leaves core files or lets others look into it. And what the program is
built with."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys

import fake_slack
import telltale as t

BOOK = ('organization_id,organization_name\n'
        '77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8,Alder\n')


def status_of(serve):
    with open('/proc/%d/status' % serve.process.pid, encoding='ascii') as file:
        return dict(line.rstrip('\n').split(':\t', 1) for line in file
                    if ':\t' in line)


def reads_again(serve, part):
    before = serve.stderr().count(part)
    serve.process.send_signal(signal.SIGHUP)
    t.wait_until(lambda: serve.stderr().count(part) > before, part)


def locked_in(serve):
    """By seccomp, and by landlock; both are said to be missing if they are."""
    said = re.search('not locked in by (.*):', serve.stderr())
    missing = said.group(1) if said else ''
    return 'seccomp' not in missing, 'landlock' not in missing


def threads_of(serve):
    """What the kernel says of each of its threads."""
    for task in os.listdir('/proc/%d/task' % serve.process.pid):
        path = '/proc/%d/task/%s/status' % (serve.process.pid, task)
        with open(path, encoding='ascii') as file:
            yield dict(line.rstrip('\n').split(':\t', 1) for line in file
                       if ':\t' in line)


@t.case('every thread is locked in: none is older than the lock')
def _():
    with t.Telltale('--sandbox', command='serve') as serve:
        calls, _ = locked_in(serve)
        t.equal(serve.post(t.body())[0], 200)
        threads = list(threads_of(serve))
        t.equal(len(threads) > 2, True, 'the loop, a writer, a reader')
        t.equal({thread['NoNewPrivs'] for thread in threads}, {'1'})
        if calls:
            t.equal({thread['Seccomp'] for thread in threads}, {'2'})


@t.case('a receiver can open its own folders and nothing else')
def _():
    home = t.Home()
    home.write('elsewhere/accounts.csv', BOOK)
    with t.Telltale('--sandbox', command='serve', home=home) as serve:
        calls, files = locked_in(serve)
        if calls:
            t.equal(status_of(serve)['Seccomp'], '2')
        t.equal(status_of(serve)['NoNewPrivs'], '1')
        path = home.write('config/telltale/accounts.csv', BOOK)
        t.equal(serve.post(t.body())[0], 200)
        os.unlink(path)
        os.symlink(home.path + '/elsewhere/accounts.csv', path)
        if files:
            reads_again(serve, 'not read again')
            assert 'Permission denied' in serve.stderr(), serve.stderr()
        t.equal(serve.post(t.body())[0], 200)
    # From the start the link's own folder is among them.
    with t.Telltale('--sandbox', command='serve', home=home) as serve:
        reads_again(serve, 'read again: 1 account')
    home.remove()


@t.case('a locked-in receiver reads every file in its settings again')
def _():
    home = t.Home()
    teams = home.write('teams/teams.csv', 'team_id,organization_id\n')
    events = home.write('events/events.ini', '')
    book = home.write('book/accounts.csv', BOOK)
    with t.Telltale('--sandbox', '--accounts-teams', teams,
                    '--events-file', events, '--accounts', book,
                    command='serve', home=home) as serve:
        for path in teams, events, book:
            with open(path, 'rb') as file:
                text = file.read()
            os.unlink(path)  # an editor puts a new file in its place
            with open(path, 'wb') as file:
                file.write(text)
        reads_again(serve, 'read again: 1 account')
        t.equal(serve.post(t.body())[0], 200)
    home.remove()


@t.case('and, once a mirror is resumed, the address of that one')
def _():
    with fake_slack.FakeSlack() as old, fake_slack.FakeSlack() as new:
        home = t.Home('[mirror team]\nallow_http = yes\n'
                      'url_file = ~/secrets/slack-url\n')
        path = home.write('secrets/slack-url', old.url + '\n')
        os.chmod(path, 0o600)
        old.mode = 'gone'
        with t.Telltale('--sandbox', command='serve', home=home) as serve:
            serve.post(t.body())
            t.wait_until(lambda: ' off ' in home.run('mirrors').stdout,
                         'the mirror off')
            os.unlink(path)
            os.chmod(home.write('secrets/slack-url', new.url + '\n'), 0o600)
            resumed = home.run('mirrors', 'resume', 'team')
            t.equal(resumed.returncode, 0, resumed.stderr)
            t.wait_until(lambda: new.taken, 'what waited')
        home.remove()


@t.case('nothing is given up unasked, and --core-files allows core files')
def _():
    with t.Telltale('--core-files', command='serve') as serve:
        t.equal(status_of(serve)['Seccomp'], '0')
        t.equal(status_of(serve)['NoNewPrivs'], '0')
        before = resource.getrlimit(resource.RLIMIT_CORE)
        t.equal(resource.prlimit(serve.process.pid, resource.RLIMIT_CORE),
                before)


@t.case('no core file is written, and nobody of the same user looks in')
def _():
    for command in 'serve', 'watch':
        with t.Telltale(command=command) as serve:
            pid = serve.process.pid
            t.equal(resource.prlimit(pid, resource.RLIMIT_CORE)[0], 0)
            # A process that may not be dumped belongs to root in /proc.
            if os.getuid():
                t.equal(os.stat('/proc/%d/environ' % pid).st_uid, 0)


@t.case('no secret is in argv or in what other processes see of it')
def _():
    secrets = ('hook-in-the-open', 'viewer-in-the-open')
    home = t.Home(TELLTALE_TOKEN=secrets[0], TELLTALE_VIEWER_TOKEN=secrets[1])
    home.write('state/telltale/token', 'unused')
    os.chmod(home.state + '/token', 0o600)
    with t.Telltale(command='serve', home=home) as serve:
        t.equal(serve.post(t.body(), token=secrets[0])[0], 200)
        t.equal(serve.post(t.body(), token='wrong')[0], 401)
        with open('/proc/%d/cmdline' % serve.process.pid, 'rb') as file:
            line = file.read()
        for secret in secrets:
            assert secret.encode() not in line
            assert secret not in serve.stderr(), serve.stderr()
        done = serve.home.run('check')
        for secret in secrets:
            assert secret not in done.stdout + done.stderr, done.stdout
    home.remove()


def headers(*words, file=t.PROGRAM):
    return subprocess.run(['readelf', '--wide', *words, file],
                          capture_output=True, text=True).stdout


@t.case('the program is position independent, read-only where it can be')
def _():
    if not shutil.which('readelf') or not sys.platform.startswith('linux'):
        t.note('no readelf here')
        return
    t.equal('DYN' in headers('--file-header'), True, 'PIE')
    segments = headers('--program-headers')
    stack = [line for line in segments.splitlines() if 'GNU_STACK' in line]
    t.equal(len(stack), 1)
    assert ' RWE ' not in segments, 'a segment to write and to run'
    assert 'RW ' in stack[0], stack
    imports = headers('--dyn-syms')
    if '__asan_init' in imports or '__tsan_init' in imports:
        t.note('a sanitizer build: the rest is the release build\'s')
        return
    dynamic = headers('--dynamic')
    assert 'GNU_RELRO' in segments, 'RELRO'
    assert 'BIND_NOW' in dynamic or 'NOW' in dynamic, 'full RELRO'
    assert '__stack_chk_fail' in imports, 'stack protector'
    assert re.search('__[a-z]*printf_chk', imports), 'FORTIFY'
    if os.uname().machine == 'x86_64':
        # The program has it where the C library's own objects have it too.
        notes = headers('--notes', file=t.BUILD + '/src/main.o')
        assert 'IBT' in notes and 'SHSTK' in notes, 'CET: ' + notes


if sys.platform.startswith('linux'):
    t.run()
print('1..0 # SKIP Linux only')
