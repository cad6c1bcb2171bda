/* zone: days of another zone than the process's, and moving a journal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "base/clock.h"
#include "journal/db.h"
#include "journal/recount.h"
#include "journal/zone.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

#define HOUR_MS INT64_C(3600000)

static void set_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static const char *const zones[] = {
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Pacific/Apia",
    "America/St_Johns",
    "UTC",
    "CET-1CEST,M3.5.0,M10.5.0/3",
};
#define ZONES (sizeof zones / sizeof *zones)

/* What the C library says when the process is in the zone itself. */
static void days_are_those_of_the_zone(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZONES; i++) {
        struct zone_days *days;
        static int32_t seen[20000];
        int64_t at = INT64_C(1262300000000); /* 2010 */

        set_zone("Pacific/Kiritimati");
        days = zone_days_new(zones[i]);
        assert_non_null(days);
        assert_string_equal(getenv("TZ"), "Pacific/Kiritimati");
        for (int k = 0; k < 20000; k++)
            seen[k] = zone_day(days, at + k * 9 * HOUR_MS + k);
        set_zone(zones[i]);
        for (int k = 0; k < 20000; k++)
            assert_int_equal(seen[k], clock_day(at + k * 9 * HOUR_MS + k));
        for (int32_t day = 15000; day < 25000; day++)
            assert_int_equal(zone_day_start(days, day), clock_day_start(day));
        assert_null(zone_days_new(zones[i]));
        zone_days_free(days);
    }
    set_zone("UTC");
}

static void days_far_away_have_an_answer(void **state)
{
    struct zone_days *days = zone_days_new("Europe/Berlin");

    (void)state;
    assert_int_equal(zone_day(days, 0), 0);
    assert_int_equal(zone_day(days, INT64_C(253402300799000)), 2932897);
    zone_days_free(days);
}

static void a_zone_by_another_name_is_the_same(void **state)
{
    (void)state;
    assert_null(zone_days_new("Etc/UTC"));
    assert_null(zone_days_new("UTC0"));
    assert_null(zone_days_new("GMT"));
}

static void zones_that_are_not_known_are_told(void **state)
{
    static const char *const known[] = {
        "UTC",
        "UTC0",
        "Europe/Berlin",
        ":Europe/Berlin",
        "CET-1",
        "GMT",
        "<+0330>-3:30",
        "EST5EDT",
        "/usr/share/zoneinfo/UTC",
    };
    static const char *const unknown[] = {
        "Mars/Base", "Europe/Berln",     "",
        ":",         "../../etc/passwd", "CE",
        "12",        "/nowhere/at/all",  "Berlin",
    };

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!zone_is_known(known[i]))
            fail_msg("%s", known[i]);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        if (zone_is_known(unknown[i]))
            fail_msg("%s", unknown[i]);
}

/* ---- moving ---- */

static bool move_to(struct rig *rig, const char *zone, struct recount *out,
                    struct err *err)
{
    sqlite3 *db;
    bool ok;

    rig_close(rig);
    db = db_open(rig->path, err);
    assert_non_null(db);
    ok = recount_in_zone(db, zone, out, err);
    db_close(db);
    rig_open(rig);
    return ok;
}

static void fill_hours(struct rig *rig, uint32_t first)
{
    static struct event events[500];

    for (uint32_t i = 0; i < 500; i++) {
        events[i] = with_uuid("a", first + i);
        events[i].received_at = NOW + (int64_t)i * HOUR_MS;
        events[i].occurred_at = events[i].received_at - (i % 7) * HOUR_MS;
        events[i].category = (enum category)(i % 5);
        events[i].hidden = i % 11 ? HIDDEN_NO : HIDDEN_INTERNAL;
    }
    rig_append(rig, events, 500);
}

static char *daily(struct rig *rig)
{
    struct journal_reader *reader = rig_reader(rig);
    sqlite3_stmt *rows = NULL;
    char *text;

    sqlite3_prepare_v2(reader_db(reader),
                       "SELECT group_concat(day || ' ' || account || ' ' || "
                       "person || ' ' || category || ' ' || count || ' ' || "
                       "hidden, ';') FROM (SELECT * FROM daily ORDER BY day, "
                       "account, person, category)",
                       -1, &rows, NULL);
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    text = strdup((const char *)sqlite3_column_text(rows, 0));
    sqlite3_finalize(rows);
    reader_close(reader);
    return text;
}

/* The same events in a journal that was of the zone from the start. */
static char *daily_of(const char *zone)
{
    void *state;
    char *text;

    set_zone(zone);
    assert_int_equal(rig_setup(&state), 0);
    rig_close(state);
    set_zone("UTC");
    rig_open(state);
    fill_hours(state, 1);
    text = daily(state);
    rig_teardown(&state);
    return text;
}

static void a_journal_moves_to_another_zone(void **state)
{
    struct rig *rig = *state;
    char *wanted = daily_of("Pacific/Auckland"), *got, *before;
    struct recount recount;
    struct err err = {""};

    fill_hours(rig, 1);
    before = daily(rig);
    assert_true(move_to(rig, "Pacific/Auckland", &recount, &err));
    assert_true(recount.events > 100);
    got = daily(rig);
    assert_string_equal(got, wanted);
    assert_string_not_equal(got, before);
    free(got);
    assert_string_equal(journal_zone(rig->journal), "Pacific/Auckland");
    assert_true(move_to(rig, "UTC", &recount, &err));
    got = daily(rig);
    assert_string_equal(got, before);
    free(got);
    free(wanted);
    free(before);
}

static void counts_whose_events_are_gone_stay(void **state)
{
    struct rig *rig = *state;
    struct recount recount;
    struct err err = {""};

    fill_hours(rig, 1);
    change(rig, "DELETE FROM events WHERE received_at < 1789373163942 + "
                "86400000 * 10");
    assert_true(move_to(rig, "Pacific/Auckland", &recount, &err));
    assert_int_equal(ask(rig, "SELECT sum(count + hidden) FROM daily"), 500);
    assert_true(recount.kept > 5);
}

static void a_zone_that_is_not_known_changes_nothing(void **state)
{
    struct rig *rig = *state;
    struct recount recount;
    struct err err = {""};
    char *before, *after;

    fill_hours(rig, 1);
    before = daily(rig);
    assert_false(move_to(rig, "Mars/Base", &recount, &err));
    assert_non_null(strstr(err.text, "Mars/Base"));
    after = daily(rig);
    assert_string_equal(before, after);
    assert_string_equal(journal_zone(rig->journal), "UTC");
    free(before);
    free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_are_those_of_the_zone),
        cmocka_unit_test(days_far_away_have_an_answer),
        cmocka_unit_test(a_zone_by_another_name_is_the_same),
        cmocka_unit_test(zones_that_are_not_known_are_told),
        RIG_CASE(a_journal_moves_to_another_zone),
        RIG_CASE(counts_whose_events_are_gone_stay),
        RIG_CASE(a_zone_that_is_not_known_changes_nothing),
    };

    set_zone("UTC");
    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
