"""A past for the fake PostHog: a list of events; the query is taken apart and
answered as its words say."""

import calendar
import re
import sqlite3
import time
import uuid

import telltale as t
from fake_posthog import FakePostHog

ALDER = '77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8'
BOREALIS = 'becccfc8-9252-4f2f-983e-4eeaaac45350'
FOREIGN = '5d2f6b59-0d5c-4c5e-8a9e-0f3f6a1b2c3d'
BOOK = ('organization_id,organization_name\n%s,Alder & Finch Labs\n'
        '%s,Borealis Freight\n' % (ALDER, BOREALIS))
COLUMNS = ['event_person', 'event_person_properties', 'event_uuid',
           'event_name', 'event_ms', 'event_distinct_id', 'event_properties']
HOUR = 3600 * 1000
# Questions about single events, or when the first was.
EVENTS = '(event_uuid|first_ms).* FROM events '


def iso(ms):
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(ms // 1000)) + \
        '.%03dZ' % (ms % 1000)


def happened(name, ms, org=ALDER, event_id=None, more=''):
    """more: what stands in a property besides."""
    return {'uuid': event_id or str(uuid.uuid4()), 'event': name, 'ms': ms,
            'org': org, 'more': more}


def hours(sql):
    """How many a query looks at."""
    since, until = (calendar.timegm(time.strptime(text[:19],
                                                  '%Y-%m-%dT%H:%M:%S'))
                    for text in re.findall(r"toDateTime\('([^']+)'\)", sql))
    return (until - since) / 3600


class Past:
    """The table `events` of a fake PostHog."""

    def __init__(self, events):
        self.events = sorted(events, key=lambda e: (e['ms'], e['uuid']))
        self.asked = []

    def add(self, event):
        self.events = sorted(self.events + [event],
                             key=lambda e: (e['ms'], e['uuid']))

    def answer(self, sql):
        if 'first_ms' in sql:
            since, until = re.findall(r"toDateTime\('([^']+)'\)", sql)
            found = [e['ms'] for e in self.events
                     if since <= iso(e['ms']) < until]
            return ['events', 'first_ms'], [[len(found), found[0] if found
                                             else 0]]
        since, until = re.findall(r"toDateTime\('([^']+)'\)", sql)
        after = re.search(r"event_ms > (\d+) OR \(event_ms = \1 AND "
                          r"event_uuid > '([^']+)'\)", sql)
        key = (int(after.group(1)), after.group(2)) if after else (0, '')
        orgs = re.search(r"IN \(([^)]*)\)", sql).group(1)
        if 'ORDER BY event_ms, event_uuid LIMIT' not in sql:
            raise ValueError('no order')
        self.asked.append(key)
        rows = [e for e in self.events
                if since <= iso(e['ms']) < until and
                (e['ms'], e['uuid']) > key and "'%s'" % e['org'] in orgs and
                "event = '%s')" % e['event'] in sql]
        return COLUMNS, [
            ['p1', '{"email":"maya@alderfinch.example"}', e['uuid'],
             e['event'], e['ms'], 'd1',
             '{"$group_0":"%s","prompt":"private words","more":"%s"}'
             % (e['org'], e['more'])]
            for e in rows]


class Place:
    """A fake PostHog with a past, and a home that points to it."""

    def __init__(self, events):
        self.past = Past(events)

    def __enter__(self):
        self.posthog = FakePostHog()
        self.posthog.forgive()
        self.posthog.hourly = None  # the team has more
        self.posthog.table(EVENTS, self.past.answer)
        self.home = t.Home(**self.posthog.environment())
        self.home.write('config/telltale/accounts.csv', BOOK)
        return self

    def __exit__(self, *_):
        self.posthog.close()
        self.home.remove()

    def run(self, *words):
        return self.home.run('backfill', *words)

    def ask(self, sql):
        journal = sqlite3.connect(self.home.journal)
        try:
            return journal.execute(sql).fetchall()
        finally:
            journal.close()

    def write(self, sql):
        journal = sqlite3.connect(self.home.journal)
        with journal:
            journal.execute(sql)
        journal.close()


def now_ms():
    return int(time.time() * 1000)
