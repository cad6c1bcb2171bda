/* reader: what was kept is found again; the file and its owner. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "journal/journal.h"
#include "journal/owner.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

/* ---- pages ---- */

static void assert_page(struct rig *rig, struct reader_range range,
                        size_t count, uint64_t first, uint64_t last,
                        bool more_there)
{
    struct journal_reader *reader = rig_reader(rig);
    struct event_batch *batch = event_batch_new();
    struct err err = {""};
    bool more;

    assert_true(reader_page(reader, &range, batch, &more, &err));
    assert_int_equal(batch->count, count);
    assert_int_equal(more, more_there);
    if (count) {
        assert_int_equal(batch->events[0].seq, first);
        assert_int_equal(batch->events[count - 1].seq, last);
        assert_int_equal(batch->events[0].raw == NULL, range.no_bodies);
    }
    event_batch_free(batch);
    reader_close(reader);
}

static void pages_go_both_ways(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, 1200);
    assert_page(rig, (struct reader_range){.limit = 10}, 10, 1, 10, true);
    assert_page(rig, (struct reader_range){.after = 10, .limit = 10}, 10, 11,
                20, true);
    assert_page(rig, (struct reader_range){.after = 1190}, 10, 1191, 1200,
                false);
    assert_page(rig, (struct reader_range){.after = 1200}, 0, 0, 0, false);
    assert_page(rig, (struct reader_range){.newest_first = true},
                LIMIT_PAGE_ROWS, 1200, 1200 - LIMIT_PAGE_ROWS + 1, true);
    assert_page(rig,
                (struct reader_range){.newest_first = true,
                                      .before = 11,
                                      .no_bodies = true},
                10, 10, 1, false);
    assert_page(rig,
                (struct reader_range){.after = 5, .before = 8, .limit = 2}, 2,
                6, 7, false);
    assert_page(rig, (struct reader_range){.limit = 100000}, LIMIT_PAGE_ROWS,
                1, LIMIT_PAGE_ROWS, true);
}

static void a_batch_takes_several_pages(void **state)
{
    struct rig *rig = *state;
    struct journal_reader *reader;
    struct event_batch *batch = event_batch_new();
    struct reader_range range = {.limit = 300};
    struct err err;
    bool more = true;

    rig_fill(rig, 1000);
    reader = rig_reader(rig);
    while (more) {
        assert_true(reader_page(reader, &range, batch, &more, &err));
        range.after = batch->events[batch->count - 1].seq;
    }
    assert_int_equal(batch->count, 1000);
    for (size_t i = 0; i < batch->count; i++)
        assert_int_equal(batch->events[i].seq, i + 1);
    event_batch_free(batch);
    reader_close(reader);
}

/* However long bodies are, a page of them is not. */
static void long_bodies_make_short_pages(void **state)
{
    enum { LONG = LIMIT_PAGE_BYTES / 4 - 1000, COUNT = 12 };
    struct rig *rig = *state;
    struct event events[COUNT];
    char *raw = calloc(1, LONG + 3);

    assert_non_null(raw);
    memset(raw, ' ', LONG + 2);
    raw[0] = '{';
    raw[LONG + 1] = '}';
    for (uint32_t i = 0; i < COUNT; i++) {
        events[i] = with_uuid("a", i);
        events[i].raw = raw;
        events[i].raw_len = LONG + 2;
        events[i].props_len = 0;
    }
    rig_append(rig, events, COUNT);
    free(raw);
    assert_page(rig, (struct reader_range){0}, 5, 1, 5, true);
    assert_page(rig, (struct reader_range){.after = 5}, 5, 6, 10, true);
    assert_page(rig, (struct reader_range){.after = 10}, 2, 11, 12, false);
    assert_page(rig, (struct reader_range){.newest_first = true}, 5, 12, 8,
                true);
    assert_page(rig, (struct reader_range){.bytes = 1}, 1, 1, 1, true);
    assert_page(rig, (struct reader_range){.no_bodies = true}, COUNT, 1, COUNT,
                false);
}

/* ---- sums ---- */

static void events_are_counted_by_day(void **state)
{
    struct rig *rig = *state;
    struct event events[] = {with_uuid("a", 1), with_uuid("a", 2),
                             with_uuid("a", 3), with_uuid("a", 4),
                             with_uuid("a", 1)};
    int64_t day = NOW / DAY_MS;
    char sql[160];

    events[1].hidden = HIDDEN_INTERNAL;
    events[2].occurred_at = NOW - DAY_MS;
    events[3].category = CATEGORY_BILLING;
    rig_append(rig, events, 5);
    events[0].uuid = numbered(5);
    rig_append(rig, events, 1);
    snprintf(sql, sizeof sql,
             "SELECT count * 10 + hidden FROM daily WHERE category = 3 AND "
             "day = %lld",
             (long long)day);
    assert_int_equal(ask(rig, sql), 21);
    assert_int_equal(ask(rig, "SELECT sum(count) FROM daily"), 4);
    assert_int_equal(ask(rig, "SELECT count(*) FROM daily"), 3);
    assert_int_equal(ask(rig, "SELECT count FROM daily WHERE category = 1"),
                     1);
}

static void a_day_is_that_of_the_journals_zone(void **state)
{
    struct rig *rig = *state;
    struct event event = sample("a");
    char day[64];

    rig_close(rig);
    unlink(rig->path);
    setenv("TZ", "Pacific/Auckland", 1); /* 12 hours ahead: the next day */
    rig_open(rig);
    rig_close(rig);
    setenv("TZ", "UTC", 1);
    rig_open(rig);
    assert_string_equal(getenv("TZ"), "UTC"); /* times are shown in this */
    assert_string_equal(journal_zone(rig->journal), "Pacific/Auckland");
    assert_true(journal_zone_differs(rig->journal));
    event.received_at = event.occurred_at = NOW + 8 * 3600000;
    append_one(rig, event);
    snprintf(day, sizeof day, "SELECT day - %lld FROM daily",
             (long long)(event.received_at / DAY_MS));
    assert_int_equal(ask(rig, day), 1);
    setenv("TZ", "UTC", 1);
}

static void accounts_seen_keep_the_newest_name(void **state)
{
    struct rig *rig = *state;
    struct event event = sample("a");
    struct journal_reader *reader;
    struct event_batch *batch = event_batch_new();
    struct err err;
    bool more;

    append_one(rig, event);
    event.account.name = "Alder, Finch & Co";
    event.person.name = "Maya";
    event.occurred_at = event.received_at = NOW + 5000;
    append_one(rig, event);
    assert_int_equal(ask(rig, "SELECT count(*) FROM accounts"), 1);
    assert_int_equal(ask(rig, "SELECT name = 'Alder, Finch & Co' AND "
                              "first_seq = 1 AND last_seq = 2 AND "
                              "last_at - first_at = 7000 FROM accounts"),
                     1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM persons WHERE "
                              "name = 'Maya' AND key = 'p1'"),
                     1);
    event.flags = EVENT_BACKFILLED;
    event.account.name = "An older name";
    append_one(rig, event);
    assert_int_equal(ask(rig,
                         "SELECT name = 'Alder, Finch & Co' FROM accounts"),
                     1);
    reader = rig_reader(rig);
    assert_true(
        reader_page(reader, &(struct reader_range){0}, batch, &more, &err));
    assert_string_equal(batch->events[0].account.name, "Alder & Finch Labs");
    assert_string_equal(batch->events[2].account.name, "An older name");
    event_batch_free(batch);
    reader_close(reader);
}

/* Nor does it hold back what is seen in the same minute. */
static void nobody_was_last_seen_by_what_is_hidden(void **state)
{
    static const int64_t visible[] = {1000, 62001};
    static const int64_t hidden[] = {0, 62000, 900000};
    struct rig *rig = *state;
    struct event event = sample("a");

    for (int i = 0; i < 3; i++) {
        event.hidden = HIDDEN_IMPERSONATED;
        event.occurred_at = event.received_at = NOW + hidden[i];
        append_one(rig, event);
        event.hidden = HIDDEN_NO;
        event.occurred_at = event.received_at = NOW + visible[i % 2];
        if (i < 2)
            append_one(rig, event);
    }
    assert_int_equal(ask(rig, "SELECT last_at - first_at FROM accounts"),
                     61001);
    assert_int_equal(ask(rig, "SELECT last_at - first_at FROM persons"),
                     61001);
    assert_int_equal(ask(rig, "SELECT last_seq FROM persons"), 5);
}

static void totals_follow_what_is_there(void **state)
{
    struct rig *rig = *state;
    struct journal_reader *reader;
    struct reader_totals totals;
    struct err err;

    reader = rig_reader(rig);
    assert_true(reader_totals(reader, &totals, &err));
    assert_int_equal(totals.events, 0);
    assert_int_equal(totals.first_ms, CLOCK_NONE);
    rig_fill(rig, 100);
    change(rig, "DELETE FROM events WHERE seq <= 10");
    assert_true(reader_totals(reader, &totals, &err));
    assert_int_equal(totals.events, 90);
    assert_int_equal(totals.accounts, 1);
    assert_int_equal(totals.persons, 1);
    assert_int_equal(totals.last_ms, NOW + 99 * 60000);
    reader_close(reader);
}

/* ---- reader jobs ---- */

struct reading_job {
    bool done, ok, endless;
    int slices;
    struct err err;
};

static enum reader_step read_slices(void *ctx, struct journal_reader *reader,
                                    struct err *err)
{
    struct reading_job *job = ctx;
    uint64_t seq;

    if (!reader_last_seq(reader, &seq, err))
        return READER_FAILED;
    job->slices++;
    return job->endless || job->slices < 5 ? READER_AGAIN : READER_DONE;
}

static void note_read(void *ctx, bool ok, const struct err *err)
{
    struct reading_job *job = ctx;

    job->ok = ok;
    job->err = *err;
    job->done = true;
}

static void reader_jobs_take_turns_and_can_be_cancelled(void **state)
{
    struct rig *rig = *state;
    struct reading_job endless = {.endless = true}, job = {.ok = false};
    uint64_t id = journal_read(rig->journal, read_slices, note_read, &endless);

    journal_read(rig->journal, read_slices, note_read, &job);
    rig_drain_until(rig, &job.done);
    assert_true(job.ok);
    assert_int_equal(job.slices, 5);
    assert_false(endless.done);
    journal_cancel(rig->journal, id);
    rig_drain_until(rig, &endless.done);
    assert_false(endless.ok);
    assert_string_equal(endless.err.text, "cancelled");
}

/* Hundreds of times, so that a cancel meets every moment of a slice: also the
 * one between two of them, when the job is handed back. */
static void a_cancel_between_two_slices_is_not_lost(void **state)
{
    struct rig *rig = *state;

    for (int i = 0; i < 3000; i++) {
        struct reading_job endless = {.endless = true};
        uint64_t id =
            journal_read(rig->journal, read_slices, note_read, &endless);

        for (volatile int spin = 0; spin < i % 100 * 20; spin++)
            continue;
        journal_cancel(rig->journal, id);
        rig_drain_until(rig, &endless.done);
        assert_string_equal(endless.err.text, "cancelled");
    }
}

static void closing_ends_what_still_reads(void **state)
{
    struct rig *rig = *state;
    struct reading_job endless = {.endless = true};
    struct event event = with_uuid("a", 1);
    struct outcome outcome = {.done = false};

    journal_read(rig->journal, read_slices, note_read, &endless);
    journal_append(rig->journal, batch_of(&event, 1), note_outcome, &outcome,
                   0);
    rig_close(rig);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1);
}

/* ---- the file ---- */

static void files_are_for_the_user_alone(void **state)
{
    static const char *const names[] = {"", "-wal", "-shm", ".lock"};
    struct rig *rig = *state;
    struct stat info;
    char path[160];

    append_one(rig, sample("a"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s%s", rig->path, names[i]);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
    }
    snprintf(path, sizeof path, "%s/state", rig->dir);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void the_file_can_shrink(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(ask(rig, "PRAGMA auto_vacuum"), 2);
    assert_int_equal(ask(rig, "PRAGMA page_size"), 4096);
    assert_int_equal(
        ask(rig, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
}

static void expect_refused(struct rig *rig, const char *words)
{
    struct journal_options options = {.path = rig->path};
    struct err err = {""};
    long pid = -1;

    assert_null(journal_open(&options, &pid, &err));
    assert_non_null(strstr(err.text, words));
    assert_int_equal(pid, 0);
    assert_null(reader_open(rig->path, &err));
    assert_non_null(strstr(err.text, words));
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void foreign_files_are_refused_untouched(void **state)
{
    struct rig *rig = *state;
    struct stat info;
    sqlite3 *db = NULL;

    rig_close(rig);
    unlink(rig->path);
    write_file(rig->path, "organization_id,organization_name\n1,Alder\n");
    chmod(rig->path, 0644);
    expect_refused(rig, "is not a telltale journal");
    assert_int_equal(stat(rig->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0644);
    assert_int_equal(info.st_size, 42);
    unlink(rig->path);
    sqlite3_open(rig->path, &db);
    sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL);
    sqlite3_close(db);
    expect_refused(rig, "is not a telltale journal");
}

static void a_newer_journal_is_refused(void **state)
{
    struct rig *rig = *state;
    sqlite3 *db = NULL;

    rig_close(rig);
    sqlite3_open(rig->path, &db);
    sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL);
    sqlite3_close(db);
    expect_refused(rig, "newer telltale");
}

static void a_missing_journal_is_said_to_be_missing(void **state)
{
    struct err err;

    (void)state;
    assert_null(reader_open("/dev/null/journal.db", &err));
    assert_string_equal(err.text,
                        "there is no journal at /dev/null/journal.db: the "
                        "first start of telltale makes it");
}

/* ---- the owner ---- */

static void a_second_owner_is_told_who_owns_it(void **state)
{
    struct rig *rig = *state;
    struct journal_options options = {.path = rig->path};
    struct err err = {""};
    char words[64];
    const char *since;
    long pid = 0;

    snprintf(words, sizeof words, "owned by telltale, pid %ld (since ",
             (long)getpid());
    assert_int_equal(owner_find(rig->path), getpid());
    assert_null(journal_open(&options, &pid, &err));
    assert_int_equal(pid, getpid());
    since = strstr(err.text, words);
    assert_non_null(since);
    since += strlen(words); /* "2026-09-14T08:30:00.000Z)" */
    assert_int_equal(strlen(since), CLOCK_ISO_SIZE);
    assert_int_equal(since[10], 'T');
    assert_string_equal(since + CLOCK_ISO_SIZE - 2, "Z)");
    rig_close(rig);
    assert_int_equal(owner_find(rig->path), 0);
    rig_open(rig);
}

/* What a second process does: reads while the owner writes. Its exit status
 * says how far it came. */
static int read_as_another(const char *path)
{
    struct journal_options options = {.path = path};
    struct event_batch *batch = event_batch_new();
    struct reader_range range = {.limit = 10};
    struct err err = {""};
    struct journal_reader *reader = reader_open(path, &err);
    bool more = false;
    int status = 0;

    if (!reader || journal_open(&options, NULL, &err))
        status = 1;
    else if (!reader_page(reader, &range, batch, &more, &err) ||
             batch->count != 10)
        status = 2;
    else if (sqlite3_exec(reader_db(reader), "DELETE FROM events", NULL, NULL,
                          NULL) == SQLITE_OK)
        status = 3;
    reader_close(reader);
    event_batch_free(batch);
    return status;
}

static void another_process_reads_only(void **state)
{
    struct rig *rig = *state;
    int status = -1;
    pid_t child;

    rig_fill(rig, 20);
    child = fork();
    if (!child)
        _exit(read_as_another(rig->path));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 20);
}

static void a_reader_sees_that_something_changed(void **state)
{
    struct rig *rig = *state;
    struct journal_reader *reader = rig_reader(rig);
    int64_t before, same, after;
    uint64_t seq;
    struct err err;

    assert_true(reader_version(reader, &before, &err));
    assert_true(reader_version(reader, &same, &err));
    assert_int_equal(before, same);
    append_one(rig, sample("a"));
    assert_true(reader_version(reader, &after, &err));
    assert_int_not_equal(before, after);
    assert_true(reader_last_seq(reader, &seq, &err));
    assert_int_equal(seq, 1);
    reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(pages_go_both_ways),
        RIG_CASE(a_batch_takes_several_pages),
        RIG_CASE(long_bodies_make_short_pages),
        RIG_CASE(events_are_counted_by_day),
        RIG_CASE(a_day_is_that_of_the_journals_zone),
        RIG_CASE(accounts_seen_keep_the_newest_name),
        RIG_CASE(nobody_was_last_seen_by_what_is_hidden),
        RIG_CASE(totals_follow_what_is_there),
        RIG_CASE(reader_jobs_take_turns_and_can_be_cancelled),
        RIG_CASE(a_cancel_between_two_slices_is_not_lost),
        RIG_CASE(closing_ends_what_still_reads),
        RIG_CASE(files_are_for_the_user_alone),
        RIG_CASE(the_file_can_shrink),
        RIG_CASE(foreign_files_are_refused_untouched),
        RIG_CASE(a_newer_journal_is_refused),
        RIG_CASE(a_missing_journal_is_said_to_be_missing),
        RIG_CASE(a_second_owner_is_told_who_owns_it),
        RIG_CASE(another_process_reads_only),
        RIG_CASE(a_reader_sees_that_something_changed),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
