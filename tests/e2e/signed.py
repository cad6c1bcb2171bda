"""Webhooks that carry a signature instead of the token."""

import base64
import hashlib
import hmac
import json
import select
import socket

import telltale as t

SECRET = 'whsec_cG9zdGhvZy1hY3Rpdml0eS1maXh0dXJlLXNlY3JldCE='
OTHER = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
NOW = 1789376400
CLOCK = '2026-09-14T09:00:00Z'
CONNECTIONS = 16


def signing(secrets=SECRET, config=None):
    return t.Telltale(command='serve', TELLTALE_SIGNING_SECRET=secrets,
                      TELLTALE_CLOCK=CLOCK, config=config)


def sign(body, name, at=NOW, secret=SECRET):
    key = base64.b64decode(secret.removeprefix('whsec_'))
    text = b'%s.%d.%s' % (name.encode(), at, body)
    code = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest())
    return {'webhook-id': name, 'webhook-timestamp': str(at),
            'webhook-signature': 'v1,' + code.decode()}


def post(serve, body, headers):
    return serve.request('POST', '/hook', body, headers)[0]


def fixture_headers(name):
    lines = t.fixture('signed_%s.headers' % name).decode().splitlines()
    return dict(line.split(': ', 1) for line in lines if line)


@t.case('a good signature is as good as the token, any other is 401')
def _():
    body = t.fixture('signed_body.json')
    with signing() as serve:
        for name, wanted in (('good', 200), ('retry', 200), ('missing', 401),
                             ('old', 401), ('wrong', 401)):
            t.equal(post(serve, body, fixture_headers(name)), wanted, name)
        t.equal(post(serve, body, {}), 401, 'no headers at all')
        t.equal(post(serve, body + b' ', fixture_headers('good')), 401,
                'another body')
        t.equal(serve.post(body)[0], 200, 'the token still works')


@t.case('without a signing secret a signature opens nothing')
def _():
    body = t.fixture('signed_body.json')
    with t.Telltale(command='serve', TELLTALE_CLOCK=CLOCK) as serve:
        t.equal(post(serve, body, fixture_headers('good')), 401)


@t.case('several secrets and several signatures work while they are changed')
def _():
    body = b'{"event":"insight created"}'
    with signing(OTHER + ' ' + SECRET) as serve:
        both = sign(body, 'msg_1')
        other = sign(body, 'msg_1', secret=OTHER)
        t.equal(post(serve, body, both), 200, 'the second secret')
        t.equal(post(serve, body, other), 200, 'the first secret')
        both['webhook-signature'] = 'v1,AAAA ' + both['webhook-signature']
        t.equal(post(serve, body, both), 200, 'the second signature')
        for at, wanted in ((NOW - 299, 200), (NOW + 299, 200),
                           (NOW - 301, 401), (NOW + 301, 401)):
            t.equal(post(serve, body, sign(body, 'msg_2', at)), wanted, at)


@t.case('a large body is judged like any other, on a thread')
def _():
    large = json.dumps({'event': 'insight created',
                        'x': 'of no importance ' * 60000}).encode()
    with signing(OTHER + ' ' + SECRET) as serve:
        t.equal(post(serve, large, sign(large, 'msg_4')), 200)
        t.equal(post(serve, large, sign(large, 'msg_4')), 200, 'again')
        t.equal(post(serve, large, sign(large + b' ', 'msg_5')), 401)
        t.equal(post(serve, large[:-1], sign(large[:-1], 'msg_6')), 400)
        home = serve.home
        t.equal(len(home.tail()), 1)
        rejects = [json.loads(line) for line in home.run(
            'tail', '--rejects', '--json').stdout.splitlines()]
        t.equal([(one['status'], one['size']) for one in rejects],
                [(401, 0), (400, len(large) - 1)])
    home.remove()


@t.case('a signed retry without a uuid is one event')
def _():
    body = b'{"event":"insight created","distinct_id":"maya"}'
    with signing() as serve:
        t.equal(post(serve, body, sign(body, 'msg_3')), 200)
        t.equal(post(serve, body, sign(body, 'msg_3', NOW + 5)), 200)
        t.equal(post(serve, body, sign(body, 'msg_4')), 200)
        done = serve.home.run('tail', '--json', '-n', 'all')
        t.equal(len(done.stdout.splitlines()), 2, 'events')


def hold(serve, number):
    """A body of 2 MiB that nothing authenticates yet, but for its end."""
    peer = socket.create_connection(('127.0.0.1', serve.port), t.PATIENCE)
    peer.sendall(b'POST /hook HTTP/1.1\r\nHost: a\r\n'
                 b'webhook-id: %d\r\nwebhook-signature: v1,AAAA\r\n'
                 b'Content-Length: 2097152\r\n\r\n' % number
                 + b'{' * 2097151)
    return peer


@t.case('strangers who claim to sign crowd out each other, and nobody else')
def _():
    body = json.dumps({'event': 'insight created'}).encode()
    with signing() as serve:
        held = [hold(serve, number) for number in range(12)]  # 8 have room
        refused = select.select(held, [], [], t.PATIENCE)[0]
        assert refused, 'nobody was refused'
        answer = refused[0].recv(4096)
        t.equal(answer.split(b' ')[1], b'503')
        assert b'Retry-After' in answer, answer
        t.equal(serve.post(t.body())[0], 200, 'the token')
        for number in range(20):
            t.equal(post(serve, body, sign(body, 'msg_%d' % number)), 200,
                    'a signed one')
        for peer in held:
            peer.close()


@t.case('nor by holding every connection open')
def _():
    few = ('[receiver]\nbody_time = 10m\nmax_connections = %d\n'
           % CONNECTIONS)
    with signing(config=few) as serve:
        held = []
        for number in range(CONNECTIONS):
            peer = socket.create_connection(('127.0.0.1', serve.port),
                                            t.PATIENCE)
            peer.sendall(b'POST /hook HTTP/1.1\r\nHost: a\r\n'
                         b'webhook-signature: v1,AAAA\r\n'
                         b'Content-Length: 2\r\n\r\n{')
            held.append(peer)

        def let_in():
            try:
                return serve.post(t.body())[0] == 200
            except OSError:
                return False

        # Long before the time for a body is up.
        t.wait_until(let_in, 'room for who has the token')
        for peer in held:
            peer.close()


t.run()
