/* Signals that are drawn from days: going quiet, growing, and the days of rest
 * that do not count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "signal/baseline.h"
#include "tests/unit/signal_rig.h"

/* The book goes on; of a0 only so many people come. */
static void live_with(struct rig *rig, int from, int to, int people)
{
    for (int day = from; day < to; day++) {
        for (int p = 0; p < people && rig_is_workday(day); p++) {
            char person[32];

            snprintf(person, sizeof person, "a0-p%d", p);
            rig_work(rig, "a0", person, rig_at(day, 9, p));
        }
        for (int a = 1; a <= RIG_OTHERS && rig_is_workday(day); a++)
            for (int p = 0; p < RIG_PEOPLE; p++) {
                char account[24], person[48];

                snprintf(account, sizeof account, "a%d", a);
                snprintf(person, sizeof person, "a%d-p%d", a, p);
                rig_work(rig, account, person, rig_at(day, 9, p));
            }
        rig_end(rig, day);
    }
}

static void half_as_many_people_is_going_quiet(void **state)
{
    struct rig *rig = *state;
    const struct signal *said;

    live_with(rig, 0, 63, 8);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, NULL), 0);
    live_with(rig, 63, 70, 3);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, "a0"), 1);
    said = rig_last(rig, SIGNAL_going_quiet);
    assert_int_equal(said->tone, TONE_WARN);
    assert_non_null(strstr(said->sentence, " people-days this week, usually"));
    assert_true(said->evidence_count > 0);
}

static void the_account_that_comes_back_is_taken_back(void **state)
{
    struct rig *rig = *state;

    live_with(rig, 0, 63, 8);
    live_with(rig, 63, 70, 3);
    live_with(rig, 70, 84, 8);
    assert_int_equal(rig_withdrawn(rig, SIGNAL_going_quiet), 1);
    assert_int_equal(rig_said(rig, SIGNAL_growing, NULL), 0);
}

/* What it does itself is not what the book does. */
static void the_only_account_of_a_book_goes_quiet_too(void **state)
{
    struct rig *rig = *state;

    rig_live(rig, 0, 63, 0, 30, 0.5);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, NULL), 0);
    rig_live(rig, 63, 77, 0, 30, 0.3);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, "a0"), 1);
}

/* Not before a week has passed, but long before it may be said once more of
 * one that stayed quiet. */
static void who_came_back_may_go_quiet_again(void **state)
{
    struct rig *rig = *state;

    live_with(rig, 0, 63, 8);
    live_with(rig, 63, 70, 3);
    live_with(rig, 70, 80, 8);
    assert_int_equal(rig_withdrawn(rig, SIGNAL_going_quiet), 1);
    live_with(rig, 80, 90, 3);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, "a0"), 2);
}

/* What is of the year 2090 says nothing of this one. */
static void a_clock_that_was_wrong_is_forgiven(void **state)
{
    struct rig *rig = *state;
    size_t said;

    live_with(rig, 0, 63, 8);
    for (int i = 0; i < 4; i++)
        rig_work(rig, "a0", "a0-p1", rig_at(25000, 9, i));
    rig_end(rig, 25000);
    said = rig->count;
    live_with(rig, 63, 84, 8);
    assert_int_equal(rig->count, said);
    live_with(rig, 84, 91, 3);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, "a0"), 1);
    assert_int_equal(rig->count, said + 1);
}

static void nobody_at_all_is_said_as_that(void **state)
{
    struct rig *rig = *state;

    live_with(rig, 0, 63, 1);
    live_with(rig, 63, 72, 0);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, "a0"), 1);
    assert_non_null(strstr(rig_last(rig, SIGNAL_going_quiet)->sentence,
                           "nobody for 5 working days, usually 5 "));
}

/* Said between these days. */
static int said_within(const struct rig *rig, enum signal_kind kind, int from,
                       int to)
{
    int said = 0;

    for (size_t i = 0; i < rig->count; i++) {
        const struct signal *signal = &rig->list[i].signal;

        said += signal->kind == kind && !signal->withdrawn &&
                signal->fired_at >= rig_at(from, 0, 0) &&
                signal->fired_at < rig_at(to, 0, 0);
    }
    return said;
}

static void what_the_whole_book_does_is_nobodys_news(void **state)
{
    struct rig *rig = *state;

    rig_live(rig, 0, 63, 20, RIG_PEOPLE, 0.8);
    rig_live(rig, 63, 77, 20, RIG_PEOPLE, 0.35); /* a slow fortnight */
    rig_live(rig, 77, 91, 20, RIG_PEOPLE, 0.8);
    rig_live(rig, 91, 98, 20, RIG_PEOPLE, 0); /* nothing came at all */
    rig_live(rig, 98, 112, 20, RIG_PEOPLE, 0.8);
    /* All 21 would be said, were it not for the book; one in that time is
     * chance. */
    assert_in_range(said_within(rig, SIGNAL_going_quiet, 63, 78), 0, 2);
    assert_int_equal(said_within(rig, SIGNAL_going_quiet, 91, 101), 0);
    assert_int_equal(rig_said(rig, SIGNAL_champion_away, NULL), 0);
    assert_int_equal(rig_said(rig, SIGNAL_growing, NULL), 0);
}

static void new_people_make_an_account_grow(void **state)
{
    struct rig *rig = *state;

    live_with(rig, 0, 63, 4);
    for (int i = 0; i < 3; i++) {
        char person[16];

        snprintf(person, sizeof person, "new-%d", i);
        rig_work(rig, "a0", person, rig_at(63 + i, 9, 0));
    }
    live_with(rig, 66, 67, 4);
    assert_int_equal(rig_said(rig, SIGNAL_growing, "a0"), 1);
    assert_non_null(strstr(rig_last(rig, SIGNAL_growing)->sentence,
                           "3 new people within 14 days"));
}

static void who_comes_back_after_months_is_not_new(void **state)
{
    struct rig *rig = *state;

    live_with(rig, 0, 63, 8);
    live_with(rig, 63, 238, 0);
    rig_live(rig, 238, 266, 0, 8, 0.3); /* one after the other */
    assert_int_equal(rig_said(rig, SIGNAL_growing, "a0"), 0);
}

static void a_kind_that_is_off_says_nothing(void **state)
{
    struct rig *rig = *state;

    engine_free(rig->engine);
    rig->settings.off[SIGNAL_going_quiet] = true;
    rig->engine = engine_new(&rig->settings);
    live_with(rig, 0, 63, 8);
    live_with(rig, 63, 77, 2);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, NULL), 0);
}

static void days_of_rest_are_the_accounts_own(void **state)
{
    struct day_counts active = {{0}};
    int32_t monday = 20584;

    (void)state;
    for (int back = 1; back < DAYS; back++) {
        int weekday = baseline_weekday(monday - back);

        active.counts[(monday - back) % DAYS] =
            weekday == 5 || weekday == 6 ? 0 : 6;
    }
    assert_int_equal(baseline_rest_days(&active, monday, monday - DAYS),
                     1 << 5 | 1 << 6);
}

static void a_hundred_thousand_people_fit_in_two_mebibytes(void **state)
{
    struct rig *rig = *state;
    char account[24], person[48];

    for (int a = 0; a < 100; a++)
        for (int p = 0; p < 1000; p++) {
            struct event event;

            snprintf(account, sizeof account, "account-%d", a);
            snprintf(person, sizeof person, "person-%d-of-%d", p, a);
            event = rig_event(account, person, CATEGORY_FLAGS,
                              rig_at(p % 40, 9, 0));
            rig_feed(rig, event);
        }
    assert_in_range(engine_bytes(rig->engine), 1, 2 << 20);
}

#define TEST(name)                                                            \
    cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(half_as_many_people_is_going_quiet),
        TEST(the_account_that_comes_back_is_taken_back),
        TEST(the_only_account_of_a_book_goes_quiet_too),
        TEST(who_came_back_may_go_quiet_again),
        TEST(a_clock_that_was_wrong_is_forgiven),
        TEST(nobody_at_all_is_said_as_that),
        TEST(what_the_whole_book_does_is_nobodys_news),
        TEST(new_people_make_an_account_grow),
        TEST(who_comes_back_after_months_is_not_new),
        TEST(a_kind_that_is_off_says_nothing),
        TEST(days_of_rest_are_the_accounts_own),
        TEST(a_hundred_thousand_people_fit_in_two_mebibytes),
    };

    return cmocka_run_group_tests_name("signals of days", tests, NULL, NULL);
}
