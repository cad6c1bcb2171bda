"""Somebody is planted wherever a body, a table or a file beside the journal
can hold them, in every notation that senders use; after `telltale forget`
nothing of them is in any file, and what others did is there."""

import base64
import ctypes
import ctypes.util
import glob
import json
import os
import re
import shutil
import sqlite3

import telltale as t

EMAIL = 'jonas.trace@planted.example'
ID = '0199ab12-planted-7f31-9c55'
NAME = 'Jonas Planterson'
MARK = 'stays-as-it-is'
CONFIG = ('[mirror hook]\ntype = json\nurl = http://127.0.0.1:9/\n'
          'allow_http = yes\n')


# How somebody may be written

def html(text):
    return re.sub('[@. -]', lambda hit: '&#%d;' % ord(hit.group()), text)


def percent(text):
    return re.sub('[@. -]', lambda hit: '%%%02X' % ord(hit.group()), text)


def escaped(text):
    return re.sub('[@. -]', lambda hit: '\\u%04x' % ord(hit.group()), text)


def mail(text):
    return re.sub('[@ ]', lambda hit: '=%02X' % ord(hit.group()), text)


FORMS = {
    'plain': str,
    'capitals': str.upper,
    'title': str.title,
    'percent': percent,
    'percent twice': lambda text: percent(text).replace('%', '%25'),
    'JSON': escaped,
    'HTML': html,
    'mail': mail,
}


def base64s(text):
    """In the midst of something, wherever its bytes may fall."""
    return [base64.b64encode(('{"a":' + ' ' * shift + '"' + text +
                              '"}').encode()).decode() for shift in range(3)]


def cores(text):
    """What every base64 of it holds, whatever is around."""
    for shift in range(3):
        whole = base64.b64encode(b' ' * shift + text.encode())
        yield whole[shift + shift // 2 + 1:-4]


def needles():
    for text in (EMAIL, ID, NAME):
        for name, form in FORMS.items():
            yield name, form(text).lower().encode()
        for core in cores(text):
            yield 'base64', core


# What a journal holds

class Zstd:
    """The bodies as they came: the dictionary is a part of the program."""

    def __init__(self):
        self.lib = ctypes.CDLL(ctypes.util.find_library('zstd'))
        for name in ('ZSTD_createDCtx', 'ZSTD_decompress_usingDict'):
            getattr(self.lib, name).restype = ctypes.c_size_t
        self.context = ctypes.c_void_p(self.lib.ZSTD_createDCtx())
        with open(t.SOURCE + '/src/journal/body.dict', 'rb') as file:
            self.words = file.read()

    def unpack(self, packed, size):
        out = ctypes.create_string_buffer(size or 1)
        got = self.lib.ZSTD_decompress_usingDict(
            self.context, out, ctypes.c_size_t(size), packed,
            ctypes.c_size_t(len(packed)), self.words,
            ctypes.c_size_t(len(self.words)))
        t.equal(got, size, 'a packed body')
        return out.raw[:size]


def values(path):
    """(where, bytes) of everything in a database, bodies unpacked."""
    zstd = Zstd()
    database = sqlite3.connect('file:%s?mode=ro' % path, uri=True)
    database.text_factory = bytes
    tables = [name.decode() for (name,) in database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        for row in database.execute('SELECT * FROM ' + table):
            for value in row:
                if isinstance(value, bytes):
                    yield table, value
    for seq, size, raw in database.execute(
            'SELECT seq, size, raw FROM bodies WHERE encoding = 1'):
        yield 'body %d' % seq, zstd.unpack(raw, size)
    database.close()


def everything(home):
    for path in sorted(glob.glob(home.journal + '*')):
        if path.endswith('.sock'):
            continue
        with open(path, 'rb') as file:
            data = file.read()
        yield os.path.basename(path), data
        if data.startswith(b'SQLite format 3') and \
                not path.endswith(('-wal', '-shm')):
            for where, value in values(path):
                yield os.path.basename(path) + ': ' + where, value


def found(home):
    """Where anything of them is still."""
    wanted = list(needles())
    places = set()
    for where, value in everything(home):
        low = value.lower()
        for name, needle in wanted:
            if needle in (value if name == 'base64' else low):
                at = (value if name == 'base64' else low).index(needle)
                places.add((where, name,
                            value[max(0, at - 30):at + 50]))
    return sorted(places)


# Planting

def fixtures():
    """All that are taken and name somebody, who is another now."""
    forms = list(FORMS.values())
    for number, row in enumerate(t.manifest()):
        if not row['file'].endswith(('.json', '.txt', '.ndjson')):
            continue
        text = t.fixture(row['file']).decode('utf-8', 'surrogateescape')
        form = forms[number % len(forms)]
        changed = re.sub(r'[\w.+-]+@[\w-]+\.example',
                         lambda _, form=form: form(EMAIL), text)
        if changed != text:
            yield changed.encode('utf-8', 'surrogateescape')


def mentions(text):
    """What others did, with somebody in it."""
    inner = json.dumps({'by': text})
    yield {'properties': {'note': 'for ' + text + ', ' + MARK}}
    yield {'properties': {'a': [{'b': {'c': [text]}}], text: 1}}
    yield {'properties': {'text': inner, 'twice': json.dumps({'x': inner})}}
    yield {'properties': {'url': 'https://x.example/?who=' + percent(text)}}
    yield {'current_url': 'https://us.posthog.com/person/' + percent(text)}
    yield {'event': 'mailed ' + text}
    yield {'properties': {'name': text, 'insight': text}}
    yield {'org_name': 'Friends of ' + text}
    yield {'org_id': 'org of ' + text}
    yield {'user_link': 'https://us.posthog.com/person/' + text}
    yield {'user_name': 'c/o ' + text, 'distinct_id': 'other-7'}
    for packed in base64s(text):
        yield {'properties': {'blob': packed}}


def odd(text):
    """Theirs, but not as an address is written."""
    yield {'user_email': text, 'distinct_id': 'odd-' + str(len(text))}
    yield {'user_email': text, 'distinct_id': ''}
    yield {'user_email': 'mailto:' + text, 'distinct_id': text}


def post_others(serve):
    for text in (EMAIL, ID, NAME):
        for form in FORMS.values():
            for number, fields in enumerate(mentions(form(text))):
                fields.setdefault('distinct_id', 'other-%d' % number)
                fields.setdefault('user_email',
                                  'other%d@b.example' % number)
                t.equal(serve.post(t.body(**fields))[0], 200)
            body = t.body(properties={'note': 'PLACE'}).decode()
            t.equal(serve.post(body.replace('PLACE', form(text)))[0], 200)


def post_odd(serve):
    for form in FORMS.values():
        for fields in odd(form(EMAIL)):
            t.equal(serve.post(t.body(**fields))[0], 200)


def post_refused(serve):
    for text in (EMAIL, ID, NAME):
        for form in FORMS.values():
            t.equal(serve.post('{"who": "%s", ' % form(text))[0], 400)


def post_all(serve):
    for body in fixtures():
        serve.post(body)
    for number in range(5):
        t.equal(serve.post(t.body(user_email=EMAIL, distinct_id=ID,
                                  user_name=NAME,
                                  properties={'n': number}))[0], 200)
    post_others(serve)
    post_odd(serve)
    post_refused(serve)


def put_in_tables(home):
    """What users, mirrors and signals write."""
    database = sqlite3.connect(home.journal)
    run = database.execute
    seq, = run('SELECT max(seq) FROM events').fetchone()
    person, = run('SELECT id FROM persons WHERE key = ?', (ID,)).fetchone()
    for number, form in enumerate(FORMS.values()):
        email = form(EMAIL)
        run('INSERT INTO notes (about, subject, text, at) VALUES '
            "('person', ?, ?, 1)", (email, 'call ' + email))
        run('INSERT INTO pins VALUES (?, 1, ?)', (seq - number, email))
        run("INSERT INTO exports (at, query, target, events) VALUES "
            "(1, ?, ?, 1)", (email, '/tmp/' + email))
        run("INSERT INTO signals (kind, account, person, category, seq, "
            "fired_at, tone, sentence, opener, evidence, state, note, "
            "updated) VALUES ('champion', 0, ?, -1, 1, 1, 0, ?, ?, '[1]', "
            "'done', ?, 1)",
            (person if number % 2 else 0, email, email, email))
        run('INSERT INTO replays VALUES (?, ?, 1, 1, NULL, NULL)',
            ('s%d' % number, 'https://x.example/' + email))
        run('INSERT INTO cursors (reader, seq, state, updated) VALUES '
            '(?, 1, ?, 1)', ('reader %d' % number, json.dumps([email])))
    run('UPDATE mirrors SET reason = ?', (EMAIL,))
    run("UPDATE outbox SET state = 'parked', error = ?, bucket = ? WHERE "
        'id IN (SELECT id FROM outbox LIMIT 3)', (EMAIL, 'now ' + EMAIL))
    run("INSERT INTO notes (about, subject, text, at) VALUES "
        "('person', 'other-1', ?, 1)", (MARK,))
    database.commit()
    database.close()


def spoil(path):
    """Its first page is gone, as after a bad disk."""
    with open(path, 'r+b') as file:
        file.write(b'\0' * 4096)


def put_beside(home):
    """Files as they are kept aside, with all of it in them."""
    names = {}
    for word in ('damaged', 'salvaged', 'replaced'):
        names[word] = home.journal + '.%s-20260914T080603Z' % word
        shutil.copy(home.journal, names[word])
    spoil(names['damaged'])
    names['junk'] = home.journal + '.replaced-20260914T080604Z'
    with open(names['junk'], 'w', encoding='ascii') as file:
        file.write('no journal, but it names ' + EMAIL)
    return names


def planted():
    home = t.Home(CONFIG)
    with t.Telltale(command='serve', home=home) as serve:
        post_all(serve)
        t.wait_until(lambda: waiting(home) > 200, 'events in the outbox')
    put_in_tables(home)
    return home, put_beside(home)


def waiting(home):
    database = sqlite3.connect(home.journal)
    count, = database.execute(
        'SELECT coalesce(sum(events), 0) FROM outbox').fetchone()
    database.close()
    return count


def others(path):
    """How many events others did."""
    database = sqlite3.connect(path)
    count, = database.execute(
        "SELECT count(*) FROM events e JOIN identities i ON i.id = e.who "
        "WHERE i.email LIKE 'other%'").fetchone()
    database.close()
    return count


def assert_gone(home):
    left = found(home)
    for place in left:
        t.note(place)
    t.equal(len(left), 0, 'places')


def assert_others(home, count):
    t.equal(others(home.journal), count, 'events of others')
    bodies = [value for _, value in values(home.journal)
              if MARK.encode() in value]
    t.equal(len(bodies) > 20, True, 'what stands around it stays')


def forget(home, names):
    done = home.run('forget', '--yes', EMAIL, timeout=4 * t.PATIENCE)
    t.equal(done.returncode, 0, done.stderr)
    for name in names.values():
        t.equal(name in done.stdout and name in done.stderr, True,
                done.stdout + done.stderr)
    for word in ('salvaged', 'junk'):
        t.equal(os.path.exists(names[word]), False, word)


@t.case('what is planted is found by this test')
def _():
    home, _names = planted()
    wanted = {name for name, _ in needles()}
    left = found(home)
    t.equal(wanted - {name for _, name, _ in left}, set())
    places = {where.split(': ')[-1].split()[0] for where, _, _ in left}
    t.note('%d places: %s' % (len(left), ' '.join(sorted(places))))
    for place in ('notes', 'pins', 'exports', 'signals', 'replays',
                  'cursors', 'outbox', 'mirrors', 'rejects', 'identities',
                  'persons', 'accounts', 'texts', 'events', 'body'):
        t.equal(place in places, True, place)
    home.remove()


@t.case('nothing is left anywhere when nobody owns the journal')
def _():
    home, names = planted()
    count = others(home.journal)
    beside = others(names['replaced'])
    forget(home, names)
    assert_gone(home)
    assert_others(home, count)
    for word in ('damaged', 'replaced'):
        t.equal(others(names[word]), beside, word)
    home.remove()


@t.case('nothing is left anywhere while a receiver runs, and after it')
def _():
    home, names = planted()
    count = others(home.journal)
    with t.Telltale(command='serve', home=home) as serve:
        forget(home, names)
        assert_gone(home)
        t.equal(serve.post(t.body())[0], 200)
    assert_gone(home)
    assert_others(home, count)
    home.remove()


t.run()
