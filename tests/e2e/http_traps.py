"""What strangers send to the receiver, over real sockets.

Runs the test server (tests/e2e/http_server) and pulls every trap we know of;
after each one an honest request must still be answered. With an address as
argument it does the same to a running telltale:

    http_traps.py 127.0.0.1:8420 TOKEN

Limits on time are the server's options here, short ones, so that a case
waits for a condition and never for a guess.
"""

import hashlib
import json
import os
import random
import re
import resource
import select
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time

import telltale

SEED = int(os.environ.get("SEED", "20260914"))
ROUNDS = int(os.environ.get("ROUNDS", "300"))
PATIENCE = 20.0
TOKEN = b"only-for-this-test"
HEADER_MS, BODY_MS, COMMIT_MS, IDLE_MS = 1500, 1500, 1000, 2000

results = []


class Failed(Exception):
    """A case did not hold."""


def check(condition, words):
    if not condition:
        raise Failed(words)


class Answers:
    """Reads HTTP answers off a socket, one after another."""

    def __init__(self, sock):
        self.sock = sock
        self.data = b""

    def fill(self):
        more = self.sock.recv(65536)
        self.data += more
        return bool(more)

    def next(self, no_body=False):
        """(status, headers, body), or None when the connection ended."""
        while b"\r\n\r\n" not in self.data:
            try:
                if not self.fill():
                    return None
            except ConnectionResetError:
                return None
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        lines = head.split(b"\r\n")
        status = int(lines[0].split(b" ")[1])
        headers = {}
        for line in lines[1:]:
            name, value = line.split(b":", 1)
            headers[name.strip().lower().decode()] = value.strip().decode()
        length = int(headers.get("content-length", "0"))
        if status == 100 or no_body:
            length = 0
        while len(self.data) < length:
            check(self.fill(), "an answer's body was cut short")
        body, self.data = self.data[:length], self.data[length:]
        return status, headers, body

    def ended(self):
        """True once the other side closed; anything else it says is wrong."""
        try:
            while self.fill():
                pass
        except ConnectionResetError:
            pass
        return not self.data


class Place:
    """Where the server under test is."""

    def __init__(self, host, port, token, process=None, echo=False):
        self.host, self.port, self.token = host, port, token
        self.process, self.echo = process, echo

    def connect(self, timeout=PATIENCE):
        sock = socket.create_connection((self.host, self.port), timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def post(self, body, extra=b"", path=b"/hook", method=b"POST",
             token=True, length=None):
        """The bytes of one request."""
        head = method + b" " + path + b" HTTP/1.1\r\nHost: a.example\r\n"
        if token:
            head += b"X-Telltale-Token: " + self.token + b"\r\n"
        if length is None:
            length = str(len(body)).encode()
        if length:
            head += b"Content-Length: " + length + b"\r\n"
        return head + extra + b"\r\n" + body

    def exchange(self, data, **how):
        """Sends data on a connection of its own; all statuses that came."""
        with self.connect() as sock:
            sock.sendall(data)
            answer = Answers(sock).next(**how)
            return answer

    def is_right(self, answer, body):
        check(answer is not None, "no answer came")
        check(answer[0] == 200, "status %d: %r" % (answer[0], answer[2]))
        if self.echo:
            said = json.loads(answer[2])
            check(said["len"] == len(body) and
                  said["sha"] == hashlib.sha256(body).hexdigest(),
                  "the body arrived wrong (%d bytes, %r)"
                  % (len(body), answer[2]))

    def honest(self):
        body = event(random.randrange(1 << 40))
        self.is_right(self.exchange(self.post(body)), body)

    def health(self):
        answer = self.exchange(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        check(answer and answer[0] == 200, "health: %r" % (answer,))
        return json.loads(answer[2])


def event(number, size=0):
    text = {"event": "insight created", "distinct_id": "maya",
            "properties": {"n": number, "pad": "x" * size}}
    return json.dumps(text).encode()


def status_of(place, data, **how):
    answer = place.exchange(data, **how)
    return answer[0] if answer else None


# --- where it listens -------------------------------------------------------

def listens_on_loopback_only(place):
    """Bound to 127.0.0.1 means bound to 127.0.0.1 (read from the kernel)"""
    found = []
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not os.path.exists(name):
            continue
        for line in open(name).read().splitlines()[1:]:
            words = line.split()
            address, port = words[1].split(":")
            if words[3] == "0A" and int(port, 16) == place.port:
                found.append(address)
    loopbacks = {"0100007F", "00000000000000000000000001000000"}
    check(found or not os.path.exists("/proc/net/tcp"), "no listener found")
    check(set(found) <= loopbacks, "listens at %s" % found)


# --- requests in one segment ------------------------------------------------

def in_pieces(sock, data, chance, rng):
    """Sends data cut at random places."""
    at = 0
    while at < len(data):
        size = rng.choice([1, 7, 60, 500, 1500, 9000, len(data)])
        sock.sendall(data[at:at + size])
        at += size
        if rng.random() < chance:
            time.sleep(0.0005)


def pipelined_posts(place):
    """Pipelined POSTs with random cuts are answered in order, all of them"""
    rng = random.Random(SEED)
    for turn in range(ROUNDS):
        bodies = [event(rng.randrange(1 << 40), rng.choice([0, 10, 900, 8000]))
                  for _ in range(rng.randint(2, 6))]
        data = b"".join(place.post(body) for body in bodies)
        with place.connect() as sock:
            in_pieces(sock, data, rng.choice([0, 0, 0.2]), rng)
            answers = Answers(sock)
            for body in bodies:
                answer = answers.next()
                check(answer, "round %d: an answer is missing" % turn)
                place.is_right(answer, body)


def pipelined_strangers(place):
    """Three pipelined POSTs without the token: one 401, then the end"""
    rng = random.Random(SEED + 1)
    for _ in range(max(ROUNDS // 10, 5)):
        data = b"".join(place.post(event(i, rng.choice([0, 500])),
                                   token=False) for i in range(3))
        with place.connect() as sock:
            in_pieces(sock, data, 0.1, rng)
            answers = Answers(sock)
            answer = answers.next()
            check(answer and answer[0] == 401, "not 401: %r" % (answer,))
            check(answer[1].get("connection") == "close", "no close")
            check(answers.ended(), "it went on after a refusal")


def pipelined_gets(place):
    """Pipelined GETs, and a POST behind them, are answered in order"""
    get = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    body = event(3)
    with place.connect() as sock:
        sock.sendall(get * 20 + place.post(body) + get)
        answers = Answers(sock)
        for _ in range(20):
            answer = answers.next()
            check(answer and answer[0] == 200, "GET: %r" % (answer,))
        place.is_right(answers.next(), body)
        check(answers.next()[0] == 200, "the last GET")


def pipeline_of_the_fixture(place):
    """The recorded pipeline of two requests gets 200 twice"""
    path = os.path.join(os.environ.get("TESTS_SRC", "."),
                        "tests/fixtures/http_pipeline_two.raw")
    data = open(path, "rb").read()
    line = b"x-telltale-token: " + place.token + b"\r\nhost: "
    data = re.sub(rb"(?im)^host: ", line, data)
    with place.connect() as sock:
        sock.sendall(data)
        answers = Answers(sock)
        check([answers.next()[0], answers.next()[0]] == [200, 200],
              "not 200 twice")


def bytes_after_a_waiting_request(place):
    """Bytes behind a request that waits for its commit harm nobody"""
    body = event(1)
    for junk in (b"x", b"\r\n\r\n", b"GARBAGE" * 500, b"\0" * 100,
                 place.post(event(2))[:40]):
        with place.connect() as sock:
            sock.sendall(place.post(body) + junk)
            place.is_right(Answers(sock).next(), body)
        with place.connect() as sock:
            sock.sendall(place.post(body))
            sock.sendall(junk)
            place.is_right(Answers(sock).next(), body)


# --- bodies -----------------------------------------------------------------

def chunk(data):
    return b"%x\r\n" % len(data) + data + b"\r\n"


def chunked(place, body, rng, ext=b"", trailer=b""):
    coded, at = b"", 0
    while at < len(body):
        size = rng.choice([1, 16, 1000, 8192, 60000])
        piece = body[at:at + size]
        coded += b"%x" % len(piece) + ext + b"\r\n" + piece + b"\r\n"
        at += size
    coded += b"0\r\n" + trailer + b"\r\n"
    return place.post(coded, b"Transfer-Encoding: chunked\r\n", length=b"")


def chunked_bodies(place):
    """Chunked bodies arrive decoded, small and of 405 KB, and keep alive"""
    rng = random.Random(SEED + 2)
    with place.connect() as sock:
        answers = Answers(sock)
        for size in (0, 1, 1800, 405000, 10):
            body = event(size, size)
            in_pieces(sock, chunked(place, body, rng, b";a=b",
                                    b"X-Sum: 1\r\n"), 0, rng)
            place.is_right(answers.next(), body)


def broken_chunks(place):
    """Broken chunks get 400"""
    for coded in (b"zz\r\n", b"\r\n", b"-1\r\n", b"123456789\r\nx",
                  b"3\r\nabcd\r\n", b"3\nabc\r\n", b"0x3\r\nabc\r\n"):
        status = status_of(place, place.post(
            coded, b"Transfer-Encoding: chunked\r\n", length=b""))
        check(status == 400, "%r: %s" % (coded, status))
    rude = b"0\r\n" + b"A: b\r\n" * 2000 + b"\r\n"
    status = status_of(place, place.post(
        rude, b"Transfer-Encoding: chunked\r\n", length=b""))
    check(status == 400, "endless trailers: %s" % status)


def expects_continue(place):
    """Expect: 100-continue is answered before the body is sent"""
    body = event(5, 3000)
    data = place.post(body, b"Expect: 100-continue\r\n")
    with place.connect() as sock:
        answers = Answers(sock)
        sock.sendall(data[:-len(body)])
        check(answers.next()[0] == 100, "no 100")
        sock.sendall(body)
        place.is_right(answers.next(), body)
    status = status_of(place, place.post(body, b"Expect: 100-continue\r\n",
                                         token=False)[:-len(body)])
    check(status == 401, "a stranger is refused before the body: %s" % status)
    status = status_of(place, place.post(b"x", b"Expect: tea\r\n"))
    check(status == 417, "another expectation: %s" % status)


def odd_lengths(place):
    """Lengths that are not one run of digits get 400, none 411"""
    wanted = {b"-5": 400, b"+5": 400, b"12abc": 400, b"0x10": 400,
              b"5, 5": 400, b"5 5": 400, b"1e3": 400, b"5.0": 400,
              b" ": 400, b"\xd9\xa3": 400,
              b"99999999999999999999999999": 413, b"999999999": 413,
              b"9223372036854775807": 413, b"18446744073709551621": 413}
    for length, status in wanted.items():
        got = status_of(place, place.post(b"{}   ", length=length))
        check(got == status, "%r: %s" % (length, got))
    twice = b"Content-Length: 2\r\n"
    check(status_of(place, place.post(b"{}", twice)) == 400, "twice, equal")
    check(status_of(place, place.post(b"{}", b"Content-Length: 9\r\n")) ==
          400, "twice, different")
    check(status_of(place, place.post(b"{}", length=b"")) == 411, "none")
    got = status_of(place, place.post(b"{}", b"Content-Length : 2\r\n",
                                      length=b""))
    check(got == 400, "blank before the colon: %s" % got)
    body = event(9)
    padded = b"0" * 30 + str(len(body)).encode()
    place.is_right(place.exchange(place.post(body, length=padded)), body)


def length_and_chunked(place):
    """Content-Length together with Transfer-Encoding gets 400"""
    coded = chunk(b"{}") + b"0\r\n\r\n"
    for extra in (b"Transfer-Encoding: chunked\r\n",
                  b"Transfer-Encoding: identity\r\n",
                  b"transfer-encoding:\tchunked\r\n"):
        check(status_of(place, place.post(coded, extra)) == 400, extra)
    check(status_of(place, place.post(coded, b"Transfer-Encoding: gzip\r\n",
                                      length=b"")) == 501, "gzip")
    check(status_of(place, place.post(
        coded, b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
        length=b"")) == 400, "two codings")


def too_large(place):
    """Too large a body gets 413 before it is read, chunked or not"""
    size = 3 * 1024 * 1024
    with place.connect() as sock:
        sock.sendall(place.post(b"", length=str(size).encode()))
        answer = Answers(sock).next()
        check(answer and answer[0] == 413, "%r" % (answer,))
    with place.connect() as sock:
        sock.settimeout(PATIENCE)
        data = place.post(b"", b"Transfer-Encoding: chunked\r\n", length=b"")
        try:
            sock.sendall(data)
            for _ in range(size // 60000 + 1):
                sock.sendall(chunk(b"x" * 60000))
        except OSError:
            pass
        answer = Answers(sock).next()
        check(answer and answer[0] == 413, "chunked: %r" % (answer,))


def encodings(place):
    """A compressed body gets 415, identity is read"""
    got = status_of(place, place.post(b"\x1f\x8b", b"Content-Encoding: gzip"
                                                   b"\r\n"))
    check(got == 415, "gzip: %s" % got)
    body = event(6)
    place.is_right(place.exchange(place.post(
        body, b"Content-Encoding: identity\r\n")), body)


# --- heads ------------------------------------------------------------------

def methods_and_paths(place):
    """Other methods get 405 with Allow, other paths 404; PUT is a POST"""
    for method in (b"GET", b"DELETE", b"OPTIONS", b"BREW", b"TRACE"):
        answer = place.exchange(place.post(b"", method=method, length=b""))
        check(answer and answer[0] == 405, "%r: %r" % (method, answer))
        check("POST" in answer[1].get("allow", ""), "no Allow")
    answer = place.exchange(place.post(b"", method=b"HEAD", length=b""),
                            no_body=True)
    check(answer and answer[0] == 405, "HEAD: %r" % (answer,))
    for path in (b"/", b"/hooks", b"/a/../hook", b"/hook/a/b", b"*",
                 b"/hook%00", b"/%zz", b"//hook", b"/hook?" + b"%"):
        status = status_of(place, place.post(b"{}", path=path,
                                             token=False))
        check(status in (400, 401, 404), "%r: %s" % (path, status))
    for method in (b"PUT", b"PATCH"):
        body = event(7)
        place.is_right(place.exchange(place.post(body, method=method)), body)
    body = event(8)
    place.is_right(place.exchange(place.post(
        body, path=b"http://a.example/hook")), body)
    check(status_of(place, b"CONNECT a.example:443 HTTP/1.1\r\n"
                           b"Host: a.example\r\n\r\n") == 400, "CONNECT")


def head_of_health(place):
    """HEAD is answered like GET, without the body"""
    with place.connect() as sock:
        sock.sendall(b"HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                     b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        answers = Answers(sock)
        answer = answers.next(no_body=True)
        check(answer and answer[0] == 200, "HEAD: %r" % (answer,))
        answer = answers.next()
        check(answer and answer[0] == 200 and answer[2], "GET after it")


def many_headers(place):
    """300 headers, or 20 KB of them, get 431; 100 are fine"""
    many = b"".join(b"X-H%d: v\r\n" % i for i in range(300))
    check(status_of(place, place.post(b"{}", many)) == 431, "300")
    check(status_of(place, place.post(
        b"{}", b"X-Long: " + b"v" * 20000 + b"\r\n")) == 431, "20 KB")
    body = event(10)
    some = b"".join(b"X-H%d: v\r\n" % i for i in range(100))
    place.is_right(place.exchange(place.post(body, some)), body)
    long = b"X-Long: " + b"v" * 12000 + b"\r\n"
    place.is_right(place.exchange(place.post(body, long)), body)


def long_addresses(place):
    """An address of 5,000 bytes gets 414"""
    check(status_of(place, place.post(
        b"{}", path=b"/hook/" + b"a" * 5000)) == 414, "path")
    check(status_of(place, place.post(
        b"{}", path=b"/hook?" + b"a" * 5000)) == 414, "query")


def bad_lines(place):
    """NUL, bare LF, folded lines, controls and nonsense get 400"""
    good = b"POST /hook HTTP/1.1\r\nHost: a\r\n"
    for data in (b"POST /hook HTTP/1.1\nHost: a\n\n",
                 good + b"X: a\0b\r\n\r\n", good + b"X: a\x01b\r\n\r\n",
                 good + b"X: a\r\n folded\r\n\r\n", good + b"X a\r\n\r\n",
                 good + b": a\r\n\r\n", good + b"X: a\rb\r\n\r\n",
                 good + b"X: a\nY: b\r\n\r\n",
                 b"POST  /hook HTTP/1.1\r\nHost: a\r\n\r\n",
                 b"POST /hook\r\nHost: a\r\n\r\n",
                 b"POST /hook HTTP/1.1 \r\nHost: a\r\n\r\n",
                 b"POST /ho\x00ok HTTP/1.1\r\nHost: a\r\n\r\n",
                 b"POST /h\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
                 b"POST hook HTTP/1.1\r\nHost: a\r\n\r\n",
                 b"POST /hook HTTP/1.1\r\n\r\n",
                 b"POST /hook HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                 b"P(ST /hook HTTP/1.1\r\nHost: a\r\n\r\n",
                 b"ABCDEFGHIJKLMNOPQRSTUVW / HTTP/1.1\r\nHost: a\r\n\r\n",
                 b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
                 b"\n\n\n\n"):
        status = status_of(place, data)
        check(status == 400, "%r: %s" % (data[:60], status))


def old_and_new_versions(place):
    """HTTP/1.0 is answered and closed; HTTP/2 by any way in is refused"""
    with place.connect() as sock:
        sock.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        answers = Answers(sock)
        answer = answers.next()
        check(answer and answer[0] == 200, "1.0: %r" % (answer,))
        check(answers.ended(), "1.0 stayed open")
    with place.connect() as sock:
        sock.sendall(b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n"
                     b"\r\n" * 2)
        answers = Answers(sock)
        check(answers.next()[0] == 200 and answers.next()[0] == 200, "kept")
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
    check(status_of(place, preface) == 505, "prior knowledge")
    body = event(11)
    place.is_right(place.exchange(place.post(
        body, b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
              b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n")), body)
    place.is_right(place.exchange(place.post(
        body, b"Connection: Upgrade\r\nUpgrade: nonsense\r\n")), body)


# --- slow, cut and gone -----------------------------------------------------

def drip(place, data, first, status):
    """Sends data a byte at a time until it is refused."""
    with place.connect() as sock:
        sock.sendall(data[:first])
        answers = Answers(sock)
        for byte in range(first, len(data)):
            try:
                sock.sendall(data[byte:byte + 1])
            except OSError:
                break
            if select.select([sock], [], [], 0.01)[0]:
                break
        answer = answers.next()
        check(answer and answer[0] == status, "%r" % (answer,))
        check(answers.ended(), "it stayed open")


def dripped_head(place):
    """A dripped head is refused when its time is up"""
    data = b"POST /hook HTTP/1.1\r\nHost: a\r\n" + b"X: yyyyyyy\r\n" * 1000
    drip(place, data, 5, 408)


def dripped_body(place):
    """A dripped body is refused when its time is up, chunked or not"""
    data = place.post(b"x" * 9000)
    drip(place, data, len(data) - 9000, 408)
    data = place.post(b"1\r\nx\r\n" * 1500,
                      b"Transfer-Encoding: chunked\r\n", length=b"")
    drip(place, data, len(data) - 9000, 408)


def silent_connection(place):
    """A connection that says nothing is closed when its time is up"""
    with place.connect() as sock:
        check(sock.recv(1) == b"", "it spoke first")
    with place.connect() as sock:
        sock.sendall(b"\r\n")
        answer = Answers(sock).next()
        check(answer is None or answer[0] == 408, "%r" % (answer,))


def never_reads(place):
    """A client that sends requests and reads no answer is let go in time"""
    get = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 200
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(PATIENCE)
        sock.connect((place.host, place.port))
        until = time.monotonic() + PATIENCE
        try:
            while time.monotonic() < until:
                sock.sendall(get)
        except OSError as error:
            check(not isinstance(error, socket.timeout), "it hung")
            return
        raise Failed("it took requests for ever")


def idle_connection(place):
    """An idle connection is closed when its time is up, and not before"""
    body = event(15)
    with place.connect() as sock:
        answers = Answers(sock)
        start = time.monotonic()
        for _ in range(3):
            sock.sendall(place.post(body))
            place.is_right(answers.next(), body)
        check(answers.ended(), "it spoke")
        check(time.monotonic() - start >= IDLE_MS / 1000, "too early")


def half_closed(place):
    """A peer that closed its sending half still gets its answer"""
    body = event(12)
    with place.connect() as sock:
        sock.sendall(place.post(body))
        sock.shutdown(socket.SHUT_WR)
        answers = Answers(sock)
        place.is_right(answers.next(), body)
        check(answers.ended(), "it stayed open")
    with place.connect() as sock:
        sock.sendall(place.post(body)[:-3])
        sock.shutdown(socket.SHUT_WR)
        check(Answers(sock).ended(), "half a body was answered")


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    sock.close()


def client_gone(place):
    """A client gone when its answer comes harms nobody"""
    for hang_up in (socket.socket.close, reset):
        for _ in range(20):
            sock = place.connect()
            sock.sendall(place.post(event(13)))
            hang_up(sock)
        for cut in (1, 50, 150):
            sock = place.connect()
            sock.sendall(place.post(event(13, 500))[:-cut])
            hang_up(sock)


def mutate(data, rng):
    """A few random accidents."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data))
        kind = rng.randrange(5)
        if kind == 0:
            data[at] = rng.randrange(256)
        elif kind == 1:
            del data[at:at + rng.randint(1, 9)]
        elif kind == 2:
            data[at:at] = rng.choice([b"\r\n", b"\n", b"\0", b" ", b":", b"%",
                                      b"\r\n\r\n", b"0", b"chunked"])
        elif kind == 3:
            end = at + rng.randint(1, 40)
            data[at:at] = data[at:end]
        else:
            data[at:] = data[:rng.randint(0, len(data))]
        if not data:
            return b"\n"
    return bytes(data)


def mutated_requests(place):
    """Requests with random accidents get answers or the end, never silence"""
    rng = random.Random(SEED + 3)
    for turn in range(ROUNDS):
        body = event(turn, rng.choice([0, 300, 5000]))
        data = rng.choice([
            lambda: place.post(body), lambda: place.post(body) * 2,
            lambda: chunked(place, body, rng),
            lambda: place.post(body, b"Expect: 100-continue\r\n"),
            lambda: b"GET /healthz?a=b HTTP/1.1\r\nHost: a\r\n\r\n"])()
        with place.connect() as sock:
            try:
                in_pieces(sock, mutate(data, rng), 0.05, rng)
                sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            answers = Answers(sock)
            answer = answers.next(no_body=True)
            check(answer is None or 100 <= answer[0] < 600, "%r" % (answer,))
            answers.ended()


def nothing_is_held(place):
    """Afterwards nothing waits, nothing is in flight, no note is left"""
    until = time.monotonic() + PATIENCE
    while True:
        health = place.health()
        left = {k: health[k] for k in ("in_flight", "notes")}
        left["waiting"] = health["waiting"] - 1
        left["connections"] = health["connections"] - 1
        if not any(left.values()):
            return
        check(time.monotonic() < until, "left over: %s" % left)
        time.sleep(0.02)


CASES = [listens_on_loopback_only, pipelined_posts, pipelined_strangers,
         pipelined_gets, pipeline_of_the_fixture,
         bytes_after_a_waiting_request, chunked_bodies, broken_chunks,
         expects_continue, odd_lengths, length_and_chunked, too_large,
         encodings, methods_and_paths, head_of_health, many_headers,
         long_addresses, bad_lines, old_and_new_versions, half_closed,
         client_gone, mutated_requests]
TIMED = [dripped_head, dripped_body, silent_connection, idle_connection,
         never_reads]


# --- the crowd --------------------------------------------------------------

def resident_kb(process):
    for line in open("/proc/%d/status" % process.pid):
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def open_files(process):
    return len(os.listdir("/proc/%d/fd" % process.pid))


def crowd_member(number):
    """What the connection of that number does."""
    if number % 10 == 1:
        return "drip"
    if number % 10 == 4:
        return "pipeline"
    if number % 10 == 7:
        return "hang up"
    return "behave"


def start_crowd(place, count):
    members = []
    for number in range(count):
        sock = place.connect()
        members.append((crowd_member(number), sock, event(number, 1500)))
    return members


def play_crowd(place, members):
    """Everybody sends at once; returns the well-behaved answers."""
    for kind, sock, body in members:
        data = place.post(body)
        if kind == "drip":
            sock.sendall(data[:30])
        elif kind == "pipeline":
            sock.sendall(data * 3)
        elif kind == "hang up":
            sock.sendall(data[:-700])
            sock.close()
        else:
            sock.sendall(data)
    good = 0
    for kind, sock, body in members:
        if kind == "drip" or kind == "hang up":
            continue
        answers = Answers(sock)
        for _ in range(3 if kind == "pipeline" else 1):
            place.is_right(answers.next(), body)
            good += 1
    return good


def crowd(place):
    """2,000 connections, 200 drip, 200 pipeline, 200 hang up: all others 200"""
    count = int(os.environ.get("CROWD", "2000"))
    place.honest()
    members = start_crowd(place, count)
    good = play_crowd(place, members)
    for kind, sock, _ in members:
        if kind != "hang up":
            sock.close()
    check(good == count // 10 * 10, "%d of %d answered" % (good, count))


def wait_for_files(process, count):
    until = time.monotonic() + PATIENCE
    while open_files(process) > count:
        check(time.monotonic() < until, "%d descriptors are left open"
              % (open_files(process) - count))
        time.sleep(0.02)


def crowd_leaves_nothing(server):
    """After three crowds memory and descriptors are back where they were"""
    place = server.place
    crowd(place)
    wait_quiet(server)
    before, files = resident_kb(server.process), open_files(server.process)
    for _ in range(2):
        crowd(place)
        wait_quiet(server)
    after = resident_kb(server.process)
    print("# resident: %d KB before, %d KB after two more crowds; "
          "%d and %d descriptors"
          % (before, after, files, open_files(server.process)))
    check(server.process.poll() is None, "it died")
    wait_for_files(server.process, files)
    check(after <= before + 4096 or server.sanitised,
          "memory grew by %d KB" % (after - before))


def wait_quiet(server):
    nothing_is_held(server.place)


# --- the servers under test -------------------------------------------------

class Server:
    """The test server with its options; one process."""

    def __init__(self, *options, limit=None):
        program = os.path.join(os.environ.get("TESTS_BUILD", "."),
                               "tests/e2e/http_server")
        self.sanitised = b"__asan_init" in open(program, "rb").read()
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [program] + [str(o) for o in options], stdout=subprocess.PIPE,
            stderr=self.errors,
            preexec_fn=(lambda: limit_files(limit)) if limit else None)
        line = self.process.stdout.readline().decode()
        found = re.match(r"listening on (.*):(\d+)$", line)
        if not found:
            self.errors.seek(0)
            raise Failed("no server: %r %r" % (line, self.errors.read()))
        self.place = Place(found.group(1).strip("[]"), int(found.group(2)),
                           TOKEN, self.process, echo=True)

    def stop(self):
        """Ends it; what it printed to standard error."""
        self.process.terminate()
        status = self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.errors.seek(0)
        said = self.errors.read().decode(errors="replace")
        return status, said


def run_case(words, call):
    try:
        call()
        results.append((True, words, ""))
    except (Failed, OSError, ValueError, AssertionError, TypeError) as error:
        results.append((False, words, "%s: %s" % (type(error).__name__,
                                                  error)))
    good, words, why = results[-1]
    print("%s %d - %s" % ("ok" if good else "not ok", len(results), words))
    if why:
        print("# " + why.replace("\n", " "))
    sys.stdout.flush()


def run_trap(place, case):
    def both():
        case(place)
        place.honest()
    run_case(case.__doc__, both)


def ends_cleanly(server):
    def call():
        status, said = server.stop()
        check(status == 0, "it ended with %d: %s" % (status, said[-2000:]))
        check("Sanitizer" not in said and "runtime error" not in said,
              said[-2000:])
    run_case("It stops when told to, with nothing leaked", call)


def test_traps():
    server = Server("--delay", 3)
    for case in CASES:
        run_trap(server.place, case)
    run_trap(server.place, nothing_is_held)
    ends_cleanly(server)


def test_time_limits():
    server = Server("--header-ms", HEADER_MS, "--body-ms", BODY_MS,
                    "--idle-ms", IDLE_MS)
    for case in TIMED:
        run_trap(server.place, case)
    run_trap(server.place, nothing_is_held)
    ends_cleanly(server)


def late_commit(place):
    """A commit that takes too long is 503 with Retry-After, then closed"""
    with place.connect() as sock:
        sock.sendall(place.post(event(14)))
        answers = Answers(sock)
        answer = answers.next()
        check(answer and answer[0] == 503, "%r" % (answer,))
        check(int(answer[1]["retry-after"]) > 0, "no Retry-After")
        check(answers.ended(), "it stayed open")


def test_late_commit():
    server = Server("--delay", COMMIT_MS * 4, "--commit-ms", COMMIT_MS)
    run_case(late_commit.__doc__, lambda: late_commit(server.place))

    def late_answers_are_lost():
        until = time.monotonic() + PATIENCE
        while not server.place.health()["lost"]:
            check(time.monotonic() < until, "never counted")
            time.sleep(0.02)
        nothing_is_held(server.place)
    run_case("The answer that comes too late is counted and harms nobody",
             late_answers_are_lost)
    ends_cleanly(server)


def too_many(place):
    """Too many connections: an idle one makes way for a new one"""
    socks = []
    for _ in range(30):
        sock = place.connect()
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        check(Answers(sock).next()[0] == 200, "one of thirty")
        socks.append(sock)
    for sock in socks:
        sock.close()


def too_much(place):
    """Too much in flight: 503 with Retry-After at the head, others go on"""
    socks, statuses = [], []
    body = b"x" * (2 * 1024 * 1024)
    for _ in range(9):
        sock = place.connect()
        sock.sendall(place.post(body)[:-1])
        socks.append(sock)
    refused = select.select(socks, [], [], PATIENCE)[0]
    for sock in refused:
        statuses.append(Answers(sock).next())
    check([s[0] for s in statuses] == [503], "%r" % statuses)
    check("retry-after" in statuses[0][1], "no Retry-After")
    for sock in socks:
        sock.close()
    nothing_is_held(place)


def test_limits():
    server = Server("--max-connections", 10)
    run_trap(server.place, too_many)
    run_trap(server.place, too_much)
    ends_cleanly(server)


# --- TLS --------------------------------------------------------------------

class TlsPlace(Place):
    """The same server behind TLS."""

    def connect(self, timeout=PATIENCE):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2", "http/1.1"])
        sock = context.wrap_socket(super().connect(timeout))
        if sock.selected_alpn_protocol() == "h2":
            raise Failed("HTTP/2 was agreed on")
        return sock


def plain_on_tls(place):
    """Plain HTTP and half a handshake on the TLS port end, and harm nobody"""
    plain = Place(place.host, place.port, place.token)
    for data in (plain.post(b"{}"), b"\x16\x03\x01", b"\x80\x2e\x01\0\2"):
        with plain.connect() as sock:
            sock.sendall(data)
            try:
                while sock.recv(4096):
                    pass
            except ConnectionResetError:
                pass


def make_certificate(folder):
    paths = [os.path.join(folder, name) for name in ("cert.pem", "key.pem")]
    try:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-out", paths[0], "-keyout", paths[1], "-days", "2", "-subj",
             "/CN=localhost"], check=True, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return None
    return paths


def test_tls():
    with tempfile.TemporaryDirectory() as folder:
        paths = make_certificate(folder)
        if not paths:
            print("# no openssl command: TLS is not tested")
            return
        server = Server("--delay", 2, "--header-ms", HEADER_MS * 2,
                        "--tls-cert", paths[0], "--tls-key", paths[1])
        plain = server.place
        place = TlsPlace(plain.host, plain.port, TOKEN, server.process, True)
        for case in (pipelined_posts, pipelined_strangers, chunked_bodies,
                     expects_continue, too_large, client_gone, plain_on_tls,
                     nothing_is_held):
            run_trap(place, with_words(case, case.__doc__ + ", over TLS"))
        ends_cleanly(server)


def with_words(case, words):
    def same(place):
        case(place)
    same.__doc__ = words
    return same


def few_descriptors():
    """With 200 open files in all, 300 connections do not stop it"""
    server = Server("--delay", 1, limit=200)
    place, socks = server.place, []
    try:
        for _ in range(300):
            sock = place.connect()
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            socks.append(sock)
        answered = sum(bool(Answers(sock).next()) for sock in socks)
        check(answered >= 200 - 100, "%d answered" % answered)
        for sock in socks:
            sock.close()
        place.honest()
        nothing_is_held(place)
    finally:
        status, said = server.stop()
    check(status == 0, "%d %s" % (status, said[-500:]))


def test_crowd():
    server = Server("--delay", 3)
    run_case(crowd.__doc__, lambda: crowd(server.place))
    run_case(crowd_leaves_nothing.__doc__,
             lambda: crowd_leaves_nothing(server))
    run_case("An honest request is answered afterwards", server.place.honest)
    ends_cleanly(server)


def fill_caches(place):
    """The journal's page caches grow to their limit: that is no leak."""
    with place.connect() as sock:
        answers = Answers(sock)
        for number in range(64):
            bodies = [event(number, 60000) for _ in range(10)]
            sock.sendall(b"".join(place.post(body) for body in bodies))
            for body in bodies:
                place.is_right(answers.next(), body)


def program_after_crowds(place):
    """telltale: after three crowds memory and descriptors are as before"""
    files = open_files(place.process)
    fill_caches(place)
    crowd(place)
    wait_for_files(place.process, files)
    before = resident_kb(place.process)
    for _ in range(2):
        crowd(place)
        wait_for_files(place.process, files)
    after = resident_kb(place.process)
    print("# resident: %d KB before, %d KB after two more crowds, of which "
          "%d events are kept in memory" % (before, after, 4000))
    sanitised = b"__asan_init" in open(telltale.PROGRAM, "rb").read()
    check(after <= before + 8192 or sanitised,
          "memory grew by %d KB" % (after - before))


def test_program():
    """The same traps, with decoding and a journal behind them."""
    with telltale.Telltale(command="serve") as serve:
        place = Place("127.0.0.1", serve.port, serve.token.encode(),
                      serve.process)
        for case in CASES:
            run_trap(place, with_words(case, "telltale: " + case.__doc__))
        run_trap(place, program_after_crowds)
        check(serve.stop() == 0, "it ended with %d" % serve.stop())


def test_telltale(address, token):
    host, port = address.rsplit(":", 1)
    place = Place(host.strip("[]"), int(port), token.encode())
    for case in CASES:
        run_trap(place, case)
    run_trap(place, crowd)


def limit_files(count):
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


def raise_limit():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    want = 8192 if hard == resource.RLIM_INFINITY else min(8192, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, want), hard))


def main():
    raise_limit()
    random.seed(SEED)
    if len(sys.argv) == 3:
        test_telltale(sys.argv[1], sys.argv[2])
    else:
        test_traps()
        test_time_limits()
        test_late_commit()
        test_limits()
        test_tls()
        run_case(few_descriptors.__doc__, few_descriptors)
        test_crowd()
        test_program()
    print("1..%d" % len(results))
    return 0 if all(good for good, _, _ in results) else 1


sys.exit(main())
