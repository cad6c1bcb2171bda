/* prune and clocks: what one deletes that was wrong, is behind or ahead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/prune_rig.h"

#include "base/banned.h"

#define KEEP (30 * DAY_MS)

static struct prune_result prune_at(struct rig *rig, int64_t now, int64_t ran)
{
    return prune_by(rig, &(struct prune_options){.now_ms = now,
                                                 .ran_ms = ran,
                                                 .keep_ms = KEEP});
}

static void a_clock_far_ahead_deletes_nothing(void **state)
{
    struct rig *rig = *state;
    struct prune_result result;

    rig_fill(rig, 600);
    result = prune_at(rig, NOW + 200 * DAY_MS, 0);
    assert_int_equal(result.events, 0);
    assert_true(result.held_ms > 199 * DAY_MS);
    /* Nor does what came meanwhile, nor another start, nor an hour. */
    append_one(rig, at(NOW + 200 * DAY_MS, 9999, "p1"));
    assert_int_equal(prune_at(rig, NOW + 200 * DAY_MS, 0).events, 0);
    assert_int_equal(
        prune_at(rig, NOW + 200 * DAY_MS + 3600000, 3600000).events, 0);
    /* The clock is right again. */
    result = prune_at(rig, NOW + DAY_MS, 0);
    assert_int_equal(result.events, 0);
    assert_int_equal(result.held_ms, 0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 601);
}

static bool trust_clock(void *ctx, struct sqlite3 *db, struct err *err)
{
    (void)ctx;
    return prune_trust_clock(db, NOW + 200 * DAY_MS, err);
}

static void whoever_says_the_clock_is_right_is_believed(void **state)
{
    struct rig *rig = *state;
    struct sql_job job = {.sql = ""};

    rig_fill(rig, 600);
    assert_int_equal(prune_at(rig, NOW + 200 * DAY_MS, 0).events, 0);
    journal_write(rig->journal, trust_clock, note_job, &job);
    rig_drain_until(rig, &job.done);
    assert_int_equal(prune_at(rig, NOW + 200 * DAY_MS, 0).events, 600);
}

static void days_that_pass_one_by_one_are_believed(void **state)
{
    struct rig *rig = *state;
    int64_t now = NOW;

    rig_fill(rig, 10);
    for (int day = 0; day < 29; day++, now += DAY_MS)
        assert_int_equal(prune_at(rig, now, 0).events, 0);
    /* Three days off: nothing is asked for long. */
    now += 3 * DAY_MS;
    assert_true(prune_at(rig, now, 0).held_ms > 0);
    for (int hour = 0; hour < 72; hour++, now += 3600000)
        prune_at(rig, now, 3600000);
    assert_int_equal(prune_at(rig, now, 0).held_ms, 0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 0);
}

static void a_clock_that_runs_ahead_goes_no_faster_than_time(void **state)
{
    struct rig *rig = *state;
    int64_t now = NOW + 200 * DAY_MS;

    rig_fill(rig, 10);
    for (int hour = 0; hour < 24 * 7; hour++, now += 3600000)
        assert_int_equal(prune_at(rig, now, 3600000).events, 0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 10);
}

/* They are where the journal begins, so that a walk meets nothing else. */
static void events_from_the_future_stop_nothing(void **state)
{
    struct rig *rig = *state;
    static struct event future[700];

    for (uint32_t i = 0; i < 700; i++)
        future[i] = at(NOW + 200 * DAY_MS, 10000 + i, "p2");
    rig_append(rig, future, 700);
    rig_fill(rig, 900);
    append_one(rig, at(NOW + 40 * DAY_MS, 20000, "p1"));
    prune_trust(rig, NOW + 40 * DAY_MS);
    assert_int_equal(prune_at(rig, NOW + 40 * DAY_MS, 0).events, 900);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 701);
}

/* ---- clocks that were behind ---- */

#define HOUR_MS INT64_C(3600000)
#define BEHIND (2 * HOUR_MS) /* 1970, two hours after a start */

/* count of them, a second apart. */
static void fill_from(struct rig *rig, int64_t when, uint32_t number,
                      uint32_t count, const char *person)
{
    struct event *events = calloc(count, sizeof *events);

    for (uint32_t i = 0; i < count; i++)
        events[i] = at(when + (int64_t)i * 1000, number + i, person);
    assert_int_equal(rig_append(rig, events, count).fresh, count);
    free(events);
}

static struct prune_result prune_trusted(struct rig *rig, int64_t now)
{
    prune_trust(rig, now);
    return prune_at(rig, now, 0);
}

/* They came after events that are young, whatever the clock said. */
static void what_a_clock_that_was_behind_received_stays(void **state)
{
    struct rig *rig = *state;

    fill_from(rig, NOW, 1, 300, "p1");
    fill_from(rig, BEHIND, 1000, 500, "p2");
    fill_from(rig, NOW - 200 * DAY_MS, 2000, 300, "p3");
    fill_from(rig, NOW + 600000, 3000, 300, "p1");
    assert_int_equal(prune_trusted(rig, NOW + DAY_MS).events, 0);
    assert_int_equal(prune_trusted(rig, NOW + 29 * DAY_MS).events, 0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1400);
}

static void it_goes_with_what_came_before_it(void **state)
{
    struct rig *rig = *state;

    fill_from(rig, NOW, 1, 300, "p1");
    fill_from(rig, NOW - 200 * DAY_MS, 1000, 500, "p2");
    fill_from(rig, NOW + 2 * DAY_MS, 3000, 300, "p1");
    assert_int_equal(prune_trusted(rig, NOW + KEEP).events, 0);
    assert_int_equal(prune_trusted(rig, NOW + KEEP + DAY_MS).events, 800);
    assert_int_equal(ask(rig, "SELECT min(seq) FROM events"), 801);
}

static void its_body_and_its_names_stay_too(void **state)
{
    struct rig *rig = *state;
    struct prune_options options = {.now_ms = NOW + DAY_MS,
                                    .keep_ms = KEEP,
                                    .keep_bodies_ms = 2 * DAY_MS};

    fill_from(rig, NOW, 1, 300, "p1");
    fill_from(rig, BEHIND, 1000, 500, "p2");
    fill_from(rig, NOW + DAY_MS, 3000, 1, "p1");
    prune_trust(rig, options.now_ms);
    assert_int_equal(prune_by(rig, &options).bodies, 0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM persons WHERE key = "
                              "'p2'"),
                     1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events WHERE who NOT IN "
                              "(SELECT id FROM identities)"),
                     0);
    /* When they came is known by what came next. */
    options.now_ms = NOW + 2 * DAY_MS + DAY_MS / 2;
    prune_trust(rig, options.now_ms);
    assert_int_equal(prune_by(rig, &options).bodies, 300);
    options.now_ms += DAY_MS;
    prune_trust(rig, options.now_ms);
    assert_int_equal(prune_by(rig, &options).bodies, 501);
    prune_trusted(rig, NOW + KEEP + 2 * DAY_MS);
    assert_int_equal(ask(rig, "SELECT count(*) FROM persons WHERE key = "
                              "'p2'"),
                     0);
}

/* Nothing stands before them, and it is no time: what came next says how old
 * they are at least. */
static void what_came_before_a_clock_was_ever_set_stays(void **state)
{
    struct rig *rig = *state;

    fill_from(rig, BEHIND, 1000, 500, "p2");
    assert_int_equal(prune_trusted(rig, NOW).events, 0);
    fill_from(rig, NOW, 1, 300, "p1");
    fill_from(rig, NOW + 2 * DAY_MS, 3000, 1, "p1");
    assert_int_equal(prune_trusted(rig, NOW + KEEP - DAY_MS).events, 0);
    assert_int_equal(prune_trusted(rig, NOW + KEEP + DAY_MS).events, 800);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1);
}

/* Of the rows of one look: the last old one before the first that is young
 * says it, whatever a clock that was behind says after both. */
static void what_came_next_says_it_before_a_clock_that_is_behind(void **state)
{
    struct rig *rig = *state;

    fill_from(rig, BEHIND, 1000, 3, "p2");
    fill_from(rig, NOW, 1, 1, "p1");
    fill_from(rig, NOW + 2 * DAY_MS, 3000, 1, "p1");
    fill_from(rig, NOW - DAY_MS, 4000, 1, "p1");
    assert_int_equal(prune_trusted(rig, NOW + KEEP + DAY_MS).events, 4);
    assert_int_equal(ask(rig, "SELECT min(seq) FROM events"), 5);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 2);
}

static void setting_it_at_last_is_no_lead(void **state)
{
    struct rig *rig = *state;

    fill_from(rig, BEHIND, 1000, 10, "p2");
    assert_int_equal(prune_at(rig, BEHIND + 60000, 0).events, 0);
    assert_int_equal(prune_at(rig, NOW, 60000).held_ms, 0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 10);
}

/* Another journal's events have that one's times. */
static void fill_late(struct rig *rig, int64_t when, uint32_t number)
{
    struct event late[300];

    for (uint32_t i = 0; i < 300; i++) {
        late[i] = at(when + i * 1000, number + i, "p2");
        late[i].has_origin = true;
        late[i].origin_id = numbered(7);
        late[i].origin_seq = number + i;
    }
    assert_int_equal(rig_append(rig, late, 300).fresh, 300);
}

static void what_comes_late_from_elsewhere_goes_at_its_own_age(void **state)
{
    struct rig *rig = *state;

    fill_from(rig, NOW, 1, 700, "p1");
    fill_late(rig, NOW - 29 * DAY_MS, 1000);
    fill_from(rig, NOW + DAY_MS, 3000, 1, "p1");
    assert_int_equal(prune_trusted(rig, NOW).events, 0);
    assert_int_equal(prune_trusted(rig, NOW + 2 * DAY_MS).events, 300);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 701);
}

/* What stays fills hours that should be empty: no reason to go through all
 * events every hour. */
static void a_large_journal_is_gone_through_once_a_day(void **state)
{
    struct rig *rig = *state;

    fill_from(rig, NOW, 1, 700, "p1");
    fill_from(rig, NOW - 200 * DAY_MS, 1000, 500, "p1");
    fill_late(rig, NOW - 40 * DAY_MS, 2000);
    change(rig, "UPDATE hours SET events = events + 200000 WHERE hour = "
                "(SELECT max(hour) FROM hours)");
    assert_int_equal(prune_trusted(rig, NOW + HOUR_MS).events, 300);
    fill_late(rig, NOW - 40 * DAY_MS, 3000);
    assert_int_equal(prune_trusted(rig, NOW + 2 * HOUR_MS).events, 0);
    assert_int_equal(prune_trusted(rig, NOW + 22 * HOUR_MS).events, 300);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1200);
}

/* Who follows has not read the newest event yet, as is nearly always so. */
static void so_it_is_where_the_newest_event_is_unread(void **state)
{
    struct rig *rig = *state;
    struct prune_options options = {.now_ms = NOW + HOUR_MS,
                                    .keep_ms = KEEP,
                                    .wait = true};

    fill_from(rig, NOW, 1, 700, "p1");
    fill_from(rig, NOW - 200 * DAY_MS, 1000, 500, "p1");
    change(rig, "UPDATE hours SET events = events + 200000 WHERE hour = "
                "(SELECT max(hour) FROM hours)");
    change(rig, "REPLACE INTO cursors (reader, seq, updated) VALUES "
                "('signals', 1199, 1)");
    journal_follow(rig->journal, "signals");
    prune_trust(rig, options.now_ms);
    assert_int_equal(prune_by(rig, &options).events, 0);
    fill_late(rig, NOW - 40 * DAY_MS, 2000);
    change(rig, "UPDATE cursors SET seq = 1499");
    options.now_ms += HOUR_MS;
    prune_trust(rig, options.now_ms);
    assert_int_equal(prune_by(rig, &options).events, 0);
    options.now_ms += 21 * HOUR_MS;
    prune_trust(rig, options.now_ms);
    assert_int_equal(prune_by(rig, &options).events, 299);
}

/* ---- a journal's own clock that is ahead ---- */

#define AHEAD (NOW + 500 * DAY_MS)

/* By the senders' clocks at that time, and received by one that says another.
 */
static void fill_heard(struct rig *rig, int64_t sent, int64_t received,
                       uint32_t number, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct event event = at(sent + i * 1000, number + i, "p2");

        event.person.email = "b@example.com";
        event.received_at = received + i * 1000 + 500;
        assert_int_not_equal(append_one(rig, event), 0);
    }
}

static void forget_p1(struct rig *rig, int64_t now)
{
    bool done = false;

    journal_forget(rig->journal, FORGET_PERSON, "p1", now, note_forgotten,
                   &done);
    rig_drain_until(rig, &done);
}

static bool keeps_p1(struct rig *rig, int64_t when, uint32_t number)
{
    struct event event = at(when, number, "p1");

    event.received_at += 500;
    return append_one(rig, event) != 0;
}

/* It began with it. The clock is set, and who sends says the same. */
static void a_clock_that_was_ahead_from_the_beginning_is_set(void **state)
{
    struct rig *rig = *state;

    fill_heard(rig, NOW - DAY_MS, AHEAD, 1000, 20);
    append_one(rig, at(AHEAD, 1, "p1"));
    prune_at(rig, AHEAD + HOUR_MS, 0);
    forget_p1(rig, AHEAD + HOUR_MS);
    fill_heard(rig, NOW, NOW, 2000, 20);
    prune_at(rig, NOW + HOUR_MS, 0);
    assert_int_equal(ask(rig, "SELECT value FROM meta WHERE key = 'clock'"),
                     NOW + HOUR_MS);
    assert_false(keeps_p1(rig, NOW - HOUR_MS, 2));
    assert_true(keeps_p1(rig, NOW + 2 * HOUR_MS, 3));
}

/* Before upkeep has looked once, and so without a clock: whom it forgot is
 * known by who comes. */
static void whom_it_forgot_is_refused_no_longer(void **state)
{
    struct rig *rig = *state;

    fill_heard(rig, NOW - DAY_MS, AHEAD, 1000, 20);
    append_one(rig, at(NOW - DAY_MS, 1, "p1"));
    forget_p1(rig, AHEAD);
    fill_heard(rig, NOW, NOW, 2000, 20);
    keeps_p1(rig, NOW + HOUR_MS, 2);
    assert_int_equal(ask(rig, "SELECT max(at) FROM forgotten"),
                     NOW + HOUR_MS + 500);
    assert_true(keeps_p1(rig, NOW + HOUR_MS + 1000, 3));
}

/* Who sends says nothing of it, or that it is the machine's that is behind. */
static void a_clock_that_is_behind_sets_nothing(void **state)
{
    static const int64_t sent[] = {500, 40 * DAY_MS};
    struct rig *rig = *state;

    prune_trust(rig, NOW);
    append_one(rig, at(NOW - DAY_MS, 1, "p1"));
    forget_p1(rig, NOW);
    for (uint32_t i = 0; i < 2; i++) {
        fill_heard(rig, NOW - 40 * DAY_MS + sent[i], NOW - 40 * DAY_MS,
                   1000 + i * 1000, 20);
        prune_at(rig, NOW - 40 * DAY_MS + HOUR_MS, 0);
        assert_false(keeps_p1(rig, NOW - 40 * DAY_MS + HOUR_MS, 2 + i));
        assert_int_equal(ask(rig, "SELECT min(at) FROM forgotten"), NOW);
        assert_int_equal(ask(rig,
                             "SELECT value FROM meta WHERE key = 'clock'"),
                         NOW);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(a_clock_far_ahead_deletes_nothing),
        RIG_CASE(whoever_says_the_clock_is_right_is_believed),
        RIG_CASE(days_that_pass_one_by_one_are_believed),
        RIG_CASE(a_clock_that_runs_ahead_goes_no_faster_than_time),
        RIG_CASE(events_from_the_future_stop_nothing),
        RIG_CASE(what_a_clock_that_was_behind_received_stays),
        RIG_CASE(it_goes_with_what_came_before_it),
        RIG_CASE(its_body_and_its_names_stay_too),
        RIG_CASE(what_came_before_a_clock_was_ever_set_stays),
        RIG_CASE(what_came_next_says_it_before_a_clock_that_is_behind),
        RIG_CASE(setting_it_at_last_is_no_lead),
        RIG_CASE(what_comes_late_from_elsewhere_goes_at_its_own_age),
        RIG_CASE(a_large_journal_is_gone_through_once_a_day),
        RIG_CASE(so_it_is_where_the_newest_event_is_unread),
        RIG_CASE(a_clock_that_was_ahead_from_the_beginning_is_set),
        RIG_CASE(whom_it_forgot_is_refused_no_longer),
        RIG_CASE(a_clock_that_is_behind_sets_nothing),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("prune_clock", tests, NULL, NULL);
}
