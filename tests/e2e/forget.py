"""telltale forget: what a person did goes, the rest stays, and an old event
sent again does not bring it back."""

import glob

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


@t.case('forget asks first, and refuses while telltale runs')
def _():
    home, _ = filled()
    done = home.run('forget', EMAIL)
    t.equal((done.returncode, 'nothing was deleted' in done.stderr), (1, True))
    with t.Telltale(command='serve', home=home):
        done = home.run('forget', '--yes', EMAIL)
        t.equal((done.returncode, 'stop it first' in done.stderr), (1, True))
    t.equal(len(names(home)), 2)
    t.equal(home.run('forget').returncode, 2)
    home.remove()


t.run()
