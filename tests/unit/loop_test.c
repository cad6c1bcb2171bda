/* net/loop and what stands on it alone: timers, descriptors, signals,
 * wake-ups. Every case ends when its condition holds; a timer stops the loop
 * when it does not. The control socket is control_test.c. */
#define _XOPEN_SOURCE 700 /* posix_openpt() */

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/listen.h"
#include "net/loop.h"
#include "tests/unit/loop_rig.h"

static void count_and_stop(void *ctx)
{
    struct loop_rig *rig = ctx;

    rig->calls++;
    loop_stop(rig->loop);
}

static void count_only(void *ctx)
{
    struct loop_rig *rig = ctx;

    rig->calls++;
}

static void count_turn(void *ctx)
{
    struct loop_rig *rig = ctx;

    rig->turns++;
}

static void a_timer_fires_once_and_a_cancelled_one_never(void **state)
{
    struct loop_rig *rig = *state;
    struct loop_timer *first, *never, *last;
    int64_t start = clock_mono_us();

    first = loop_timer_new(rig->loop, count_only, rig);
    never = loop_timer_new(rig->loop, count_only, rig);
    last = loop_timer_new(rig->loop, count_and_stop, rig);
    loop_timer_set(first, 0);
    loop_timer_set(never, 1000);
    loop_timer_set(last, 20000);
    loop_timer_cancel(never);
    loop_run(rig->loop);
    assert_int_equal(rig->calls, 2);
    assert_true(clock_mono_us() - start >= 20000);
    loop_timer_free(first);
    loop_timer_free(never);
    loop_timer_free(last);
}

static void a_timer_set_again_moves(void **state)
{
    struct loop_rig *rig = *state;
    struct loop_timer *moved = loop_timer_new(rig->loop, count_only, rig);
    struct loop_timer *last = loop_timer_new(rig->loop, count_and_stop, rig);

    loop_timer_set(moved, 1000);
    loop_timer_set(moved, PATIENCE_US);
    loop_timer_set(last, 20000);
    loop_run(rig->loop);
    assert_int_equal(rig->calls, 1);
    loop_timer_free(moved);
    loop_timer_free(last);
}

static void every_turn_ends_with_its_call(void **state)
{
    struct loop_rig *rig = *state;
    struct loop_timer *last = loop_timer_new(rig->loop, count_and_stop, rig);

    loop_on_turn_end(rig->loop, count_turn, rig);
    loop_timer_set(last, 1000);
    loop_run(rig->loop);
    assert_true(rig->turns >= 1);
    loop_timer_free(last);
}

static void stop_once_called(void *ctx)
{
    struct loop_rig *rig = ctx;

    if (rig->calls)
        loop_stop(rig->loop);
}

/* What a timer began goes to the writer now, not after the next wait: that
 * would end with the turn all the same, so SIGALRM ends the test. */
static void a_turn_ends_before_the_loop_waits_after_a_timer(void **state)
{
    struct loop_rig *rig = *state;
    struct loop_timer *timer = loop_timer_new(rig->loop, count_only, rig);

    loop_on_turn_end(rig->loop, stop_once_called, rig);
    alarm(PATIENCE_US / 2000000);
    loop_timer_set(timer, 1000);
    loop_run(rig->loop);
    alarm(0);
    assert_int_equal(rig->calls, 1);
    loop_timer_free(timer);
}

struct relay {
    struct loop_rig *rig;
    struct loop_timer *self, *other;
};

/* The clock is read until it has moved on by so much. */
static void take_long(void *ctx)
{
    struct loop_rig *rig = ctx;
    int64_t end = clock_mono_us() + 20000;

    while (clock_mono_us() < end)
        continue;
    loop_stop(rig->loop);
}

static void a_turn_that_takes_long_is_counted_as_such(void **state)
{
    struct loop_rig *rig = *state;
    struct loop_timer *timer = loop_timer_new(rig->loop, take_long, rig);
    const struct loop_turns *turns = loop_turns(rig->loop);
    uint64_t fast = 0;

    assert_int_equal(turns->count, 0);
    loop_timer_set(timer, 0);
    loop_run(rig->loop);
    assert_true(turns->max_us >= 20000);
    assert_true(turns->sum_us >= turns->max_us);
    for (size_t i = 0; i < LOOP_TURN_BUCKETS; i++)
        if (loop_turn_bounds[i] < 20000)
            fast += turns->counts[i];
    assert_int_equal(turns->count - fast, 1);
    loop_timer_free(timer);
}

static void set_both(void *ctx)
{
    struct relay *relay = ctx;

    if (relay->rig->calls++)
        return;
    loop_timer_set(relay->self, 0);
    loop_timer_set(relay->other, 0);
}

/* Else one that sets itself again would keep the turn from ending. */
static void a_timer_set_in_a_timer_runs_in_the_next_turn(void **state)
{
    struct loop_rig *rig = *state;
    struct relay relay = {.rig = rig};

    relay.self = loop_timer_new(rig->loop, set_both, &relay);
    relay.other = loop_timer_new(rig->loop, count_and_stop, rig);
    loop_on_turn_end(rig->loop, count_turn, rig);
    loop_timer_set(relay.self, 0);
    loop_run(rig->loop);
    assert_int_equal(rig->calls, 3);
    assert_true(rig->turns >= 2);
    loop_timer_free(relay.self);
    loop_timer_free(relay.other);
}

static void *wake_from_elsewhere(void *loop)
{
    loop_wake(loop);
    return NULL;
}

static void another_thread_wakes_the_loop(void **state)
{
    struct loop_rig *rig = *state;
    pthread_t thread;

    loop_on_wake(rig->loop, count_and_stop, rig);
    pthread_create(&thread, NULL, wake_from_elsewhere, rig->loop);
    loop_run(rig->loop);
    pthread_join(thread, NULL);
    assert_true(rig->calls >= 1);
}

static void take_signal(void *ctx, int number)
{
    struct loop_rig *rig = ctx;

    rig->calls += number == SIGUSR1;
    loop_stop(rig->loop);
}

static void a_signal_is_handled_by_the_loop(void **state)
{
    struct loop_rig *rig = *state;
    struct sigaction before, after;

    sigaction(SIGUSR1, NULL, &before);
    assert_true(loop_on_signal(rig->loop, SIGUSR1, take_signal, rig, NULL));
    raise(SIGUSR1);
    assert_int_equal(rig->calls, 0);
    loop_run(rig->loop);
    assert_int_equal(rig->calls, 1);
    loop_free(rig->loop);
    sigaction(SIGUSR1, NULL, &after);
    assert_true(before.sa_handler == after.sa_handler);
    loop_timer_free(rig->patience);
    assert_int_equal(loop_rig_setup(state), 0);
}

struct pipe_end {
    struct loop_rig *rig;
    struct loop_fd *watched;
    int fd;
    char got[16];
    size_t len;
};

static void read_pipe(void *ctx)
{
    struct pipe_end *end = ctx;
    ssize_t got =
        read(end->fd, end->got + end->len, sizeof end->got - end->len);

    if (got > 0) {
        end->len += (size_t)got;
        return;
    }
    loop_unwatch(end->watched);
    end->watched = NULL;
    loop_stop(end->rig->loop);
}

static void a_watched_pipe_is_read_to_its_end(void **state)
{
    struct loop_rig *rig = *state;
    struct pipe_end end = {.rig = rig};
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    end.fd = fds[0];
    end.watched = loop_watch(rig->loop, fds[0], read_pipe, NULL, &end, NULL);
    assert_non_null(end.watched);
    assert_int_equal(write(fds[1], "hello", 5), 5);
    close(fds[1]);
    loop_run(rig->loop);
    assert_int_equal(end.len, 5);
    assert_null(end.watched);
    assert_int_equal(close(fds[0]), 0); /* ours still */
}

static void a_socket_says_when_it_can_be_written(void **state)
{
    struct loop_rig *rig = *state;
    struct loop_fd *watched;
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    watched = loop_watch(rig->loop, fds[0], NULL, count_and_stop, rig, NULL);
    assert_non_null(watched);
    loop_fd_want_write(watched);
    loop_run(rig->loop);
    assert_int_equal(rig->calls, 1);
    loop_unwatch(watched);
    close(fds[0]);
    close(fds[1]);
}

/* A screen's frame: more than a terminal takes at once. */
#define FRAME_BYTES 200000
#define BITE_BYTES 512

struct slow {
    struct loop *loop;
    struct loop_fd *watched;
    int master, slave;
    size_t written;
    atomic_size_t read;
};

static void write_frame(void *ctx)
{
    static const char bytes[4096];
    struct slow *slow = ctx;

    while (slow->written < FRAME_BYTES) {
        size_t left = FRAME_BYTES - slow->written;
        ssize_t put = write(slow->slave, bytes,
                            left < sizeof bytes ? left : sizeof bytes);

        if (put < 0) {
            loop_fd_want_write(slow->watched);
            return;
        }
        slow->written += (size_t)put;
    }
}

static void *read_in_bites(void *ctx)
{
    struct slow *slow = ctx;
    char bite[BITE_BYTES];
    ssize_t got;

    while (atomic_load(&slow->read) < FRAME_BYTES &&
           (got = read(slow->master, bite, sizeof bite)) > 0)
        atomic_fetch_add(&slow->read, (size_t)got);
    loop_wake(slow->loop);
    return NULL;
}

static void stop_when_read(void *ctx)
{
    struct slow *slow = ctx;

    if (atomic_load(&slow->read) >= FRAME_BYTES)
        loop_stop(slow->loop);
}

static void open_raw_terminal(struct slow *slow)
{
    struct termios modes;

    slow->master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(slow->master >= 0);
    assert_int_equal(grantpt(slow->master), 0);
    assert_int_equal(unlockpt(slow->master), 0);
    slow->slave = open(ptsname(slow->master), O_RDWR | O_NOCTTY | O_NONBLOCK);
    assert_true(slow->slave >= 0);
    assert_int_equal(tcgetattr(slow->slave, &modes), 0);
    modes.c_oflag &= ~(tcflag_t)OPOST;
    modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    assert_int_equal(tcsetattr(slow->slave, TCSANOW, &modes), 0);
}

static void an_idle_loop_writes_a_whole_frame_to_a_slow_terminal(void **state)
{
    struct loop_rig *rig = *state;
    struct slow slow = {.loop = rig->loop};
    pthread_t thread;

    open_raw_terminal(&slow);
    slow.watched =
        loop_watch(rig->loop, slow.slave, NULL, write_frame, &slow, NULL);
    assert_non_null(slow.watched);
    loop_on_wake(rig->loop, stop_when_read, &slow);
    loop_fd_want_write(slow.watched);
    pthread_create(&thread, NULL, read_in_bites, &slow);
    loop_run(rig->loop);
    loop_unwatch(slow.watched);
    close(slow.slave); /* ends the reader, whatever it has */
    pthread_join(thread, NULL);
    assert_int_equal(atomic_load(&slow.read), FRAME_BYTES);
    close(slow.master);
}

static void what_nobody_reads_does_not_keep_the_loop_busy(void **state)
{
    struct loop_rig *rig = *state;
    struct loop_timer *last = loop_timer_new(rig->loop, count_and_stop, rig);
    struct loop_fd *watched;
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    watched = loop_watch(rig->loop, fds[0], NULL, count_only, rig, NULL);
    assert_int_equal(write(fds[1], "hello", 5), 5);
    loop_on_turn_end(rig->loop, count_turn, rig);
    loop_timer_set(last, 30000);
    loop_run(rig->loop);
    assert_int_equal(rig->calls, 1);
    assert_true(rig->turns < 20);
    rig->calls = 0;
    close(fds[1]); /* hung up: told by a last call */
    loop_timer_set(last, 30000);
    loop_run(rig->loop);
    assert_int_equal(rig->calls, 2);
    loop_unwatch(watched);
    close(fds[0]);
    loop_timer_free(last);
}

static void addresses_are_literal_and_checked(void **state)
{
    static const char *const bad[] = {
        "",           "127.0.0.1",    "localhost:80",  "127.0.0.1:x",
        "::1:80",     "[::1]",        "1.2.3:80",      "127.0.0.1:65536",
        "[::1]:80,x", "127.0.0.1:-1", "[127.0.0.1]:0", "*:80",
    };
    struct listeners listeners;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(listeners_open(&listeners, bad[i], &err));
    assert_true(listeners_open(&listeners, "127.0.0.1:0", &err));
    assert_true(listeners.port > 0);
    assert_int_equal(strncmp(listeners.address, "127.0.0.1:", 10), 0);
    listeners_close(&listeners);
}

static void a_port_in_use_is_said_to_be(void **state)
{
    struct listeners first, second;
    struct err err = {{0}};

    (void)state;
    assert_true(listeners_open(&first, "127.0.0.1:0", &err));
    assert_false(listeners_open(&second, first.address, &err));
    assert_non_null(strstr(err.text, "in use"));
    listeners_close(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOOP_CASE(a_timer_fires_once_and_a_cancelled_one_never),
        LOOP_CASE(a_timer_set_again_moves),
        LOOP_CASE(every_turn_ends_with_its_call),
        LOOP_CASE(a_turn_ends_before_the_loop_waits_after_a_timer),
        LOOP_CASE(a_turn_that_takes_long_is_counted_as_such),
        LOOP_CASE(a_timer_set_in_a_timer_runs_in_the_next_turn),
        LOOP_CASE(another_thread_wakes_the_loop),
        LOOP_CASE(a_signal_is_handled_by_the_loop),
        LOOP_CASE(a_watched_pipe_is_read_to_its_end),
        LOOP_CASE(a_socket_says_when_it_can_be_written),
        LOOP_CASE(an_idle_loop_writes_a_whole_frame_to_a_slow_terminal),
        LOOP_CASE(what_nobody_reads_does_not_keep_the_loop_busy),
        cmocka_unit_test(addresses_are_literal_and_checked),
        cmocka_unit_test(a_port_in_use_is_said_to_be),
    };

    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
