"""Weeks in half an hour: `soak.py [MINUTES [RATE]]` (30, 1000) sends so many
events a second, of a million people, accounts and event names that are all
different, to a `serve`, and prints its memory each minute. What is flat after
the first minutes stays flat. Asserts nothing; ./dev bench leaves it out."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

MINUTES = float(sys.argv[1]) if len(sys.argv) > 1 else 30
RATE = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
DIFFERENT = 1000000
EACH = 50  # events in a body
PROGRAM = os.path.join(os.environ.get('TESTS_BUILD', 'build/release'),
                       'telltale')


def event(number):
    of = number * 7919 % DIFFERENT
    return {'uuid': '%08x-0000-4000-8000-%012x' % (of, number),
            'event': 'thing %d happened' % of,
            'distinct_id': 'person-%d' % of,
            'user_email': 'p%d@c%d.example' % (of, of),
            'user_name': 'Person %d' % of, 'org_id': 'org-%d' % of,
            'org_name': 'Customer %d' % of,
            'properties': {'n': number, 'text': 'of no importance ' * 5}}


def status(pid, name):
    with open('/proc/%d/status' % pid, encoding='ascii') as file:
        for line in file:
            if line.startswith(name + ':'):
                return int(line.split()[1]) / 1024
    return 0.0


def start(home):
    env = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home,
               XDG_STATE_HOME=home, TELLTALE_TOKEN='soak')
    with open(home + '/err', 'wb') as err:
        process = subprocess.Popen(
            [PROGRAM, 'serve', '--listen', '127.0.0.1:0'], env=env,
            stderr=err)
    for _ in range(500):
        with open(home + '/err', encoding='utf-8') as file:
            said = file.read()
        if 'listening on 127.0.0.1:' in said and said.endswith('\n'):
            return process, int(said.split('127.0.0.1:')[1].split(',')[0])
        time.sleep(0.02)
    raise SystemExit('it did not start: ' + said)


def send(connection, number):
    """So many events from that one on; whether they were kept."""
    body = json.dumps([event(n) for n in range(number, number + EACH)])
    connection.request('POST', '/hook/soak', body)
    answer = connection.getresponse()
    answer.read()
    return answer.status == 200


def line(minute, number, refused, pid, home):
    size = os.path.getsize(home + '/telltale/journal.db') / 1e6
    print('%4.1f min %9d events, %d refused: RSS %6.1f MB, most %6.1f MB, '
          'journal %.0f MB' % (minute, number, refused, status(pid, 'VmRSS'),
                               status(pid, 'VmHWM'), size), flush=True)


def soak(process, port, home):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
    began, number, refused, told = time.monotonic(), 0, 0, 0.0
    while process.poll() is None:
        now = (time.monotonic() - began) / 60
        if now >= told:
            line(now, number, refused, process.pid, home)
            told += min(1.0, MINUTES / 5)
        if now >= MINUTES:
            return
        ahead = number / RATE - now * 60
        if ahead > 0:
            time.sleep(ahead)
        refused += 0 if send(connection, number) else EACH
        number += EACH
    print('it ended with %d' % process.returncode)


def main():
    home = tempfile.mkdtemp(prefix='telltale-soak-')
    process, port = start(home)
    try:
        soak(process, port, home)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(home, ignore_errors=True)


main()
