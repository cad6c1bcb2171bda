/* prune: what is too old goes, what is counted stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "tests/unit/prune_rig.h"

#include "base/banned.h"

#define PERSONS "SELECT count(*) FROM persons WHERE "
#define ACCOUNTS "SELECT count(*) FROM accounts WHERE "

/* The clock of all cases but those about it. */
#define CLOCK (NOW + 3 * DAY_MS)

static uint64_t prune(struct rig *rig, int64_t before)
{
    const struct prune_options options = {.now_ms = CLOCK,
                                          .keep_ms = CLOCK - before};

    prune_trust(rig, CLOCK);
    return prune_by(rig, &options).events;
}

static void what_is_too_old_goes_in_slices(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, 3000); /* a minute apart */
    assert_int_equal(prune(rig, NOW), 0);
    assert_int_equal(prune(rig, NOW + 2100 * INT64_C(60000)), 2100);
    assert_int_equal(ask(rig, "SELECT min(seq) FROM events"), 2101);
    assert_int_equal(ask(rig, "SELECT count(*) FROM bodies"), 900);
    assert_int_equal(ask(rig, "SELECT sum(events) FROM hours"), 900);
    assert_int_equal(ask(rig, "SELECT value FROM counters"), 2100);
    assert_int_equal(prune(rig, NOW + 2100 * INT64_C(60000)), 0);
}

/* A backfill brings them behind live ones that are younger. */
static void what_is_of_the_past_goes_at_its_own_age(void **state)
{
    enum { PAST = 700 };
    struct rig *rig = *state;
    static struct event past[PAST];

    rig_fill(rig, 600);
    for (uint32_t i = 0; i < PAST; i++) {
        past[i] = at(NOW - 100 * DAY_MS + i * (DAY_MS / 10), 1000 + i, "p1");
        past[i].flags = EVENT_BACKFILLED;
    }
    rig_append(rig, past, PAST);
    assert_int_equal(prune(rig, NOW - 40 * DAY_MS), 600);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 700);
    assert_int_equal(ask(rig, "SELECT count(*) FROM bodies"), 700);
    assert_int_equal(ask(rig, "SELECT sum(events) FROM hours"), 700);
    assert_int_equal(prune(rig, NOW + 60000), 101);
    assert_int_equal(ask(rig, "SELECT value FROM counters"), 701);
}

static void daily_counts_stay_and_names_go(void **state)
{
    struct rig *rig = *state;
    struct event old = at(NOW - 100 * DAY_MS, 1, "p1");
    struct event young = at(NOW, 2, "p2");

    old.account = (struct event_account){.id = "02def", .name = "Another"};
    append_one(rig, old);
    append_one(rig, young);
    assert_int_equal(prune(rig, NOW - 90 * DAY_MS), 1);
    assert_int_equal(ask(rig, ACCOUNTS "name = 'Another' OR key = '02def'"),
                     0);
    assert_int_equal(ask(rig, ACCOUNTS "key = '01abc' AND name NOT NULL"), 1);
    assert_int_equal(ask(rig, "SELECT sum(count) FROM daily"), 2);
    assert_int_equal(ask(rig, "SELECT count(*) FROM identities"), 1);
    assert_int_equal(ask(rig, PERSONS "key = 'p1'"), 0);
    assert_int_equal(ask(rig, PERSONS "key = 'p2'"), 1);
    old.uuid = numbered(3);
    old.occurred_at = old.received_at = NOW;
    append_one(rig, old);
    assert_int_equal(ask(rig, PERSONS "key = 'p1'"), 1);
}

/* Whoever goes by the very name that a row gets stops nothing: a person of
 * the same account, an account. */
static void a_name_that_is_taken_stops_no_pruning(void **state)
{
    struct rig *rig = *state;
    struct event old = at(NOW - 100 * DAY_MS, 1, "p1");
    struct event taken = at(NOW, 3, "pruned 1");

    append_one(rig, old);
    old = at(NOW - 100 * DAY_MS, 2, "p2");
    old.account = (struct event_account){.id = "02def", .name = "Another"};
    append_one(rig, old);
    append_one(rig, taken);
    taken = at(NOW, 4, "pruned 2");
    taken.account =
        (struct event_account){.id = "pruned 2", .name = "Not gone"};
    append_one(rig, taken);
    for (int i = 0; i < 2; i++) {
        prune(rig, NOW - 90 * DAY_MS);
        assert_int_equal(ask(rig, PERSONS "key IN ('p1', 'p2')"), 0);
        assert_int_equal(ask(rig, ACCOUNTS "key = '02def'"), 0);
    }
    assert_int_equal(ask(rig, PERSONS "key = 'pruned 1'"), 1);
    assert_int_equal(ask(rig, PERSONS "key GLOB 'pruned 1 *'"), 1);
    assert_int_equal(ask(rig,
                         ACCOUNTS "key = 'pruned 2' AND name = 'Not gone'"),
                     1);
    assert_int_equal(ask(rig, ACCOUNTS "key GLOB 'pruned 2 *'"), 1);
}

static void whoever_was_only_hidden_goes_with_the_last_event(void **state)
{
    struct rig *rig = *state;
    struct event event = at(NOW - 100 * DAY_MS, 1, "p1");

    event.hidden = HIDDEN_MACHINE;
    append_one(rig, event);
    prune(rig, NOW - 110 * DAY_MS);
    assert_int_equal(ask(rig, PERSONS "key = 'p1'"), 1);
    prune(rig, NOW - 90 * DAY_MS);
    assert_int_equal(ask(rig, PERSONS "key = 'p1'"), 0);
}

/* Whom nobody has seen for long, and as many whom no event knows. */
static const char many_sql[] =
    "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n "
    "WHERE i < 6999) INSERT INTO persons (id, account, key, email, "
    "last_at) SELECT i, 0, 'q' || i, 'q', iif(i % 2, 1, 9e15) FROM n; "
    "INSERT INTO identities (id, digest, account, person, listed) "
    "SELECT id, CAST(id AS BLOB), 0, id, 0 FROM persons WHERE id >= 1000";

/* Nothing else goes, so that the sweep does not do it. */
static void names_of_many_go_slice_by_slice(void **state)
{
    struct rig *rig = *state;

    append_one(rig, at(NOW, 1, "p1"));
    change(rig, many_sql);
    assert_int_equal(prune(rig, NOW - DAY_MS), 0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM identities"), 3001);
    assert_int_equal(ask(rig, PERSONS "email = 'q' AND last_at > 1"), 3000);
    assert_int_equal(
        ask(rig,
            PERSONS "key GLOB 'pruned*' AND email IS NULL AND last_at = 1"),
        3000);
}

/* What the updates step through without an index, on the writer's thread. */
struct scanned {
    int rows, updates;
};

static int note_scanned(unsigned what, void *ctx, void *statement, void *time)
{
    struct scanned *scanned = ctx;

    (void)what;
    (void)time;
    if (strncmp(sqlite3_sql(statement), "UPDATE ", 7))
        return 0;
    scanned->updates++;
    scanned->rows +=
        sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
    return 0;
}

static bool watch_scans(void *ctx, struct sqlite3 *db, struct err *err)
{
    (void)err;
    return !sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, note_scanned, ctx);
}

static void no_name_is_looked_for_among_all_that_there_are(void **state)
{
    static struct scanned scanned; /* watched until the journal is closed */
    struct rig *rig = *state;

    append_one(rig, at(NOW - 2 * DAY_MS, 1, "p1"));
    change(rig, many_sql);
    journal_write(rig->journal, watch_scans, NULL, &scanned);
    assert_int_equal(prune(rig, NOW - DAY_MS), 1);
    assert_int_equal(ask(rig, PERSONS "key GLOB 'pruned*'"), 6001);
    assert_true(scanned.updates > 6);
    assert_int_equal(scanned.rows, 0);
}

static void what_a_mirror_had_not_sent_is_counted(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, 20);
    change(rig, "INSERT INTO mirrors (name, state, updated) VALUES "
                "('team', 'on', 1), ('all', 'on', 1)");
    change(rig, "INSERT INTO cursors (reader, seq, updated) VALUES "
                "('mirror team', 4, 1), ('mirror all', 20, 1)");
    assert_int_equal(prune(rig, NOW + 10 * 60000), 10);
    assert_int_equal(ask(rig,
                         "SELECT pruned FROM mirrors WHERE name = 'team'"),
                     6);
    assert_int_equal(ask(rig, "SELECT pruned FROM mirrors WHERE name = 'all'"),
                     0);
}

/* ---- followers ---- */

static void cursor_at(struct rig *rig, const char *reader, unsigned seq)
{
    char sql[160];

    snprintf(sql, sizeof sql,
             "REPLACE INTO cursors (reader, seq, updated) VALUES "
             "('%s', %u, 1)",
             reader, seq);
    change(rig, sql);
}

static struct prune_result prune_old(struct rig *rig, bool wait)
{
    prune_trust(rig, CLOCK);
    return prune_by(rig, &(struct prune_options){.now_ms = CLOCK,
                                                 .keep_ms = DAY_MS,
                                                 .wait = wait});
}

static void what_a_follower_has_not_read_waits_for_it(void **state)
{
    struct rig *rig = *state;
    struct prune_result result;

    rig_fill(rig, 1000);
    cursor_at(rig, "mirror team", 900);
    cursor_at(rig, "signals", 350);
    cursor_at(rig, "mirror gone", 3); /* nobody here reads by that */
    change(rig, "INSERT INTO ticks VALUES (200, 1), (351, 1)");
    journal_follow(rig->journal, "mirror team");
    journal_follow(rig->journal, "signals");
    journal_follow(rig->journal, "new and without a cursor");
    result = prune_old(rig, true);
    assert_int_equal(result.events, 350);
    assert_int_equal(result.unread, 0);
    assert_true(result.waits);
    assert_int_equal(ask(rig, "SELECT min(seq) FROM events"), 351);
    assert_int_equal(ask(rig, "SELECT count(*) FROM ticks"), 1);
    cursor_at(rig, "signals", 1000);
    assert_int_equal(prune_old(rig, true).events, 550);
    cursor_at(rig, "mirror team", 1000);
    result = prune_old(rig, true);
    assert_int_equal(result.events, 100);
    assert_false(result.waits);
    assert_int_equal(ask(rig, "SELECT count(*) FROM ticks"), 0);
}

static void patience_ends_and_what_went_unread_is_counted(void **state)
{
    struct rig *rig = *state;
    struct prune_result result;

    rig_fill(rig, 1000);
    cursor_at(rig, "signals", 350);
    journal_follow(rig->journal, "signals");
    result = prune_old(rig, false);
    assert_int_equal(result.events, 1000);
    assert_int_equal(result.unread, 650);
    assert_false(result.waits);
    assert_int_equal(
        ask(rig, "SELECT value FROM counters WHERE name = 'unread events'"),
        650);
}

/* Names, and bodies that go earlier, are needed to read it. */
static void what_waits_is_whole(void **state)
{
    struct rig *rig = *state;
    struct event past = at(NOW - 100 * DAY_MS, 20000, "p9");
    struct prune_options options = {.now_ms = CLOCK + 90 * DAY_MS,
                                    .keep_ms = DAY_MS,
                                    .keep_bodies_ms = DAY_MS / 2,
                                    .wait = true};

    past.flags = EVENT_BACKFILLED;
    rig_fill(rig, 300);
    append_one(rig, past);
    append_one(rig, past = at(CLOCK + 89 * DAY_MS, 20001, "p1"));
    cursor_at(rig, "signals", 100);
    journal_follow(rig->journal, "signals");
    prune_trust(rig, options.now_ms);
    assert_true(prune_by(rig, &options).waits);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 202);
    assert_int_equal(ask(rig, "SELECT count(*) FROM bodies"), 202);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events WHERE who NOT IN "
                              "(SELECT id FROM identities)"),
                     0);
    assert_int_equal(ask(rig, PERSONS "key GLOB 'pruned*'"), 0);
    cursor_at(rig, "signals", 302);
    assert_false(prune_by(rig, &options).waits);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM bodies"), 0);
}

static void closing_in_the_middle_loses_nothing(void **state)
{
    struct rig *rig = *state;
    struct pruned pruned = {.done = false};

    rig_fill(rig, 3000);
    prune_trust(rig, CLOCK);
    journal_prune(rig->journal,
                  &(struct prune_options){.now_ms = CLOCK,
                                          .keep_ms = CLOCK - NOW -
                                                     2100 * INT64_C(60000)},
                  note_pruned, &pruned);
    rig_close(rig);
    assert_false(pruned.done);
    rig_open(rig);
    prune(rig, NOW + 2100 * INT64_C(60000));
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 900);
    assert_int_equal(ask(rig, "SELECT value FROM counters"), 2100);
}

/* ---- bodies and size ---- */

static void bodies_go_before_their_events(void **state)
{
    struct rig *rig = *state;
    const struct prune_options options = {.now_ms = CLOCK,
                                          .keep_ms = 90 * DAY_MS,
                                          .keep_bodies_ms =
                                              CLOCK - NOW -
                                              1000 * INT64_C(60000)};
    struct event past = at(NOW - 10 * DAY_MS, 20000, "p1");

    past.flags = EVENT_BACKFILLED;
    rig_fill(rig, 1500);
    append_one(rig, past);
    prune_trust(rig, CLOCK);
    assert_int_equal(prune_by(rig, &options).bodies, 1001);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1501);
    assert_int_equal(ask(rig, "SELECT min(seq) FROM bodies"), 1001);
    assert_int_equal(ask(rig, "SELECT count(*) FROM bodies"), 500);
    assert_int_equal(
        ask(rig, "SELECT value FROM counters WHERE name = 'pruned bodies'"),
        1001);
    past.uuid = numbered(20001);
    append_one(rig, past);
    assert_int_equal(prune_by(rig, &options).bodies, 1);
    assert_int_equal(prune_by(rig, &options).bodies, 0);
}

static int64_t file_size(struct rig *rig)
{
    struct stat info;

    assert_int_equal(stat(rig->path, &info), 0);
    return info.st_size;
}

static void settle(struct rig *rig)
{
    struct sql_job job = {.sql = ""};

    journal_truncate(rig->journal, note_job, &job);
    rig_drain_until(rig, &job.done);
    assert_string_equal(job.err.text, "");
}

static void a_journal_that_is_too_large_loses_its_oldest(void **state)
{
    struct rig *rig = *state;
    struct prune_options options = {.now_ms = CLOCK, .keep_ms = 90 * DAY_MS};
    struct prune_result result;
    int64_t before;

    rig_fill(rig, 4000);
    settle(rig);
    before = file_size(rig);
    options.max_bytes = (uint64_t)before / 2;
    prune_trust(rig, CLOCK);
    result = prune_by(rig, &options);
    assert_true(result.surplus > 1000);
    assert_true(result.surplus < 3800);
    assert_true(result.pages > 50);
    rig_close(rig); /* copies the log */
    assert_true(file_size(rig) <= before / 2 + 65536);
    rig_open(rig);
    assert_int_equal(ask(rig, "SELECT max(seq) FROM events"), 4000);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"),
                     4000 - (int64_t)result.surplus);
}

static void a_journal_far_too_large_waits_for_nobody(void **state)
{
    struct rig *rig = *state;
    struct prune_options options = {.now_ms = CLOCK,
                                    .keep_ms = 90 * DAY_MS,
                                    .wait = true};
    struct prune_result result;
    int64_t size;

    rig_fill(rig, 4000);
    settle(rig);
    size = file_size(rig);
    cursor_at(rig, "signals", 0);
    journal_follow(rig->journal, "signals");
    prune_trust(rig, CLOCK);
    options.max_bytes = (uint64_t)size - (uint64_t)size / 8;
    result = prune_by(rig, &options);
    assert_int_equal(result.surplus, 0);
    assert_true(result.waits);
    options.max_bytes = (uint64_t)size / 2;
    result = prune_by(rig, &options);
    assert_true(result.surplus > 500);
    assert_int_equal(result.unread, result.surplus);
    assert_true(result.waits);
}

/* Each slice is a group of its own: what comes meanwhile waits for one. */
static void events_are_taken_between_the_slices(void **state)
{
    struct rig *rig = *state;
    struct pruned pruned = {.done = false};

    rig_fill(rig, 3000);
    prune_trust(rig, CLOCK);
    journal_prune(rig->journal,
                  &(struct prune_options){.now_ms = CLOCK, .keep_ms = 1},
                  note_pruned, &pruned);
    append_one(rig, at(CLOCK, 50000, "p1"));
    assert_false(pruned.done);
    rig_drain_until(rig, &pruned.done);
    assert_int_equal(pruned.result.events, 3000);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(what_is_too_old_goes_in_slices),
        RIG_CASE(what_is_of_the_past_goes_at_its_own_age),
        RIG_CASE(daily_counts_stay_and_names_go),
        RIG_CASE(a_name_that_is_taken_stops_no_pruning),
        RIG_CASE(whoever_was_only_hidden_goes_with_the_last_event),
        RIG_CASE(names_of_many_go_slice_by_slice),
        RIG_CASE(no_name_is_looked_for_among_all_that_there_are),
        RIG_CASE(what_a_mirror_had_not_sent_is_counted),
        RIG_CASE(what_a_follower_has_not_read_waits_for_it),
        RIG_CASE(patience_ends_and_what_went_unread_is_counted),
        RIG_CASE(what_waits_is_whole),
        RIG_CASE(a_journal_far_too_large_waits_for_nobody),
        RIG_CASE(closing_in_the_middle_loses_nothing),
        RIG_CASE(bodies_go_before_their_events),
        RIG_CASE(a_journal_that_is_too_large_loses_its_oldest),
        RIG_CASE(events_are_taken_between_the_slices),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("prune", tests, NULL, NULL);
}
