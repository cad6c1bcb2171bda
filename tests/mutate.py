#!/usr/bin/env python3
"""Asks the tests whether they notice: changes one line of the program at a
time, builds it, runs the tests that should fail, and says of each change
whether one did.

    tests/mutate.py --map                 which test runs which line, once
    tests/mutate.py --map tests/e2e/x.py  of this test anew
    tests/mutate.py                       150 changes anywhere, seed 1
    tests/mutate.py --seed 7 --sites 40 src/net ui/prompt.c
    tests/mutate.py --again --seed 7      those that survived, once more
    tests/mutate.py --at src/net/conn.c:120 --with tests/e2e/http_traps.py

Copies of the tree below build/mutate are what is changed and built, without
sanitizers: --at-once 3 tries three changes at a time, each in its own copy,
since tests mostly wait. Changes are of six kinds: a condition negated, a boundary moved by
one, && for || and back, a constant, a statement dropped, a value returned the
other way. Those that do not compile, or compile to the same code as before,
count for nothing and others are taken. What only a sanitizer sees (memory
that is not given back) is not tried.

The tests asked are those that run the line, the likeliest first; --map finds
them out, with a build that counts lines (gcov), and is worth doing anew when
tests were added. A test that fails is asked a second time before it counts,
and a slow one once more without the change, since some fail on a busy machine.

What was tried with a seed is kept in build/mutate/seed-N.json: the same words
go on where they were ended. The last line is "N of M noticed". What survives
is worth a look: a test is missing, or the line is. Where it is neither, since
the change cannot be seen by anybody, tests/mutate_same.tsv says why: FILE,
the line, the line changed, the reason; those count for nothing either.
"""

import argparse
import collections
import concurrent.futures
import functools
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
AREA = os.path.join(TOP, 'build', 'mutate')
SAME = os.path.join(TOP, 'tests', 'mutate_same.tsv')
MAP = os.path.join(AREA, 'map.json')

# Who should notice a line that --map saw nobody run (what is killed does not
# tell), by the longest path that fits; the quickest first.
# A word without a slash is tests/unit/WORD_test.
NOTICE = {
    'src/base': 'base text fold intern accounts config moment query '
                'decode tests/e2e/spine.py',
    'src/base/csv.c': 'accounts book_cases tests/e2e/books.py',
    'src/base/charset.c': 'accounts book_cases tests/e2e/books.py',
    'src/base/notify.c': 'base tests/e2e/service.py',
    'src/base/ini.c': 'ini config catalog tests/e2e/settings.py',
    'src/base/log.c': 'intern tests/e2e/spine.py tests/e2e/service.py',
    'src/config': 'config secret ini command viewers mirror_settings '
                  'tests/e2e/settings.py tests/e2e/setup.py '
                  'tests/e2e/setup_terminal.py '
                  'tests/e2e/spine.py tests/e2e/service.py '
                  'tests/e2e/feed.py',
    'src/event': 'event decode decode_fields catalog catalog_rows '
                 'catalog_doc manifest links slice '
                 'redact planted prompt cases rows accounts book_find '
                 'book_cases book_changes archive tests/e2e/shapes.py '
                 'tests/e2e/books.py tests/e2e/signals.py',
    'src/event/archive.c': 'archive tests/e2e/export.py tests/e2e/import.py',
    'src/event/teams.c': 'decode_context posthog tests/e2e/pull.py '
                         'tests/e2e/destination.py '
                         'tests/e2e/setup.py '
                         'tests/e2e/setup_terminal.py tests/e2e/polling.py',
    'src/journal': 'journal journal_same reader prune guard guard_start '
                   'forget migrate timeline zone '
                   'follower follower_write follow body reject_retry '
                   'tests/faults/kill_journal '
                   'tests/faults/files.py tests/e2e/keep.py '
                   'tests/e2e/zone.py tests/e2e/forget.py '
                   'tests/e2e/traces.py',
    'src/query': 'query query_deep query_help search tests/e2e/order.py',
    'src/live': 'live view view_judging tally habit inbox usage working '
                'usage_service timeline query '
                'tests/screen/golden_test '
                'tests/screen/order_test tests/screen/actions_test',
    'src/signal': 'signal signal_working signal_days follow '
                  'opener inbox demo_story '
                  'tests/e2e/signals.py tests/e2e/replay.py '
                  'tests/e2e/mirror_signals.py',
    'src/report': 'digest pick tests/e2e/report.py tests/e2e/digest.py',
    'src/net': 'loop http_rules dechunk quota '
               'tests/e2e/http_traps.py tests/e2e/http_limits.py '
               'tests/e2e/http_crowd.py tests/e2e/service.py '
               'tests/e2e/spine.py tests/e2e/signed.py',
    'src/net/control': 'control tests/e2e/spine.py tests/e2e/backfill.py',
    'src/net/client.c': 'loop tests/e2e/mirror_faults.py tests/e2e/pull.py '
                        'tests/e2e/destination.py',
    'src/source': 'app feed_word file tests/e2e/spine.py tests/e2e/signed.py '
                  'tests/e2e/shapes.py tests/e2e/prompts.py '
                  'tests/e2e/attach.py tests/e2e/attach_lies.py',
    'src/mirror': 'batch signal_page message slack slack_digest slack_like '
                  'mirror_settings mirror_doc tests/e2e/mirror.py '
                  'tests/e2e/mirror_faults.py tests/e2e/mirror_signals.py '
                  'tests/e2e/promises.py tests/e2e/check.py '
                  'tests/e2e/digest.py tests/e2e/forget.py',
    'src/serve': 'lag serve events tests/e2e/events.py tests/e2e/feed.py '
                 'tests/e2e/feed_acts.py tests/e2e/metrics.py '
                 'tests/e2e/spine.py tests/e2e/keep.py',
    'src/posthog': 'posthog api_request key recording rows search cases '
                   'tests/e2e/pull.py tests/e2e/destination.py '
                   'tests/e2e/polling.py '
                   'tests/e2e/backfill.py tests/e2e/renewal.py '
                   'tests/e2e/names.py tests/e2e/setup.py '
                   'tests/e2e/setup_terminal.py '
                   'tests/e2e/warehouse.py',
    'src/app': 'services day_ticks app app_problem decode_context rule '
               'tests/e2e/spine.py '
               'tests/e2e/settings.py tests/e2e/keep.py tests/e2e/order.py '
               'tests/e2e/promises.py tests/e2e/renewal.py '
               'tests/e2e/rules.py',
    'src/command': 'command findings demo_story documents '
                   'tests/e2e/spine.py '
                   'tests/e2e/settings.py tests/e2e/setup.py '
                   'tests/e2e/setup_terminal.py '
                   'tests/e2e/backfill.py tests/e2e/zone.py '
                   'tests/e2e/books.py tests/e2e/keep.py '
                   'tests/e2e/pull.py tests/e2e/destination.py '
                   'tests/e2e/forget.py '
                   'tests/e2e/check.py tests/e2e/export.py '
                   'tests/e2e/import.py tests/e2e/report.py '
                   'tests/e2e/viewer.py tests/e2e/completion.py',
    'src/main.c': 'tests/e2e/spine.py tests/e2e/settings.py',
    'ui': 'ui keys theme replays saved key_cost '
          'tests/screen/detail_test tests/screen/past_test '
          'tests/screen/actions_test tests/screen/golden_test '
          'tests/screen/order_test tests/screen/terminal_test '
          'tests/screen/share_test tests/screen/real.py',
    'ui/pane/mask': 'mask_words tests/screen/share_test',
}
# Memory given back, what is said to a log, and what is done when there is no
# memory: no test without a sanitizer can see the first, no test should see each
# of the second, and none can make the third happen.
LEFT_ALONE = re.compile(
    r'\b\w*free\w*\(|\bva_end\(|\blog_(?:line|limited)\(|'
    r'\b\w*destroy\(|static_assert|\babort\(|nomem\(')

# Programs that tests start.
HELPERS = ('tests/e2e/http_server', 'tests/screen/board',
           'tests/screen/picture')
# Their time is spent on much of the same, or on killing what counts lines.
TOO_LONG = ('tests/circles.py', 'tests/unit/planted_test', 'tests/faults/kill_journal',
            'tests/e2e/kill.py', 'tests/faults/disk.py')
AT_ONCE = 3      # tests that mostly wait
TOGETHER = 6     # quick tests that are linked and run before the next
QUICK = 5        # seconds
PATIENCE = 150   # seconds of tests that one change is given

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
    # -1 is a mark, and so is -2.
    for match in re.finditer(r'(?<![\w.%-])(?:0|[1-9]\d*)(?=[),;\s\]])',
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

LATE = b'not ok - in time\n'


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
        said = LATE
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        pass
    process.wait()
    good = process.returncode == 0 and not re.search(rb'^not ok', said, re.M)
    return good, said.decode('utf-8', 'replace')


class Copy:
    """A copy of the tree as it is now, configured and built, which nobody
    else changes."""

    def __init__(self, name, flags='-O1 -g0'):
        self.tree = os.path.join(AREA, name, 'tree')
        self.build = os.path.join(AREA, name, 'build')
        self.as_it_is = {} # file: what it compiles to
        self.lay()
        os.makedirs(self.build, exist_ok=True)
        if not os.path.exists(self.tree + '/configure'):
            subprocess.run(['autoreconf', '-fi'], cwd=self.tree, check=True,
                           stderr=subprocess.DEVNULL)
        if not os.path.exists(self.build + '/Makefile'):
            subprocess.run([self.tree + '/configure', '-q', '--enable-tests',
                            'CFLAGS=' + flags], cwd=self.build, check=True)

    def lay(self):
        names = subprocess.run(
            ['git', '-C', TOP, 'ls-files', '-co', '--exclude-standard'],
            check=True, capture_output=True, text=True).stdout.split('\n')
        for name in filter(None, names):
            there, here = os.path.join(self.tree, name), os.path.join(TOP, name)
            if not os.path.isfile(here):
                continue
            os.makedirs(os.path.dirname(there), exist_ok=True)
            with open(here, 'rb') as file:
                data = file.read()
            if not os.path.exists(there) or open(there, 'rb').read() != data:
                shutil.copyfile(here, there)
                shutil.copymode(here, there)

    def make(self, *targets):
        return call(['make', '-s', '-C', self.build, '-j2', *targets],
                    env=dict(os.environ, MAKEFLAGS=''))

    def need(self, *targets):
        good, said = self.make(*targets)
        if not good:
            sys.exit('mutate: the tree does not build\n' + said[-4000:])

    def environment(self, **more):
        home = self.build + '/tests/home'
        return dict(os.environ, CMOCKA_MESSAGE_OUTPUT='TAP',
                    TESTS_SRC=self.tree, TESTS_BUILD=self.build,
                    LC_ALL='C.UTF-8', TZ='UTC0', TERM='xterm-256color',
                    PYTHONDONTWRITEBYTECODE='1', HOME=home,
                    XDG_RUNTIME_DIR=home, XDG_CONFIG_HOME=home + '/config',
                    XDG_STATE_HOME=home + '/state', **more)

    def run(self, test, limit, **more):
        words = ([sys.executable, os.path.join(self.tree, test)]
                 if test.endswith('.py') else ['./' + test])
        return call(words, limit, cwd=self.build, env=self.environment(**more))

    def compiled(self, path):
        good, _ = self.make(object_of(path))
        if not good:
            return None
        with open(os.path.join(self.build, object_of(path)), 'rb') as file:
            return hashlib.sha256(file.read()).digest()

    def write_line(self, site, text):
        path = os.path.join(self.tree, site.file)
        with open(path, encoding='utf-8') as file:
            lines = file.read().split('\n')
        lines[site.line - 1] = text
        with open(path, 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines))

    def fails(self, test, limit):
        """Twice, so that it is not the machine; what ran out of its time,
        which is a multiple of what it takes, once."""
        good, said = self.run(test, limit)
        return not good and (said == LATE.decode() or
                             not self.run(test, limit)[0])

    def is_good(self, test, which):
        """As it is, in one of two tries."""
        program = [] if test.endswith('.py') else [test]
        return self.make('telltale', *HELPERS, *program)[0] and (
            self.run(test, which.limit(test))[0] or
            self.run(test, which.limit(test))[0])

    def first_to_fail(self, tests, which):
        """Built together and, since most of them mostly wait, run several at
        once."""
        programs = [test for test in tests if not test.endswith('.py')]
        helpers = (['telltale', *HELPERS]
                   if len(programs) < len(tests) or
                   any(test.startswith('tests/screen/') for test in programs)
                   else [])
        if not self.make(*helpers, *programs)[0]:
            return 'the linker'
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            asked = {pool.submit(self.fails, test, which.limit(test)): test
                     for test in tests}
            for done in concurrent.futures.as_completed(asked):
                if done.result():
                    for other in asked:
                        other.cancel()
                    return asked[done]
        return ''

    def noticed_by(self, tests, which):
        """The test that fails with what is written now, or ''."""
        quick = [test for test in tests if which.took.get(test, 60) < QUICK and
                 not test.endswith('.py')]
        slow = [test for test in tests if test not in quick]
        for first in range(0, len(quick), TOGETHER):
            by = self.first_to_fail(quick[first:first + TOGETHER], which)
            if by:
                return by
        return self.first_to_fail(slow, which) if slow else ''

    def end_strays(self):
        """A changed program may not end when its terminal goes."""
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                if os.readlink('/proc/%s/exe' % pid).startswith(self.build):
                    os.kill(int(pid), signal.SIGKILL)
            except OSError:
                pass # it ended, or is the kernel's

    def try_site(self, site, tests, which):
        """The test that noticed, '' when none did, None when it means
        nothing. A slow test that fails has to be good again without the
        change: the machine may be busy with other things."""
        if site.file not in self.as_it_is:
            self.as_it_is[site.file] = self.compiled(site.file)
        while True:
            try:
                self.write_line(site, site.new)
                changed = self.compiled(site.file)
                if changed is None or changed == self.as_it_is[site.file]:
                    return None
                by = self.noticed_by(tests, which)
            finally:
                self.write_line(site, site.old)
                self.end_strays()
            if (by not in tests or which.took.get(by, 60) < 1 or
                    self.is_good(by, which)):
                return by
            tests = [test for test in tests if test != by]


def object_of(path):
    """The object file that path compiles to, as make calls it."""
    folder, name = os.path.split(path)
    stem = name[:-2] + '.o'
    prefix = {'ui': 'libtelltaleui_a-'}.get(path.split('/')[0], '')
    return os.path.join(folder, prefix + stem)


# --- Which test runs which line ---------------------------------------------

def all_tests():
    """Every test that could notice something: programs and Python."""
    with open(os.path.join(TOP, 'Makefile.am'), encoding='utf-8') as file:
        text = file.read().replace('\\\n', ' ')
    for words in re.findall(r'^(?:unit|script|screen)_tests \+= (.*)', text, re.M):
        for name in words.split():
            if not name.endswith('.sh') and name not in TOO_LONG:
                yield name


def lines_run(folder, copy):
    """FILE: lines, of what the counts below folder say was run."""
    counts = []
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith('.gcda'):
                notes = os.path.join(
                    '/', os.path.relpath(place, folder), name[:-4] + 'gcno')
                if os.path.exists(notes):
                    shutil.copyfile(notes, place + '/' + name[:-4] + 'gcno')
                    counts.append(os.path.join(place, name))
    found = collections.defaultdict(dict)
    for first in range(0, len(counts), 40):
        said = subprocess.run(
            ['gcov', '--json-format', '--stdout', *counts[first:first + 40]],
            cwd=folder, capture_output=True, text=True).stdout
        for text in said.splitlines():
            for file in json.loads(text)['files']:
                path = os.path.join(copy.build, file['file'])
                path = os.path.relpath(os.path.normpath(path), copy.tree)
                for line in file['lines']:
                    number = line['line_number']
                    found[path][number] = (found[path].get(number, False) or
                                           line['count'] > 0)
    return found


def counted(test, copy):
    """The test, the seconds it took or None when it fails, its lines."""
    folder = os.path.join(AREA, 'counts', test.replace('/', '-'))
    for _ in range(2):
        shutil.rmtree(folder, ignore_errors=True)
        began = time.monotonic()
        good, _ = copy.run(test, 400, GCOV_PREFIX=folder)
        took = time.monotonic() - began
        if good:
            break
    found = lines_run(folder, copy) if os.path.isdir(folder) else {}
    shutil.rmtree(folder, ignore_errors=True)
    return test, round(took, 1) if good else None, found


def counted_all(tests, copy):
    """Several at once; those that fail so once more alone, at the end."""
    failed = []
    ask = functools.partial(counted, copy=copy)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for test, took, found in pool.map(ask, tests):
            if took is None:
                failed.append(test)
            else:
                yield test, took, found
    yield from map(ask, failed)


def make_map(tests):
    """Of these tests what they run now, and of the others what was known."""
    copy = Copy('cover', '-O0 -g0 --coverage -fprofile-update=atomic')
    copy.need('check-programs')
    copy.need(*HELPERS)
    data = read_map() if tests else {'took': {}, 'lines': {}}
    took, lines = data['took'], data['lines']
    for who in (who for numbers in lines.values() for who in numbers.values()):
        who[:] = [test for test in who if test not in tests]
    for test, seconds, found in counted_all(
            sorted(tests or all_tests()), copy):
        took[test] = seconds
        print('# %s: %s' % (test, '%.1f s' % seconds if seconds
                            is not None else 'fails, left out'), flush=True)
        for path, numbers in found.items():
            for number, was_run in numbers.items():
                who = lines.setdefault(path, {}).setdefault(str(number), [])
                if was_run and seconds is not None:
                    who.append(test)
    with open(MAP, 'w', encoding='utf-8') as file:
        json.dump(data, file)


def read_map():
    if not os.path.exists(MAP):
        make_map([])
    with open(MAP, encoding='utf-8') as file:
        return json.load(file)


class Map:
    """Who runs a line, and how long each takes."""

    def __init__(self):
        data = read_map()
        self.took, self.lines = data['took'], data['lines']
        self.runs = collections.Counter(
            test for lines in self.lines.values()
            for tests in lines.values() for test in tests)

    def limit(self, test):
        """Seconds that it may take; None: it fails as it is."""
        took = self.took.get(test, 60)
        return None if took is None else 20 + 3 * took

    def place(self, test):
        """Where it comes in the order: those that take long behind the
        others, and of these the one first that runs the least of the program:
        it was written for what it runs."""
        took = self.took.get(test, 60)
        return (True, took) if took >= QUICK else (False, self.runs[test])

    def of(self, path, line):
        """The tests that run it, the likeliest to notice first; those of the
        table when nothing is known, and of the screen always: what is killed
        has no time to count."""
        lines = self.lines.get(path, {})
        for near in range(line, max(line - 8, 0), -1):
            if str(near) in lines:
                break
        who = lines.get(str(near), [])
        if not who or path.startswith('ui/'):
            who = {*who, *by_table(path)}
        return sorted(filter(self.limit, who), key=self.place)


def by_table(path):
    fitting = [place for place in NOTICE if path.startswith(place)]
    names = NOTICE[max(fitting, key=len)].split() if fitting else []
    for name in names:
        test = name if '/' in name else 'tests/unit/%s_test' % name
        if any(os.path.exists(os.path.join(TOP, test + end))
               for end in ('', '.c')):
            yield test


def told(site):
    """The change as it is printed."""
    shown = site.old if site.kind == 'statement dropped' else site.new
    return '%s:%d: %s: %s' % (site.file, site.line, site.kind, shown.strip())


def bounded(tests, which):
    """As many as fit into the time that one change is given."""
    spent, kept = 0, []
    for test in tests:
        spent += which.took.get(test, 60)
        if kept and spent > PATIENCE:
            break
        kept.append(test)
    return kept


# --- Many -------------------------------------------------------------------

class Record:
    """What was tried with a seed, by what the change is, not where: the lines
    above it may become more."""

    def __init__(self, seed):
        self.path = os.path.join(AREA, 'seed-%s.json' % seed)
        self.tried = {}
        self.lock = threading.Lock()
        if os.path.exists(self.path):
            with open(self.path, encoding='utf-8') as file:
                self.tried = json.load(file)

    @staticmethod
    def key(site):
        return '\t'.join((site.file, site.kind, site.old, site.new))

    def put(self, site, by):
        with self.lock:
            self.tried[self.key(site)] = by
            with open(self.path + '.new', 'w', encoding='utf-8') as file:
                json.dump(self.tried, file, indent=0)
            os.rename(self.path + '.new', self.path)

    def counted(self, same):
        """Who noticed, of those that mean something."""
        return [by for key, by in self.tried.items()
                if by is not None and key_of_same(key) not in same]


def key_of_same(key):
    """How tests/mutate_same.tsv has what a Record calls key."""
    file, _, old, new = key.split('\t')
    return file, old.strip(), new.strip()


def read_same():
    """The changes that nobody could see, with the reason."""
    with open(SAME, encoding='utf-8') as file:
        rows = [line.rstrip('\n').split('\t') for line in file
                if line.strip() and not line.startswith('#')]
    return {(file, old, new): why for file, old, new, why in rows}


def at(word):
    path, line = word.rsplit(':', 1)
    return [site for site in sites_of(path) if site.line == int(line)]


def survivors(record):
    """Those of the record that nothing noticed, where they are now. A line
    that is no more, or is another now, has nothing to be noticed of it."""
    lost = [key for key, by in record.tried.items() if by == '']
    sites = {}
    for path in sorted({key.split('\t')[0] for key in lost}):
        for site in sites_of(path) if os.path.exists(
                os.path.join(TOP, path)) else []:
            sites.setdefault(record.key(site), site)
    for key in lost:
        if key not in sites:
            del record.tried[key]
            print('gone     ' + ': '.join(key.split('\t')[:2]))
    return [sites[key] for key in lost if key in sites]


def parse():
    parser = argparse.ArgumentParser(
        description='Do the tests notice a changed line?')
    parser.add_argument('paths', nargs='*',
                        help='files or folders; with --map: tests')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--sites', type=int, default=150,
                        help='how many of the seed, with those tried before')
    parser.add_argument('--at-once', type=int, default=1,
                        help='how many to try at a time')
    parser.add_argument('--seconds', type=int, default=1000000,
                        help='begin no other after so long: go on later')
    parser.add_argument('--again', action='store_true',
                        help='try those of the seed that survived once more')
    parser.add_argument('--map', action='store_true',
                        help='find out which test runs which line, no more; '
                        'with tests: those anew')
    parser.add_argument('--at', metavar='FILE:LINE',
                        help='every change of that line')
    parser.add_argument('--with', dest='tests', nargs='+', metavar='TEST',
                        help='the tests that should notice')
    parser.add_argument('--quick', action='store_true',
                        help='only the tests of tests/unit')
    parser.add_argument('--list', action='store_true',
                        help='print the changes and make none')
    return parser.parse_args()


def wanted(options, record):
    """The changes to try, in their order."""
    if options.at:
        return at(options.at)
    if options.again:
        return survivors(record)
    return [site for site in chosen(options.paths or ['src', 'ui'],
                                    options.seed)
            if record.key(site) not in record.tried]


class Queue:
    """The changes to try, handed to who is free, until there are as many that
    mean something as are wanted or the time is over."""

    def __init__(self, options, record, same):
        self.options, self.record, self.same = options, record, same
        self.sites = iter(wanted(options, record))
        self.ends = time.monotonic() + options.seconds
        self.lock = threading.Lock()
        self.at_work = 0

    def is_enough(self):
        return not (self.options.at or self.options.again) and (
            len(self.record.counted(self.same)) + self.at_work >=
            self.options.sites)

    def next(self):
        with self.lock:
            if time.monotonic() > self.ends or self.is_enough():
                return None
            for site in self.sites:
                if key_of_same(self.record.key(site)) not in self.same:
                    self.at_work += 1
                    return site
            return None

    def done(self, site, by):
        with self.lock:
            self.record.put(site, by)
            self.at_work -= 1
        if by is not None:
            print('%s %s%s' % ('noticed ' if by else 'SURVIVED', told(site),
                               by and '  <- ' + by), flush=True)


def work(name, queue, which, options):
    copy = Copy(name)
    copy.need('telltale')
    copy.need(*HELPERS) # each make one library, not two at once
    while site := queue.next():
        tests = options.tests or bounded(
            [test for test in which.of(site.file, site.line)
             if not options.quick or test.startswith('tests/unit/')], which)
        queue.done(site, copy.try_site(site, tests, which))


def heed_signals():
    """Tests of signals need those that a shell has what it starts with &
    ignore: with a handler here they are as ever in what is started."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def main():
    options = parse()
    heed_signals()
    if options.map:
        return make_map(options.paths)
    record, same = Record('at' if options.at else options.seed), read_same()
    if options.list:
        for site in wanted(options, record)[:options.sites]:
            print(told(site))
        return
    which, queue = Map(), Queue(options, record, same)
    with concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        for done in [pool.submit(work, 'copy-%d' % number, queue, which,
                                 options)
                     for number in range(options.at_once)]:
            done.result()
    counted = record.counted(same)
    noticed = sum(by != '' for by in counted)
    print('seed %s: %d of %d noticed (%d %%)'
          % (options.seed, noticed, len(counted),
             100 * noticed // max(len(counted), 1)))


if __name__ == '__main__':
    main()
