"""telltale forget: what a person did goes, the rest stays, and an old event
sent again does not bring it back."""

import glob
import json
import os
import sqlite3
import time

import telltale as t

EMAIL = 'jonas@alderfinch.example'


def filled():
    """A stopped telltale's home, and the body that will be forgotten."""
    home = t.Home()
    theirs = t.body('insight created', user_email=EMAIL, distinct_id='d7',
                    timestamp='2026-01-05T10:00:00Z')
    with t.Telltale(command='serve', home=home) as serve:
        t.equal(serve.post(theirs)[0], 200)
        t.equal(serve.post(t.body('survey launched'))[0], 200)
    return home, theirs


def names(home):
    return [event['event'] for event in home.tail()]


@t.case('forget deletes what a person did, down to the bytes')
def _():
    home, _ = filled()
    done = home.run('forget', '--yes', EMAIL.upper())
    t.equal((done.returncode, done.stdout.split(',')[0]),
            (0, '1 event deleted'))
    t.equal(names(home), ['survey launched'])
    for path in glob.glob(home.journal + '*'):
        with open(path, 'rb') as file:
            t.equal(EMAIL.encode() in file.read(), False, path)
    home.remove()


@t.case('an old event sent again is acknowledged and not kept')
def _():
    home, theirs = filled()
    t.equal(home.run('forget', '--yes', EMAIL).returncode, 0)
    with t.Telltale(command='serve', home=home) as serve:
        t.equal(serve.post(theirs)[0], 200)
        t.equal(serve.post(t.body('insight created', user_email=EMAIL,
                                  distinct_id='d7'))[0], 200)
    t.equal(names(home), ['survey launched', 'insight created'])
    home.remove()


@t.case('forget says whom first, and deletes nothing unasked')
def _():
    home, _ = filled()
    day = home.tail()[0]['received_at'][:10]
    for extra in ([], ['--preview']):
        done = home.run('forget', *extra, EMAIL)
        said = done.stdout + done.stderr
        t.equal((done.returncode, '1 event by 1 person' in said,
                 'also as d7' in said), (0 if extra else 1, True, True), said)
        assert '1 person, %s to %s\n' % (day, day) in said, said
    t.equal('nothing was deleted' in home.run('forget', EMAIL).stderr, True)
    t.equal(len(names(home)), 2)
    t.equal(home.run('forget').returncode, 2)
    home.remove()


@t.case('people behind one id are told, and stay')
def _():
    home = t.Home()
    with t.Telltale(command='serve', home=home) as serve:
        for name in ('ann', 'ben', 'cleo'):
            t.equal(serve.post(t.body('insight created', distinct_id='server',
                                      user_email=name + '@b.example'))[0],
                    200)
    said = home.run('forget', '--preview', 'ann@b.example').stdout
    t.equal('others are behind server, too' in said, True, said)
    t.equal('3 people' in home.run('forget', '--preview', 'server').stdout,
            True)
    t.equal(home.run('forget', '--yes', 'ann@b.example').returncode, 0)
    t.equal(sorted(event['person']['email'] for event in home.tail()),
            ['ben@b.example', 'cleo@b.example'])
    home.remove()


@t.case('a telltale that runs forgets, answers meanwhile, and counts')
def _():
    home, theirs = filled()
    with t.Telltale(command='serve', home=home) as serve:
        done = home.run('forget', '--yes', EMAIL)
        t.equal((done.returncode, done.stdout.split(',')[0]),
                (0, '1 event deleted'), done.stderr)
        t.equal(serve.post(theirs)[0], 200)
        t.equal(names(home), ['survey launched'])
        t.equal(', 1 forgotten, ' in home.run('tail').stderr, True)
        t.equal('1 forgotten' in home.run('check').stdout, True)
        for path in glob.glob(home.journal + '*'):
            if not path.endswith('.sock'):
                with open(path, 'rb') as file:
                    t.equal(EMAIL.encode() in file.read(), False, path)
    t.equal(names(home), ['survey launched'])
    home.remove()


def refused(home, *bodies):
    """As if an earlier version had refused what this one can read."""
    with t.Telltale(command='serve', home=home):
        pass
    database = sqlite3.connect(home.journal)
    for body in bodies:
        database.execute('INSERT INTO rejects (at, status, why, size, body) '
                         "VALUES (?, 400, 'not JSON', ?, ?)",
                         (int(time.time() * 1000), len(body), body))
    database.commit()
    database.close()


def retry(home):
    done = home.run('tail', '--rejects', '--retry')
    t.equal(done.returncode, 0, done.stderr)
    return done


@t.case('what can be read now becomes an event, by the owner or without one')
def _():
    for owned in (False, True):
        home = t.Home()
        refused(home, t.body('insight created'), b'{"event":', t.body('x'))
        if owned:
            with t.Telltale(command='serve', home=home):
                done = retry(home)
                again = retry(home)
        else:
            done, again = retry(home), retry(home)
        t.equal('2 of 3 refused bodies decoded, 2 new events; 1 stays refused'
                in done.stderr, True, done.stderr)
        t.equal('0 of 1 refused bodies decoded' in again.stderr, True)
        t.equal('{"event":' in again.stdout, True, again.stdout)
        t.equal(names(home), ['insight created', 'x'])
        home.remove()
    t.equal(t.Home().run('tail', '--retry').returncode, 2)


@t.case('requests without a body push none out of the list that has one')
def _():
    home = t.Home()
    refused(home, t.body('insight created'), *([b''] * 1000))
    lines = home.run('tail', '--rejects', '-n', '2000', '--json').stdout
    sizes = [json.loads(line)['size'] for line in lines.splitlines()]
    t.equal((len(sizes), sizes[0] > 0), (1001, True))
    home.remove()


@t.case('what was refused can be read, and is counted')
def _():
    home = t.Home()
    with t.Telltale(command='serve', home=home) as serve:
        t.equal(serve.post(b'{"event": \x1b[31m')[0], 400)
        t.wait_until(lambda: 'kept' in home.run('tail').stderr)
    lines = home.run('tail', '--rejects').stdout
    t.equal((' 400 ' in lines, '{"event":' in lines, '\x1b' in lines),
            (True, True, False), lines)
    entry = json.loads(home.run('tail', '--rejects', '--json').stdout)
    t.equal((entry['status'], entry['size']), (400, 15))
    t.equal(home.run('tail', '--rejects', 'x').returncode, 2)
    t.equal(home.run('forget', '--yes', 'event').returncode, 0)
    home.remove()


VIEWS = [('Money', 'category:billing'),
         ('Jonas', 'person:"%s"' % EMAIL.upper()),
         ('Link', 'url:"*who=jonas%40alderfinch.example*"'),
         ('Pattern', r'/jonas@alderfinch\.example/'),
         ('Id', 'person:jonas-7f31'),
         ('Others', 'person:big' + EMAIL),
         ('for ' + EMAIL, 'tone:bad')]


def save_views(home):
    home.write('state/telltale/journal.db.views', '-\t9\tAll\t\n' + ''.join(
        'pane\t7\t%s\t%s\n' % view for view in VIEWS))


def saved_views(home):
    with open(home.journal + '.views', encoding='utf-8') as file:
        return file.read()


@t.case('saved views that name them go, whoever owns the journal')
def _():
    for owned in (False, True):
        home = t.Home()
        with t.Telltale(command='serve', home=home) as serve:
            for _ in range(2):
                t.equal(serve.post(t.body(user_email=EMAIL,
                                          distinct_id='jonas-7f31'))[0], 200)
            save_views(home)
            if owned:
                done = home.run('forget', '--yes', EMAIL)
        if not owned:
            done = home.run('forget', '--yes', EMAIL)
        t.equal('5 saved views named them and are gone\n' in done.stdout,
                True, done.stdout + done.stderr)
        t.equal(saved_views(home),
                '-\t9\tAll\t\npane\t7\tMoney\tcategory:billing\n'
                'pane\t7\tOthers\tperson:big%s\n' % EMAIL)
        again = home.run('forget', '--yes', EMAIL)
        t.equal((again.returncode, 'saved' in again.stdout), (0, False))
        home.remove()


@t.case('views that cannot be cleared are told, and nobody is forgotten yet')
def _():
    home, _ = filled()
    os.mkdir(home.journal + '.views')
    done = home.run('forget', '--yes', EMAIL)
    t.equal((done.returncode, 'journal.db.views' in done.stderr), (1, True),
            done.stderr)
    t.equal(len(names(home)), 2)
    os.rmdir(home.journal + '.views')
    t.equal(home.run('forget', '--yes', EMAIL).returncode, 0)
    home.remove()


t.run()
