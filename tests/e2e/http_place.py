"""What the tests of the HTTP server share: a client that writes bytes, a
reader of answers, the test server (tests/e2e/http_server), and TAP."""

import hashlib
import json
import os
import random
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time

SEED = int(os.environ.get("SEED", "20260914"))
ROUNDS = int(os.environ.get("ROUNDS", "300"))
PATIENCE = 20.0
TOKEN = b"only-for-this-test"

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


def in_pieces(sock, data, chance, rng):
    """Sends data cut at random places."""
    at = 0
    while at < len(data):
        size = rng.choice([1, 7, 60, 500, 1500, 9000, len(data)])
        sock.sendall(data[at:at + size])
        at += size
        if rng.random() < chance:
            time.sleep(0.0005)


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


def open_files(process):
    return len(os.listdir("/proc/%d/fd" % process.pid))


def wait_for_files(process, count):
    until = time.monotonic() + PATIENCE
    while open_files(process) > count:
        check(time.monotonic() < until, "%d descriptors are left open"
              % (open_files(process) - count))
        time.sleep(0.02)


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


def with_words(case, words):
    def same(place):
        case(place)
    same.__doc__ = words
    return same


def ends_cleanly(server):
    def call():
        status, said = server.stop()
        check(status == 0, "it ended with %d: %s" % (status, said[-2000:]))
        check("Sanitizer" not in said and "runtime error" not in said,
              said[-2000:])
    run_case("It stops when told to, with nothing leaked", call)


def limit_files(count):
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


def raise_limit():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    want = 8192 if hard == resource.RLIM_INFINITY else min(8192, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, want), hard))


def run(tests):
    """Runs the tests and ends the process with their plan."""
    raise_limit()
    random.seed(SEED)
    for test in tests:
        test()
    print("1..%d" % len(results))
    sys.exit(0 if all(good for good, _, _ in results) else 1)
