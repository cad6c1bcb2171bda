"""A PostHog that enforces PostHog's rules, and remembers what it was asked.

Rules (PostHog's API documentation and public source; error bodies as in
tests/fixtures/api): personal API keys with scopes; queries at 240 a minute
and 120 an hour with 429 beyond, no OFFSET, 100 rows without LIMIT and 50,000
at most, hasMore only without one, a book only from an answer that is no
cached one, answers now or later (202 and polling); lists in pages with
`next`; hog functions whose inputs are replaced as a whole and whose secrets read back as
{"secret": true}, and which keep only inputs that their stored schema knows;
filters in which an empty list means "everything" and no name has a wildcard.
Tables of warehouse.py are really queried: a column that is not there is
refused, as PostHog's resolver does.

deliver() is the other half: it evaluates the filters of every enabled
destination, renders its body and posts it as PostHog's client does.
"""

import base64
import copy
import datetime
import hashlib
import hmac
import http.client
import json
import os
import re
import threading
import time
import urllib.parse
import uuid

import listening
import telltale as t
import warehouse
from hog import filters_hold, filters_wrong, render

KEY = 'phx_exampleKeyOfATest'
SCOPES = ('user:read', 'query:read', 'hog_function:read',
          'hog_function:write')


TEMPLATE_INPUTS = ('url', 'method', 'body', 'headers', 'signing_secret',
                   'debug')


def answer_of(name):
    with open(os.path.join(t.FIXTURES, 'api', name), encoding='utf-8') as f:
        return json.load(f)


def error(status, name, **changes):
    return status, dict(answer_of(name), **changes)


def too_slow(detail=''):
    """What PostHog says of a query that ClickHouse stopped."""
    return error(504, 'query_400.json', type='server_error', code='error',
                 detail='Query has hit the max execution time before '
                 'completing. ' + (detail or 'See our docs.'))


def _now():
    return datetime.datetime.now(datetime.timezone.utc).strftime(
        '%Y-%m-%dT%H:%M:%S.%fZ')


def globals_of(name, org=None, email=None, person_org=None, properties=None,
               org_name='Alder & Finch Labs', person_name=None, event_id=None,
               group=('organization', 0)):
    """What a template sees of one event."""
    event_id = event_id or str(uuid.uuid4())
    properties = dict(properties or {})
    if org:
        properties['$groups'] = {group[0]: org}
        properties['$group_%d' % group[1]] = org
    site = 'https://us.posthog.com/project/2'
    person = None
    if email:
        person = {'id': str(uuid.uuid4()), 'name': email,
                  'url': site + '/person/d1',
                  'properties': {'email': email, 'name': person_name,
                                 'organization_id': person_org or org}}
    return {
        'project': {'id': 2, 'name': 'PostHog App + Website', 'url': site},
        'source': {'name': 'x', 'url': site + '/functions/x/configuration/'},
        'event': {'uuid': event_id, 'event': name, 'distinct_id': 'd1',
                  'properties': properties, 'elements_chain': '',
                  'timestamp': time.strftime('%Y-%m-%dT%H:%M:%S.000Z',
                                             time.gmtime()),
                  'url': site + '/events/' + event_id},
        'person': person,
        'groups': {group[0]: {
            'id': org, 'index': group[1], 'type': group[0],
            'url': site + '/groups/%d/' % group[1] + org,
            'properties': {'name': org_name}}} if org else {},
    }


class FakePostHog(listening.Listening):
    """Starts at once on a free port. What tests may set: scopes, teams (the
    projects the key is limited to), tells_key (older ones do not), add_on,
    throttled (how many requests get 429), wait (seconds it says), stumbles
    (how many get 502), queries_later (202 and polling), page (rows of a
    list), recordings (session id: what differs from the fixture's), hourly
    (queries an hour, None: the team has more), warehouse, hostname_allowed,
    and tables: (pattern, function of the SQL that gives columns and rows)
    pairs, which go before the warehouse."""

    def __init__(self):
        self.lock = threading.Lock()
        self.key = KEY
        self.project = 2
        self.scopes = set(SCOPES)
        self.teams = []
        self.tells_key = True
        self.add_on = True
        self.throttled = 0
        self.wait = 1
        self.stumbles = 0
        self.queries_later = False
        self.polls = 2            # answers "running" so often
        self.page = 100
        self.most = 50000
        self.tables = []
        self.hourly = 120
        self.warehouse = warehouse.Warehouse()
        self.template_inputs = list(TEMPLATE_INPUTS)
        self.hostname_allowed = True
        self.functions = {}
        self.recordings = {}
        self.requests = []        # (method, path, body)
        self.sql = []
        self.delivered = []       # (function id, body, status)
        self.invocations = []
        self._later = {}
        self._cached = {}
        self._minute = []
        self._hour = []
        self._connections = []
        self._turn = 0
        fake = self

        class Handler(listening.Handler):
            def _any(self):
                fake._serve(self, self.body())

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _any

        super().__init__(Handler)

    def close(self):
        super().close()
        for connection in self._connections:
            connection.close()

    def environment(self):
        """The settings that point a telltale here."""
        return {'TELLTALE_POSTHOG_HOST': self.url,
                'TELLTALE_POSTHOG_PROJECT': str(self.project),
                'TELLTALE_POSTHOG_API_KEY': self.key}

    def table(self, pattern, answer):
        """answer(sql) gives (columns, rows) for SQL that matches."""
        self.tables.append((re.compile(pattern, re.S), answer))

    # HTTP

    def _serve(self, handler, data):
        with self.lock:
            headers = []
            status, answer = self._gate(handler, data, headers)
        text = answer if isinstance(answer, bytes) else \
            json.dumps(answer).encode()
        handler.answer(status, text, headers)

    def _gate(self, handler, data, headers):
        path = urllib.parse.urlsplit(handler.path)
        try:
            body = json.loads(data) if data else None
        except ValueError:
            return error(400, 'query_400.json', detail='JSON parse error')
        self.requests.append((handler.command, handler.path, body))
        if handler.headers.get('Authorization') != 'Bearer ' + self.key:
            return error(401, 'error_401.json')
        if self.stumbles:
            self.stumbles -= 1
            return 502, t.fixture('api/error_502.html')
        if self.throttled:
            self.throttled -= 1
            return self._throttle()
        return self._route(handler.command, path.path,
                           dict(urllib.parse.parse_qsl(path.query)), body)

    def _throttle(self, wait=None):
        return error(429, 'error_429.json', detail='Request was throttled. '
                     'Expected available in %d seconds.'
                     % (wait or self.wait))

    def _route(self, method, path, query, body):
        if path == '/api/users/@me/':
            return self._scoped('user:read', lambda: (200, dict(
                answer_of('users_me_200.json'), id=warehouse.ME)))
        if path == '/api/personal_api_keys/@current/' and self.tells_key:
            return 200, {'id': 'key1', 'label': 'csm laptop',
                         'scopes': sorted(self.scopes),
                         'scoped_teams': self.teams,
                         'scoped_organizations': []}
        start = '/api/projects/%d/' % self.project
        if not path.startswith(start):
            return error(404, 'error_404.json')
        words = path[len(start):].split('/')
        if words[0] == 'query':
            return self._scoped('query:read',
                                lambda: self._query(method, words, body))
        if words[0] == 'hog_functions':
            scope = 'read' if method == 'GET' else 'write'
            return self._scoped(
                'hog_function:' + scope,
                lambda: self._function(method, words, query, body))
        if words[0] == 'session_recordings':
            return self._scoped('session_recording:read',
                                lambda: self._recording(words[1]))
        return error(404, 'error_404.json')

    def _scoped(self, scope, answer):
        if not {scope, scope.replace(':read', ':write'), '*'} & self.scopes:
            return error(403, 'error_403_scope.json', detail='API key '
                         "missing required scope '%s'" % scope)
        return answer()

    # Queries

    def _query(self, method, words, body):
        if method == 'GET':
            return self._poll(words[1])
        now = time.monotonic()
        self._minute = [at for at in self._minute if at > now - 60] + [now]
        if len(self._minute) > 240:
            return self._throttle()
        self._hour = [at for at in self._hour if at > now - 3600] + [now]
        if self.hourly and len(self._hour) > self.hourly:
            return self._throttle(int(self._hour[0] + 3601 - now))
        if body['query']['kind'] != 'HogQLQuery':
            return error(400, 'query_400.json', detail='kind')
        sql = body['query']['query']
        cached = self._cached.get(sql)
        if body.get('refresh') == 'force_blocking' or not cached:
            self._cached[sql] = cached = self._run(sql)
        status, answer = cached
        if status != 200 or not self.queries_later:
            return status, answer
        later = answer_of('query_202.json')
        later['query_status']['id'] = uuid.uuid4().hex
        self._later[later['query_status']['id']] = [self.polls, answer]
        return 202, later

    def _poll(self, query_id):
        if query_id not in self._later:
            return error(404, 'error_404.json')
        waiting = self._later[query_id]
        answer = answer_of('query_202.json')
        answer['query_status']['id'] = query_id
        if waiting[0]:
            waiting[0] -= 1
            return 202, answer
        answer = answer_of('query_poll_200.json')
        answer['query_status'].update(id=query_id, results=waiting[1])
        return 200, answer

    def _run(self, sql):
        self.sql.append(sql)
        if re.search(r'\bOFFSET\b', sql, re.I):
            return error(400, 'query_400_offset.json')
        if re.search(r"event I?LIKE '", sql, re.I):
            return too_slow('Names by LIKE are looked for in every event.')
        for pattern, answer in self.tables:
            if pattern.search(sql):
                columns, rows = answer(sql)
                break
        else:
            try:
                columns, rows = self.warehouse.run(sql)
            except warehouse.Refused as why:
                return error(400, 'query_400.json', detail=str(why))
        given = re.findall(r'\bLIMIT\s+(\d+)\s*$', sql, re.I)
        limit = min(int(given[0]) if given else 100, self.most)
        done = answer_of('query_200.json')
        done.update(columns=columns, results=rows[:limit], query=sql,
                    hasMore=len(rows) > limit, limit=limit,
                    types=[[name, 'String'] for name in columns])
        if given:
            del done['hasMore'], done['limit'], done['offset']
        return 200, done

    # Recordings

    def _recording(self, session_id):
        if session_id not in self.recordings:
            return error(404, 'error_404.json', detail='Recording not found')
        return 200, dict(answer_of('session_recording_200.json'),
                         id=session_id, **self.recordings[session_id])

    # Hog functions

    def _function(self, method, words, query, body):
        if len(words) < 2 or not words[1]:
            if method == 'GET':
                return self._list(query)
            return self._create(body)
        function = self.functions.get(words[1])
        if not function or function['deleted']:
            return error(404, 'error_404.json')
        if len(words) > 2 and words[2] == 'invocations':
            return self._invoke(function, body)
        if method == 'GET':
            return 200, self._shown(function)
        if method == 'PATCH':
            return self._patch(function, body)
        return 405, dict(answer_of('error_404.json'),
                         code='method_not_allowed')

    def _shown(self, function, full=True):
        shown = copy.deepcopy(function)
        if 'signing_secret' in shown['inputs']:
            shown['inputs']['signing_secret'] = {'secret': True}
        if not full:
            del shown['inputs']
        return shown

    def _list(self, query):
        rows = [self._shown(function, query.get('full') == 'true')
                for function in self.functions.values()
                if not function['deleted'] and
                query.get('search', '').lower() in function['name'].lower()]
        start = int(query.get('offset', 0))
        end = start + int(query.get('limit', self.page))
        next_ = None
        if end < len(rows):
            next_ = ('https://us.posthog.com/api/projects/%d/hog_functions/?'
                     % self.project) + urllib.parse.urlencode(
                         dict(query, offset=end))
        return 200, {'count': len(rows), 'next': next_, 'previous': None,
                     'results': rows[start:end]}

    def _wrong(self, function):
        url = function['inputs'].get('url', {}).get('value')
        if not url:
            return error(400, 'hog_function_400_input.json')
        wrong = filters_wrong(function['filters'])
        if function['enabled'] and wrong:
            return error(400, 'hog_function_400_filters.json',
                         detail='Invalid filter configuration: ' + wrong)
        return None

    def _keep_known(self, function):
        """What the stored schema does not know is not kept."""
        known = {entry['key'] for entry in function['inputs_schema']}
        function['inputs'] = {name: value for name, value
                              in function['inputs'].items() if name in known}

    def _create(self, body):
        if not self.add_on:
            return error(400, 'hog_function_400_input.json',
                         attr='template_id', detail='The Data Pipelines '
                         'addon is required for this template.')
        function = copy.deepcopy(answer_of('hog_function_201.json'))
        function.update(copy.deepcopy(body), id=str(uuid.uuid4()))
        function.setdefault('enabled', False)
        function.update(deleted=False, updated_at=_now())
        function['inputs_schema'] = [{'key': key} for key
                                     in self.template_inputs]
        self._keep_known(function)
        wrong = self._wrong(function)
        if wrong:
            return wrong
        self.functions[function['id']] = function
        return 201, self._shown(function)

    def _patch(self, function, body):
        known = body.get('base_updated_at')
        if known and known < function['updated_at']:
            return 409, answer_of('hog_function_409.json')
        changed = copy.deepcopy(function)
        changed.update(copy.deepcopy(body), updated_at=_now())
        changed.pop('base_updated_at', None)
        for name, value in changed['inputs'].items():
            if value == {'secret': True}:
                changed['inputs'][name] = function['inputs'].get(name, value)
        self._keep_known(changed)
        wrong = self._wrong(changed)
        if wrong:
            return wrong
        function.clear()
        function.update(changed)
        return 200, self._shown(function)

    def _invoke(self, function, body):
        self.invocations.append(body)
        globals_ = body['globals']
        tried = copy.deepcopy(function)
        tried.update(body['configuration'])
        for name, value in tried['inputs'].items():
            if value == {'secret': True}:
                tried['inputs'][name] = function['inputs'][name]
        if not filters_hold(tried['filters'], globals_):
            return 200, {'status': 'skipped', 'errors': [], 'logs': []}
        if body.get('mock_async_functions', True):
            return 200, {'status': 'success', 'errors': [], 'logs': []}
        if not self.hostname_allowed:
            return 400, {'status': 'error',
                         'errors': ['Hostname is not allowed'], 'logs': []}
        status = self._post(tried, globals_)
        if status is None or status >= 400:
            return 200, {'status': 'error', 'logs': [],
                         'errors': ['Webhook failed with status %s' % status]}
        return 200, {'status': 'success', 'errors': [], 'logs': []}

    # Delivery

    def deliver(self, globals_):
        """Posts one event to every enabled destination whose filters let it
        through; returns how many did."""
        passed = [function for function in list(self.functions.values())
                  if function['enabled'] and not function['deleted'] and
                  filters_hold(function['filters'], globals_)]
        for function in passed:
            self._post(function, globals_)
        return len(passed)

    def _headers(self, inputs, message, body, globals_):
        headers = {name: value for name, value
                   in render(inputs['headers']['value'], globals_).items()
                   if isinstance(value, str)}
        secret = inputs.get('signing_secret', {}).get('value')
        if secret:
            stamp = str(int(time.time()))
            key = base64.b64decode(secret.split('_', 1)[-1])
            signed = ('%s.%s.' % (message, stamp)).encode() + body
            headers.update({
                'webhook-id': message, 'webhook-timestamp': stamp,
                'webhook-signature': 'v1,' + base64.b64encode(
                    hmac.new(key, signed, hashlib.sha256).digest()).decode()})
        return headers

    def _connection(self, url):
        """Consecutive requests alternate between two kept connections."""
        parts = urllib.parse.urlsplit(url)
        while len(self._connections) < 2:
            self._connections.append(http.client.HTTPConnection(
                parts.hostname, parts.port, timeout=3))
        self._turn ^= 1
        connection = self._connections[self._turn]
        if (connection.host, connection.port) != (parts.hostname, parts.port):
            connection.close()
            connection = self._connections[self._turn] = \
                http.client.HTTPConnection(parts.hostname, parts.port,
                                           timeout=3)
        return connection, parts.path or '/'

    def _post(self, function, globals_):
        inputs = function['inputs']
        body = json.dumps(render(inputs['body']['value'], globals_),
                          separators=(',', ':'), ensure_ascii=False).encode()
        message = 'msg_' + globals_['event']['uuid']
        status = None
        for _ in range(3):
            headers = self._headers(inputs, message, body, globals_)
            status = self._attempt(inputs, headers, body)
            if status is not None and status not in (408, 429, 500, 502, 503,
                                                     504):
                break
        self.delivered.append((function['id'], json.loads(body), status))
        return status

    def _attempt(self, inputs, headers, body):
        connection, path = self._connection(inputs['url']['value'])
        try:
            connection.putrequest(inputs['method']['value'], path,
                                  skip_accept_encoding=True)
            connection.putheader('connection', 'keep-alive')
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.putheader('content-length', str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            connection.close()
            return None
