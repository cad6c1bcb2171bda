"""An exported journal, imported into an empty one, concludes the same: the
demo's book, three months of it, of two seeds."""

import json
import os
import sqlite3
import subprocess

import telltale as t

KEEP = {'TELLTALE_JOURNAL_KEEP': '400d'}


def state(journal):
    """(last event or tick, how far the signals are)."""
    return t.select(
        journal,
        'SELECT max(coalesce((SELECT max(seq) FROM events), 0), '
        'coalesce((SELECT max(seq) FROM ticks), 0)), coalesce((SELECT seq '
        "FROM cursors WHERE reader = 'signals'), 0)")[0]


def is_done(journal):
    try:
        last, done = state(journal)
    except sqlite3.OperationalError:  # it is not there yet
        return False
    return last and done >= last


def lines(home, journal, *words):
    done = home.run(*words, '--journal', journal)
    t.equal(done.returncode, 0, done.stderr)
    return done.stdout


def concluded(home, journal):
    """The signals, without the numbers of one journal alone; evidence by
    where the events were first kept."""
    signals = [json.loads(line) for line in lines(
        home, journal, 'signals', '--json', '--all').splitlines()]
    origins = {event['seq']: (event['origin']['id'], event['origin']['seq'])
               for event in map(json.loads, lines(
                   home, journal, 'export').splitlines())
               if 'event' in event}
    for signal in signals:
        del signal['id'], signal['seq']
        signal['evidence'] = sorted(origins[seq] for seq in
                                    signal['evidence'])
    return sorted(json.dumps(signal, sort_keys=True) for signal in signals)


def demo_journal(home, seed):
    """What a demo kept, and what it concluded from it."""
    home.env['TMPDIR'] = home.path
    demo = subprocess.Popen(
        [t.PROGRAM, 'demo', '--plain', '--rate', '1', '--seed', seed],
        env=home.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL)
    try:
        folder = t.wait_until(
            lambda: [name for name in os.listdir(home.path)
                     if name.startswith('telltale-demo-')], 'its journal')[0]
        journal = os.path.join(home.path, folder, 'journal.db')

        def settled():
            if not is_done(journal):
                return None
            before = state(journal)
            found = (lines(home, journal, 'export'),
                     concluded(home, journal))
            kinds = {json.loads(signal)['kind'] for signal in found[1]}
            # The past is told once its stories are.
            return found if state(journal) == before and len(
                kinds) >= 7 else None
        return t.wait_until(settled, 'the stories', 4 * t.PATIENCE)
    finally:
        demo.terminate()
        demo.communicate(timeout=t.PATIENCE)


def check_replay(seed):
    # Nothing is deleted for its age: what is gone cannot be replayed.
    home, other = t.Home(**KEEP), t.Home(**KEEP)
    text, signals = demo_journal(home, seed)
    done = other.run('import', other.write('demo.jsonl', text),
                     timeout=4 * t.PATIENCE)
    t.equal(done.returncode, 0, done.stdout + done.stderr)
    t.note(done.stdout)
    with t.Telltale(command='serve', home=other):
        t.wait_until(lambda: is_done(other.journal), 'the signals')
    again = concluded(other, other.journal)
    t.note('%d signals of %d lines' % (len(signals), text.count('\n')))
    t.equal([each for each in again if each not in signals], [])
    t.equal([each for each in signals if each not in again], [])
    t.equal(len(again), len(signals))
    home.remove()
    other.remove()


@t.case('a book of three months concludes the same when it is replayed')
def _():
    check_replay('1')


@t.case('so does that of another seed')
def _():
    check_replay('2')


t.run()
