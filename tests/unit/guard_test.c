/* guard: what happens to a journal's files while it is open is noticed, what
 * was acknowledged is kept or can be salvaged, and the next event is taken.
 * What is found of it at the start is guard_start_test.c, what cannot be put
 * back at once guard_room_test.c. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "tests/unit/guard_rig.h"

#include "base/banned.h"

static void touch(struct rig *rig, const char *suffix)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW},
                                {.tv_nsec = UTIME_NOW}};
    char name[200];

    name_of(rig, suffix, name);
    assert_int_equal(utimensat(AT_FDCWD, name, times, 0), 0);
}

/* A doubt refuses one group, unless the writer had it when it was idle. */
static void append_until_kept(struct rig *rig, uint32_t number)
{
    struct event event = with_uuid("after", number);

    for (int i = 0; i < 3; i++)
        if (rig_append(rig, &event, 1).ok)
            return;
    fail_msg("nothing is kept any more");
}

/* The writer knows no page by heart. */
static void forget_cache(struct rig *rig)
{
    change(rig, "PRAGMA cache_size = 1");
}

/* ---- removed, moved, replaced ---- */

static void a_log_that_is_removed_loses_nothing(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    remove_file(rig, "-wal");
    append_until_kept(rig, 100000);
    assert_non_null(journal_notice(rig->journal));
    assert_non_null(strstr(journal_notice(rig->journal), "was deleted"));
    assert_all_kept(rig, EVENTS + 1);
    rig_close(rig);
    rig_open(rig);
    assert_all_kept(rig, EVENTS + 1);
}

static void a_log_is_looked_at_where_a_link_leads(void **state)
{
    struct rig *rig = *state;
    char real[200];

    rig_close(rig);
    name_of(rig, ".real", real);
    assert_int_equal(rename(rig->path, real), 0);
    assert_int_equal(symlink(real, rig->path), 0);
    rig_open(rig);
    rig_fill(rig, 100);
    remove_file(rig, ".real-wal");
    append_until_kept(rig, 100000);
    assert_non_null(journal_notice(rig->journal));
    assert_non_null(strstr(journal_notice(rig->journal), "was deleted"));
    assert_all_kept(rig, 101);
    rig_close(rig);
    remove_file(rig, ".real.lock");
}

static void a_log_that_is_replaced_loses_nothing(void **state)
{
    struct rig *rig = *state;
    char name[200];

    rig_fill(rig, EVENTS);
    remove_file(rig, "-wal");
    name_of(rig, "-wal", name);
    close(open(name, O_CREAT | O_WRONLY, 0600));
    append_until_kept(rig, 100000);
    assert_non_null(journal_notice(rig->journal));
    assert_all_kept(rig, EVENTS + 1);
}

static void an_index_that_is_removed_loses_nothing(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    remove_file(rig, "-shm");
    append_until_kept(rig, 100000);
    assert_non_null(journal_notice(rig->journal));
    assert_all_kept(rig, EVENTS + 1);
}

static void a_file_that_is_removed_is_put_back(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    empty_log(rig);
    append_one(rig, with_uuid("in the log", 99999));
    remove_file(rig, "");
    append_until_kept(rig, 100000);
    assert_non_null(journal_notice(rig->journal));
    assert_non_null(strstr(journal_notice(rig->journal), "in place again"));
    assert_all_kept(rig, EVENTS + 2);
}

static void
a_file_that_is_replaced_is_put_back_and_the_other_kept(void **state)
{
    struct rig *rig = *state;
    char other[200], *aside;
    FILE *file;

    rig_fill(rig, EVENTS);
    name_of(rig, ".other", other);
    file = fopen(other, "w");
    fputs("somebody else's\n", file);
    fclose(file);
    assert_int_equal(rename(other, rig->path), 0);
    append_until_kept(rig, 100000);
    assert_non_null(journal_notice(rig->journal));
    assert_all_kept(rig, EVENTS + 1);
    aside = find_aside(rig, "replaced");
    assert_non_null(aside);
    free(aside);
}

/* Nor may what stands there be opened, nor is it a file. */
static void what_stands_there_need_not_be_a_file(void **state)
{
    struct rig *rig = *state;
    char *aside;

    rig_fill(rig, EVENTS);
    remove_file(rig, "");
    assert_int_equal(mkdir(rig->path, 0700), 0);
    append_until_kept(rig, 100000);
    assert_non_null(strstr(journal_notice(rig->journal), "in place again"));
    assert_all_kept(rig, EVENTS + 1);
    aside = find_aside(rig, "replaced");
    assert_non_null(aside);
    assert_int_equal(rmdir(aside), 0);
    free(aside);
}

/* Nobody sends anything then: it is in no trouble all the same. */
static void what_is_mended_in_a_quiet_second_is_in_no_trouble(void **state)
{
    struct rig *rig = *state;
    struct timespec pause = {0, 20000000};

    rig_fill(rig, 10);
    remove_file(rig, "-wal");
    for (int i = 0; i < 1500 && !journal_notice(rig->journal); i++) {
        nanosleep(&pause, NULL);
        journal_drain(rig->journal);
    }
    assert_non_null(journal_notice(rig->journal));
    assert_null(journal_trouble(rig->journal));
    assert_all_kept(rig, 10);
}

/* ---- damaged ---- */

static void a_log_that_is_cut_is_noticed_and_the_rest_salvaged(void **state)
{
    struct rig *rig = *state;
    sqlite3 *holder;

    forget_cache(rig);
    rig_fill(rig, EVENTS);
    empty_log(rig);
    holder = hold_log(rig);
    append_one(rig, with_uuid("in the log", 99999));
    cut_file(rig, "-wal", 0);
    append_until_kept(rig, 100000);
    assert_non_null(journal_notice(rig->journal));
    assert_non_null(strstr(journal_notice(rig->journal), "damaged-"));
    assert_int_equal(ask(rig, "SELECT seq FROM events"), EVENTS + 2);
    sqlite3_close(holder);
    assert_int_equal(salvage(rig), EVENTS);
    assert_all_kept(rig, EVENTS + 1);
    assert_int_equal(ask(rig, "SELECT sum(events) FROM hours"), EVENTS + 1);
    assert_int_equal(ask(rig, "SELECT sum(count) FROM daily"), EVENTS + 1);
}

static void
what_was_not_known_of_one_event_is_not_salvaged_of_the_next(void **state)
{
    struct rig *rig = *state;
    sqlite3 *holder;

    forget_cache(rig);
    for (uint32_t i = 0; i < 6; i++) {
        struct event event = with_uuid("known", i);

        event.url = i % 2 ? NULL : "https://example.com/page";
        append_one(rig, event);
    }
    assert_int_equal(
        ask(rig, "SELECT count(*) FROM events WHERE seq <= 6 AND url IS NULL"),
        3);
    empty_log(rig);
    holder = hold_log(rig);
    append_one(rig, with_uuid("in the log", 99999));
    cut_file(rig, "-wal", 0);
    append_until_kept(rig, 100000);
    sqlite3_close(holder);
    assert_int_equal(salvage(rig), 6);
    assert_int_equal(
        ask(rig, "SELECT count(*) FROM events WHERE seq <= 6 AND url IS NULL"),
        3);
}

static void a_log_that_is_overwritten_is_noticed(void **state)
{
    struct rig *rig = *state;
    sqlite3 *holder;

    forget_cache(rig);
    rig_fill(rig, EVENTS);
    empty_log(rig);
    holder = hold_log(rig);
    append_one(rig, with_uuid("in the log", 99999));
    overwrite(rig, "-wal", 0, 64);
    touch(rig, "-wal");
    append_until_kept(rig, 100000);
    assert_non_null(journal_notice(rig->journal));
    sqlite3_close(holder);
    assert_int_equal(salvage(rig), EVENTS);
    assert_all_kept(rig, EVENTS + 1);
}

/* All of the log is in the file, and stays in the log. */
static void wait_for_copy(struct rig *rig)
{
    struct timespec pause = {0, 20000000};
    int64_t whole = ask(rig, "SELECT page_count * page_size FROM "
                             "pragma_page_count, pragma_page_size");

    for (int i = 0; i < 1500 && size_of(rig, "") < whole; i++)
        nanosleep(&pause, NULL);
    assert_int_equal(size_of(rig, ""), whole);
}

/* Nor is that forgotten when it is looked through and found whole. */
static void a_log_that_is_overwritten_once_copied_loses_nothing(void **state)
{
    struct rig *rig = *state;
    char *aside;

    forget_cache(rig);
    rig_fill(rig, EVENTS);
    wait_for_copy(rig);
    touch(rig, "-wal");
    change(rig, "DELETE FROM counters WHERE name = 'none'");
    assert_null(journal_notice(rig->journal));
    overwrite(rig, "-wal", 0, 64);
    touch(rig, "-wal");
    append_until_kept(rig, 100000);
    assert_non_null(strstr(journal_notice(rig->journal), "Nothing is lost"));
    aside = find_aside(rig, "*");
    assert_null(aside);
    assert_all_kept(rig, EVENTS + 1);
}

static void a_file_that_is_cut_is_noticed_and_the_rest_salvaged(void **state)
{
    struct rig *rig = *state;
    uint64_t got;

    forget_cache(rig);
    rig_fill(rig, EVENTS);
    empty_log(rig);
    cut_file(rig, "", size_of(rig, "") / 2);
    append_until_kept(rig, 100000);
    assert_non_null(journal_notice(rig->journal));
    got = salvage(rig);
    print_message("# half a file: %llu of %d events\n",
                  (unsigned long long)got, EVENTS);
    assert_true(got > EVENTS / 4);
    assert_true(got < EVENTS);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), got + 1);
}

/* No time says so: only reading back does, sooner or later. */
static void a_disk_that_forgets_is_read_back(void **state)
{
    struct rig *rig = *state;
    bool refused = false;
    int64_t size;

    forget_cache(rig);
    rig_fill(rig, EVENTS);
    empty_log(rig);
    size = size_of(rig, "");
    overwrite(rig, "", size / 3 / 4096 * 4096, 40960);
    for (uint32_t i = 0; !refused && i < 64 * 200; i++) {
        struct event event = with_uuid("later", 100000 + i);

        refused = !rig_append(rig, &event, 1).ok;
    }
    assert_true(refused);
    append_until_kept(rig, 90000);
    assert_non_null(journal_notice(rig->journal));
    assert_true(salvage(rig) > EVENTS / 2);
}

/* ---- damaged, but known by heart ---- */

static void assert_restored(struct rig *rig)
{
    char *aside;

    append_until_kept(rig, 100000);
    assert_non_null(strstr(journal_notice(rig->journal), "in place again"));
    aside = find_aside(rig, "replaced");
    assert_non_null(aside);
    free(aside);
    aside = find_aside(rig, "damaged");
    assert_null(aside);
    assert_all_kept(rig, EVENTS + 1);
}

static void what_is_in_memory_mends_a_log_that_was_cut(void **state)
{
    struct rig *rig = *state;
    sqlite3 *holder;

    empty_log(rig);
    holder = hold_log(rig);
    rig_fill(rig, EVENTS);
    cut_file(rig, "-wal", 0);
    assert_restored(rig);
    sqlite3_close(holder);
}

static void what_is_in_memory_mends_a_file_without_a_head(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    empty_log(rig);
    overwrite(rig, "", 0, 4096);
    touch(rig, "");
    assert_restored(rig);
}

static void what_is_in_memory_mends_a_file_that_was_cut(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    empty_log(rig);
    cut_file(rig, "", 4096);
    assert_restored(rig);
}

/* ---- nothing wrong ---- */

static void a_file_that_was_only_touched_is_in_order(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    touch(rig, "");
    touch(rig, "-wal");
    append_one(rig, with_uuid("after", 100000));
    assert_null(journal_notice(rig->journal));
    assert_all_kept(rig, EVENTS + 1);
}

static void another_program_may_write_and_copy_the_log(void **state)
{
    struct rig *rig = *state;
    sqlite3 *db = NULL;

    rig_fill(rig, EVENTS);
    for (int i = 0; i < 5; i++) {
        sqlite3_open(rig->path, &db);
        assert_int_equal(
            sqlite3_exec(db,
                         "INSERT INTO counters VALUES ('x', 1) ON CONFLICT DO "
                         "UPDATE SET value = value + 1; PRAGMA "
                         "wal_checkpoint(TRUNCATE); INSERT INTO counters "
                         "VALUES ('y', 1) ON CONFLICT DO UPDATE SET value = "
                         "value + 1",
                         NULL, NULL, NULL),
            SQLITE_OK);
        sqlite3_close(db);
        append_one(rig, with_uuid("after", 100000 + (uint32_t)i));
    }
    assert_null(journal_notice(rig->journal));
    assert_all_kept(rig, EVENTS + 5);
}

/* The log is as long as before, and nothing was added to it since: what is at
 * its end is of the log before it. */
static void
what_changes_nothing_after_another_program_is_in_order(void **state)
{
    struct rig *rig = *state;
    sqlite3 *db = NULL;

    rig_fill(rig, 100);
    sqlite3_open(rig->path, &db);
    assert_int_equal(sqlite3_exec(db,
                                  "PRAGMA wal_checkpoint; INSERT INTO "
                                  "counters VALUES ('x', 1)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    for (int i = 0; i < 3; i++)
        change(rig, "DELETE FROM counters WHERE name = 'none'");
    sqlite3_close(db);
    append_one(rig, with_uuid("after", 100000));
    assert_null(journal_notice(rig->journal));
    assert_int_equal(ask(rig, "SELECT value FROM counters WHERE name = 'x'"),
                     1);
    assert_all_kept(rig, 101);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUARD_CASE(a_log_that_is_removed_loses_nothing),
        GUARD_CASE(a_log_is_looked_at_where_a_link_leads),
        GUARD_CASE(a_log_that_is_replaced_loses_nothing),
        GUARD_CASE(an_index_that_is_removed_loses_nothing),
        GUARD_CASE(a_file_that_is_removed_is_put_back),
        GUARD_CASE(what_stands_there_need_not_be_a_file),
        GUARD_CASE(what_is_mended_in_a_quiet_second_is_in_no_trouble),
        GUARD_CASE(a_file_that_is_replaced_is_put_back_and_the_other_kept),
        GUARD_CASE(a_log_that_is_cut_is_noticed_and_the_rest_salvaged),
        GUARD_CASE(
            what_was_not_known_of_one_event_is_not_salvaged_of_the_next),
        GUARD_CASE(a_log_that_is_overwritten_is_noticed),
        GUARD_CASE(a_log_that_is_overwritten_once_copied_loses_nothing),
        GUARD_CASE(a_file_that_is_cut_is_noticed_and_the_rest_salvaged),
        GUARD_CASE(a_disk_that_forgets_is_read_back),
        GUARD_CASE(what_is_in_memory_mends_a_log_that_was_cut),
        GUARD_CASE(what_is_in_memory_mends_a_file_without_a_head),
        GUARD_CASE(what_is_in_memory_mends_a_file_that_was_cut),
        GUARD_CASE(a_file_that_was_only_touched_is_in_order),
        GUARD_CASE(another_program_may_write_and_copy_the_log),
        GUARD_CASE(what_changes_nothing_after_another_program_is_in_order),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
