"""Settings as a user meets them: which one wins, what is refused, how it is
said, and the exit codes."""

import json
import os
import signal
import subprocess

import fake_slack
import telltale as t


def home(config=None, **environment):
    return t.Home(config, **environment)


def said(code, part, *words, config=None, command=(), **environment):
    """Runs telltale and expects an exit code and a part of its complaint."""
    place = home(config, **environment)
    try:
        done = place.run(*command, *words)
        t.equal(done.returncode, code, done.stderr)
        assert part in done.stderr, done.stderr
        t.equal(len(done.stderr.splitlines()), 1, done.stderr)
        t.equal(done.stdout, '')
    finally:
        place.remove()


def checked(config, *parts):
    """check refuses the settings, with these parts in its first line."""
    place = home(config)
    try:
        done = place.run('check')
        t.equal(done.returncode, 3, done.stdout)
        first, rest = done.stdout.splitlines()
        assert first.startswith('! '), done.stdout
        assert all(part in first for part in parts), done.stdout
        assert rest.startswith('~ nothing else was looked at'), rest
    finally:
        place.remove()


@t.case('an unknown key is an error with file, line and the nearest name')
def _():
    said(3, 'config.ini:2: no setting lissten in [main]; nearest: listen',
         'tail', config='; mine\nlissten = 127.0.0.1:1\n')
    said(3, 'config.ini:2: max_body: "2Q" is no size, like 2M',
         'watch', config='[receiver]\nmax_body = 2Q\n')
    said(3, 'config.ini:2: no section [nonsense]', 'watch',
         config='[nonsense]\na = b\n')
    said(3, "TELLTALE_PLAIN", 'watch', TELLTALE_PLAIN='perhaps')


@t.case('a wrong word or option is a usage error with the nearest one')
def _():
    said(2, 'no command "wacht"; nearest: watch', 'wacht')
    said(2, 'no option --plian; nearest: --plain', 'watch', '--plian')
    said(2, '--receiver-max-body', 'watch', '--receiver-max-body', 'x')
    said(2, 'needs a value', 'watch', '--listen')
    said(2, 'takes no word "now"', 'serve', 'now')
    said(2, '--token', 'watch', '--token', 'hush')
    said(2, '-n x', 'tail', '-n', 'x')


@t.case('flags win over variables, variables over the file')
def _():
    place = home('theme = paper\n[screen]\nring_events = 1000\nmouse = no\n',
                 TELLTALE_THEME='night', TELLTALE_SCREEN_RING_EVENTS='2000')
    try:
        done = place.check('--theme=mono')
        t.equal(done.returncode, 0, done.stderr)
        for line in ('theme = mono  (--theme)',
                     'ring_events = 2000  (TELLTALE_SCREEN_RING_EVENTS)',
                     'config.ini:4)'):
            assert line in done.stdout, (line, done.stdout)
    finally:
        place.remove()


@t.case('--help and --version work everywhere')
def _():
    place = home()
    try:
        for words in (['--help'], ['watch', '--help'], ['tail', '-h'],
                      ['serve', '--help'], ['check', '--help']):
            done = place.run(*words)
            t.equal((done.returncode, done.stderr), (0, ''), words)
            assert '--listen ADDR:PORT' in done.stdout, words
        for words in (['--version'], ['tail', '--version']):
            done = place.run(*words)
            assert done.stdout.startswith('telltale 1.'), done.stdout
    finally:
        place.remove()


@t.case('listening beyond this machine is refused without TLS or a proxy')
def _():
    for address in ('0.0.0.0:0', '[::]:0', '127.0.0.1:0,0.0.0.0:0'):
        said(3, '--behind-proxy', 'serve', '--listen', address)
    with t.Telltale('--behind-proxy', '--listen', '0.0.0.0:0',
                    start=False) as watch:
        watch.words = ['watch', '--behind-proxy', '--listen', '0.0.0.0:0']
        watch._announced = lambda: 'listening on 0.0.0.0:' in watch.stderr()
        watch.start()


@t.case('places that cannot be written are told, and nothing is started')
def _():
    said(1, '/dev/null/journal.db', 'watch', '--listen', '127.0.0.1:0',
         '--journal', '/dev/null/journal.db')
    said(3, '/proc/nowhere', 'watch', '--token-file', '/proc/nowhere/token')
    said(3, 'nowhere.csv', 'watch', '--accounts', '/tmp/nowhere.csv')
    said(1, '/nowhere/journal.db', 'tail', '--journal',
         '/nowhere/journal.db')
    said(3, '/nowhere/log', 'watch', '--log', '/nowhere/log')


@t.case('a token that others may read is refused')
def _():
    place = home()
    try:
        path = place.write('token', 'abcdefghijklmnop\n')
        os.chmod(path, 0o644)
        done = place.run('serve', '--listen', '127.0.0.1:0', '--token-file',
                         path)
        t.equal(done.returncode, 3)
        assert 'chmod 600' in done.stderr, done.stderr
        assert 'abcdefgh' not in done.stderr
    finally:
        place.remove()


@t.case('check says what is so, and what is wrong')
def _():
    with t.Telltale() as watch:
        watch.post(t.body())
        watch.post(t.body('something nobody knows'))
        watch.home.write('config/telltale/accounts.csv',
                         'organization_id,organization_name\n,Nobody\n'
                         '77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8,Alder\n')
        watch.home.env['TELLTALE_LISTNE'] = 'x'
        done = watch.home.run('check', '--events')
        t.equal(done.returncode, 1, done.stderr)
        for part in ('owner     telltale watch, process %d' %
                     watch.process.pid, '2 events, 1 account, ', ': 1 account\n',
                     '! ', 'accounts.csv:2', '~ variables that mean nothing '
                     'here: TELLTALE_LISTNE', '1  something nobody knows'):
            assert part in done.stdout, (part, done.stdout)


@t.case('check --mirror sends one test, and says what came back')
def _():
    with fake_slack.FakeSlack() as slack:
        place = home('[mirror team]\ntype = slack\nallow_http = yes\n'
                     'url = %s\n' % slack.url)
        try:
            dry = place.run('check', '--mirror', 'team', '--dry-run')
            t.equal(dry.returncode, 0, dry.stderr)
            assert json.loads(dry.stdout)['blocks'], dry.stdout
            t.equal(len(slack.taken), 0)
            done = place.run('check', '--mirror', 'team')
            t.equal((done.returncode, done.stderr), (0, ''))
            assert 'this mirror works' in slack.text(), slack.text()
            slack.mode = 'gone'
            done = place.run('check', '--mirror', 'team')
            t.equal(done.returncode, 4, done.stdout)
            assert done.stderr.startswith('telltale: team: '), done.stderr
            done = place.run('check', '--mirror', 'nobody')
            t.equal(done.returncode, 3)
            assert 'there is: team' in done.stderr, done.stderr
            assert not os.path.exists(place.journal)
        finally:
            place.remove()


@t.case('a port that is taken is told')
def _():
    with t.Telltale() as watch:
        other = home()
        try:
            done = other.run('watch', '--listen', '127.0.0.1:%d' % watch.port)
            t.equal(done.returncode, 1, done.stderr)
            assert str(watch.port) in done.stderr, done.stderr
        finally:
            other.remove()


@t.case('a list that would match nobody is refused, what is clear understood')
def _():
    for value, part in (('jo@team.example', 'is no domain'),
                        ('team example', '"team" is no domain'),
                        ('team..example', 'is no domain'),
                        ('te"am.example', 'is no domain')):
        checked('[people]\ninternal_domains = %s\n' % value,
                'config.ini:2: internal_domains: "', part)
    checked('[links]\nhosts = a:b:c\n',
            'config.ini:2: hosts: "a:b:c" is no host')
    checked('[screen]\npanes = biling\n',
            'config.ini:2: panes: "biling" is none of billing|')
    place = home('[people]\ninternal_domains = "@Team.example"; '
                 "*.one.example, 'two.example.' https://three.example/x\n"
                 '[links]\nhosts = https://Ph.team.example:8000/, '
                 '*.team.example\n[privacy]\n'
                 'drop_properties = "secret_note"; \'other\'\n')
    try:
        done = place.check()
        t.equal(done.returncode, 0, done.stderr + done.stdout)
        for line in ('internal_domains = team.example one.example '
                     'two.example three.example  (',
                     'hosts = ph.team.example:8000 *.team.example  (',
                     'drop_properties = secret_note other  ('):
            assert line in done.stdout, (line, done.stdout)
    finally:
        place.remove()


@t.case('whoever prints lines and whoever prints none count what is hidden')
def _():
    config = '[people]\ninternal_domains = staff.example\n'
    for command in 'watch', 'serve':
        with t.Telltale(command=command, config=config) as receiver:
            for email in 'ann@staff.example', 'bob@else.example':
                t.equal(receiver.post(t.body(user_email=email))[0], 200)
            receiver.stop()
            said = receiver.stderr()
            assert ': 1 event, ' in said and '; 1 hidden, ' in said, said


@t.case('staff of a domain written as people write it is hidden')
def _():
    with t.Telltale(config='[people]\ninternal_domains = "@Alderfinch.example"'
                    '\n') as watch:
        t.equal(watch.post(t.body())[0], 200)
        t.equal(watch.home.tail()[0]['hidden'], 'internal')


@t.case('a key given twice is refused with both lines, in every section')
def _():
    for section, key, values in (
            ('mirror team', 'url', ('https://a.example', 'https://b.example')),
            ('payload', 'person_email', ('a.b', 'c.d')),
            ('keys', 'j', ('down', 'up'))):
        checked('\n[%s]\n%s = %s\n%s = %s\n' % (
            section, key, values[0], key, values[1]),
                'config.ini:4: %s was set before, at ' % key)


@t.case('a mirror whose url is given in two ways is refused')
def _():
    place = home('[mirror team]\nurl = https://a.example\nurl_env = HOOK\n',
                 HOOK='https://b.example')
    try:
        done = place.run('watch', '--listen', '127.0.0.1:0')
        t.equal(done.returncode, 3, done.stderr)
        assert 'config.ini:3: another line gives it, too' in done.stderr, \
            done.stderr
    finally:
        place.remove()


@t.case('text behind "]" is refused, and CR ends a line')
def _():
    checked('[screen] mouse = no\n', 'config.ini:1: text behind the "]"')
    for config in ('[screen]\rmouse = no\rring_events = 1000\r',
                   '[screen] ; mine\nmouse = no\nring_events = 1000\n',
                   '[screen] # mine\r\nmouse = no\r\nring_events = 1000'):
        place = home()
        try:
            with open(place.write('config/telltale/config.ini', ''), 'w',
                      newline='', encoding='utf-8') as file:
                file.write(config)
            done = place.check()
            t.equal(done.returncode, 0, done.stderr)
            assert 'config.ini:2)' in done.stdout, done.stdout
            assert 'config.ini:3)' in done.stdout, done.stdout
        finally:
            place.remove()
    checked('[screen]\rmouse = no\rnonsense\r'.replace('\r', '\n'),
            'config.ini:3: expected "key = value"')


@t.case('check refuses every listen that a start refuses, in the same words')
def _():
    for value, part in (('127.0.0.1:99999', 'a port is 0 to 65535'),
                        ('9012', '"9012" is not ADDR:PORT'),
                        ('127.0.0.1:9000 # mine', '"#" is not ADDR:PORT'),
                        ('localhost:9000', 'an IP address is needed'),
                        ('127.0.0.1:', 'is not ADDR:PORT'),
                        (',', 'no address given'),
                        ('0.0.0.0:9000', 'beyond this machine')):
        place = home('listen = %s\n' % value)
        try:
            for words in (['check'], ['serve'], ['watch', '--plain']):
                done = place.run(*words)
                said_so = done.stdout + done.stderr
                assert done.returncode in (1, 3), (words, value, said_so)
                assert 'config.ini:1: ' in said_so, (words, value, said_so)
                assert part in said_so, (words, value, said_so)
        finally:
            place.remove()


@t.case('a comma too many in listen is nothing')
def _():
    with t.Telltale('--listen', '127.0.0.1:0,') as watch:
        t.equal(watch.post(t.body())[0], 200)


@t.case('files that config.ini names are beside it')
def _():
    with fake_slack.FakeSlack() as slack:
        place = home('theme = ./mine.theme\n[mirror team]\nallow_http = yes\n'
                     'url_file = hook\n')
        try:
            os.chmod(place.write('config/telltale/hook', slack.url + '\n'),
                     0o600)
            done = place.run('check', '--mirror', 'team', cwd='/')
            t.equal((done.returncode, done.stderr), (0, ''))
            shown = place.run('check', cwd='/').stdout
            assert 'theme = %s/config/telltale/./mine.theme' % place.path \
                in shown, shown
        finally:
            place.remove()


@t.case('a journal has one owner by whatever name')
def _():
    with t.Telltale(command='serve') as serve:
        os.symlink(serve.home.state, serve.home.path + '/elsewhere')
        os.symlink(serve.home.journal, serve.home.path + '/link.db')
        for name in ('/elsewhere/journal.db', '/link.db'):
            done = serve.home.run('serve', '--listen', '127.0.0.1:0',
                                  '--journal', serve.home.path + name)
            t.equal(done.returncode, 1, done.stderr)
            assert 'process %d' % serve.process.pid in done.stderr, \
                done.stderr
            done = serve.home.run('check', '--journal',
                                  serve.home.path + name)
            assert 'process %d' % serve.process.pid in done.stdout, \
                done.stdout
    place = home()
    os.makedirs(place.path + '/real')
    os.symlink('real/j.db', place.path + '/dangling.db')
    with t.Telltale('--journal', place.path + '/dangling.db', home=place,
                    command='serve') as serve:
        done = place.run('serve', '--listen', '127.0.0.1:0', '--journal',
                         place.path + '/real/j.db')
        t.equal(done.returncode, 1, done.stderr)
        t.equal(serve.post(t.body())[0], 200)
    place.remove()


@t.case('HUP opens the log anew after it was rotated')
def _():
    place = home()
    log = place.path + '/log'
    serve = t.Telltale('--log', log, command='serve', home=place, start=False)
    serve.stderr = lambda: open(log, encoding='utf-8').read() \
        if os.path.exists(log) else ''
    with serve.start():
        os.rename(log, log + '.1')
        serve.process.send_signal(signal.SIGHUP)
        t.wait_until(lambda: 'read again' in serve.stderr(), 'the new log')
    assert 'listening on' in open(log + '.1', encoding='utf-8').read()
    assert 'listening on' not in serve.stderr()
    place.remove()


@t.case('output that cannot be written is said; receiving goes on')
def _():
    with open('/dev/full', 'wb') as full, t.Telltale(start=False) as watch:
        watch.words.append('--plain')
        watch.start(full)
        for _ in range(3):
            t.equal(watch.post(t.body())[0], 200)
        t.wait_until(lambda: 'standard output cannot be written' in
                     watch.stderr(), 'the complaint')
        t.equal(watch.post(t.body())[0], 200)
        t.equal(watch.stop(), 0)
        t.equal(len(watch.home.tail()), 4)
        assert '4 lines were left out' in watch.stderr(), watch.stderr()


@t.case('a command whose output could not be written says so')
def _():
    place = home()
    try:
        for words in (['check'], ['check', '--listen', 'nowhere'],
                      ['--version'], ['--help'], ['tail', '--help'],
                      ['accounts', 'check', place.write(
                          'a.csv', 'organization_id\nacme\n')]):
            with open('/dev/full', 'wb') as full:
                done = subprocess.run(
                    [t.PROGRAM, *words], env=place.env, stdout=full,
                    stderr=subprocess.PIPE, text=True, timeout=t.PATIENCE)
            assert done.returncode, words
            assert 'standard output: ' in done.stderr, (words, done.stderr)
    finally:
        place.remove()


def printed_to(output, place, words):
    done = subprocess.run([t.PROGRAM, *words], env=place.env, stdout=output,
                          stderr=subprocess.PIPE, text=True,
                          timeout=t.PATIENCE)
    return done.returncode, done.stderr


@t.case('a disk that is full is told in one line, a reader who has enough '
        'not at all, an output that is closed as what it is')
def _():
    with t.Telltale(command='serve') as serve:
        place = serve.home
        t.equal(serve.post(t.body())[0], 200)
        t.equal(serve.post('no JSON')[0], 400)
        full = "telltale: standard output: No space left on device\n"
        closed = "telltale: standard output: Bad file descriptor\n"
        close = ['sh', '-c', 'exec "$0" "$@" >&-', t.PROGRAM]
        for words in (['tail'], ['tail', '--rejects'], ['signals'],
                      ['report'], ['report', '--format=html'], ['export'],
                      ['export', '--format=csv'], ['export', '--list']):
            with open('/dev/full', 'wb') as output:
                t.equal(printed_to(output, place, words), (1, full), words)
            done = subprocess.run([*close, *words], env=place.env, text=True,
                                  stderr=subprocess.PIPE, timeout=t.PATIENCE)
            t.equal((done.returncode, done.stderr), (1, closed), words)
            read, write = os.pipe()
            os.close(read)
            code, said = printed_to(write, place, words)
            os.close(write)
            t.equal((code, 'standard output' in said), (0, False),
                    (words, said))


@t.case('what an argument holds does nothing to the terminal')
def _():
    home = t.Home()
    home.run('import', os.devnull)
    hostile = '\udcff\x1b[31m\x07\x9b(\u202e'
    path = home.write(hostile, 'nothing\n')
    for words in (['tail', '--', hostile], ['export', '--', hostile],
                  ['export', '"%s"' % hostile[1:-3]], ['export', '--list'],
                  ['import', path], ['tail', '--source', 'file://' + path],
                  ['report', '--since', hostile], ['signals', hostile],
                  ['themes', '--theme', hostile], ['--' + hostile]):
        done = home.run(*words)
        said = done.stdout + done.stderr
        assert said, words
        for c in hostile.replace('[31m', '').replace('(', ''):
            assert c not in said, (words, said)
    home.remove()


@t.case('a path of any length is one that is too long')
def _():
    home = t.Home()
    for size in 5000, 100000:
        done = home.run('serve', '--listen', '127.0.0.1:0', '--journal',
                        home.path + '/' + 'x' * size)
        t.equal(done.returncode, 1)
        t.equal(done.stderr.count('\n'), 1, done.stderr)
        assert done.stderr.startswith('telltale: '), done.stderr
        assert 'Sanitizer' not in done.stderr, done.stderr
    home.remove()


t.run()
