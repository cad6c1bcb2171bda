"""Limits on time, connections, bytes and descriptors, and the crowd.

Limits on time are the server's options here, short ones: a case waits for
what must happen and never for a guess. With an address as argument the crowd
goes to a running telltale:

    http_limits.py 127.0.0.1:8420 TOKEN
"""

import os
import select
import socket
import sys
import time

import telltale
from http_place import (PATIENCE, Answers, Failed, Place, Server, check,
                        ends_cleanly, event, nothing_is_held, open_files,
                        run, run_case, run_trap, wait_for_files)

HEADER_MS, BODY_MS, COMMIT_MS, IDLE_MS = 1500, 1500, 1000, 2000
PATIENT_MS = 60000  # more than a crowd takes on a busy machine


# --- slow -------------------------------------------------------------------

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


TIMED = [dripped_head, dripped_body, silent_connection, idle_connection,
         never_reads]


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
        check(b"not kept in time" in answer[2], "%r" % (answer,))
        check(answers.ended(), "it stayed open")


def late_answer(place):
    """What is no commit is not said to be one when it takes too long"""
    with place.connect() as sock:
        sock.sendall(b"GET /never HTTP/1.1\r\nHost: t\r\n\r\n")
        answers = Answers(sock)
        answer = answers.next()
        check(answer and answer[0] == 503, "%r" % (answer,))
        check(b"no answer in time, ask again" in answer[2], "%r" % (answer,))
        check(answers.ended(), "it stayed open")


def test_late_commit():
    server = Server("--delay", COMMIT_MS * 4, "--commit-ms", COMMIT_MS)
    run_case(late_commit.__doc__, lambda: late_commit(server.place))
    run_case(late_answer.__doc__, lambda: late_answer(server.place))

    def late_answers_are_lost():
        until = time.monotonic() + PATIENCE
        while not server.place.health()["lost"]:
            check(time.monotonic() < until, "never counted")
            time.sleep(0.02)
        nothing_is_held(server.place)
    run_case("The answer that comes too late is counted and harms nobody",
             late_answers_are_lost)
    ends_cleanly(server)


# --- too many, too much -----------------------------------------------------

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


def test_few_descriptors():
    run_case(few_descriptors.__doc__, few_descriptors)


# --- the crowd --------------------------------------------------------------

def resident_kb(process):
    for line in open("/proc/%d/status" % process.pid):
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


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


def told_to(answer):
    return answer and answer[0] in (408, 503)


def comes_again(place, answer, body):
    """A sender that was told to come back does, as PostHog would: on a machine
    that is busy the program's own limits on time may be reached. The test
    server's cannot, so that there the first answer is the one."""
    until = time.monotonic() + PATIENCE
    while not place.echo and told_to(answer):
        check(time.monotonic() < until, "told to come back for ever")
        time.sleep(0.1)
        answer = place.exchange(place.post(body))
    place.is_right(answer, body)


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
        answers, answer = Answers(sock), None
        for _ in range(3 if kind == "pipeline" else 1):
            # What was behind it on the connection has gone with it.
            answer = answers.next() or (told_to(answer) and answer)
            comes_again(place, answer, body)
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


def crowd_leaves_nothing(server):
    """After three crowds memory and descriptors are back where they were"""
    place = server.place
    crowd(place)
    nothing_is_held(server.place)
    before, files = resident_kb(server.process), open_files(server.process)
    for _ in range(2):
        crowd(place)
        nothing_is_held(server.place)
    after = resident_kb(server.process)
    print("# resident: %d KB before, %d KB after two more crowds; "
          "%d and %d descriptors"
          % (before, after, files, open_files(server.process)))
    check(server.process.poll() is None, "it died")
    wait_for_files(server.process, files)
    check(after <= before + 4096 or server.sanitised,
          "memory grew by %d KB" % (after - before))


def test_crowd():
    server = Server("--delay", 3, "--header-ms", PATIENT_MS, "--body-ms",
                    PATIENT_MS, "--commit-ms", PATIENT_MS)
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
    """The same crowds, with decoding and a journal behind them; with core
    files allowed, so that its descriptors may be looked at by who is not
    root."""
    with telltale.Telltale("--core-files", command="serve") as serve:
        place = Place("127.0.0.1", serve.port, serve.token.encode(),
                      serve.process)
        run_trap(place, program_after_crowds)


def test_address():
    host, port = sys.argv[1].rsplit(":", 1)
    run_trap(Place(host.strip("[]"), int(port), sys.argv[2].encode()), crowd)


if len(sys.argv) == 3:
    run([test_address])
else:
    run([test_time_limits, test_late_commit, test_limits,
         test_few_descriptors, test_crowd, test_program])
