"""Webhooks kept per second, beside nginx that throws them away, nginx that
appends them to a file, and where they are installed a receiver in Node that
keeps them in memory and adnanh/webhook that runs /bin/true, interleaved in one
run; of each also the p99.9 of its answers, and the share of a core that wrk
itself takes, which must be below 1 for the others to be measured. Answer times
at a steady pace: answers.py. Prints, asserts nothing.

    ingest.py [SECONDS [ROUNDS]]      each measurement, and how many of each
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

from bench import HERE, cpu_of_children, figure, median, t

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 4
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
BODY = '01_product_analytics_insight_created.json'
VIEWER = 'bench'


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
        self.name, self.word = name, words[0]
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
    """(requests a second, failures, p50 ms, p99.9 ms, share of a core)"""
    env = dict(os.environ, BENCH_BODY=os.path.join(t.FIXTURES, BODY),
               BENCH_ROUND=str(number))
    before = cpu_of_children()
    done = subprocess.run(
        ['wrk', '-t1', '-c%d' % connections, '-d%ds' % SECONDS, '-s',
         HERE + '/yardsticks/unique.lua', url],
        env=env, capture_output=True, text=True, check=False)
    found = re.search(r'RESULT (\S+) (\d+) (\d+) (\d+) (\d+)', done.stdout)
    if not found:
        raise SystemExit(done.stdout + done.stderr)
    return (float(found.group(1)), int(found.group(2)) + int(found.group(3)),
            int(found.group(4)) / 1000, int(found.group(5)) / 1000,
            (cpu_of_children() - before) / SECONDS)


def compare(targets, connections, first):
    """Measures all targets in turn, ROUNDS times; prints medians."""
    found = {name: [] for name, _, _ in targets}
    for number in range(ROUNDS):
        for name, _, url in targets:
            found[name].append(wrk(url, connections, first + number))
    print('%d keep-alive connections, 2 KB body, %d rounds of %d s' %
          (connections, ROUNDS, SECONDS))
    print('  %-24s %10s %9s %9s %11s %9s %9s' %
          ('', 'a second', 'p50 ms', 'p99.9 ms', 'telltale is', 'failures',
           'wrk'))
    for name, word, _ in targets:
        rates, failed, p50, p999, share = zip(*found[name])
        ratio = median([ours[0] / rate for ours, rate in
                        zip(found['telltale'], rates)])
        print('  %-24s %10.0f %9.2f %9.2f %10.2f× %9d %8.0f%%' %
              (name, median(rates), median(p50), median(p999), ratio,
               sum(failed), median(share) * 100))
        figure('ingest.%s.rate.%d' % (word, connections), median(rates), '/s')
        figure('ingest.%s.wrk.%d' % (word, connections), median(share),
               'cores')
        if word != 'telltale':
            figure('ingest.%s.ratio.%d' % (word, connections), ratio, 'x')


def thread_times(pid):
    """User and system seconds of each thread, in the order they began: the
    loop, the journal's writer, its reader, its syncer. Linux only."""
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
    for name, start, end in zip(('loop', 'writer', None, 'syncer'), before,
                                after):
        user, system = [(b - a) * 1e6 / max(events, 1)
                        for a, b in zip(start, end)]
        if name:
            print('CPU of the %s per event: %.1f µs of ours, %.1f µs of the '
                  'kernel' % (name, user, system))
            figure('ingest.cpu.%s' % name, user + system, 'us')
            figure('ingest.cpu.%s.kernel' % name, system, 'us')


def print_http(watch):
    """What a request costs the loop that is answered at once, of a few bytes
    and nothing to keep."""
    before = thread_times(watch.process.pid)
    done = subprocess.run(
        ['wrk', '-t1', '-c64', '-d%ds' % SECONDS,
         'http://127.0.0.1:%d/healthz' % watch.port],
        capture_output=True, text=True, check=False)
    after = thread_times(watch.process.pid)
    found = re.search(r'(\d+) requests in', done.stdout)
    if not found or not before:
        return
    user, system = [(b - a) * 1e6 / max(int(found.group(1)), 1)
                    for a, b in zip(before[0], after[0])]
    print('CPU of the loop per request of /healthz: %.1f µs of ours, %.1f µs '
          'of the kernel' % (user, system))
    figure('ingest.cpu.http', user + system, 'us')


def kept(watch):
    return watch.health(VIEWER)[1]['journal']['events']


def main():
    if not shutil.which('wrk'):
        print('wrk is not installed, which sends the webhooks')
        return
    nginx = Nginx() if shutil.which('nginx') else None
    base = 'http://127.0.0.1:%d' % (nginx.port if nginx else 0)
    with t.Telltale(command='serve', TELLTALE_VIEWER_TOKEN=VIEWER) as watch:
        hook = 'http://127.0.0.1:%d/hook/%s' % (watch.port, watch.token)
        beside = others()
        targets = [('nginx return 200', 'discard', base + '/discard'),
                   ('nginx to a file', 'append', base + '/jsonl')]
        targets = targets if nginx else []
        targets += [(other.name, other.word, other.url) for other in beside]
        targets += [('telltale', 'telltale', hook)]
        compare(targets, 16, 0)
        compare(targets, 64, ROUNDS)
        print_costs(watch)
        print_http(watch)
        for other in beside:
            other.stop()
        watch.stop()
        print('telltale: %s' % watch.stderr().splitlines()[-1])
    if nginx:
        nginx.stop()


main()
