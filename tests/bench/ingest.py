"""Webhooks kept per second, beside nginx that throws them away, nginx that
appends them to a file, and where they are installed a receiver in Node that
keeps them in memory and adnanh/webhook that runs /bin/true, interleaved in one
run; then answer times at 1,000 a second. Prints, asserts nothing.

    ingest.py [SECONDS [ROUNDS]]      each measurement, and how many of each
"""

import asyncio
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), 'e2e'))
import telltale as t  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 4
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
BODY = '01_product_analytics_insight_created.json'
VIEWER = 'bench'
PACE = 1000
PACED = 10  # seconds


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Nginx:
    """One worker on a free port, in a directory of its own."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix='telltale-nginx-')
        self.port = free_port()
        with open(HERE + '/yardsticks/nginx.conf', encoding='utf-8') as file:
            text = file.read()
        user = 'user root;' if os.getuid() == 0 else ''
        for name, value in (('DIR', self.path), ('PORT', str(self.port)),
                            ('USER', user)):
            text = text.replace('@%s@' % name, value)
        with open(self.path + '/nginx.conf', 'w', encoding='utf-8') as file:
            file.write(text)
        self.process = subprocess.Popen(
            ['nginx', '-p', self.path, '-c', self.path + '/nginx.conf'],
            stderr=subprocess.DEVNULL)
        t.wait_until(self.answers, 'nginx')

    def answers(self):
        try:
            socket.create_connection(('127.0.0.1', self.port)).close()
            return True
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.path, ignore_errors=True)


class Other:
    """A server of a few words on a free port; {port} and {here} are filled
    in."""

    def __init__(self, name, path, *words):
        self.name = name
        self.port = free_port()
        self.url = 'http://127.0.0.1:%d%s' % (self.port, path)
        self.process = subprocess.Popen(
            [word.format(port=self.port, here=HERE) for word in words],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        t.wait_until(self.answers, name)

    answers = Nginx.answers

    def stop(self):
        self.process.terminate()
        self.process.wait()


def others():
    """What else is installed."""
    kinds = (('node, 100,000 in memory', '/', 'node',
              '{here}/yardsticks/ring.js', '{port}'),
             ('webhook, /bin/true', '/hooks/true', 'webhook', '-hooks',
              '{here}/yardsticks/hooks.json', '-ip', '127.0.0.1', '-port',
              '{port}'))
    return [Other(*kind) for kind in kinds if shutil.which(kind[2])]


def wrk(url, connections, number):
    """(requests a second, failures, p50 ms, p99.9 ms)"""
    env = dict(os.environ, BENCH_BODY=os.path.join(t.FIXTURES, BODY),
               BENCH_ROUND=str(number))
    done = subprocess.run(
        ['wrk', '-t1', '-c%d' % connections, '-d%ds' % SECONDS, '-s',
         HERE + '/yardsticks/unique.lua', url],
        env=env, capture_output=True, text=True, check=False)
    found = re.search(r'RESULT (\S+) (\d+) (\d+) (\d+) (\d+)', done.stdout)
    if not found:
        raise SystemExit(done.stdout + done.stderr)
    return (float(found.group(1)), int(found.group(2)) + int(found.group(3)),
            int(found.group(4)) / 1000, int(found.group(5)) / 1000)


def compare(targets, connections, first):
    """Measures all targets in turn, ROUNDS times; prints medians."""
    rates = {name: [] for name, _ in targets}
    times = {name: [] for name, _ in targets}
    failures = dict.fromkeys(rates, 0)
    for number in range(ROUNDS):
        for name, url in targets:
            rate, failed, p50, p999 = wrk(url, connections, first + number)
            rates[name].append(rate)
            times[name].append((p50, p999))
            failures[name] += failed
    ours = rates['telltale']
    print('%d keep-alive connections, 2 KB body, %d rounds of %d s' %
          (connections, ROUNDS, SECONDS))
    print('  %-24s %10s %9s %9s %11s %9s' %
          ('', 'a second', 'p50 ms', 'p99.9 ms', 'telltale is', 'failures'))
    for name, _ in targets:
        ratios = [mine / other for mine, other in zip(ours, rates[name])]
        print('  %-24s %10.0f %9.2f %9.2f %10.2f× %9d' %
              (name, statistics.median(rates[name]),
               statistics.median(p for p, _ in times[name]),
               statistics.median(p for _, p in times[name]),
               statistics.median(ratios), failures[name]))


def thread_times(pid):
    """User and system seconds of each thread, in the order they began: the
    loop, the journal's writer, its reader. Linux only."""
    times = []
    try:
        for task in sorted(os.listdir('/proc/%d/task' % pid), key=int):
            with open('/proc/%d/task/%s/stat' % (pid, task)) as file:
                fields = file.read().rsplit(')', 1)[1].split()
            times.append([int(fields[n]) / os.sysconf('SC_CLK_TCK')
                          for n in (11, 12)])
    except OSError:
        pass
    return times


def print_costs(watch):
    """What an event costs each thread, 64 connections."""
    before, events = thread_times(watch.process.pid), kept(watch)
    wrk('http://127.0.0.1:%d/hook/%s' % (watch.port, watch.token), 64,
        2 * ROUNDS)
    after, events = thread_times(watch.process.pid), kept(watch) - events
    for name, start, end in zip(('loop', 'writer'), before, after):
        user, system = [(b - a) * 1e6 / max(events, 1)
                        for a, b in zip(start, end)]
        print('CPU of the %s per event: %.1f µs of ours, %.1f µs of the '
              'kernel' % (name, user, system))


def kept(watch):
    return watch.health(VIEWER)[1]['journal']['events']


async def sender(port, token, jobs, took):
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    while True:
        due = await jobs.get()
        if due is None:
            break
        body = next_body()
        writer.write(b'POST /hook/%s HTTP/1.1\r\nHost: a\r\nContent-Type: '
                     b'application/json\r\nContent-Length: %d\r\n\r\n%s' %
                     (token.encode(), len(body), body))
        head = await reader.readuntil(b'\r\n\r\n')
        length = int(re.search(rb'(?i)content-length: (\d+)', head).group(1))
        await reader.readexactly(length)
        took.append((time.perf_counter() - due) * 1000)
    writer.close()


FIXTURE = t.fixture(BODY)
AT = FIXTURE.index(b'"uuid":"') + 8


def next_body():
    return FIXTURE[:AT] + str(t.uuid.uuid4()).encode() + FIXTURE[AT + 36:]


async def paced(port, token):
    """Answer times, counted from when each request was due."""
    jobs, took = asyncio.Queue(), []
    senders = [asyncio.create_task(sender(port, token, jobs, took))
               for _ in range(16)]
    start = time.perf_counter()
    for number in range(PACE * PACED):
        due = start + number / PACE
        delay = due - time.perf_counter()
        if delay > 0:
            await asyncio.sleep(delay)
        jobs.put_nowait(max(due, time.perf_counter() - 0.5))
    for _ in senders:
        jobs.put_nowait(None)
    await asyncio.gather(*senders)
    return sorted(took)


def print_times(watch, what):
    took = asyncio.run(paced(watch.port, watch.token))
    points = [took[min(len(took) - 1, int(len(took) * p))]
              for p in (0.5, 0.9, 0.99, 0.999, 1)]
    print('%s at %d a second for %d s, ms: p50 %.2f  p90 %.2f  p99 %.2f  '
          'p99.9 %.2f  worst %.2f' % (what, PACE, PACED, *points))


def main():
    nginx = Nginx()
    base = 'http://127.0.0.1:%d' % nginx.port
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as watch:
        hook = 'http://127.0.0.1:%d/hook/%s' % (watch.port, watch.token)
        beside = others()
        targets = [('nginx return 200', base + '/discard'),
                   ('nginx to a file', base + '/jsonl')]
        targets += [(other.name, other.url) for other in beside]
        targets += [('telltale', hook)]
        compare(targets, 16, 0)
        compare(targets, 64, ROUNDS)
        print_costs(watch)
        for other in beside:
            other.stop()
        watch.stop()
        print('telltale: %s' % watch.stderr().splitlines()[-1])
    nginx.stop()
    with t.Telltale(command='serve') as watch:
        print_times(watch, 'answers of telltale')


main()
