"""telltale setup at a terminal: what it asks, and what it leaves when it is
cut short. Also what else asks there (accounts pull)."""

import os
import signal

import telltale as t
from hub import OWNER, ROWS, contains, lacks
from past import EVENTS, HOUR, Past, happened, now_ms
from place import (
    BOOK, KEY, SETTINGS, Dialogue, Place, accounts, arrives, at_terminal,
    converse, free_port)


@t.case('at a terminal setup asks what it is not told, hides the key, and '
        'ends with the board')
def _():
    with Place() as place, at_terminal(place) as terminal:
        past = Past([happened('survey launched', now_ms() - 50 * HOUR)])
        place.fake.table(EVENTS, past.answer)
        converse(place, terminal, 'http://%s/hook/x' % place.address)
        terminal.wait_for(r'Open the board \[yes\]: $')
        contains(terminal.seen, 'cloudflared', 'has arrived')
        lacks(terminal.seen, place.fake.key, '! ')
        t.equal(place.only()['inputs']['url']['value'],
                'http://%s/hook' % place.address)
        t.equal(place.happens(), 1)
        terminal.type('\n')
        terminal.wait_for(r'\x1b\[\?1049h.*maya')
        t.wait_until(lambda: len(place.home.tail()) == 3)
        terminal.type('q')
        t.equal(terminal.wait_for_end(), 0)
        t.equal(terminal.echoes(), True)
        t.equal([(e['event'], e['source']) for e in place.home.tail()
                 if e['source'] != 'webhook'],
                [('survey launched', 'posthog')])
        contains(place.file(SETTINGS), 'refresh = 1d', 'update = yes')


@t.case('no board is opened by no; what opens it is said')
def _():
    with Place() as place, at_terminal(place) as terminal:
        converse(place, terminal, 'http://' + place.address)
        terminal.answer('Open the board', 'n')
        t.equal(terminal.wait_for_end(), 0)
        contains(terminal.seen, 'telltale opens the board')
        t.equal(place.owner(), 'none: nothing receives now')


@t.case('an answer that makes no sense is asked for again')
def _():
    with Place() as place, at_terminal(place) as terminal:
        terminal.answer('not shown', place.fake.url.split('://')[1])
        terminal.answer('PostHog at https://127.*not shown', place.fake.url)
        terminal.answer('PostHog at http:.*not shown', 'phc_project')
        terminal.answer('personal API key begins.*not shown', 'phx_other')
        terminal.answer('does not know this API key.*not shown',
                        place.fake.key)
        terminal.answer('whose accounts', 'two')
        terminal.answer('"two" is neither.*NUMBER.*whose accounts',
                        'somebody 2')
        terminal.answer('"somebody" is neither.*whose accounts',
                        ' 2, %s ' % OWNER)
        terminal.answer('Public address.*Enter: none', 'none')
        terminal.answer('Enter alone.*Public address', 'http://tunnel.example')
        terminal.answer('must begin with https.*Public address',
                        'http://127.0.0.1:%d' % free_port())
        terminal.answer('no answer.*Another address', 'ftp://x')
        terminal.answer('must begin with https.*Another address',
                        'http://' + place.address)
        terminal.answer('Open the board', 'perhaps')
        terminal.answer('yes, board or no.*Open the board', 'no')
        t.equal(terminal.wait_for_end(), 0)
        t.equal(place.file(KEY), place.fake.key + '\n')
        contains(place.file(SETTINGS), 'public_url = http://' + place.address)


@t.case('a key that PostHog has forgotten is asked for and replaced')
def _():
    with Place() as place:
        place.home.write(KEY, 'phx_old\n')
        os.chmod(place.home.path + '/' + KEY, 0o600)
        with at_terminal(place, '--posthog-host', place.fake.url) as terminal:
            terminal.answer('does not know.*not shown', place.fake.key)
            terminal.wait_for('Number of the project')
            t.equal(place.file(KEY), 'phx_old\n')  # all is not asked yet
            terminal.answer('Number of the project', '')
            terminal.wait_for('Public address')
            t.equal(place.file(KEY), place.fake.key + '\n')


@t.case('scopes can be added while setup waits, and so can the book')
def _():
    with Place() as place:
        place.fake.warehouse.drop('salesforce_account')
        place.fake.scopes.discard('query:read')
        with at_terminal(place, '--posthog-host', place.fake.url) as terminal:
            terminal.answer('not shown', place.fake.key)
            terminal.answer('lacks query:read.*when they are there', '')
            terminal.wait_for(r'\|.*lacks query:read.*are there: $')
            place.fake.scopes.add('query:read')
            terminal.answer('when they are there', '')
            terminal.answer('Number of the project', '')
            terminal.wait_for('when the CSV is there')
            place.home.write(BOOK, t.fixture('accounts.csv').decode())
            terminal.answer('when the CSV is there', '')
            terminal.wait_for('Public address')


@t.case('without an address PostHog is asked, and four answers did it')
def _():
    with Place() as place:
        place.home.env['TELLTALE_POSTHOG_HOST'] = place.fake.url
        with at_terminal(place) as terminal:
            terminal.answer('not shown', place.fake.key)
            terminal.answer('Number of the project', '')
            terminal.answer('Public address.*ask every minute', '')
            terminal.answer('Open the board', 'no')
            t.equal(terminal.wait_for_end(), 0)
            t.equal(terminal.seen.count('|'), 4)
        contains(place.file(SETTINGS), 'source = posthog')
        t.equal(place.fake.functions, {})


@t.case('board opens it without the past')
def _():
    with Place() as place, at_terminal(place) as terminal:
        past = Past([happened('survey launched', now_ms() - 50 * HOUR)])
        place.fake.table(EVENTS, past.answer)
        converse(place, terminal, 'http://' + place.address)
        terminal.answer('Open the board', 'board')
        terminal.wait_for(r'\x1b\[\?1049h.*Live')
        terminal.type('q')
        t.equal(terminal.wait_for_end(), 0)
        t.equal({e['source'] for e in place.home.tail()}, {'webhook'})


@t.case('Enter in place of a key leaves, and nothing is written')
def _():
    with Place() as place, at_terminal(place) as terminal:
        terminal.answer('Enter: leave', '')
        t.equal(terminal.wait_for_end(), 1)
        contains(terminal.seen, 'left: nothing was changed')
        t.equal(place.files(), [])


def interrupted(place, terminal):
    t.equal(terminal.wait_for_end(), -signal.SIGINT)
    t.equal(terminal.echoes(), True)
    t.equal([name for name in place.files() if name.endswith('.tmp')], [])


@t.case('^C at a question leaves the terminal as it was, and nothing half '
        'written')
def _():
    with Place() as place:
        with at_terminal(place) as terminal:
            terminal.wait_for(r'Enter: leave\): $')
            t.equal(terminal.echoes(), False)
            terminal.type('half a key\x03')
            interrupted(place, terminal)
            t.equal(place.files(), [])
        with at_terminal(place) as terminal:
            terminal.answer('not shown', place.fake.url)
            terminal.answer('Now its key.*not shown', place.fake.key)
            terminal.wait_for('Number of the project')
            terminal.type('\x03')
            interrupted(place, terminal)
            t.equal(place.files(), [])


@t.case('^Z at the hidden question gives the echo back, and fg asks again')
def _():
    with Place() as place:
        place.home.env.update(PS1='$ ', ENV='', PROGRAM=t.PROGRAM,
                              TELLTALE_POSTHOG_HOST=place.fake.url)
        del place.home.env['TELLTALE_POSTHOG_API_KEY']
        with Dialogue(place.home, '-i', program='/bin/sh') as terminal:
            terminal.wait_for(r'\$ $')
            terminal.type('"$PROGRAM" setup\n')
            terminal.wait_for(r'Enter: leave\): $')
            terminal.type('half\x1a')
            terminal.wait_for(r'\|.*\$ $')
            terminal.type('stty -a\n')
            terminal.wait_for(r'[^-]echo -?echoe')
            terminal.type('fg\n')
            terminal.wait_for(r'Enter: leave\): $')
            t.equal(terminal.echoes(), False)
            terminal.type(place.fake.key + '\n')
            terminal.wait_for('Number of the project')
            t.equal(terminal.echoes(), True)


@t.case('the end of the input is told in plain words')
def _():
    with Place() as place, at_terminal(place) as terminal:
        terminal.wait_for(r'Enter: leave\): $')
        terminal.type('\x04')
        t.equal(terminal.wait_for_end(), 1)
        contains(terminal.seen, 'the input has ended')
        t.equal(terminal.echoes(), True)
        t.equal(place.files(), [])


@t.case('whatever ends setup ends its receiver')
def _():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                   signal.SIGKILL):
        with Place() as place, at_terminal(place) as terminal:
            converse(place, terminal, 'http://' + place.address)
            terminal.wait_for('Open the board')
            contains(place.owner(), 'telltale setup, process')
            os.kill(terminal.pid, number)
            t.equal(terminal.wait_for_end(), -number)
            if number == signal.SIGKILL:  # it hears of that by itself
                t.wait_until(lambda: place.owner().startswith('none'))
            t.equal(place.owner(), 'none: nothing receives now')
            t.equal(len(place.home.tail()), 1)


# accounts pull

@t.case('accounts pull offers at a terminal to tell PostHog')
def _():
    with Place() as place:
        arrives(place)
        rows = ROWS

        def organizations():
            return len(place.only()['filters']['properties'][0]['value'])

        accounts(place.fake, rows=rows[:2])
        with Dialogue(place.home, 'accounts', 'pull') as terminal:
            terminal.answer('4 gone.*Tell PostHog now', 'no')
            t.equal(terminal.wait_for_end(), 0)
        t.equal(organizations(), 6)
        accounts(place.fake, rows=rows[:3])
        with Dialogue(place.home, 'accounts', 'pull') as terminal:
            terminal.answer('1 new.*Tell PostHog now', '')
            t.equal(terminal.wait_for_end(), 0)
            contains(terminal.seen, ' updated')
        t.equal(organizations(), 3)
        with Dialogue(place.home, 'accounts', 'pull') as terminal:
            t.equal(terminal.wait_for_end(), 0)
            lacks(terminal.seen, 'Tell PostHog')
        accounts(place.fake, rows=rows[:4])
        done = place.home.run('accounts', 'pull', '--dry-run', '--update')
        contains(done.stdout, '1 new', 'nothing was written')
        done = place.home.run('accounts', 'pull', '--update')
        t.equal(done.returncode, 0, done.stderr)
        contains(done.stdout, '1 new', ' updated')
        t.equal(organizations(), 4)


@t.case('without a public address there is nobody to tell')
def _():
    with Place() as place:
        place.home.env.update(place.fake.environment(),
                              TELLTALE_POSTHOG_OWNER=OWNER)
        with Dialogue(place.home, 'accounts', 'pull') as terminal:
            t.equal(terminal.wait_for_end(), 0)
            contains(terminal.seen, '6 new')
            lacks(terminal.seen, 'Tell PostHog')


# check --posthog


t.run()
