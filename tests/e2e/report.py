"""telltale report: a page in each format, the same each time, and what
strangers wrote in it. TELLTALE_GOLDEN=write writes the pages anew: look at
the difference before you keep it."""

import datetime
import html.parser
import json
import os
import re
import uuid

import telltale as t

NOW = '2026-09-14T12:00:00Z'
LAST_DAY = datetime.date(2026, 9, 14)
GOLDEN = os.path.join(t.FIXTURES, 'report')
NAMES = {'text': 'book.txt', 'md': 'book.md', 'html': 'book.html',
         'json': 'book.json'}
HOSTILE = ('<script>alert(1)</script> "x" \'y\' & **b** [l](http://e.example)'
           ' `c` <http://e.example> | _i_ # @channel')


def event(day, account, person, category, number, **fields):
    """A line of an export: what a person did, so many days ago."""
    at = datetime.datetime.combine(
        LAST_DAY - datetime.timedelta(days=day),
        datetime.time(8, number % 60)).isoformat() + '.000Z'
    line = {'uuid': str(uuid.uuid5(uuid.NAMESPACE_URL, '%s %s %s %s %d' % (
                day, account, person, category, number))),
            'event': category + ' used', 'category': category,
            'tone': 'info', 'sentence': 'used ' + category,
            'occurred_at': at, 'received_at': at,
            'account': {'id': account.lower(), 'name': account,
                        'listed': True},
            'person': {'id': person, 'email': None, 'name': person},
            'hidden': None, 'session_id': None, 'properties': {},
            'links': {'replay': None, 'person': None, 'event': None}}
    line.update(fields)
    return line


def replay(session, second):
    return {'replay': 'https://us.posthog.com/project/2/replay/%s?t=%d' % (
        session, second), 'person': None, 'event': None}


def book():
    """Three accounts over six weeks: one grows, one falls, one left."""
    lines = []
    for day in range(42, -1, -1):
        for person in range(6 if day > 6 else 2):
            lines.append(event(day, 'Alder', 'a%d' % person, 'analytics', 1))
        for person in range(2 if day > 6 else 4):
            lines.append(event(day, 'Borealis', 'b%d' % person, 'flags', 2))
        if day > 10:
            lines.append(event(day, 'Cedar', 'c0', 'replay', 3))
        if day > 7:
            lines.append(event(day, 'Alder', 'a0', 'surveys', 4))
    lines += [
        event(2, 'Borealis', 'b0', 'ai', 5, tone='good',
              sentence='asked the assistant for the first time',
              links=replay('0192-a', 42)),
        event(2, 'Borealis', 'b0', 'ai', 6, links=replay('0192-a', 60)),
        event(1, 'Alder', 'a1', 'errors', 7, tone='bad',
              sentence='met an error', links=replay('0192-b', 1)),
        event(1, 'Alder', 'staff', 'errors', 8, tone='bad',
              hidden='internal', sentence='nobody is to see this')]
    return lines


def journal(lines):
    home = t.Home(TELLTALE_CLOCK=NOW)
    done = home.run('import', home.write('lines', '\n'.join(
        json.dumps(line) for line in lines)))
    t.equal(done.returncode, 0, done.stderr)
    return home


def page(home, *words):
    done = home.run('report', *words)
    t.equal((done.returncode, done.stderr), (0, ''))
    return done.stdout


@t.case('each format says what it always said')
def _():
    home = journal(book())
    for name, file in NAMES.items():
        got = page(home, '--format', name)
        path = os.path.join(GOLDEN, file)
        if os.environ.get('TELLTALE_GOLDEN') == 'write':
            os.makedirs(GOLDEN, exist_ok=True)
            with open(path, 'w', encoding='utf-8') as out:
                out.write(got)
        with open(path, encoding='utf-8') as wanted:
            t.equal(got, wanted.read(), name)
    home.remove()


@t.case('the numbers are those of the events')
def _():
    home = journal(book())
    report = json.loads(page(home, '--format', 'json'))
    t.equal((report['first_day'], report['last_day']),
            ('2026-09-08', '2026-09-14'))
    accounts = {each['name']: each for each in report['accounts']}
    alder, borealis = accounts['Alder'], accounts['Borealis']
    t.equal(alder['now']['events'], 15)
    t.equal(alder['before']['events'], 48)
    t.equal((alder['now']['people'], alder['before']['people']), (2, 6))
    t.equal((alder['now']['person_days'], alder['before']['person_days']),
            (14, 42))
    t.equal(alder['days'], [2, 2, 2, 2, 2, 3, 2])
    t.equal(alder['fell'], 'Surveys (6 before)')
    t.equal(alder['new'], 'Errors')
    t.equal(alder['who'][0], {'name': 'a1', 'share': 53, 'days': 7})
    t.equal([each['sentence'] for each in alder['what']], ['met an error'])
    t.equal(borealis['new'], 'AI')
    t.equal([each['replay'][-10:] for each in borealis['watch']],
            ['192-a?t=42'])
    t.equal(accounts['Cedar']['now']['events'], 0)
    t.equal('nobody is to see this' in json.dumps(report), False)
    home.remove()


@t.case('also at midnight seven days are seven, here and there, and a day '
        'that is named is one of them')
def _():
    home = journal(book())
    home.env.update(TELLTALE_CLOCK='2026-09-15T00:00:00Z',
                    TELLTALE_VIEWER_TOKEN='viewer')
    auth = {'Authorization': 'Bearer viewer'}
    with t.Telltale(command='serve', home=home) as serve:
        url = 'http://127.0.0.1:%d' % serve.port
        for words, target, first in (
                ([], '', '2026-09-09'),
                (['--since=7d'], '&since=7d', '2026-09-09'),
                (['--since=1d'], '&since=1d', '2026-09-15'),
                (['--since=24h ago'], None, '2026-09-15'),
                (['--since=2026-09-08'], '&since=2026-09-08T00:00:00Z',
                 '2026-09-08')):
            pages = [page(home, '--format=json', *words),
                     page(home, url, '--format=json', *words)]
            if target is not None:
                pages.append(serve.request(
                    'GET', '/report?format=json' + target, None, auth)[1])
            for got in pages:
                got = json.loads(got)
                t.equal((got['first_day'], got['last_day']),
                        (first, '2026-09-15'), words)
    home.remove()


@t.case('one account, other days, and signals with what to ask')
def _():
    home = journal(book() + [
        event(0, 'Cedar', 'c0', 'billing', 9, tone='bad',
              event='billing invoice payment failed',
              sentence='payment failed')])
    with t.Telltale(command='serve', home=home):
        t.wait_until(lambda: 'payment failed' in
                     home.run('signals', '--all').stdout, 'a signal')
    text = page(home, '--account', 'cedar')
    t.equal('call  ! billing' in text, True, text)
    t.equal('\n  ask ' in text, True, text)
    t.equal('Alder' in text, False, text)
    text = page(home, '--account', 'alder', '--since', '2026-09-13')
    t.equal(text.startswith('13 Sep 2026 to 14 Sep 2026\n5 events by 2 '
                            'people'), True, text)
    home.remove()


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.open, self.text = set(), [], ''

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag not in ('meta', 'rect'):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag != 'rect':
            t.equal(self.open.pop(), tag)

    def handle_data(self, data):
        self.text += data


@t.case('what strangers wrote is text in every format')
def _():
    home = journal([
        event(1, HOSTILE, HOSTILE, 'flags', 1, tone='bad', sentence=HOSTILE,
              links=replay('0192-b', 1)),
        event(9, 'Gone ' + HOSTILE, HOSTILE, 'flags', 2)])
    tags = Tags()
    tags.feed(page(home, '--format', 'html'))
    t.equal(tags.open, [])
    t.equal(tags.tags, {'html', 'head', 'meta', 'title', 'style', 'body',
                        'h1', 'h2', 'p', 'section', 'span', 'svg', 'rect',
                        'ul', 'li', 'b', 'a'})
    t.equal(tags.text.count(HOSTILE), 7)
    text = page(home)
    t.equal(text.count(HOSTILE), 7)
    escaped = re.sub(r'([\\`*_\[\]<>#|~&!:@])', r'\\\1', HOSTILE)
    t.equal(page(home, '--format', 'md').count(escaped), 7)
    accounts = json.loads(page(home, '--format', 'json'))['accounts']
    t.equal(accounts[0]['name'], HOSTILE)
    home.remove()


@t.case('what cannot be done is said in a line')
def _():
    home = journal(book())
    for words, code, part in [
            (['--format', 'pdf'], 2, 'text, md, html or json'),
            (['--since', 'sometime'], 2, 'no time'),
            (['--since', '3y'], 2, 'no time'),
            (['--since', '2020-01-01'], 1, '366 days at most'),
            (['--account', 'nobody'], 1, 'no account is called that'),
            (['word'], 2, 'takes no word'),
            (['--journal', home.path + '/none.db'], 1, 'none.db')]:
        done = home.run('report', *words)
        t.equal(done.returncode, code, words)
        t.equal(part in done.stderr, True, done.stderr)
    home.remove()


t.run()
