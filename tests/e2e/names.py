"""The catalogue and the book from outside: what the user's own events.ini
and CSV do, and what `check --events` and `accounts` say of them."""

import os
import re
import telltale as t

ALDER = '77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8'
BOOK = ('\ufeffAccount Name;PostHog Org ID;Account Owner\r\n'
        '"Alder; Finch";' + ALDER.upper() + ';csm@team.example\r\n'
        'Nobody;;csm@team.example\r\n'
        '"open;becccfc8-9252-4f2f-983e-4eeaaac45350;x\r\n'
        'Again;' + ALDER + ';csm@team.example\r\n')
EVENTS = ('[quokka petted]\ncategory = engagement\ntone = good\n'
          'sentence = petted a quokka[, {count|int time}]\n'
          '[feature-flag-created]\ntone = warn\n')


def home(**files):
    made = t.Home()
    for name, text in files.items():
        made.write('config/telltale/' + name.replace('_', '.'), text)
    return made


# A name and how often it came, among what else check says.
COUNTED = re.compile(r'~ +\d')


@t.case('rows of the user\'s own events.ini classify events')
def _():
    made = home(events_ini=EVENTS)
    with t.Telltale(command='serve', home=made) as serve:
        serve.post(t.body('Quokka Petted', properties={'count': 3}))
        serve.post(t.body('feature flag created'))
        serve.post(t.body('wombat fed'))
        serve.post(t.body('wombat fed'))
        serve.post(t.body('emu seen'))
    lines = made.tail()
    t.equal([(e['category'], e['tone'], e['sentence']) for e in lines[:3]],
            [('engagement', 'good', 'petted a quokka, 3 times'),
             ('flags', 'warn', 'created a feature flag'),
             ('other', 'info', 'wombat fed')])
    done = made.check('--events')
    names = [line.split(maxsplit=2) for line in done.stdout.splitlines()
             if COUNTED.match(line)]
    t.equal(names, [['~', '2', 'wombat fed'], ['~', '1', 'emu seen']],
            done.stdout + done.stderr)
    made.remove()


ODD = ['wombat fed', 'Insight-created!', ' leading; a = b, c ~ d', '[x]{y}',
       '# hash', 'é' * 120, '売上 を 見た', 'a*b', 'wombat-fed']


@t.case('what check --events prints for events.ini tells those events')
def _():
    made = home()
    with t.Telltale(command='serve', home=made) as serve:
        for times, name in enumerate(ODD):
            for _ in range(times + 1):
                serve.post(t.body(name))
    done = made.check('--events')
    lines = done.stdout.splitlines()
    counts = [int(line.split()[1]) for line in lines if COUNTED.match(line)]
    t.equal(counts, sorted(counts, reverse=True), done.stdout)
    start = [at for at, line in enumerate(lines) if line.startswith('; For ')]
    t.equal(len(start), 1, done.stdout)
    heading = re.search(r'\(man telltale, ([A-Z ]+)\)', done.stdout).group(1)
    with open(os.environ['TESTS_SRC'] + '/doc/telltale.1.in',
              encoding='utf-8') as page:
        assert '\n.SH %s\n' % heading in page.read(), heading
    made.write('config/telltale/events.ini',
               '\n'.join(lines[start[0]:]) + '\n')
    done = made.check('--events')
    t.equal(done.returncode, 0, done.stdout + done.stderr)
    if 'names     0 that the catalogue does not know' not in done.stdout:
        raise AssertionError(done.stdout)
    made.remove()


@t.case('a mistake in events.ini stops the start and is named by line')
def _():
    made = home(events_ini='[a]\nsentence = x[ {y}\n')
    done = made.run('serve', '--listen', '127.0.0.1:0')
    t.equal(done.returncode, 3)
    if 'events.ini:2: "[" without "]"' not in done.stderr:
        raise AssertionError(done.stderr)
    made.remove()


@t.case('accounts list prints the rows that are good')
def _():
    made = home(accounts_csv=BOOK)
    done = made.run('accounts', 'list')
    t.equal(done.returncode, 0, done.stderr)
    t.equal(done.stdout.split('  ')[:3],
            [ALDER, 'Alder; Finch', 'csm@team.example'])
    t.equal(len(done.stdout.splitlines()), 1)
    made.remove()


@t.case('accounts check names the rows that are not, and exits 1')
def _():
    made = home(accounts_csv=BOOK)
    done = made.run('accounts', 'check')
    t.equal(done.returncode, 1, done.stderr)
    t.equal(done.stdout.splitlines()[1:],
            ['! accounts.csv:3: no organisation id',
             '! accounts.csv:4: a quote is opened and never closed',
             '! accounts.csv:5: the organisation id of line 2 again'])
    other = made.write('other.csv', 'name\nAlder\n')
    done = made.run('accounts', 'check', other)
    t.equal(done.returncode, 3)
    if 'no column with organisation ids' not in done.stderr:
        raise AssertionError(done.stderr)
    t.equal(made.run('accounts', 'fly').returncode, 2)
    made.remove()


@t.case('accounts unlisted names who sends events and is in no book')
def _():
    made = home(accounts_csv='organization_id,organization_name\n' + ALDER +
                ',Alder & Finch Labs\n')
    t.equal(made.run('accounts', 'unlisted').returncode, 1)
    with t.Telltale(command='serve', home=made) as serve:
        serve.post(t.body())
        for _ in range(2):
            serve.post(t.body(org_name='Borealis Freight',
                              org_id='becccfc8-9252-4f2f-983e-4eeaaac45350'))
    done = made.run('accounts', 'unlisted')
    t.equal(done.returncode, 0, done.stderr)
    words = done.stdout.split()
    t.equal(len(done.stdout.splitlines()), 1)
    t.equal([words[0]] + words[2:],
            ['2', 'becccfc8-9252-4f2f-983e-4eeaaac45350', 'Borealis',
             'Freight'])
    made.remove()


t.run()
