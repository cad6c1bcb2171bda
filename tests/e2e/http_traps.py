"""What strangers send to the receiver, over real sockets.

Pulls every trap we know of on the test server, plain and over TLS, and on
telltale itself; after each one an honest request must still be answered.
With an address as argument it does the same to a running telltale:

    http_traps.py 127.0.0.1:8420 TOKEN

SEED and ROUNDS in the environment change the random cases. Slow clients,
limits and crowds are in http_limits.py.
"""

import os
import random
import re
import socket
import ssl
import struct
import sys
import tempfile

import telltale
from http_place import (PATIENCE, ROUNDS, SEED, TOKEN, Answers, Failed, Place,
                        Server, check, ends_cleanly, event, in_pieces,
                        nothing_is_held, run, run_trap, status_of, with_words)

HEADER_MS = 3000  # of the server behind TLS


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
        check(answer[1].get("allow") == "POST, PUT, PATCH",
              "%r" % (answer[1],))
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


# --- cut and gone -----------------------------------------------------------

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


CASES = [listens_on_loopback_only, pipelined_posts, pipelined_strangers,
         pipelined_gets, pipeline_of_the_fixture,
         bytes_after_a_waiting_request, chunked_bodies, broken_chunks,
         expects_continue, odd_lengths, length_and_chunked, too_large,
         encodings, methods_and_paths, head_of_health, many_headers,
         long_addresses, bad_lines, old_and_new_versions, half_closed,
         client_gone, mutated_requests]


def test_traps():
    server = Server("--delay", 3)
    for case in CASES:
        run_trap(server.place, case)
    run_trap(server.place, nothing_is_held)
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


def test_tls():
    with tempfile.TemporaryDirectory() as folder:
        paths = telltale.certificate(folder, "localhost")
        if not paths:
            return
        server = Server("--delay", 2, "--header-ms", HEADER_MS,
                        "--tls-cert", paths[0], "--tls-key", paths[1])
        plain = server.place
        place = TlsPlace(plain.host, plain.port, TOKEN, server.process, True)
        for case in (pipelined_posts, pipelined_strangers, chunked_bodies,
                     expects_continue, too_large, client_gone, plain_on_tls,
                     nothing_is_held):
            run_trap(place, with_words(case, case.__doc__ + ", over TLS"))
        ends_cleanly(server)


# --- telltale itself --------------------------------------------------------

def pull_all(place):
    for case in CASES:
        run_trap(place, with_words(case, "telltale: " + case.__doc__))


def test_program():
    """The same traps, with decoding and a journal behind them."""
    with telltale.Telltale(command="serve") as serve:
        pull_all(Place("127.0.0.1", serve.port, serve.token.encode(),
                       serve.process))


def test_address():
    host, port = sys.argv[1].rsplit(":", 1)
    pull_all(Place(host.strip("[]"), int(port), sys.argv[2].encode()))


if len(sys.argv) == 3:
    run([test_address])
else:
    run([test_traps, test_tls, test_program])
