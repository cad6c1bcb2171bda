"""How long answers take at 1,000 a second, counted from when each request was
due: left alone, while 350,000 come as fast as they are taken and in the 10 s
after that, and while a backfill is running. Prints, asserts nothing.

    answers.py [SECONDS]      of each part"""

import os
import sys

from bench import Pace, figure, note_times, step_back, t

sys.path.append(os.path.join(t.SOURCE, 'tests', 'e2e'))
from past import HOUR, Place, happened, now_ms  # noqa: E402

RATE = 1000
FLOOD = 350000
PAST = 20000
NAMES = ('insight created', 'chat with ai', 'survey launched')

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 10


def alone():
    with t.Telltale(command='serve') as serve:
        Pace(serve, RATE, 1).result()
        note_times('answers.alone', 'left alone',
                   Pace(serve, RATE, SECONDS, 10000).result())


def flooded():
    with t.Telltale(command='serve') as serve:
        flood = Pace(serve, FLOOD, 1).result()
        print('%-34s %s' % ('a flood of %d' % FLOOD, 'kept at %.0f/s, sent by %.0f %% of a core' %
                         (flood['pace'], flood['share'] * 100)))
        figure('answers.flood.rate', flood['pace'], '/s')
        note_times('answers.after_flood', 'just after it',
                   Pace(serve, RATE, SECONDS, FLOOD).result())


def backfilled():
    now = now_ms()
    past = [happened(NAMES[n % len(NAMES)], now - HOUR - n * 50)
            for n in range(PAST)]
    with Place(past) as place:
        with t.Telltale(command='serve', home=place.home) as serve:
            pace = Pace(serve, RATE, SECONDS)
            step_back()
            done = place.run('--since', '2d')
            running = pace.over()
            note_times('answers.backfill', 'while a backfill runs',
                       pace.result())
            print('%-34s %s%s' % ('', done.stdout.strip(), ', which took '
                                  'longer' if running else ''))


def main():
    for part in (alone, flooded, backfilled):
        part()


main()
