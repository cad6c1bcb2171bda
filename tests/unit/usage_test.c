/* live/usage: who did how much; what has room, and what is made of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/unit/usage_rig.h"

#include "base/banned.h"

#define ACCOUNT "01abc"

static void accounts_are_no_more_than_there_is_room_for(void **state)
{
    struct usage *usage = usage_new(TODAY);
    struct usage_count count;
    size_t bytes;
    char id[16];

    (void)state;
    for (int i = 0; i < LIMIT_USAGE_ACCOUNTS; i++) {
        snprintf(id, sizeof id, "a%d", i);
        assert_int_equal(usage_add_account(usage, id, id), i);
    }
    assert_false(usage_partial(usage));
    bytes = usage_bytes(usage);
    assert_int_equal(usage_add_account(usage, "a7", "a7"), 7);
    assert_false(usage_partial(usage));
    assert_int_equal(usage_add_account(usage, "more", "more"), USAGE_NOBODY);
    assert_true(usage_partial(usage));
    assert_int_equal(usage_add_person(usage, USAGE_NOBODY, "p", NULL, NULL),
                     USAGE_NOBODY);
    count = usage_one(USAGE_NOBODY, USAGE_NOBODY, 0);
    usage_add(usage, &count);
    assert_null(usage_find(usage, "more"));
    assert_int_equal(usage_accounts(usage), LIMIT_USAGE_ACCOUNTS);
    assert_int_equal(usage_bytes(usage), bytes);
    usage_free(usage);
}

static void people_without_room_count_for_their_account(void **state)
{
    struct usage *usage = usage_new(TODAY);
    struct usage_count count;
    size_t bytes;
    char key[16];

    (void)state;
    usage_add_account(usage, ACCOUNT, NULL);
    for (int i = 0; i < LIMIT_USAGE_PEOPLE; i++) {
        snprintf(key, sizeof key, "p%d", i);
        assert_int_equal(usage_add_person(usage, 0, key, key, NULL), i);
    }
    assert_false(usage_partial(usage));
    bytes = usage_bytes(usage);
    assert_int_equal(usage_add_person(usage, 0, "p9", "p9", NULL), 9);
    assert_int_equal(usage_add_person(usage, 0, "more", "more", NULL),
                     USAGE_NOBODY);
    assert_true(usage_partial(usage));
    count = usage_one(0, USAGE_NOBODY, 0);
    usage_add(usage, &count);
    usage_saw(usage, USAGE_NOBODY, NOW);
    assert_int_equal(usage_on(usage, usage_account(usage, 0), 0), 1);
    assert_int_equal(usage_people(usage), LIMIT_USAGE_PEOPLE);
    assert_int_equal(usage_bytes(usage), bytes);
    usage_free(usage);
}

static void an_email_takes_no_names_place(void **state)
{
    struct usage *usage = usage_new(TODAY);
    const struct usage_person *person;

    (void)state;
    usage_add_account(usage, ACCOUNT, NULL);
    usage_add_person(usage, 0, "p", NULL, "a@example.com");
    usage_add_person(usage, 0, "p", NULL, "b@example.com");
    person = usage_person(usage, 0);
    assert_string_equal(person->name, "b@example.com");
    usage_add_person(usage, 0, "p", "Ann", "b@example.com");
    usage_add_person(usage, 0, "p", NULL, "b@example.com");
    assert_string_equal(person->name, "Ann");
    usage_add_person(usage, 0, "p", "Anna", NULL);
    assert_string_equal(person->name, "Anna");
    usage_free(usage);
}

/* A machine whose clock is not set lives in January 1970. */
static void days_before_1970_are_days(void **state)
{
    struct usage *usage = usage_new(3);
    uint32_t account = usage_add_account(usage, ACCOUNT, NULL);
    const struct usage_account *found = usage_find(usage, ACCOUNT);
    int32_t days[] = {3, -5, -26, -56};

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct usage_count count = {.day = days[i],
                                    .account = account,
                                    .person = USAGE_NOBODY,
                                    .category = CATEGORY_AI,
                                    .events = 10};

        usage_add(usage, &count);
        assert_int_equal(usage_on(usage, found, 3 - days[i]), 10);
    }
    assert_int_equal(usage_sum(usage, found, 0, USAGE_DAYS), 40);
    assert_int_equal(usage_category(found, CATEGORY_AI), 30);
    assert_int_equal(usage_category_on(usage, found, CATEGORY_AI, 8), 10);
    usage_free(usage);
}

static void the_window_ends_where_it_says(void **state)
{
    static const int backs[] = {-1, 0, 6, 7, 29, 30, 34, 35, 59, 60};
    struct usage *usage = usage_new(TODAY);
    uint32_t account = usage_add_account(usage, ACCOUNT, NULL);
    uint32_t person = usage_add_person(usage, account, "p", NULL, NULL);
    const struct usage_account *found = usage_find(usage, ACCOUNT);
    struct usage_heads heads;

    (void)state;
    for (size_t i = 0; i < sizeof backs / sizeof *backs; i++) {
        struct usage_count count = usage_one(account, person, backs[i]);

        usage_add(usage, &count);
    }
    assert_int_equal(usage_sum(usage, found, 0, USAGE_DAYS), 8);
    assert_int_equal(usage_sum(usage, found, 0, USAGE_WEEK), 2);
    assert_int_equal(usage_usual(usage, found), 1); /* 4 of four weeks */
    assert_int_equal(usage_month_before(usage, usage_person(usage, person)),
                     0);
    assert_int_equal(usage_category(found, CATEGORY_AI), 4);
    assert_int_equal(usage_person(usage, person)->month, 4);
    assert_int_equal(usage_person(usage, person)->before, 4);
    assert_int_equal(found->first[CATEGORY_AI].day, TODAY - 60);
    assert_int_equal(found->last[CATEGORY_AI].day, TODAY);
    assert_int_equal(usage_share_x10(usage, usage_person(usage, person)),
                     1000);
    heads = usage_heads(usage, found);
    assert_int_equal(heads.month, 1);
    assert_int_equal(heads.week, 1);
    usage_free(usage);
}

static void who_is_active_most_days_with_a_share_is_the_champion(void **state)
{
    struct usage *usage = usage_new(TODAY);
    uint32_t account = usage_add_account(usage, ACCOUNT, NULL);
    uint32_t ann = usage_add_person(usage, account, "ann", NULL, NULL);
    uint32_t ben = usage_add_person(usage, account, "ben", NULL, NULL);

    (void)state;
    for (int back = 0; back < USAGE_CHAMPION_DAYS; back++) {
        struct usage_count count = usage_one(account, ann, back);

        assert_false(usage_is_champion(usage, ann));
        usage_add(usage, &count);
    }
    assert_true(usage_is_champion(usage, ann));
    assert_false(usage_is_champion(usage, ben));
    for (int back = 0; back <= USAGE_CHAMPION_DAYS; back++) {
        struct usage_count count = usage_one(account, ben, back);

        usage_add(usage, &count);
    }
    assert_false(usage_is_champion(usage, ann));
    assert_true(usage_is_champion(usage, ben));
    usage_free(usage);
}

static void a_trend_is_rounded_and_needs_a_base(void **state)
{
    int percent = 0;

    (void)state;
    assert_false(usage_trend(100, 9, &percent));
    assert_true(usage_trend(29, 16, &percent));
    assert_int_equal(percent, 81);
    assert_true(usage_trend(9, 25, &percent));
    assert_int_equal(percent, -64);
    assert_true(usage_trend(10, 10, &percent));
    assert_int_equal(percent, 0);
    assert_true(usage_trend(0, 10, &percent));
    assert_int_equal(percent, -100);
}

/* Two events a day, from so many days ago on. */
static const struct usage_account *fill_even(struct usage *usage, int from)
{
    uint32_t account = usage_add_account(usage, ACCOUNT, NULL);
    uint32_t person = usage_add_person(usage, account, "p", NULL, NULL);

    for (int back = 0; back <= from; back++) {
        struct usage_count count = usage_one(account, person, back);

        count.events = 2;
        usage_add(usage, &count);
    }
    return usage_find(usage, ACCOUNT);
}

static void
who_does_the_same_each_week_has_no_trend_from_the_start(void **state)
{
    (void)state;
    for (int from = 0; from < 90; from++) {
        struct usage *usage = usage_new(TODAY);
        const struct usage_account *found = fill_even(usage, from);
        const struct usage_person *person = usage_person(usage, 0);

        assert_int_equal(usage_usual(usage, found), from < 13 ? 0 : 14);
        assert_int_equal(usage_month_before(usage, person),
                         from < 36 ? 0 : 60);
        usage_free(usage);
    }
}

/* What was done before the days that are kept is known to have been done. */
static void an_older_first_day_makes_the_weeks_whole(void **state)
{
    struct usage *usage = usage_new(TODAY);
    const struct usage_account *found = fill_even(usage, 13);

    (void)state;
    assert_int_equal(usage_usual(usage, found), 14);
    usage_first(usage, 0, CATEGORY_FLAGS,
                (struct usage_moment){TODAY - 400, USAGE_NOBODY});
    assert_int_equal(usage_usual(usage, found), 4); /* 14 of four weeks */
    usage_free(usage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_are_no_more_than_there_is_room_for),
        cmocka_unit_test(people_without_room_count_for_their_account),
        cmocka_unit_test(an_email_takes_no_names_place),
        cmocka_unit_test(days_before_1970_are_days),
        cmocka_unit_test(the_window_ends_where_it_says),
        cmocka_unit_test(who_is_active_most_days_with_a_share_is_the_champion),
        cmocka_unit_test(a_trend_is_rounded_and_needs_a_base),
        cmocka_unit_test(
            who_does_the_same_each_week_has_no_trend_from_the_start),
        cmocka_unit_test(an_older_first_day_makes_the_weeks_whole),
    };

    return cmocka_run_group_tests_name("usage", tests, NULL, NULL);
}
