"""Many viewers at one receiver: `feed.py [VIEWERS [RATE [SECONDS]]]` (50, 500,
10) posts so many events a second, one a request, to a `serve` whose feed so
many viewers read, and prints how long an event takes from its POST to all of
them, how long the answers take meanwhile, and what serve costs. Viewers and
sender are processes of their own. Asserts nothing."""

import http.client
import json
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

VIEWERS = int(sys.argv[1]) if len(sys.argv) > 1 else 50
RATE = int(sys.argv[2]) if len(sys.argv) > 2 else 500
SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 10
PROGRAM = os.path.join(os.environ.get('TESTS_BUILD', 'build/release'),
                       'telltale')
MARK = b'"#n'


def start(home):
    env = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home,
               XDG_STATE_HOME=home, TELLTALE_TOKEN='bench',
               TELLTALE_VIEWER_TOKEN='look')
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


def look(ports, ready, over, results, count):
    """Some viewers in one process: raw sockets, chunks left in, so that
    reading costs little. For each, when it had each number."""
    import selectors
    select = selectors.DefaultSelector()
    when = []
    for index, port in enumerate(ports):
        viewer = socket.create_connection(('127.0.0.1', port))
        viewer.sendall(b'GET /feed HTTP/1.1\r\nHost: x\r\n'
                       b'X-Telltale-Token: look\r\n\r\n')
        when.append({})
        select.register(viewer, selectors.EVENT_READ, [index, b''])
    ready.wait()
    while min(map(len, when)) < count:
        found = select.select(5)
        if not found and over.is_set():
            break
        for key, _ in found:
            data = key.fileobj.recv(1 << 20)
            now = time.monotonic()
            if not data:
                select.unregister(key.fileobj)
                continue
            index, rest = key.data
            parts = (rest + data).split(MARK)
            for part in parts[1:-1]:
                when[index][int(part[:9])] = now
            if len(parts) > 1 and len(parts[-1]) >= 9:
                when[index][int(parts[-1][:9])] = now
                key.data[1] = b''
            else:
                key.data[1] = MARK + parts[-1] if len(parts) > 1 else \
                    (rest + data)[-16:]
    results.put(when)


def body(number):
    return json.dumps(
        {'event': 'insight created', 'distinct_id': 'd%d' % (number % 100),
         'org_id': 'org-%d' % (number % 30), 'org_name': 'An account',
         'properties': {'n': '#n%09d' % number, 'text': 'word ' * 300}})


def send(port, count):
    """When each was sent, and how long its answer took."""
    connection = http.client.HTTPConnection('127.0.0.1', port)
    sent, waits = {}, []
    begin = time.monotonic()
    for number in range(count):
        wait = begin + number / RATE - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        data = body(number)
        sent[number] = time.monotonic()
        connection.request('POST', '/hook/bench', data,
                           {'Content-Type': 'application/json'})
        connection.getresponse().read()
        waits.append(time.monotonic() - sent[number])
    return sent, waits, count / (time.monotonic() - begin)


def share(values, part):
    values = sorted(values)
    return values[int(part * (len(values) - 1))] * 1000 if values else 0


def cpu(pid):
    with open('/proc/%d/stat' % pid, encoding='ascii') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def memory_mb(pid):
    with open('/proc/%d/status' % pid, encoding='ascii') as file:
        for line in file:
            if line.startswith('VmRSS:'):
                return int(line.split()[1]) / 1024
    return 0.0


def measure(viewers):
    """Prints a line; the same as a dictionary."""
    home = tempfile.mkdtemp(prefix='telltale-bench-')
    process, port = start(home)
    ready, over = multiprocessing.Event(), multiprocessing.Event()
    results = multiprocessing.Queue()
    count = RATE * SECONDS
    helpers = [multiprocessing.Process(
        target=look, args=([port] * part, ready, over, results, count))
        for part in (viewers // 2, viewers - viewers // 2) if part]
    for helper in helpers:
        helper.start()
    time.sleep(1)
    idle_mb = memory_mb(process.pid)
    ready.set()
    before, begin = cpu(process.pid), time.monotonic()
    sent, waits, pace = send(port, count)
    cost = (cpu(process.pid) - before) / (time.monotonic() - begin)
    busy_mb = memory_mb(process.pid)
    over.set()
    when = sum((results.get() for _ in helpers), [])
    for helper in helpers:
        helper.join()
    process.terminate()
    process.wait()
    shutil.rmtree(home)
    lags = [had[number] - at for had in when for number, at in sent.items()
            if number in had]
    print('%d viewers, sent at %.0f/s: %d of %d lines came; to the viewer p50 '
          '%.1f p99 %.1f ms; answers p50 %.1f p99 %.1f p99.9 %.1f ms; '
          '%.0f %% of a core; %.1f MB with viewers, %.1f at the end'
          % (viewers, pace, len(lags), viewers * count, share(lags, .5),
             share(lags, .99), share(waits, .5), share(waits, .99),
             share(waits, .999), cost * 100, idle_mb, busy_mb), flush=True)
    return {'viewers': viewers, 'pace': pace, 'lines': len(lags),
            'wanted': viewers * count, 'lag_p50': share(lags, .5),
            'lag_p99': share(lags, .99), 'answer_p50': share(waits, .5),
            'answer_p99': share(waits, .99), 'answer_p999':
            share(waits, .999), 'core': cost * 100, 'idle_mb': idle_mb,
            'busy_mb': busy_mb}


if __name__ == '__main__':
    for number in (0, 1, VIEWERS):
        measure(number)
