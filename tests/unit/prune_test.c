/* prune: what is too old goes, what is counted stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "journal/prune.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

struct pruned {
    bool done, ok;
    uint64_t events;
};

static void note_pruned(void *ctx, bool ok, uint64_t events,
                        const struct err *err)
{
    struct pruned *pruned = ctx;

    assert_string_equal(err->text, "");
    pruned->ok = ok;
    pruned->events = events;
    pruned->done = true;
}

static uint64_t prune(struct rig *rig, int64_t before)
{
    struct pruned pruned = {.done = false};

    journal_prune(rig->journal, before, note_pruned, &pruned);
    rig_drain_until(rig, &pruned.done);
    assert_true(pruned.ok);
    return pruned.events;
}

static struct event at(int64_t when, uint32_t number, const char *person)
{
    struct event event = with_uuid("a", number);

    event.occurred_at = event.received_at = when;
    event.person.id = person;
    return event;
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

    append_one(rig, old);
    append_one(rig, young);
    assert_int_equal(prune(rig, NOW - 90 * DAY_MS), 1);
    assert_int_equal(ask(rig, "SELECT sum(count) FROM daily"), 2);
    assert_int_equal(ask(rig, "SELECT count(*) FROM identities"), 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM persons WHERE key = 'p1'"),
                     0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM persons WHERE key = 'p2'"),
                     1);
    old.uuid = numbered(3);
    old.occurred_at = old.received_at = NOW;
    append_one(rig, old);
    assert_int_equal(ask(rig, "SELECT count(*) FROM persons WHERE key = 'p1'"),
                     1);
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

static void closing_in_the_middle_loses_nothing(void **state)
{
    struct rig *rig = *state;
    struct pruned pruned = {.done = false};

    rig_fill(rig, 3000);
    journal_prune(rig->journal, NOW + 2100 * INT64_C(60000), note_pruned,
                  &pruned);
    rig_close(rig);
    assert_false(pruned.done);
    rig_open(rig);
    prune(rig, NOW + 2100 * INT64_C(60000));
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 900);
    assert_int_equal(ask(rig, "SELECT value FROM counters"), 2100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(what_is_too_old_goes_in_slices),
        RIG_CASE(what_is_of_the_past_goes_at_its_own_age),
        RIG_CASE(daily_counts_stay_and_names_go),
        RIG_CASE(what_a_mirror_had_not_sent_is_counted),
        RIG_CASE(closing_in_the_middle_loses_nothing),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("prune", tests, NULL, NULL);
}
