"""telltale tail --source: a file, PostHog, another telltale, a stream; by the
way of all that is received, and nothing of it stays."""

import json
import os
import signal
import subprocess
import tempfile

import telltale as t
import jetstream as js
from past import HOUR, Place, happened, iso, now_ms

VIEWER = 'viewer-of-a-source'


def tail(home, *words, code=0):
    """What it prints as dictionaries, or what it says when it fails; with a
    folder for temporary files that is empty again."""
    folder = tempfile.mkdtemp(dir=home.path)
    done = home.run('tail', '--json', *words,
                    env=dict(home.env, TMPDIR=folder))
    t.equal(done.returncode, code, done.stderr)
    t.equal(os.listdir(folder), [])
    return done.stderr if code else [json.loads(line) for line in
                                     done.stdout.splitlines()]


def lines(count):
    return '\n'.join(json.dumps({
        'event': 'thing %d' % n, 'sentence': 'did \x1b[31m%d' % n,
        'occurred_at': '2026-09-14T08:%02d:00Z' % n,
        'received_at': '2026-09-14T08:%02d:00Z' % n,
        'properties': {'n': n}}) for n in range(count))


@t.case('a file: its lines, in order, cleaned, filtered; the journal here is '
        'as it was')
def _():
    home = t.Home()
    path = home.write('events', lines(30) + '\nnone\n')
    found = tail(home, '--source', 'file://' + path)
    t.equal([event['properties']['n'] for event in found], list(range(10, 30)))
    assert '\x1b' not in found[0]['sentence'], found[0]
    t.equal({event['source'] for event in found}, {'file'})
    found = tail(home, '--source', 'file://' + path, '-n', 'all', 'prop.n<3')
    t.equal([event['properties']['n'] for event in found], [0, 1, 2])
    assert not os.path.exists(home.journal)
    for words, code, said in (
            (('file:///nowhere',), 1, 'nowhere'),
            (('file://' + path, '-f'), 2, 'does not go on'),
            (('webhook',), 2, '--source is'),
            (('ftp://x',), 2, 'none of'),
            (('file://' + path, '--rejects'), 2, '--source is')):
        text = tail(home, '--source', *words, code=code)
        assert said in text, text
    for command in 'watch', 'serve':
        for source, word in (('file://' + path, 'telltale import'),
                             ('https://hub.example', 'telltale attach')):
            done = home.run(command, '--source', source)
            t.equal(done.returncode, 3, done.stderr)
            assert word in done.stderr, done.stderr
    home.remove()


@t.case('ended by a signal, or by who reads it, it leaves nothing behind')
def _():
    home = t.Home()
    folder = home.path + '/tmp'
    os.mkdir(folder)
    pipe = home.path + '/pipe'
    os.mkfifo(pipe)
    for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        for waits in False, True:  # at work, or for what comes next
            with subprocess.Popen(
                    [t.PROGRAM, 'tail', '--source', 'file://' + pipe],
                    env=dict(home.env, TMPDIR=folder), stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE) as process:
                with open(pipe, 'w', encoding='utf-8') as events:
                    events.write('nothing\n' + lines(9) + '\n')
                    events.flush()
                    if waits:
                        assert process.stderr.readline()
                        t.wait_until(lambda pid=process.pid: t.sleeps(pid),
                                     'a wait')
                    process.send_signal(number)
                    t.equal(process.wait(t.PATIENCE), 130, number)
            t.equal(os.listdir(folder), [])
    process = subprocess.Popen(  # no one has come to write
        [t.PROGRAM, 'tail', '--source', 'file://' + pipe],
        env=dict(home.env, TMPDIR=folder), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    t.wait_until(lambda: os.listdir(folder), 'a journal')
    t.wait_until(lambda: t.sleeps(process.pid), 'a wait')
    process.terminate()
    t.equal(process.communicate(timeout=t.PATIENCE), (b'', b''))
    t.equal((process.returncode, os.listdir(folder)), (130, []))
    path = home.write('events', lines(59))
    with subprocess.Popen(
            [t.PROGRAM, 'tail', '--source', 'file://' + path, '-n', 'all'],
            env=dict(home.env, TMPDIR=folder), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE) as process:
        process.stdout.close()
        t.equal(process.wait(t.PATIENCE), 0, process.stderr.read())
    t.equal(os.listdir(folder), [])
    home.remove()


@t.case('PostHog: the last hour, or since then')
def _():
    now = now_ms()
    past = [happened('insight created', now - 5 * HOUR),
            happened('chat with ai', now - HOUR // 2)]
    with Place(past) as place:
        found = tail(place.home, '--source', 'posthog')
        t.equal([event['event'] for event in found], ['chat with ai'])
        found = tail(place.home, '--source', 'posthog', '--since', '6h')
        t.equal([(event['event'], event['occurred_at']) for event in found],
                [(one['event'], iso(one['ms'])) for one in past])
        assert not os.path.exists(place.home.journal)
    home = t.Home()
    assert 'key' in tail(home, '--source', 'posthog', code=3)
    home.remove()


@t.case('another telltale: as its address in front')
def _():
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        for name in 'one', 'two':
            serve.post(t.body(name))
        home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
        url = 'http://127.0.0.1:%d' % serve.port
        t.equal(tail(home, '--source', url), tail(home, url))
        t.equal([event['event'] for event in tail(home, '--source', url,
                                                  'event:two')], ['two'])
        home.remove()


@t.case('a stream: what is there, then what comes; an empty one ends')
def _():
    if js.missing():
        t.note(js.missing())
        return
    with js.Server() as server, t.Telltale(
            '--publish', server.url(), command='serve') as serve:
        home = t.Home()
        t.wait_until(lambda: server.streams().get('TEST'), 'a stream')
        t.equal(tail(home, '--source', server.url()), [])
        serve.post(json.dumps([{'event': 'thing', 'distinct_id': 'p',
                                'uuid': None} for _ in range(700)]))
        t.wait_until(lambda: server.streams()['TEST']['state'][
            'messages'] == 700, 'messages')
        found = tail(home, '--source', server.url(), '-n', 'all')
        t.equal([event['origin']['seq'] for event in found],
                list(range(1, 701)))
        t.equal({event['source'] for event in found}, {'nats'})
        with subprocess.Popen(
                [t.PROGRAM, 'tail', '--json', '--source', server.url(), '-f',
                 '-n', '2', 'event:thing'], env=home.env,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            seqs = [json.loads(process.stdout.readline())['origin']['seq']
                    for _ in range(2)]
            t.equal(seqs, [699, 700])
            serve.post(t.body('other'))
            serve.post(t.body('thing'))
            t.equal(json.loads(process.stdout.readline())['event'], 'thing')
            process.terminate()
            t.equal(process.wait(t.PATIENCE), 130)
        assert not os.path.exists(home.journal)
        home.remove()


if __name__ == '__main__':
    t.run()
