"""telltale --source nats://…: who was forgotten at a receiver is forgotten at
a viewer that reads along, whatever dies meanwhile and in whatever order it
came: its place in the stream moves past that only once it is done."""

import datetime
import hashlib
import json
import signal
import sqlite3
import uuid

import telltale as t
import jetstream as js
from board import rows
from stream import post, seen, serving, viewing, wait_for


def post_of(serve, *names, **fields):
    for name in names:
        t.equal(serve.post(t.body(user_email=name + '@x.example',
                                  distinct_id=name, **fields))[0], 200)


def place(viewer):
    found = t.select(viewer.home.journal,
                     "SELECT seq FROM cursors WHERE reader = 'nats'",
                     absent=[])
    return found[0][0] if found else 0


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(
        timespec='milliseconds').replace('+00:00', 'Z')


def tell(raw, journal, seq, after, name):
    raw.publish('telltale.%s.other' % journal, json.dumps(
        {'seq': seq, 'event': 'e%d' % seq, 'sentence': 'did',
         'uuid': str(uuid.uuid4()), 'occurred_at': now(),
         'received_at': now(), 'properties': {},
         'person': {'email': name + '@x.example', 'id': name},
         'origin': {'id': journal, 'seq': seq}}).encode(),
        {'Telltale-Journal': journal, 'Telltale-Seq': seq,
         'Telltale-After': after})


def tell_forgotten(raw, journal, name, salt=uuid.UUID(int=7)):
    """By a clock that is far ahead; the stream has it then."""
    said = salt.bytes + b'email\0' + name.encode() + b'@x.example'
    kept = raw.request('telltale.%s.forgotten' % journal, json.dumps(
        {'feed': 'forgotten', 'kind': 'email', 'salt': salt.hex,
         'at': '2100-01-01T00:00:00Z',
         'hash': hashlib.sha256(said).hexdigest()}).encode())
    assert 'seq' in kept, kept


@t.case('a viewer that is killed with its place past somebody forgotten has '
        'forgotten them')
def _():
    with js.Server() as server, serving(server.url()) as serve, \
            viewing(server.url()) as viewer:
        post_of(serve, 'ada', 'bo', 'ada')
        wait_for(viewer, 3)
        done = serve.home.run('forget', 'ada@x.example', '--yes')
        t.equal(done.returncode, 0, done.stderr)
        told = t.select(serve.home.journal, 'SELECT count(*) FROM forgotten')
        t.wait_until(lambda: place(viewer) == 3 + told[0][0], 'its place')
        viewer.stop(signal.SIGKILL)
        viewer.start()
        post(serve, 1)
        t.wait_until(lambda: place(viewer) == 4 + told[0][0], 'its place')
        t.equal(seen(viewer), 2)


@t.case('one that comes late, behind others of its receiver, is forgotten '
        'where that was told before it could be kept')
def _():
    with js.Server() as server, serving(server.url()) as serve, \
            viewing(server.url()) as viewer, js.Raw(server.port) as raw:
        post(serve, 1)
        wait_for(viewer, 1)
        journal = str(uuid.uuid4())
        tell(raw, journal, 2, 0, 'bo')
        wait_for(viewer, 2)
        tell_forgotten(raw, journal, 'bo')
        tell(raw, journal, 5, 4, 'ada')
        tell_forgotten(raw, journal, 'ada')
        t.wait_until(lambda: seen(viewer) == 1, 'the one that is left')
        tell(raw, journal, 4, 2, 'cy')
        t.wait_until(lambda: place(viewer) == 6, 'its place')
        t.equal([event['event'] for event in viewer.home.tail()
                 if event['origin']['id'] == journal], ['e4'])


@t.case('who came back after they were forgotten by a clock that was far ahead '
        'is there for a board that reads it later')
def _():
    with js.Server() as server, serving(server.url()) as serve, \
            js.Raw(server.port) as raw:
        post(serve, 1)
        t.wait_until(lambda: server.streams()['TEST']['state']['messages'],
                     'the stream')
        journal = str(uuid.uuid4())
        tell(raw, journal, 1, 0, 'ada')
        tell_forgotten(raw, journal, 'ada')
        told = now()
        t.wait_until(lambda: now() > told, 'the next millisecond')
        tell(raw, journal, 2, 1, 'ada')
        with viewing(server.url()) as viewer:
            t.wait_until(lambda: place(viewer) == 4, 'its place')
            t.equal([event['event'] for event in viewer.home.tail()
                     if event['origin']['id'] == journal], ['e2'])


@t.case('whom two receivers forget at once is known by the salt of each')
def _():
    with js.Server() as server, serving(server.url()) as serve, \
            viewing(server.url()) as viewer, js.Raw(server.port) as raw:
        post_of(serve, 'ada', 'bo', 'cy', 'ada')
        wait_for(viewer, 4)
        for name in 'ada', 'bo':
            tell_forgotten(raw, str(uuid.uuid4()), name, uuid.uuid4())
        t.wait_until(lambda: place(viewer) == 6, 'its place')
        t.equal([event['person']['id'] for event in viewer.home.tail()],
                ['cy'])


@t.case('what a forgetting that was killed has left is forgotten by the next')
def _():
    with js.Server() as server, serving(server.url()) as serve, \
            viewing(server.url()) as viewer:
        post_of(serve, 'ada')
        post_of(serve, 'bo', properties={'said': 'ask ada@x.example'})
        wait_for(viewer, 2)
        viewer.stop()
        database = sqlite3.connect(viewer.home.journal)
        database.execute('DELETE FROM events WHERE seq = (SELECT min(seq) '
                         'FROM events)')
        database.commit()
        database.close()
        done = serve.home.run('forget', 'ada@x.example', '--yes')
        t.equal(done.returncode, 0, done.stderr)
        told = t.select(serve.home.journal, 'SELECT count(*) FROM forgotten')
        viewer.start()
        t.wait_until(lambda: place(viewer) == 2 + told[0][0], 'its place')
        found = viewer.home.tail()
        t.equal(len(found), 1)
        assert 'ada' not in json.dumps(found), found
        t.equal(rows(viewer.home.journal, 'who'),
                [row[0] for row in t.select(viewer.home.journal,
                                            'SELECT id FROM identities')])


@t.case('a receiver whose clock was ahead when it forgot somebody tells of '
        'whom it forgets once that is set')
def _():
    with js.Server() as server, serving(server.url()) as serve, \
            viewing(server.url()) as viewer:
        post_of(serve, 'ada', 'bo')
        wait_for(viewer, 2)
        done = serve.home.run('forget', 'ada@x.example', '--yes')
        t.equal(done.returncode, 0, done.stderr)
        t.wait_until(lambda: seen(viewer) == 1, 'the one that is left')
        told = place(viewer)
        serve.stop()
        database = sqlite3.connect(serve.home.journal)
        ahead = database.execute('UPDATE forgotten SET at = at + 43200000')
        database.commit()
        database.close()
        serve.start()
        t.wait_until(lambda: place(viewer) == told + ahead.rowcount,
                     'what was told by that clock')
        done = serve.home.run('forget', 'bo@x.example', '--yes')
        t.equal(done.returncode, 0, done.stderr)
        t.wait_until(lambda: seen(viewer) == 0, 'nobody that is left')


@t.case('who was told of is told of once')
def _():
    with js.Server() as server, js.Raw(server.port) as raw:
        # It leaves out nothing by itself that came before.
        raw.api('STREAM.CREATE.TEST', name='TEST', subjects=['telltale.>'],
                duplicate_window=100000000,
                max_age=3600000000000)
        with serving(server.url()) as serve, \
                viewing(server.url()) as viewer:
            post_of(serve, 'ada', 'bo')
            wait_for(viewer, 2)
            done = serve.home.run('forget', 'ada@x.example', '--yes')
            t.equal(done.returncode, 0, done.stderr)
            told = t.select(serve.home.journal,
                            'SELECT count(*) FROM forgotten')[0][0]
            t.wait_until(lambda: place(viewer) == 2 + told, 'its place')
            serve.stop()
            serve.start()
            post(serve, 1)
            wait_for(viewer, 2)
            t.equal(server.streams()['TEST']['state']['messages'], 3 + told)


if __name__ == '__main__':
    js.skip()
    t.run()
