"""What holds the loop up: `turns.py [PART…]` does one thing after the other
to a `serve` of its own and prints how long its turns took, as /metrics says
it: how many, how many over 5 and over 25 ms, and the longest. Nothing should
take more than 5 ms at a time, on a machine that does nothing else. Asserts
nothing; with PARTs only what has one of them in its name."""

import json
import os
import re
import signal
import sys
import uuid

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                             '..', 'e2e'))
import telltale as t  # noqa: E402

VIEWER = 'turns-viewer'
HEADER = 'organization_id,organization_name\n'
BOOK = 'config/telltale/accounts.csv'

_parts = []


def part(name):
    def register(function):
        _parts.append((name, function))
        return function
    return register


def get(serve, path):
    status, body = serve.request('GET', path, None,
                                 {'Authorization': 'Bearer ' + VIEWER})
    t.equal(status, 200, path)
    return body.decode()


def turns(serve):
    """(turns, over 5 ms, over 25 ms, longest in ms)"""
    text = get(serve, '/metrics')
    upto = {float(bound): int(count) for bound, count in re.findall(
        r'loop_turn_seconds_bucket\{le="([\d.]+)"\} (\d+)', text)}
    count = int(re.search(r'loop_turn_seconds_count (\d+)', text).group(1))
    most = float(re.search(r'loop_turn_max_seconds ([\d.]+)', text).group(1))
    return count, count - upto[0.005], count - upto[0.025], most * 1000


def fill(serve, count=2000):
    """Events, 50 in a body."""
    for number in range(0, count, 50):
        body = json.dumps([json.loads(t.body(
            distinct_id='d%d' % n, user_email='p%d@c.example' % n,
            properties={'n': n, 'text': 'of no importance ' * 20}))
            for n in range(number, number + 50)])
        t.equal(serve.post(body)[0], 200)


@part('a start, and nothing else')
def _(serve):
    pass


@part('2,000 posts, one by one')
def _(serve):
    for _ in range(2000):
        t.equal(serve.post(t.body())[0], 200)


@part('40 bodies of 50 events')
def _(serve):
    fill(serve)


@part('10 bodies of 2 MB, one event')
def _(serve):
    for _ in range(10):
        t.equal(serve.post(t.body(properties={'x': 'y' * 1900000}))[0], 200)


@part('10 bodies of 1,000 events')
def _(serve):
    for _ in range(10):
        body = json.dumps([json.loads(t.body()) for _ in range(1000)])
        serve.post(body)  # late is late, not wrong


@part('5 bodies of 10,000 events')
def _(serve):
    for _ in range(5):
        body = json.dumps([{'uuid': str(uuid.uuid4()), 'event': 'e'}
                           for _ in range(10000)])
        serve.post(body)


@part('5 bodies of 2 MB that are refused')
def _(serve):
    for _ in range(5):
        t.equal(serve.post('{"event": "' + 'p' * 2000000)[0], 400)


@part('100 bodies that are refused')
def _(serve):
    for _ in range(100):
        t.equal(serve.post('{"event": ' + '[' * 60000)[0], 400)


@part('GET /events, all of 2,000')
def _(serve):
    fill(serve)
    for _ in range(5):
        get(serve, '/events?limit=2000')


@part('GET /events, a costly filter')
def _(serve):
    fill(serve)
    get(serve, '/events?limit=2000&q=%2F(a%2B)%2Bb%2F')


@part('a book of 200,000 rows, read again')
def _(serve):
    serve.home.write(BOOK, HEADER + ''.join(
        'org-%d,Account %d\n' % (n, n) for n in range(200000)))
    serve.process.send_signal(signal.SIGHUP)
    t.wait_until(lambda: 'read again: 200000' in serve.stderr(), 'the book')


@part('forget, among 2,000 events')
def _(serve):
    fill(serve)
    t.equal(serve.home.run('forget', '--yes', 'p7@c.example').returncode, 0)


@part('200 refused bodies, decoded again')
def _(serve):
    for _ in range(200):
        t.equal(serve.post('{"event": ' + 'x' * 60000)[0], 400)
    t.equal(serve.home.run('tail', '--rejects', '--retry', '-n', '1')
            .returncode, 0)


def main(names):
    print('%-40s %8s %8s %8s %10s' % ('', 'turns', '> 5 ms', '> 25 ms',
                                      'longest'))
    for name, run in _parts:
        if names and not any(word in name for word in names):
            continue
        home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
        with t.Telltale(command='serve', home=home) as serve:
            run(serve)
            print('%-40s %8d %8d %8d %7.1f ms' % (name, *turns(serve)),
                  flush=True)
        home.remove()


main(sys.argv[1:])
