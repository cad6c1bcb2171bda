/* journal/follower.h against a real journal: what a page holds, and when one
 * is begun. That it is written once is follower_write_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/unit/follower_rig.h"

#include "base/banned.h"

#define EVERY_US 3600000000

static void pages_come_in_order_of_seq_until_it_has_caught_up(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    rig_fill(counter->rig, LIMIT_PAGE_ROWS + 3);
    counter_begin(counter, &options);
    assert_int_equal(counter->armed, GATHER_US);
    counter_turn(counter);
    assert_int_equal(counter->count, LIMIT_PAGE_ROWS);
    for (size_t i = 0; i < counter->count; i++)
        assert_int_equal(counter->seqs[i], i + 1);
    assert_int_equal(follower_seq(counter->follower), LIMIT_PAGE_ROWS);
    assert_int_equal(counter->armed, 0); /* the next one at once */
    counter_turn(counter);
    assert_int_equal(counter->count, 3);
    assert_int_equal(counter->seqs[0], LIMIT_PAGE_ROWS + 1);
    assert_int_equal(counter->armed, -1); /* nothing more is there */
    assert_int_equal(counter_cursor(counter), LIMIT_PAGE_ROWS + 3);
    assert_int_equal(counter_written(counter), LIMIT_PAGE_ROWS + 3);
    counter_finish(counter);
}

static void what_is_behind_a_cut_is_the_next_page(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    rig_fill(counter->rig, 9);
    counter_begin(counter, &options);
    counter->cut = 4;
    counter_turn(counter);
    assert_int_equal(counter_cursor(counter), 4);
    assert_int_equal(counter->armed, 0); /* the next one at once */
    counter->cut = 9;                    /* where it ends anyway */
    counter_turn(counter);
    assert_int_equal(counter->seqs[0], 5);
    assert_int_equal(counter_cursor(counter), 9);
    assert_int_equal(counter_written(counter), 9);
    assert_int_equal(counter->armed, -1);
    counter_finish(counter);
}

static void a_follower_that_comes_back_goes_on_where_it_was(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    rig_fill(counter->rig, 4);
    counter_begin(counter, &options);
    counter_turn(counter);
    counter_end(counter);
    rig_open(counter->rig);
    options = counter_options(counter);
    options.at_newest = true; /* it is not a new one */
    append_one(counter->rig, with_uuid("a", 100));
    counter_begin(counter, &options);
    assert_int_equal(follower_seq(counter->follower), 4);
    counter_turn(counter);
    assert_int_equal(counter->count, 1);
    assert_int_equal(counter->seqs[0], 5);
    assert_int_equal(counter_written(counter), 5);
    counter_finish(counter);
}

static void ticks_stand_between_the_events_around_them(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    counter_begin(counter, &options);
    counter_add_event(counter, 1);
    counter_add_tick(counter, NOW);
    counter_add_event(counter, 2);
    counter_add_tick(counter, NOW + DAY_MS);
    counter_turn(counter);
    assert_int_equal(counter->count, 2);
    assert_int_equal(counter->seqs[0], 1);
    assert_int_equal(counter->seqs[1], 3);
    assert_int_equal(counter->ticks, 2);
    assert_int_equal(counter->tick[0].seq, 2);
    assert_int_equal(counter->tick[0].at, NOW);
    assert_int_equal(counter->tick[1].seq, 4);
    assert_int_equal(counter->tick[1].at, NOW + DAY_MS);
    assert_int_equal(counter_cursor(counter),
                     4); /* behind the last tick, too */
    counter_add_tick(counter, NOW + 2 * DAY_MS);
    counter_turn(counter); /* a page of nothing else */
    assert_int_equal(counter->count, 0);
    assert_int_equal(counter->ticks, 1);
    assert_int_equal(counter->tick[0].seq, 5);
    assert_int_equal(counter_cursor(counter), 5);
    counter_finish(counter);
}

/* A full page ends between two ticks: each is in one page. */
static void a_tick_is_in_the_page_of_its_seq_and_in_no_other(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    counter_add_tick(counter, NOW);
    rig_fill(counter->rig, LIMIT_PAGE_ROWS + 1);
    counter_add_tick(counter, NOW + DAY_MS);
    counter_begin(counter, &options);
    counter_turn(counter);
    assert_int_equal(counter->count, LIMIT_PAGE_ROWS);
    assert_int_equal(counter->ticks, 1);
    assert_int_equal(counter->tick[0].seq, 1);
    counter_turn(counter);
    assert_int_equal(counter->count, 1);
    assert_int_equal(counter->ticks, 1);
    assert_int_equal(counter->tick[0].seq, LIMIT_PAGE_ROWS + 3);
    assert_int_equal(counter_cursor(counter), LIMIT_PAGE_ROWS + 3);
    counter_finish(counter);
}

static void ticks_and_bodies_come_to_those_who_ask_for_them(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    options.ticks = false;
    counter_begin(counter, &options);
    counter_add_event(counter, 1);
    counter_add_tick(counter, NOW);
    counter_turn(counter);
    assert_int_equal(counter->count, 1);
    assert_int_equal(counter->ticks, 0);
    assert_int_equal(counter->bytes, 0);
    assert_int_equal(counter_cursor(counter), 2);
    counter_end(counter);
    rig_open(counter->rig);
    options.journal = counter->rig->journal;
    options.bodies = true;
    counter_begin(counter, &options);
    counter_add_event(counter, 2);
    counter_turn(counter);
    assert_true(counter->bytes > 0);
    counter_finish(counter);
}

static enum reader_step on_prepare(void *ctx, struct journal_reader *reader,
                                   struct err *err)
{
    struct counter *counter = ctx;

    (void)reader;
    if (counter->fail_prepare) {
        err_set(err, "meant to fail");
        return READER_FAILED;
    }
    if (!counter->slices)
        return READER_DONE;
    counter->slices--;
    counter->early |= counter->reads > 0;
    return READER_AGAIN;
}

static void what_must_be_known_first_is_learnt_in_slices(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    rig_fill(counter->rig, 2);
    options.prepare = on_prepare;
    counter->slices = 3;
    counter->fail_prepare = true;
    counter_begin(counter, &options);
    counter_turn(counter);
    assert_false(counter->ok);
    assert_int_equal(counter->reads, 0);
    counter->fail_prepare = false;
    counter_turn(counter);
    assert_true(counter->ok);
    assert_int_equal(counter->slices, 0);
    assert_false(counter->early);
    assert_int_equal(counter->reads, 1);
    assert_int_equal(counter_written(counter), 2);
    counter_finish(counter);
}

static void while_held_no_page_is_begun(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    rig_fill(counter->rig, 2);
    counter->armed = -1;
    counter->follower = follower_new(&options);
    follower_hold(counter->follower, true);
    rig_drain_until(counter->rig, &counter->opened);
    assert_int_equal(counter->armed, -1);
    counter_add_event(counter, 100);
    assert_int_equal(counter->armed, -1);
    follower_wake(counter->follower);
    assert_false(follower_busy(counter->follower));
    follower_hold(counter->follower, false);
    assert_int_equal(counter->armed, GATHER_US);
    counter_turn(counter);
    assert_int_equal(counter->count, 3);
    assert_int_equal(counter_written(counter), 3);
    counter_finish(counter);
}

static void a_nudge_is_a_page_without_events_until_it_is_written(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    counter_begin(counter, &options);
    assert_int_equal(counter->armed, -1);
    follower_nudge(counter->follower);
    assert_int_equal(counter->armed, GATHER_US);
    counter->fail_write = true;
    counter_turn(counter);
    assert_false(counter->ok);
    counter->fail_write = false;
    counter_turn(counter); /* again, though no seq came */
    assert_true(counter->ok);
    assert_int_equal(counter->reads, 2);
    assert_int_equal(counter->count, 0);
    assert_int_equal(counter->armed, -1);
    assert_int_equal(counter_cursor(counter), 0);
    counter_finish(counter);
}

static void a_page_that_is_under_way_is_not_begun_twice(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    rig_fill(counter->rig, 2);
    counter_begin(counter, &options);
    counter->armed = -1;
    counter->done = false;
    follower_wake(counter->follower);
    follower_wake(counter->follower);
    counter_add_event(counter, 100);
    /* Not while it is under way, which it may not be any more. */
    assert_true(counter->armed == -1 || counter->done);
    rig_drain_until(counter->rig, &counter->done);
    while (counter->armed >= 0)
        counter_turn(counter);
    assert_int_equal(counter_written(counter), 3);
    assert_int_equal(counter_cursor(counter), 3);
    counter_finish(counter);
}

/* It cannot be opened at first, and the journal goes on meanwhile. */
static void a_new_one_at_newest_misses_nothing_that_came_since(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    options.at_newest = true;
    rig_fill(counter->rig, 4);
    change(counter->rig, "ALTER TABLE cursors RENAME TO away");
    counter->armed = -1;
    counter->follower = follower_new(&options);
    rig_drain_until(counter->rig, &counter->done);
    assert_false(counter->ok);
    assert_true(counter->told);
    assert_true(counter->armed > GATHER_US); /* it is tried again */
    counter_add_event(counter, 100);
    counter_add_event(counter, 101);
    assert_false(counter->opened);
    change(counter->rig, "ALTER TABLE away RENAME TO cursors");
    follower_wake(counter->follower);
    rig_drain_until(counter->rig, &counter->opened);
    assert_int_equal(follower_seq(counter->follower), 4);
    counter_turn(counter);
    assert_int_equal(counter->count, 2);
    assert_int_equal(counter->seqs[0], 5);
    assert_int_equal(counter->seqs[1], 6);
    counter_finish(counter);
}

static void pages_keep_their_distance_once_it_has_caught_up(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    options.every_us = EVERY_US;
    counter_begin(counter, &options);
    counter_add_event(counter, 1);
    assert_int_equal(counter->armed, GATHER_US); /* the first does not wait */
    counter_turn(counter);
    counter_add_event(counter, 2);
    assert_true(counter->armed > GATHER_US);
    assert_true(counter->armed <= EVERY_US);
    counter_finish(counter);
}

static void a_page_ends_where_its_bodies_are_enough(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    rig_fill(counter->rig, 5);
    options.bodies = true;
    options.bytes = 1;
    counter_begin(counter, &options);
    for (int i = 1; i <= 5; i++) {
        counter_turn(counter);
        assert_int_equal(counter->count, 1);
        assert_int_equal(counter_cursor(counter), i);
    }
    assert_int_equal(counter->armed, -1);
    assert_int_equal(counter_written(counter), 5);
    counter_finish(counter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(pages_come_in_order_of_seq_until_it_has_caught_up),
        RIG_CASE(what_is_behind_a_cut_is_the_next_page),
        RIG_CASE(a_follower_that_comes_back_goes_on_where_it_was),
        RIG_CASE(ticks_stand_between_the_events_around_them),
        RIG_CASE(a_tick_is_in_the_page_of_its_seq_and_in_no_other),
        RIG_CASE(ticks_and_bodies_come_to_those_who_ask_for_them),
        RIG_CASE(what_must_be_known_first_is_learnt_in_slices),
        RIG_CASE(while_held_no_page_is_begun),
        RIG_CASE(a_nudge_is_a_page_without_events_until_it_is_written),
        RIG_CASE(a_page_that_is_under_way_is_not_begun_twice),
        RIG_CASE(a_new_one_at_newest_misses_nothing_that_came_since),
        RIG_CASE(pages_keep_their_distance_once_it_has_caught_up),
        RIG_CASE(a_page_ends_where_its_bodies_are_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
