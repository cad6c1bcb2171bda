#!/usr/bin/env python3
"""Asks the tests whether they notice: changes one line of the program at a
time, builds it, runs the tests that should fail, and says of each change
whether one did.

    tests/mutate.py                       150 changes anywhere, seed 1
    tests/mutate.py --seed 7 --sites 40 src/net ui/prompt.c
    tests/mutate.py --at src/net/conn.c:120 --with tests/e2e/http_traps.py

A copy of the tree below build/mutate is what is changed and built, without
sanitizers. Changes are of six kinds: a condition negated, a boundary moved by
one, && for || and back, a constant, a statement dropped, a value returned the
other way. Those that do not compile, or compile to the same code as before,
count for nothing and others are taken. What only a sanitizer sees (memory
that is not given back) is not tried.

The last line is "N of M noticed". What survives is worth a look: a test is
missing, or the line is.
"""

import argparse
import collections
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
AREA = os.path.join(TOP, 'build', 'mutate')
TREE = os.path.join(AREA, 'tree')
BUILD = os.path.join(AREA, 'build')

# Who should notice, by the longest path that fits; the quickest first.
# A word without a slash is tests/unit/WORD_test.
NOTICE = {
    'src/base': 'base text fold intern accounts config since query '
                'decode tests/e2e/spine.py',
    'src/base/csv.c': 'accounts book_cases tests/e2e/books.py',
    'src/base/charset.c': 'accounts book_cases tests/e2e/books.py',
    'src/base/notify.c': 'tests/e2e/service.py',
    'src/base/ini.c': 'ini config catalog tests/e2e/settings.py',
    'src/base/log.c': 'intern tests/e2e/spine.py tests/e2e/service.py',
    'src/config': 'config secret ini command viewers mirror_settings '
                  'tests/e2e/settings.py tests/e2e/setup.py '
                  'tests/e2e/spine.py tests/e2e/service.py '
                  'tests/e2e/feed.py',
    'src/event': 'event decode catalog catalog_doc manifest links slice '
                 'redact planted prompt cases rows accounts book_cases '
                 'book_changes archive tests/e2e/shapes.py '
                 'tests/e2e/books.py tests/e2e/signals.py',
    'src/event/archive.c': 'archive tests/e2e/export.py tests/e2e/import.py',
    'src/event/teams.c': 'decode_context posthog tests/e2e/posthog.py '
                         'tests/e2e/setup.py tests/e2e/polling.py',
    'src/journal': 'journal reader prune guard forget migrate timeline zone '
                   'follower follow body reject_retry '
                   'tests/faults/kill_journal '
                   'tests/faults/files.py tests/e2e/keep.py '
                   'tests/e2e/zone.py tests/e2e/forget.py '
                   'tests/e2e/traces.py',
    'src/query': 'query search tests/e2e/order.py',
    'src/live': 'live habit inbox usage timeline query '
                'tests/screen/golden_test '
                'tests/screen/order_test tests/screen/actions_test',
    'src/signal': 'signal follow opener inbox demo_story '
                  'tests/e2e/signals.py tests/e2e/replay.py '
                  'tests/e2e/mirror_signals.py',
    'src/report': 'tests/e2e/report.py tests/e2e/digest.py',
    'src/net': 'loop http_rules dechunk quota '
               'tests/e2e/http_traps.py tests/e2e/http_limits.py '
               'tests/e2e/http_crowd.py tests/e2e/service.py '
               'tests/e2e/spine.py tests/e2e/signed.py',
    'src/net/control': 'loop tests/e2e/spine.py tests/e2e/backfill.py',
    'src/net/client.c': 'loop tests/e2e/mirror.py tests/e2e/posthog.py',
    'src/source': 'app feed_word file tests/e2e/spine.py tests/e2e/signed.py '
                  'tests/e2e/shapes.py tests/e2e/prompts.py '
                  'tests/e2e/attach.py',
    'src/mirror': 'batch message slack mirror_settings mirror_doc '
                  'tests/e2e/mirror.py tests/e2e/mirror_signals.py '
                  'tests/e2e/promises.py tests/e2e/check.py '
                  'tests/e2e/digest.py tests/e2e/forget.py',
    'src/serve': 'lag serve tests/e2e/events.py tests/e2e/feed.py '
                 'tests/e2e/metrics.py '
                 'tests/e2e/spine.py tests/e2e/keep.py',
    'src/posthog': 'posthog api_request key recording rows search cases '
                   'tests/e2e/posthog.py tests/e2e/polling.py '
                   'tests/e2e/backfill.py tests/e2e/renewal.py '
                   'tests/e2e/names.py tests/e2e/setup.py '
                   'tests/e2e/warehouse.py',
    'src/app': 'services day_ticks app decode_context rule '
               'tests/e2e/spine.py '
               'tests/e2e/settings.py tests/e2e/keep.py tests/e2e/order.py '
               'tests/e2e/promises.py tests/e2e/renewal.py '
               'tests/e2e/rules.py',
    'src/command': 'since command findings demo_story documents '
                   'tests/e2e/spine.py '
                   'tests/e2e/settings.py tests/e2e/setup.py '
                   'tests/e2e/backfill.py tests/e2e/zone.py '
                   'tests/e2e/books.py tests/e2e/keep.py '
                   'tests/e2e/posthog.py tests/e2e/forget.py '
                   'tests/e2e/check.py tests/e2e/export.py '
                   'tests/e2e/import.py tests/e2e/report.py '
                   'tests/e2e/viewer.py tests/e2e/completion.py',
    'src/main.c': 'tests/e2e/spine.py tests/e2e/settings.py',
    'ui': 'ui theme tests/screen/actions_test tests/screen/golden_test '
          'tests/screen/order_test tests/screen/terminal_test '
          'tests/screen/share_test '
          'tests/screen/real.py',
}
# Memory given back, and what is said to a log: no test without a sanitizer
# can see the one, no test should see each of the other.
LEFT_ALONE = re.compile(
    r'\b\w*free\w*\(|\bva_end\(|\blog_line\(|\b\w+_destroy\(|static_assert')

Site = collections.namedtuple('Site', 'file line kind old new')


# --- Sites ------------------------------------------------------------------

def blanked(text):
    """text with comments, literals and directives blanked, same places."""
    def blank(match):
        return re.sub(r'[^\n]', ' ', match.group())
    text = re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'
                  r"'(?:\\.|[^'\\\n])+'", blank, text, flags=re.S)
    return re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', blank, text, flags=re.M)


def closing(text, at):
    """The place of the bracket that closes the one at text[at], or None."""
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] == '(') - (text[place] == ')')
        if not depth:
            return place
    return None


def negated(line, code):
    for match in re.finditer(r'\b(?:if|while) (?=\()', code):
        end = closing(code, match.end())
        if end:
            inner = line[match.end():end + 1]
            yield ('condition negated', line[:match.end()] + '(!' + inner +
                   ')' + line[end + 1:])


def swapped(line, code, kind, pairs):
    for match in re.finditer('|'.join(re.escape(a) for a in pairs), code):
        yield (kind, line[:match.start()] + pairs[match.group()] +
               line[match.end():])


def constants(line, code):
    if re.search(r'\bcase\b|\bsizeof\b|^\s+(?:\w+ )+\w+\[', code):
        return  # the size of an array may be larger
    for match in re.finditer(r'(?<![\w.%])(?:0|[1-9]\d*)(?=[),;\s\]])',
                             code):
        other = {'0': '1', '1': '2'}.get(match.group(),
                                         str(int(match.group()) + 1))
        yield ('constant', line[:match.start()] + other + line[match.end():])


STATEMENT = re.compile(
    r'^\s+(?:[a-z_][\w>.\[\]-]*\([^;]*\)|\*?[a-z_][\w>.\[\]()*-]* '
    r'[-+|&*/]?= [^;]*|[a-z_][\w>.\[\]-]*(?:\+\+|--)|break|continue);$')


def dropped(line, code, before):
    if not STATEMENT.match(code.rstrip()) or LEFT_ALONE.search(code):
        return
    if not re.search(r'[;{}:)]$|^$|\belse$', before):
        return
    yield ('statement dropped', re.match(r'\s*', line).group() + ';')


def returned(line, code):
    match = re.match(r'^(\s+return )(.*);$', code.rstrip())
    if not match:
        return
    value = match.group(2)
    flat = {'true': 'false', 'false': 'true', '0': '1', '1': '0', '-1': '0'}
    kept = line[match.start(2):match.end(2)]
    if value in flat:
        yield ('return flipped', match.group(1) + flat[value] + ';')
    elif re.search(r' (?:==|!=|<=?|>=?|&&|\|\|) |^!', value):
        yield ('return flipped', match.group(1) + '!(' + kept + ');')


BOUNDS = {' < ': ' <= ', ' <= ': ' < ', ' > ': ' >= ', ' >= ': ' > '}
BOTH = {'&&': '||', '||': '&&'}


def sites_of(path):
    """Every change that could be made to the file."""
    with open(os.path.join(TOP, path), encoding='utf-8') as file:
        text = file.read()
    lines, codes = text.split('\n'), blanked(text).split('\n')
    before, depth = '', 0
    for number, (line, code) in enumerate(zip(lines, codes), 1):
        inside = depth > 0
        depth += code.count('{') - code.count('}')
        if code.strip() and inside and not LEFT_ALONE.search(code):
            for kind, new in [
                    *negated(line, code),
                    *swapped(line, code, 'boundary', BOUNDS),
                    *swapped(line, code, 'and/or', BOTH),
                    *constants(line, code),
                    *dropped(line, code, before),
                    *returned(line, code)]:
                yield Site(path, number, kind, line, new)
        before = code.strip() or before


def sources(words):
    for word in words:
        full = os.path.join(TOP, word)
        if os.path.isfile(full):
            yield os.path.relpath(full, TOP)
        for folder, _, names in sorted(os.walk(full)):
            for name in sorted(names):
                if name.endswith('.c'):
                    yield os.path.relpath(os.path.join(folder, name), TOP)


def chosen(words, seed):
    """All sites in an order that the seed decides: lines are as likely as
    each other, whatever can be done to them."""
    by_line = {}
    for path in sources(words):
        for site in sites_of(path):
            by_line.setdefault((path, site.line), []).append(site)
    chance = random.Random(seed)
    order = sorted(by_line)
    chance.shuffle(order)
    return [chance.choice(by_line[place]) for place in order]


# --- Building and running ---------------------------------------------------

def call(words, limit=None, **how):
    """Runs it; True when it ended well within its time. What it started ends
    with it."""
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT,
                               start_new_session=True, **how)
    try:
        said = process.communicate(timeout=limit)[0]
    except subprocess.TimeoutExpired:
        said = b'not ok - in time\n'
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        pass
    process.wait()
    good = process.returncode == 0 and not re.search(rb'^not ok', said, re.M)
    return good, said.decode('utf-8', 'replace')


def make(*targets):
    return call(['make', '-s', '-C', BUILD, '-j2', *targets],
                env=dict(os.environ, MAKEFLAGS=''))


def prepare():
    """A copy of the tree as it is now, configured and built."""
    names = subprocess.run(
        ['git', '-C', TOP, 'ls-files', '-co', '--exclude-standard'],
        check=True, capture_output=True, text=True).stdout.split('\n')
    for name in filter(None, names):
        there, here = os.path.join(TREE, name), os.path.join(TOP, name)
        if not os.path.isfile(here):
            continue
        os.makedirs(os.path.dirname(there), exist_ok=True)
        with open(here, 'rb') as file:
            data = file.read()
        if not os.path.exists(there) or open(there, 'rb').read() != data:
            shutil.copyfile(here, there)
            shutil.copymode(here, there)
    os.makedirs(BUILD, exist_ok=True)
    if not os.path.exists(TREE + '/configure'):
        subprocess.run(['autoreconf', '-fi'], cwd=TREE, check=True,
                       stderr=subprocess.DEVNULL)
    if not os.path.exists(BUILD + '/Makefile'):
        subprocess.run([TREE + '/configure', '-q', '--enable-tests',
                        'CFLAGS=-O1 -g0'], cwd=BUILD, check=True)
    good, said = make('telltale', 'tests/e2e/http_server',
                      'tests/screen/board', 'tests/screen/picture')
    if not good:
        sys.exit('mutate: the tree does not build\n' + said)


def environment():
    return dict(os.environ, CMOCKA_MESSAGE_OUTPUT='TAP', TESTS_SRC=TREE,
                TESTS_BUILD=BUILD, LC_ALL='C.UTF-8', TZ='UTC0',
                TERM='xterm-256color', PYTHONDONTWRITEBYTECODE='1',
                XDG_CONFIG_HOME=BUILD + '/tests/home/config',
                XDG_STATE_HOME=BUILD + '/tests/home/state')


def run_test(name, limit):
    if name.endswith('.py'):
        words = [sys.executable, os.path.join(TREE, name)]
    else:
        good, said = make(name)
        if not good:
            return False, said
        words = ['./' + name]
    return call(words, limit, cwd=BUILD, env=environment())


def who_notices(path):
    fitting = [place for place in NOTICE if path.startswith(place)]
    names = NOTICE[max(fitting, key=len)].split() if fitting else []
    for name in names:
        test = name if '/' in name else 'tests/unit/%s_test' % name
        if any(os.path.exists(os.path.join(TREE, test + end))
               for end in ('', '.c')):
            yield test


class Baseline:
    """What each test does when nothing is changed: those that fail anyway
    notice nothing, and how long one takes says when it hangs."""

    def __init__(self):
        self.limits = {}

    def limit(self, test):
        """Seconds that it may take; None: it fails as it is."""
        if test not in self.limits:
            began = time.monotonic()
            good, _ = run_test(test, 600)
            took = time.monotonic() - began
            self.limits[test] = 30 + 5 * took if good else None
            if not good:
                print('# %s fails without a change: left out' % test,
                      flush=True)
        return self.limits[test]


def object_of(path):
    """The object file that path compiles to, as make calls it."""
    folder, name = os.path.split(path)
    stem = name[:-2] + '.o'
    prefix = {'ui': 'libtelltaleui_a-'}.get(path.split('/')[0], '')
    return os.path.join(folder, prefix + stem)


def compiled(path):
    good, said = make(object_of(path))
    if not good:
        return None
    with open(os.path.join(BUILD, object_of(path)), 'rb') as file:
        return hashlib.sha256(file.read()).digest()


def told(site):
    """The change as it is printed."""
    shown = site.old if site.kind == 'statement dropped' else site.new
    return '%s:%d: %s: %s' % (site.file, site.line, site.kind, shown.strip())


def write_line(site, text):
    path = os.path.join(TREE, site.file)
    with open(path, encoding='utf-8') as file:
        lines = file.read().split('\n')
    lines[site.line - 1] = text
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines))


def noticed_by(tests, baseline):
    for test in tests:
        limit = baseline.limit(test)
        if limit is None:
            continue
        if test.endswith('.py'):
            good, _ = make('telltale', 'tests/e2e/http_server')
            if not good:
                return 'the linker'
        if not run_test(test, limit)[0]:
            return test
    return None


def try_site(site, tests, baseline):
    """The test that noticed, '' when none did, None when it means nothing."""
    as_it_is = compiled(site.file)
    for test in tests:  # measured before anything is changed
        baseline.limit(test)
    try:
        write_line(site, site.new)
        changed = compiled(site.file)
        if changed is None or changed == as_it_is:
            return None
        return noticed_by(tests, baseline) or ''
    finally:
        write_line(site, site.old)


def at(word):
    path, line = word.rsplit(':', 1)
    return [site for site in sites_of(path) if site.line == int(line)]


def main():
    parser = argparse.ArgumentParser(
        description='Do the tests notice a changed line?')
    parser.add_argument('paths', nargs='*', default=['src', 'ui'])
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--sites', type=int, default=150)
    parser.add_argument('--skip', type=int, default=0,
                        help='go on behind so many of the seed')
    parser.add_argument('--at', metavar='FILE:LINE',
                        help='every change of that line')
    parser.add_argument('--with', dest='tests', nargs='+', metavar='TEST',
                        help='the tests that should notice')
    parser.add_argument('--quick', action='store_true',
                        help='only the tests of tests/unit')
    parser.add_argument('--list', action='store_true',
                        help='print the changes and make none')
    options = parser.parse_args()
    sites = at(options.at) if options.at else chosen(
        options.paths, options.seed)[options.skip:]
    if options.list:
        for site in sites[:options.sites]:
            print(told(site))
        return
    prepare()
    baseline, noticed, tried = Baseline(), 0, 0
    for site in sites:
        if tried == options.sites:
            break
        tests = options.tests or [
            test for test in who_notices(site.file)
            if not options.quick or test.startswith('tests/unit/')]
        by = try_site(site, tests, baseline)
        if by is None:
            continue
        tried += 1
        noticed += by != ''
        print('%s %s%s' % ('noticed ' if by else 'SURVIVED', told(site),
                           by and '  <- ' + by), flush=True)
    print('seed %d: %d of %d noticed (%d %%)'
          % (options.seed, noticed, tried, 100 * noticed // max(tried, 1)))


if __name__ == '__main__':
    main()
