/* journal: what is acknowledged is kept, once, in order. */
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

#include <pthread.h>
#include <sqlite3.h>

#include <cmocka.h>

#include "base/limits.h"
#include "journal/journal.h"
#include "journal/owner.h"

#include "base/banned.h"

#define NOW INT64_C(1789373163942) /* 2026-09-14T08:06:03.942Z */
#define DAY_MS INT64_C(86400000)

/* What stands in for the loop: a counter that the journal's threads raise. */
struct bench {
    char dir[64], path[128];
    struct journal *journal;
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    unsigned wakes;
};

static void wake(void *ctx)
{
    struct bench *bench = ctx;

    pthread_mutex_lock(&bench->mutex);
    bench->wakes++;
    pthread_cond_signal(&bench->woken);
    pthread_mutex_unlock(&bench->mutex);
}

static void open_journal(struct bench *bench)
{
    struct journal_options options = {.path = bench->path,
                                      .wake = wake,
                                      .wake_ctx = bench};
    struct err err = {""};

    bench->journal = journal_open(&options, NULL, &err);
    assert_string_equal(err.text, "");
    assert_non_null(bench->journal);
}

static void close_journal(struct bench *bench)
{
    journal_close(bench->journal);
    bench->journal = NULL;
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    snprintf(bench->dir, sizeof bench->dir, "/tmp/telltale-test-XXXXXX");
    if (!bench || !mkdtemp(bench->dir))
        return -1;
    snprintf(bench->path, sizeof bench->path, "%s/state/journal.db",
             bench->dir);
    pthread_mutex_init(&bench->mutex, NULL);
    pthread_cond_init(&bench->woken, NULL);
    open_journal(bench);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"", "-wal", "-shm", ".lock"};
    struct bench *bench = *state;
    char path[160];

    journal_close(bench->journal);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s%s", bench->path, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/state", bench->dir);
    rmdir(path);
    rmdir(bench->dir);
    pthread_cond_destroy(&bench->woken);
    pthread_mutex_destroy(&bench->mutex);
    free(bench);
    return 0;
}

/* Waits for the threads until *flag is true; a hang is stopped by whoever
 * runs the tests. */
static void drain_until(struct bench *bench, const bool *flag)
{
    while (!*flag) {
        pthread_mutex_lock(&bench->mutex);
        while (!bench->wakes)
            pthread_cond_wait(&bench->woken, &bench->mutex);
        bench->wakes = 0;
        pthread_mutex_unlock(&bench->mutex);
        journal_drain(bench->journal);
    }
}

/* ---- events to append ---- */

static struct event sample(const char *name)
{
    static const char raw[] =
        "{\"event\":\"x\",\"properties\":{\"amount\":12345678901234567890}}";

    return (struct event){.name = name,
                          .category = CATEGORY_FLAGS,
                          .sentence = "created a feature flag",
                          .occurred_at = NOW - 2000,
                          .received_at = NOW,
                          .account = {.id = "01abc",
                                      .name = "Alder & Finch Labs",
                                      .listed = true},
                          .person = {.id = "p1", .email = "a@example.com"},
                          .raw = raw,
                          .raw_len = sizeof raw - 1,
                          .props_at = 26,
                          .props_len = 31};
}

static struct uuid numbered(uint32_t number)
{
    struct uuid uuid = {{1, 0xa0}};

    for (int i = 0; i < 4; i++)
        uuid.bytes[12 + i] = (uint8_t)(number >> (24 - 8 * i));
    return uuid;
}

static struct event with_uuid(const char *name, uint32_t number)
{
    struct event event = sample(name);

    event.has_uuid = true;
    event.uuid = numbered(number);
    return event;
}

static struct event_batch *batch_of(const struct event *events, size_t count)
{
    struct event_batch *batch = event_batch_new();

    batch->events = arena_alloc(&batch->arena, count * sizeof *batch->events);
    memcpy(batch->events, events, count * sizeof *events);
    batch->count = count;
    for (size_t i = 0; i < count; i++)
        batch->bytes += events[i].raw_len;
    return batch;
}

struct outcome {
    bool done, ok;
    size_t fresh, duplicates;
    uint64_t seqs[16], token;
    unsigned flags[16];
};

static void note_outcome(void *ctx, uint64_t token,
                         struct append_result *result)
{
    struct outcome *outcome = ctx;

    outcome->ok = result->ok;
    outcome->token = token;
    outcome->fresh = result->fresh;
    outcome->duplicates = result->duplicates;
    for (size_t i = 0; i < result->batch->count && i < 16; i++) {
        outcome->seqs[i] = result->batch->events[i].seq;
        outcome->flags[i] = result->batch->events[i].flags;
    }
    event_batch_free(result->batch);
    outcome->done = true;
}

static struct outcome append(struct bench *bench, const struct event *events,
                             size_t count)
{
    struct outcome outcome = {.done = false};

    journal_append(bench->journal, batch_of(events, count), note_outcome,
                   &outcome, 7);
    drain_until(bench, &outcome.done);
    return outcome;
}

static uint64_t append_one(struct bench *bench, struct event event)
{
    struct outcome outcome = append(bench, &event, 1);

    assert_true(outcome.ok);
    return outcome.seqs[0];
}

/* ---- asking the file itself ---- */

static struct journal_reader *open_reader(struct bench *bench)
{
    struct err err = {""};
    struct journal_reader *reader = reader_open(bench->path, &err);

    assert_string_equal(err.text, "");
    assert_non_null(reader);
    return reader;
}

static int64_t ask(struct bench *bench, const char *sql)
{
    struct journal_reader *reader = open_reader(bench);
    sqlite3_stmt *statement = NULL;
    int64_t value;

    assert_int_equal(sqlite3_prepare_v2(reader_db(reader), sql, -1, &statement,
                                        NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    reader_close(reader);
    return value;
}

struct job {
    const char *sql;
    bool fail, done, ok;
    struct err err;
};

static bool run_sql(void *ctx, sqlite3 *db, struct err *err)
{
    struct job *job = ctx;

    if (sqlite3_exec(db, job->sql, NULL, NULL, NULL))
        return err_set(err, "%s", sqlite3_errmsg(db));
    return !job->fail || err_set(err, "meant to fail");
}

static void note_job(void *ctx, bool ok, const struct err *err)
{
    struct job *job = ctx;

    job->ok = ok;
    job->err = *err;
    job->done = true;
}

static void change(struct bench *bench, const char *sql)
{
    struct job job = {.sql = sql};

    journal_write(bench->journal, run_sql, note_job, &job);
    drain_until(bench, &job.done);
    assert_string_equal(job.err.text, "");
    assert_true(job.ok);
}

/* ---- what is kept ---- */

static void assert_json_equal(const struct event *a, const struct event *b,
                              const struct uuid *id)
{
    struct buf one, two;

    buf_init(&one, MIB);
    buf_init(&two, MIB);
    assert_true(event_to_json(&one, a, id));
    assert_true(event_to_json(&two, b, id));
    assert_string_equal(one.data, two.data);
    buf_free(&one);
    buf_free(&two);
}

static void an_event_reads_back_as_it_was_written(void **state)
{
    struct bench *bench = *state;
    struct journal_reader *reader;
    struct event_batch *batch = event_batch_new();
    struct event event = with_uuid("feature flag created", 1);
    const struct event *back;
    struct err err;

    event.tone = TONE_WARN;
    event.hidden = HIDDEN_MACHINE;
    event.source = SOURCE_FILE;
    event.flags = EVENT_BACKFILLED | EVENT_CLOCK_OFF;
    event.fold = FOLD_DAY;
    event.url = "https://us.posthog.com/project/2/flags";
    event.session_id = "0190-abc";
    event.project_url = "https://us.posthog.com/project/2";
    event.person.name = "Ann Example";
    event.links = (struct event_links){.replay = "https://r/",
                                       .person = "https://p/",
                                       .event = "https://e/"};
    event.has_origin = true;
    event.origin_id = numbered(99);
    event.origin_seq = 41;
    event.seq = append_one(bench, event);
    reader = open_reader(bench);
    assert_true(reader_event(reader, event.seq, batch, &err));
    back = &batch->events[0];
    assert_json_equal(&event, back, journal_id(bench->journal));
    assert_string_equal(back->fold, FOLD_DAY);
    assert_string_equal(back->project_url, event.project_url);
    assert_int_equal(back->flags, event.flags);
    assert_int_equal(back->origin_seq, 41);
    assert_int_equal(back->raw_len, event.raw_len);
    assert_memory_equal(back->raw, event.raw, event.raw_len);
    event_batch_free(batch);
    reader_close(reader);
}

static void absent_values_stay_absent(void **state)
{
    struct bench *bench = *state;
    struct journal_reader *reader;
    struct event_batch *batch = event_batch_new();
    struct event event = {.name = "",
                          .occurred_at = NOW,
                          .received_at = NOW,
                          .raw = "{}",
                          .raw_len = 2};
    const struct event *back;
    struct err err;

    event.seq = append_one(bench, event);
    reader = open_reader(bench);
    assert_true(reader_event(reader, event.seq, batch, &err));
    back = &batch->events[0];
    assert_json_equal(&event, back, journal_id(bench->journal));
    assert_string_equal(back->name, "");
    assert_null(back->account.id);
    assert_null(back->person.email);
    assert_null(back->sentence);
    assert_null(back->fold);
    assert_false(back->has_uuid);
    assert_false(back->has_origin);
    assert_int_equal(ask(bench, "SELECT count(*) FROM accounts"), 0);
    event_batch_free(batch);
    reader_close(reader);
}

static void an_event_that_is_not_there_is_no_error(void **state)
{
    struct bench *bench = *state;
    struct journal_reader *reader = open_reader(bench);
    struct event_batch *batch = event_batch_new();
    struct err err = {"before"};

    assert_false(reader_event(reader, 4711, batch, &err));
    assert_string_equal(err.text, "");
    assert_int_equal(batch->count, 0);
    event_batch_free(batch);
    reader_close(reader);
}

/* ---- dedup and seq ---- */

static void the_same_uuid_is_kept_once(void **state)
{
    struct bench *bench = *state;
    struct event events[] = {with_uuid("a", 1), with_uuid("b", 2),
                             with_uuid("a again", 1)};
    struct outcome outcome = append(bench, events, 3);
    uint64_t first = outcome.seqs[0];

    assert_true(outcome.ok);
    assert_int_equal(outcome.token, 7);
    assert_int_equal(outcome.fresh, 2);
    assert_int_equal(outcome.duplicates, 1);
    assert_int_equal(outcome.seqs[2], first);
    assert_true(outcome.flags[2] & EVENT_DUPLICATE);
    assert_false(outcome.flags[1] & EVENT_DUPLICATE);
    outcome = append(bench, events, 1);
    assert_int_equal(outcome.fresh, 0);
    assert_int_equal(outcome.seqs[0], first);
    assert_int_equal(ask(bench, "SELECT count(*) FROM events"), 2);
    assert_int_equal(journal_stats(bench->journal).events, 2);
    assert_int_equal(journal_stats(bench->journal).duplicates, 2);
}

static void the_same_key_is_kept_once(void **state)
{
    struct bench *bench = *state;
    struct event events[] = {sample("a"), sample("b"), sample("c")};
    struct outcome outcome;

    events[0].key = events[2].key = "msg_1/0";
    events[1].key = "msg_1/1";
    outcome = append(bench, events, 3);
    assert_int_equal(outcome.fresh, 2);
    assert_int_equal(outcome.seqs[2], outcome.seqs[0]);
    assert_int_equal(append(bench, events + 1, 1).duplicates, 1);
}

static void events_without_a_key_are_never_merged(void **state)
{
    struct bench *bench = *state;
    struct event events[] = {sample("a"), sample("a"), sample("a")};

    events[1].key = "";
    events[2].key = "";
    assert_int_equal(append(bench, events, 3).fresh, 3);
    assert_int_equal(append(bench, events, 3).fresh, 3);
    assert_int_equal(ask(bench, "SELECT count(*) FROM events"), 6);
}

static void one_place_in_another_journal_is_one_event(void **state)
{
    struct bench *bench = *state;
    struct event event = sample("a");
    uint64_t seq;

    event.has_origin = true;
    event.origin_id = numbered(5);
    event.origin_seq = 12;
    seq = append_one(bench, event);
    assert_int_equal(append_one(bench, event), seq);
    event.origin_seq = 13;
    assert_int_not_equal(append_one(bench, event), seq);
    event.origin_id = numbered(6);
    event.origin_seq = 12;
    assert_int_not_equal(append_one(bench, event), seq);
}

static void our_own_event_coming_back_is_known(void **state)
{
    struct bench *bench = *state;
    struct event event = sample("a");
    uint64_t seq = append_one(bench, event);

    event.has_origin = true;
    event.origin_id = *journal_id(bench->journal);
    event.origin_seq = seq;
    assert_int_equal(append_one(bench, event), seq);
    assert_int_equal(ask(bench, "SELECT count(*) FROM events"), 1);
}

static void a_seq_is_never_given_out_again(void **state)
{
    struct bench *bench = *state;
    uint64_t seq;

    append_one(bench, sample("a"));
    seq = append_one(bench, sample("b"));
    change(bench, "DELETE FROM events");
    assert_int_equal(ask(bench, "SELECT count(*) FROM bodies"), 0);
    assert_true(append_one(bench, sample("c")) > seq);
    seq = append_one(bench, sample("d"));
    change(bench, "DELETE FROM events");
    close_journal(bench);
    open_journal(bench);
    assert_int_equal(journal_stats(bench->journal).last_seq, seq);
    assert_true(append_one(bench, sample("e")) > seq);
}

static void ticks_share_the_order_of_events(void **state)
{
    struct bench *bench = *state;
    uint64_t before = append_one(bench, sample("a"));
    uint64_t after;

    journal_tick(bench->journal, NOW + 60000);
    after = append_one(bench, sample("b"));
    assert_int_equal(after, before + 2);
    assert_int_equal(ask(bench, "SELECT seq FROM ticks"), before + 1);
    assert_int_equal(ask(bench, "SELECT at FROM ticks"), NOW + 60000);
}

/* ---- groups ---- */

static void what_waits_is_committed_together(void **state)
{
    struct bench *bench = *state;
    struct outcome outcomes[100] = {{.done = false}};
    struct event event = sample("a");
    uint64_t commits;

    for (size_t i = 0; i < 100; i++)
        journal_append(bench->journal, batch_of(&event, 1), note_outcome,
                       &outcomes[i], i);
    assert_int_equal(journal_stats(bench->journal).waiting, 100);
    drain_until(bench, &outcomes[99].done);
    commits = journal_stats(bench->journal).commits;
    assert_true(commits < 100);
    assert_int_equal(journal_stats(bench->journal).waiting, 0);
    assert_int_equal(journal_stats(bench->journal).waiting_bytes, 0);
    for (size_t i = 0; i < 100; i++) {
        assert_true(outcomes[i].ok);
        assert_int_equal(outcomes[i].token, i);
        assert_int_equal(outcomes[i].seqs[0], i + 1);
    }
}

static void a_body_of_many_events_is_one_transaction(void **state)
{
    struct bench *bench = *state;
    size_t count = 2 * LIMIT_BATCH_ROWS;
    struct event *events = calloc(count, sizeof *events);
    uint64_t before = journal_stats(bench->journal).commits;

    for (size_t i = 0; i < count; i++)
        events[i] = with_uuid("a", (uint32_t)i);
    assert_int_equal(append(bench, events, count).fresh, count);
    assert_int_equal(journal_stats(bench->journal).commits, before + 1);
    free(events);
}

static void a_failing_job_fails_alone(void **state)
{
    struct bench *bench = *state;
    struct event event = with_uuid("a", 1), later = with_uuid("b", 2);
    struct outcome one = {.done = false}, two = {.done = false};
    struct job bad = {.sql = "INSERT INTO pins (seq, at) VALUES (1, 1)",
                      .fail = true};
    struct job wrong = {.sql = "INSERT INTO nowhere VALUES (1)"};
    struct job good = {.sql = "INSERT INTO pins (seq, at) VALUES (2, 2)"};

    journal_append(bench->journal, batch_of(&event, 1), note_outcome, &one, 0);
    journal_write(bench->journal, run_sql, note_job, &bad);
    journal_write(bench->journal, run_sql, note_job, &wrong);
    journal_write(bench->journal, run_sql, note_job, &good);
    journal_append(bench->journal, batch_of(&later, 1), note_outcome, &two, 0);
    drain_until(bench, &two.done);
    assert_true(one.ok);
    assert_true(two.ok);
    assert_false(bad.ok);
    assert_string_equal(bad.err.text, "meant to fail");
    assert_false(wrong.ok);
    assert_true(good.ok);
    assert_null(journal_trouble(bench->journal));
    assert_int_equal(ask(bench, "SELECT count(*) FROM events"), 2);
    assert_int_equal(ask(bench, "SELECT sum(seq) FROM pins"), 2);
}

static void a_job_sees_what_came_before_it(void **state)
{
    struct bench *bench = *state;
    struct event event = sample("a");
    struct outcome outcome = {.done = false};

    journal_append(bench->journal, batch_of(&event, 1), note_outcome, &outcome,
                   0);
    change(bench, "INSERT INTO cursors (reader, seq, updated) SELECT "
                  "'test', value, (SELECT sum(count) FROM daily) FROM meta "
                  "WHERE key = 'seq'");
    assert_int_equal(ask(bench, "SELECT seq FROM cursors"), outcome.seqs[0]);
    assert_int_equal(ask(bench, "SELECT updated FROM cursors"), 1);
}

static void deleted_names_are_made_again(void **state)
{
    struct bench *bench = *state;
    struct journal_reader *reader;
    struct event_batch *batch = event_batch_new();
    struct event event = sample("a");
    struct err err;
    uint64_t seq;

    append_one(bench, event);
    change(bench, "DELETE FROM events WHERE true");
    change(bench, "DELETE FROM identities WHERE true");
    change(bench, "DELETE FROM texts WHERE true");
    change(bench, "DELETE FROM accounts WHERE true");
    seq = append_one(bench, event);
    reader = open_reader(bench);
    assert_true(reader_event(reader, seq, batch, &err));
    assert_string_equal(batch->events[0].name, "a");
    assert_string_equal(batch->events[0].account.id, "01abc");
    event_batch_free(batch);
    reader_close(reader);
}

/* ---- trouble ---- */

static void a_full_disk_fails_and_recovers(void **state)
{
    struct bench *bench = *state;
    struct event event = with_uuid("a", 1), large = with_uuid("b", 2);
    char *raw = calloc(1, MIB);
    struct outcome outcome;

    memset(raw, 'x', MIB - 1);
    large.raw = raw;
    large.raw_len = MIB - 1;
    assert_true(append(bench, &event, 1).ok);
    change(bench, "PRAGMA max_page_count = 100");
    outcome = append(bench, &large, 1);
    assert_false(outcome.ok);
    assert_int_equal(outcome.seqs[0], 0);
    assert_non_null(journal_trouble(bench->journal));
    assert_non_null(strstr(journal_trouble(bench->journal), "full"));
    assert_int_equal(journal_stats(bench->journal).events, 1);
    event.uuid = numbered(3);
    assert_true(append(bench, &event, 1).ok);
    assert_null(journal_trouble(bench->journal));
    change(bench, "PRAGMA max_page_count = 1000000");
    assert_true(append(bench, &large, 1).ok);
    assert_int_equal(ask(bench, "SELECT count(*) FROM events"), 3);
    assert_int_equal(ask(bench, "SELECT sum(count) FROM daily"), 3);
    free(raw);
}

static void a_locked_database_fails_and_recovers(void **state)
{
    struct bench *bench = *state;
    struct event event = with_uuid("a", 1);
    struct outcome outcome;
    sqlite3 *other = NULL;

    assert_int_equal(sqlite3_open(bench->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    outcome = append(bench, &event, 1);
    assert_false(outcome.ok);
    assert_non_null(journal_trouble(bench->journal));
    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(other);
    assert_true(append(bench, &event, 1).ok);
    assert_null(journal_trouble(bench->journal));
}

/* ---- pages ---- */

static void fill(struct bench *bench, uint32_t count)
{
    struct event *events = calloc(count, sizeof *events);

    for (uint32_t i = 0; i < count; i++) {
        events[i] = with_uuid("a", i);
        events[i].received_at = NOW + (int64_t)i * 60000;
    }
    assert_int_equal(append(bench, events, count).fresh, count);
    free(events);
}

static void assert_page(struct bench *bench, struct reader_range range,
                        size_t count, uint64_t first, uint64_t last,
                        bool more_there)
{
    struct journal_reader *reader = open_reader(bench);
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
    struct bench *bench = *state;

    fill(bench, 1200);
    assert_page(bench, (struct reader_range){.limit = 10}, 10, 1, 10, true);
    assert_page(bench, (struct reader_range){.after = 10, .limit = 10}, 10, 11,
                20, true);
    assert_page(bench, (struct reader_range){.after = 1190}, 10, 1191, 1200,
                false);
    assert_page(bench, (struct reader_range){.after = 1200}, 0, 0, 0, false);
    assert_page(bench, (struct reader_range){.newest_first = true},
                LIMIT_PAGE_ROWS, 1200, 1200 - LIMIT_PAGE_ROWS + 1, true);
    assert_page(bench,
                (struct reader_range){.newest_first = true,
                                      .before = 11,
                                      .no_bodies = true},
                10, 10, 1, false);
    assert_page(bench,
                (struct reader_range){.after = 5, .before = 8, .limit = 2}, 2,
                6, 7, false);
    assert_page(bench, (struct reader_range){.limit = 100000}, LIMIT_PAGE_ROWS,
                1, LIMIT_PAGE_ROWS, true);
}

static void pages_begin_at_a_time(void **state)
{
    struct bench *bench = *state;
    struct reader_range range = {.since_ms = NOW + 1100 * INT64_C(60000)};

    fill(bench, 1200);
    assert_page(bench, range, 100, 1101, 1200, false);
    range.newest_first = true;
    assert_page(bench, range, 100, 1200, 1101, false);
    range.limit = 99;
    assert_page(bench, range, 99, 1200, 1102, true);
    range.since_ms = NOW + 30 * DAY_MS;
    assert_page(bench, range, 0, 0, 0, false);
}

static void a_batch_takes_several_pages(void **state)
{
    struct bench *bench = *state;
    struct journal_reader *reader;
    struct event_batch *batch = event_batch_new();
    struct reader_range range = {.limit = 300};
    struct err err;
    bool more = true;

    fill(bench, 1000);
    reader = open_reader(bench);
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

/* ---- sums ---- */

static void events_are_counted_by_day(void **state)
{
    struct bench *bench = *state;
    struct event events[] = {with_uuid("a", 1), with_uuid("a", 2),
                             with_uuid("a", 3), with_uuid("a", 4),
                             with_uuid("a", 1)};
    int64_t day = NOW / DAY_MS;
    char sql[160];

    events[1].hidden = HIDDEN_INTERNAL;
    events[2].occurred_at = NOW - DAY_MS;
    events[3].category = CATEGORY_BILLING;
    append(bench, events, 5);
    events[0].uuid = numbered(5);
    append(bench, events, 1);
    snprintf(sql, sizeof sql,
             "SELECT count * 10 + hidden FROM daily WHERE category = 3 AND "
             "day = %lld",
             (long long)day);
    assert_int_equal(ask(bench, sql), 21);
    assert_int_equal(ask(bench, "SELECT sum(count) FROM daily"), 4);
    assert_int_equal(ask(bench, "SELECT count(*) FROM daily"), 3);
    assert_int_equal(ask(bench, "SELECT count FROM daily WHERE category = 1"),
                     1);
}

static void a_day_is_that_of_the_journals_zone(void **state)
{
    struct bench *bench = *state;
    struct event event = sample("a");
    char day[64];

    close_journal(bench);
    unlink(bench->path);
    setenv("TZ", "Pacific/Auckland", 1); /* 12 hours ahead: the next day */
    open_journal(bench);
    close_journal(bench);
    setenv("TZ", "UTC", 1);
    open_journal(bench);
    assert_string_equal(getenv("TZ"), "Pacific/Auckland");
    event.received_at = event.occurred_at = NOW + 8 * 3600000;
    append_one(bench, event);
    snprintf(day, sizeof day, "SELECT day - %lld FROM daily",
             (long long)(event.received_at / DAY_MS));
    assert_int_equal(ask(bench, day), 1);
    setenv("TZ", "UTC", 1);
}

static void accounts_seen_keep_the_newest_name(void **state)
{
    struct bench *bench = *state;
    struct event event = sample("a");
    struct journal_reader *reader;
    struct event_batch *batch = event_batch_new();
    struct err err;
    bool more;

    append_one(bench, event);
    event.account.name = "Alder, Finch & Co";
    event.person.name = "Ann";
    event.occurred_at = event.received_at = NOW + 5000;
    append_one(bench, event);
    assert_int_equal(ask(bench, "SELECT count(*) FROM accounts"), 1);
    assert_int_equal(ask(bench, "SELECT name = 'Alder, Finch & Co' AND "
                                "first_seq = 1 AND last_seq = 2 AND "
                                "last_at - first_at = 7000 FROM accounts"),
                     1);
    assert_int_equal(ask(bench, "SELECT count(*) FROM persons WHERE "
                                "name = 'Ann' AND key = 'p1'"),
                     1);
    event.flags = EVENT_BACKFILLED;
    event.account.name = "An older name";
    append_one(bench, event);
    assert_int_equal(ask(bench,
                         "SELECT name = 'Alder, Finch & Co' FROM accounts"),
                     1);
    reader = open_reader(bench);
    assert_true(
        reader_page(reader, &(struct reader_range){0}, batch, &more, &err));
    assert_string_equal(batch->events[0].account.name, "Alder & Finch Labs");
    assert_string_equal(batch->events[2].account.name, "An older name");
    event_batch_free(batch);
    reader_close(reader);
}

static void totals_follow_what_is_there(void **state)
{
    struct bench *bench = *state;
    struct journal_reader *reader;
    struct reader_totals totals;
    struct err err;

    reader = open_reader(bench);
    assert_true(reader_totals(reader, &totals, &err));
    assert_int_equal(totals.events, 0);
    assert_int_equal(totals.first_ms, CLOCK_NONE);
    fill(bench, 100);
    change(bench, "DELETE FROM events WHERE seq <= 10");
    assert_true(reader_totals(reader, &totals, &err));
    assert_int_equal(totals.events, 90);
    assert_int_equal(totals.accounts, 1);
    assert_int_equal(totals.persons, 1);
    assert_int_equal(totals.last_ms, NOW + 99 * 60000);
    reader_close(reader);
}

/* ---- refused bodies ---- */

static void the_newest_thousand_rejects_are_kept(void **state)
{
    struct bench *bench = *state;
    char *large = calloc(1, LIMIT_REJECT_BODY + 10);

    for (int i = 0; i < LIMIT_REJECTS + 50; i++)
        journal_reject(bench->journal, 400, "not JSON", "127.0.0.1", "{", 1);
    memset(large, 'x', LIMIT_REJECT_BODY + 9);
    journal_reject(bench->journal, 413, "too large", NULL, large,
                   LIMIT_REJECT_BODY + 9);
    change(bench, "SELECT 1");
    assert_int_equal(ask(bench, "SELECT count(*) FROM rejects"),
                     LIMIT_REJECTS);
    assert_int_equal(ask(bench, "SELECT max(length(body)) FROM rejects"),
                     LIMIT_REJECT_BODY);
    assert_int_equal(ask(bench, "SELECT max(size) FROM rejects"),
                     LIMIT_REJECT_BODY + 9);
    assert_int_equal(journal_stats(bench->journal).rejects,
                     LIMIT_REJECTS + 51);
    free(large);
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
    struct bench *bench = *state;
    struct reading_job endless = {.endless = true}, job = {.ok = false};
    uint64_t id =
        journal_read(bench->journal, read_slices, note_read, &endless);

    journal_read(bench->journal, read_slices, note_read, &job);
    drain_until(bench, &job.done);
    assert_true(job.ok);
    assert_int_equal(job.slices, 5);
    assert_false(endless.done);
    journal_cancel(bench->journal, id);
    drain_until(bench, &endless.done);
    assert_false(endless.ok);
    assert_string_equal(endless.err.text, "cancelled");
}

static void closing_ends_what_still_reads(void **state)
{
    struct bench *bench = *state;
    struct reading_job endless = {.endless = true};
    struct event event = with_uuid("a", 1);
    struct outcome outcome = {.done = false};

    journal_read(bench->journal, read_slices, note_read, &endless);
    journal_append(bench->journal, batch_of(&event, 1), note_outcome, &outcome,
                   0);
    close_journal(bench);
    assert_int_equal(ask(bench, "SELECT count(*) FROM events"), 1);
}

/* ---- the file ---- */

static void files_are_for_the_user_alone(void **state)
{
    static const char *const names[] = {"", "-wal", "-shm", ".lock"};
    struct bench *bench = *state;
    struct stat info;
    char path[160];

    append_one(bench, sample("a"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s%s", bench->path, names[i]);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
    }
    snprintf(path, sizeof path, "%s/state", bench->dir);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void the_file_can_shrink(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(ask(bench, "PRAGMA auto_vacuum"), 2);
    assert_int_equal(ask(bench, "PRAGMA page_size"), 8192);
    assert_int_equal(
        ask(bench, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
}

static void expect_refused(struct bench *bench, const char *words)
{
    struct journal_options options = {.path = bench->path};
    struct err err = {""};
    long pid = -1;

    assert_null(journal_open(&options, &pid, &err));
    assert_non_null(strstr(err.text, words));
    assert_int_equal(pid, 0);
    assert_null(reader_open(bench->path, &err));
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
    struct bench *bench = *state;
    struct stat info;
    sqlite3 *db = NULL;

    close_journal(bench);
    unlink(bench->path);
    write_file(bench->path, "organization_id,organization_name\n1,Alder\n");
    chmod(bench->path, 0644);
    expect_refused(bench, "is not a telltale journal");
    assert_int_equal(stat(bench->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0644);
    assert_int_equal(info.st_size, 42);
    unlink(bench->path);
    sqlite3_open(bench->path, &db);
    sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL);
    sqlite3_close(db);
    expect_refused(bench, "is not a telltale journal");
}

static void a_newer_journal_is_refused(void **state)
{
    struct bench *bench = *state;
    sqlite3 *db = NULL;

    close_journal(bench);
    sqlite3_open(bench->path, &db);
    sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL);
    sqlite3_close(db);
    expect_refused(bench, "newer telltale");
}

static void a_missing_journal_is_said_to_be_missing(void **state)
{
    struct err err;

    (void)state;
    assert_null(reader_open("/nonexistent/journal.db", &err));
    assert_string_equal(err.text,
                        "there is no journal at /nonexistent/journal.db");
}

/* ---- the owner ---- */

static void a_second_owner_is_told_who_owns_it(void **state)
{
    struct bench *bench = *state;
    struct journal_options options = {.path = bench->path};
    struct err err = {""};
    char words[64];
    long pid = 0;

    snprintf(words, sizeof words, "owned by telltale, pid %ld (since ",
             (long)getpid());
    assert_int_equal(owner_find(bench->path), getpid());
    assert_null(journal_open(&options, &pid, &err));
    assert_int_equal(pid, getpid());
    assert_non_null(strstr(err.text, words));
    close_journal(bench);
    assert_int_equal(owner_find(bench->path), 0);
    open_journal(bench);
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
    struct bench *bench = *state;
    int status = -1;
    pid_t child;

    fill(bench, 20);
    child = fork();
    if (!child)
        _exit(read_as_another(bench->path));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(ask(bench, "SELECT count(*) FROM events"), 20);
}

static void a_reader_sees_that_something_changed(void **state)
{
    struct bench *bench = *state;
    struct journal_reader *reader = open_reader(bench);
    int64_t before, same, after;
    uint64_t seq;
    struct err err;

    assert_true(reader_version(reader, &before, &err));
    assert_true(reader_version(reader, &same, &err));
    assert_int_equal(before, same);
    append_one(bench, sample("a"));
    assert_true(reader_version(reader, &after, &err));
    assert_int_not_equal(before, after);
    assert_true(reader_last_seq(reader, &seq, &err));
    assert_int_equal(seq, 1);
    reader_close(reader);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_event_reads_back_as_it_was_written),
        CASE(absent_values_stay_absent),
        CASE(an_event_that_is_not_there_is_no_error),
        CASE(the_same_uuid_is_kept_once),
        CASE(the_same_key_is_kept_once),
        CASE(events_without_a_key_are_never_merged),
        CASE(one_place_in_another_journal_is_one_event),
        CASE(our_own_event_coming_back_is_known),
        CASE(a_seq_is_never_given_out_again),
        CASE(ticks_share_the_order_of_events),
        CASE(what_waits_is_committed_together),
        CASE(a_body_of_many_events_is_one_transaction),
        CASE(a_failing_job_fails_alone),
        CASE(a_job_sees_what_came_before_it),
        CASE(deleted_names_are_made_again),
        CASE(a_full_disk_fails_and_recovers),
        CASE(a_locked_database_fails_and_recovers),
        CASE(pages_go_both_ways),
        CASE(pages_begin_at_a_time),
        CASE(a_batch_takes_several_pages),
        CASE(events_are_counted_by_day),
        CASE(a_day_is_that_of_the_journals_zone),
        CASE(accounts_seen_keep_the_newest_name),
        CASE(totals_follow_what_is_there),
        CASE(the_newest_thousand_rejects_are_kept),
        CASE(reader_jobs_take_turns_and_can_be_cancelled),
        CASE(closing_ends_what_still_reads),
        CASE(files_are_for_the_user_alone),
        CASE(the_file_can_shrink),
        CASE(foreign_files_are_refused_untouched),
        CASE(a_newer_journal_is_refused),
        CASE(a_missing_journal_is_said_to_be_missing),
        CASE(a_second_owner_is_told_who_owns_it),
        CASE(another_process_reads_only),
        CASE(a_reader_sees_that_something_changed),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
