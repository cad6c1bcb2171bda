/* hand: work on a thread of its own, in order. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hand.h"
#include "base/mem.h"

#include "base/banned.h"

struct piece {
    struct hand_item item;
    int number, square;
};

/* The loop: wakes are counted. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t woken;
    unsigned wakes, seen;
} loop = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};

static void wake(void *ctx)
{
    (void)ctx;
    pthread_mutex_lock(&loop.lock);
    loop.wakes++;
    pthread_cond_broadcast(&loop.woken);
    pthread_mutex_unlock(&loop.lock);
}

static void sleep_until_woken(void)
{
    pthread_mutex_lock(&loop.lock);
    while (loop.seen == loop.wakes)
        pthread_cond_wait(&loop.woken, &loop.lock);
    loop.seen = loop.wakes;
    pthread_mutex_unlock(&loop.lock);
}

static void square(struct hand_item *item)
{
    struct piece *piece = (struct piece *)item;

    piece->square = piece->number * piece->number;
}

static unsigned dropped;

static void drop(struct hand_item *item)
{
    dropped++;
    free(item);
}

static struct hand *fresh(void)
{
    loop.wakes = loop.seen = dropped = 0;
    return hand_new(square, wake, NULL);
}

static void give(struct hand *hand, int number)
{
    struct piece *piece = xcalloc(1, sizeof *piece);

    piece->number = number;
    hand_give(hand, &piece->item);
}

static int take(struct hand *hand)
{
    struct hand_item *item;
    int result;

    while (!(item = hand_take(hand)))
        sleep_until_woken();
    result = ((struct piece *)item)->square;
    free(item);
    return result;
}

static void items_come_back_done_and_in_order(void **state)
{
    struct hand *hand = fresh();

    (void)state;
    assert_null(hand_take(hand));
    for (int i = 0; i < 1000; i++)
        give(hand, i);
    assert_int_equal(hand_count(hand), 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(take(hand), i * i);
    assert_int_equal(hand_count(hand), 0);
    hand_free(hand, drop);
    assert_int_equal(dropped, 0);
}

static void what_is_held_is_not_begun(void **state)
{
    struct hand *hand = fresh();

    (void)state;
    give(hand, 3);
    assert_int_equal(take(hand), 9);
    hand_stop(hand);
    assert_false(hand_hold(hand, true));
    give(hand, 4);
    give(hand, 5);
    assert_false(hand_hold(hand, true));
    assert_null(hand_take(hand));
    assert_int_equal(hand_count(hand), 2);
    hand_hold(hand, false);
    assert_int_equal(take(hand), 16);
    assert_int_equal(take(hand), 25);
    hand_free(hand, drop);
}

static void what_is_not_taken_is_dropped(void **state)
{
    struct hand *hand = fresh();

    (void)state;
    for (int i = 0; i < 100; i++)
        give(hand, i);
    hand_free(hand, drop);
    assert_int_equal(dropped, 100);
    hand_free(fresh(), drop);
    hand_free(NULL, drop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_back_done_and_in_order),
        cmocka_unit_test(what_is_held_is_not_begun),
        cmocka_unit_test(what_is_not_taken_is_dropped),
    };

    return cmocka_run_group_tests_name("hand", tests, NULL, NULL);
}
