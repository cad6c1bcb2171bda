/* The control socket: the owner of a journal answers beside it, and tells of
 * commits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "net/control.h"
#include "net/control_path.h"
#include "net/loop.h"
#include "tests/unit/loop_rig.h"

static bool handle_line(void *ctx, uint64_t asked, const char *line,
                        struct buf *reply)
{
    struct loop_rig *rig = ctx;

    (void)asked;
    rig->calls++;
    buf_addf(reply, "{\"heard\":%zu}", strlen(line));
    return true;
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

static void ask_owner(struct loop_rig *rig, const char *journal)
{
    struct asking asking = {.loop = rig->loop, .journal = journal};
    struct err err = {{0}};
    struct control *control;
    pthread_t thread;

    buf_init(&asking.reply, 1000);
    control = control_new(rig->loop, journal, handle_line, rig, &err);
    assert_string_equal(err.text, "");
    assert_non_null(control);
    loop_on_wake(rig->loop, stop_when_done, &asking);
    pthread_create(&thread, NULL, ask, &asking);
    loop_run(rig->loop);
    pthread_join(thread, NULL);
    assert_true(asking.ok);
    assert_string_equal(asking.reply.data, "{\"heard\":13}");
    control_free(control);
    asking.err.text[0] = 'x';
    assert_false(control_ask(journal, "{}", &asking.reply, &asking.err));
    assert_string_equal(asking.err.text, ""); /* nobody is there */
    buf_free(&asking.reply);
}

static bool end_instead(void *ctx, uint64_t asked, const char *line,
                        struct buf *reply)
{
    struct loop_rig *rig = ctx;

    (void)asked, (void)line, (void)reply;
    loop_stop(rig->loop);
    return false;
}

static char *scratch_dir(char *out, size_t size)
{
    snprintf(out, size, "/tmp/telltale-test-XXXXXX");
    assert_non_null(mkdtemp(out));
    return out;
}

static void the_owner_answers_beside_its_journal(void **state)
{
    struct loop_rig *rig = *state;
    char dir[64], journal[128], sock[160];
    struct stat found;
    struct control *control;

    snprintf(journal, sizeof journal, "%s/journal.db",
             scratch_dir(dir, sizeof dir));
    snprintf(sock, sizeof sock, "%s.sock", journal);
    ask_owner(rig, journal);
    control = control_new(rig->loop, journal, handle_line, rig, NULL);
    assert_int_equal(stat(sock, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    control_free(control);
    assert_int_not_equal(stat(sock, &found), 0);
    rmdir(dir);
}

static void a_path_too_long_for_a_socket_works_as_well(void **state)
{
    struct loop_rig *rig = *state;
    char dir[64], deep[256], journal[300];

    scratch_dir(dir, sizeof dir);
    snprintf(deep, sizeof deep, "%s/%0120d", dir, 0);
    assert_int_equal(mkdir(deep, 0700), 0);
    snprintf(journal, sizeof journal, "%s/journal.db", deep);
    ask_owner(rig, journal);
    rmdir(deep);
    rmdir(dir);
}

/* Two requests in one go: the second is heard once the first, which is
 * answered later, has its answer. */
struct later {
    struct loop_rig *rig;
    struct control *control;
    int fd;
    uint64_t asked;
    char got[64];
    size_t len;
};

static bool handle_later(void *ctx, uint64_t asked, const char *line,
                         struct buf *reply)
{
    struct later *later = ctx;

    later->asked = asked;
    if (later->rig->calls++)
        buf_addf(reply, "{\"heard\":%zu}", strlen(line));
    return later->rig->calls > 1;
}

static void answer_later(void *ctx)
{
    struct later *later = ctx;

    assert_int_equal(later->rig->calls, 1);
    control_answer(later->control, later->asked + 1, "for nobody");
    control_answer(later->control, later->asked, "{\"late\":1}");
    assert_int_equal(later->rig->calls, 2);
}

static void read_later(void *ctx)
{
    struct later *later = ctx;
    ssize_t got = read(later->fd, later->got + later->len,
                       sizeof later->got - 1 - later->len);

    assert_true(got > 0);
    later->len += (size_t)got;
    if (strstr(later->got, "heard"))
        loop_stop(later->rig->loop);
}

static int connect_to(const char *journal)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_true(control_address(journal, &address, NULL));
    assert_int_equal(connect(fd, (const void *)&address, sizeof address), 0);
    return fd;
}

static void an_answer_that_comes_later_comes_first(void **state)
{
    struct loop_rig *rig = *state;
    struct later later = {.rig = rig};
    struct loop_timer *timer = loop_timer_new(rig->loop, answer_later, &later);
    struct loop_fd *watched;
    char dir[64], journal[128];

    snprintf(journal, sizeof journal, "%s/journal.db",
             scratch_dir(dir, sizeof dir));
    later.control =
        control_new(rig->loop, journal, handle_later, &later, NULL);
    later.fd = connect_to(journal);
    assert_int_equal(write(later.fd, "{}\n[]\n", 6), 6);
    watched = loop_watch(rig->loop, later.fd, read_later, NULL, &later, NULL);
    loop_timer_set(timer, 30000);
    loop_run(rig->loop);
    assert_string_equal(later.got, "{\"late\":1}\n{\"heard\":2}\n");
    loop_unwatch(watched);
    close(later.fd);
    control_free(later.control);
    control_answer(NULL, later.asked, "for nobody");
    loop_timer_free(timer);
    rmdir(dir);
}

static void an_owner_that_ends_first_is_told_as_that(void **state)
{
    struct loop_rig *rig = *state;
    struct asking asking = {.loop = rig->loop};
    struct control *control;
    pthread_t thread;
    char dir[64], journal[128];

    snprintf(journal, sizeof journal, "%s/journal.db",
             scratch_dir(dir, sizeof dir));
    asking.journal = journal;
    buf_init(&asking.reply, 1000);
    control = control_new(rig->loop, journal, end_instead, rig, NULL);
    pthread_create(&thread, NULL, ask, &asking);
    loop_run(rig->loop);
    control_free(control);
    pthread_join(thread, NULL);
    assert_false(asking.ok);
    assert_string_equal(asking.err.text,
                        "telltale has ended before it answered: ask again");
    buf_free(&asking.reply);
    rmdir(dir);
}

struct follower {
    struct loop_rig *rig;
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
        loop_stop(follower->rig->loop);
}

static void followers_hear_of_every_commit(void **state)
{
    struct loop_rig *rig = *state;
    struct follower follower = {.rig = rig};
    struct loop_fd *watched;
    char dir[64], journal[128];

    snprintf(journal, sizeof journal, "%s/journal.db",
             scratch_dir(dir, sizeof dir));
    follower.control = control_new(rig->loop, journal, handle_line, rig, NULL);
    control_committed(follower.control, 7);
    follower.fd = control_follow(journal, NULL);
    assert_true(follower.fd >= 0);
    watched =
        loop_watch(rig->loop, follower.fd, read_follow, NULL, &follower, NULL);
    loop_run(rig->loop);
    assert_string_equal(follower.got, "{\"seq\":7}\n{\"seq\":9}\n");
    assert_int_equal(rig->calls, 0);
    loop_unwatch(watched);
    close(follower.fd);
    control_free(follower.control);
    rmdir(dir);
}

/* Commits far more often than a socket holds news of them; then the follower
 * reads on and finds the newest. */
#define COMMITS 20000

struct stuck {
    struct loop_rig *rig;
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
        loop_stop(stuck->rig->loop);
}

static void commit_often(void *ctx)
{
    struct stuck *stuck = ctx;

    for (uint64_t seq = 2; seq <= COMMITS; seq++)
        control_committed(stuck->control, seq);
    stuck->watched = loop_watch(stuck->rig->loop, stuck->fd, read_newest, NULL,
                                stuck, NULL);
}

static void a_follower_that_stops_reading_holds_nothing_up(void **state)
{
    struct loop_rig *rig = *state;
    struct stuck stuck = {.rig = rig};
    struct loop_timer *later = loop_timer_new(rig->loop, commit_often, &stuck);
    char dir[64], journal[128];

    alarm(60); /* a blocked loop is ended by nothing else */
    buf_init(&stuck.got, 1 << 20);
    snprintf(journal, sizeof journal, "%s/journal.db",
             scratch_dir(dir, sizeof dir));
    stuck.control = control_new(rig->loop, journal, handle_line, rig, NULL);
    control_committed(stuck.control, 1);
    stuck.fd = control_follow(journal, NULL);
    assert_true(stuck.fd >= 0);
    loop_timer_set(later, 30000);
    loop_run(rig->loop);
    alarm(0);
    assert_int_equal(rig->calls, 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOOP_CASE(the_owner_answers_beside_its_journal),
        LOOP_CASE(a_path_too_long_for_a_socket_works_as_well),
        LOOP_CASE(an_answer_that_comes_later_comes_first),
        LOOP_CASE(an_owner_that_ends_first_is_told_as_that),
        LOOP_CASE(followers_hear_of_every_commit),
        LOOP_CASE(a_follower_that_stops_reading_holds_nothing_up),
        cmocka_unit_test(a_directory_that_others_may_enter_holds_no_socket),
    };

    return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
