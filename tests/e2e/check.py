"""`telltale check`: what a user may have wrong, the worst first, each with
what to do; for scripts as one object."""

import fcntl
import json
import os
import pty
import select
import socket
import sqlite3
import stat
import struct
import subprocess
import termios
import time

import telltale as t
from terminal_board import Board

FREE = '--listen=127.0.0.1:0'


def on_terminal(place, *words, size=(40, 120), **environment):
    """What check prints on a terminal of that size."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                struct.pack('HHHH', size[0], size[1], 0, 0))
    env = {key: value for key, value in dict(place.env, **environment).items()
           if value is not None}
    process = subprocess.Popen([t.PROGRAM, 'check', FREE, *words], env=env,
                               stdin=theirs, stdout=theirs, stderr=theirs)
    said, end = b'', time.monotonic() + t.PATIENCE
    while time.monotonic() < end:
        # Ours stays open: what is on its way is lost when the last one closes.
        ended = process.poll() is not None
        if select.select([ours], [], [], 0.1)[0]:
            said += os.read(ours, 65536)
        elif ended:
            break
    process.wait(t.PATIENCE)
    os.close(theirs)
    os.close(ours)
    return said.decode().replace('\r\n', '\n')


def lacks(text, part):
    assert part not in text, (part, text)


def has(text, part):
    assert part in text, (part, text)


@t.case('what is wrong stands first, then notes, then what is so')
def _():
    place = t.Home('[journal]\nkeep = 30d\n')
    os.chmod(place.write('state/telltale/token', 'a' * 22 + '\n'), 0o644)
    done = place.check(env=dict(
        place.env, TELLTALE_LISSTEN='x', LC_ALL='C'))
    t.equal(done.returncode, 1, done.stdout + done.stderr)
    marks = [line[0] for line in done.stdout.splitlines()
             if not line.startswith('    ')]
    t.equal(marks, sorted(marks, key='!~ '.index), done.stdout)
    for mark in '!~ ':
        assert mark in marks, (mark, done.stdout)


@t.case('--json is one object that says the same')
def _():
    place = t.Home()
    text = place.check()
    done = place.check('--json')
    t.equal(done.returncode, text.returncode, done.stderr)
    t.equal(len(done.stdout.splitlines()), 1)
    found = json.loads(done.stdout)
    t.equal(sorted(found), ['findings', 'notes', 'wrong'])
    t.equal(found['wrong'],
            sum(one['level'] == 'wrong' for one in found['findings']))
    t.equal(found['notes'],
            sum(one['level'] == 'note' for one in found['findings']))
    about = {one['about'] for one in found['findings']}
    for word in ('settings', 'address', 'token', 'book', 'journal', 'posthog',
                 'clock', 'locale', 'disk', 'listen', 'terminal', 'theme'):
        assert word in about, (word, about)
    for one in found['findings']:
        if one['about'] not in ('settings', 'clock'):
            has(text.stdout, one['text'])


@t.case('--json with --events and --posthog is still one object')
def _():
    with t.Telltale() as watch:
        t.equal(watch.post(t.body(event='quokka petted'))[0], 200)
        done = watch.home.run('check', '--json', '--events', '--posthog')
        t.equal(done.returncode, 1, done.stderr)
        found = json.loads(done.stdout)['findings']
        assert any('quokka petted' in one['text'] and one['level'] == 'note'
                   for one in found), found
        assert any(one['about'] == 'posthog' and one['level'] == 'wrong'
                   for one in found), found


@t.case('a port that another program has is said, with what to do')
def _():
    place = t.Home()
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = place.run('check', '--listen', '127.0.0.1:%d' % port)
        t.equal(done.returncode, 1, done.stdout)
        has(done.stdout, '! 127.0.0.1:%d is in use: stop the program' % port)
    done = place.run('check', '--listen', '127.0.0.1:%d' % port)
    has(done.stdout, '127.0.0.1:%d is free' % port)
    lacks(place.check().stdout, ':0 is free')
    has(place.check().stdout, '127.0.0.1:0: each start takes a port')
    t.equal(done.returncode, 0, done.stdout)


@t.case('the port of the telltale that runs is not said to be taken')
def _():
    with t.Telltale() as watch:
        done = watch.home.run('check', '--listen',
                              '127.0.0.1:%d' % watch.port)
        t.equal(done.returncode, 0, done.stdout)
        lacks(done.stdout, 'in use')


@t.case('a clock that was never set is wrong')
def _():
    place = t.Home()
    done = place.check(env=dict(
        place.env, TELLTALE_CLOCK='1970-01-01T00:00:00Z'))
    t.equal(done.returncode, 1, done.stdout)
    has(done.stdout, '! the clock says 1970-01-01: set it')


@t.case('a locale that is not there, or not of UTF-8, is noted')
def _():
    place = t.Home()
    done = place.check(env=dict(place.env, LC_ALL='C'))
    t.equal(done.returncode, 0, done.stdout)
    has(done.stdout, '~ the locale C is not of UTF-8')
    done = place.check(env=dict(place.env, LC_ALL='xx_YY.UTF-8'))
    has(done.stdout, '~ the locale xx_YY.UTF-8 is not installed here')
    has(place.check().stdout, '  locale    C.UTF-8')


@t.case('a folder that cannot be written is wrong')
def _():
    if os.getuid() == 0:
        t.note('left out: root may write everywhere')
        return
    place = t.Home()
    os.makedirs(place.state)
    os.chmod(place.state, stat.S_IRUSR | stat.S_IXUSR)
    done = place.check()
    os.chmod(place.state, stat.S_IRWXU)
    t.equal(done.returncode, 1, done.stdout)
    has(done.stdout, '! cannot write in %s' % place.state)


@t.case('a public address may end in /hook, and is told with one')
def _():
    for public in ('https://tunnel.example', 'https://tunnel.example//',
                   'https://tunnel.example/hook',
                   'https://tunnel.example/hook/'):
        place = t.Home(TELLTALE_PUBLIC_URL=public)
        with t.Telltale('--plain', home=place) as watch:
            has(watch.stderr(), 'from outside: https://tunnel.example/hook/..')
            has(place.check().stdout, 'https://tunnel.example/hook/…')
        place.remove()


@t.case('a login in an address is printed nowhere')
def _():
    public = 'https://ada:s3cret@hook.example/x/'
    place = t.Home(TELLTALE_PUBLIC_URL=public, TELLTALE_TOKEN='a' * 22,
                   TELLTALE_PUBLISH='nats://u:s3cret@127.0.0.1/MINE')
    place.write('config/telltale/accounts.csv',
                'id,name\n0192f5a0-0000-0000-0000-000000000001,Alder\n')
    for words in ['check'], ['check', '--json'], ['destination', 'show'], \
            ['destination', 'show', '--json']:
        done = place.run(*words)
        has(done.stdout, 'https://********@hook.example/x')
        lacks(done.stdout + done.stderr, 's3cret')
    has(place.run('destination', 'show', '--secrets').stdout,
        'ada:s3cret@hook.example')
    for name, word in ('TELLTALE_PROJECT_URL', 'no login'), \
            ('TELLTALE_POSTHOG_HOST', 'no login'):
        bad = dict(place.env, **{name: 'https://ada:s3cret@p.example',
                                 'TELLTALE_POSTHOG_API_KEY': 'phx_x',
                                 'TELLTALE_POSTHOG_PROJECT': '1'})
        for words in ['check', '--posthog'], ['accounts', 'pull'], \
                ['serve', '--listen', '127.0.0.1:0', '--source', 'posthog']:
            done = place.run(*words, env=bad)
            lacks(done.stdout + done.stderr, 's3cret')
            if words[0] == 'serve':
                has(done.stderr, word)
    for words in ['tail', 'https://ada:s3cret@hub.example'], \
            ['attach', 'ftp://ada:s3cret@hub.example']:
        done = place.run(*words)
        assert done.returncode, done
        lacks(done.stdout + done.stderr, 's3cret')
    place.remove()


@t.case('a file of secrets that others may read is wrong, and of viewers')
def _():
    place = t.Home()
    os.makedirs(place.state)
    for name, said in (('state/telltale/token', 'state/telltale/token'),
                       ('config/telltale/posthog_key', 'posthog_key')):
        path = place.write(name, 'a' * 22 + '\n')
        os.chmod(path, 0o644)
        done = place.check()
        t.equal(done.returncode, 1, done.stdout)
        assert any(said in line for line in done.stdout.splitlines()
                   if line.startswith('! ')), done.stdout
        os.chmod(path, 0o600)
        t.equal(place.check().returncode, 0)


@t.case('the program of a command that prints a secret is looked for, not run')
def _():
    place = t.Home()
    ran = os.path.join(place.path, 'ran')
    place.write('config/telltale/config.ini',
                f'token_command = touch {ran}\n'
                'viewer_token_command = no-such-program hush\n'
                'signing_secret_command = /dev/null/command\n'
                '[posthog]\napi_key_command = ~/bin/key\n')
    done = place.check()
    t.equal(done.returncode, 1, done.stdout)
    for said in ('viewer_token_command: no-such-program: No such file',
                 'signing_secret_command: /dev/null/command: Not a directory',
                 '[posthog] api_key_command: ~/bin/key: No such file'):
        has(done.stdout, said)
    lacks(done.stdout, 'touch: ')
    assert not os.path.exists(ran)


@t.case('viewers are counted, and a list of them that cannot be read is wrong')
def _():
    place = t.Home()
    t.equal(place.run('viewers', 'add', 'somebody').returncode, 0)
    has(place.check().stdout, '  viewers   1: telltale viewers')
    for folder, _, names in os.walk(place.path):
        for name in names:
            if name.startswith('viewers'):
                os.chmod(os.path.join(folder, name), 0o644)
    done = place.check()
    t.equal(done.returncode, 1, done.stdout)
    assert any('viewers' in line for line in done.stdout.splitlines()
               if line.startswith('! ')), done.stdout


@t.case('without a terminal nothing is said of one but that')
def _():
    place = t.Home()
    done = place.check(env=dict(place.env, TERM='nonsense'))
    t.equal(done.returncode, 0, done.stdout)
    has(done.stdout, '  terminal  none here: watch prints lines')


@t.case('a terminal that nobody knows, or that cannot show it, is wrong')
def _():
    place = t.Home()
    has(on_terminal(place, TERM='nonsense', TMUX=None),
        '! nothing is known here of terminals of type nonsense; try TERM=')
    has(on_terminal(place, TERM='dumb', TMUX=None),
        '! a terminal of type dumb cannot show the screen; set TERM')
    has(on_terminal(place, TERM=None, TMUX=None), '! TERM is not set')


@t.case('few colours and little room are noted')
def _():
    place = t.Home()
    said = on_terminal(place, size=(20, 60), TERM='vt100', TMUX=None)
    has(said, '~ the terminal says it has 0 colours')
    has(said, '~ the terminal is 60x20: from 80x24 on')
    said = on_terminal(place, TERM='xterm-256color', TMUX=None,
                       COLORTERM='truecolor')
    has(said, '  terminal  xterm-256color, 120x40, 24-bit colours')
    lacks(said, '~ the terminal')


def fake_tmux(place, escape, clipboard):
    path = place.write('bin/tmux', '#!/bin/sh\ncase $3 in\n'
                       'escape-time) echo %s ;;\nset-clipboard) echo %s ;;\n'
                       '*) exit 1 ;;\nesac\n' % (escape, clipboard))
    os.chmod(path, 0o700)
    return dict(TMUX='/tmp/none,1,0',
                PATH=os.path.dirname(path) + ':' + os.environ['PATH'])


@t.case('what a tmux of its defaults does wrong is noted')
def _():
    place = t.Home()
    said = on_terminal(place, TERM='xterm-256color',
                       **fake_tmux(place, 500, 'off'))
    has(said, '~ tmux holds Esc back for 500 ms: set -sg escape-time 10')
    has(said, '~ y copies no further than tmux: set -s set-clipboard on')
    has(said, "~ TERM is not tmux's own")
    said = on_terminal(place, TERM='screen-256color',
                       **fake_tmux(place, 10, 'external'))
    lacks(said, '~ tmux')
    lacks(said, '~ y copies')
    lacks(said, '~ TERM')


@t.case('a tmux that says nothing is not waited for long, nor believed')
def _():
    place = t.Home()
    words = fake_tmux(place, 1, 'on')
    with open(place.path + '/bin/tmux', 'w', encoding='utf-8') as file:
        file.write('#!/bin/sh\nexit 1\n')
    lacks(on_terminal(place, TERM='screen-256color', **words), '~ tmux')
    with open(place.path + '/bin/tmux', 'w', encoding='utf-8') as file:
        file.write('#!/bin/sh\nexec sleep 1000\n')
    has(on_terminal(place, TERM='screen-256color', **words), 'screen-256color')


@t.case('settings that cannot be read are a finding, too')
def _():
    place = t.Home('[main]\nlisten = x:y:z\nnonsense\n')
    for words in ((), ('--json',)):
        done = place.run('check', *words)
        t.equal(done.returncode, 3, done.stdout + done.stderr)
        t.equal(done.stderr, '')
        has(done.stdout, 'config.ini:')
    t.equal(json.loads(done.stdout)['wrong'], 1)
    done = place.run('tail')
    t.equal(done.returncode, 3)
    has(done.stderr, 'telltale: ' + place.path)


@t.case('a catalogue that is no catalogue does not hide the rest')
def _():
    place = t.Home()
    place.write('config/telltale/events.ini', '[x]\nnonsense = 1\n')
    done = place.check()
    t.equal(done.returncode, 3, done.stdout + done.stderr)
    assert done.stdout.startswith('! %s/config/telltale/events.ini:2: '
                                  % place.path), done.stdout
    for word in ('  journal', '  token', '  locale', '  disk'):
        has(done.stdout, '\n' + word)


@t.case('without accounts it says how to come by them, with them it does not')
def _():
    place = t.Home()
    has(place.check().stdout, '~ no accounts are known, so all events stand '
        'under "no account": telltale setup')
    lacks(place.check().stdout, 'never come')
    place.write('config/telltale/accounts.csv', 'organization_id,name\na,A\n')
    lacks(place.check().stdout, 'no accounts')
    has(place.check().stdout, 'accounts.csv: 1 account\n')


@t.case('lines of [keys] and [signals] that mean nothing are wrong')
def _():
    place = t.Home('[keys]\nx = nonsense\nQ = quit\nZZ = quit\n'
                   '[signals]\nholidays = someday\n')
    done = place.check()
    t.equal(done.returncode, 1, done.stderr)
    for number, what in ((2, '[keys] No command "nonsense"'),
                         (4, '[keys] no key is called "ZZ"'),
                         (6, '[signals] holidays')):
        has(done.stdout, '! %s/config/telltale/config.ini:%d: %s'
            % (place.path, number, what))
    lacks(done.stdout, 'config.ini:3')


@t.case('themes: the one in use is wrong when it cannot be used, others noted')
def _():
    place = t.Home()
    t.equal(place.run('check', '--theme', 'nonsense', FREE).returncode, 1)
    has(place.run('check', '--theme', 'nonsense').stdout,
        '! No theme "nonsense". There are ')
    place.write('config/telltale/themes/mine.theme', '[roles]\nmine = red\n')
    done = place.check()
    t.equal(done.returncode, 0, done.stdout)
    has(done.stdout, '~ %s/config/telltale/themes/mine.theme:2: ' % place.path)
    done = place.run('check', '--theme', 'mine', FREE)
    t.equal(done.returncode, 1, done.stdout)
    has(done.stdout, '! %s/config/telltale/themes/mine.theme:2: ' % place.path)
    t.equal(done.stdout.count('mine.theme:2'), 1)


QUERIES = """[mirror team]
type = json
url = http://127.0.0.1:1/
allow_http = yes
query = event:"insight craeted"
[rule money]
query = event:"insight created" -event:nonsense
do = bell
"""


@t.case('a name of an event that nothing is called is noted, wherever it is')
def _():
    with t.Telltale(config=QUERIES) as watch:
        place = watch.home
        t.equal(watch.post(t.body(event='quokka petted'))[0], 200)
        views = place.path + '/state/telltale/journal.db.views'
        with open(views, 'w', encoding='utf-8') as file:
            file.write('-\t0\tPets\tevent:"quokka petted"\n'
                       'pane\t0\tCats\tevent:"quokka groomed"\n'
                       '-\t0\tBad\tamount>x\n')
        done = place.check()
        for said in ('mirror team asks for event:"insight craeted"',
                     'view Cats asks for event:"quokka groomed"',
                     'the view Bad is left out'):
            has(done.stdout, '~ ' + said)
        for unsaid in ('rule money asks', 'view Pets asks'):
            lacks(done.stdout, unsaid)
        has(done.stdout, '  views     3 saved')
        with open(views, 'w', encoding='utf-8') as file:
            for number in range(32):
                file.write('-\t0\tLong %d\t%s\n' % (
                    number, ' '.join(['-account:%050d' % number] * 60)))
        has(place.check().stdout, '  views     32 saved')


@t.case('a row of events.ini for what never came is noted after a week')
def _():
    place = t.Home()
    place.write('config/telltale/events.ini',
                '[pets]\nnames = quokka pettted\ncategory = other\n'
                'tone = info\nsentence = petted\n')
    lines = '\n'.join(json.dumps(
        {'event': 'quokka petted', 'sentence': 'x', 'occurred_at': at})
        for at in ('2026-09-01T08:00:00Z', '2026-09-02T08:00:00Z'))
    place.write('lines', lines + '\n')
    env = dict(place.env, TELLTALE_CLOCK='2026-09-03T00:00:00Z')
    done = place.run('import', place.path + '/lines', env=env)
    t.equal(done.returncode, 0, done.stderr)
    lacks(place.check(env=env).stdout, 'no event came')
    env['TELLTALE_CLOCK'] = '2026-09-12T00:00:00Z'
    has(place.check(env=env).stdout, '~ events.ini [pets]: no event came that '
        'is called quokka pettted. Is it mistyped?')


def outbox(place):
    db = sqlite3.connect(place.journal)
    rows = db.execute('SELECT count(*) FROM outbox').fetchone()[0]
    db.close()
    return rows


@t.case('a mirror that is off, or gone from the settings, is told')
def _():
    place = t.Home(QUERIES.replace('craeted', 'created'))
    with t.Telltale(home=place) as watch:
        t.equal(watch.post(t.body())[0], 200)
        t.wait_until(lambda: outbox(place), 'a planned message')
    db = sqlite3.connect(place.journal)
    db.execute("UPDATE mirrors SET state = 'off', reason = 'it answered 403'")
    db.commit()
    db.close()
    done = place.check()
    t.equal(done.returncode, 1, done.stdout)
    has(done.stdout, '! team is off, 1 event waits: it answered 403. ')
    lacks(done.stdout, 'wait to be sent')
    place.write('config/telltale/config.ini', '')
    done = place.check()
    t.equal(done.returncode, 0, done.stdout)
    has(done.stdout, '~ 1 event waits for [mirror team], which the settings')


@t.case('what a start refuses, a check finds')
def _():
    for text, why in (
            ('[journal]\nmax_size = 100K\n',
             'config.ini:2: max_size in [journal] is at least 1M'),
            ('log = ~\n', 'cannot be written: Is a directory'),
            ('log = ~/nowhere/log\n', 'cannot be written: No such file'),
            ('signing_secret_file = ~/secret\n',
             'a signing secret is not whsec_')):
        place = t.Home(text)
        os.chmod(place.write('secret', 'guess what\n'), 0o600)
        started = place.run('serve', '--listen=127.0.0.1:0')
        t.equal(started.returncode, 3, text)
        has(started.stderr, why)
        done = place.check()
        t.equal(done.returncode, 1, done.stdout)
        has(done.stdout, why)
        place.remove()
    for log in ('log', 'state/new'):
        place = t.Home('log = ~/%s\n' % log)
        place.write('log', 'before\n')
        place.write('state/file', '')
        t.equal(place.check().returncode, 0, log)
        t.equal(os.path.exists(place.path + '/state/new'), False)
        place.remove()


@t.case('a board says that rows of the book are left out, in their number')
def _():
    header = 'organization_id,name\n'
    for again, words in ((1, '1 row of the book is left out'),
                         (2, '2 rows of the book are left out')):
        place = t.Home()
        place.write('config/telltale/accounts.csv',
                    header + 'x,Acme\n' + again * header)
        board = Board(place, 'watch', FREE)
        try:
            board.wait_for(words + ': telltale check says why.')
            board.keys(':reload\r')
            board.wait_for(': 1 account.')
        finally:
            board.close()
            place.remove()


t.run()
