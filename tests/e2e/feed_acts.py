"""POST /act over real HTTP: what is done is kept before it is answered, and
told to all, also to who was away."""

import json
import sqlite3

import telltale as t
from board import AUTH, VIEWER, post, serving
from viewer import Viewer, act, make


def home():
    return t.Home(TELLTALE_VIEWER_TOKEN=VIEWER)


def with_signal(serve):
    """The id of a signal, made by hand."""
    post(serve, 1)
    database = sqlite3.connect(serve.home.journal)
    database.execute(
        "INSERT INTO signals VALUES (7, 'billing', 0, 0, -1, 1, "
        "1700000000000, 3, 'Payment failed', NULL, '[1]', 'new', NULL, NULL, "
        'NULL, 1700000000000)')
    database.commit()
    database.close()
    return 7


@t.case('done, snoozed, noted: answered when kept, told to all, with who '
        'did it')
def _():
    with serving(home=home()) as serve:
        maya = make(serve.home, 'maya')
        number = with_signal(serve)
        viewer = Viewer(serve, VIEWER)
        viewer.wait_for_word('hello')
        status, answer = act(serve, maya, do='note', signal=number,
                             note='call\x1b[31m on \u202eFriday')
        t.equal(status, 200)
        note = answer['signal']['note']
        assert '\x1b' not in note and '\u202e' not in note, note
        status, answer = act(serve, maya, do='snooze', signal=number,
                             until='2999-01-01T00:00:00Z')
        t.equal((status, answer['signal']['state']), (200, 'snoozed'))
        status, answer = act(serve, maya, do='done', signal=number)
        t.equal((status, answer['signal']['state']), (200, 'done'))
        t.wait_until(lambda: len(viewer.said) >= 4, 'three acts')
        acts = [word for word in viewer.said if word['feed'] == 'act']
        t.equal([(word['do'], word['by'], word['signal']['id'])
                 for word in acts],
                [('note', 'maya', 7), ('snooze', 'maya', 7),
                 ('done', 'maya', 7)])
        t.equal(serve.home.run('signals', 'note', '7', 'later').returncode, 0)
        t.wait_until(lambda: len(viewer.said) >= 5, 'what was said here')
        t.equal(viewer.said[-1]['by'], '')
        viewer.close()


@t.case('what was said while a viewer was away is told when it comes back: of '
        'each signal, event and account the newest, once, behind the events')
def _():
    with serving(home=home()) as serve:
        maya = make(serve.home, 'maya')
        post(serve, 2)
        t.equal(serve.post(t.body(org_id='org-1'))[0], 200)
        number = with_signal(serve)
        origin = json.loads(serve.request(
            'GET', '/events?after=0&limit=1', None, AUTH)[1])['origin']
        for words in ({'do': 'seen', 'signal': number},
                      {'do': 'note', 'signal': number, 'note': 'call'},
                      {'do': 'read', 'account': 'org-1'},
                      {'do': 'pin', 'origin': origin, 'note': 'ask "why"'},
                      {'do': 'done', 'signal': number},
                      {'do': 'read', 'account': 'ORG-1 "x"'},
                      {'do': 'note', 'account': 'org-2', 'note': 'ask'},
                      {'do': 'note', 'account': 'org-1',
                       'note': 'renewal\x1b[31m in \u202e"March"'},
                      {'do': 'note', 'account': 'org-2', 'note': ''}):
            t.equal(act(serve, maya, **words)[0], 200, words)

        def told(after, count):
            viewer = Viewer(serve, VIEWER, after=0,
                            query='&acts=%d' % after)
            t.wait_until(lambda: len(
                [word for word in viewer.said if word['feed'] == 'act']) ==
                count, '%d acts in %r' % (count, viewer.said))
            return viewer, [word for word in viewer.said
                            if word['feed'] == 'act']

        viewer, acts = told(0, 7)
        t.equal([(word['do'], word['by']) for word in acts],
                [('note', 'maya'), ('read', 'maya'), ('pin', 'maya'),
                 ('done', 'maya'), ('read', 'maya'), ('note', 'maya'),
                 ('note', 'maya')])
        t.equal((acts[0]['signal']['note'], acts[2]['note'],
                 acts[2]['origin'], acts[3]['signal']['state'],
                 acts[4]['account'], acts[6]['account'], acts[6]['note']),
                ('call', 'ask "why"', origin, 'done', 'ORG-1 "x"', 'org-2',
                 ''))
        note = acts[5]['note']
        assert note.startswith('renewal') and note.endswith('"March"'), note
        assert '\x1b' not in note and '\u202e' not in note, note
        ids = [word['act'] for word in acts]
        t.equal(ids, sorted(set(ids)))
        at = [line.get('feed') for line in viewer.lines]
        assert at.index('act') > len(at) - 1 - at[::-1].index(None), at
        t.equal(act(serve, maya, do='unpin', origin=origin)[0], 200)
        last = t.wait_until(lambda: viewer.said[-1]['do'] == 'unpin' and
                            viewer.said[-1], 'what is said now')
        assert last['act'] > ids[-1], last
        viewer.close()
        viewer, acts = told(ids[-1], 1)
        t.equal(acts[0]['do'], 'unpin')
        viewer.close()
        viewer = Viewer(serve, VIEWER, after=0, query='&acts=0&end=1')
        viewer.wait_for_end()
        t.equal([word['feed'] for word in viewer.said].count('act'), 7)
        t.equal(viewer.said[-1]['all'], True)
        t.equal(serve.request('GET', '/feed?acts=x', None, AUTH)[0], 400)
        done = serve.home.run('forget', 'org-1', '--yes')
        t.equal(done.returncode, 0, done.stderr)
        viewer, acts = told(0, 5)
        assert 'org-1' not in json.dumps([word['account'] for word in acts
                                          if 'account' in word])
        assert 'March' not in json.dumps(acts), acts
        viewer.close()


@t.case('what was done before what stands, or has no room, is told to nobody')
def _():
    with serving(home=home()) as serve:
        maya, jonas = make(serve.home, 'maya'), make(serve.home, 'jonas')
        number = with_signal(serve)
        origin = json.loads(serve.request(
            'GET', '/events?after=0&limit=1', None, AUTH)[1])['origin']
        viewer = Viewer(serve, VIEWER)
        viewer.wait_for_word('hello')
        each = ({'do': 'note', 'account': 'org-1', 'note': 'call'},
                {'do': 'read', 'account': 'org-1'},
                {'do': 'pin', 'origin': origin},
                {'do': 'done', 'signal': number})
        for words in each:
            t.equal(act(serve, maya, **words)[0], 200, words)
        for words in each:
            status, answer = act(serve, jonas, ago=60000, **words)
            t.equal((status, answer['stands']['by']), (200, 'maya'), words)
        database = sqlite3.connect(serve.home.journal)
        database.executemany(
            "INSERT INTO notes (about, subject, text, at) VALUES "
            "('account', ?, 'call', 1700000000000)",
            [('other-%d' % account,) for account in range(1, 2000)])
        database.commit()
        database.close()
        status, answer = act(serve, jonas, do='note', account='org-2',
                             note='call')
        t.equal((status, answer['error']), (409, 'there are too many notes'))
        t.equal(act(serve, jonas, do='read', account='org-2')[0], 200)
        t.wait_until(lambda: viewer.said[-1].get('account') == 'org-2',
                     'the last act')
        t.equal([(word['do'], word['by']) for word in viewer.said
                 if word['feed'] == 'act'],
                [('note', 'maya'), ('read', 'maya'), ('pin', 'maya'),
                 ('done', 'maya'), ('read', 'jonas')])
        viewer.close()


@t.case('an act of nobody, on nothing, or that is none, is refused')
def _():
    with serving(home=home()) as serve:
        number = with_signal(serve)
        t.equal(act(serve, 'nobody', do='done', signal=number)[0], 401)
        t.equal(act(serve, serve.token, do='done', signal=number)[0], 401)
        t.equal(act(serve, VIEWER, do='done', signal=99)[0], 404)
        for words in ({}, {'do': 'done'}, {'do': 'done', 'signal': '7'},
                      {'do': 'done', 'signal': 7.5},
                      {'do': 'done', 'signal': 1e300},
                      {'do': 'dance', 'signal': 7},
                      {'do': 'snooze', 'signal': 7},
                      {'do': 'snooze', 'signal': 7, 'until': 'soon'},
                      {'do': 'snooze', 'signal': 7,
                       'until': '2001-01-01T00:00:00Z'},
                      {'do': 'note', 'signal': 7, 'note': 5},
                      {'do': 'note', 'account': 'org-1'},
                      {'do': 'note', 'account': '', 'note': 'call'},
                      {'do': 'note', 'account': 7, 'note': 'call'}):
            t.equal(act(serve, VIEWER, **words)[0], 400, words)
        for body in (b'', b'[]', b'x', b'[' * 5000, b'{"do":"done"',
                     b'"\xff"'):
            t.equal(serve.request('POST', '/act', body, AUTH)[0], 400, body)
        t.equal(serve.request('POST', '/act', b'x' * 70000, AUTH)[0], 413)
        t.equal(serve.request('GET', '/act', None, AUTH)[0], 405)
        text = serve.home.run('signals', '--json', '--all').stdout
        t.equal(json.loads(text)['state'], 'new')


t.run()
