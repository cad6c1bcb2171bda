"""Who looks at which account: told by those who have a name, to those who
follow the feed, kept nowhere; the boards show it, unless it is switched off."""

import json
import os
import re
import sqlite3
import subprocess

import telltale as t
from cable import Cable
from terminal_board import Board, attached
from viewer import Viewer, act, make

VIEWER = 'viewer-without-a-name'


def serving(**environment):
    return t.Telltale(command='serve', home=t.Home(
        TELLTALE_VIEWER_TOKEN=VIEWER, **environment))


def looks(viewer):
    return [(word['who'], word['account']) for word in viewer.said
            if word['feed'] == 'look']


def wait_for_looks(viewer, *wanted):
    t.wait_until(lambda: looks(viewer) == list(wanted),
                 '%r, not %r' % (wanted, looks(viewer)))


def following(serve, token):
    viewer = Viewer(serve, token)
    viewer.wait_for_word('hello')
    return viewer


def posted(serve, *accounts):
    for account in accounts:
        t.equal(serve.post(json.dumps(
            {'event': 'insight created', 'distinct_id': 'p', 'uuid': None,
             'org_id': 'org-' + account, 'org_name': 'Org ' + account}))[0],
            200)


@t.case('who looks is told to all that follow, also to who comes later, until '
        'its last feed ends')
def _():
    with serving() as serve:
        maya, ben = make(serve.home, 'maya'), make(serve.home, 'ben')
        one, other = following(serve, maya), following(serve, ben)
        t.equal(act(serve, maya, do='look', account='org-1')[0], 200)
        wait_for_looks(other, ('maya', 'org-1'))
        t.equal(act(serve, maya, do='look', account='org-1')[0], 200)
        t.equal(act(serve, maya, do='look', account='org-2')[0], 200)
        wait_for_looks(other, ('maya', 'org-1'), ('maya', 'org-2'))
        late = following(serve, ben)
        wait_for_looks(late, ('maya', 'org-2'))
        again = following(serve, maya)
        one.close()
        t.wait_until(lambda: b'\ntelltale_http_streams 3\n' in serve.request(
            'GET', '/metrics', None, {'X-Telltale-Token': maya})[1], 'one gone')
        t.equal(len(looks(late)), 1)
        again.close()
        wait_for_looks(late, ('maya', 'org-2'), ('maya', None))
        wait_for_looks(other, ('maya', 'org-1'), ('maya', 'org-2'),
                       ('maya', None))
        t.equal(act(serve, maya, do='look', account='org-1')[0], 409)
        t.equal(act(serve, ben, do='look', account='org-1')[0], 200)
        t.equal(serve.home.run('viewers', 'remove', 'ben').returncode, 0)
        third = following(serve, maya)
        t.equal(looks(third), [])
        third.close()


@t.case('a look of nobody, at nothing that is one, or where it is switched '
        'off, is refused; and it is cleaned')
def _():
    with serving() as serve:
        maya = make(serve.home, 'maya')
        viewer = following(serve, maya)
        unnamed = following(serve, VIEWER)
        t.equal(act(serve, VIEWER, do='look', account='x')[0], 409)
        t.equal(act(serve, 'nobody', do='look', account='x')[0], 401)
        for account in (5, ['x'], True, {}):
            t.equal(act(serve, maya, do='look', account=account)[0], 400)
        t.equal(act(serve, maya, do='look')[0], 400)
        t.equal(act(serve, maya, do='look', account='a\x1b[2J"\\\n')[0], 200)
        t.wait_until(lambda: looks(unnamed), 'a look')
        assert '\x1b' not in looks(unnamed)[0][1], looks(unnamed)
        t.equal(act(serve, maya, do='look', account='')[0], 200)
        t.wait_until(lambda: looks(unnamed)[-1] == ('maya', None), 'the end')
        viewer.close()
        unnamed.close()
    with serving(TELLTALE_SCREEN_PRESENCE='no') as serve:
        maya = make(serve.home, 'maya')
        viewer = following(serve, maya)
        t.equal(act(serve, maya, do='look', account='x')[0], 409)
        viewer.close()


@t.case('nothing of it is kept or logged')
def _():
    with serving() as serve:
        maya = make(serve.home, 'maya')
        viewer = following(serve, maya)
        posted(serve, 'seen')
        t.equal(act(serve, maya, do='look', account='org-unheard-of')[0], 200)
        t.wait_until(lambda: looks(viewer), 'a look')
        viewer.close()
        serve.stop()
        for folder, _, files in os.walk(serve.home.path):
            for name in files:
                with open(os.path.join(folder, name), 'rb') as file:
                    assert b'unheard-of' not in file.read(), name
        assert 'unheard-of' not in serve.stderr()


@t.case('two boards see each other: on the page of the account that both look '
        'at')
def _():
    with serving() as serve:
        maya, ben = make(serve.home, 'maya'), make(serve.home, 'ben')
        watcher = following(serve, ben)
        posted(serve, 'a')
        one = attached(serve, maya)
        one.wait_for('Org a')
        one.keys('A')
        wait_for_looks(watcher, ('maya', 'org-a'))
        two = attached(serve, ben)
        two.wait_for('Org a')
        two.keys('A')
        two.wait_for('Also here: maya')
        one.wait_for('Also here: ben')
        seen = len(one.data)
        two.close()
        watcher.close()
        t.wait_until(lambda: b'\ntelltale_http_streams 1\n' in serve.request(
            'GET', '/metrics', None, {'X-Telltale-Token': maya})[1], 'one')
        one.close()
        assert len(one.data) >= seen


@t.case('a link that breaks and comes back says again at which account its '
        'board looks')
def _():
    with serving() as serve:
        maya, ben = make(serve.home, 'maya'), make(serve.home, 'ben')
        watcher = following(serve, ben)
        posted(serve, 'a')
        cable = Cable(serve.port)
        board = attached(cable, maya)
        board.wait_for('Org a')
        board.keys('A')
        wanted = [('maya', 'org-a')]
        wait_for_looks(watcher, *wanted)
        for _ in range(2):
            cable.cut()
            wanted += [('maya', None), ('maya', 'org-a')]
            wait_for_looks(watcher, *wanted)
        board.close()
        watcher.close()
        cable.close()


@t.case('the board at the receiver takes part; one that keeps quiet neither '
        'tells nor shows')
def _():
    home = t.Home()
    board = Board(home, 'watch', '--listen', '127.0.0.1:0')
    port = int(t.wait_until(lambda: re.search(
        r'127\.0\.0\.1:(\d+)', board.plain()), 'its address').group(1))

    class Place:
        """As much of one that listens as the requests need."""
        def __init__(self):
            self.home, self.port = home, port
            self.token = None

        request = t.Telltale.request
        request_once = t.Telltale.request_once
        connect = t.Telltale.connect

    place = Place()
    maya = make(home, 'maya')
    place.token = home.token()
    t.wait_until(lambda: place.request(
        'POST', '/hook', json.dumps({
            'event': 'insight created', 'distinct_id': 'p', 'org_id': 'org-a',
            'org_name': 'Org a'}),
        {'X-Telltale-Token': place.token})[0] == 200, 'an answer')
    viewer = following(place, maya)
    board.wait_for('Org a')
    board.keys('A')
    wait_for_looks(viewer, ('', 'org-a'))
    t.equal(act(place, maya, do='look', account='org-a')[0], 200)
    board.wait_for('Also here: maya')
    quiet = attached(place, maya, TELLTALE_SCREEN_PRESENCE='no')
    quiet.wait_for('Org a')
    quiet.keys('A')
    quiet.wait_for('Org a', len(quiet.data))
    t.equal('Also here' in quiet.plain(), False)
    quiet.close()
    viewer.close()
    board.close()
    database = sqlite3.connect(home.journal)
    t.equal(database.execute('SELECT count(*) FROM events').fetchone(), (1,))
    database.close()


def pins(path):
    """(event's seq, note) in a journal that may not be there yet."""
    return t.select(path, 'SELECT coalesce(e.origin_seq, e.seq), note FROM '
                    'pins JOIN events e USING (seq) ORDER BY seq', absent=())


def origins(serve, token):
    status, body = serve.request('GET', '/events?after=0&limit=1000', None,
                                 {'X-Telltale-Token': token})
    t.equal(status, 200)
    return [json.loads(line)['origin'] for line in body.splitlines()]


@t.case('an event that is pinned by one is pinned at all, with its note; what '
        'is none, or too much, is refused')
def _():
    with serving() as serve:
        maya, ben = make(serve.home, 'maya'), make(serve.home, 'ben')
        posted(serve, 'a', 'b')
        first, second = origins(serve, maya)
        viewer = following(serve, ben)
        home = t.Home(TELLTALE_VIEWER_TOKEN=ben)
        other = subprocess.Popen(
            [t.PROGRAM, 'attach', '--json',
             'http://127.0.0.1:%d' % serve.port], env=home.env,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        path = home.state + '/attached-127.0.0.1_%d.db' % serve.port
        t.wait_until(lambda: home.run(
            'tail', '--json', '--journal', path).stdout.count('\n') == 2,
            'both there')
        t.equal(act(serve, maya, do='pin', origin=first,
                    note='why\x1b[2J')[0], 200)
        t.equal(act(serve, maya, do='pin', origin=second)[0], 200)
        both = t.wait_until(lambda: len(pins(path)) == 2 and pins(path),
                            'the pins there')
        t.equal(both, pins(serve.home.journal))
        assert both[0][1].startswith('why') and '\x1b' not in both[0][1]
        t.equal(act(serve, ben, do='unpin', origin=first)[0], 200)
        t.wait_until(lambda: pins(path) == [(second['seq'], None)], 'one less')
        wanted = [('pin', 'maya', first['seq']),
                  ('pin', 'maya', second['seq']),
                  ('unpin', 'ben', first['seq'])]
        t.wait_until(lambda: [
            (word['do'], word['by'], word['origin']['seq'])
            for word in viewer.said if word['feed'] == 'act'] == wanted,
            'what was told')
        for origin in (None, {}, {'id': first['id']}, {'id': 'x', 'seq': 1},
                       {'id': first['id'], 'seq': 1.5}, 7):
            t.equal(act(serve, maya, do='pin', origin=origin)[0], 400)
        for origin in (dict(first, seq=10 ** 9),
                       {'id': '00000000-0000-4000-8000-000000000001', 'seq': 1}):
            t.equal(act(serve, maya, do='pin', origin=origin)[0], 404)
        for _ in range(100):
            posted(serve, 'c', 'd')
        status = [act(serve, maya, do='pin', origin=origin)[0]
                  for origin in origins(serve, maya)]
        t.equal((status.count(200), status.count(409)), (200, 2))
        other.terminate()
        other.wait(t.PATIENCE)
        viewer.close()


@t.case('a pin set on one board, and an account read there, is so on the other')
def _():
    with serving() as serve:
        maya, ben = make(serve.home, 'maya'), make(serve.home, 'ben')
        viewer = following(serve, ben)
        posted(serve, 'a')
        one, two = attached(serve, maya), attached(serve, ben)
        for board in (one, two):
            board.wait_for('insight')
        one.keys('m')
        t.wait_until(lambda: pins(serve.home.journal), 'a pin at the receiver')
        two.keys("'")
        two.wait_for('1 pin')
        one.keys('a')
        word = t.wait_until(lambda: [
            word for word in viewer.said if word.get('do') == 'read'],
            'it was read')[0]
        t.equal((word['by'], word['account']), ('maya', 'org-a'))
        t.equal(act(serve, maya, do='read')[0], 400)
        one.keys('m')
        t.wait_until(lambda: not pins(serve.home.journal), 'no pin')
        one.close()
        two.close()
        viewer.close()


t.run()
