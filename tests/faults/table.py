"""The table of ./dev faults: runs what does something to a receiver, and
prints what each left, a row a fault and a row an attack, as the tests say it
(`# row …`, see telltale.py). Ends with 1 if a test failed, an event was there
twice, more were lost than the fault itself destroyed (a journal cut short:
"allowed"), or a good request was not served. `table.py [NAME…]` runs only
those whose path has the name in it.
Not a test of its own: `make check` runs the same programs."""

import json
import os
import subprocess
import sys

SOURCE = os.environ['TESTS_SRC']
BUILD = os.environ['TESTS_BUILD']
RUN = ['tests/faults/kill_journal', 'tests/e2e/kill.py', 'tests/faults/disk.py',
       'tests/faults/files.py', 'tests/e2e/mirror_faults.py',
       'tests/e2e/service.py', 'tests/e2e/nats_faults.py', 'tests/e2e/cut.py',
       'tests/e2e/http_crowd.py', 'tests/e2e/http_pipeline.py']
FAULT = ('sent', 'acknowledged', 'kept', 'doubled', 'lost', 'allowed')
ATTACK = ('good', 'served')


def output_of(name):
    """Lines of one program, as they come; the last one is its exit code."""
    words = ([sys.executable, os.path.join(SOURCE, name)]
             if name.endswith('.py') else [os.path.join(BUILD, name)])
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True,
                          errors='replace', cwd=BUILD) as process:
        yield from (line.rstrip('\n') for line in process.stdout)
    yield process.returncode


def gather(name, rows, failed):
    for line in output_of(name):
        if line and not isinstance(line, str):
            failed.append('%s ends with %d' % (name, line))
        elif isinstance(line, str) and line.startswith('# row '):
            rows.append(json.loads(line[len('# row '):]))
        elif isinstance(line, str) and line.startswith('not ok'):
            failed.append('%s: %s' % (name, line))


def seconds(row):
    worst = row.get('worst')
    return '' if worst is None else '%d ms' % (worst * 1000)


def print_table(title, rows, columns):
    """The case and its figures; the longest case sets the width."""
    if not rows:
        return
    width = max(len(row['case']) for row in rows + [{'case': title}])
    print('\n%-*s %s %13s' % (width, title, ' '.join(
        '%12s' % name for name in columns), 'worst answer'))
    for row in rows:
        print('%-*s %s %13s' % (width, row['case'], ' '.join(
            '%12s' % row.get(name, '') for name in columns), seconds(row)))
    print('%-*s %s' % (width, 'in all', ' '.join(
        '%12d' % sum(row.get(name, 0) for row in rows)
        for name in columns)))


def main(names):
    rows, failed = [], []
    for name in RUN:
        if not names or any(part in name for part in names):
            print('faults: ' + name, file=sys.stderr, flush=True)
            gather(name, rows, failed)
    faults = [row for row in rows if row['kind'] == 'fault']
    attacks = [row for row in rows if row['kind'] == 'attack']
    print_table('fault', faults, FAULT)
    print_table('attack', attacks, ATTACK)
    doubled = sum(row['doubled'] for row in faults)
    lost = sum(max(0, row['lost'] - row.get('allowed', 0)) for row in faults)
    unserved = sum(row['good'] - row['served'] for row in attacks)
    print('\n%d faults: %d events doubled, %d lost beyond what was destroyed. '
          '%d attacks: %d good requests not served. %d tests failed.' %
          (len(faults), doubled, lost, len(attacks), unserved, len(failed)))
    for line in failed:
        print('  ' + line)
    return 1 if failed or doubled or lost or unserved or not rows else 0


sys.exit(main(sys.argv[1:]))
