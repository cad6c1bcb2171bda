"""telltale demo: the past fills, the signals tell the stories, nothing is
left behind."""

import json
import os
import re
import signal
import subprocess

import telltale as t

STORIES = {
    'Alder & Finch Labs': {'champion', 'billing'},
    'Borealis Freight': {'working-now'},
    'Cobalt Kitchen': {'stuck'},
    'Dunes Health, Inc.': {'billing'},
    'Émeraude Études': {'first-touch'},
    '株式会社ひばり不動産': {'going-quiet'},
    'Juniper Loop': {'growing'},
    'Kestrel Robotics': {'champion', 'champion-away'},
    'Mistral Cycles': {'first-touch'},
    'Xylo Music': {'champion', 'one-person'},
}
# What somebody opens the demo for; the rest is what comes with it.
TOLD = {'Borealis Freight', 'Cobalt Kitchen', 'Dunes Health, Inc.',
        'Émeraude Études', '株式会社ひばり不動産', 'Juniper Loop',
        'Mistral Cycles'}


class Demo:
    """A demo that runs, with its temporary files in the home."""

    def __init__(self, *words, **environment):
        self.home = t.Home(**environment)
        self.home.env['TMPDIR'] = self.home.path
        self.out = open(self.home.path + '/out', 'w', encoding='utf-8')
        self.process = subprocess.Popen(
            [t.PROGRAM, 'demo', *words], env=self.home.env, stdout=self.out,
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.journal = t.wait_until(self.find, 'its journal')

    def find(self):
        found = self.folders()
        path = found and os.path.join(self.home.path, found[0], 'journal.db')
        return path if path and os.path.exists(path) else None

    def folders(self):
        return [name for name in os.listdir(self.home.path)
                if name.startswith('telltale-demo-')]

    def signals(self):
        """What waits, and the titles of long ago that have left the inbox."""
        done = self.home.run('signals', '--json', '--all', '--journal',
                             self.journal)
        if done.returncode:  # it is not there yet
            return []
        return [found for found in map(json.loads, done.stdout.splitlines())
                if found['state'] != 'withdrawn' or
                found['kind'] in ('champion', 'one-person')]

    def by_account(self):
        kinds = {}
        for found in self.signals():
            kinds.setdefault(found['account']['name'], set()).add(
                found['kind'])
        return kinds

    def lines(self):
        # Opened anew: with the demo's own descriptor, what is read here would
        # move the place at which it writes.
        with open(self.home.path + '/out', encoding='utf-8') as said:
            return said.read().splitlines()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        said = self.process.communicate(timeout=t.PATIENCE)[1]
        t.equal(self.process.returncode, 130, said)
        t.equal(self.folders(), [])
        self.out.close()
        self.home.remove()
        return said


def told(demo):
    return demo.by_account() == STORIES


def tells_its_stories(**environment):
    demo = Demo('--plain', '--rate', '120', **environment)
    try:
        t.wait_until(lambda: told(demo), 'the stories', 90)
    except AssertionError:
        t.note(demo.by_account())
        raise
    others = [found for found in demo.signals()
              if found['account']['name'] not in TOLD and
              found['kind'] != 'champion-away']
    t.equal(len(others) <= 8, True, others)
    said = demo.stop()
    t.equal(bool(re.search(r'30 accounts, \d+ people', said)), True, said)


@t.case('its signals are the stories, and ordinary accounts have none')
def _():
    tells_its_stories()


@t.case('so they are where it is long since tomorrow, or still yesterday')
def _():
    tells_its_stories(TZ='Pacific/Kiritimati')
    tells_its_stories(TZ='America/Los_Angeles')


@t.case('its past is kept whole, whatever the settings say of one\'s own')
def _():
    demo = Demo('--plain', '--rate', '600', TELLTALE_KEEP='1d')
    t.wait_until(lambda: demo.by_account().get('Dunes Health, Inc.'),
                 'signals of the past')
    said = demo.stop()
    t.equal('deleted' in said, False, said)


@t.case('of the past it prints the last hour, and then what happens')
def _():
    demo = Demo('--json', '--rate', '600')
    t.wait_until(lambda: len(demo.lines()) > 40, 'lines')
    events = [json.loads(line) for line in demo.lines()[:40]]
    t.equal(all(event['account']['name'] for event in events), True)
    t.equal(all(event['sentence'] for event in events), True)
    t.equal(any(event['links'].get('replay') for event in events), True)
    demo.stop()


@t.case('a replay that somebody watched is minutes long, not hours')
def _():
    demo = Demo('--json', '--rate', '600')

    def watched():
        events = map(json.loads, demo.lines()[:-1])
        return [event['sentence'] for event in events
                if event['sentence'].startswith('watched a replay ·')]
    for sentence in t.wait_until(watched, 'a replay', 60):
        t.equal(bool(re.fullmatch(r'watched a replay · (\d+ s|\d+ min'
                                  r'( \d+ s)?) long', sentence)), True,
                sentence)
    demo.stop()


@t.case('a signal at any moment leaves nothing behind')
def _():
    home = t.Home()
    place = home.path + '/temporary'
    os.mkdir(place)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) * 2:
        with subprocess.Popen(
                [t.PROGRAM, 'demo', '--plain'],
                env=dict(home.env, TMPDIR=place), stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL) as process:
            while not os.listdir(place) and process.poll() is None:
                pass
            process.send_signal(number)
            assert process.wait(t.PATIENCE) in (0, 130), number
        t.equal(os.listdir(place), [])
    home.remove()


t.run()
