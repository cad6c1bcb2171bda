"""A receiver that was restored from an older copy and has grown beyond a
board's place: where the two part is found out, what the one has lost stays at
the other, and nothing is missed or doubled. What is pruned or forgotten is no
fork; and what a server says of one is not believed for its own sake."""

import glob
import json
import os
import re
import shutil
import sqlite3
import uuid

import telltale as t
from board import (AUTH, HELLO, VIEWER, Attached, Liar, event, lines, place,
                   serving)

ID = uuid.UUID('0198c1f0-0000-7000-8000-000000000000')


def thing(name, number):
    """Every third has no uuid."""
    return {'event': 'thing', 'distinct_id': name + str(number),
            'uuid': str(uuid.uuid5(ID, name + str(number)))
            if number % 3 else None}


def post(serve, name, count):
    for start in range(0, count, 500):
        many = [thing(name, n) for n in range(start, min(start + 500, count))]
        t.equal(serve.post(json.dumps(many))[0], 200)


def names(name, count):
    return {name + str(n) for n in range(count)}


WHO = 'SELECT i.person_id FROM events e JOIN identities i ON i.id = e.who'


def who(path):
    return [name for name, in t.select(path, WHO)]


def at_server(serve):
    """By seq."""
    return dict(t.select(serve.home.journal, WHO.replace(
        'SELECT', 'SELECT e.seq,')))


def from_server(serve, board):
    """By the seq there."""
    return dict(t.select(board.journal, WHO.replace(
        'SELECT', 'SELECT e.origin_seq,') +
        " WHERE e.origin = (SELECT o.id FROM origins o JOIN cursors c ON "
        "c.origin = o.journal WHERE c.reader = 'feed')"))


class Place:
    """A receiver, a copy of what it has with `before` events, and a board that
    has seen `lost` more."""

    def __init__(self, before, lost):
        self.home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
        self.serve = serving(self.home)
        self.port = self.serve.port
        post(self.serve, 'a', before)
        self.serve.stop()
        os.mkdir(self.home.path + '/copy')
        for file in glob.glob(self.home.journal + '*'):
            shutil.copy(file, self.home.path + '/copy')
        self.start()
        post(self.serve, 'b', lost)
        self.board = Attached(self.port, VIEWER)
        self.board.wait_for(before + lost)
        t.wait_until(lambda: place(self.board.journal) == [self.last()],
                     'the place')
        self.board.stop()

    def last(self):
        return max(at_server(self.serve), default=0)

    def start(self):
        self.serve = serving(self.home, self.port)

    def restore(self):
        self.serve.stop()
        for file in glob.glob(self.home.journal + '*'):
            os.unlink(file)
        for file in glob.glob(self.home.path + '/copy/*'):
            shutil.copy(file, self.home.state)
        self.start()

    def change(self, sql):
        """In the receiver's journal, which is stopped for it."""
        self.serve.stop()
        database = sqlite3.connect(self.home.journal, timeout=20)
        database.execute(sql)
        database.commit()
        database.close()
        self.start()

    def follow(self, count):
        """The board comes back, and has so many events then."""
        self.board.start()
        last = self.last()
        t.wait_until(lambda: len(who(self.board.journal)) == count and
                     place(self.board.journal) == [last],
                     '%d events and the place %d' % (count, last))

    def remove(self):
        self.board.remove()
        self.serve.stop()
        self.home.remove()


FORK = 'other events'


@t.case('a receiver restored and grown beyond the place: what it lost stays, '
        'nothing is missed or doubled, and it is found out once')
def _():
    for before, lost, anew in ((5, 3, 10), (0, 4, 4), (1, 1, 1),
                               (1300, 700, 900), (10, 1100, 1150)):
        there = Place(before, lost)
        there.restore()
        post(there.serve, 'c', anew)
        there.follow(before + lost + anew)
        found = who(there.board.journal)
        t.equal(set(found), names('a', before) | names('b', lost) |
                names('c', anew))
        t.equal(from_server(there.serve, there.board),
                at_server(there.serve))
        there.board.wait_for_word('%d events that it has lost stay' % lost)
        there.board.stop()
        said = there.board.stderr().count(FORK)
        post(there.serve, 'd', 2)
        there.follow(before + lost + anew + 2)
        t.equal(there.board.stderr().count(FORK), said)
        there.remove()


@t.case('one restored that ends before the place now is gone back to as well')
def _():
    there = Place(40, 60)
    there.restore()
    post(there.serve, 'c', 30)
    there.follow(130)
    found = who(there.board.journal)
    t.equal(set(found), names('a', 40) | names('b', 60) | names('c', 30))
    t.equal(from_server(there.serve, there.board), at_server(there.serve))
    there.remove()


@t.case('what the receiver has pruned is no fork, and hides none')
def _():
    there = Place(300, 200)
    there.change('DELETE FROM events WHERE seq <= 499')
    post(there.serve, 'c', 5)
    there.follow(505)
    there.board.stop()
    there.change('DELETE FROM events')
    post(there.serve, 'd', 5)
    there.follow(510)
    assert FORK not in there.board.stderr(), there.board.stderr()
    there.remove()
    there = Place(300, 200)
    there.restore()
    there.change('DELETE FROM events WHERE seq <= 250 OR seq % 7 = 0')
    post(there.serve, 'c', 400)
    there.follow(900)
    found = who(there.board.journal)
    t.equal(set(found), names('a', 300) | names('b', 200) | names('c', 400))
    there.remove()


@t.case('where all that both had is pruned at the receiver, nothing is missed '
        'or doubled')
def _():
    there = Place(30, 20)
    there.restore()
    there.change('DELETE FROM events')
    post(there.serve, 'c', 40)
    there.follow(90)
    t.equal(set(who(there.board.journal)), names('a', 30) | names('b', 20) |
            names('c', 40))
    t.equal(from_server(there.serve, there.board), at_server(there.serve))
    there.remove()
    there = Place(30, 20)
    there.restore()
    post(there.serve, 'c', 40)
    there.change('DELETE FROM events WHERE seq <= %d' % (there.last() - 15))
    there.follow(65)
    found = set(who(there.board.journal))
    t.equal(found, names('a', 30) | names('b', 20) |
            set(at_server(there.serve).values()))
    there.remove()


OTHER = dict(HELLO, last=5,
             journal='3b1f0c52-7f4e-4d54-8e25-9a1f4f6c7a22')


def after(path):
    return int(re.search(r'[?&]after=(\d+)', path)[1])


def two(turns):
    """One of two receivers, by that of each request; they have three events
    and five, and end after them."""
    which = iter(turns)

    def answer(path):
        hello = HELLO if next(which, turns[-1]) == 'A' else OTHER
        return lines(dict(hello, after=after(path)),
                     *[event(n, person=dict(event(n)['person'],
                                            id=hello['journal'][0] + str(n)))
                       for n in range(after(path) + 1, hello['last'] + 1)])
    return answer


BOTH = ['0' + str(n) for n in (1, 2, 3)] + ['3' + str(n) for n in range(1, 6)]


@t.case('of two receivers at one address by turns, each is asked for again '
        'where we are in it')
def _():
    liar = Liar(two('ABBAABB'))
    liar.stays = False
    board = Attached(liar.port, VIEWER)
    t.wait_until(lambda: len(liar.asked) >= 7, 'seven requests',
                 4 * t.PATIENCE)
    t.equal([after(path) for path in liar.asked[:7]], [0, 3, 0, 5, 3, 3, 5])
    board.stop()
    t.equal(sorted(who(board.journal)), BOTH)
    board.remove()
    liar.close()


@t.case('where each request is answered by the other one, each third is taken '
        'as it comes')
def _():
    liar = Liar(two('AB' + 'BA' * 50))
    liar.stays = False
    board = Attached(liar.port, VIEWER)
    t.wait_until(lambda: len(liar.asked) >= 9, 'nine requests',
                 4 * t.PATIENCE)
    board.stop()
    t.equal([after(path) for path in liar.asked[:9]],
            [0, 3, 0, 5, 3, 0, 3, 5, 0])
    t.equal(sorted(who(board.journal)), BOTH)
    board.remove()
    liar.close()


@t.case('who is forgotten there is no fork, and is forgotten here')
def _():
    there = Place(20, 20)
    for name in 'b19', 'b18', 'b12', 'a3':
        done = there.home.run('forget', '--yes', name)
        t.equal(done.returncode, 0, done.stderr)
    post(there.serve, 'c', 3)
    there.follow(39)
    t.equal(from_server(there.serve, there.board), at_server(there.serve))
    assert FORK not in there.board.stderr(), there.board.stderr()
    there.remove()


def feed(serve, words):
    status, body = serve.request('GET', '/feed?end=1&' + words, None, AUTH)
    return status, [json.loads(line) for line in body.splitlines()]


@t.case('a fork is told to who sends a locator, before any event, and what '
        'is none is refused')
def _():
    home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
    serve = serving(home)
    post(serve, 'a', 9)
    ids = {seq: str(uuid.uuid5(ID, name))
           for seq, name in at_server(serve).items()}
    ms = dict(t.select(home.journal, 'SELECT seq, received_at FROM events'))
    good = '9:%s,8:%s,7:%d,5:%s' % (ids[9], ids[8], ms[7], ids[5])
    for words in 'after=9', 'after=9&at=' + good, 'after=9&at=70:1':
        status, said = feed(serve, words)
        t.equal((status, [word['feed'] for word in said]),
                (200, ['hello', 'bye']), words)
        t.equal(said[-1].get('all'), True)
    for at, upto, wrong in (
            ('9:%s' % ids[5], 0, 9), ('9:1', 0, 9),
            ('9:%s,8:%s' % (ids[5], ids[8]), 8, 9),
            ('9:%s,8:%s,5:%s' % (ids[9], ids[9], ids[5]), 5, 8),
            ('9:%s,7:%s,5:%s,3:%s' % (ids[9], ids[7], ids[5], ids[3]), 5, 7),
            ('7:%d,5:%s' % (ms[7] + 1, ids[5]), 5, 7)):
        status, said = feed(serve, 'after=5&kept=1&at=' + at)
        t.equal(status, 200)
        t.equal([word.get('feed') for word in said], ['hello', 'fork', 'bye'],
                at)
        t.equal((said[1]['upto'], said[1]['from']), (upto, wrong), at)
        t.equal(said[2].get('all'), None)
    for at in ('', 'x', '9', '9:', '0:1', '9:1,', '8:1,9:1', '9:-1',
               '9:' + ids[9] + '0', ','.join('%d:1' % n for n in
                                             range(40, 0, -1))):
        status, said = feed(serve, 'after=5&at=' + at)
        t.equal(status, 400, at)
        t.equal(len(said), 1)
        assert said[0]['error'].startswith('at '), said
    serve.stop()
    home.remove()


@t.case('a receiver that knows no locators is followed as before')
def _():
    liar = Liar(lines(dict(HELLO, last=3), event(1), event(2), event(3)),
                lines(dict(HELLO, last=4), event(4)))
    liar.stays = False
    board = Attached(liar.port, VIEWER)
    board.wait_for(4)
    assert 'at=' not in liar.asked[0], liar.asked
    t.equal(sent(liar.asked[1]), [3, 2, 1])
    board.remove()
    liar.close()


def sent(path):
    """The seqs of the locator."""
    found = re.search(r'[?&]at=([^&]*)', path)
    return [int(one.split(':')[0]) for one in found[1].split(',')] \
        if found else []


def forks(path):
    """Whatever is sent is another, and is told again."""
    if sent(path):
        return lines(dict(HELLO, last=9),
                     {'feed': 'fork', 'upto': 0, 'from': sent(path)[-1]})
    return lines(dict(HELLO, last=9), *[event(n) for n in range(1, 10)])


@t.case('one that says it again and again is gone back for five times, and '
        'then no more')
def _():
    liar = Liar(forks)
    liar.stays = False
    board = Attached(liar.port, VIEWER)
    board.wait_for_word('again and again')
    t.equal(len(who(board.journal)), 9 * 6)
    asked = len(liar.asked)
    assert asked < 30, asked
    board.remove()
    liar.close()


@t.case('a fork that cannot be moves our place nowhere')
def _():
    for upto, wrong in ((3, 2), (2, 2), (7, 3), (0, 7), (0, 0), (1, 0),
                        (10 ** 17, 3), ('1', '3'), (None, None), (-1, -3)):
        liar = Liar(lines(dict(HELLO, last=3), event(1), event(2), event(3)),
                    lines(dict(HELLO, last=3),
                          {'feed': 'fork', 'upto': upto, 'from': wrong}))
        liar.stays = False
        board = Attached(liar.port, VIEWER)
        board.wait_for_word('numbers that cannot be')
        t.equal(place(board.journal), [3])
        t.equal(len(who(board.journal)), 3)
        t.equal(len(liar.asked), 2)
        board.remove()
        liar.close()


if __name__ == '__main__':
    t.run()
