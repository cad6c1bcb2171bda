"""GET /events: small limits, more than one page of the journal, what is said
of where to go on, and the end of patience with a long search."""

import json
import sqlite3
import threading

import telltale as t

VIEWER = 'viewer-of-events'
AUTH = {'Authorization': 'Bearer ' + VIEWER}
MANY = 400000
LONG = 100000  # bytes of each body: all of them are 40 GB to look through


def serving(**how):
    return t.Telltale(command='serve', **how)


def home_with(count):
    """A journal of so many events, numbered in their names."""
    home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
    with serving(home=home) as serve:
        for start in range(0, count, 500):
            events = [{'event': 'odd thing' if n % 2 else 'even thing',
                       'distinct_id': str(n)}
                      for n in range(start, min(start + 500, count))]
            t.equal(serve.post(json.dumps(events))[0], 200)
    return home


def ask_once(serve, query):
    connection = serve.connect()
    connection.request('GET', '/events?' + query, None, AUTH)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer, data


def ask(serve, query):
    """(seqs, where to go on or None) of one answer; asked again where a busy
    machine had no time for it."""
    answer, data = t.wait_until(
        lambda: next((both for both in [ask_once(serve, query)]
                      if both[0].status != 503), None), 'an answer')
    t.equal(answer.status, 200, query)
    seqs = [json.loads(line)['seq'] for line in data.splitlines()]
    t.equal(seqs, sorted(seqs), 'in order')
    return seqs, answer.getheader('X-Telltale-Next')


def walk(serve, first, rest=''):
    """All answers, from where each says that the next one begins."""
    pages, query = [], first
    while query:
        seqs, query = ask(serve, query + rest)
        pages.append(seqs)
        assert len(pages) < 2000, 'it never ends'
    return pages


@t.case('small limits: each answer says where the next begins, up to the end')
def _():
    home = home_with(12)
    with serving(home=home) as serve:
        everything = list(range(1, 13))
        for limit in (1, 2, 5, 11, 12, 13):
            rest = '&limit=%d' % limit
            forth = walk(serve, 'after=0', rest)
            t.equal(sum(forth, []), everything, 'after, ' + rest)
            back = walk(serve, 'before=13', rest)
            t.equal(sum(reversed(back), []), everything, 'before, ' + rest)
            for pages in (forth, back):
                assert all(len(page) <= limit for page in pages), pages
        t.equal(ask(serve, 'limit=5'), ([8, 9, 10, 11, 12], 'before=8'))
        t.equal(ask(serve, 'after=3&limit=2'), ([4, 5], 'after=5'))
        t.equal(ask(serve, 'after=12'), ([], None))
        t.equal(ask(serve, 'after=0&before=4'), ([1, 2, 3], None))
    home.remove()


@t.case('a filter counts what matches, not what is looked at')
def _():
    home = home_with(12)
    with serving(home=home) as serve:
        rest = '&limit=4&q=event:%22odd%20thing%22'
        odd = list(range(2, 13, 2))
        t.equal(sum(walk(serve, 'after=0', rest), []), odd)
        t.equal(ask(serve, 'after=0' + rest)[0], odd[:4])
        t.equal(sum(reversed(walk(serve, 'before=13', rest)), []), odd)
        t.equal(ask(serve, 'before=13' + rest)[0], odd[2:])
    home.remove()


@t.case('more than one page of the journal is one answer, either way')
def _():
    home = home_with(1100)
    with serving(home=home) as serve:
        everything = list(range(1, 1101))
        t.equal(ask(serve, 'after=0&limit=10000'), (everything, None))
        t.equal(ask(serve, 'limit=10000'), (everything, None))
        t.equal(ask(serve, 'after=0&limit=501'),
                (everything[:501], 'after=501'))
        t.equal(ask(serve, 'limit=501'), (everything[-501:], 'before=600'))
        t.equal(ask(serve, 'after=0&limit=1100'), (everything, None))
        t.equal(sum(walk(serve, 'after=0', '&limit=499'), []), everything)
    home.remove()


@t.case('what is no number or no such limit is 400')
def _():
    home = home_with(1)
    with serving(home=home) as serve:
        for query in ('limit=0', 'limit=10001', 'limit=-1', 'limit=',
                      'limit=1e3', 'after=x', 'before=1.5',
                      'after=1234567890123456789'):
            t.equal(serve.request('GET', '/events?' + query, None, AUTH)[0],
                    400, query)
    home.remove()


@t.case('a body too large for what is left of an answer begins the next one')
def _():
    home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
    with serving(home=home) as serve:
        for number in range(12):
            body = {'event': 'thing', 'properties': {'pad': 'x' * 900000}}
            t.equal(serve.post(json.dumps(body))[0], 200)
        pages = walk(serve, 'after=0')
        t.equal(sum(pages, []), list(range(1, 13)))
        assert 3 <= len(pages) <= 6, pages
        back = walk(serve, 'limit=100')
        t.equal(sum(reversed(back), []), list(range(1, 13)))
    home.remove()


@t.case('a journal that cannot be read is 500, not an answer with nothing in it')
def _():
    home = home_with(3)
    asked = {'/events': 'events', '/signals': 'signals'}
    with serving(home=home) as serve:
        def statuses():
            return [serve.request('GET', path, None, AUTH)[0]
                    for path in asked]

        t.equal(statuses(), [200] * 2)
        journal = sqlite3.connect(home.journal)
        for table in asked.values():
            journal.execute('ALTER TABLE %s RENAME TO %s_away'
                            % (table, table))
        journal.commit()
        for path in asked:
            t.equal(serve.request('GET', path, None, AUTH),
                    (500, b'{"ok":false,"error":'
                          b'"the journal cannot be read"}'), path)
        for table in asked.values():
            journal.execute('ALTER TABLE %s_away RENAME TO %s'
                            % (table, table))
        journal.commit()
        journal.close()
        t.equal(statuses(), [200] * 2, 'once it can be read again')
    home.remove()


def multiply(home):
    """Many more events like the first, without the time to post them."""
    journal = sqlite3.connect(home.journal)
    columns = [row[1] for row in journal.execute('PRAGMA table_info(events)')
               if row[1] not in ('seq', 'uuid', 'key', 'origin', 'origin_seq')]
    names = ', '.join(columns)
    journal.execute(
        'WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n'
        ' WHERE i < %d) INSERT INTO events (seq, %s) SELECT n.i, %s'
        ' FROM n, events WHERE events.seq = 1' % (MANY, names, names))
    journal.execute(
        'INSERT INTO bodies (seq, encoding, dict, size, props_at, props_len,'
        ' raw) SELECT events.seq, encoding, dict, size, props_at, props_len,'
        ' raw FROM events, bodies WHERE bodies.seq = 1 AND events.seq > 1')
    journal.execute("UPDATE meta SET value = ? WHERE key = 'seq'", (MANY,))
    t.equal(journal.execute('SELECT changes()').fetchone()[0], 1)
    journal.commit()
    journal.close()


@t.case('a search that takes too long says where it stopped, and others are '
        'not kept waiting for it')
def _():
    home = t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)
    body = {'event': 'even thing', 'properties': {'pad': 'x' * LONG}}
    with serving(home=home) as serve:
        t.equal(serve.post(json.dumps(body))[0], 200)
    multiply(home)
    with serving(home=home) as serve:
        rest = '&q=body:nothing%20body:never'  # each body is unpacked
        seqs, on = ask(serve, 'after=0' + rest)
        t.equal(seqs, [])
        assert on and on.startswith('after='), on
        stopped = int(on.split('=')[1])
        assert 0 < stopped < MANY, stopped
        statuses = []

        def search():
            statuses.append(serve.request('GET', '/events?after=0' + rest,
                                          None, AUTH)[0])

        threads = [threading.Thread(target=search) for _ in range(16)]
        for thread in threads:
            thread.start()
        for number in range(20):
            t.equal(serve.post(t.body(distinct_id=str(number)))[0], 200)
        for thread in threads:
            thread.join()
        t.equal(set(statuses) - {200, 503}, set(), 'answers')
        assert 200 in statuses
        t.equal(ask(serve, 'after=%d' % (MANY - 1))[0][0], MANY)
    home.remove()


t.run()
