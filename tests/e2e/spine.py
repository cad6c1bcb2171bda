"""The spine, from a POST to a line: every fixture, tokens, duplicates, two
processes on one journal, hostile text, and how it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import urllib.parse

import telltale as t

# What no terminal, log or script may be given: C0 but the line's end, DEL,
# C1, and what turns the direction of text.
HOSTILE = re.compile('[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e'
                     '\u2066-\u2069]')
# In lines for people nothing may hide either; properties keep their emoji.
HIDING = re.compile('[\u200b-\u200d\u2028\u2029\ufeff]')
# Nothing is dropped from properties, so that they can be compared.
KEEP_ALL = '[privacy]\nprompts = show\n'


def properties_of(text):
    """The raw text of the first "properties" in a body."""
    start = text.index('"properties":') + len('"properties":')
    return text[start:json.JSONDecoder().raw_decode(text, start)[1]]


def rows(*kinds):
    return [row for row in t.manifest() if row['kind'] in kinds]


def check_event(row, event, line):
    name = row['file']
    text = t.fixture(name).decode()
    sent = json.loads(text)
    inner = sent.get('event') if row['kind'] == 'default' else sent
    genuine = re.fullmatch('[0-9a-f-]{36}', inner['uuid'])
    t.equal(event['uuid'], inner['uuid'] if genuine else None, name + ' uuid')
    t.equal(event['event'], row['event'], name + ' event')
    if row['org_id']:
        t.equal(event['account']['id'], row['org_id'], name + ' account')
    t.equal(event['person']['email'], row['email'] or None, name + ' e-mail')
    t.equal(event['session_id'] is not None, row['replay'] == 'yes',
            name + ' session')
    if event['session_id']:
        wanted = inner['properties']['$session_id']
        t.equal(event['session_id'], wanted, name + ' session id')
    t.equal(properties_of(line), properties_of(text), name + ' properties')


@t.case('every fixture of an event is answered 200 and kept as it was')
def _():
    with t.Telltale(config=KEEP_ALL) as watch:
        posted = rows('event', 'default')
        for row in posted:
            status, answer = watch.post(t.fixture(row['file']))
            t.equal((status, answer), (200, b'{"ok":true}'), row['file'])
        done = watch.home.run('tail', '--json', '--hidden', '-n', 'all')
        lines = done.stdout.splitlines()
        t.equal(len(lines), len(posted), 'events')
        for row, line in zip(posted, lines):
            check_event(row, json.loads(line), line)
        watch.wait_for_line('created a feature flag')
        t.note('%d events' % len(lines))


@t.case('what is not JSON gets the status of its row, and serving goes on')
def _():
    with t.Telltale() as watch:
        for row in rows('bad'):
            status, answer = watch.post(t.fixture(row['file']))
            assert str(status) in row['expect'].split('|'), (row, status)
            t.equal(json.loads(answer)['ok'], status == 200, row['file'])
            t.note('%s %d %s' % (row['file'], status, answer.decode()))
        t.equal(watch.post(t.body())[0], 200)
        watch.wait_for_line('created an insight')


def exchange(watch, data):
    """Sends bytes on a socket; what came back until it was closed or quiet."""
    with socket.create_connection(('127.0.0.1', watch.port)) as peer:
        peer.settimeout(2)
        peer.sendall(data)
        got = b''
        try:
            while True:
                part = peer.recv(65536)
                if not part:
                    return got
                got += part
        except socket.timeout:
            return got


@t.case('whole requests as bytes get the status of their row')
def _():
    with t.Telltale() as watch:
        for row in rows('http'):
            secret = b'\r\nX-Telltale-Token: ' + watch.token.encode()
            data = re.sub(rb'( HTTP/1\.1)(?=\r\n)', rb'\1' + secret,
                          t.fixture(row['file']))
            got = [int(status) for status in
                   re.findall(rb'HTTP/1\.1 (\d+)', exchange(watch, data))]
            wanted = row['expect']
            if wanted == '200 x2':
                t.equal(got, [200, 200], row['file'])
            else:
                t.equal(len(got), 1, row['file'])
                assert str(got[0]) in wanted.split('|'), (row, got)


@t.case('each way to carry the token is taken, and a wrong one refused')
def _():
    with t.Telltale() as watch:
        good, bad = watch.token, 'x' * 22

        def status(path, **headers):
            names = {name.replace('_', '-'): value
                     for name, value in headers.items()}
            return watch.request('POST', path, t.body(), names)[0]

        t.equal(status('/hook/' + good), 200, 'path')
        t.equal(status('/hook', Authorization='Bearer ' + good), 200)
        t.equal(status('/hook', X_Telltale_Token=good), 200)
        t.equal(status('/hook/' + bad), 401, 'wrong path')
        t.equal(status('/hook/' + good[:-1]), 401, 'short path')
        t.equal(status('/hook', Authorization='Bearer ' + bad), 401)
        t.equal(status('/hook', X_Telltale_Token=bad), 401)
        t.equal(status('/hook'), 401, 'none')
        t.equal(len(watch.home.tail()), 3, 'events')
        assert bad not in watch.stderr()

        def refused():
            said = watch.home.run('tail', '--rejects').stdout
            assert bad not in said, said
            return said.count('  401  the token is missing or wrong') == 5
        t.wait_until(refused, 'each of them on the list that the board names')
        for _ in range(60):
            t.equal(status('/hook'), 401)
        t.equal(watch.post('{"none')[0], 400)
        refusals = 'SELECT count(*) FROM rejects WHERE status = %d'

        def count(answer):
            return t.select(watch.home.journal, refusals % answer)[0][0]
        t.wait_until(lambda: count(400), 'the last one')
        t.equal(count(401), 30, 'noted of many')


@t.case('one event is kept once, however often it comes')
def _():
    with t.Telltale() as watch:
        one = t.body()
        for _ in range(3):
            t.equal(watch.post(one)[0], 200)
        t.equal(watch.post(t.fixture('hard_dup_uuid_a.json'))[0], 200)
        t.equal(watch.post(t.fixture('hard_dup_uuid_b.json'))[0], 200)
        t.equal(watch.post(t.fixture('hard_uuid_null.json'))[0], 200)
        t.equal(watch.post(t.fixture('hard_uuid_null.json'))[0], 200)
        t.equal(len(watch.home.tail()), 4, 'events')
        watch.stop()
        assert '3 duplicates' in watch.stderr(), watch.stderr()


@t.case('tail prints tomorrow what was printed today')
def _():
    with t.Telltale() as watch:
        for name in ('insight created', 'cohort created'):
            watch.post(t.body(name))
        printed = watch.wait_for_line('created a', 2)
        watch.stop()
        done = watch.home.run('tail')
        t.equal(done.stdout.splitlines(), watch.lines(), 'lines')
        t.equal(len(printed), 2)
        assert '2 events, 1 account, 1 person' in done.stderr, done.stderr


class Follower:
    """telltale tail -f, its output in a file."""

    def __init__(self, home, *words):
        self.path = home.path + '/followed'
        with open(self.path, 'wb') as out:
            self.process = subprocess.Popen(
                [t.PROGRAM, 'tail', '-f', *words], env=home.env, stdout=out,
                stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def text(self):
        with open(self.path, encoding='utf-8') as file:
            return file.read()

    def wait_for(self, part):
        t.wait_until(lambda: part in self.text(), part)

    def stop(self):
        self.process.terminate()
        self.process.wait()


@t.case('tail -f follows the owner, and its successor')
def _():
    with t.Telltale() as watch:
        watch.post(t.body('insight created'))
        follower = Follower(watch.home)
        try:
            follower.wait_for('created an insight')
            watch.post(t.body('cohort created'))
            follower.wait_for('created a cohort')
            watch.stop()
            watch.start()
            watch.post(t.body('action created'))
            follower.wait_for('created an action')
            t.equal(len(follower.text().splitlines()), 3)
        finally:
            follower.stop()


@t.case('tail takes a query, a number and a time')
def _():
    with t.Telltale() as watch:
        for number in range(25):
            watch.post(t.body('insight created' if number % 5 else
                              'survey launched'))
        run = watch.home.run
        t.equal(len(run('tail').stdout.splitlines()), 20, 'usual')
        t.equal(len(run('tail', '-n', '3').stdout.splitlines()), 3)
        t.equal(len(run('tail', '--since', '1h').stdout.splitlines()), 25)
        t.equal(run('tail', '--since', '1999-01-01x').returncode, 2)
        found = run('tail', '-n', '2', 'category:surveys')
        t.equal(len(found.stdout.splitlines()), 2, found.stderr)
        assert all('SUR' in line for line in found.stdout.splitlines())
        bad = run('tail', 'amount>lots')
        t.equal(bad.returncode, 2)
        assert '^' in bad.stderr, bad.stderr


@t.case('a second process is told who owns the journal')
def _():
    with t.Telltale() as watch:
        second = watch.home.run('watch', '--plain', '--listen', '127.0.0.1:0')
        t.equal(second.returncode, 1)
        assert str(watch.process.pid) in second.stderr, second.stderr
        t.equal(watch.post(t.body())[0], 200)


@t.case('nothing a stranger sends is printed raw')
def _():
    with t.Telltale(config='[people]\nhide_impersonated = no\n') as watch:
        posted = rows('hard', 'shape', 'bad', 'event', 'default')
        for row in posted:
            status = str(watch.post(t.fixture(row['file']))[0])
            assert status in row['expect'].split('|'), (row['file'], status)
        plain = watch.home.run('tail', '-n', 'all', '--hidden')
        exact = watch.home.run('tail', '-n', 'all', '--hidden', '--json')
        watch.stop()
        texts = {'watch': watch.stdout().decode('utf-8'),
                 'tail': plain.stdout, 'json': exact.stdout,
                 'stderr': watch.stderr() + plain.stderr + exact.stderr}
        for name, text in texts.items():
            assert text, name
            found = HOSTILE.search(text)
            if not found and name != 'json':
                found = HIDING.search(text)
            assert not found, (name, text[max(0, found.start() - 80):
                                          found.end() + 80])
        for line in exact.stdout.splitlines():
            json.loads(line)


@t.case('/events gives the journal to who has the viewer token')
def _():
    with t.Telltale(TELLTALE_VIEWER_TOKEN='see') as watch:
        for name in ('insight created', 'survey launched', 'cohort created'):
            watch.post(t.body(name))

        def ask(query, token='see'):
            status, data = watch.request(
                'GET', '/events' + query, None,
                {'Authorization': 'Bearer ' + token})
            return status, data.decode().splitlines()

        t.equal(ask('', 'wrong')[0], 401)
        t.equal(watch.request('GET', '/events')[0], 401)
        t.equal(watch.request('POST', '/events', b'x')[0], 405)
        status, lines = ask('')
        t.equal((status, len(lines)), (200, 3))
        names = [json.loads(line)['event'] for line in lines]
        t.equal(names, ['insight created', 'survey launched',
                        'cohort created'])
        first = json.loads(lines[0])['seq']
        t.equal(len(ask('?after=%d' % first)[1]), 2)
        t.equal(len(ask('?limit=1')[1]), 1)
        t.equal(json.loads(ask('?limit=1')[1][0])['event'], 'cohort created')
        t.equal(len(ask('?before=%d' % (first + 1))[1]), 1)
        t.equal(len(ask('?q=category:surveys')[1]), 1)
        t.equal(ask('?q=amount%3Elots')[0], 400)
        t.equal(ask('?limit=none')[0], 400)


@t.case('/events refuses what would cost it too much, and says so')
def _():
    with t.Telltale(TELLTALE_VIEWER_TOKEN='see') as watch:
        watch.post(json.dumps({
            'event': 'a' * 200, 'distinct_id': 'tomas@borealis.example',
            'properties': {'$current_url': 'https://app.example/'
                                           + 'a' * 2000}}).encode())

        def ask(query):
            status, data = watch.request(
                'GET', '/events?q=' + urllib.parse.quote(query), None,
                {'Authorization': 'Bearer see'})
            return status, data.decode()

        t.equal(ask('/a+/')[0], 200)
        for query in ('/((x?y?z?){100}){100}/', '/%s/' % ('a' + '+' * 24),
                      '/(a|aa)*[;!]/', 'url~(a|aa)*[;!]',
                      '-url~(a|aa)*[;!]'):
            status, data = ask(query)
            t.equal((query, status), (query, 400))
            error = json.loads(data)['error']
            t.equal('too costly' in error or 'no regular' in error, True,
                    error)
        t.equal(ask('/a+/ | url~(a|aa)*[;!]')[0], 200)


@t.case('/healthz says more to who has the viewer token')
def _():
    with t.Telltale(TELLTALE_VIEWER_TOKEN='see') as watch:
        watch.post(t.body())
        t.equal(watch.health(), (200, {'ok': True}))
        t.equal(watch.health('wrong'), (200, {'ok': True}))
        status, more = watch.health('see')
        t.equal(status, 200)
        t.equal(more['journal']['events'], 1)
        t.equal(more['journal']['trouble'], None)


@t.case('it ends in order: counts on standard error, and the right code')
def _():
    for how, code in ((signal.SIGTERM, 0), (signal.SIGINT, 130),
                      (signal.SIGHUP, 0)):
        with t.Telltale() as watch:
            watch.post(t.body())
            t.equal(watch.stop(how), code)
            assert '1 event, 1 account' in watch.stderr(), watch.stderr()
            t.equal(len(watch.home.tail()), 1)


@t.case('the address that is shown works, whatever is in the token')
def _():
    for token in ('ab/cd+e=', 'a%41b', 'a%2Fb', 'a?b#c', '{"\'}|'):
        home = t.Home()
        home.write('state/telltale/token', token + '\n')
        os.chmod(home.state + '/token', 0o600)
        with t.Telltale('--plain', home=home) as watch:
            address = re.search(r'post to (\S+)', watch.stderr()).group(1)
            path = '/' + address.split('/', 3)[3]
            t.equal(watch.request('POST', path, t.body())[0], 200, address)
            t.equal(watch.request('POST', path + 'x', t.body())[0], 401)
        home.remove()


@t.case('the token is shown until the first event, and masked afterwards')
def _():
    with t.Telltale() as watch:
        assert watch.token in watch.stderr()
        mode = os.stat(watch.home.state + '/token').st_mode & 0o777
        t.equal(mode, 0o600)
        watch.post(t.body())
        watch.stop()
        watch.start()
        assert watch.token not in watch.stderr(), watch.stderr()
        t.equal(watch.post(t.body())[0], 200, 'the same token')


@t.case('serve prints nothing and keeps everything; SIGHUP reads the book')
def _():
    with t.Telltale(command='serve') as serve:
        serve.post(t.body(org_name=None))
        t.equal(serve.home.tail()[0]['account']['listed'], False)
        serve.home.write('config/telltale/accounts.csv',
                         'organization_id,organization_name\n'
                         '77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8,Alder\n')
        serve.process.send_signal(signal.SIGHUP)
        t.wait_until(lambda: 'read again: 1 account' in serve.stderr(),
                     'the book')
        serve.post(t.body(org_name=None))
        last = serve.home.tail()[-1]
        t.equal(last['account']['name'], 'Alder')
        t.equal(last['account']['listed'], True)
        t.equal(serve.stdout(), b'')


@t.case('output that nobody reads delays no answer and is counted')
def _():
    with t.Telltale('--json', start=False) as watch:
        reading, writing = os.pipe()
        watch.start(writing)
        os.close(writing)
        filler = {'text': 'x' * 500000}
        for _ in range(40):
            t.equal(watch.post(t.body(properties=filler))[0], 200)
        watch.stop()
        os.close(reading)
        assert 'lines were left out' in watch.stderr(), watch.stderr()
        t.equal(len(watch.home.tail()), 40)


@t.case('a reader that goes away ends tail and watch quietly')
def _():
    with t.Telltale() as watch:
        for _ in range(3):
            watch.post(t.body())
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run([t.PROGRAM, 'tail'], env=watch.home.env,
                              stdout=writing, stderr=subprocess.PIPE)
        os.close(writing)
        t.equal((done.returncode, done.stderr), (0, b''))
    with t.Telltale(start=False) as watch:
        reading, writing = os.pipe()
        os.close(reading)
        watch.start(writing)
        os.close(writing)
        watch.post(t.body())
        t.equal(watch.process.wait(t.PATIENCE), 0)


t.run()
