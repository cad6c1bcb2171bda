"""How fast NATS is published to and read along: `publish.py [EVENTS]` (50000)
posts so many events of 2 KB to a receiver while there is no NATS, then starts
one server, or three that keep each message three times, and prints how fast
what waits is acknowledged, how fast a board that begins with all of it has it
in its journal, how long an event takes from its POST to there, and what each
process takes when nothing comes. Asserts nothing."""

import json
import os
import sys
import time
import uuid

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                             '..', 'e2e'))
os.environ.setdefault('TESTS_PATIENCE', '120')
os.environ.setdefault('TESTS_BUILD', 'build/release')
import bench  # noqa: E402
import jetstream as js  # noqa: E402
import stream  # noqa: E402
import telltale as t  # noqa: E402

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 50000


def body(count):
    return json.dumps([
        {'event': 'insight created', 'distinct_id': 'p%d' % (n % 500),
         'uuid': str(uuid.uuid4()),
         'properties': {'text': os.urandom(850).hex()}}
        for n in range(count)])


def say(what, value, unit):
    print('%-58s %10s %s' % (what, value, unit), flush=True)


def fill(serve):
    began = time.monotonic()
    for _ in range(EVENTS // 250):
        t.equal(serve.post(body(250))[0], 200)
    say('posted, with no NATS there', '%d' % (
        EVENTS / (time.monotonic() - began)), 'events/s')


def idle(name, process, seconds=20):
    used, woken = bench.cpu(process.pid), bench.woken(process.pid)
    time.sleep(seconds)
    used = bench.cpu(process.pid) - used
    woken = bench.woken(process.pid) - woken
    say(name + ', idle', '%.2f' % (woken / seconds), 'wake-ups/s')
    say(name + ', idle', '%.2f' % (100 * used / seconds), '% of a core')
    say(name, '%d' % bench.memory_mb(process.pid), 'MiB')


def latency(serve, viewer, count=200):
    """POST to the viewer's journal, one at a time."""
    found = []
    have = stream.seen(viewer)
    for number in range(count):
        since = time.monotonic()
        t.equal(serve.post(body(1))[0], 200)
        while stream.seen(viewer) < have + number + 1:
            time.sleep(0.001)
        found.append((time.monotonic() - since) * 1000)
    found.sort()
    say('POST to a board\'s journal, half', '%.1f' % found[count // 2], 'ms')
    say('POST to a board\'s journal, 99 of 100',
        '%.1f' % found[count * 99 // 100], 'ms')


def waiting(serve):
    return stream.metrics(serve, 'publish_waiting_events')


def measure(title, servers, url):
    print('\n' + title, flush=True)
    home = t.Home(TELLTALE_VIEWER_TOKEN='looks')
    with stream.serving(url, home=home) as serve:
        fill(serve)
        servers()
        t.wait_until(lambda: stream.metrics(serve, 'publish_up') and
                     waiting(serve) < EVENTS, 'the link')
        left, began = waiting(serve), time.monotonic()
        t.wait_until(lambda: not waiting(serve), 'the end')
        say('published and acknowledged', '%d' % (
            left / (time.monotonic() - began)), 'events/s')
        with stream.viewing(url) as viewer:
            began = time.monotonic()
            t.wait_until(lambda: stream.seen(viewer) >= EVENTS, 'the end')
            say('read along into a journal', '%d' % (
                EVENTS / (time.monotonic() - began)), 'events/s')
            latency(serve, viewer)
            idle('publishing', serve.process)
            idle('reading along', viewer.process)
    home.remove()


def main():
    why = js.missing()
    if why:
        raise SystemExit(why)
    with js.Server() as server:
        server.kill()
        measure('One server', server.start, server.url())
    with js.Cluster() as cluster:
        for server in cluster.servers:
            server.kill()

        def start():
            for each in cluster.servers:
                each.start(wait=False)

        measure('Three servers, each message three times', start,
                cluster.url())


if __name__ == '__main__':
    main()
