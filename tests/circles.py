#!/usr/bin/env python3
"""Which files call each other in a loop: a file that cannot be read, tested
or moved without another that cannot do so without it. Reads the objects of a
build with nm: an object calls another when it asks for what only that one
defines. Prints TAP; those that are allowed stand below, with why.

    tests/circles.py            the circles of $TESTS_BUILD, against the list
    tests/circles.py --edges    also who calls whom in each, and by what
"""

import collections
import os
import re
import subprocess
import sys
import tempfile

BUILD = os.environ.get('TESTS_BUILD') or os.path.dirname(
    os.path.dirname(os.path.abspath(__file__)))

# Why each may stay: its files. A circle must lie within one of these.
ALLOWED = {
    'one connection: reading, answering, and who makes way for whom':
        'src/net/conn src/net/crowd src/net/reply src/net/server',
    'one pane, the stream, which goes on into the journal':
        'ui/pane/stream ui/pane/stream_census ui/pane/stream_draw '
        'ui/pane/stream_past ui/pane/stream_play ui/pane/stream_seek '
        'ui/pane/stream_words',
}


def objects(build):
    """Every object of src and ui by the name of its source, without .c."""
    for room in ('src', 'ui'):
        for folder, _, names in os.walk(os.path.join(build, room)):
            for name in names:
                if name.endswith('.o'):
                    path = os.path.join(folder, name)
                    stem = re.sub(r'^libtelltaleui_a-', '', name[:-2])
                    source = os.path.relpath(os.path.join(folder, stem),
                                             build)
                    yield source, path


def symbols(build):
    """{source: what it defines}, {source: what it asks for}."""
    names = {path: source for source, path in objects(build)}
    defines = collections.defaultdict(set)
    asks = collections.defaultdict(set)
    if not names:
        return defines, asks
    said = subprocess.run(['nm', '-A', '-g', *sorted(names)], check=True,
                          capture_output=True, text=True).stdout
    for line in said.splitlines():
        path, _, rest = line.partition(':')
        kind, name = rest.split()[-2:]
        (asks if kind in 'Uw' else defines)[names[path]].add(name)
    return defines, asks


def calls(build):
    """{source: {source it calls: by what}}."""
    defines, asks = symbols(build)
    owner = {name: source for source, names in defines.items()
             for name in names}
    graph = {source: collections.defaultdict(set)
             for source in set(defines) | set(asks)}
    for source, names in asks.items():
        for name in names:
            if owner.get(name, source) != source:
                graph[source][owner[name]].add(name)
    return graph


def circles(graph):
    """Sets of sources each of which reaches each other (Tarjan)."""
    number, low, stack, found = {}, {}, [], []

    def visit(at):
        number[at] = low[at] = len(number)
        stack.append(at)
        for to in sorted(graph[at]):
            if to not in number:
                visit(to)
                low[at] = min(low[at], low[to])
            elif to in stack:
                low[at] = min(low[at], number[to])
        if low[at] == number[at]:
            one = stack[stack.index(at):]
            del stack[stack.index(at):]
            if len(one) > 1:
                found.append(sorted(one))

    sys.setrecursionlimit(10000)
    for source in sorted(graph):
        if source not in number:
            visit(source)
    return sorted(found, key=lambda one: (-len(one), one))


def is_allowed(circle):
    return any(set(circle) <= set(files.split())
               for files in ALLOWED.values())


def finds_one():
    """Three small files, two of which call each other."""
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(folder + '/src/base')
        for name, text in (
                ('a', 'void b(void);void a(void);void a(void){b();}'),
                ('b', 'void a(void);void c(void);void b(void);'
                      'void b(void){a();c();}'),
                ('c', 'void c(void);void c(void){}')):
            path = '%s/src/base/%s' % (folder, name)
            with open(path + '.c', 'w', encoding='utf-8') as file:
                file.write(text)
            subprocess.run([os.environ.get('CC', 'cc'), '-c', path + '.c',
                            '-o', path + '.o'], check=True)
        return circles(calls(folder)) == [['src/base/a', 'src/base/b']]


def main():
    graph = calls(BUILD)
    if not graph:
        print('1..0 # SKIP there is no object, or no nm')
        return 0
    found = circles(graph)
    good = True
    for number, circle in enumerate(found, 1):
        fine = is_allowed(circle)
        good = good and fine
        print('%s %d - %d files call each other%s: %s' %
              ('ok' if fine else 'not ok', number, len(circle),
               ', as listed' if fine else '', ' '.join(circle)))
        if '--edges' in sys.argv or not fine:
            for source in circle:
                for to in sorted(set(graph[source]) & set(circle)):
                    print('#   %s -> %s: %s' % (
                        source, to, ' '.join(sorted(graph[source][to])[:6])))
    fine = finds_one()
    print('%s %d - two files that call each other are found' %
          ('ok' if fine else 'not ok', len(found) + 1))
    print('1..%d' % (len(found) + 1))
    return 0 if good and fine else 1


if __name__ == '__main__':
    sys.exit(main())
