"""telltale serve --publish and --source nats://…: what is published, what of
it another shows, what a stream has that is not ours, and whom a server lets
in. What happens when something dies is nats_faults.py."""

import base64
import datetime
import json
import os
import shutil
import signal
import sqlite3
import time
import uuid

import telltale as t
import jetstream as js
from board import rows
from stream import (
    EVENTS, Traffic, body, looked_at, metrics, post, same, seen, serving,
    viewing, wait_for, wait_for_word)


@t.case('what one receives, another shows: once, in order, as it was')
def _():
    with js.Server() as server, serving(server.url()) as serve, \
            viewing(server.url()) as viewer:
        post(serve, 700)
        wait_for(viewer, 700)
        same([serve], viewer)
        viewer.wait_for_line('thing', 700)
        t.equal(len(viewer.lines()), 700)
        t.equal(viewer.stop(), 0)
        t.equal(serve.stop(), 0)
        found = server.streams()['TEST']['config']
        t.equal((found['subjects'], found['storage'], found['discard'],
                 found['max_age'], found['max_bytes'],
                 found['duplicate_window']),
                (['telltale.>'], 'file', 'old', 7 * 86400 * 10**9, 2**30,
                 600 * 10**9))


def milliseconds(iso):
    at = datetime.datetime.fromisoformat(iso.replace('Z', '+00:00'))
    since = at - datetime.datetime.fromtimestamp(0, datetime.timezone.utc)
    return since // datetime.timedelta(milliseconds=1)


def message(raw, seq, stream='TEST'):
    """Its subject, its headers as a dictionary, and the JSON in it."""
    found = raw.api('STREAM.MSG.GET.' + stream, seq=seq)['message']
    lines = base64.b64decode(found['hdrs']).decode().split('\r\n')[1:]
    headers = dict(line.split(': ', 1) for line in lines if line)
    return (found['subject'], headers,
            json.loads(base64.b64decode(found['data'])))


@t.case('a message says what it is: the line of a feed, an id, its place')
def _():
    with js.Server() as server, serving(server.url()) as serve:
        known = str(uuid.uuid4())
        serve.post(t.body(uuid=known, event='feature flag created'))
        serve.post(body(1, name='Ünknown *.> \r\nX: y', keyed=False))
        t.wait_until(lambda: server.streams().get('TEST', {}).get(
            'state', {}).get('messages') == 2, 'two messages')
        with js.Raw(server.port) as raw:
            subject, headers, event = message(raw, 1)
            journal = event['origin']['id']
            t.equal(subject, 'telltale.%s.flags' % journal)
            t.equal(headers, {'Nats-Msg-Id': known,
                              'Nats-Expected-Stream': 'TEST',
                              'Telltale-Journal': journal,
                              'Telltale-Seq': str(event['seq']),
                              'Telltale-After': '0'})
            subject, headers, event = message(raw, 2)
            t.equal(subject, 'telltale.%s.other' % journal)
            t.equal(headers['Nats-Msg-Id'],
                    '%s:%d:%d' % (journal, event['seq'],
                                  milliseconds(event['received_at'])))
            t.equal(headers['Telltale-After'], str(event['seq'] - 1))


@t.case('two receivers, three viewers, one that comes later')
def _():
    with js.Server() as server, serving(server.url()) as one, \
            serving(server.url()) as two, viewing(server.url()) as viewer, \
            viewing(server.url()) as other:
        with Traffic(one, two):
            pass
        with viewing(server.url()) as late:
            for each in viewer, other, late:
                wait_for(each, EVENTS)
                same([one, two], each)


@t.case('an event that both receivers were sent is shown once, and holds up '
        'nothing')
def _():
    with js.Server() as server, \
            serving(server.url(), home=looked_at()) as one, \
            serving(server.url(), home=looked_at()) as two, \
            viewing(server.url()) as viewer:
        began = time.monotonic()
        for first in range(0, 60, 3):
            data = body(3, first=first)
            for serve in one, two:
                t.equal(serve.post(data)[0], 200)
                t.equal(serve.post(body(2))[0], 200)
        wait_for(viewer, 60 + 80)
        t.equal(seen(viewer), 140)
        t.wait_until(lambda: metrics(one, 'publish_already_total') +
                     metrics(two, 'publish_already_total') >= 60, 'doubles')
        assert 'gap' not in viewer.stderr(), viewer.stderr()
        t.note('%.1f s' % (time.monotonic() - began))


@t.case('an event too large for a message comes without its properties')
def _():
    with js.Server('max_payload: 65536') as server, \
            serving(server.url(), home=looked_at()) as serve, \
            viewing(server.url()) as viewer:
        for size in 100, 300000, 100:
            t.equal(serve.post(t.body(properties={'text': 'x' * size}))[0],
                    200)
        wait_for(viewer, 3)
        same([serve], viewer)
        t.equal(metrics(serve, 'publish_cut_total'), 1)
        t.equal([len(event['properties']) for event in viewer.home.tail()],
                [1, 0, 1])


@t.case('who is forgotten at a receiver is forgotten at every viewer')
def _():
    with js.Server() as server, serving(server.url()) as serve, \
            viewing(server.url()) as viewer:
        for who in 'ada', 'bo', 'ada':
            t.equal(serve.post(t.body(user_email=who + '@x.example',
                                      distinct_id=who))[0], 200)
        wait_for(viewer, 3)
        done = serve.home.run('forget', 'ada@x.example', '--yes')
        t.equal(done.returncode, 0, done.stderr)
        t.wait_until(lambda: seen(viewer) == 1, 'one that is left')
        with viewing(server.url()) as late:
            # The first of the three may be there alone for a moment.
            t.wait_until(lambda: [event['person']['email'] for event in
                                  late.home.tail()] == ['bo@x.example'],
                         'the one that is left')


@t.case('who is forgotten at a viewer does not come back when all of the '
        'stream is read again')
def _():
    with js.Server() as server, serving(server.url()) as serve, \
            viewing(server.url()) as viewer:
        for who in 'ada', 'bo', 'ada':
            t.equal(serve.post(t.body(user_email=who + '@x.example',
                                      distinct_id=who))[0], 200)
        wait_for(viewer, 3)
        done = viewer.home.run('forget', 'ada@x.example', '--yes')
        t.equal(done.returncode, 0, done.stderr)
        t.equal(seen(viewer), 1)
        viewer.stop()
        database = sqlite3.connect(viewer.home.journal)
        database.execute("DELETE FROM cursors WHERE reader LIKE 'nats%'")
        database.commit()
        database.close()
        viewer.start()
        post(serve, 4)
        wait_for(viewer, 5)
        t.equal(seen(viewer), 5)
        t.equal(len(rows(serve.home.journal, 'seq')), 7)


@t.case('a stream that does not fit is left as it is, in one line')
def _():
    with js.Server() as server:
        with js.Raw(server.port) as raw:
            for name, fields, said in [
                    ('OTHER', {'subjects': ['other.>'], 'max_age': 10**15},
                     'subjects'),
                    ('MEMORY', {'subjects': ['telltale.>'],
                                'storage': 'memory', 'max_age': 10**15},
                     'memory'),
                    ('EVER', {'subjects': ['telltale.>']}, 'for ever')]:
                made = raw.api('STREAM.CREATE.' + name, name=name,
                               **dict({'storage': 'file'}, **fields))
                assert 'error' not in made, made
                with serving(server.url(name)) as serve:
                    wait_for_word(serve, said)
                    t.equal(serve.stderr().count('not published'), 1)
                    post(serve, 3)
                t.equal(server.streams()[name]['state']['messages'], 0)
                raw.api('STREAM.DELETE.' + name)


@t.case('a viewer that was away for longer than is kept says what it misses')
def _():
    with js.Server() as server, serving(server.url()) as serve:
        with viewing(server.url(), home=t.Home()) as viewer:
            post(serve, 300)
            wait_for(viewer, 300)
            viewer.stop()
            post(serve, 400)
            t.wait_until(lambda: server.streams()['TEST']['state'][
                'messages'] == 700, 'messages')
            with js.Raw(server.port) as raw:
                done = raw.api('STREAM.PURGE.TEST', keep=100)
                assert done.get('success'), done
            viewer.start()
            wait_for(viewer, 400)
            wait_for_word(viewer, '300 were not seen here')
            post(serve, 5)
            wait_for(viewer, 405)
            t.equal(seen(viewer), 405)


@t.case('what others publish in a stream, and what it forgot, is no past: '
        'what comes then is news')
def _():
    with js.Server() as server, js.Raw(server.port) as raw:
        made = raw.api('STREAM.CREATE.TEST', name='TEST', storage='file',
                       subjects=['telltale.>', 'other.>'], max_age=10**15)
        assert 'error' not in made, made
        for _ in range(600):
            raw.publish('other.thing', b'{}')
        with serving(server.url()) as serve:
            with viewing(server.url()) as viewer:
                wait_for_word(viewer, 'reading along')
                post(serve, 3)
                viewer.wait_for_line('thing', 3)
            post(serve, 600)
            t.wait_until(lambda: server.streams()['TEST']['state'][
                'messages'] == 1203, 'messages')
            with viewing(server.url()) as viewer:
                wait_for(viewer, 603)
                post(serve, 3)
                viewer.wait_for_line('thing', 3)
                t.equal(len(viewer.lines()), 3)
            assert raw.api('STREAM.PURGE.TEST').get('success')
            with viewing(server.url()) as viewer:
                wait_for_word(viewer, 'reading along')
                post(serve, 3)
                viewer.wait_for_line('thing', 3)


@t.case('a stream that was made anew is read from its beginning')
def _():
    with js.Server() as server, serving(server.url()) as serve, \
            viewing(server.url()) as viewer:
        post(serve, 300)
        wait_for(viewer, 300)
        with js.Raw(server.port) as raw:
            assert raw.api('STREAM.DELETE.TEST').get('success')
        post(serve, 100)
        wait_for(viewer, 400)
        same([serve], viewer)


@t.case('a stream that was put back from an older copy is read from its '
        'beginning, and nothing comes twice')
def _():
    with js.Server() as server:
        with serving(server.url()) as serve:
            post(serve, 100)
            t.wait_until(lambda: server.streams()['TEST']['state'][
                'messages'] == 100, 'messages')
        server.end()
        shutil.copytree(server.folder + '/js', server.folder + '/copy')
        server.start()
        with viewing(server.url()) as viewer:
            with serving(server.url()) as serve:
                post(serve, 200)
                wait_for(viewer, 300)
            viewer.stop()
            server.end()
            shutil.rmtree(server.folder + '/js')
            os.rename(server.folder + '/copy', server.folder + '/js')
            server.start()
            with serving(server.url()) as other:
                post(other, 50)
                t.wait_until(lambda: server.streams()['TEST']['state'][
                    'messages'] == 150, 'messages')
            viewer.start()
            wait_for_word(viewer, 'has lost what was seen of it')
            wait_for(viewer, 350)
            t.equal(seen(viewer), 350)


def told(raw, journal, seq, after):
    raw.publish('telltale.%s.other' % journal, json.dumps(
        {'seq': seq, 'event': 'e%d' % seq, 'sentence': 'did',
         'uuid': str(uuid.uuid4()), 'occurred_at': '2026-01-01T00:00:00Z',
         'received_at': '2026-01-01T00:00:00Z', 'properties': {},
         'origin': {'id': journal, 'seq': seq}}).encode(),
        {'Telltale-Journal': journal, 'Telltale-Seq': seq,
         'Telltale-After': after})


@t.case('what stands in the stream in another order than it was published is '
        'shown in that, also when the viewer is killed before it is whole')
def _():
    with js.Server() as server, serving(server.url()) as serve, \
            viewing(server.url()) as viewer, js.Raw(server.port) as raw:
        post(serve, 1)
        wait_for(viewer, 1)
        journal = str(uuid.uuid4())
        for seq, after in (2, 0), (9, 7), (5, 4), (7, 5):
            told(raw, journal, seq, after)
        raw.request('telltale.x.y', b'{"feed":"alive","seq":1}')
        post(serve, 5)
        wait_for(viewer, 7)
        viewer.stop(signal.SIGKILL)
        viewer.start()
        post(serve, 5)
        wait_for(viewer, 12)
        told(raw, journal, 4, 2)
        wait_for(viewer, 16)
        t.equal([event['event'] for event in
                 sorted(viewer.home.tail(), key=lambda event: event['seq'])
                 if event['origin']['id'] == journal],
                ['e2', 'e4', 'e5', 'e7', 'e9'])
        assert 'gap' not in viewer.stderr(), viewer.stderr()


@t.case('what is no message of telltale is left out and counted, and lies '
        'about order hold up nothing else')
def _():
    with js.Server() as server, serving(server.url()) as serve, \
            viewing(server.url(), home=looked_at()) as viewer:
        post(serve, 10)
        wait_for(viewer, 10)
        stranger = str(uuid.uuid4())
        with js.Raw(server.port) as raw:
            for data in b'', b'{', b'null', b'\xff\xfe', b'[' * 5000, \
                    b'{"seq":1}', b'{"feed":"hello"}', b'{"feed":"bye"}', \
                    b'x' * 500000:
                raw.publish('telltale.x.y', data)
            for seq, after in (5, 4), (3, 2), (9, 10**18), (7, 6):
                raw.publish('telltale.x.z', json.dumps(
                    {'seq': seq, 'event': 'e%d' % seq,
                     'sentence': 'did \x1b[31m',
                     'occurred_at': '2026-01-01T00:00:00Z',
                     'received_at': '2026-01-01T00:00:00Z',
                     'properties': {}}).encode(),
                    {'Telltale-Journal': stranger, 'Telltale-Seq': seq,
                     'Telltale-After': after})
            raw.request('telltale.x.z', b'{"feed":"alive","seq":1}')
        post(serve, 10)
        wait_for(viewer, 22)
        t.equal(metrics(viewer, 'stream_left_out_total'), 8)
        # What does not say where it is from is from where its message is.
        theirs = [event for event in viewer.home.tail()
                  if event['origin']['id'] == stranger]
        assert len(theirs) >= 2, theirs
        t.equal(['e%d' % event['origin']['seq'] for event in theirs],
                [event['event'] for event in theirs])
        assert '\x1b' not in viewer.stdout().decode()


@t.case('names, passwords and tokens: wrong ones are said and not shown')
def _():
    with js.Server('authorization { user: u, password: "p@ss/word" }') \
            as server:
        where = '127.0.0.1:%d/TEST' % server.port
        with serving('nats://u:p%40ss%2Fword@' + where) as serve, \
                viewing('nats://u:p@ss/word@' + where) as viewer, \
                serving('nats://u:wr0ng@' + where) as refused, \
                viewing('nats://t0ken@' + where) as other:
            post(serve, 5)
            wait_for(viewer, 5)
            for each in refused, other:
                wait_for_word(each, 'it does not take the name')
                for secret in 'wr0ng', 't0ken', 'p@ss':
                    assert secret not in each.stderr(), each.stderr()
    home = t.Home(TELLTALE_PUBLISH='nats://u:s3cret@127.0.0.1/MINE',
                  TELLTALE_SOURCE='nats://s3cret@localhost:1')
    for words in [], ['--json']:
        said = home.check(*words).stdout
        assert '127.0.0.1:4222/MINE' in said, said
        assert 's3cret' not in said, said
    home.remove()
    for bad in 'nats://u:s3cret@far.example', 'nat://u:s3cret@h', \
            'nats://u:s3cret@127.0.0.1:99999', 'nats://u:s3cret@':
        for words in ['serve', '--publish', bad], ['watch', '--source', bad]:
            home = t.Home()
            done = home.run(*words, '--listen', '127.0.0.1:0')
            assert done.returncode in (2, 3), (words, done)
            assert 's3cret' not in done.stderr, done.stderr
            t.equal(len(done.stderr.splitlines()), 1, done.stderr)


@t.case('tls:// by a certificate that is trusted and the name that was asked '
        'for, in a sandbox too')
def _():
    home = t.Home()
    good = t.certificate(home.path, 'good', 'DNS:localhost', 'IP:127.0.0.1')
    other = t.certificate(home.path, 'other', 'DNS:other.example')
    if not good or not other:
        return
    tls = 'tls { cert_file: "%s", key_file: "%s" }'
    with js.Server(tls % tuple(good)) as server, \
            js.Server(tls % tuple(other)) as wrong:
        url = 'tls://localhost:%d/TEST' % server.port
        with serving(url, '--nats-ca', good[0], '--sandbox') as serve, \
                viewing(url.replace('localhost', '127.0.0.1'), '--nats-ca',
                        good[0]) as viewer, \
                serving(url) as stranger, \
                serving('tls://localhost:%d' % wrong.port, '--nats-ca',
                        other[0]) as misled:
            post(serve, 20)
            wait_for(viewer, 20)
            same([serve], viewer)
            for each in stranger, misled:
                post(each, 3)
                wait_for_word(each, 'not published to')
                assert 'certificate' in each.stderr(), each.stderr()
            t.equal(wrong.streams(), {})
        with serving('nats://127.0.0.1:%d/TEST' % server.port, '--nats-ca',
                     good[0]) as plain, js.Server() as without, \
                serving('tls://127.0.0.1:%d' % without.port) as open_only:
            wait_for_word(plain, 'publishing to')
            wait_for_word(open_only, 'it has no TLS')
    home.remove()


if __name__ == '__main__':
    js.skip()
    t.run()
