/* guard: what happens to a journal's files while it is open is noticed, what
 * was acknowledged is kept or can be salvaged, and the next event is taken. */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "base/clock.h"
#include "journal/db.h"
#include "journal/mend.h"
#include "journal/salvage.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

#define EVENTS 3000

/* ---- what can be done to files ---- */

static void name_of(const struct rig *rig, const char *suffix, char out[200])
{
    snprintf(out, 200, "%s%s", rig->path, suffix);
}

static int64_t size_of(const struct rig *rig, const char *suffix)
{
    char name[200];
    struct stat info;

    name_of(rig, suffix, name);
    return stat(name, &info) ? -1 : (int64_t)info.st_size;
}

static void remove_file(struct rig *rig, const char *suffix)
{
    char name[200];

    name_of(rig, suffix, name);
    assert_int_equal(unlink(name), 0);
}

static void cut(struct rig *rig, const char *suffix, int64_t size)
{
    char name[200];

    name_of(rig, suffix, name);
    assert_int_equal(truncate(name, size), 0);
}

/* Keeps the file's time, as a disk does that forgets. */
static void overwrite(struct rig *rig, const char *suffix, int64_t at,
                      size_t len)
{
    char name[200], *junk = malloc(len);
    struct timespec times[2];
    struct stat info;
    int fd;

    memset(junk, 0xa5, len);
    name_of(rig, suffix, name);
    fd = open(name, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(pwrite(fd, junk, len, at), len);
    times[0] = info.st_atim;
    times[1] = info.st_mtim;
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
    free(junk);
}

static void touch(struct rig *rig, const char *suffix)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW},
                                {.tv_nsec = UTIME_NOW}};
    char name[200];

    name_of(rig, suffix, name);
    assert_int_equal(utimensat(AT_FDCWD, name, times, 0), 0);
}

/* ---- waiting ---- */

/* All of the log is in the file. */
static void empty_log(struct rig *rig)
{
    struct sql_job job = {.sql = ""};

    journal_truncate(rig->journal, note_job, &job);
    rig_drain_until(rig, &job.done);
    assert_string_equal(job.err.text, "");
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

/* While it reads, what comes later stays in the log. */
static sqlite3 *hold_log(struct rig *rig)
{
    sqlite3 *db = NULL;

    sqlite3_open(rig->path, &db);
    assert_int_equal(sqlite3_exec(db, "BEGIN; SELECT count(*) FROM events",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    return db;
}

/* The writer knows no page by heart. */
static void forget_cache(struct rig *rig)
{
    change(rig, "PRAGMA cache_size = 1");
}

static char *find_aside(struct rig *rig, const char *word)
{
    char pattern[200], *found = NULL;
    glob_t list;

    snprintf(pattern, sizeof pattern, "%s.%s-*Z", rig->path, word);
    if (!glob(pattern, 0, NULL, &list)) {
        found = strdup(list.gl_pathv[0]);
        globfree(&list);
    }
    return found;
}

static int remove_asides(void **state)
{
    struct rig *rig = *state;
    char pattern[200];
    glob_t list;

    snprintf(pattern, sizeof pattern, "%s.*", rig->path);
    if (!glob(pattern, 0, NULL, &list)) {
        for (size_t i = 0; i < list.gl_pathc; i++)
            if (!strstr(list.gl_pathv[i], ".lock"))
                unlink(list.gl_pathv[i]);
        globfree(&list);
    }
    return rig_teardown(state);
}
#define GUARD_CASE(test)                                                      \
    cmocka_unit_test_setup_teardown(test, rig_setup, remove_asides)

static void assert_all_kept(struct rig *rig, int64_t events)
{
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), events);
    assert_int_equal(ask(rig, "SELECT count(*) FROM bodies WHERE "
                              "body_text(encoding, size, raw) NOT NULL"),
                     events);
    assert_int_equal(
        ask(rig, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"),
        1);
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

/* ---- damaged ---- */

static uint64_t salvage(struct rig *rig)
{
    struct salvage_report report = {0};
    struct err err = {""};
    char *aside = find_aside(rig, "damaged");
    sqlite3 *db;

    assert_non_null(aside);
    rig_close(rig);
    db = db_open(rig->path, &err);
    assert_non_null(db);
    assert_true(salvage_events(db, aside, &report, &err));
    db_close(db);
    assert_true(mend_set_salvaged(aside, &err));
    free(aside);
    aside = find_aside(rig, "damaged");
    assert_null(aside);
    rig_open(rig);
    return report.events;
}

static void a_log_that_is_cut_is_noticed_and_the_rest_salvaged(void **state)
{
    struct rig *rig = *state;
    sqlite3 *holder;

    forget_cache(rig);
    rig_fill(rig, EVENTS);
    empty_log(rig);
    holder = hold_log(rig);
    append_one(rig, with_uuid("in the log", 99999));
    cut(rig, "-wal", 0);
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
    cut(rig, "-wal", 0);
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

static void a_file_that_is_cut_is_noticed_and_the_rest_salvaged(void **state)
{
    struct rig *rig = *state;
    uint64_t got;

    forget_cache(rig);
    rig_fill(rig, EVENTS);
    empty_log(rig);
    cut(rig, "", size_of(rig, "") / 2);
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
    cut(rig, "-wal", 0);
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
    cut(rig, "", 4096);
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

/* ---- at the start ---- */

static void start_damaged(struct rig *rig, uint64_t salvaged)
{
    char *aside;

    rig_open(rig);
    assert_non_null(journal_notice(rig->journal));
    aside = find_aside(rig, "damaged");
    assert_non_null(aside);
    free(aside);
    append_one(rig, with_uuid("after", 100000));
    assert_true(salvage(rig) >= salvaged);
    assert_true(ask(rig, "SELECT count(*) FROM events") >=
                (int64_t)salvaged + 1);
}

static void a_damaged_journal_is_found_at_the_start(void **state)
{
    struct rig *rig = *state;
    int64_t size, id;

    rig_fill(rig, EVENTS);
    id = ask(rig, "SELECT hex(value) FROM meta WHERE key = 'salt'");
    rig_close(rig);
    size = size_of(rig, "");
    overwrite(rig, "", size / 2 / 4096 * 4096, 8192);
    start_damaged(rig, EVENTS / 2);
    assert_int_equal(ask(rig, "SELECT hex(value) FROM meta WHERE key = "
                              "'salt'"),
                     id);
}

static void a_journal_without_a_head_is_found_at_the_start(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    rig_close(rig);
    overwrite(rig, "", 0, 200);
    start_damaged(rig, EVENTS);
}

static void half_a_journal_is_found_at_the_start(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    rig_close(rig);
    cut(rig, "", size_of(rig, "") / 2);
    start_damaged(rig, EVENTS / 4);
}

static void copy(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    char block[4096];
    size_t got;

    assert_non_null(in);
    assert_non_null(out);
    while ((got = fread(block, 1, sizeof block, in)))
        assert_int_equal(fwrite(block, 1, got, out), got);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* What kill -9 leaves: all of it is in the log. Nothing opens the database
 * here while SQLite has it: a copy is made by another process. */
static void leave_log(struct rig *rig)
{
    static const char *const suffixes[] = {"", "-wal"};
    char saved[2][200], name[200];
    sqlite3 *holder = hold_log(rig);
    pid_t child;
    int status;

    for (uint32_t i = 0; i < 40; i++) {
        struct event events[50];

        for (uint32_t k = 0; k < 50; k++)
            events[k] = with_uuid("a", i * 50 + k);
        rig_append(rig, events, 50);
    }
    for (int i = 0; i < 2; i++)
        snprintf(saved[i], sizeof saved[i], "%s/saved%d", rig->dir, i);
    child = fork();
    if (!child) {
        for (int i = 0; i < 2; i++) {
            name_of(rig, suffixes[i], name);
            copy(name, saved[i]);
        }
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
    sqlite3_close(holder);
    rig_close(rig);
    for (int i = 0; i < 2; i++) {
        name_of(rig, suffixes[i], name);
        assert_int_equal(rename(saved[i], name), 0);
    }
}

static void a_log_with_a_hole_is_found_at_the_start(void **state)
{
    struct rig *rig = *state;

    leave_log(rig);
    overwrite(rig, "-wal", 32 + 60 * 4120 + 500, 100);
    start_damaged(rig, 1500);
    print_message("# a hole in the log: %lld of 2000 events\n",
                  (long long)ask(rig, "SELECT count(*) - 1 FROM events"));
}

static void a_log_without_a_head_is_found_at_the_start(void **state)
{
    struct rig *rig = *state;

    leave_log(rig);
    overwrite(rig, "-wal", 0, 32);
    start_damaged(rig, 2000);
}

static void a_last_commit_that_a_crash_tore_is_no_damage(void **state)
{
    struct rig *rig = *state;

    leave_log(rig);
    overwrite(rig, "-wal", size_of(rig, "-wal") - 2000, 2000);
    rig_open(rig);
    assert_null(journal_notice(rig->journal));
    assert_true(ask(rig, "SELECT count(*) FROM events") >= 1950);
}

static void a_log_alone_is_salvaged_at_the_start(void **state)
{
    struct rig *rig = *state;

    leave_log(rig);
    remove_file(rig, "");
    start_damaged(rig, 1500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUARD_CASE(a_log_that_is_removed_loses_nothing),
        GUARD_CASE(a_log_is_looked_at_where_a_link_leads),
        GUARD_CASE(a_log_that_is_replaced_loses_nothing),
        GUARD_CASE(an_index_that_is_removed_loses_nothing),
        GUARD_CASE(a_file_that_is_removed_is_put_back),
        GUARD_CASE(a_file_that_is_replaced_is_put_back_and_the_other_kept),
        GUARD_CASE(a_log_that_is_cut_is_noticed_and_the_rest_salvaged),
        GUARD_CASE(
            what_was_not_known_of_one_event_is_not_salvaged_of_the_next),
        GUARD_CASE(a_log_that_is_overwritten_is_noticed),
        GUARD_CASE(a_file_that_is_cut_is_noticed_and_the_rest_salvaged),
        GUARD_CASE(a_disk_that_forgets_is_read_back),
        GUARD_CASE(what_is_in_memory_mends_a_log_that_was_cut),
        GUARD_CASE(what_is_in_memory_mends_a_file_without_a_head),
        GUARD_CASE(what_is_in_memory_mends_a_file_that_was_cut),
        GUARD_CASE(a_file_that_was_only_touched_is_in_order),
        GUARD_CASE(another_program_may_write_and_copy_the_log),
        GUARD_CASE(a_damaged_journal_is_found_at_the_start),
        GUARD_CASE(a_journal_without_a_head_is_found_at_the_start),
        GUARD_CASE(half_a_journal_is_found_at_the_start),
        GUARD_CASE(a_log_with_a_hole_is_found_at_the_start),
        GUARD_CASE(a_log_without_a_head_is_found_at_the_start),
        GUARD_CASE(a_last_commit_that_a_crash_tore_is_no_damage),
        GUARD_CASE(a_log_alone_is_salvaged_at_the_start),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
