"""What was kept of a receiver before it was restored from an older copy, and
what it took since, has the same numbers there: by a stream, by exports and by
`tail --source` each event comes once, whatever comes first, and comes again."""

import glob
import itertools
import json
import os
import shutil
import uuid

import jetstream as js
import telltale as t
from board import rows

WHO = 'SELECT i.person_id FROM events e JOIN identities i ON i.id = e.who'
BEFORE, COUNT = 4, 7


def post(serve, name, count):
    """Every other has no uuid."""
    many = [{'event': 'thing', 'distinct_id': name + str(n),
             'uuid': str(uuid.uuid4()) if n % 2 else None}
            for n in range(count)]
    t.equal(serve.post(json.dumps(many))[0], 200)


def names(*parts):
    return sorted(name + str(n) for name, count in parts for n in range(count))


ALL = names(('a', BEFORE), ('b', COUNT), ('c', COUNT))


def who(home):
    if not rows(home.journal):
        return []
    return sorted(name for name, in t.select(home.journal, WHO))


def copied(home):
    os.mkdir(home.path + '/copy')
    for file in glob.glob(home.journal + '*'):
        shutil.copy(file, home.path + '/copy')


def restored(home):
    for file in glob.glob(home.journal + '*'):
        os.unlink(file)
    for file in glob.glob(home.path + '/copy/*'):
        shutil.copy(file, home.state)


def exported(home, *words):
    done = home.run('export', *words)
    t.equal(done.returncode, 0, done.stderr)
    return done.stdout


def imported(home, *texts):
    for number, text in enumerate(texts):
        done = home.run('import', home.write('lines%d' % number, text))
        t.equal(done.returncode, 0, done.stdout + done.stderr)


def two_lives():
    """What it exports before it is restored, and later."""
    home = t.Home()
    with t.Telltale(command='serve', home=home) as serve:
        post(serve, 'a', BEFORE)
        t.equal(serve.stop(), 0)
        copied(home)
        serve.start()
        post(serve, 'b', COUNT)
        t.equal(serve.stop(), 0)
        first = exported(home)
        restored(home)
        serve.start()
        post(serve, 'c', COUNT)
        t.equal(serve.stop(), 0)
        second = exported(home)
    home.remove()
    return first, second


@t.case('exports of both its lives come to one journal once, in any order, '
        'again and again, and from there to another')
def _():
    lives = two_lives()
    for order in itertools.permutations(lives):
        home, other = t.Home(), t.Home()
        imported(home, *order)
        t.equal(who(home), ALL)
        imported(home, *order, *lives)
        t.equal(who(home), ALL)
        newest = t.select(home.journal, WHO + ' JOIN origins o ON o.id = '
                         'e.origin WHERE o.journal = (SELECT o.journal FROM '
                         'origins o JOIN events e ON o.id = e.origin GROUP BY '
                         '1 ORDER BY count(*) DESC LIMIT 1)')
        t.equal(sorted(name for name, in newest),
                names(('a', BEFORE), ('c', COUNT)))
        imported(other, exported(home), exported(home))
        t.equal(who(other), ALL)
        home.remove()
        other.remove()


@t.case('tail --source of a file with both prints each once')
def _():
    home = t.Home()
    path = home.write('both', ''.join(two_lives()))
    done = home.run('tail', '--json', '--source', 'file://' + path)
    t.equal(done.returncode, 0, done.stderr)
    t.equal(sorted(json.loads(line)['person']['id']
                   for line in done.stdout.splitlines()), ALL)
    home.remove()


@t.case('a stream brings both, to who reads along, who comes later, and who '
        'has them by an export')
def _():
    if js.missing():
        t.note(js.missing())
        return
    home, late = t.Home(), t.Home()
    with js.Server() as server, t.Telltale(
            '--publish', server.url(), command='serve', home=home) as serve, \
            viewing(server.url()) as viewer:
        post(serve, 'a', BEFORE)
        wait_for(viewer, names(('a', BEFORE)))
        t.equal(serve.stop(), 0)
        copied(home)
        serve.start()
        post(serve, 'b', COUNT)
        wait_for(viewer, names(('a', BEFORE), ('b', COUNT)))
        t.equal(serve.stop(), 0)
        first = exported(home)
        restored(home)
        serve.start()
        post(serve, 'c', COUNT)
        wait_for(viewer, ALL)
        t.equal(serve.stop(), 0)
        imported(late, first, exported(home))
        with viewing(server.url()) as anew, \
                viewing(server.url(), home=late) as known:
            wait_for(anew, ALL)
            with t.Telltale('--publish', server.url(), command='serve',
                            home=home) as again:
                post(again, 'd', 1)
                everything = sorted(ALL + ['d0'])
                for one in viewer, anew, known:
                    wait_for(one, everything)
    home.remove()
    late.remove()


def viewing(url, home=None):
    return t.Telltale('--source', url, '--json', command='watch', home=home)


def wait_for(viewer, wanted):
    t.wait_until(lambda: who(viewer.home) == wanted,
                 '%r, not %r; %s' % (wanted, who(viewer.home),
                                     viewer.stderr()), 4 * t.PATIENCE)


if __name__ == '__main__':
    t.run()
