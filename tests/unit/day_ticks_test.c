/* app/day_ticks: what the journal is told of days that end, over a journal
 * of our own, a clock that stands still and timers that we let run out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/service.h"
#include "base/clock.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

#define HOUR_MS INT64_C(3600000)

/* The loop's timers: there is one. */
static struct loop_timer {
    void (*call)(void *ctx);
    void *ctx;
    int64_t delay_us;
    bool set;
} timer;

struct loop_timer *loop_timer_new(struct loop *loop, void (*call)(void *ctx),
                                  void *ctx)
{
    assert_null(loop);
    timer = (struct loop_timer){.call = call, .ctx = ctx};
    return &timer;
}

void loop_timer_set(struct loop_timer *which, int64_t delay_us)
{
    which->delay_us = delay_us;
    which->set = true;
}

void loop_timer_cancel(struct loop_timer *which)
{
    which->set = false;
}

void loop_timer_free(struct loop_timer *which)
{
    which->call = NULL;
}

static struct service_host host;
static void *ticks;

static void settled(struct rig *rig)
{
    change(rig, "SELECT 1"); /* is behind what was queued before */
}

static void open_ticks(struct rig *rig)
{
    struct err err = {""};

    host = (struct service_host){.journal = rig->journal};
    ticks = service_ticks.new(&host, &err);
    assert_non_null(ticks);
    assert_true(service_ticks.open(ticks, &err));
    assert_true(timer.set);
}

/* The program starts. */
static void start(struct rig *rig)
{
    open_ticks(rig);
    settled(rig);
}

static void stop(struct rig *rig)
{
    service_ticks.stop(ticks);
    assert_false(timer.set);
    rig_close(rig);
    service_ticks.free(ticks);
    assert_null((void *)(uintptr_t)timer.call);
    rig_open(rig);
}

/* The timer runs out after ms. */
static void pass(struct rig *rig, int64_t ms)
{
    clock_advance(ms);
    assert_true(timer.set);
    timer.set = false;
    timer.call(timer.ctx);
    settled(rig);
}

static int64_t count(struct rig *rig)
{
    return ask(rig, "SELECT count(*) FROM ticks");
}

static int64_t last(struct rig *rig)
{
    return ask(rig, "SELECT at FROM ticks ORDER BY seq DESC LIMIT 1");
}

static void a_journal_without_an_event_gets_no_tick(void **state)
{
    struct rig *rig = *state;

    start(rig);
    assert_int_equal(count(rig), 0);
    stop(rig);
}

static void the_first_start_with_events_ticks_once(void **state)
{
    struct rig *rig = *state;

    append_one(rig, sample("a"));
    start(rig);
    assert_int_equal(count(rig), 1);
    assert_int_equal(last(rig), NOW);
    stop(rig);
}

static void another_start_on_that_day_ticks_no_more(void **state)
{
    struct rig *rig = *state;

    append_one(rig, sample("a"));
    start(rig);
    stop(rig);
    clock_advance(15 * HOUR_MS); /* 23:06 */
    start(rig);
    assert_int_equal(count(rig), 1);
    stop(rig);
}

static void a_start_after_a_gap_ticks_once_however_long(void **state)
{
    struct rig *rig = *state;

    append_one(rig, sample("a"));
    start(rig);
    stop(rig);
    clock_advance(5 * DAY_MS);
    start(rig);
    assert_int_equal(count(rig), 2);
    assert_int_equal(last(rig), NOW + 5 * DAY_MS);
    stop(rig);
    clock_advance(16 * HOUR_MS); /* the next day, since 00:06 */
    start(rig);
    assert_int_equal(count(rig), 3);
    stop(rig);
}

static void each_day_ticks_once_at_its_beginning(void **state)
{
    struct rig *rig = *state;
    int64_t midnight = NOW - NOW % DAY_MS + DAY_MS;

    append_one(rig, sample("a"));
    start(rig);
    pass(rig, midnight - 1 - NOW);
    assert_int_equal(count(rig), 1);
    pass(rig, 1);
    assert_int_equal(count(rig), 2);
    assert_int_equal(last(rig), midnight);
    pass(rig, HOUR_MS);
    pass(rig, HOUR_MS);
    assert_int_equal(count(rig), 2);
    /* A laptop that slept: the day that began, not those between. */
    pass(rig, 3 * DAY_MS);
    assert_int_equal(count(rig), 3);
    assert_int_equal(last(rig), midnight + 3 * DAY_MS);
    stop(rig);
}

static void it_looks_again_in_an_hour_or_when_the_day_ends(void **state)
{
    struct rig *rig = *state;

    start(rig);
    assert_int_equal(timer.delay_us, HOUR_MS * 1000);
    pass(rig, 15 * HOUR_MS); /* 23:06:03.942 */
    assert_int_equal(timer.delay_us,
                     (DAY_MS - (NOW + 15 * HOUR_MS) % DAY_MS) * 1000);
    stop(rig);
}

static void a_clock_that_is_set_back_ticks_no_day_twice(void **state)
{
    struct rig *rig = *state;

    append_one(rig, sample("a"));
    start(rig);
    pass(rig, DAY_MS);
    assert_int_equal(count(rig), 2);
    pass(rig, -DAY_MS);
    pass(rig, DAY_MS);
    assert_int_equal(count(rig), 2);
    pass(rig, DAY_MS);
    assert_int_equal(count(rig), 3);
    stop(rig);
}

/* Else there would be no tick until the days it was ahead have passed. */
static void after_a_clock_that_was_far_ahead_days_begin_anew(void **state)
{
    struct rig *rig = *state;
    int64_t midnight = NOW - NOW % DAY_MS;

    append_one(rig, sample("a"));
    start(rig);
    pass(rig, 400 * DAY_MS);
    assert_int_equal(count(rig), 2);
    pass(rig, -399 * DAY_MS);
    assert_int_equal(count(rig), 3);
    assert_int_equal(last(rig), midnight + DAY_MS);
    pass(rig, DAY_MS);
    assert_int_equal(count(rig), 4);
    assert_int_equal(last(rig), midnight + 2 * DAY_MS);
    stop(rig);
}

static void the_tick_of_a_start_is_before_what_is_received_then(void **state)
{
    struct rig *rig = *state;

    append_one(rig, sample("a"));
    start(rig);
    stop(rig);
    clock_advance(DAY_MS);
    open_ticks(rig);
    append_one(rig, with_uuid("b", 2)); /* as soon as anybody could */
    settled(rig);
    assert_int_equal(count(rig), 2);
    assert_int_equal(ask(rig, "SELECT (SELECT max(seq) FROM events) - "
                              "(SELECT max(seq) FROM ticks)"),
                     1);
    stop(rig);
}

static int setup(void **state)
{
    clock_pin(NOW);
    return rig_setup(state);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_journal_without_an_event_gets_no_tick),
        CASE(the_first_start_with_events_ticks_once),
        CASE(another_start_on_that_day_ticks_no_more),
        CASE(a_start_after_a_gap_ticks_once_however_long),
        CASE(each_day_ticks_once_at_its_beginning),
        CASE(it_looks_again_in_an_hour_or_when_the_day_ends),
        CASE(a_clock_that_is_set_back_ticks_no_day_twice),
        CASE(after_a_clock_that_was_far_ahead_days_begin_anew),
        CASE(the_tick_of_a_start_is_before_what_is_received_then),
    };

    return cmocka_run_group_tests_name("day_ticks", tests, NULL, NULL);
}
