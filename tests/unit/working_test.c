/* live/working: who works now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "live/working.h"
#include "tests/unit/usage_rig.h"

#include "base/banned.h"

#define MINUTE (60 * INT64_C(1000))

static uint32_t saw(struct usage *usage, const char *account, const char *key,
                    int64_t at)
{
    uint32_t number = usage_add_account(usage, account, account);
    uint32_t person = usage_add_person(usage, number, key, key, NULL);
    struct usage_count count = usage_one(number, person, 0);

    usage_add(usage, &count);
    usage_saw(usage, person, at);
    return person;
}

static void who_works_stands_by_account_the_newest_first(void **state)
{
    struct usage *usage = usage_new(TODAY);
    struct working_account list[2];

    (void)state;
    saw(usage, "a", "ann", NOW - 12 * MINUTE);
    saw(usage, "b", "ben", NOW - 9 * MINUTE);
    saw(usage, "a", "amy", NOW - MINUTE);
    saw(usage, "c", "cat", NOW - 2 * MINUTE);
    saw(usage, NULL, "nobody's", NOW);
    assert_int_equal(working_accounts(usage, NOW, list, 2), 3);
    assert_string_equal(list[0].account->id, "a");
    assert_string_equal(list[0].person->key, "amy");
    assert_int_equal(list[0].people, 2);
    assert_int_equal(list[0].last_at, NOW - MINUTE);
    assert_string_equal(list[1].account->id, "c");
    assert_int_equal(list[1].people, 1);
    saw(usage, "b", "ben", NOW);
    assert_int_equal(working_accounts(usage, NOW, list, 2), 3);
    assert_string_equal(list[0].account->id, "b");
    assert_string_equal(
        working_person(usage, usage_find(usage, "a"), NOW, 1)->key, "ann");
    assert_null(working_person(usage, usage_find(usage, "a"), NOW, 2));
    usage_free(usage);
}

static void who_has_a_name_stands_for_who_has_none(void **state)
{
    struct usage *usage = usage_new(TODAY);
    uint32_t account = usage_add_account(usage, "a", "a");
    uint32_t person = usage_add_person(usage, account, "0192", NULL, NULL);
    struct usage_count count = usage_one(account, person, 0);
    struct working_account list[1];

    (void)state;
    usage_add(usage, &count);
    usage_saw(usage, person, NOW);
    assert_int_equal(working_accounts(usage, NOW, list, 1), 1);
    assert_string_equal(list[0].person->key, "0192");
    saw(usage, "a", "ann", NOW - MINUTE);
    saw(usage, "a", "amy", NOW - 2 * MINUTE);
    assert_int_equal(working_accounts(usage, NOW, list, 1), 1);
    assert_string_equal(list[0].person->key, "ann");
    assert_int_equal(list[0].people, 3);
    assert_int_equal(list[0].last_at, NOW);
    usage_free(usage);
}

static void of_those_without_a_name_the_newest_stands_for_all(void **state)
{
    static const char *const keys[] = {"0192", "0193", "0194"};
    struct usage *usage = usage_new(TODAY);
    uint32_t account = usage_add_account(usage, "a", "a");
    struct working_account list[1];

    (void)state;
    for (int i = 0; i < 3; i++) {
        uint32_t person =
            usage_add_person(usage, account, keys[i], NULL, NULL);
        struct usage_count count = usage_one(account, person, 0);

        usage_add(usage, &count);
        usage_saw(usage, person, NOW - i * MINUTE);
    }
    assert_int_equal(working_accounts(usage, NOW, list, 1), 1);
    assert_string_equal(list[0].person->key, "0192");
    assert_int_equal(list[0].people, 3);
    usage_free(usage);
}

static void who_was_quiet_for_half_an_hour_works_no_more(void **state)
{
    struct usage *usage = usage_new(TODAY);
    struct working_account list[2];

    (void)state;
    saw(usage, "a", "ann", NOW);
    assert_int_equal(working_accounts(usage, NOW + 30 * MINUTE - 1, list, 2),
                     1);
    assert_int_equal(working_accounts(usage, NOW + 30 * MINUTE, list, 2), 0);
    /* A clock that went back: nobody works in the future. */
    assert_int_equal(working_accounts(usage, NOW - 4 * MINUTE, list, 2), 1);
    assert_int_equal(working_accounts(usage, NOW - 6 * MINUTE, list, 2), 0);
    usage_free(usage);
}

/* Whom the journal knows, though nothing of theirs counts. */
static void who_is_hidden_does_not_work(void **state)
{
    struct usage *usage = usage_new(TODAY);
    struct working_account list[1];
    uint32_t account = usage_add_account(usage, "a", "a");

    (void)state;
    usage_saw(usage, usage_add_person(usage, account, "staff", NULL, NULL),
              NOW);
    assert_int_equal(working_accounts(usage, NOW, list, 1), 0);
    usage_free(usage);
}

static void of_many_the_newest_are_known(void **state)
{
    struct usage *usage = usage_new(TODAY);
    char key[16];

    (void)state;
    for (int i = 0; i < 2 * USAGE_RECENT; i++) {
        snprintf(key, sizeof key, "p%d", i % 300);
        saw(usage, "a", key, NOW + (i * 7 % 301) * 1000);
    }
    for (size_t n = 0; n < USAGE_RECENT; n++) {
        assert_non_null(usage_recent(usage, n));
        if (n)
            assert_true(usage_recent(usage, n - 1)->last_at >=
                        usage_recent(usage, n)->last_at);
        for (size_t i = 0; i < n; i++)
            assert_ptr_not_equal(usage_recent(usage, i),
                                 usage_recent(usage, n));
    }
    assert_null(usage_recent(usage, USAGE_RECENT));
    /* Nobody who was left out was there later than who is known. */
    for (uint32_t i = 0; i < usage_people(usage); i++) {
        const struct usage_person *person = usage_person(usage, i);
        bool known = false;

        for (size_t n = 0; n < USAGE_RECENT; n++)
            known |= usage_recent(usage, n) == person;
        assert_true(known ||
                    person->last_at <=
                        usage_recent(usage, USAGE_RECENT - 1)->last_at);
    }
    usage_free(usage);
}

/* The key of the n-th who works there. */
static const char *of(const struct usage *usage, const char *id, size_t n)
{
    const struct usage_person *person =
        working_person(usage, usage_find(usage, id), NOW, n);

    return person ? person->key : NULL;
}

/* More than are known as the newest: each account has its own all the same. */
static void of_too_many_each_account_has_its_own(void **state)
{
    struct usage *usage = usage_new(TODAY);
    struct working_account list[1];
    char id[16];

    (void)state;
    for (int i = 0; i < USAGE_RECENT; i++) {
        snprintf(id, sizeof id, "a%d", i);
        saw(usage, id, "ann", NOW - MINUTE);
    }
    assert_false(working_is_partial(usage, NOW + 29 * MINUTE));
    assert_true(working_is_partial(usage, NOW));
    saw(usage, "late", "bob", NOW - 3 * MINUTE);
    saw(usage, "late", "cleo", NOW - 2 * MINUTE);
    saw(usage, "late", "dee", NOW - 2 * MINUTE);
    saw(usage, "late", "eve", NOW - 31 * MINUTE);
    assert_int_equal(working_accounts(usage, NOW, list, 1), USAGE_RECENT);
    assert_string_equal(of(usage, "late", 0), "cleo");
    assert_string_equal(of(usage, "late", 1), "dee");
    assert_string_equal(of(usage, "late", 2), "bob");
    assert_null(of(usage, "late", 3));
    usage_free(usage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_works_stands_by_account_the_newest_first),
        cmocka_unit_test(who_has_a_name_stands_for_who_has_none),
        cmocka_unit_test(of_those_without_a_name_the_newest_stands_for_all),
        cmocka_unit_test(who_was_quiet_for_half_an_hour_works_no_more),
        cmocka_unit_test(who_is_hidden_does_not_work),
        cmocka_unit_test(of_many_the_newest_are_known),
        cmocka_unit_test(of_too_many_each_account_has_its_own),
    };

    return cmocka_run_group_tests_name("working", tests, NULL, NULL);
}
