/* moment: times as a user writes them. TZ is UTC, as everywhere in tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/moment.h"

#define NOW clock_parse("2026-09-14T10:48:50Z", 20)

static void becomes(const char *text, const char *iso)
{
    int64_t ms = 0;
    char got[CLOCK_ISO_SIZE];

    assert_true(moment_parse(text, NOW, &ms));
    clock_format_iso(ms, got);
    assert_string_equal(got, iso);
}

static void lengths_are_ago(void **state)
{
    (void)state;
    becomes("5m", "2026-09-14T10:43:50.000Z");
    becomes("2h", "2026-09-14T08:48:50.000Z");
    becomes("7d", "2026-09-07T10:48:50.000Z");
}

static void a_time_of_day_is_the_last_one(void **state)
{
    (void)state;
    becomes("09:00", "2026-09-14T09:00:00.000Z");
    becomes("11:00", "2026-09-13T11:00:00.000Z");
}

static void a_date_is_local_and_an_instant_is_exact(void **state)
{
    (void)state;
    becomes("2026-09-13", "2026-09-13T00:00:00.000Z");
    becomes("2026-09-13 08:30", "2026-09-13T08:30:00.000Z");
    becomes("2026-09-13T08:30:15", "2026-09-13T08:30:15.000Z");
    becomes("2026-09-13T08:30:15+02:00", "2026-09-13T06:30:15.000Z");
    setenv("TZ", "UTC-2", 1);
    becomes("2026-09-13", "2026-09-12T22:00:00.000Z");
    setenv("TZ", "UTC0", 1);
}

/* Clocks go back an hour in New York, half an hour on Lord Howe. */
static void of_an_hour_that_is_there_twice_the_first_is_meant(void **state)
{
    (void)state;
    setenv("TZ", "EST5EDT,M3.2.0,M11.1.0", 1);
    becomes("2025-11-02T01:30", "2025-11-02T05:30:00.000Z");
    becomes("2025-11-02T00:30", "2025-11-02T04:30:00.000Z");
    becomes("2025-11-02T02:30", "2025-11-02T07:30:00.000Z");
    setenv("TZ", "LHST-10:30LHDT-11,M10.1.0,M4.1.0", 1);
    becomes("2026-04-05T01:45", "2026-04-04T14:45:00.000Z");
    becomes("2026-04-05T01:20", "2026-04-04T14:20:00.000Z");
    becomes("2026-04-05T02:10", "2026-04-04T15:40:00.000Z");
    setenv("TZ", "UTC0", 1);
    becomes("9:00", "2026-09-14T09:00:00.000Z");
    becomes("09:00:30", "2026-09-14T09:00:30.000Z");
}

/* NOW is a Monday. */
static void days_have_names(void **state)
{
    (void)state;
    becomes("today", "2026-09-14T00:00:00.000Z");
    becomes("Yesterday", "2026-09-13T00:00:00.000Z");
    becomes(" yesterday  9:00 ", "2026-09-13T09:00:00.000Z");
    becomes("sun", "2026-09-13T00:00:00.000Z");
    becomes("mon 08:15", "2026-09-07T08:15:00.000Z");
    becomes("Tuesday", "2026-09-08T00:00:00.000Z");
    becomes("14 sep", "2026-09-14T00:00:00.000Z");
    becomes("15 Sep 14:30", "2025-09-15T14:30:00.000Z");
    becomes("sep 1", "2026-09-01T00:00:00.000Z");
    becomes("1 sep 2024 9:00", "2024-09-01T09:00:00.000Z");
    becomes("29 feb", "2024-02-29T00:00:00.000Z");
}

static void ago_may_be_said(void **state)
{
    (void)state;
    becomes("-2h", "2026-09-14T08:48:50.000Z");
    becomes("2h ago", "2026-09-14T08:48:50.000Z");
}

static void a_length_is_told_from_a_moment(void **state)
{
    static const char *const moments[] = {"2026-09-14", "09:00", "today", "",
                                          "7d later"};
    int64_t length;

    (void)state;
    assert_true(moment_parse_length("7d", &length));
    assert_int_equal(length, INT64_C(7) * 24 * 3600 * 1000);
    assert_true(moment_parse_length("2h ago", &length));
    assert_int_equal(length, 2 * 3600 * 1000);
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        assert_false(moment_parse_length(moments[i], &length));
}

static void anything_else_is_refused(void **state)
{
    static const char *const bad[] = {
        "",           "yesterdays",  "mo",         "yesterday noon",
        "31 feb",     "0 sep",       "sep",        "14 sep 2026 9:00 x",
        "2h later",   "--2h",        "25:00",      "12:60",
        "5 parsecs",  "09:00x",      "2026-13-01", "2026-02-30",
        "2026-09-1x", "2026-09-13 8"};
    int64_t ms;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(moment_parse(bad[i], NOW, &ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_are_ago),
        cmocka_unit_test(a_time_of_day_is_the_last_one),
        cmocka_unit_test(a_date_is_local_and_an_instant_is_exact),
        cmocka_unit_test(of_an_hour_that_is_there_twice_the_first_is_meant),
        cmocka_unit_test(days_have_names),
        cmocka_unit_test(ago_may_be_said),
        cmocka_unit_test(a_length_is_told_from_a_moment),
        cmocka_unit_test(anything_else_is_refused),
    };

    setenv("TZ", "UTC0", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
