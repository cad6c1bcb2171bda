"""Clients that send hundreds of small requests without waiting for an answer:
each gets all its answers in order, and whoever asks for one thing meanwhile
gets it."""

import json
import os
import re
import socket
import threading
import time

import telltale as t

EACH = int(os.environ.get('PIPELINED', '600'))


def connect(serve):
    sock = socket.create_connection(('127.0.0.1', serve.port), t.PATIENCE)
    sock.settimeout(t.PATIENCE)
    return sock


def get(path=b'/healthz'):
    return b'GET %s HTTP/1.1\r\nHost: a\r\n\r\n' % path


def post(serve, body):
    return (b'POST /hook/%s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n'
            % (serve.token.encode(), len(body))) + body


def answers(sock, count):
    """The status and body of so many answers, as they come."""
    data = b''
    for _ in range(count):
        while b'\r\n\r\n' not in data:
            more = sock.recv(65536)
            assert more, 'closed before the last answer'
            data += more
        head, _, data = data.partition(b'\r\n\r\n')
        length = int(re.search(rb'(?i)content-length: *(\d+)', head).group(1))
        while len(data) < length:
            more = sock.recv(65536)
            assert more, 'closed within an answer'
            data += more
        yield int(head.split()[1]), data[:length]
        data = data[length:]


class Pipeliner(threading.Thread):
    """Sends all at once, over and over until it is told to end, and reads as
    it may."""

    def __init__(self, serve, requests, wanted):
        super().__init__(daemon=True)
        self.serve, self.requests, self.wanted = serve, requests, wanted
        self.rounds, self.wrong = 0, None
        self.ending = False

    def run(self):
        try:
            with connect(self.serve) as sock:
                while not self.ending or not self.rounds:
                    writer = threading.Thread(
                        target=sock.sendall, args=(b''.join(self.requests),))
                    writer.start()
                    got = [status for status, _ in
                           answers(sock, len(self.requests))]
                    writer.join()
                    t.equal(got, self.wanted)
                    self.rounds += 1
        except (OSError, AssertionError) as error:
            self.wrong = error


def crowd(serve, requests, wanted, count=8, good=40):
    """So many pipeliners, and good senders among them; each is answered."""
    crowd_of = [Pipeliner(serve, requests, wanted) for _ in range(count)]
    for one in crowd_of:
        one.start()
    statuses, worst = [], 0.0
    for _ in range(good):
        since = time.monotonic()
        statuses.append(serve.post(t.body())[0])
        worst = max(worst, time.monotonic() - since)
    for one in crowd_of:
        one.ending = True
    for one in crowd_of:
        one.join(4 * t.PATIENCE)
        t.equal(one.wrong, None)
        t.equal(one.is_alive(), False, 'still at it')
    t.row('attack', good=good, served=statuses.count(200), worst=worst)
    t.equal(statuses, [200] * good)
    return sum(one.rounds for one in crowd_of) * len(requests)


@t.case('hundreds of questions in one go are answered in order, others too')
def _():
    with t.Telltale(command='serve') as serve:
        requests = [get() if n % 3 else get(b'/healthz?n=%d' % n)
                    for n in range(EACH)]
        t.note('%d pipelined answers' %
               crowd(serve, requests, [200] * EACH))


@t.case('hundreds of events in one go are kept in order, others too')
def _():
    with t.Telltale(command='serve') as serve:
        requests = [post(serve, json.dumps(
            {'event': 'e', 'distinct_id': str(n)}).encode())
            for n in range(EACH)]
        count = crowd(serve, requests, [200] * EACH, count=1)
        kept = [event['person']['id'] if 'id' in event['person'] else None
                for event in serve.home.tail()]
        numbers = [int(one) for one in kept if one and one.isdigit()]
        t.equal(len(numbers), count)
        t.equal(numbers, list(range(EACH)) * (count // EACH))


@t.case('who pipelines hundreds and reads none of it holds up nobody')
def _():
    with t.Telltale(command='serve') as serve:
        silent = []
        for _ in range(8):
            sock = connect(serve)
            sock.setblocking(False)
            try:
                for _ in range(20):
                    sock.send(get() * EACH)
            except BlockingIOError:
                pass
            silent.append(sock)
        statuses, worst = [], 0.0
        for _ in range(40):
            since = time.monotonic()
            statuses.append(serve.post(t.body())[0])
            worst = max(worst, time.monotonic() - since)
        t.row('attack', good=40, served=statuses.count(200), worst=worst)
        t.equal(statuses, [200] * 40)
        for sock in silent:
            sock.close()


t.run()
