"""Settings as a user meets them: which one wins, what is refused, how it is
said, and the exit codes."""

import json
import os

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
        done = place.run('check', '--theme=mono')
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
            assert done.stdout.startswith('telltale 0.'), done.stdout
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
                     watch.process.pid, '2 events, 1 accounts', '1 accounts\n',
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


t.run()
