/* live/habit: what is usual at an hour of the week, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "live/habit.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define WEEK (7 * DAY)

/* A Monday, 9:00 in Berlin, in summer. */
#define MONDAY INT64_C(1789369200000)

static struct habit habit;

static int set_up(void **state)
{
    (void)state;
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    return 0;
}

/* Something every `every` ms from 8:00 to 18:00, Monday to Friday, of so many
 * weeks before the Monday. */
static void add_office_weeks(int weeks, int64_t every)
{
    for (int week = weeks; week > 0; week--)
        for (int day = 0; day < 5; day++) {
            int64_t morning = MONDAY - HOUR - week * WEEK + day * DAY;

            for (int64_t at = 0; at < 10 * HOUR; at += every)
                habit_add(&habit, morning + at);
            for (int hour = 0; hour < 10; hour++)
                habit_count(&habit, morning + hour * HOUR,
                            (uint64_t)(HOUR / every));
        }
}

static bool office_weeks(int weeks, int64_t every, int64_t now)
{
    habit_begin(&habit, now, 20 * MINUTE);
    add_office_weeks(weeks, every);
    return habit_end(&habit);
}

static void working_hours_are_known_after_a_few_weeks(void **state)
{
    (void)state;
    assert_true(office_weeks(4, 40 * SECOND, MONDAY));
    assert_int_equal(habit_due(&habit, MONDAY + HOUR),
                     MONDAY + HOUR + 20 * MINUTE);
}

static void two_weeks_are_not_enough(void **state)
{
    (void)state;
    for (int minute = 0; minute < 60; minute += 10)
        assert_false(office_weeks(2, 40 * SECOND, MONDAY + minute * MINUTE));
    assert_int_equal(habit_due(&habit, MONDAY + HOUR), CLOCK_NONE);
}

static void an_empty_journal_has_no_habit(void **state)
{
    (void)state;
    assert_false(office_weeks(0, MINUTE, MONDAY));
    habit_begin(&habit, MONDAY, MINUTE);
    habit_add(&habit, MONDAY - DAY);
    assert_false(habit_end(&habit));
}

static void nights_and_weekends_are_silent_without_a_word(void **state)
{
    int64_t friday = MONDAY + 4 * DAY + 9 * HOUR, due;

    (void)state;
    assert_true(office_weeks(5, 40 * SECOND, MONDAY));
    /* From Monday evening: not before Tuesday's work has begun. */
    due = habit_due(&habit, MONDAY + 9 * HOUR);
    assert_true(due > MONDAY + DAY - HOUR);
    assert_true(due < MONDAY + DAY + HOUR);
    /* From Friday evening: not before the next Monday's. */
    due = habit_due(&habit, friday);
    assert_true(due > MONDAY + WEEK - HOUR);
    assert_true(due < MONDAY + WEEK + HOUR);
}

static void bursts_far_apart_are_a_habit_too(void **state)
{
    int64_t due;

    (void)state;
    habit_begin(&habit, MONDAY, 20 * MINUTE);
    /* Ten at once, every two hours, day and night. */
    for (int64_t at = MONDAY - 5 * WEEK; at < MONDAY; at += 2 * HOUR)
        for (int i = 0; i < 10; i++)
            habit_add(&habit, at + i * SECOND);
    assert_true(habit_end(&habit));
    due = habit_due(&habit, MONDAY);
    assert_true(due > MONDAY + 7 * HOUR);
    assert_true(due <= MONDAY + 8 * HOUR);
}

static void one_week_with_a_fault_changes_nothing(void **state)
{
    (void)state;
    habit_begin(&habit, MONDAY, 20 * MINUTE);
    for (int week = 5; week > 0; week--) {
        int64_t ten = MONDAY + HOUR - week * WEEK;

        /* In the third, nothing for five hours. */
        for (int64_t at = -2 * HOUR; at < 5 * HOUR; at += MINUTE)
            if (week != 3 || at < 0)
                habit_add(&habit, ten + at);
    }
    assert_true(habit_end(&habit));
    assert_int_equal(habit_due(&habit, MONDAY + HOUR),
                     MONDAY + HOUR + 20 * MINUTE);
}

static void the_week_that_clocks_change_keeps_its_hours(void **state)
{
    /* 2026-10-25, 3:00 is 2:00 again in Berlin; the Monday after it. */
    int64_t monday = MONDAY + 6 * WEEK + HOUR, due;

    (void)state;
    habit_begin(&habit, monday, 20 * MINUTE);
    for (int week = 5; week > 0; week--) {
        int64_t nine = monday - HOUR - week * WEEK;

        for (int64_t at = -12 * HOUR; at < 8 * HOUR; at += 20 * SECOND)
            if (at >= 0 || at < -10 * HOUR)
                habit_add(&habit, nine + at);
    }
    assert_true(habit_end(&habit));
    due = habit_due(&habit, monday - HOUR);
    assert_true(due > monday - HOUR && due < monday + 2 * HOUR);
}

static void what_is_out_of_order_or_out_of_the_weeks_is_left_out(void **state)
{
    (void)state;
    habit_begin(&habit, MONDAY, MINUTE);
    habit_add(&habit, MONDAY - HABIT_WEEKS * WEEK - 1);
    assert_int_equal(habit.last_ms, CLOCK_NONE);
    habit_add(&habit, MONDAY - WEEK);
    habit_add(&habit, MONDAY - 2 * WEEK);
    habit_add(&habit, MONDAY);
    habit_add(&habit, INT64_MAX);
    habit_add(&habit, INT64_MIN + 1);
    assert_int_equal(habit.last_ms, MONDAY - WEEK);
    assert_false(habit_end(&habit));
}

static void it_is_said_in_words(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 256);
    assert_true(office_weeks(4, 40 * SECOND, MONDAY));
    habit_describe(&habit, MONDAY + HOUR, MONDAY + HOUR + 22 * MINUTE, &out);
    assert_string_equal(out.data, "No event for 22 min; every 40 s is usual "
                                  "at this hour of a Monday.");
    buf_clear(&out);
    habit_describe(&habit, MONDAY - 2 * DAY, MONDAY - 2 * DAY + 30 * HOUR,
                   &out);
    assert_string_equal(out.data, "No event for 30 h.");
    buf_free(&out);
}

static void a_clock_that_is_set_makes_no_silence(void **state)
{
    struct silence_watch watch = {.heard_us = 1000000};

    (void)state;
    assert_int_equal(silence_since(&watch, MONDAY, 61000000), MONDAY - MINUTE);
    assert_int_equal(silence_since(&watch, MONDAY + 200 * DAY, 61000000),
                     MONDAY + 200 * DAY - MINUTE);
    assert_int_equal(silence_since(&watch, MONDAY - DAY, 61000000),
                     MONDAY - DAY - MINUTE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(working_hours_are_known_after_a_few_weeks),
        cmocka_unit_test(two_weeks_are_not_enough),
        cmocka_unit_test(an_empty_journal_has_no_habit),
        cmocka_unit_test(nights_and_weekends_are_silent_without_a_word),
        cmocka_unit_test(bursts_far_apart_are_a_habit_too),
        cmocka_unit_test(one_week_with_a_fault_changes_nothing),
        cmocka_unit_test(the_week_that_clocks_change_keeps_its_hours),
        cmocka_unit_test(what_is_out_of_order_or_out_of_the_weeks_is_left_out),
        cmocka_unit_test(it_is_said_in_words),
        cmocka_unit_test(a_clock_that_is_set_makes_no_silence),
    };

    return cmocka_run_group_tests_name("habit", tests, set_up, NULL);
}
