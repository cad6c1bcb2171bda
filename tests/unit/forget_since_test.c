/* forget: by which clock, and what they did since stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/forget_rig.h"

#include "base/banned.h"

#define HOUR_MS INT64_C(3600000)

static const struct reject_from nobody;

/* ---- clocks ---- */

/* What retention believes (journal/prune.h). */
static void clock_says(struct rig *rig, int64_t ms)
{
    char sql[128];

    snprintf(sql, sizeof sql, "REPLACE INTO meta VALUES ('clock', %lld)",
             (long long)ms);
    change(rig, sql);
}

static int64_t keeps(struct rig *rig, uint32_t number, int64_t occurred,
                     int64_t received)
{
    struct event event = by("p1", EMAIL, number);

    event.occurred_at = occurred;
    event.received_at = received;
    return append_one(rig, event) != 0;
}

/* Nobody comes back with what was before, and nothing since is refused. */
static void a_clock_far_ahead_refuses_nothing_of_later(void **state)
{
    struct rig *rig = *state;

    clock_says(rig, NOW);
    append_one(rig, by("p1", EMAIL, 1));
    forget_at(rig, FORGET_EMAIL, EMAIL, NOW + 400 * DAY_MS);
    assert_true(keeps(rig, 2, NOW + HOUR_MS, NOW + HOUR_MS));
    assert_false(keeps(rig, 3, NOW - HOUR_MS, NOW + 2 * HOUR_MS));
    assert_true(keeps(rig, 4, NOW + 3 * HOUR_MS, NOW + 3 * HOUR_MS));
}

/* A clock may be right and the journal's own behind, when nobody was there
 * for long: nothing is put right by that. */
static void a_clock_that_is_not_set_back_is_believed(void **state)
{
    struct rig *rig = *state;
    int64_t now = NOW + 100 * DAY_MS;

    clock_says(rig, NOW);
    forget_at(rig, FORGET_EMAIL, EMAIL, now);
    assert_false(keeps(rig, 2, now - HOUR_MS, now + HOUR_MS));
    assert_false(keeps(rig, 3, NOW + 50 * DAY_MS, now + HOUR_MS));
    assert_true(keeps(rig, 4, now + HOUR_MS, now + HOUR_MS));
}

static void a_clock_that_is_behind_brings_nobody_back(void **state)
{
    struct rig *rig = *state;

    clock_says(rig, NOW);
    forget(rig, FORGET_EMAIL, EMAIL);
    assert_false(keeps(rig, 2, HOUR_MS, HOUR_MS));
    assert_false(keeps(rig, 3, NOW - 40 * DAY_MS, NOW - 40 * DAY_MS));
    assert_int_equal(ask(rig, "SELECT count(DISTINCT at) FROM forgotten"), 1);
    assert_int_equal(ask(rig, "SELECT max(at) FROM forgotten"), NOW);
}

static void what_came_since_stays(void **state)
{
    struct rig *rig = *state;
    struct event event = by("p1", EMAIL, 1);
    struct asked asked = {.done = false};
    struct outcome outcome;

    append_one(rig, event);
    event.uuid = numbered(2);
    event.occurred_at = event.received_at = NOW + 1;
    journal_forget(rig->journal, FORGET_EMAIL, EMAIL, NOW, note_asked, &asked);
    outcome = rig_append(rig, &event, 1);
    rig_drain_until(rig, &asked.done);
    assert_true(outcome.ok);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events JOIN identities "
                              "i ON i.id = who JOIN persons p ON p.id = "
                              "i.person"),
                     1);
    assert_int_equal(ask(rig, "SELECT max(seq) FROM events"), outcome.seqs[0]);
}

static struct event at(struct event event, int64_t occurred, int64_t received)
{
    event.occurred_at = occurred;
    event.received_at = received;
    return event;
}

/* Of one person before and after NOW, on that day and on others; by a clock
 * that was wrong, too; and of another. */
static void append_around_now(struct rig *rig)
{
    const struct event events[] = {
        at(by("p1", EMAIL, 1), NOW - 2 * DAY_MS, NOW - 2 * DAY_MS),
        at(by("p1", EMAIL, 2), NOW - HOUR_MS, NOW - HOUR_MS),
        at(by("p1", NULL, 3), NOW - 10 * DAY_MS, NOW + DAY_MS),
        at(by("p1", EMAIL, 4), NOW + HOUR_MS, NOW + HOUR_MS),
        at(by("p1", EMAIL, 5), NOW + DAY_MS, NOW + DAY_MS),
        at(by("p2", NULL, 6), NOW - HOUR_MS, NOW - HOUR_MS)};

    assert_int_equal(rig_append(rig, events, 6).fresh, 6);
}

#define COUNTED                                                               \
    "SELECT CASE WHEN occurred_at < received_at - 604800000 THEN "            \
    "received_at ELSE occurred_at END / 86400000, i.account, i.person, "      \
    "category, count(*) FROM events JOIN identities i ON i.id = who GROUP "   \
    "BY 1, 2, 3, 4"
#define DAYS "SELECT day, account, person, category, count FROM daily"

static void is_counted_as_it_is(struct rig *rig)
{
    assert_int_equal(ask(rig,
                         "SELECT count(*) FROM (" COUNTED " EXCEPT " DAYS ")"),
                     0);
    assert_int_equal(ask(rig,
                         "SELECT count(*) FROM (" DAYS " EXCEPT " COUNTED ")"),
                     0);
}

static void what_they_did_since_counts(void **state)
{
    struct rig *rig = *state;

    append_around_now(rig);
    forget_before(rig, FORGET_EMAIL, EMAIL, NOW);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 3);
    assert_int_equal(ask(rig, "SELECT sum(count) FROM daily"), 3);
    is_counted_as_it_is(rig);
    assert_int_equal(ask(rig, "SELECT count(*) FROM persons WHERE email = "
                              "'" EMAIL "'"),
                     1);
}

static void what_an_account_did_since_counts(void **state)
{
    struct rig *rig = *state;

    append_around_now(rig);
    forget_before(rig, FORGET_ACCOUNT, "01ABC", NOW);
    assert_int_equal(ask(rig, "SELECT sum(count) FROM daily"), 2);
    is_counted_as_it_is(rig);
}

/* Whose events they were that it still counts, nobody can tell. */
static void a_day_that_was_pruned_is_not_kept_in_part(void **state)
{
    struct rig *rig = *state;

    append_around_now(rig);
    change(rig, "DELETE FROM events WHERE seq IN (1, 2, 4, 6); INSERT INTO "
                "counters VALUES ('pruned events', 4)");
    forget_before(rig, FORGET_EMAIL, EMAIL, NOW);
    assert_int_equal(ask(rig, "SELECT sum(count) FROM daily JOIN persons p ON "
                              "p.id = person WHERE p.key = 'p1'"),
                     1);
}

/* It came without. */
static void a_name_of_before_is_not_kept_for_what_came_since(void **state)
{
    struct rig *rig = *state;
    const struct event events[] = {at(by("p1", EMAIL, 1), NOW - HOUR_MS,
                                      NOW - HOUR_MS),
                                   at(by("p1", NULL, 2), NOW + HOUR_MS,
                                      NOW + HOUR_MS)};

    assert_int_equal(rig_append(rig, events, 1).fresh, 1);
    assert_int_equal(rig_append(rig, events + 1, 1).fresh, 1);
    forget_before(rig, FORGET_EMAIL, EMAIL, NOW);
    assert_int_equal(ask(rig, "SELECT count(*) FROM persons"), 1);
    assert_false(file_holds(rig, EMAIL));
}

#define SIGNAL(fired_at)                                                      \
    "INSERT INTO signals (kind, account, person, category, seq, fired_at, "   \
    "tone, sentence, evidence, state, updated) SELECT 'back', 0, id, -1, "    \
    "4, " fired_at ", 1, 'of " EMAIL                                          \
    "', '[4]', 'new', 1 FROM persons WHERE key = "                            \
    "'p1'; "

static void what_was_said_of_them_since_stays(void **state)
{
    struct rig *rig = *state;

    append_around_now(rig);
    journal_reject(rig->journal, 400, "not JSON", &nobody, EMAIL,
                   strlen(EMAIL));
    change(rig, "INSERT INTO notes (about, subject, text, at) VALUES "
                "('person', 'p1', 'old', 1), ('person', 'p1', 'new to " EMAIL
                "', 1789373163943)");
    change(rig,
           "INSERT INTO acts (subject, verb, who, at) VALUES ('pin " EMAIL
           "', 'pin', '', 1789373163943), ('pin of " EMAIL "', 'pin', '', 1)");
    change(rig, "INSERT INTO pins (seq, at, note) VALUES (4, 1789373163943, "
                "'" EMAIL "')");
    change(rig, SIGNAL("1") SIGNAL("1789373163943"));
    forget_before(rig, FORGET_EMAIL, EMAIL, NOW);
    assert_int_equal(ask(rig, "SELECT count(*) FROM signals WHERE fired_at "
                              "> 1 AND sentence = 'of " EMAIL "'"),
                     1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM signals"), 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM notes WHERE text = 'new "
                              "to " EMAIL "'"),
                     1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM notes"), 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM acts"), 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM rejects"), 1);
    assert_int_equal(ask(rig, "SELECT note = '" EMAIL "' FROM pins"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(a_clock_far_ahead_refuses_nothing_of_later),
        RIG_CASE(a_clock_that_is_not_set_back_is_believed),
        RIG_CASE(a_clock_that_is_behind_brings_nobody_back),
        RIG_CASE(what_came_since_stays),
        RIG_CASE(what_they_did_since_counts),
        RIG_CASE(what_an_account_did_since_counts),
        RIG_CASE(a_day_that_was_pruned_is_not_kept_in_part),
        RIG_CASE(a_name_of_before_is_not_kept_for_what_came_since),
        RIG_CASE(what_was_said_of_them_since_stays),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("forget_since", tests, NULL, NULL);
}
