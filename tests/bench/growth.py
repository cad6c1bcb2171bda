"""What a journal costs that is large: growth.py [EVENTS…] (10000 100000
1000000) makes one of each size, and prints how many webhooks a second it
takes, against an empty one in the same round, and how long answers take at
1,000 a second while nothing else is done, while half of it is pruned, and
while an account of thirty is forgotten; the last two are watched for a minute,
or for $BENCH_WATCH seconds. Prints, asserts nothing."""

import os
import subprocess
import sys
import time

from bench import PROGRAMS, Pace, figure, median, memory_mb, note_times, t

SIZES = [int(word) for word in sys.argv[1:]] or [10000, 100000, 1000000]
RATE, SECONDS = 1000, 5
FLOOD, ROUNDS = 60000, 2
EACH_MS = 200  # from one event to the next, as filled makes them
WATCH = float(os.environ.get('BENCH_WATCH', '60'))
FORGOTTEN = '0190aaaa-0000-0000-0000-000000000007'


def filled(size):
    home = t.Home()
    os.makedirs(home.state)
    start = time.monotonic()
    subprocess.run([os.path.join(PROGRAMS, 'filled'), home.journal,
                    str(size)], check=True)
    print('%d events written in %.1f s, %.0f bytes each' %
          (size, time.monotonic() - start,
           os.path.getsize(home.journal) / size), flush=True)
    return home


def flood(home, number):
    """Webhooks a second."""
    with t.Telltale(command='serve', home=home) as serve:
        return Pace(serve, FLOOD, 1, number).result()['pace']


def floods(home, size):
    """Against an empty journal, in turn."""
    ratios, rates = [], []
    for number in range(ROUNDS):
        empty = t.Home()
        fresh = flood(empty, 0)
        empty.remove()
        rates.append(flood(home, 10 * size + number * FLOOD))
        ratios.append(rates[-1] / fresh)
    print('%-34s %.0f a second, %.2f of an empty one' %
          ('%d events: kept' % size, median(rates), median(ratios)),
          flush=True)
    figure('growth.rate.%d' % size, median(rates), '/s')
    figure('growth.ratio.%d' % size, median(ratios), 'x')


def paced(serve, name, what, until=None):
    """Answer times meanwhile; again and again until it is over."""
    worst, number, begin = None, 0, time.monotonic()
    while True:
        result = Pace(serve, RATE, SECONDS, (1 << 40) + number).result()
        number += RATE * SECONDS
        if not worst or result['p99.9'] > worst['p99.9']:
            worst = result
        if not until or until() or time.monotonic() - begin > WATCH:
            break
    note_times(name, '%s (%.0f s%s)' % (
        what, time.monotonic() - begin,
        '' if not until or until() else ', not over'), worst)


def measure(size):
    home = filled(size)
    floods(home, size)
    with t.Telltale(command='serve', home=home) as serve:
        paced(serve, 'growth.alone.%d' % size, 'left alone')
        forget = subprocess.Popen(
            [t.PROGRAM, 'forget', '--yes', FORGOTTEN], env=home.env,
            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        paced(serve, 'growth.forget.%d' % size, 'an account is forgotten',
              lambda: forget.poll() is not None)
        forget.terminate()
        forget.wait()
    home.write('config/telltale/config.ini', '[journal]\nkeep = %dm\n' %
               max(size * EACH_MS // 2 // 60000, 1))
    with t.Telltale(command='serve', home=home) as serve:
        paced(serve, 'growth.prune.%d' % size, 'half of it is pruned',
              lambda: 'older than keep are deleted' in serve.stderr())
        print('%-34s %s; RSS %.0f MB' % (
            '', ', '.join(line for line in serve.stderr().splitlines()
                          if 'deleted' in line),
            memory_mb(serve.process.pid)), flush=True)
    home.remove()


for each in SIZES:
    measure(each)
