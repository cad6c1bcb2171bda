"""Good senders among those who take up room: by announcing what they never
send, by stopping before the last byte, by saying nothing, by reading nothing.
Everybody comes from 127.0.0.1, as behind a tunnel. CROWD says how many."""

import base64
import hashlib
import hmac
import json
import os
import socket
import threading
import time

import telltale as t
from http_place import Answers, Server, raise_limit

SECRET = 'whsec_cG9zdGhvZy1hY3Rpdml0eS1maXh0dXJlLXNlY3JldCE='
NOW = 1789376400
CLOCK = '2026-09-14T09:00:00Z'
VIEWER = 'viewer-of-the-crowd'
BODY = 2 * 1024 * 1024
CROWD = int(os.environ.get('CROWD', '1000'))
SLOTS = 300


def serving(config=None):
    return t.Telltale(command='serve', config=config, TELLTALE_CLOCK=CLOCK,
                      TELLTALE_SIGNING_SECRET=SECRET,
                      TELLTALE_VIEWER_TOKEN=VIEWER)


def sign(body, name):
    key = base64.b64decode(SECRET.removeprefix('whsec_'))
    text = b'%s.%d.%s' % (name.encode(), NOW, body)
    code = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest())
    return {'webhook-id': name, 'webhook-timestamp': str(NOW),
            'webhook-signature': 'v1,' + code.decode()}


def event(number, size=0):
    return json.dumps({'event': 'insight created', 'distinct_id': 'maya',
                       'properties': {'n': number, 'pad': 'x' * size}}
                      ).encode()


def head(serve, who, length, method=b'POST', path=b'/hook'):
    """The head of a request by someone with a token, or a bogus signature."""
    proof = {'token': b'X-Telltale-Token: ' + serve.token.encode(),
             'bogus': b'webhook-id: 1\r\nwebhook-signature: v1,AAAA',
             'nobody': b'X: y'}[who]
    return (b'%s %s HTTP/1.1\r\nHost: a\r\n%s\r\nContent-Length: %d\r\n\r\n'
            % (method, path, proof, length))


def connect(serve, unread=False):
    sock = socket.socket()
    if unread:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(t.PATIENCE)
    sock.connect(('127.0.0.1', serve.port))
    return sock


def hold(serve, who, sent, **how):
    """2 MiB are announced, and so many bytes of them sent."""
    sock = connect(serve)
    sock.sendall(head(serve, who, BODY, **how) + b'{' * sent)
    return sock


def signed(serve, number, size):
    body = event(number, size)
    return serve.request('POST', '/hook', body,
                         sign(body, 'msg_%d' % number))[0]


def with_token(serve, number, size):
    return serve.post(event(number, size))[0]


def all_answered(serve, send, count=40, hands=8):
    """Good ones of all sizes, several at once; each must be 200."""
    statuses, worst = [], [0.0]

    def work(hand):
        for number in range(hand, count, hands):
            since = time.monotonic()
            try:
                statuses.append(send(serve, number, number % 4 * 50000))
            except OSError as error:
                statuses.append(str(error))
            worst[0] = max(worst[0], time.monotonic() - since)

    threads = [threading.Thread(target=work, args=(hand,))
               for hand in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    t.row('attack', good=count, served=statuses.count(200), worst=worst[0])
    t.equal(sorted(map(str, statuses)), ['200'] * count, 'the good ones')


def close(socks):
    for sock in socks:
        sock.close()


@t.case('who announces much and sends nothing takes nothing from the signed')
def _():
    with serving() as serve:
        held = [hold(serve, 'bogus', 0) for _ in range(10)]
        all_answered(serve, signed)
        all_answered(serve, with_token)
        t.equal(serve.health(VIEWER)[1]['server']['bytes_in_flight'], 0)
        close(held)


@t.case('who sends all but the last byte goes before the signed do')
def _():
    with serving() as serve:
        held = [hold(serve, 'bogus', BODY - 1) for _ in range(12)]
        all_answered(serve, signed)
        # On a busy machine the rest of them is read behind the signed.
        t.wait_until(lambda: serve.health(VIEWER)[1]['server']['evicted'] >= 4,
                     'evictions')
        close(held)


@t.case('nine with a token, behind the same tunnel, do not stop a tenth')
def _():
    with serving() as serve:
        for sent in (0, BODY - 1):
            held = [hold(serve, 'token', sent) for _ in range(9)]
            all_answered(serve, with_token)
            all_answered(serve, signed)
            close(held)


@t.case('the body of a GET that anybody may send is a stranger\'s')
def _():
    with serving() as serve:
        held = [hold(serve, 'nobody', BODY - 1, method=b'GET',
                     path=b'/healthz') for _ in range(12)]
        all_answered(serve, with_token)
        close(held)


# --- answers that nobody reads ----------------------------------------------

LARGE = b'GET /large HTTP/1.1\r\nHost: a\r\n\r\n'
UNSENT = 32 * 1024 * 1024


def stop(server):
    status, said = server.stop()
    t.equal(status, 0, said[-2000:])
    assert 'Sanitizer' not in said, said[-2000:]


@t.case('answers that nobody reads are bounded, and who reads gets his own')
def _():
    server = Server()
    place = server.place
    unread = []
    # Some of them are in the socket, so that more are asked for at once.
    for _ in range(40):
        sock = connect(place, unread=True)
        sock.sendall(LARGE * 4)
        unread.append(sock)
        assert place.health()['unsent'] <= UNSENT
    t.wait_until(lambda: place.health()['evicted'] >= 10, 'evictions')
    # The others still wait: no more of them go than must.
    assert place.health()['unsent'] > UNSENT / 2
    with place.connect() as good:
        good.sendall(LARGE * 5)
        answers = Answers(good)
        for _ in range(5):
            status, _, body = answers.next()
            t.equal((status, len(body)), (200, 4 * 1024 * 1024))
    close(unread)
    t.wait_until(lambda: place.health()['unsent'] == 0, 'nothing left over')
    stop(server)


@t.case('an answer of which nothing is taken is given up in time')
def _():
    server = Server('--send-ms', 500)
    with connect(server.place, unread=True) as sock:
        sock.sendall(LARGE * 4)
        t.wait_until(lambda: server.place.health()['timeouts'], 'the end')
    stop(server)


@t.case('who reads slowly gets all of it')
def _():
    server = Server('--send-ms', 2000)
    with connect(server.place, unread=True) as sock:
        sock.sendall(LARGE)
        got = 0
        while got < 4 * 1024 * 1024:
            more = len(sock.recv(10000))
            assert more, 'cut off after %d bytes' % got
            got += more
    stop(server)


@t.case('who reads more slowly than a third of a large buffer in the time that '
        'there is gets all of it')
def _():
    server = Server('--send-ms', 2000)
    with server.place.connect() as sock:
        sock.sendall(LARGE * 2)
        got, begin = 0, time.monotonic()
        while got < 2 * 4 * 1024 * 1024:
            slow = time.monotonic() - begin < 7
            if slow:
                time.sleep(.1)
            more = len(sock.recv(20000 if slow else 1000000))
            assert more, 'cut off after %d bytes' % got
            got += more
    t.equal(server.place.health()['timeouts'], 0)
    stop(server)


# --- the crowd --------------------------------------------------------------

def good_post(place, number, proof, worst):
    since = time.monotonic()
    body = event(number, number % 4 * 50000)
    signed = b'X-Signed: ' + event(number) + b'\r\n'
    if proof == 'signed':
        body = event(number)
    data = place.post(body, b'' if proof == 'token' else signed,
                      token=proof == 'token')
    place.is_right(place.exchange(data), body)
    worst[0] = max(worst[0], time.monotonic() - since)


def take_place(place, number):
    """One that is no good, of five kinds."""
    kind = number % 5
    sock = connect(place, unread=kind == 2)
    if kind == 1:
        sock.sendall(b'POST /hook HTTP/1.1\r\nX: y')
    elif kind == 2:
        sock.sendall(LARGE * 4)
    elif kind == 3:
        sock.sendall(place.post(b'{', b'X-Signed: {}\r\n', token=False,
                                length=b'2097152'))
    elif kind == 4:
        sock.sendall(b'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')
    return sock


def evicted(serve):
    text = serve.request('GET', '/metrics', None,
                         {'Authorization': 'Bearer ' + VIEWER})[1].decode()
    return int(text.split('\ntelltale_http_evicted_total ')[1].split()[0])


@t.case('heads that never end are bounded in all, the longest there go first')
def _():
    raise_limit()
    with serving() as serve:
        bad, good, worst = [], 0, 0.0
        for number in range(2200):
            bad.append(connect(serve))
            bad[-1].sendall(b'POST /hook HTTP/1.1\r\nX: ' + b'y' * 15000)
            if number % 50 == 0:
                since = time.monotonic()
                t.equal(serve.post(event(number))[0], 200)
                worst = max(worst, time.monotonic() - since)
                good += 1
        t.wait_until(lambda: evicted(serve) > 0, 'some had to go')
        t.row('attack', good=good, served=good, worst=worst)
        bad[0].settimeout(t.PATIENCE)
        t.equal(bad[0].recv(100), b'')
        bad[-1].setblocking(False)
        try:
            t.equal(bad[-1].recv(100), None)
        except BlockingIOError:
            pass
        close(bad)


@t.case('among %d silent, slow, unread, announcing and idle connections the '
        'good ones are all answered' % CROWD)
def _():
    raise_limit()
    server = Server('--max-connections', SLOTS, '--delay', 2)
    place = server.place
    bad, body, good, worst = [], event(1), 0, [0.0]
    with place.connect() as kept:
        answers = Answers(kept)
        for number in range(CROWD):
            bad.append(take_place(place, number))
            if number % 20 == 0:
                good += 3
                good_post(place, number, 'token', worst)
                good_post(place, number, 'signed', worst)
                kept.sendall(place.post(body))
                place.is_right(answers.next(), body)
    t.row('attack', good=good, served=good, worst=worst[0])
    assert place.health()['connections'] <= SLOTS
    close(bad)
    stop(server)


t.run()
