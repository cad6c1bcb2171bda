"""What people ask an AI, under each of the three words of [privacy] prompts:
where it may be seen, and where not."""

import json
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fake_slack  # noqa: E402
import telltale as t  # noqa: E402

ASKED = 'why did alderfinch churn'
ANSWERED = 'because nobody called them'
VIEWER = 'viewer-of-prompts'


def settings(word, json_url, slack_url, mirrors=''):
    each = 'allow_http = yes\nwindow = 100ms\n' + mirrors
    return ('[privacy]\nprompts = %s\n'
            '[mirror machine]\ntype = json\nurl = %s\n%s'
            '[mirror team]\ntype = slack\nurl = %s\n%s' %
            (word, json_url, each, slack_url, each))


def asked():
    return t.body('$ai_generation', properties={
        '$ai_input': [{'role': 'user', 'content': ASKED}],
        '$ai_output_choices': [{'role': 'assistant', 'content': ANSWERED}],
        '$ai_model': 'claude'})


def seen(word, mirrors=''):
    """Where the question or the answer stands, of all that is printed, asked
    for or sent on."""
    with fake_slack.Hook() as machine, fake_slack.FakeSlack() as team:
        config = settings(word, machine.url, team.url, mirrors)
        places = {}
        for words in ((), ('--json',)):
            with t.Telltale(*words, config=config,
                            TELLTALE_VIEWER_TOKEN=VIEWER) as watch:
                sent = len(machine.raw), len(team.raw)
                t.equal(watch.post(asked())[0], 200)
                watch.wait_for_line('Alder')
                t.wait_until(lambda: (len(machine.raw) > sent[0] and
                                      len(team.raw) > sent[1]), 'mirrors')
                places['watch'] = places.get('watch', b'') + watch.stdout()
                places['events'] = watch.request(
                    'GET', '/events', None,
                    {'Authorization': 'Bearer ' + VIEWER})[1]
                places['tail'] = watch.home.run('tail').stdout.encode()
                places['tail --json'] = json.dumps(watch.home.tail()).encode()
                places['log'] = watch.stderr().encode()
                check = watch.home.run('check').stdout
        places['json mirror'] = b''.join(machine.raw)
        places['slack mirror'] = b''.join(team.raw)
    for place, text in places.items():
        assert text or place == 'log', 'nothing from ' + place
    return {place for place, text in places.items()
            if ASKED.encode() in text or ANSWERED.encode() in text}, check


@t.case('dropped, a prompt is nowhere, whatever a mirror wants')
def _():
    places, check = seen('drop', 'prompts = yes\n')
    t.equal(places, set())
    t.equal('~ prompts' in check, False, check)


@t.case('kept, it is not shown, not told and not sent; check warns of it')
def _():
    places, check = seen('keep')
    t.equal(places, set())
    assert 'kept in the journal, not shown' in check, check


@t.case('kept, it cannot be asked for either')
def _():
    with t.Telltale(command='serve', config='[privacy]\nprompts = keep\n',
                    TELLTALE_VIEWER_TOKEN=VIEWER) as serve:
        def told(path, query):
            status, body = serve.request(
                'GET', '%sq=%s' % (path, urllib.parse.quote(query)), None,
                {'Authorization': 'Bearer ' + VIEWER})
            t.equal(status, 200, body)
            return len([line for line in map(json.loads, body.splitlines())
                        if 'uuid' in line])

        t.equal(serve.post(asked())[0], 200)
        for path in ('/events?', '/feed?end=1&after=0&'):
            for query, count in (('prop.$ai_model=claude', 1),
                                 ('body:churn', 0),
                                 ('prop.$ai_input~"why did"', 0),
                                 ('-body:churn', 1)):
                t.equal(told(path, query), count, path + query)


@t.case('kept or shown, it is sent on only by a mirror that says so')
def _():
    t.equal(seen('keep', 'prompts = yes\n')[0], {'json mirror'})
    places, check = seen('show')
    t.equal(places, {'watch', 'events', 'tail', 'tail --json'})
    assert 'kept in the journal and shown' in check, check


t.run()
