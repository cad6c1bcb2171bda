/* journal/copying: how much of the log is copied at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "journal/copying.h"

#define PART ((size_t)LIMIT_WAL / 8)
#define SLOW 15001 /* microseconds */
#define QUICK 4999

static struct copying copying;

static int set_up(void **state)
{
    (void)state;
    copying = copying_new();
    return 0;
}

static void a_short_log_is_left(void **state)
{
    (void)state;
    assert_false(copying_is_due(&copying, 0));
    assert_false(copying_is_due(&copying, LIMIT_WAL / 2));
    assert_true(copying_is_due(&copying, LIMIT_WAL / 2 + 1));
}

static void a_log_that_is_held_is_copied_part_by_part(void **state)
{
    size_t at = LIMIT_WAL;

    (void)state;
    assert_true(copying_is_due(&copying, at));
    assert_false(copying_is_due(&copying, at));
    assert_false(copying_is_due(&copying, at + PART - 1));
    assert_true(copying_is_due(&copying, at + PART));
    assert_false(copying_is_due(&copying, at + PART + 1));
}

static void a_log_that_begins_anew_is_copied_anew(void **state)
{
    (void)state;
    assert_true(copying_is_due(&copying, LIMIT_WAL));
    assert_false(copying_is_due(&copying, 4096));
    assert_true(copying_is_due(&copying, LIMIT_WAL));
}

static void what_took_long_is_halved_but_not_to_nothing(void **state)
{
    size_t before = copying.limit;

    (void)state;
    copying_learn(&copying, SLOW);
    assert_int_equal(copying.limit, before / 2);
    assert_true(copying_is_due(&copying, before / 2 + PART));
    for (int i = 0; i < 100; i++)
        copying_learn(&copying, SLOW);
    assert_in_range(copying.limit, MIB, 2 * MIB);
}

static void what_was_short_is_doubled_up_to_the_whole(void **state)
{
    (void)state;
    copying_learn(&copying, QUICK);
    assert_int_equal(copying.limit, LIMIT_WAL);
    copying_learn(&copying, QUICK);
    assert_int_equal(copying.limit, LIMIT_WAL);
    assert_false(copying_is_due(&copying, LIMIT_WAL));
}

static void what_took_neither_long_nor_short_stays(void **state)
{
    size_t before = copying.limit;

    (void)state;
    copying_learn(&copying, SLOW - 1);
    copying_learn(&copying, QUICK + 1);
    assert_int_equal(copying.limit, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_short_log_is_left, set_up),
        cmocka_unit_test_setup(a_log_that_is_held_is_copied_part_by_part,
                               set_up),
        cmocka_unit_test_setup(a_log_that_begins_anew_is_copied_anew, set_up),
        cmocka_unit_test_setup(what_took_long_is_halved_but_not_to_nothing,
                               set_up),
        cmocka_unit_test_setup(what_was_short_is_doubled_up_to_the_whole,
                               set_up),
        cmocka_unit_test_setup(what_took_neither_long_nor_short_stays, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
