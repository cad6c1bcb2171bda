/* worker: work on a thread of its own, in order. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/worker.h"
#include "base/mem.h"

#include "base/banned.h"

struct piece {
    struct worker_item item;
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

static void square(struct worker_item *item)
{
    struct piece *piece = (struct piece *)item;

    piece->square = piece->number * piece->number;
}

static unsigned dropped;

static void drop(struct worker_item *item)
{
    dropped++;
    free(item);
}

static struct worker *fresh(void)
{
    loop.wakes = loop.seen = dropped = 0;
    return worker_new(square, wake, NULL);
}

static void give(struct worker *worker, int number)
{
    struct piece *piece = xcalloc(1, sizeof *piece);

    piece->number = number;
    worker_give(worker, &piece->item);
}

static int take(struct worker *worker)
{
    struct worker_item *item;
    int result;

    while (!(item = worker_take(worker)))
        sleep_until_woken();
    result = ((struct piece *)item)->square;
    free(item);
    return result;
}

static void items_come_back_done_and_in_order(void **state)
{
    struct worker *worker = fresh();

    (void)state;
    assert_null(worker_take(worker));
    for (int i = 0; i < 1000; i++)
        give(worker, i);
    assert_int_equal(worker_count(worker), 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(take(worker), i * i);
    assert_int_equal(worker_count(worker), 0);
    worker_free(worker, drop);
    assert_int_equal(dropped, 0);
}

static void what_is_held_is_not_begun(void **state)
{
    struct worker *worker = fresh();

    (void)state;
    give(worker, 3);
    assert_int_equal(take(worker), 9);
    worker_stop(worker);
    assert_false(worker_hold(worker, true));
    give(worker, 4);
    give(worker, 5);
    assert_false(worker_hold(worker, true));
    assert_null(worker_take(worker));
    assert_int_equal(worker_count(worker), 2);
    worker_hold(worker, false);
    assert_int_equal(take(worker), 16);
    assert_int_equal(take(worker), 25);
    worker_free(worker, drop);
}

static void what_is_not_taken_is_dropped(void **state)
{
    struct worker *worker = fresh();

    (void)state;
    for (int i = 0; i < 100; i++)
        give(worker, i);
    worker_free(worker, drop);
    assert_int_equal(dropped, 100);
    worker_free(fresh(), drop);
    worker_free(NULL, drop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_back_done_and_in_order),
        cmocka_unit_test(what_is_held_is_not_begun),
        cmocka_unit_test(what_is_not_taken_is_dropped),
    };

    return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
