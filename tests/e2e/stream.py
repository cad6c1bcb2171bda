"""Receivers and viewers around a stream of NATS, what is posted to some while
something happens, and whether all of it came, once and in order."""

import http.client
import json
import os
import re
import threading
import time
import uuid

import telltale as t
from board import rows

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
    """A receiver; of a cluster's stream with three copies."""
    if ',' in url:
        words = ('--nats-replicas', '3', *words)
    return t.Telltale('--publish', url, *words, command='serve', home=home,
                      start=start)


def viewing(url, *words, home=None, start=True):
    return t.Telltale('--source', url, '--json', *words, command='watch',
                      home=home, start=start)


def seen(viewer):
    return len(rows(viewer.home.journal, 'seq'))


def wait_for(viewer, count, limit=None):
    t.wait_until(lambda: seen(viewer) >= count,
                 '%d events at the viewer; %s' % (count, viewer.stderr()),
                 limit or 4 * t.PATIENCE)


def wait_for_word(one, word):
    try:
        t.wait_until(lambda: word in one.stderr(), repr(word), 2 * t.PATIENCE)
    except AssertionError as error:
        raise AssertionError('%s in %r' % (error, one.stderr()))


def same(serves, viewer, traffic=None):
    """Each receiver's events are at the viewer once, in its order; a row of
    ./dev faults for what was posted meanwhile."""
    if traffic:
        there = rows(viewer.home.journal, 'hex(uuid)')
        t.row('fault', sent=traffic.count, acknowledged=len(traffic.kept),
              kept=len(there), doubled=len(there) - len(set(there)),
              lost=len(set(traffic.kept) - set(there)), allowed=0,
              worst=traffic.worst)
    theirs = [rows(serve.home.journal, 'hex(uuid)') for serve in serves]
    here = rows(viewer.home.journal, 'hex(uuid)')
    t.equal(len(here), len(set(here)), 'twice')
    t.equal(len(here), sum(map(len, theirs)), 'events')
    for their in theirs:
        mine = set(their)
        t.equal([one for one in here if one in mine], their, 'order')
    t.equal(set(rows(viewer.home.journal, 'source')), {2})


class Traffic:
    """Posts EVENTS to some receivers while something happens; what is not
    taken is posted again, until it is."""

    def __init__(self, *serves, count=None):
        self.serves, self.count = serves, count or EVENTS
        self.posted, self.failed, self.worst = 0, None, 0
        self.kept = []
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *what):
        self.thread.join(10 * t.PATIENCE)
        if self.failed:
            raise self.failed
        assert not self.thread.is_alive(), 'posts do not end'

    def _take(self, number, data):
        end = time.monotonic() + 4 * t.PATIENCE
        while time.monotonic() < end:
            serve = self.serves[number % len(self.serves)]
            since = time.monotonic()
            try:
                if serve.post(data)[0] == 200:
                    self.worst = max(self.worst, time.monotonic() - since)
                    self.kept += [uuid.UUID(event['uuid']).hex.upper()
                                  for event in json.loads(data)]
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
        raise AssertionError('a post is not taken')

    def _run(self):
        try:
            number, size = 0, max(1, self.count // 150)
            while self.posted < self.count:
                many = min(size, self.count - self.posted)
                self._take(number, body(many, first=self.posted))
                self.posted += many
                number += 1
        except Exception as error:
            self.failed = error

    def wait_for(self, share):
        t.wait_until(lambda: self.failed or
                     self.posted >= share * self.count, 'posts',
                     4 * t.PATIENCE)


def metrics(serve, name):
    status, data = serve.request('GET', '/metrics', None, {
        'Authorization': 'Bearer ' + serve.home.env['TELLTALE_VIEWER_TOKEN']})
    t.equal(status, 200)
    found = re.search(r'^telltale_%s (\d+)$' % name, data.decode(), re.M)
    return int(found.group(1)) if found else None


def looked_at(**more):
    return t.Home(TELLTALE_VIEWER_TOKEN='looks', **more)
