/* net/loop and what stands on it alone: timers, descriptors, signals,
 * wake-ups, and the control socket. Every case ends when its condition
 * holds; a timer stops the loop when it does not. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/control.h"
#include "net/control_path.h"
#include "net/listen.h"
#include "net/loop.h"

#define PATIENCE_US 10000000

struct bench {
    struct loop *loop;
    struct loop_timer *patience;
    unsigned calls, turns;
};

static void give_up(void *ctx)
{
    struct bench *bench = ctx;

    loop_stop(bench->loop);
    fail_msg("the condition never came");
}

static int set_up(void **state)
{
    static struct bench bench;

    bench = (struct bench){0};
    bench.loop = loop_new(NULL);
    if (!bench.loop)
        return -1;
    bench.patience = loop_timer_new(bench.loop, give_up, &bench);
    loop_timer_set(bench.patience, PATIENCE_US);
    *state = &bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    loop_timer_free(bench->patience);
    loop_free(bench->loop);
    return 0;
}

static void count_and_stop(void *ctx)
{
    struct bench *bench = ctx;

    bench->calls++;
    loop_stop(bench->loop);
}

static void count_only(void *ctx)
{
    struct bench *bench = ctx;

    bench->calls++;
}

static void count_turn(void *ctx)
{
    struct bench *bench = ctx;

    bench->turns++;
}

static void a_timer_fires_once_and_a_cancelled_one_never(void **state)
{
    struct bench *bench = *state;
    struct loop_timer *first, *never, *last;
    int64_t start = clock_mono_us();

    first = loop_timer_new(bench->loop, count_only, bench);
    never = loop_timer_new(bench->loop, count_only, bench);
    last = loop_timer_new(bench->loop, count_and_stop, bench);
    loop_timer_set(first, 0);
    loop_timer_set(never, 1000);
    loop_timer_set(last, 20000);
    loop_timer_cancel(never);
    loop_run(bench->loop);
    assert_int_equal(bench->calls, 2);
    assert_true(clock_mono_us() - start >= 20000);
    loop_timer_free(first);
    loop_timer_free(never);
    loop_timer_free(last);
}

static void a_timer_set_again_moves(void **state)
{
    struct bench *bench = *state;
    struct loop_timer *moved = loop_timer_new(bench->loop, count_only, bench);
    struct loop_timer *last =
        loop_timer_new(bench->loop, count_and_stop, bench);

    loop_timer_set(moved, 1000);
    loop_timer_set(moved, PATIENCE_US);
    loop_timer_set(last, 20000);
    loop_run(bench->loop);
    assert_int_equal(bench->calls, 1);
    loop_timer_free(moved);
    loop_timer_free(last);
}

static void every_turn_ends_with_its_call(void **state)
{
    struct bench *bench = *state;
    struct loop_timer *last =
        loop_timer_new(bench->loop, count_and_stop, bench);

    loop_on_turn_end(bench->loop, count_turn, bench);
    loop_timer_set(last, 1000);
    loop_run(bench->loop);
    assert_true(bench->turns >= 1);
    loop_timer_free(last);
}

static void stop_once_called(void *ctx)
{
    struct bench *bench = ctx;

    if (bench->calls)
        loop_stop(bench->loop);
}

/* What a timer began goes to the writer now, not after the next wait: that
 * would end with the turn all the same, so SIGALRM ends the test. */
static void a_turn_ends_before_the_loop_waits_after_a_timer(void **state)
{
    struct bench *bench = *state;
    struct loop_timer *timer = loop_timer_new(bench->loop, count_only, bench);

    loop_on_turn_end(bench->loop, stop_once_called, bench);
    alarm(PATIENCE_US / 2000000);
    loop_timer_set(timer, 1000);
    loop_run(bench->loop);
    alarm(0);
    assert_int_equal(bench->calls, 1);
    loop_timer_free(timer);
}

struct relay {
    struct bench *bench;
    struct loop_timer *self, *other;
};

/* The clock is read until it has moved on by so much. */
static void take_long(void *ctx)
{
    struct bench *bench = ctx;
    int64_t end = clock_mono_us() + 20000;

    while (clock_mono_us() < end)
        continue;
    loop_stop(bench->loop);
}

static void a_turn_that_takes_long_is_counted_as_such(void **state)
{
    struct bench *bench = *state;
    struct loop_timer *timer = loop_timer_new(bench->loop, take_long, bench);
    const struct loop_turns *turns = loop_turns(bench->loop);
    uint64_t fast = 0;

    assert_int_equal(turns->count, 0);
    loop_timer_set(timer, 0);
    loop_run(bench->loop);
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

    if (relay->bench->calls++)
        return;
    loop_timer_set(relay->self, 0);
    loop_timer_set(relay->other, 0);
}

/* Else one that sets itself again would keep the turn from ending. */
static void a_timer_set_in_a_timer_runs_in_the_next_turn(void **state)
{
    struct bench *bench = *state;
    struct relay relay = {.bench = bench};

    relay.self = loop_timer_new(bench->loop, set_both, &relay);
    relay.other = loop_timer_new(bench->loop, count_and_stop, bench);
    loop_on_turn_end(bench->loop, count_turn, bench);
    loop_timer_set(relay.self, 0);
    loop_run(bench->loop);
    assert_int_equal(bench->calls, 3);
    assert_true(bench->turns >= 2);
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
    struct bench *bench = *state;
    pthread_t thread;

    loop_on_wake(bench->loop, count_and_stop, bench);
    pthread_create(&thread, NULL, wake_from_elsewhere, bench->loop);
    loop_run(bench->loop);
    pthread_join(thread, NULL);
    assert_true(bench->calls >= 1);
}

static void take_signal(void *ctx, int number)
{
    struct bench *bench = ctx;

    bench->calls += number == SIGUSR1;
    loop_stop(bench->loop);
}

static void a_signal_is_handled_by_the_loop(void **state)
{
    struct bench *bench = *state;
    struct sigaction before, after;

    sigaction(SIGUSR1, NULL, &before);
    assert_true(
        loop_on_signal(bench->loop, SIGUSR1, take_signal, bench, NULL));
    raise(SIGUSR1);
    assert_int_equal(bench->calls, 0);
    loop_run(bench->loop);
    assert_int_equal(bench->calls, 1);
    loop_free(bench->loop);
    sigaction(SIGUSR1, NULL, &after);
    assert_true(before.sa_handler == after.sa_handler);
    loop_timer_free(bench->patience);
    assert_int_equal(set_up(state), 0);
}

struct pipe_end {
    struct bench *bench;
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
    loop_stop(end->bench->loop);
}

static void a_watched_pipe_is_read_to_its_end(void **state)
{
    struct bench *bench = *state;
    struct pipe_end end = {.bench = bench};
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    end.fd = fds[0];
    end.watched = loop_watch(bench->loop, fds[0], read_pipe, NULL, &end, NULL);
    assert_non_null(end.watched);
    assert_int_equal(write(fds[1], "hello", 5), 5);
    close(fds[1]);
    loop_run(bench->loop);
    assert_int_equal(end.len, 5);
    assert_null(end.watched);
    assert_int_equal(close(fds[0]), 0); /* ours still */
}

static void a_socket_says_when_it_can_be_written(void **state)
{
    struct bench *bench = *state;
    struct loop_fd *watched;
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    watched =
        loop_watch(bench->loop, fds[0], NULL, count_and_stop, bench, NULL);
    assert_non_null(watched);
    loop_fd_want_write(watched);
    loop_run(bench->loop);
    assert_int_equal(bench->calls, 1);
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
    struct bench *bench = *state;
    struct slow slow = {.loop = bench->loop};
    pthread_t thread;

    open_raw_terminal(&slow);
    slow.watched =
        loop_watch(bench->loop, slow.slave, NULL, write_frame, &slow, NULL);
    assert_non_null(slow.watched);
    loop_on_wake(bench->loop, stop_when_read, &slow);
    loop_fd_want_write(slow.watched);
    pthread_create(&thread, NULL, read_in_bites, &slow);
    loop_run(bench->loop);
    loop_unwatch(slow.watched);
    close(slow.slave); /* ends the reader, whatever it has */
    pthread_join(thread, NULL);
    assert_int_equal(atomic_load(&slow.read), FRAME_BYTES);
    close(slow.master);
}

static void what_nobody_reads_does_not_keep_the_loop_busy(void **state)
{
    struct bench *bench = *state;
    struct loop_timer *last =
        loop_timer_new(bench->loop, count_and_stop, bench);
    struct loop_fd *watched;
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    watched = loop_watch(bench->loop, fds[0], NULL, count_only, bench, NULL);
    assert_int_equal(write(fds[1], "hello", 5), 5);
    loop_on_turn_end(bench->loop, count_turn, bench);
    loop_timer_set(last, 30000);
    loop_run(bench->loop);
    assert_int_equal(bench->calls, 1);
    assert_true(bench->turns < 20);
    bench->calls = 0;
    close(fds[1]); /* hung up: told by a last call */
    loop_timer_set(last, 30000);
    loop_run(bench->loop);
    assert_int_equal(bench->calls, 2);
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

/* --- the control socket --- */

static void handle_line(void *ctx, const char *line, struct buf *reply)
{
    struct bench *bench = ctx;

    bench->calls++;
    buf_addf(reply, "{\"heard\":%zu}", strlen(line));
}

struct asking {
    struct loop *loop;
    const char *journal;
    struct buf reply;
    struct err err;
    bool ok;
    atomic_bool done;
};

static void stop_when_done(void *ctx)
{
    struct asking *asking = ctx;

    if (atomic_load(&asking->done))
        loop_stop(asking->loop);
}

static void *ask(void *ctx)
{
    struct asking *asking = ctx;

    asking->ok = control_ask(asking->journal, "{\"do\":\"mark\"}",
                             &asking->reply, &asking->err);
    atomic_store(&asking->done, true);
    loop_wake(asking->loop); /* the one call that is safe from here */
    return NULL;
}

static void ask_owner(struct bench *bench, const char *journal)
{
    struct asking asking = {.loop = bench->loop, .journal = journal};
    struct err err = {{0}};
    struct control *control;
    pthread_t thread;

    buf_init(&asking.reply, 1000);
    control = control_new(bench->loop, journal, handle_line, bench, &err);
    assert_string_equal(err.text, "");
    assert_non_null(control);
    loop_on_wake(bench->loop, stop_when_done, &asking);
    pthread_create(&thread, NULL, ask, &asking);
    loop_run(bench->loop);
    pthread_join(thread, NULL);
    assert_true(asking.ok);
    assert_string_equal(asking.reply.data, "{\"heard\":13}");
    control_free(control);
    asking.err.text[0] = 'x';
    assert_false(control_ask(journal, "{}", &asking.reply, &asking.err));
    assert_string_equal(asking.err.text, ""); /* nobody is there */
    buf_free(&asking.reply);
}

static char *scratch_dir(char *out, size_t size)
{
    snprintf(out, size, "/tmp/telltale-test-XXXXXX");
    assert_non_null(mkdtemp(out));
    return out;
}

static void the_owner_answers_beside_its_journal(void **state)
{
    struct bench *bench = *state;
    char dir[64], journal[128], sock[160];
    struct stat found;
    struct control *control;

    snprintf(journal, sizeof journal, "%s/journal.db",
             scratch_dir(dir, sizeof dir));
    snprintf(sock, sizeof sock, "%s.sock", journal);
    ask_owner(bench, journal);
    control = control_new(bench->loop, journal, handle_line, bench, NULL);
    assert_int_equal(stat(sock, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    control_free(control);
    assert_int_not_equal(stat(sock, &found), 0);
    rmdir(dir);
}

static void a_path_too_long_for_a_socket_works_as_well(void **state)
{
    struct bench *bench = *state;
    char dir[64], deep[256], journal[300];

    scratch_dir(dir, sizeof dir);
    snprintf(deep, sizeof deep, "%s/%0120d", dir, 0);
    assert_int_equal(mkdir(deep, 0700), 0);
    snprintf(journal, sizeof journal, "%s/journal.db", deep);
    ask_owner(bench, journal);
    rmdir(deep);
    rmdir(dir);
}

struct follower {
    struct bench *bench;
    struct control *control;
    int fd;
    char got[64];
    size_t len;
};

static void read_follow(void *ctx)
{
    struct follower *follower = ctx;
    ssize_t got = read(follower->fd, follower->got + follower->len,
                       sizeof follower->got - 1 - follower->len);

    assert_true(got > 0);
    follower->len += (size_t)got;
    if (!strcmp(follower->got, "{\"seq\":7}\n"))
        control_committed(follower->control, 9);
    else
        loop_stop(follower->bench->loop);
}

static void followers_hear_of_every_commit(void **state)
{
    struct bench *bench = *state;
    struct follower follower = {.bench = bench};
    struct loop_fd *watched;
    char dir[64], journal[128];

    snprintf(journal, sizeof journal, "%s/journal.db",
             scratch_dir(dir, sizeof dir));
    follower.control =
        control_new(bench->loop, journal, handle_line, bench, NULL);
    control_committed(follower.control, 7);
    follower.fd = control_follow(journal, NULL);
    assert_true(follower.fd >= 0);
    watched = loop_watch(bench->loop, follower.fd, read_follow, NULL,
                         &follower, NULL);
    loop_run(bench->loop);
    assert_string_equal(follower.got, "{\"seq\":7}\n{\"seq\":9}\n");
    assert_int_equal(bench->calls, 0);
    loop_unwatch(watched);
    close(follower.fd);
    control_free(follower.control);
    rmdir(dir);
}

/* Commits far more often than a socket holds news of them; then the follower
 * reads on and finds the newest. */
#define COMMITS 20000

struct stuck {
    struct bench *bench;
    struct control *control;
    struct loop_fd *watched;
    int fd;
    struct buf got;
};

static void read_newest(void *ctx)
{
    struct stuck *stuck = ctx;
    char bytes[4096], newest[32];
    ssize_t got = read(stuck->fd, bytes, sizeof bytes);

    assert_true(got > 0);
    buf_add(&stuck->got, bytes, (size_t)got);
    snprintf(newest, sizeof newest, "{\"seq\":%d}\n", COMMITS);
    if (strstr(stuck->got.data, newest))
        loop_stop(stuck->bench->loop);
}

static void commit_often(void *ctx)
{
    struct stuck *stuck = ctx;

    for (uint64_t seq = 2; seq <= COMMITS; seq++)
        control_committed(stuck->control, seq);
    stuck->watched = loop_watch(stuck->bench->loop, stuck->fd, read_newest,
                                NULL, stuck, NULL);
}

static void a_follower_that_stops_reading_holds_nothing_up(void **state)
{
    struct bench *bench = *state;
    struct stuck stuck = {.bench = bench};
    struct loop_timer *later =
        loop_timer_new(bench->loop, commit_often, &stuck);
    char dir[64], journal[128];

    alarm(60); /* a blocked loop is ended by nothing else */
    buf_init(&stuck.got, 1 << 20);
    snprintf(journal, sizeof journal, "%s/journal.db",
             scratch_dir(dir, sizeof dir));
    stuck.control =
        control_new(bench->loop, journal, handle_line, bench, NULL);
    control_committed(stuck.control, 1);
    stuck.fd = control_follow(journal, NULL);
    assert_true(stuck.fd >= 0);
    loop_timer_set(later, 30000);
    loop_run(bench->loop);
    alarm(0);
    assert_int_equal(bench->calls, 0);
    loop_unwatch(stuck.watched);
    close(stuck.fd);
    control_free(stuck.control);
    loop_timer_free(later);
    buf_free(&stuck.got);
    rmdir(dir);
}

static bool socket_is_in(const char *dir)
{
    char journal[300];
    struct sockaddr_un address;
    struct err err;

    snprintf(journal, sizeof journal, "%s/%0150d/journal.db", dir, 0);
    assert_true(control_address(journal, &address, &err));
    return !strncmp(address.sun_path, dir, strlen(dir));
}

static void a_directory_that_others_may_enter_holds_no_socket(void **state)
{
    const char *before = getenv("XDG_RUNTIME_DIR");
    char *kept = before ? strdup(before) : NULL;
    char dir[64], link[80];

    (void)state;
    setenv("XDG_RUNTIME_DIR", scratch_dir(dir, sizeof dir), 1);
    assert_true(socket_is_in(dir));
    assert_int_equal(chmod(dir, 0750), 0);
    assert_false(socket_is_in(dir));
    assert_int_equal(chmod(dir, 0701), 0);
    assert_false(socket_is_in(dir));
    assert_int_equal(chmod(dir, 0700), 0);
    snprintf(link, sizeof link, "%s.link", dir);
    assert_int_equal(symlink(dir, link), 0);
    setenv("XDG_RUNTIME_DIR", link, 1);
    assert_false(socket_is_in(link));
    unlink(link);
    rmdir(dir);
    if (kept)
        setenv("XDG_RUNTIME_DIR", kept, 1);
    else
        unsetenv("XDG_RUNTIME_DIR");
    free(kept);
}

#define LOOP_TEST(name)                                                       \
    cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOOP_TEST(a_timer_fires_once_and_a_cancelled_one_never),
        LOOP_TEST(a_timer_set_again_moves),
        LOOP_TEST(every_turn_ends_with_its_call),
        LOOP_TEST(a_turn_ends_before_the_loop_waits_after_a_timer),
        LOOP_TEST(a_turn_that_takes_long_is_counted_as_such),
        LOOP_TEST(a_timer_set_in_a_timer_runs_in_the_next_turn),
        LOOP_TEST(another_thread_wakes_the_loop),
        LOOP_TEST(a_signal_is_handled_by_the_loop),
        LOOP_TEST(a_watched_pipe_is_read_to_its_end),
        LOOP_TEST(a_socket_says_when_it_can_be_written),
        LOOP_TEST(an_idle_loop_writes_a_whole_frame_to_a_slow_terminal),
        LOOP_TEST(what_nobody_reads_does_not_keep_the_loop_busy),
        cmocka_unit_test(addresses_are_literal_and_checked),
        cmocka_unit_test(a_port_in_use_is_said_to_be),
        LOOP_TEST(the_owner_answers_beside_its_journal),
        LOOP_TEST(a_path_too_long_for_a_socket_works_as_well),
        LOOP_TEST(followers_hear_of_every_commit),
        LOOP_TEST(a_follower_that_stops_reading_holds_nothing_up),
        cmocka_unit_test(a_directory_that_others_may_enter_holds_no_socket),
    };

    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
