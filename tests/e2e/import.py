"""telltale import: what export wrote comes back, once, whoever owns the
journal."""

import json
import subprocess

import telltale as t

FIRST = {'TELLTALE_CLOCK': '2026-09-14T09:00:00Z'}
SECOND = {'TELLTALE_CLOCK': '2026-09-15T09:00:00Z'}
TICK = '{"seq":9,"tick":"2026-09-14T00:00:00.000Z","zone":"UTC0"}'


def day(home, env, *bodies):
    home.env.update(env)
    with t.Telltale(command='serve', home=home) as serve:
        for body in bodies:
            t.equal(serve.post(body)[0], 200)


def exported(home):
    done = home.run('export')
    t.equal(done.returncode, 0, done.stderr)
    return done.stdout


def two_days():
    """(home, what it exports): events, one hidden, one without a uuid, and a
    tick between."""
    home = t.Home()
    day(home, FIRST, t.body(timestamp='2026-09-14T08:59:00Z'),
        t.body('feature flag created', timestamp='2026-09-14T08:59:30Z',
               properties={'variants': 3, 'big': 9007199254740993}))
    day(home, SECOND, t.body(uuid=None, timestamp='2026-09-15T08:59:00Z'),
        t.body(timestamp='2026-09-15T08:59:10Z',
               properties={'was_impersonated': True}))
    return home, exported(home)


def bare(text):
    """What is the same in every journal: all but seq and source."""
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        line.pop('seq')
        line.pop('source', None)
    return lines


def taken(home, *names, code=0, **options):
    done = home.run('import', *names, **options)
    t.equal(done.returncode, code, done.stdout + done.stderr)
    return done


@t.case('an empty journal exports what was imported into it')
def _():
    home, text = two_days()
    other = t.Home(**SECOND)
    done = taken(other, other.write('a file.jsonl', text))
    t.equal(done.stdout.startswith('4 events kept, 1 tick; '), True,
            done.stdout)
    t.equal(done.stderr, '')
    t.equal(bare(exported(other)), bare(text))
    t.equal({event['source'] for event in other.tail()}, {'file'})
    home.remove()
    other.remove()


@t.case('importing it again keeps nothing twice, nor does what it came from')
def _():
    home, text = two_days()
    other = t.Home(**SECOND)
    name = other.write('file.jsonl', text)
    taken(other, name)
    for where in other, home:
        done = taken(where, name)
        t.equal(done.stdout.startswith(
            '0 events kept, 4 were there already, 1 tick of the past left '
            'out; '), True, done.stdout)
        t.equal(bare(exported(where)), bare(text))
    home.remove()
    other.remove()


@t.case('an import that was cut short goes on, and concludes the same')
def _():
    home, text = two_days()
    lines = text.splitlines(keepends=True)
    for cut in range(1, len(lines)):
        other = t.Home(**SECOND)
        # In the middle of a line, as a killed writer leaves it.
        part = ''.join(lines[:cut]) + lines[cut][:40]
        taken(other, other.write('part', part), code=1)
        taken(other, other.write('all', text))
        t.equal(bare(exported(other)), bare(text), cut)
        other.remove()
    home.remove()


@t.case('standard input is read, several files, and files that are large')
def _():
    home, text = two_days()
    other = t.Home(**SECOND)
    lines = text.splitlines(keepends=True)
    large = json.loads(lines[0])
    large['uuid'], large['origin'] = None, None
    large['properties'] = {'much': 'x' * 3000000}
    name = other.write('large', '\n\r\n' + json.dumps(large))
    done = taken(other, name, '-', stdin=None, input=text)
    t.equal(done.stdout.startswith('5 events kept'), True, done.stdout)
    t.equal(max(len(event['properties'].get('much', ''))
                for event in other.tail()), 3000000)
    home.remove()
    other.remove()


@t.case('what is wrong in a line is said with its place, the rest is kept')
def _():
    home, text = two_days()
    other = t.Home(**SECOND)
    lines = text.splitlines()
    name = other.write('mixed', '\n'.join(
        [lines[0], '{"event":', '', '[]', lines[1], '{"tick":"soon"}',
         lines[0][:-1] + '\x00', lines[3]]))
    done = taken(other, name, code=1)
    t.equal(done.stdout.startswith('3 events kept, 4 lines skipped; '), True,
            done.stdout)
    said = done.stderr.splitlines()
    t.equal(len(said), 4, said)
    for line, (number, part) in zip(said, [
            (2, 'not JSON'), (4, 'no JSON object'), (6, 'no time'),
            (7, 'not JSON')]):
        t.equal(line.startswith('telltale: %s:%d: ' % (name, number)), True,
                line)
        t.equal(part in line, True, line)
    name = other.write('bad', 'x\n' * 100)
    done = taken(other, name, code=1)
    t.equal(len(done.stderr.splitlines()), 21, done.stderr)
    t.equal('100 lines skipped' in done.stdout, True, done.stdout)
    home.remove()
    other.remove()


@t.case('forgotten people do not come back')
def _():
    home, text = two_days()
    other = t.Home(**SECOND)
    name = other.write('file.jsonl', text)
    taken(other, name)
    done = other.run('forget', '--yes', 'maya@alderfinch.example')
    t.equal(done.returncode, 0, done.stderr)
    done = taken(other, name)
    t.equal(', 4 are of people forgotten' in done.stdout, True, done.stdout)
    t.equal(other.tail(), [])
    home.remove()
    other.remove()


@t.case('a telltale that runs takes them in, as of the past')
def _():
    home, text = two_days()
    other = t.Home(**SECOND)
    with t.Telltale(command='serve', home=other) as serve:
        t.equal(serve.post(t.body(timestamp='2026-09-15T08:59:40Z'))[0], 200)
        done = taken(other, other.write('file.jsonl', text))
        t.equal(done.stdout.startswith(
            '4 events kept, 1 tick of the past left out; '), True,
            done.stdout)
        name = other.write('bad', 'x\n' + '\n'.join(text.splitlines()[:1]))
        done = taken(other, name, code=1)
        t.equal(done.stdout.startswith(
            '0 events kept, 1 was there already, 1 line skipped; '), True,
            done.stdout)
        t.equal(('%s:1: not JSON' % name) in done.stderr, True, done.stderr)
        t.equal(serve.post(t.body())[0], 200)
        lines = [json.loads(line) for line in exported(other).splitlines()]
        t.equal([line['kept']['flags'] for line in lines
                 if line.get('source') == 'file'], [['backfilled']] * 4)
        t.equal(len(lines), 6)
    home.remove()
    other.remove()


@t.case('while thousands are imported, answers do not wait')
def _():
    home, text = two_days()
    other = t.Home(**SECOND)
    lines = []
    for number in range(3000):
        event = json.loads(text.splitlines()[0])
        event['uuid'], event['origin']['seq'] = None, 1000 + number
        lines.append(json.dumps(event))
    name = other.write('many', '\n'.join(lines))
    ledger = t.Ledger()
    with t.Telltale(command='serve', home=other) as serve:
        run = subprocess.Popen([t.PROGRAM, 'import', name], env=other.env,
                               stdout=subprocess.PIPE)
        while run.poll() is None:
            since = t.time.monotonic()
            ledger.add('', serve.post(t.body())[0], since)
        said = run.stdout.read().decode()
        t.equal(run.returncode, 0, said)
        t.equal(said.startswith('3000 events kept; '), True, said)
        t.equal(len(ledger.kept), ledger.sent)
    t.row('attack', good=ledger.sent, served=len(ledger.kept),
          worst=ledger.worst)
    home.remove()
    other.remove()


@t.case('events that are older than what is there are of the past')
def _():
    home, text = two_days()
    other = t.Home()
    day(other, SECOND, t.body(timestamp='2026-09-15T08:59:40Z'))
    taken(other, other.write('file.jsonl', text))
    lines = [json.loads(line) for line in exported(other).splitlines()]
    flags = [(line['occurred_at'][:10], line['kept']['flags'])
             for line in lines if line.get('source') == 'file']
    t.equal(flags, [('2026-09-14', ['backfilled'])] * 2 +
            [('2026-09-15', [])] * 2)
    home.remove()
    other.remove()


@t.case('another zone is said, and what cannot be done is said in a line')
def _():
    other = t.Home(**SECOND)
    name = other.write('tick', TICK.replace('UTC0', 'Europe/Zurich'))
    done = taken(other, name)
    t.equal('days are those of Europe/Zurich there and of UTC0 here' in
            done.stderr, True, done.stderr)
    for words, code, part in [([], 2, 'import what?'),
                              ([other.path + '/none'], 1, 'none: No such'),
                              ([other.path], 1, 'is a folder'),
                              ([''], 1, 'the name of a file is empty'),
                              (['--since', '2d', name], 2, 'no option')]:
        done = other.run('import', *words)
        t.equal(done.returncode, code, words)
        t.equal(part in done.stderr, True, done.stderr)
    other.remove()


t.run()
