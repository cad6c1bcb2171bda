/* guard: what lost its name while the journal was open, and cannot be put back
 * at once, waits for it; nothing else has all that was acknowledged. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/guard_rig.h"

#include "base/banned.h"

struct shortage {
    int of; /* a resource, and how much of it there is */
    rlim_t most;
};

static rlim_t limit_to(struct shortage shortage)
{
    struct rlimit limit;
    rlim_t before;

    assert_int_equal(getrlimit(shortage.of, &limit), 0);
    before = limit.rlim_cur;
    limit.rlim_cur = shortage.most;
    assert_int_equal(setrlimit(shortage.of, &limit), 0);
    return before;
}

static struct shortage of_room(void)
{
    return (struct shortage){RLIMIT_FSIZE, 65536};
}

/* Enough to write a copy, too few to open it as a journal is. */
static struct shortage of_descriptors(void)
{
    int next[3];

    for (int i = 0; i < 3; i++)
        next[i] = dup(STDERR_FILENO);
    for (int i = 0; i < 3; i++)
        close(next[i]);
    return (struct shortage){RLIMIT_NOFILE, (rlim_t)next[2]};
}

static void pause_briefly(void)
{
    struct timespec pause = {0, 20000000};

    nanosleep(&pause, NULL);
}

static void wait_until_kept(struct rig *rig, uint32_t number)
{
    struct event event = with_uuid("after", number);

    for (int i = 0; i < 1500 && !rig_append(rig, &event, 1).ok; i++)
        pause_briefly();
    assert_null(journal_trouble(rig->journal));
}

/* It is taken away while it cannot be put back; then it can be. */
static void take_away(struct rig *rig, const char *suffix,
                      struct shortage shortage, const char *why)
{
    struct event event = with_uuid("refused", 99998);
    rlim_t before = limit_to(shortage);

    remove_file(rig, suffix);
    for (int i = 0; i < 3; i++)
        assert_false(rig_append(rig, &event, 1).ok);
    limit_to((struct shortage){shortage.of, before});
    assert_non_null(strstr(journal_notice(rig->journal), "Nothing is lost"));
    assert_non_null(strstr(journal_notice(rig->journal), why));
    assert_non_null(journal_trouble(rig->journal));
}

static void fill(struct rig *rig)
{
    rig_fill(rig, EVENTS);
    empty_log(rig);
    append_one(rig, with_uuid("in the log", 99999));
}

static void assert_it_waits(struct rig *rig, struct shortage shortage,
                            const char *why)
{
    take_away(rig, "", shortage, why);
    wait_until_kept(rig, 100000);
    assert_non_null(strstr(journal_notice(rig->journal), "in place again"));
    assert_all_kept(rig, EVENTS + 2);
}

static void a_file_that_is_removed_waits_for_room(void **state)
{
    fill(*state);
    assert_it_waits(*state, of_room(), "it cannot be copied");
}

static void a_copy_that_cannot_be_checked_waits_too(void **state)
{
    fill(*state);
    assert_it_waits(*state, of_descriptors(), "the copy cannot be checked");
}

static void nothing_is_left_of_a_copy_that_cannot_be_checked(void **state)
{
    struct rig *rig = *state;
    struct event event = with_uuid("refused", 99998);
    struct shortage shortage = of_descriptors();
    rlim_t before = limit_to(shortage);

    remove_file(rig, "");
    assert_false(rig_append(rig, &event, 1).ok);
    rig_close(rig);
    limit_to((struct shortage){shortage.of, before});
    assert_int_equal(size_of(rig, ".restored"), -1);
    assert_int_equal(size_of(rig, ".restored-wal"), -1);
    rig_open(rig);
}

static void what_waits_is_put_back_at_the_end(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    take_away(rig, "", of_room(), "");
    rig_close(rig);
    rig_open(rig);
    assert_all_kept(rig, EVENTS);
}

static void wait_for_threads(struct rig *rig)
{
    bool woken = false;

    journal_drain(rig->journal);
    for (int i = 0; i < 1500 && !woken; i++) {
        pause_briefly();
        pthread_mutex_lock(&rig->mutex);
        woken = rig->wakes;
        pthread_mutex_unlock(&rig->mutex);
    }
}

/* Nobody sends anything then: it is tried again all the same. */
static void what_waits_is_put_back_in_a_quiet_time(void **state)
{
    struct rig *rig = *state;
    struct event event = with_uuid("refused", 99998);
    struct shortage shortage = of_room();
    rlim_t before;

    rig_fill(rig, EVENTS);
    before = limit_to(shortage);
    remove_file(rig, "");
    assert_false(rig_append(rig, &event, 1).ok);
    wait_for_threads(rig); /* tried in vain once more */
    limit_to((struct shortage){shortage.of, before});
    for (int i = 0; i < 1500 && journal_trouble(rig->journal); i++) {
        pause_briefly();
        journal_drain(rig->journal);
    }
    assert_null(journal_trouble(rig->journal));
    assert_non_null(strstr(journal_notice(rig->journal), "in place again"));
    assert_all_kept(rig, EVENTS);
}

static void a_log_that_is_removed_waits_for_room(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    take_away(rig, "-wal", of_room(), "");
    wait_until_kept(rig, 100000);
    assert_all_kept(rig, EVENTS + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUARD_CASE(a_file_that_is_removed_waits_for_room),
        GUARD_CASE(a_copy_that_cannot_be_checked_waits_too),
        GUARD_CASE(nothing_is_left_of_a_copy_that_cannot_be_checked),
        GUARD_CASE(what_waits_is_put_back_at_the_end),
        GUARD_CASE(what_waits_is_put_back_in_a_quiet_time),
        GUARD_CASE(a_log_that_is_removed_waits_for_room),
    };

    signal(SIGXFSZ, SIG_IGN);
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("guard without room", tests, NULL,
                                       NULL);
}
