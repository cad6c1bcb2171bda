"""telltale check --posthog: what is well, what is wrong, and that it changes
nothing."""

import json

import fake_posthog
import telltale as t
from hub import ALDER, OWNER, contains, lacks
from place import BOOK, HINT, Place, arrives, free_port


def checked(place, code, *parts):
    done = place.home.check('--posthog')
    t.equal(done.returncode, code, done.stdout + done.stderr)
    contains(done.stdout, *parts)
    wrong = [line for line in done.stdout.splitlines() if line[0] == '!']
    t.equal(bool(wrong), bool(code), done.stdout)
    return done.stdout


@t.case('check --posthog says that all is well, and changes nothing')
def _():
    with Place() as place:
        arrives(place)
        place.only()['status'] = {'state': 1, 'tokens': 9000}
        before = json.dumps(place.fake.functions)
        out = checked(place, 0, 'project 2', '"csm laptop" of ' + OWNER,
                      'on, healthy', '6 accounts', 'was not tried', HINT)
        lacks(out, place.fake.key)
        with place.watch():
            lacks(checked(place, 0), 'was not tried')
        t.equal(json.dumps(place.fake.functions), before)
        lacks(place.home.run('check').stdout, 'csm laptop')


@t.case('check --posthog says what is wrong with the destination')
def _():
    with Place() as place:
        arrives(place)
        ours = place.only()
        ours['enabled'] = False
        checked(place, 1, '! webhook "Customer activity stream (%s)": paused'
                % OWNER)
        ours['enabled'] = True
        ours['status'] = {'state': 3, 'tokens': 0}
        checked(place, 1, 'on, disabled by PostHog')
        ours['status'] = {'state': 2, 'tokens': 10}
        checked(place, 1, 'on, degraded by PostHog')
        ours['status'] = None
        place.home.write(BOOK, 'organization_id,organization_name\n'
                         + ALDER + ',Alder & Finch Labs\n')
        checked(place, 1, 'not as it should be: telltale destination update',
                '- account')
        ours['deleted'] = True
        checked(place, 1, 'not there: telltale destination create')
        place.home.write(BOOK, 'organization_id,organization_name\n')
        checked(place, 1, 'the book is empty')


@t.case('check --posthog says what is wrong with key, project and address')
def _():
    with Place() as place:
        arrives(place)
        place.fake.scopes -= {'user:read', 'hog_function:write'}
        checked(place, 1, '! the API key lacks user:read and '
                'hog_function:write')
        place.fake.scopes |= set(fake_posthog.SCOPES)
        place.fake.teams = [7]
        checked(place, 1, '! the API key may not see project 2')
        place.fake.teams = []
        with place.watch():
            place.home.env['TELLTALE_PUBLIC_URL'] = \
                'http://127.0.0.1:%d' % free_port()
            checked(place, 1, '! address http://127.0.0.1', 'no answer',
                    '~ address')
        place.home.env['TELLTALE_POSTHOG_API_KEY'] = 'phx_other'
        checked(place, 1, 'does not know this API key')
        place.home.env['TELLTALE_POSTHOG_HOST'] = 'http://127.0.0.1:1'
        checked(place, 1, 'cannot connect')


@t.case('check --posthog makes nothing where nothing is')
def _():
    with Place() as place:
        place.home.env['TELLTALE_POSTHOG_HOST'] = place.fake.url
        checked(place, 1, 'which project?')
        place.home.env.update(place.fake.environment())
        checked(place, 1, 'no token yet')
        place.home.env['TELLTALE_SOURCE'] = 'posthog'
        checked(place, 0, 'none: PostHog is asked')
        t.equal(place.files(), [])


t.run()
