"""What PostHog's virtual machine makes of filters and templates, as far as
ours go."""

import json
import re


# Filters

# As PostHog's virtual machine compares and prints; `./dev contract` holds
# this against it.

def _kind(value):
    return 'number' if isinstance(value, (int, float)) and \
        not isinstance(value, bool) else type(value).__name__


def _number(text):
    try:
        return float(text or 0)
    except ValueError:
        return None


def _same(one, other):
    """Without a word about types: what a list is searched by."""
    return _kind(one) == _kind(other) and one == other


def _loosely(one, other):
    """The sign =: a number reads a text, and beside true or false all is
    one of both."""
    kinds = {_kind(one), _kind(other)}
    if kinds == {'number', 'str'}:
        one, other = (_number(each) if isinstance(each, str) else each
                      for each in (one, other))
    elif kinds == {'bool', 'str'}:
        one, other = (each == 'true' if isinstance(each, str) else each
                      for each in (one, other))
    elif kinds == {'bool', 'number'}:
        one, other = float(one), float(other)
    return _same(one, other)


def printed(value):
    """A value in a text."""
    return value if isinstance(value, str) else _printed(value)


def _printed(value):
    if isinstance(value, str):
        return "'%s'" % re.sub(r"(['\\])", r'\\\1', value)
    if isinstance(value, list):
        return '[%s]' % ', '.join(map(_printed, value))
    if isinstance(value, dict):
        return '{%s}' % ', '.join('%s: %s' % (_printed(key), _printed(item))
                                  for key, item in value.items())
    return json.dumps(value)


def _like(text, value):
    """ILIKE '%value%': what means something in there still does."""
    return re.search(re.escape(value).replace('%', '.*').replace('_', '.'),
                     text, re.I) is not None


def _equal(operator, found, value):
    if operator == 'exact':
        if value == []:
            return True  # PostHog's constant true
        if isinstance(value, list) and len(value) > 1:
            return any(_same(found, item) for item in value)
        return _loosely(found, value[0] if isinstance(value, list) else value)
    if operator == 'icontains':
        return _like(printed(found), value)
    raise ValueError('operator ' + operator)


def property_holds(rule, globals_):
    person = globals_.get('person') or {}
    if rule['type'] == 'person':
        found = (person.get('properties') or {}).get(rule['key'])
    elif rule['type'] == 'event':
        found = globals_['event']['properties'].get(rule['key'])
    elif rule['type'] == 'event_metadata' and \
            re.fullmatch(r'\$group_[0-4]', rule['key']):
        found = {'$group_%d' % group['index']: group['id'] for group in
                 (globals_.get('groups') or {}).values()}.get(rule['key'])
    else:
        raise ValueError('property type ' + rule['type'])
    return _equal(rule['operator'], found, rule['value'])


def filters_hold(filters, globals_):
    if not all(property_holds(rule, globals_)
               for rule in filters.get('properties') or []):
        return False
    entries = filters.get('events') or []
    if not entries:
        return True  # nothing chosen: every event
    return any(entry['id'] in (None, globals_['event']['event']) and
               all(property_holds(rule, globals_)
                   for rule in entry.get('properties') or [])
               for entry in entries)


def filters_wrong(filters):
    """Why PostHog would refuse them; None: nothing."""
    try:
        filters_hold(filters, {'event': {'event': 'x', 'properties': {}}})
        for entry in filters.get('events') or []:
            if entry['type'] != 'events' or 'order' not in entry:
                return 'an entry without type and order'
            if entry['id'] and re.search('[*%]', entry['id']):
                return 'a name is matched letter by letter: ' + entry['id']
            for rule in entry.get('properties') or []:
                _equal(rule['operator'], 'x', rule['value'])
    except (ValueError, KeyError, TypeError) as problem:
        return str(problem)
    return None


# Templates

def _look_up(path, globals_):
    at = globals_
    for part in path.split('.'):
        at = at.get(part) if isinstance(at, dict) else None
    return at


def render(value, globals_):
    """{a.b} as PostHog does: alone it keeps its type, in text it is text."""
    if isinstance(value, dict):
        return {key: render(item, globals_) for key, item in value.items()}
    if isinstance(value, list):
        return [render(item, globals_) for item in value]
    if not isinstance(value, str):
        return value
    whole = re.fullmatch(r'\{([^{}]+)\}', value)
    if whole:
        return _look_up(whole.group(1), globals_)

    def part(match):
        found = _look_up(match.group(1), globals_)
        return '' if found is None else printed(found)
    return re.sub(r'\{([^{}]+)\}', part, value)
