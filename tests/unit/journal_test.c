/* journal: what is acknowledged is kept as it came, whatever goes wrong. That
 * it is kept once and in order is journal_same_test.c. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sqlite3.h>

#include <cmocka.h>

#include <glob.h>

#include "base/file.h"
#include "base/limits.h"
#include "event/catalog.h"
#include "event/decode.h"
#include "journal/journal.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

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
    struct rig *rig = *state;
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
    event.person.name = "Maya Okafor";
    event.links = (struct event_links){.replay = "https://r/",
                                       .person = "https://p/",
                                       .event = "https://e/"};
    event.has_origin = true;
    event.origin_id = numbered(99);
    event.origin_seq = 41;
    event.seq = append_one(rig, event);
    reader = rig_reader(rig);
    assert_true(reader_event(reader, event.seq, batch, &err));
    back = &batch->events[0];
    assert_json_equal(&event, back, journal_id(rig->journal));
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
    struct rig *rig = *state;
    struct journal_reader *reader;
    struct event_batch *batch = event_batch_new();
    struct event event = {.name = "",
                          .occurred_at = NOW,
                          .received_at = NOW,
                          .raw = "{}",
                          .raw_len = 2};
    const struct event *back;
    struct err err;

    event.seq = append_one(rig, event);
    reader = rig_reader(rig);
    assert_true(reader_event(reader, event.seq, batch, &err));
    back = &batch->events[0];
    assert_json_equal(&event, back, journal_id(rig->journal));
    assert_string_equal(back->name, "");
    assert_null(back->account.id);
    assert_null(back->person.email);
    assert_null(back->sentence);
    assert_null(back->fold);
    assert_false(back->has_uuid);
    assert_false(back->has_origin);
    assert_int_equal(ask(rig, "SELECT count(*) FROM accounts"), 0);
    event_batch_free(batch);
    reader_close(reader);
}

static void an_event_that_is_not_there_is_no_error(void **state)
{
    struct rig *rig = *state;
    struct journal_reader *reader = rig_reader(rig);
    struct event_batch *batch = event_batch_new();
    struct err err = {"before"};

    assert_false(reader_event(reader, 4711, batch, &err));
    assert_string_equal(err.text, "");
    assert_int_equal(batch->count, 0);
    event_batch_free(batch);
    reader_close(reader);
}

/* Decodes a fixture; NULL when it is no body that we keep. */
static struct event_batch *decode_file(const struct decoder *decoder,
                                       const char *path)
{
    struct arrival arrival = {.source = SOURCE_WEBHOOK, .received_at = NOW};
    struct event_batch *batch = event_batch_new();
    struct decoded decoded;
    struct err err;
    size_t len;
    char *body = file_slurp(path, 4 * MIB, &len, &err);

    if (!body ||
        !decode_body(decoder, &arrival, body, len, batch, &decoded, &err)) {
        event_batch_free(batch);
        batch = NULL;
    }
    free(body);
    return batch;
}

static void assert_kept(struct rig *rig, struct journal_reader *reader,
                        const struct event *event)
{
    struct event_batch *batch = event_batch_new();
    struct err err;
    uint64_t seq = append_one(rig, *event);
    struct event wanted = *event;

    wanted.seq = seq;
    assert_true(reader_event(reader, seq, batch, &err));
    assert_json_equal(&wanted, &batch->events[0], journal_id(rig->journal));
    event_batch_free(batch);
}

static void every_fixture_reads_back_as_it_was_written(void **state)
{
    struct rig *rig = *state;
    const char *root = getenv("TESTS_SRC");
    struct catalog *catalog = catalog_new();
    struct link_policy links = {.hosts = NULL};
    struct decoder decoder = {.catalog = catalog, .links = &links};
    struct journal_reader *reader = rig_reader(rig);
    char pattern[512];
    size_t events = 0;
    glob_t found;

    snprintf(pattern, sizeof pattern, "%s/tests/fixtures/*.json",
             root ? root : ".");
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct event_batch *batch = decode_file(&decoder, found.gl_pathv[i]);

        for (size_t j = 0; batch && j < batch->count; j++, events++) {
            batch->events[j].has_uuid = false; /* some are the same event */
            batch->events[j].key = NULL;
            assert_kept(rig, reader, &batch->events[j]);
        }
        event_batch_free(batch);
    }
    assert_true(events > 60);
    globfree(&found);
    reader_close(reader);
    catalog_free(catalog);
}

/* ---- groups ---- */

static void what_waits_is_committed_together(void **state)
{
    struct rig *rig = *state;
    struct outcome outcomes[100] = {{.done = false}};
    struct event event = sample("a");
    uint64_t commits;

    for (size_t i = 0; i < 100; i++)
        journal_append(rig->journal, batch_of(&event, 1), note_outcome,
                       &outcomes[i], i);
    assert_int_equal(journal_stats(rig->journal).waiting, 100);
    rig_drain_until(rig, &outcomes[99].done);
    commits = journal_stats(rig->journal).commits;
    assert_true(commits < 100);
    assert_int_equal(journal_stats(rig->journal).waiting, 0);
    assert_int_equal(journal_stats(rig->journal).waiting_bytes, 0);
    for (size_t i = 0; i < 100; i++) {
        assert_true(outcomes[i].ok);
        assert_int_equal(outcomes[i].token, i);
        assert_int_equal(outcomes[i].seqs[0], i + 1);
    }
}

static void a_body_of_many_events_is_one_transaction(void **state)
{
    struct rig *rig = *state;
    size_t count = 2 * LIMIT_BATCH_ROWS;
    struct event *events = calloc(count, sizeof *events);
    uint64_t before = journal_stats(rig->journal).commits;

    for (size_t i = 0; i < count; i++)
        events[i] = with_uuid("a", (uint32_t)i);
    assert_int_equal(rig_append(rig, events, count).fresh, count);
    assert_int_equal(journal_stats(rig->journal).commits, before + 1);
    free(events);
}

static void a_failing_job_fails_alone(void **state)
{
    struct rig *rig = *state;
    struct event event = with_uuid("a", 1), later = with_uuid("b", 2);
    struct outcome one = {.done = false}, two = {.done = false};
    struct sql_job bad = {.sql = "INSERT INTO pins (seq, at) VALUES (1, 1)",
                          .fail = true};
    struct sql_job wrong = {.sql = "INSERT INTO nowhere VALUES (1)"};
    struct sql_job good = {.sql = "INSERT INTO pins (seq, at) VALUES (2, 2)"};

    journal_append(rig->journal, batch_of(&event, 1), note_outcome, &one, 0);
    journal_write(rig->journal, run_sql, note_job, &bad);
    journal_write(rig->journal, run_sql, note_job, &wrong);
    journal_write(rig->journal, run_sql, note_job, &good);
    journal_append(rig->journal, batch_of(&later, 1), note_outcome, &two, 0);
    rig_drain_until(rig, &two.done);
    assert_true(one.ok);
    assert_true(two.ok);
    assert_false(bad.ok);
    assert_string_equal(bad.err.text, "meant to fail");
    assert_false(wrong.ok);
    assert_true(good.ok);
    assert_null(journal_trouble(rig->journal));
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 2);
    assert_int_equal(ask(rig, "SELECT sum(seq) FROM pins"), 2);
}

static void a_job_sees_what_came_before_it(void **state)
{
    struct rig *rig = *state;
    struct event event = sample("a");
    struct outcome outcome = {.done = false};

    journal_append(rig->journal, batch_of(&event, 1), note_outcome, &outcome,
                   0);
    change(rig, "INSERT INTO cursors (reader, seq, updated) SELECT "
                "'test', value, (SELECT sum(count) FROM daily) FROM meta "
                "WHERE key = 'seq'");
    assert_int_equal(ask(rig, "SELECT seq FROM cursors"), outcome.seqs[0]);
    assert_int_equal(ask(rig, "SELECT updated FROM cursors"), 1);
}

static void deleted_names_are_made_again(void **state)
{
    struct rig *rig = *state;
    struct journal_reader *reader;
    struct event_batch *batch = event_batch_new();
    struct event event = sample("a");
    struct err err;
    uint64_t seq;

    append_one(rig, event);
    change(rig, "DELETE FROM events WHERE true");
    change(rig, "DELETE FROM identities WHERE true");
    change(rig, "DELETE FROM texts WHERE true");
    change(rig, "DELETE FROM accounts WHERE true");
    seq = append_one(rig, event);
    reader = rig_reader(rig);
    assert_true(reader_event(reader, seq, batch, &err));
    assert_string_equal(batch->events[0].name, "a");
    assert_string_equal(batch->events[0].account.id, "01abc");
    event_batch_free(batch);
    reader_close(reader);
}

/* ---- trouble ---- */

/* Letters that do not become much fewer by packing; the caller frees them. */
static char *noise(size_t len)
{
    char *text = calloc(1, len + 1);
    uint32_t random = 1;

    for (size_t i = 0; i < len; i++) {
        random = random * 1664525u + 1013904223u;
        text[i] = (char)('a' + (random >> 24) % 26);
    }
    return text;
}

static void a_full_disk_fails_and_recovers(void **state)
{
    struct rig *rig = *state;
    struct event event = with_uuid("a", 1), large = with_uuid("b", 2);
    char *raw = noise(MIB);
    struct outcome outcome;

    large.raw = raw;
    large.raw_len = MIB;
    assert_true(rig_append(rig, &event, 1).ok);
    change(rig, "PRAGMA max_page_count = 100");
    outcome = rig_append(rig, &large, 1);
    assert_false(outcome.ok);
    assert_int_equal(outcome.seqs[0], 0);
    assert_non_null(journal_trouble(rig->journal));
    assert_non_null(strstr(journal_trouble(rig->journal), "full"));
    assert_int_equal(journal_stats(rig->journal).events, 1);
    event.uuid = numbered(3);
    assert_true(rig_append(rig, &event, 1).ok);
    assert_null(journal_trouble(rig->journal));
    change(rig, "PRAGMA max_page_count = 1000000");
    assert_true(rig_append(rig, &large, 1).ok);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 3);
    assert_int_equal(ask(rig, "SELECT sum(count) FROM daily"), 3);
    free(raw);
}

/* No file may grow beyond this: the log cannot be written. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_log_that_cannot_grow_fails_and_recovers(void **state)
{
    struct rig *rig = *state;
    struct event event = with_uuid("a", 1);
    struct rlimit before;

    assert_true(rig_append(rig, &event, 1).ok);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    event.uuid = numbered(2);
    limit_files(4096);
    assert_false(rig_append(rig, &event, 1).ok);
    assert_non_null(journal_trouble(rig->journal));
    limit_files(before.rlim_cur);
    assert_true(rig_append(rig, &event, 1).ok);
    assert_null(journal_trouble(rig->journal));
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 2);
}

static void a_locked_database_fails_and_recovers(void **state)
{
    struct rig *rig = *state;
    struct event event = with_uuid("a", 1);
    struct outcome outcome;
    sqlite3 *other = NULL;

    assert_int_equal(sqlite3_open(rig->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    outcome = rig_append(rig, &event, 1);
    assert_false(outcome.ok);
    assert_non_null(journal_trouble(rig->journal));
    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(other);
    assert_true(rig_append(rig, &event, 1).ok);
    assert_null(journal_trouble(rig->journal));
}

static void nothing_is_acknowledged_into_a_deleted_file(void **state)
{
    struct rig *rig = *state;
    struct event event = with_uuid("a", 1);

    assert_true(rig_append(rig, &event, 1).ok);
    unlink(rig->path);
    event.uuid = numbered(2);
    assert_false(rig_append(rig, &event, 1).ok);
    assert_non_null(strstr(journal_notice(rig->journal), "was deleted"));
    assert_null(journal_trouble(rig->journal)); /* it is back already */
}

/* ---- refused bodies ---- */

static const struct reject_from nobody;

static void the_newest_thousand_rejects_are_kept(void **state)
{
    struct rig *rig = *state;
    char *large = calloc(1, LIMIT_REJECT_BODY + 10);

    for (int i = 0; i < LIMIT_REJECTS + 50; i++) {
        journal_reject(rig->journal, 400, "not JSON", &nobody, "{", 1);
        if (i % 500 == 0)
            change(rig, "SELECT 1");
    }
    change(rig, "SELECT 1");
    memset(large, 'x', LIMIT_REJECT_BODY + 9);
    journal_reject(rig->journal, 413, "too large", &nobody, large,
                   LIMIT_REJECT_BODY + 9);
    change(rig, "SELECT 1");
    assert_int_equal(ask(rig, "SELECT count(*) FROM rejects"), LIMIT_REJECTS);
    assert_int_equal(ask(rig, "SELECT max(length(body)) FROM rejects"),
                     LIMIT_REJECT_BODY);
    assert_int_equal(ask(rig, "SELECT max(size) FROM rejects"),
                     LIMIT_REJECT_BODY + 9);
    assert_int_equal(journal_stats(rig->journal).rejects, LIMIT_REJECTS + 51);
    for (int i = 0; i < LIMIT_REJECTS + 50; i++) { /* whoever goes by */
        journal_reject(rig->journal, 404, "no such path", &nobody, NULL, 0);
        if (i % 500 == 0)
            change(rig, "SELECT 1");
    }
    change(rig, "SELECT 1");
    assert_int_equal(ask(rig, "SELECT count(*) FROM rejects WHERE "
                              "length(body) > 0"),
                     LIMIT_REJECTS);
    assert_int_equal(ask(rig, "SELECT count(*) FROM rejects WHERE status = "
                              "404"),
                     LIMIT_REJECTS);
    free(large);
}

static void a_flood_of_rejects_is_only_counted(void **state)
{
    struct rig *rig = *state;
    struct journal_stats stats;

    for (int i = 0; i < LIMIT_REJECTS + 50; i++)
        journal_reject(rig->journal, 400, "not JSON", &nobody, "{", 1);
    change(rig, "SELECT 1");
    stats = journal_stats(rig->journal);
    assert_int_equal(stats.rejects_dropped, 50);
    assert_int_equal(stats.rejects, LIMIT_REJECTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(an_event_reads_back_as_it_was_written),
        RIG_CASE(absent_values_stay_absent),
        RIG_CASE(an_event_that_is_not_there_is_no_error),
        RIG_CASE(every_fixture_reads_back_as_it_was_written),
        RIG_CASE(what_waits_is_committed_together),
        RIG_CASE(a_body_of_many_events_is_one_transaction),
        RIG_CASE(a_failing_job_fails_alone),
        RIG_CASE(a_job_sees_what_came_before_it),
        RIG_CASE(deleted_names_are_made_again),
        RIG_CASE(a_full_disk_fails_and_recovers),
        RIG_CASE(a_log_that_cannot_grow_fails_and_recovers),
        RIG_CASE(a_locked_database_fails_and_recovers),
        RIG_CASE(nothing_is_acknowledged_into_a_deleted_file),
        RIG_CASE(the_newest_thousand_rejects_are_kept),
        RIG_CASE(a_flood_of_rejects_is_only_counted),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
