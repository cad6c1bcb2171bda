/* The signals behind a real journal: what they conclude is stored, once,
 * whenever the program stops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "signal/table.h"
#include "tests/unit/follow_rig.h"

#define START (INT64_C(20584) * DAY_MS) /* a Monday */
#define DAYS_LIVED 75
#define FIFTIETH "1782777600000" /* the day that begins then */
#define PEOPLE 8

static uint32_t event_number;
static int nobody = -1; /* whoever of the eight is not there */

static struct event work(int day, int person, enum category category)
{
    static char ids[PEOPLE][8];
    struct event event = with_uuid("thing done", ++event_number);

    snprintf(ids[person], sizeof ids[person], "p%d", person);
    event.category = category;
    event.person = (struct event_person){.id = ids[person]};
    event.occurred_at = START + day * DAY_MS + 9 * 3600000 + person * 60000;
    event.received_at = event.occurred_at + 500;
    return event;
}

/* Eight people on workdays, three from day 63 on, who try surveys; the first
 * does the most. Something is always done by nobody. */
static void live(struct stage *stage, int from, int to)
{
    for (int day = from; day < to; day++) {
        struct event events[PEOPLE * 2];
        size_t count = 0;

        for (int p = 0; day % 7 < 5 && p < (day < 63 ? PEOPLE : 3); p++)
            if (p != nobody)
                events[count++] = work(day, p, CATEGORY_ANALYTICS);
        for (int i = 0; day % 7 < 5 && i < 6; i++)
            events[count++] = work(day, 0, CATEGORY_ANALYTICS);
        if (day == 64)
            events[count++] = work(day, 1, CATEGORY_SURVEYS);
        events[count] = work(day, 2, CATEGORY_ANALYTICS);
        events[count++].person.id = NULL;
        if (count)
            rig_append(stage->rig, events, count);
        journal_tick(stage->rig->journal, START + (day + 1) * DAY_MS);
        change(stage->rig, "SELECT 1");
    }
}

/* They were lived when the signals are first asked for, or while they follow. */
static void begin_behind(struct stage *stage, int days)
{
    event_number = 0;
    live(stage, 0, days);
    stage_begin(stage);
    stage_follow(stage);
}

static void begin_before(struct stage *stage, int days)
{
    event_number = 0;
    stage_begin(stage);
    live(stage, 0, days);
    stage_follow(stage);
}

/* Another journal, with nothing in it. */
static struct stage stage_anew(void **state)
{
    rig_teardown(state);
    rig_setup(state);
    return stage_of(*state);
}

static char *text_of(struct stage *stage, const char *sql)
{
    struct journal_reader *reader = rig_reader(stage->rig);
    sqlite3_stmt *row = NULL;
    char *text;

    assert_int_equal(sqlite3_prepare_v2(reader_db(reader), sql, -1, &row,
                                        NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    text = strdup(sqlite3_column_text(row, 0)
                      ? (const char *)sqlite3_column_text(row, 0)
                      : "");
    sqlite3_finalize(row);
    reader_close(reader);
    return text;
}

static char *all_signals(struct stage *stage)
{
    static const char sql[] =
        "SELECT group_concat(id || ' ' || kind || ' ' || account || ' ' || "
        "person || ' ' || category || ' ' || seq || ' ' || fired_at || ' ' || "
        "sentence || ' ' || opener || ' ' || evidence || ' ' || state || ' ' "
        "|| numbers, char(10)) FROM (SELECT * FROM signals JOIN "
        "signal_numbers ON signal = id ORDER BY id)";

    return text_of(stage, sql);
}

/* In one go, when all of it is there. */
static void what_is_concluded_is_stored_with_evidence(void **state)
{
    struct stage stage = stage_of(*state);
    char *found;

    begin_behind(&stage, DAYS_LIVED);
    found = all_signals(&stage);
    assert_non_null(strstr(found, "going-quiet 1 0 -1 "));
    assert_non_null(strstr(found, "first-touch 1 "));
    assert_non_null(strstr(found, " 6 ")); /* surveys */
    assert_non_null(strstr(found, "champion 1 1 -1 "));
    assert_int_equal(
        ask(stage.rig, "SELECT count(*) FROM signals s, json_each(evidence) e "
                       "WHERE NOT EXISTS (SELECT 1 FROM events WHERE "
                       "seq = e.value)"),
        0);
    free(found);
    stage_end(&stage);
}

static char *states_of(struct stage *stage, const char *kind)
{
    char sql[160];

    snprintf(sql, sizeof sql,
             "SELECT group_concat(state) FROM (SELECT state FROM signals "
             "WHERE kind = '%s' ORDER BY id)",
             kind);
    return text_of(stage, sql);
}

static void assert_states(struct stage *stage, const char *kind,
                          const char *states)
{
    char *found = states_of(stage, kind);

    assert_string_equal(found, states);
    free(found);
}

/* The champion is one from day 30 on, surveys are new on day 64. */
static void a_signal_that_nobody_touched_leaves_by_itself(void **state)
{
    struct stage stage = stage_of(*state);

    begin_behind(&stage, 61);
    assert_states(&stage, "champion", "new");
    live(&stage, 61, 62);
    stage_follow(&stage);
    assert_states(&stage, "champion", "withdrawn");
    live(&stage, 62, 78);
    stage_follow(&stage);
    assert_states(&stage, "first-touch", "new");
    live(&stage, 78, 79);
    stage_follow(&stage);
    assert_states(&stage, "first-touch", "withdrawn");
    assert_states(&stage, "going-quiet", "new");
    stage_end(&stage);
}

/* What the user says of one counts from then, a snooze from its end; what is
 * done stays done. */
static void a_signal_that_was_touched_stays_from_then(void **state)
{
    static const char *const touches[] = {
        "UPDATE signals SET state = 'seen', updated = " FIFTIETH
        " WHERE kind = "
        "'champion'",
        "UPDATE signals SET state = 'snoozed', until = " FIFTIETH
        " WHERE kind = "
        "'champion'",
        "UPDATE signals SET state = 'done' WHERE kind = 'champion'"};
    static const char *const then[] = {"seen", "snoozed", "done"};
    static const char *const later[] = {"withdrawn", "withdrawn", "done"};

    for (int i = 0; i < 3; i++) {
        struct stage stage = stage_of(*state);

        begin_behind(&stage, 50);
        change(stage.rig, touches[i]);
        live(&stage, 50, 80);
        stage_follow(&stage);
        assert_states(&stage, "champion", then[i]);
        live(&stage, 80, 82);
        stage_follow(&stage);
        assert_states(&stage, "champion", later[i]);
        stage_end(&stage);
        rig_teardown(state);
        rig_setup(state);
    }
}

/* What was said since that day: how, not by which numbers of events. */
static char *said_since(struct stage *stage, int day)
{
    char sql[256];

    snprintf(sql, sizeof sql,
             "SELECT group_concat(kind || ' ' || category || ' ' || fired_at "
             "|| ' ' || sentence || ' ' || state, char(10)) FROM (SELECT * "
             "FROM signals WHERE fired_at >= %lld ORDER BY id)",
             (long long)(START + day * DAY_MS));
    return text_of(stage, sql);
}

static void tick(struct stage *stage, int day)
{
    journal_tick(stage->rig->journal, START + day * DAY_MS);
    change(stage->rig, "SELECT 1");
    stage_follow(stage);
}

static void one_reading_of_a_clock_far_ahead_withdraws_nothing(void **state)
{
    struct stage stage = stage_of(*state);

    begin_behind(&stage, 50);
    tick(&stage, 450);
    assert_states(&stage, "champion", "new");
    /* It is set, and days go on. */
    tick(&stage, 50);
    live(&stage, 50, 61);
    stage_follow(&stage);
    assert_states(&stage, "champion", "new");
    live(&stage, 61, 62);
    stage_follow(&stage);
    assert_states(&stage, "champion", "withdrawn");
    stage_end(&stage);
}

/* What the signals say from then on. ahead: of a clock that says so for an
 * hour of the fiftieth day, with a day that ended or not. */
static char *said_after(struct stage *stage, int ahead, bool ended)
{
    struct event wrong = work(50, 2, CATEGORY_ANALYTICS);
    char *said;

    begin_before(stage, 50);
    if (ended)
        tick(stage, 50 + ahead);
    if (ahead) {
        wrong.received_at += ahead * DAY_MS;
        wrong.uuid = numbered(++event_number);
        rig_append(stage->rig, &wrong, 1);
        stage_follow(stage);
    }
    if (ended)
        tick(stage, 50);
    live(stage, 50, DAYS_LIVED);
    stage_follow(stage);
    said = said_since(stage, 51);
    stage_end(stage);
    return said;
}

static void a_clock_that_was_ahead_makes_nobody_unknown(void **state)
{
    static const int days[] = {3, 40, 400};
    struct stage stage = stage_of(*state);
    char *right = said_after(&stage, 0, false);

    assert_non_null(strstr(right, "going-quiet"));
    for (int i = 0; i < 6; i++) {
        char *said;

        stage = stage_anew(state);
        said = said_after(&stage, days[i / 2], i % 2);
        assert_string_equal(said, right);
        free(said);
    }
    free(right);
}

/* What they say after a clock that was behind at one look of the fiftieth day;
 * the program is started anew before it is set, or not. */
static char *said_after_behind(struct stage *stage, int days, bool anew)
{
    char *said;

    begin_before(stage, 50);
    tick(stage, 50 - days);
    /* It is learnt before the next page, slice by slice. */
    assert_true(days < 2 ||
                !ask(stage->rig, "SELECT count(*) FROM signal_memory"));
    if (anew) {
        stage_end(stage);
        rig_open(stage->rig);
        stage_begin(stage);
    }
    tick(stage, 50);
    live(stage, 50, DAYS_LIVED);
    stage_follow(stage);
    said = said_since(stage, 51);
    stage_end(stage);
    return said;
}

static void a_clock_that_was_behind_makes_nobody_unknown(void **state)
{
    static const int days[] = {1, 3, 40, 70, 400};
    struct stage stage = stage_of(*state);
    char *right = said_after(&stage, 0, false);

    for (int i = 0; i < 10; i++) {
        char *said;

        stage = stage_anew(state);
        said = said_after_behind(&stage, days[i / 2], i % 2);
        assert_string_equal(said, right);
        free(said);
    }
    free(right);
}

/* Nobody was there for weeks: the day after says so too. */
static void what_was_due_while_it_was_off_leaves_a_day_later(void **state)
{
    struct stage stage = stage_of(*state);

    begin_behind(&stage, 50);
    tick(&stage, 80);
    assert_states(&stage, "champion", "new");
    tick(&stage, 81);
    assert_states(&stage, "champion", "withdrawn");
    stage_end(&stage);
}

/* The same when it comes day by day and the program is started anew in
 * between, again and again. */
static void a_restart_in_the_middle_concludes_the_same(void **state)
{
    struct stage stage = stage_of(*state);
    char *whole, *parts;

    begin_behind(&stage, DAYS_LIVED);
    whole = all_signals(&stage);
    stage_end(&stage);
    stage = stage_anew(state);
    event_number = 0;
    for (int day = 0; day < DAYS_LIVED; day += 5) {
        stage_begin(&stage);
        live(&stage, day, day + 5);
        stage_follow(&stage);
        stage_end(&stage);
        rig_open(stage.rig);
    }
    parts = all_signals(&stage);
    assert_string_equal(parts, whole);
    free(whole);
    free(parts);
    rig_close(stage.rig);
}

/* A cursor that was lost, or a newer make of the memory: all of it again. */
static void going_through_it_again_says_nothing_twice(void **state)
{
    struct stage stage = stage_of(*state);
    char *before, *after;

    begin_behind(&stage, DAYS_LIVED);
    change(stage.rig, "UPDATE signals SET state = 'done' WHERE id = 1");
    before = all_signals(&stage);
    stage_end(&stage);
    rig_open(stage.rig);
    change(stage.rig, "DELETE FROM cursors");
    change(stage.rig, "DELETE FROM signal_memory");
    stage_begin(&stage);
    stage_follow(&stage);
    after = all_signals(&stage);
    assert_string_equal(after, before);
    free(before);
    free(after);
    stage_end(&stage);
}

/* ---- somebody is forgotten ---- */

static void forget_person(struct stage *stage, const char *id)
{
    bool done = false;

    journal_forget(stage->rig->journal, FORGET_PERSON, id, START + 90 * DAY_MS,
                   note_forgotten, &done);
    rig_drain_until(stage->rig, &done);
    assert_int_equal(ask(stage->rig,
                         "SELECT count(*) FROM signal_memory WHERE key <> ''"),
                     0);
}

/* In the middle of a day. */
static char *with_and_without(struct stage *stage, bool there)
{
    char *said;

    event_number = 0;
    nobody = there ? -1 : 7;
    stage_begin(stage);
    live(stage, 0, 61);
    stage_follow(stage);
    nobody = 7;
    rig_append(stage->rig, (struct event[]){work(61, 2, CATEGORY_ANALYTICS)},
               1);
    stage_follow(stage);
    if (there)
        forget_person(stage, "p7");
    live(stage, 61, DAYS_LIVED);
    stage_follow(stage);
    said = said_since(stage, 61);
    nobody = -1;
    stage_end(stage);
    return said;
}

static void who_was_forgotten_might_never_have_been(void **state)
{
    struct stage stage = stage_of(*state);
    char *forgotten = with_and_without(&stage, true), *never;

    stage = stage_anew(state);
    never = with_and_without(&stage, false);
    assert_non_null(strstr(never, "going-quiet"));
    assert_non_null(strstr(never, "first-touch"));
    assert_string_equal(forgotten, never);
    free(forgotten);
    free(never);
}

/* All is learnt again, and somebody is forgotten while it is: whatever comes
 * first, it is as if they had never been. */
static char *forgotten_while_learning(struct stage *stage)
{
    bool done = false;
    char *said;

    begin_before(stage, 61);
    stage_end(stage);
    rig_open(stage->rig);
    change(stage->rig, "DELETE FROM signal_memory");
    nobody = 7;
    stage_begin(stage);
    rig_append(stage->rig, (struct event[]){work(61, 2, CATEGORY_ANALYTICS)},
               1);
    signals_committed(stage->signals, stage_last(stage));
    rig_drain_until(stage->rig, &stage->armed);
    stage->done = false;
    signals_wake(stage->signals);
    journal_forget(stage->rig->journal, FORGET_PERSON, "p7",
                   START + 90 * DAY_MS, note_forgotten, &done);
    rig_drain_until(stage->rig, &stage->done);
    rig_drain_until(stage->rig, &done);
    live(stage, 61, DAYS_LIVED);
    stage_follow(stage);
    said = said_since(stage, 61);
    nobody = -1;
    stage_end(stage);
    return said;
}

static void
who_is_forgotten_while_all_is_learnt_might_never_have_been(void **state)
{
    struct stage stage = stage_of(*state);
    char *forgotten = forgotten_while_learning(&stage), *never;

    stage = stage_anew(state);
    never = with_and_without(&stage, false);
    assert_string_equal(forgotten, never);
    free(forgotten);
    free(never);
}

static bool count_row(void *ctx, const struct signal_row *row)
{
    struct buf json;

    buf_init(&json, 1 << 16);
    assert_true(signal_to_json(&json, row));
    assert_non_null(strstr(json.data, "\"account\":{\"id\":\"01abc\",\"name\":"
                                      "\"Alder & Finch Labs\"}"));
    buf_free(&json);
    ++*(int *)ctx;
    return true;
}

static int waiting(struct stage *stage, bool all, int64_t now)
{
    struct signal_filter filter = {.all = all, .now = now};
    struct journal_reader *reader = rig_reader(stage->rig);
    struct err err;
    int count = 0;

    assert_true(
        table_each(reader_db(reader), &filter, count_row, &count, &err));
    reader_close(reader);
    return count;
}

static bool note_seq(void *ctx, const struct signal_row *row)
{
    uint64_t *seqs = ctx; /* the last, the first, how many */

    assert_true(row->seq >= seqs[0]);
    seqs[0] = row->seq;
    if (!seqs[2]++)
        seqs[1] = row->seq;
    return true;
}

static uint64_t within(struct stage *stage, uint64_t after, uint64_t upto,
                       uint64_t seqs[3])
{
    struct journal_reader *reader = rig_reader(stage->rig);
    struct err err;

    memset(seqs, 0, 3 * sizeof *seqs);
    assert_true(table_each_within(reader_db(reader), after, upto, note_seq,
                                  seqs, &err));
    reader_close(reader);
    return seqs[2];
}

static void signals_of_a_page_are_those_of_its_places(void **state)
{
    struct stage stage = stage_of(*state);
    uint64_t all, seqs[3], first, last;

    begin_behind(&stage, DAYS_LIVED);
    all = within(&stage, 0, INT64_MAX, seqs);
    first = seqs[1];
    last = seqs[0];
    assert_true(all >= 3 && first < last);
    assert_int_equal(within(&stage, first - 1, last, seqs), all);
    assert_int_equal(within(&stage, first, last - 1, seqs) +
                         within(&stage, first - 1, first, seqs) +
                         within(&stage, last - 1, last, seqs),
                     all);
    assert_int_equal(within(&stage, 0, first - 1, seqs), 0);
    assert_int_equal(within(&stage, last, INT64_MAX, seqs), 0);
    stage_end(&stage);
}

static void what_is_done_or_sleeps_does_not_wait(void **state)
{
    struct stage stage = stage_of(*state);
    int all;

    begin_behind(&stage, DAYS_LIVED);
    change(stage.rig, "UPDATE signals SET state = 'new'");
    all = waiting(&stage, true, NOW);
    assert_true(all >= 3);
    change(stage.rig, "UPDATE signals SET state = 'done' WHERE id = 1");
    change(stage.rig,
           "UPDATE signals SET state = 'snoozed', until = 1000 WHERE id = 2");
    assert_int_equal(waiting(&stage, false, 999), all - 2);
    assert_int_equal(waiting(&stage, false, 1000), all - 1);
    assert_int_equal(waiting(&stage, true, 999), all);
    stage_end(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(what_is_concluded_is_stored_with_evidence),
        RIG_CASE(a_signal_that_nobody_touched_leaves_by_itself),
        RIG_CASE(a_signal_that_was_touched_stays_from_then),
        RIG_CASE(one_reading_of_a_clock_far_ahead_withdraws_nothing),
        RIG_CASE(a_clock_that_was_ahead_makes_nobody_unknown),
        RIG_CASE(a_clock_that_was_behind_makes_nobody_unknown),
        RIG_CASE(what_was_due_while_it_was_off_leaves_a_day_later),
        RIG_CASE(a_restart_in_the_middle_concludes_the_same),
        RIG_CASE(going_through_it_again_says_nothing_twice),
        RIG_CASE(who_is_forgotten_while_all_is_learnt_might_never_have_been),
        RIG_CASE(who_was_forgotten_might_never_have_been),
        RIG_CASE(signals_of_a_page_are_those_of_its_places),
        RIG_CASE(what_is_done_or_sleeps_does_not_wait),
    };

    return cmocka_run_group_tests_name("follow", tests, NULL, NULL);
}
