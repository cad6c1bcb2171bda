/* Replays that wait until their recording is ready. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "ui/pane/replays.h"

#define CAME INT64_C(1000000000)
#define OVER (CAME + REPLAY_READY_MS)

static struct replay_item waiting(uint64_t seq, enum replay_fate fate)
{
    return (struct replay_item){.seq = seq,
                                .fate = fate,
                                .at = CAME,
                                .opens_at = OVER,
                                .ask_at = CLOCK_NONE};
}

static void a_replay_is_asked_for_again_until_the_time_is_up(void **state)
{
    struct replay_item item = waiting(1, REPLAY_ASKED);

    (void)state;
    assert_true(replay_next(&item) == CLOCK_NONE);
    assert_false(replay_heard(&item, RECORDING_NONE, CAME));
    assert_int_equal(replay_next(&item), CAME + REPLAY_ASK_MS);
    assert_false(replay_heard(&item, RECORDING_SHORT, OVER - 1));
    assert_int_equal(replay_next(&item), OVER);
    assert_int_equal(item.fate, REPLAY_ASKED);
    assert_false(replay_heard(&item, RECORDING_NONE, OVER));
    assert_int_equal(item.fate, REPLAY_MISSED);
    assert_true(replay_next(&item) == CLOCK_NONE);
}

static void a_replay_that_is_there_opens(void **state)
{
    struct replay_item item = waiting(1, REPLAY_ASKED);

    (void)state;
    assert_true(replay_heard(&item, RECORDING_READY, CAME));
    assert_true(replay_heard(&item, RECORDING_SHORT, OVER));
    replay_opened(&item, OVER + 5);
    assert_int_equal(item.opens_at, OVER + 5);
    assert_true(replay_next(&item) == CLOCK_NONE);
}

static void a_replay_that_cannot_be_asked_for_waits_for_the_clock(void **state)
{
    struct replay_item item = waiting(1, REPLAY_ASKED);

    (void)state;
    assert_false(replay_heard(&item, RECORDING_UNKNOWN, CAME));
    assert_int_equal(item.fate, REPLAY_TIMED);
    assert_int_equal(replay_next(&item), OVER);
}

static void only_replays_that_wait_no_longer_make_room(void **state)
{
    static struct replays replays;
    struct replay_item item;

    (void)state;
    for (uint64_t i = 1; i <= REPLAYS_MAX; i++) {
        item = waiting(i, i % 2 ? REPLAY_TIMED : REPLAY_ASKED);
        assert_non_null(replays_add(&replays, &item));
    }
    item = waiting(99, REPLAY_TIMED);
    assert_null(replays_add(&replays, &item));
    assert_int_equal(replays_next(&replays), OVER);
    replays_find(&replays, 2)->fate = REPLAY_MISSED;
    assert_null(replays_find(&replays, 2));
    assert_int_equal(replays_waiting(&replays), REPLAYS_MAX - 1);
    assert_non_null(replays_add(&replays, &item));
    assert_int_equal(replays.count, REPLAYS_MAX);
    assert_non_null(replays_find(&replays, 1));
    replays_clear(&replays);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_replay_is_asked_for_again_until_the_time_is_up),
        cmocka_unit_test(a_replay_that_is_there_opens),
        cmocka_unit_test(
            a_replay_that_cannot_be_asked_for_waits_for_the_clock),
        cmocka_unit_test(only_replays_that_wait_no_longer_make_room),
    };

    return cmocka_run_group_tests_name("replays", tests, NULL, NULL);
}
