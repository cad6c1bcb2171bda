"""Tables that a fake PostHog is asked for, in SQLite: what HogQL resolves,
this resolves, and what is not there is refused in PostHog's words.

Columns are those of PostHog's system tables, of Vitally's view, and of
Salesforce's tables as they are imported: in snake_case. The functions are
those that queries of ours use.
"""

import json
import re
import sqlite3

ME = 178            # the number of the key's owner
COLLEAGUE = 202
CSM = '0198aaaa-0000-7000-8000-000000000001'
EXECUTIVE = '0198aaaa-0000-7000-8000-000000000002'
MRR = '0198aaaa-0000-7000-8000-000000000003'

TABLES = {
    'system.accounts': 'id, name, external_id, properties, sfdc_id, '
                       'stripe_customer_id, churned_at',
    'system.account_relationships': 'id, account_id, definition_id, user_id, '
                                    'started_at, ended_at',
    'system.account_relationship_definitions': 'id, name',
    'system.custom_property_definitions': 'id, name',
    'system.data_warehouse_tables': 'id, name, deleted',
    'postgres_posthog_user': 'id, email, is_active',
    'vitally_csm_managed_accounts': 'organization_id, organization_name, '
                                    'segment, arr, customer_success_manager, '
                                    'csm_date_assigned',
    'salesforce_account': 'id, name, posthog_org_id_c, owner_id, domain_c',
    'salesforce_user': 'id, email',
    'events': 'event, timestamp, "$group_0", "$group_1", "$group_2", '
              '"$group_3", "$group_4"',
}


class Refused(Exception):
    """What PostHog says of a query that makes no sense."""


class CountIf:
    def __init__(self):
        self.count = 0

    def step(self, holds):
        self.count += bool(holds)

    def finalize(self):
        return self.count


class UniqIf:
    def __init__(self):
        self.values = set()

    def step(self, value, holds):
        if holds:
            self.values.add(value)

    def finalize(self):
        return len(self.values)


class Warehouse:
    """Empty at first: make() makes a table, rows() fills it."""

    def __init__(self):
        self.base = sqlite3.connect(':memory:', check_same_thread=False)
        self.base.execute("ATTACH ':memory:' AS system")
        self.custom = {}  # (account, definition): value
        text = lambda value: None if value is None else str(value)
        for name, count, function in (
                ('toString', 1, text),
                ('toFloat', 1, lambda value: float(value)
                 if value is not None else None),
                ('now', 0, lambda: None),
                ('replaceRegexpAll', 3, lambda value, what, to:
                 None if value is None else re.sub(what, to, value)),
                ('lower', 1, lambda value: None if value is None
                 else str(value).lower()),
                ('in_json', 2, self._in_json),
                ('custom', 2, lambda account, key:
                 self.custom.get((account, key)))):
            self.base.create_function(name, count, function)
        self.base.create_aggregate('countIf', 1, CountIf)
        self.base.create_aggregate('uniqIf', 2, UniqIf)

    @staticmethod
    def _in_json(text, key):
        value = json.loads(text or '{}').get(key)
        return value if value is None or isinstance(value, str) \
            else json.dumps(value)

    def make(self, table, columns=None):
        self.base.execute('CREATE TABLE IF NOT EXISTS %s (%s)'
                          % (table, columns or TABLES[table]))

    def drop(self, *tables):
        for table in tables:
            self.base.execute('DROP TABLE IF EXISTS ' + table)

    def rows(self, table, *rows, columns=None):
        self.make(table, columns)
        for row in rows:
            self.base.execute('INSERT INTO %s VALUES (%s)'
                              % (table, ','.join('?' * len(row))), row)

    def run(self, sql):
        """Columns and rows."""
        sql = re.sub(r'(\w+)\.custom_properties\.values\.`([^`]*)`',
                     r"custom(\1.id, '\2')", sql)
        sql = re.sub(r'(\w+)\.properties\.(\w+)', r"in_json(\1.properties, "
                     r"'\2')", sql)
        sql = re.sub(r'now\(\) - INTERVAL \d+ DAY', "'2000-01-01'", sql)
        sql = re.sub(r'isNull\(([\w.]+)\)', r'(\1 IS NULL)', sql)
        sql = sql.replace("count()", 'count(*)')
        sql = re.sub(r"'((?:[^'\\]|\\.)*)'", lambda found: "'%s'" % re.sub(
            r'\\(.)', r'\1', found.group(1)).replace("'", "''"), sql)
        try:
            answer = self.base.execute(sql)
            columns = [column[0] for column in answer.description]
            # SQLite counts no rows as NULL, ClickHouse as 0
            return columns, [
                [0 if value is None and re.match('nameless|joined_', name)
                 else value for name, value in zip(columns, row)]
                for row in answer.fetchall()]
        except sqlite3.Error as why:
            table = re.search('no such table: (.*)', str(why))
            column = re.search('no such column: (.*)', str(why))
            if table:
                raise Refused('Unknown table `%s`.' % table[1]) from None
            if column:
                raise Refused('Unable to resolve field: '
                              + column[1].split('.')[-1]) from None
            raise Refused(str(why)) from None

    # What tests begin with

    def customer_analytics(self, accounts, user=ME, role=CSM):
        """accounts: (id, name, external id, domains)."""
        for table in TABLES:
            if table.startswith('system.'):
                self.make(table)
        if not self.run('SELECT id FROM '
                        'system.account_relationship_definitions')[1]:
            self.rows('system.account_relationship_definitions',
                      (CSM, 'CSM'), (EXECUTIVE, 'Account executive'))
        for key, name, external, domains in accounts:
            self.rows('system.accounts',
                      (key, name, external,
                       json.dumps({'email_domains': domains}), None, None,
                       None))
            self.rows('system.account_relationships',
                      ('r' + key, key, role, user, '2026-09-01', None))

    def vitally(self, rows, email):
        """rows: as in query_200.json."""
        self.rows('vitally_csm_managed_accounts', *(
            (row[0], row[1], row[2], row[3], email, row[4]) for row in rows))

    def salesforce(self, rows, email, prefix=''):
        self.rows(prefix + 'salesforce_user', ('005A', email),
                  columns=TABLES['salesforce_user'])
        self.rows(prefix + 'salesforce_account', *(
            ('001%04d' % at, row[1], row[0], '005A', None)
            for at, row in enumerate(rows)),
            columns=TABLES['salesforce_account'])
        self.rows('system.data_warehouse_tables',
                  ('t1', prefix + 'salesforce_account', 0),
                  ('t2', prefix + 'salesforce_user', 0))

    def heard(self, ids, index=0, name='insight created'):
        """Events of these groups in the last days."""
        for each in ids:
            row = ['2026-11-01'] + [None] * 5
            row[1 + index] = each
            self.rows('events', [name] + row)
        self.make('events')
