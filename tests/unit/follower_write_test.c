/* journal/follower.h against a real journal: what is concluded from a page is
 * written once, whatever fails in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/unit/follower_rig.h"

#include "base/banned.h"

static void
what_could_not_be_written_is_read_again_and_written_once(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);
    int64_t wait;

    rig_fill(counter->rig, 5);
    counter_begin(counter, &options);
    counter->fail_write = true; /* behind five rows that it did write */
    counter_turn(counter);
    assert_false(counter->ok);
    assert_string_equal(counter->why.text, "meant to fail");
    assert_int_equal(counter_written(counter), 0);
    assert_int_equal(counter_cursor(counter), 0);
    wait = counter->armed;
    assert_true(wait > GATHER_US);
    counter_turn(counter);
    assert_true(counter->armed > wait); /* later each time */
    counter_add_event(counter, 100);    /* news do not make it hurry */
    assert_true(counter->armed > wait);
    counter->fail_write = false;
    counter_turn(counter);
    assert_true(counter->ok);
    assert_int_equal(counter->reads, 3);
    assert_int_equal(counter->count, 6);
    assert_int_equal(counter->seqs[0], 1);
    assert_int_equal(counter_written(counter), 6);
    assert_int_equal(counter_cursor(counter), 6);
    assert_int_equal(counter->armed, -1);
    counter->fail_write = true;
    counter_add_event(counter, 101);
    counter_turn(counter);
    assert_int_equal(counter->armed, wait); /* counted from the beginning */
    counter_finish(counter);
}

static void
what_could_not_be_read_writes_nothing_and_is_tried_again(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    rig_fill(counter->rig, 2);
    counter_begin(counter, &options);
    counter->fail_read = true;
    counter_turn(counter);
    assert_false(counter->ok);
    assert_true(counter->told);
    assert_int_equal(counter->writes, 0);
    counter->fail_read = false;
    counter_turn(counter);
    assert_true(counter->ok);
    assert_int_equal(counter_written(counter), 2);
    counter_finish(counter);
}

/* Somebody else has the same name: what was concluded is not written. */
static void a_cursor_that_was_moved_by_another_writes_nothing(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    rig_fill(counter->rig, 3);
    counter_begin(counter, &options);
    change(counter->rig,
           "UPDATE cursors SET seq = 2 WHERE reader = '" COUNTER_NAME "'");
    counter_turn(counter);
    assert_false(counter->ok);
    assert_string_equal(counter->why.text,
                        "the cursor of " COUNTER_NAME " is not where it was");
    assert_int_equal(counter_written(counter), 0);
    assert_int_equal(counter_cursor(counter), 2);
    counter_finish(counter);
}

static void stopped_while_a_page_is_read_it_writes_nothing(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);

    rig_fill(counter->rig, 2);
    counter_begin(counter, &options);
    follower_wake(counter->follower);
    follower_stop(counter->follower);
    assert_true(follower_busy(counter->follower));
    rig_drain_until(counter->rig, &counter->done);
    assert_false(follower_busy(counter->follower));
    assert_false(counter->ok);
    assert_false(counter->told); /* no fault: the program ends */
    assert_int_equal(counter->armed, -1);
    assert_int_equal(counter_written(counter), 0);
    assert_int_equal(counter_cursor(counter), 0);
    follower_wake(counter->follower);
    follower_committed(counter->follower, 9);
    assert_false(follower_busy(counter->follower));
    assert_int_equal(counter->armed, -1);
    counter_finish(counter);
}

static void stopped_while_a_page_is_written_it_ends_with_it(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);
    struct rig *rig = counter->rig;

    rig_fill(rig, LIMIT_PAGE_ROWS + 1);
    counter_begin(counter, &options);
    counter->gated = true;
    follower_wake(counter->follower);
    pthread_mutex_lock(&rig->mutex);
    while (!counter->in_write) {
        pthread_mutex_unlock(&rig->mutex);
        journal_drain(rig->journal);
        pthread_mutex_lock(&rig->mutex);
        if (!counter->in_write && !rig->wakes)
            pthread_cond_wait(&rig->woken, &rig->mutex);
        rig->wakes = 0;
    }
    follower_stop(counter->follower);
    assert_true(follower_busy(counter->follower));
    counter->gated = false;
    pthread_cond_broadcast(&rig->woken);
    pthread_mutex_unlock(&rig->mutex);
    rig_drain_until(rig, &counter->done);
    assert_true(counter->ok);
    assert_false(follower_busy(counter->follower));
    assert_int_equal(counter->armed, -1); /* though there is more */
    assert_int_equal(counter_written(counter), LIMIT_PAGE_ROWS);
    assert_int_equal(counter_cursor(counter), LIMIT_PAGE_ROWS);
    counter_finish(counter);
}

static void on_settle(void *ctx)
{
    ((struct counter *)ctx)->settles = true;
}

static void
a_page_that_is_settled_elsewhere_is_written_when_it_is(void **state)
{
    struct counter *counter = counter_new(state);
    struct follower_options options = counter_options(counter);
    struct err err = {"meant to fail"};

    options.settle = on_settle;
    counter_begin(counter, &options);
    counter_add_event(counter, 1);
    follower_wake(counter->follower);
    rig_drain_until(counter->rig, &counter->settles);
    assert_int_equal(counter->writes, 0);
    assert_int_equal(counter_cursor(counter), 0);
    assert_true(follower_busy(counter->follower));
    follower_settled(counter->follower, false, &err);
    assert_true(counter->done && !counter->ok && counter->told);
    counter->settles = counter->done = false;
    follower_wake(counter->follower);
    rig_drain_until(counter->rig, &counter->settles);
    assert_int_equal(counter->reads, 2);
    follower_settled(counter->follower, true, NULL);
    rig_drain_until(counter->rig, &counter->done);
    assert_true(counter->ok);
    assert_int_equal(counter_cursor(counter), 1);
    assert_int_equal(counter_written(counter), 1);
    counter_finish(counter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(what_could_not_be_written_is_read_again_and_written_once),
        RIG_CASE(what_could_not_be_read_writes_nothing_and_is_tried_again),
        RIG_CASE(a_cursor_that_was_moved_by_another_writes_nothing),
        RIG_CASE(stopped_while_a_page_is_read_it_writes_nothing),
        RIG_CASE(stopped_while_a_page_is_written_it_ends_with_it),
        RIG_CASE(a_page_that_is_settled_elsewhere_is_written_when_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
