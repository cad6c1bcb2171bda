"""What a receiver carries, for doc/capacity.md:

    tests/bench/capacity.py [--write] [VIEWERS [RATE [SECONDS]]]

(100, 500, 10) runs feed.py with no viewer, one, half of them and all, weighs
the journal that so many events leave, and prints the table; --write puts it
into the page, between its two marks, with the machine and the day. Run it on a
machine that does nothing else. Asserts nothing."""

import datetime
import json
import os
import platform
import shutil
import sys
import tempfile
import urllib.request

WRITE = '--write' in sys.argv
NUMBERS = [int(word) for word in sys.argv[1:] if word.isdigit()]
VIEWERS, RATE, SECONDS = NUMBERS + [100, 500, 10][len(NUMBERS):]
sys.argv[1:] = [str(VIEWERS), str(RATE), str(SECONDS)]

import feed  # noqa: E402  (it reads the words)

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..',
                    'doc', 'capacity.md')
BEGIN, END = '<!-- measured -->\n', '<!-- end -->\n'


def journal_bytes(events=20000):
    """A journal's bytes an event, of bodies as feed.py posts them."""
    home = tempfile.mkdtemp(prefix='telltale-bench-')
    process, port = feed.start(home)
    for start in range(0, events, 500):
        text = '[%s]' % ','.join(feed.body(number)
                                 for number in range(start, start + 500))
        urllib.request.urlopen(urllib.request.Request(
            'http://127.0.0.1:%d/hook/bench' % port, text.encode(),
            {'Content-Type': 'application/json'})).read()
    process.terminate()
    process.wait()
    size = sum(os.path.getsize(os.path.join(folder, name))
               for folder, _, names in os.walk(home) for name in names
               if name.startswith('journal'))
    shutil.rmtree(home)
    return size / events, len(json.dumps(json.loads(feed.body(0))))


def table():
    rows = [feed.measure(viewers)
            for viewers in sorted({0, 1, VIEWERS // 2, VIEWERS})]
    each = (rows[-1]['idle_mb'] - rows[0]['idle_mb']) / max(1, VIEWERS)
    size, body = journal_bytes()
    lines = [
        '%s, %d cores, load %.1f, %s: `tests/bench/capacity.py %d %d %d`' % (
            platform.machine(), os.cpu_count(), os.getloadavg()[0],
            datetime.date.today().isoformat(), VIEWERS, RATE, SECONDS), '',
        '| viewers | events/s sent | to the viewer p50 / p99 | answers p50 / '
        'p99.9 | of a core | memory |', '|---|---|---|---|---|---|']
    for row in rows:
        lines.append('| %d | %.0f | %s | %.1f / %.1f ms | %.0f %% | %.1f MB |'
                     % (row['viewers'], row['pace'],
                        '%.1f / %.1f ms' % (row['lag_p50'], row['lag_p99'])
                        if row['viewers'] else '-', row['answer_p50'],
                        row['answer_p999'], row['core'], row['busy_mb']))
    lines += ['', 'A viewer that is up to date costs %.0f KB of memory; an '
              'event of a body of %d bytes %.0f bytes of journal.' % (
                  each * 1024, body, size), '']
    return '\n'.join(lines)


def main():
    text = table()
    print(text)
    if not WRITE:
        return
    with open(PAGE, encoding='utf-8') as file:
        page = file.read()
    head, rest = page.split(BEGIN)
    tail = rest.split(END)[1]
    with open(PAGE, 'w', encoding='utf-8') as file:
        file.write(head + BEGIN + text + END + tail)


if __name__ == '__main__':
    main()
