/* serve/lag and what metrics write of names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "serve/lag.h"
#include "serve/metrics.h"

static void nothing_came_yet(void **state)
{
    struct lag lag = {.count = 0};

    (void)state;
    assert_int_equal(lag_percentile(&lag, 50), 0);
    assert_int_equal(lag_percentile(&lag, 99), 0);
}

static void each_is_in_the_bucket_it_just_fits(void **state)
{
    struct lag lag = {.count = 0};

    (void)state;
    lag_add(&lag, 100);
    lag_add(&lag, 101);
    lag_add(&lag, 3600000);
    lag_add(&lag, 3600001);
    assert_int_equal(lag.counts[0], 1);
    assert_int_equal(lag.counts[1], 1);
    assert_int_equal(lag.counts[LAG_BUCKETS - 1], 1);
    assert_int_equal(lag.count, 4);
    assert_int_equal(lag.sum_ms, 7200202);
}

static void a_clock_that_is_ahead_is_no_lag(void **state)
{
    struct lag lag = {.count = 0};

    (void)state;
    lag_add(&lag, -5000);
    assert_int_equal(lag.counts[0], 1);
    assert_int_equal(lag.sum_ms, 0);
}

static void percentiles_are_of_the_newest(void **state)
{
    struct lag lag = {.count = 0};

    (void)state;
    for (int i = 0; i < LAG_RECENT; i++)
        lag_add(&lag, 1000000);
    for (int i = 0; i < LAG_RECENT; i++) /* each once, in no order */
        lag_add(&lag, 1 + i * 211 % LAG_RECENT);
    assert_int_equal(lag_percentile(&lag, 50), LAG_RECENT / 2);
    assert_int_equal(lag_percentile(&lag, 100), LAG_RECENT);
    assert_int_equal(lag_percentile(&lag, 0), 1);
}

static void a_label_is_quoted(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 64);
    metrics_label(&out, "a\"b\\c\nd");
    assert_string_equal(out.data, "a\\\"b\\\\c\\nd");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_came_yet),
        cmocka_unit_test(each_is_in_the_bucket_it_just_fits),
        cmocka_unit_test(a_clock_that_is_ahead_is_no_lag),
        cmocka_unit_test(percentiles_are_of_the_newest),
        cmocka_unit_test(a_label_is_quoted),
    };

    return cmocka_run_group_tests_name("lag", tests, NULL, NULL);
}
