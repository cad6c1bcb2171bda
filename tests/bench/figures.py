"""Runs the benches and makes one table of what they print: every goal beside
its yardstick from the same run, with the machine described.

    figures.py [--quick] [--large[=EVENTS]] [--write] [NAME…]

Writes figures.md and figures.json into build/ (--write: doc/figures.md too).
With NAMEs only those benches. --quick takes a fifth of the time and says less;
--large goes on to journals of 10,000,000, or of EVENTS, for which it takes
10 GB of disk, and runs once what is not about size. Nothing here can fail: a
goal that is not met is a line that says so.
"""

import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from bench import HERE, PROGRAMS, median, t

TOP = os.path.dirname(os.path.dirname(HERE))
NOTE = '# figure '

# What is run, in this order: name, and its words when all is wanted, when it
# is to be quick, and when it is to be large ({}: so many events).
BENCHES = (
    ('text', [''], [''], ['']),
    ('bare', [''], [''], ['']),
    ('decode', [''], [''], ['']),
    ('live', ['1000000'], ['200000'], ['1000000']),
    ('journal', ['100000', '10000 7', '1000000 7'], ['20000'],
     ['100000', '10000 7', '1000000 7', '{} 7', '{} 4']),
    ('ingest', ['4 3'], ['2 1'], ['4 2']),
    ('answers', ['10'], ['3'], ['10']),
    ('follow', ['4 3'], ['2 1'], ['3 2']),
    ('screen', [''], [''], ['']),
    ('million', ['10000 200 60 alone', '100000 200 60 alone', '1000000'],
     ['100000', '1000000 200 60 alone'],
     ['10000 200 60 alone', '100000 200 60 alone', '1000000',
      '{} 200 60 alone']),
    ('growth', ['10000 100000 1000000'], ['10000'],
     ['10000 100000 1000000', '{}']),
    ('crowd', ['1000 5'], ['1000 2'], ['1000 2']),
    ('queries', ['1000000'], [], ['1000000']),
    ('feed', ['50 500 5'], [], []),
    ('turns', [''], [], []),
)


class Goal:
    """A row: what, its figure, how it compares, the goal, the stretch (None:
    there is none), the yardsticks as (name, figure), and what has to be for
    the figure to mean something: (figure, at least, in words if it is not)."""

    def __init__(self, what, name, sign, goal, stretch=None, beside=(),
                 needs=None):
        self.what, self.name, self.sign = what, name, sign
        self.goal, self.stretch, self.beside = goal, stretch, beside
        self.needs = needs

    def met(self, value, limit):
        return value >= limit if self.sign == '≥' else value <= limit

    def verdict(self, value, figures):
        if value is None:
            return 'not measured'
        if self.needs:
            name, least, otherwise = self.needs
            if figures.get(name, {'value': 0})['value'] < least:
                return otherwise
        if self.stretch is not None and self.met(value, self.stretch):
            return 'met, and the stretch'
        return 'met' if self.met(value, self.goal) else '**not met**'


def ingest(connections):
    ours = ('telltale', 'ingest.telltale.rate.%d' % connections)
    for what, word, goal, stretch in (
            ('nginx appending bodies to a log', 'append', .7, 1.),
            ('nginx `return 200`', 'discard', .25, .35),
            ('Node, 100,000 in memory', 'node', 1., 1.5),
            ('adnanh/webhook, a trivial hook', 'webhook', 12., 16.)):
        yield Goal('webhooks kept a second, %d connections, against %s'
                   % (connections, what),
                   'ingest.%s.ratio.%d' % (word, connections), '≥', goal,
                   stretch,
                   (ours, (word, 'ingest.%s.rate.%d' % (word, connections))))


def to_cell(rate):
    for part, goal in (('p50', 20.), ('p99', 50.)):
        yield Goal('from POST sent to cell drawn, %d/s, %s' % (rate, part),
                   'follow.watch.cell.%s.%d' % (part, rate), '≤', goal, None,
                   [(who, 'follow.%s.cell.%s.%d' % (who, part, rate))
                    for who in ('lnav', 'multitail')])


def goals():
    yield from ingest(16)
    yield from ingest(64)
    yield Goal('answers at 1,000/s, a 200×60 board drawing, p50',
               'follow.watch.answer.p50.1000', '≤', 3.)
    yield Goal('the same, p99.9', 'follow.watch.answer.p99.9.1000', '≤', 100.)
    for word, what in (('alone', 'left alone'),
                       ('after_flood', 'within 10 s after 350,000 at once'),
                       ('backfill', 'while a backfill runs')):
        yield Goal('answers at 1,000/s, %s, p99.9' % what,
                   'answers.%s.p99.9' % word, '≤', 30.)
    yield from to_cell(100)
    yield from to_cell(1000)
    yield Goal('a key in the live filter to the first full screen, '
               '1,000,000 events', 'million.filter.first.max.1000000', '≤',
               16., None, [('lnav', 'million.lnav.filter.1000000')])
    yield Goal('the same, to the full count', 'million.filter.all.max.1000000',
               '≤', 100., None, [('lnav', 'million.lnav.filter.1000000')])
    yield Goal('following 10,000/s: share of a core beyond receiving',
               'follow.drawing.share.10000', '≤', .10, .05,
               [(who, 'follow.%s.share.10000' % who)
                for who in ('lnav', 'multitail')] +
               [('it was sent', 'follow.watch.pace.10000')],
               ('follow.watch.pace.10000', 9500, 'was sent too slowly'))
    yield Goal('following 10,000/s: lag to the screen, p50',
               'follow.watch.cell.p50.10000', '≤', 50., None,
               [(who, 'follow.%s.cell.p50.10000' % who)
                for who in ('lnav', 'multitail')])
    yield Goal('memory with 1,000,000 events in the ring',
               'million.telltale.memory.1000000', '≤', 250., None,
               [(who, 'million.%s.memory.1000000' % who)
                for who in ('lnav', 'goaccess')])
    yield Goal('first frame with 1,000,000 events in the journal',
               'million.frame.1000000', '≤', 100.)
    yield Goal('first frame with 10,000,000', 'million.frame.10000000', '≤',
               100.)
    for size in (1000000, 10000000):
        yield Goal('append to a journal of {:,}, against an empty one'
                   .format(size), 'journal.ratio.v7.%d' % size, '≥', .8)
        for word in ('prune', 'forget'):
            yield Goal('answers at 1,000/s during a {}, {:,} events, worst'
                       .format(word, size),
                       'growth.%s.%d.max' % (word, size), '≤', 100.)
    yield Goal('idle, board open: share of a core', 'screen.telltale.idle',
               '≤', .0005, None, [('htop', 'screen.htop.idle')])
    yield Goal('idle, board open: wake-ups a second',
               'screen.telltale.wakeups', '≤', 1., None,
               [('htop', 'screen.htop.wakeups')])
    yield Goal('bytes to the terminal per new row, 120×40, one column',
               'screen.bytes.1', '≤', 400.)
    yield Goal('the same, three columns', 'screen.bytes.3', '≤', 2500.)
    for kind in ('ascii', 'accented', 'cyrillic', 'indic', 'cjk', 'emoji',
                 'hostile'):
        yield Goal('sanitiser, %s text' % kind, 'text.' + kind, '≥', 300.)


GROWING = (('webhooks kept', 'growth.rate'),
           ('against an empty journal', 'growth.ratio'),
           ('append, µs an event in batches of 100', 'journal.full.v7'),
           ('append against an empty journal', 'journal.ratio.v7'),
           ('the same, uuids without order', 'journal.ratio.v4'),
           ('answers at 1,000/s, p99.9', 'growth.alone.%s.p99.9'),
           ('… while half is pruned, worst', 'growth.prune.%s.max'),
           ('… while an account is forgotten, worst',
            'growth.forget.%s.max'),
           ('first frame', 'million.frame'),
           ('filter, a key to the first screen', 'million.filter.first.max'),
           ('filter, a key to the count', 'million.filter.all.max'),
           ('memory of the board', 'million.telltale.memory'),
           ('… of that the ring', 'million.telltale.memory.ring'),
           ('… of that the journal', 'million.telltale.memory.journal'))


# --- running -----------------------------------------------------------------

def command(name, words):
    script = os.path.join(HERE, name + '.py')
    if os.path.exists(script):
        return [sys.executable, script, *words.split()]
    program = os.path.join(PROGRAMS, name)
    return [program, *words.split()] if os.path.exists(program) else None


def end_group(process):
    """What it began, too, where this was stopped in the middle."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
    except OSError:
        pass
    process.wait()


def run(name, words, figures):
    """Prints what it prints, keeps its figures."""
    words = command(name, words)
    if not words:
        print('skipped: %s is not built' % name)
        return
    begin = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True,
                               errors='replace', start_new_session=True)
    try:
        for line in process.stdout:
            if line.startswith(NOTE):
                found = json.loads(line[len(NOTE):])
                figures[found.pop('name')] = found
            else:
                print(line, end='', flush=True)
        if process.wait() != 0:
            print('it ended with %d' % process.returncode)
    finally:
        end_group(process)
    print('(%.0f s)' % (time.monotonic() - begin), flush=True)


def plan(names, options, large):
    """(name, words) of all that is to be run."""
    column = 2 if '--large' in options else 1 if '--quick' in options else 0
    return [(bench[0], words.format(large)) for bench in BENCHES
            if not names or bench[0] in names
            for words in bench[1 + column]]


def run_all(names, options, large):
    """In a folder of its own, where journals are kept from one to another,
    and which is removed however this ends."""
    figures, begin = {}, time.monotonic()
    todo = plan(names, options, large)
    with tempfile.TemporaryDirectory(prefix='telltale-') as folder:
        os.environ.update(TMPDIR=folder, BENCH_FILLED=folder)
        for number, (name, words) in enumerate(todo, 1):
            spent = int(time.monotonic() - begin)
            print('\n--- %d of %d, after %d:%02d: %s %s'
                  % (number, len(todo), spent // 60, spent % 60, name, words),
                  flush=True)
            run(name, words, figures)
    return figures


# --- the machine -------------------------------------------------------------

def first_line(*words):
    try:
        done = subprocess.run(words, capture_output=True, text=True,
                              check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0].strip() if lines else None


def read(path, pattern):
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            found = re.search(pattern, file.read(), re.M)
    except OSError:
        return None
    return found.group(1).strip() if found else None


def sync_ms():
    """The median of 200: 4 KB appended to a file and synced."""
    took = []
    with tempfile.TemporaryFile() as file:
        for _ in range(200):
            start = time.perf_counter()
            os.write(file.fileno(), bytes(4096))
            getattr(os, 'fdatasync', os.fsync)(file.fileno())
            took.append((time.perf_counter() - start) * 1000)
    return round(median(took), 3)


VERSIONS = (('nginx', '-v'), ('node', '--version'), ('webhook', '-version'),
            ('wrk', '-v'), ('lnav', '-V'), ('multitail', '-V'),
            ('goaccess', '--version'), ('htop', '--version'))


def machine():
    here = {
        'telltale': first_line(t.PROGRAM, '--version'),
        'commit': first_line('git', '-C', TOP, 'describe', '--always',
                             '--dirty'),
        'date': time.strftime('%Y-%m-%d'),
        'system': read('/etc/os-release', '^PRETTY_NAME="?([^"\n]*)') or
        platform.system(),
        'kernel': platform.release(),
        'cpu': read('/proc/cpuinfo', r'^model name\s*: (.*)') or
        platform.processor(),
        'cores': os.cpu_count(),
        'memory_mb': int(read('/proc/meminfo', r'^MemTotal:\s*(\d+)') or 0) //
        1024,
        'sync_ms': sync_ms(),
        'load_at_the_start': os.getloadavg()[0],
        'beside': {},
    }
    for name, flag in VERSIONS:
        if shutil.which(name):
            here['beside'][name] = re.sub(
                r'[^0-9.]*([0-9][0-9.]*[0-9]).*', r'\1',
                first_line(name, flag) or '?')
        else:
            here['beside'][name] = None
    return here


# --- the table ---------------------------------------------------------------

PLACES = {'x': '%.2f ×', 'cores': '%.1f %%', 'ms': '%.1f ms', '/s': '{:,.0f}/s',
          'MB': '%.0f MB', 'MB/s': '%.0f MB/s', 'bytes': '%.0f',
          'us': '%.1f µs'}


def shown(value, unit):
    if value is None:
        return '–'
    value = value * 100 if unit == 'cores' else value
    form = PLACES.get(unit, '%g')
    if unit == '/s' and value < 100:
        form = '%.2f/s'
    if unit == 'cores' and value < 1:
        form = '%.2f %%'
    return form.format(value) if '{' in form else form % value


def value_of(figures, name):
    return figures[name]['value'] if name in figures else None


def table(figures):
    """The rows as dictionaries."""
    rows = []
    for goal in goals():
        value = value_of(figures, goal.name)
        unit = figures[goal.name]['unit'] if goal.name in figures else ''
        beside = [(who, figures[name]) for who, name in goal.beside
                  if name in figures]
        rows.append({
            'what': goal.what, 'name': goal.name, 'value': value,
            'unit': unit, 'sign': goal.sign, 'goal': goal.goal,
            'stretch': goal.stretch, 'verdict': goal.verdict(value, figures),
            'beside': {who: found['value'] for who, found in beside},
            'cells': (
                goal.what,
                '%s %s%s' % (goal.sign, shown(goal.goal, unit or 'none'),
                             ' (%s)' % shown(goal.stretch, unit or 'none')
                             if goal.stretch is not None else ''),
                shown(value, unit),
                ', '.join('%s %s' % (who, shown(found['value'],
                                                found['unit']))
                          for who, found in beside) or '–',
                goal.verdict(value, figures))})
    return rows


def line(cells):
    return '| %s |' % ' | '.join(cells)


def growing(figures):
    """A column for each size that was measured."""
    sizes = sorted({int(size) for name in figures
                    for size in re.findall(r'^(?:growth|million|journal)\b.*?'
                                           r'\.(\d{5,})\b', name)})
    if not sizes:
        return []
    lines = ['', '## Growth', '', 'The same, by events in the journal.', '',
             line(['', *('{:,}'.format(size) for size in sizes)]),
             line(['---'] * (len(sizes) + 1))]
    for what, form in GROWING:
        names = [form % size if '%' in form else '%s.%d' % (form, size)
                 for size in sizes]
        if any(name in figures for name in names):
            lines.append(line([what, *(
                shown(value_of(figures, name),
                      figures.get(name, {}).get('unit')) for name in names)]))
    return lines


def senders(figures):
    """What the senders took themselves."""
    found = [(name, figures[name]['value']) for name in sorted(figures)
             if '.wrk.' in name or '.sender.' in name]
    if not found:
        return []
    return ['', '## Those who send', '',
            'Of one core, what the sender took itself, by target: below 100 % '
            'it is not what is measured.', '',
            ', '.join('%s %.0f %%' % (re.sub(r'^\w+\.|wrk\.|sender\.', '',
                                             name), value * 100)
                      for name, value in found) + '.']


# What, its figure, and what a library or the kernel takes of it at least.
COSTS = (('the loop, processor time at 64 connections', 'ingest.cpu.loop', ()),
         ('… of that the kernel: receive, send, poll',
          'ingest.cpu.loop.kernel',
          (('a request that is answered at once, all told',
            'ingest.cpu.http'),)),
         ('… of that decoding: JSON, redaction, fields, sentence',
          'decode.all',
          (('cJSON, parse and free', 'decode.cjson'),
           ('our tree, which keeps raw ranges', 'decode.tree'))),
         ('the writer, processor time: rows, packing, log',
          'ingest.cpu.writer',
          (('zstd', 'bare.zstd'),
           ('SQLite, two rows and an index, 32 in a group',
            'bare.sqlite.off.32'),
           ('8 in a group', 'bare.sqlite.off.8'))),
         ('… of that the kernel: writing the log',
          'ingest.cpu.writer.kernel', ()),
         ('the syncer, processor time', 'ingest.cpu.syncer', ()),
         ('a group waits for the disk', 'bare.sync.64',
          (('4 KB', 'bare.sync.4'),)),
         ('append and commit, 1 in a transaction', 'journal.append.1', ()),
         ('10 in one', 'journal.append.10', ()),
         ('100 in one', 'journal.append.100',
          (('SQLite, 32 in a group, synced, without packing',
            'bare.sqlite.wall.full.32'),)),
         ('500 in one', 'journal.append.500', ()))


def costs(figures):
    """What the limit is made of."""
    rows = [line([what, shown(figures[name]['value'], 'us'),
                  ', '.join('%s %s' % (part, shown(figures[alone]['value'],
                                                   'us'))
                            for part, alone in parts if alone in figures) or
                  '–'])
            for what, name, parts in COSTS if name in figures]
    if not rows:
        return []
    return ['', '## What an event costs', '',
            'Loop, writer and syncer work at the same time, on the cores that '
            'there are, which the sender needs too; an answer waits for all '
            'three, one behind the other. With N connections at most N events '
            'are under way: N divided by the time that one takes from end to '
            'end is the limit, and the disk is a part of that time.', '',
            line(['', 'an event', 'of that, alone']),
            line(['---'] * 3)] + rows


def asked(figures):
    """What a query finds in the journal."""
    rows = [line(['`%s`' % found['query'].replace('|', '\\|')
                  if found['query'] else '', found['what'],
                  '{:,}'.format(found['found']),
                  shown(figures[name.replace('.all', '.newest')]['value'],
                        'ms'),
                  shown(found['value'], 'ms')])
            for name, found in figures.items() if 'query' in found]
    if not rows:
        return []
    return ['', '## Queries', '',
            '`telltale tail QUERY` over a journal of 1,000,000 events, from '
            'its start to its end. A light query is judged by what a row '
            'shows; a deep one reads bodies.', '',
            line(['query', '', 'found', 'the newest 20', 'all']),
            line(['---'] * 5)] + rows


def told(here):
    beside = ', '.join('%s %s' % (name, version) for name, version in
                       here['beside'].items() if version)
    absent = [name for name, version in here['beside'].items() if not version]
    text = ('%s (%s) on %s: %d cores of %s, %d MB, Linux %s, %s; 4 KB synced '
            'to disk in %.2f ms; load %.1f when it began. Beside it %s.'
            % (here['telltale'], here['commit'], here['date'], here['cores'],
               here['cpu'], here['memory_mb'], here['kernel'], here['system'],
               here['sync_ms'], here['load_at_the_start'],
               beside or 'nothing'))
    if absent:
        text += ' Not installed, and left out: %s.' % ', '.join(absent)
    return text


def page(here, rows, figures):
    lines = ['# Figures', '',
             'Made by `./dev bench --write`: each goal, what was measured, '
             'and the yardstick of the same run; in brackets the stretch. '
             'What is measured how is said in HACKING.md.', '', told(here),
             '', line(['what', 'goal', 'figure', 'beside it', '']),
             line(['---'] * 5)]
    lines += [line(row['cells']) for row in rows]
    lines += costs(figures)
    lines += growing(figures)
    lines += asked(figures)
    lines += senders(figures)
    return '\n'.join(lines) + '\n'


def stop(number, frame):
    """A signal ends this as an error would: with the folder removed."""
    raise SystemExit(128 + number)


def main(words):
    large = 10000000
    for at, word in enumerate(words):
        if word.startswith('--large='):
            large, words[at] = int(word[8:]), '--large'
    options = {word for word in words if word.startswith('--')}
    names = [word for word in words if not word.startswith('--')]
    known = [bench[0] for bench in BENCHES]
    wrong = sorted(options - {'--quick', '--large', '--write'}) + \
        [name for name in names if name not in known]
    if wrong:
        raise SystemExit('bench: there is no %s; there are %s, --quick, '
                         '--large, --write' % (wrong[0], ', '.join(known)))
    if names and '--write' in options:
        raise SystemExit('bench: --write is for all of them, not for some')
    signal.signal(signal.SIGTERM, stop)
    here = machine()
    print(told(here), flush=True)
    figures = run_all(names, options, large)
    rows = [row for row in table(figures)
            if not names or row['value'] is not None]
    text = page(here, rows, figures)
    places = [os.path.join(TOP, 'build', 'figures.md')]
    if '--write' in options:
        places.append(os.path.join(TOP, 'doc', 'figures.md'))
    for place in places:
        with open(place, 'w', encoding='utf-8') as file:
            file.write(text)
    for row in rows:
        del row['cells']
    with open(os.path.join(TOP, 'build', 'figures.json'), 'w',
              encoding='utf-8') as file:
        json.dump({'machine': here, 'goals': rows, 'figures': figures}, file,
                  indent=1, ensure_ascii=False)
    print('\n' + text)


main(sys.argv[1:])
