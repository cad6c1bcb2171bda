"""telltale serve --publish and --source nats://…: what receivers keep is at
every viewer once, in each receiver's order, whatever dies meanwhile: the
leader of the stream, all servers, a receiver, a viewer, the network."""

import json
import os
import sqlite3
import time
import uuid

import telltale as t
import jetstream as js

EVENTS = int(os.environ.get('EVENTS', '1500'))


def body(count, name='thing', first=0, keyed=True):
    return json.dumps([
        {'event': name, 'distinct_id': 'p%d' % n,
         'uuid': str(uuid.uuid4()) if keyed else None}
        for n in range(first, first + count)])


def post(serve, count, keyed=True):
    for first in range(0, count, 250):
        t.equal(serve.post(body(min(250, count - first), first=first,
                                keyed=keyed))[0], 200)


def serving(url, *words, home=None, start=True):
    return t.Telltale('--publish', url, *words, command='serve', home=home,
                      start=start)


def viewing(url, *words, home=None, start=True):
    return t.Telltale('--source', url, '--json', *words, command='watch',
                      home=home, start=start)


def rows(path, what):
    """Of a journal that may not be there yet."""
    try:
        database = sqlite3.connect('file:%s?mode=ro' % path, uri=True,
                                   timeout=10)
        found = database.execute(
            'SELECT %s FROM events ORDER BY seq' % what).fetchall()
        database.close()
    except sqlite3.OperationalError:
        return []
    return [row[0] for row in found]


def seen(viewer):
    return len(rows(viewer.home.journal, 'seq'))


def wait_for(viewer, count, limit=None):
    t.wait_until(lambda: seen(viewer) >= count,
                 '%d events at the viewer; %s' % (count, viewer.stderr()),
                 limit or 4 * t.PATIENCE)


def same(serves, viewer):
    """Each receiver's events are at the viewer once, in its order."""
    theirs = [rows(serve.home.journal, 'hex(uuid)') for serve in serves]
    here = rows(viewer.home.journal, 'hex(uuid)')
    t.equal(len(here), len(set(here)), 'twice')
    t.equal(len(here), sum(map(len, theirs)), 'events')
    for their in theirs:
        mine = set(their)
        t.equal([one for one in here if one in mine], their, 'order')
    t.equal(set(rows(viewer.home.journal, 'source')), {2})


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


if __name__ == '__main__':
    js.skip()
    t.run()
