/* journal/checkpoint_pace: how much of the log is copied at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "journal/checkpoint_pace.h"

#define PART ((size_t)LIMIT_WAL / 8)
#define SLOW 15001 /* microseconds */
#define QUICK 4999

static struct checkpoint_pace pace;

static int set_up(void **state)
{
    (void)state;
    pace = checkpoint_pace_new();
    return 0;
}

static void a_short_log_is_left(void **state)
{
    (void)state;
    assert_false(checkpoint_pace_is_due(&pace, 0));
    assert_false(checkpoint_pace_is_due(&pace, LIMIT_WAL / 2));
    assert_true(checkpoint_pace_is_due(&pace, LIMIT_WAL / 2 + 1));
}

static void a_log_that_is_held_is_copied_part_by_part(void **state)
{
    size_t at = LIMIT_WAL;

    (void)state;
    assert_true(checkpoint_pace_is_due(&pace, at));
    assert_false(checkpoint_pace_is_due(&pace, at));
    assert_false(checkpoint_pace_is_due(&pace, at + PART - 1));
    assert_true(checkpoint_pace_is_due(&pace, at + PART));
    assert_false(checkpoint_pace_is_due(&pace, at + PART + 1));
}

static void a_log_that_begins_anew_is_copied_anew(void **state)
{
    (void)state;
    assert_true(checkpoint_pace_is_due(&pace, LIMIT_WAL));
    assert_false(checkpoint_pace_is_due(&pace, 4096));
    assert_true(checkpoint_pace_is_due(&pace, LIMIT_WAL));
}

static void what_took_long_is_halved_but_not_to_nothing(void **state)
{
    size_t before = pace.limit;

    (void)state;
    checkpoint_pace_learn(&pace, SLOW);
    assert_int_equal(pace.limit, before / 2);
    assert_true(checkpoint_pace_is_due(&pace, before / 2 + PART));
    for (int i = 0; i < 100; i++)
        checkpoint_pace_learn(&pace, SLOW);
    assert_in_range(pace.limit, MIB, 2 * MIB);
}

static void what_was_short_is_doubled_up_to_the_whole(void **state)
{
    (void)state;
    checkpoint_pace_learn(&pace, QUICK);
    assert_int_equal(pace.limit, LIMIT_WAL);
    checkpoint_pace_learn(&pace, QUICK);
    assert_int_equal(pace.limit, LIMIT_WAL);
    assert_false(checkpoint_pace_is_due(&pace, LIMIT_WAL));
}

static void what_took_neither_long_nor_short_stays(void **state)
{
    size_t before = pace.limit;

    (void)state;
    checkpoint_pace_learn(&pace, SLOW - 1);
    checkpoint_pace_learn(&pace, QUICK + 1);
    assert_int_equal(pace.limit, before);
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
