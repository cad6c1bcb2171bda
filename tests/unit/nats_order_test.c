/* source/nats_order: each receiver's messages in its order, whatever order
 * they come in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "source/nats_order.h"

#include "base/banned.h"

#define MANY 300

static unsigned dropped;
static int items[MANY + 1]; /* what is held points into it */

static void drop(void *item)
{
    (void)item;
    dropped++;
}

static struct uuid receiver(uint8_t number)
{
    return (struct uuid){{number}};
}

static bool add(struct nats_order *order, uint8_t who, uint64_t seq,
                uint64_t after, int64_t now_us)
{
    struct nats_ordered ordered = {.receiver = receiver(who),
                                   .seq = seq,
                                   .after = after,
                                   .place = seq + 1000,
                                   .bytes = 100,
                                   .now_us = now_us,
                                   .item = &items[seq % MANY]};

    return nats_order_add(order, &ordered);
}

static long next(struct nats_order *order)
{
    int *item = nats_order_next(order);

    return item ? item - items : -1;
}

static void the_first_that_is_seen_of_a_receiver_begins(void **state)
{
    struct nats_order *order = nats_order_new(drop);

    (void)state;
    assert_true(add(order, 1, 50, 49, 0));
    assert_true(add(order, 1, 53, 50, 0)); /* 51, 52: ticks */
    assert_true(add(order, 2, 5, 1, 0));   /* another's */
    assert_int_equal(next(order), -1);
    nats_order_free(order);
}

static void what_comes_before_is_waited_for(void **state)
{
    struct nats_order *order = nats_order_new(drop);
    int64_t since;

    (void)state;
    assert_true(add(order, 1, 1, 0, 0));
    assert_false(add(order, 1, 4, 3, 10));
    assert_false(add(order, 1, 3, 2, 20));
    assert_true(add(order, 2, 9, 8, 30)); /* nobody else waits */
    assert_int_equal(nats_order_first(order), 1003);
    assert_true(nats_order_oldest(order, &since));
    assert_int_equal(next(order), -1);
    assert_true(add(order, 1, 2, 1, 40));
    assert_int_equal(next(order), 3);
    assert_int_equal(next(order), 4);
    assert_int_equal(next(order), -1);
    assert_int_equal(nats_order_first(order), 0);
    assert_false(nats_order_oldest(order, &since));
    nats_order_free(order);
}

static void what_came_is_taken_again(void **state)
{
    struct nats_order *order = nats_order_new(drop);
    struct uuid id = receiver(1);

    (void)state;
    nats_order_know(order, &id, 10);
    assert_true(add(order, 1, 4, 3, 0));
    assert_true(add(order, 1, 11, 10, 0));
    assert_false(add(order, 1, 13, 12, 0));
    nats_order_free(order);
}

static void patience_ends_and_the_gap_is_counted(void **state)
{
    struct nats_order *order = nats_order_new(drop);

    (void)state;
    assert_true(add(order, 1, 1, 0, 0));
    assert_false(add(order, 1, 6, 5, 100));
    assert_false(add(order, 1, 9, 8, 300));
    assert_false(nats_order_give_up(order, 100));
    assert_true(nats_order_give_up(order, 200));
    assert_int_equal(next(order), 6);
    assert_int_equal(next(order), -1);
    assert_false(nats_order_give_up(order, 200));
    assert_int_equal(nats_order_missing(order), 1);
    assert_true(add(order, 1, 5, 1, 400)); /* late, and not left out */
    nats_order_free(order);
}

static void no_more_is_held_than_may_be(void **state)
{
    struct nats_order *order = nats_order_new(drop);
    struct nats_ordered ordered = {.receiver = receiver(1),
                                   .seq = 9,
                                   .after = 8,
                                   .place = 9,
                                   .bytes = LIMIT_NATS_HELD + 1,
                                   .item = items};

    (void)state;
    assert_true(add(order, 1, 1, 0, 0));
    assert_false(nats_order_add(order, &ordered));
    assert_true(nats_order_give_up(order, INT64_MIN));
    assert_ptr_equal(nats_order_next(order), items);
    assert_false(nats_order_give_up(order, INT64_MIN));
    nats_order_free(order);
}

static void what_was_lost_between_is_not_waited_for(void **state)
{
    struct nats_order *order = nats_order_new(drop);

    (void)state;
    assert_true(add(order, 1, 1, 0, 0));
    assert_false(add(order, 1, 6, 5, 0));
    nats_order_unknow(order);
    assert_int_equal(next(order), 6);
    assert_int_equal(nats_order_missing(order), 0);
    nats_order_unknow(order);
    assert_true(add(order, 1, 90, 80, 0));
    assert_false(add(order, 1, 99, 95, 0));
    nats_order_free(order);
}

struct told {
    unsigned count;
    uint64_t seq;
};

static void tell(void *ctx, const struct uuid *id, uint64_t seq)
{
    struct told *told = ctx;

    (void)id;
    told->count++;
    told->seq = seq;
}

static void what_is_new_is_told_once(void **state)
{
    struct nats_order *order = nats_order_new(drop);
    struct uuid id = receiver(3);
    struct told told = {0};

    (void)state;
    nats_order_know(order, &id, 7);
    nats_order_each(order, tell, &told);
    assert_int_equal(told.count, 0);
    assert_true(add(order, 3, 8, 7, 0));
    nats_order_each(order, tell, &told);
    nats_order_each(order, tell, &told);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.seq, 8);
    assert_false(add(order, 3, 12, 11, 0));
    dropped = 0;
    nats_order_clear(order);
    assert_int_equal(dropped, 1);
    nats_order_each(order, tell, &told);
    assert_int_equal(told.count, 2);
    nats_order_free(order);
}

/* 3 and 5 came and could not be kept: they come again, in the stream's order,
 * which is another. */
static void what_was_not_kept_waits_for_its_turn_again(void **state)
{
    struct nats_order *order = nats_order_new(drop);
    struct uuid id = receiver(1);
    struct told told = {0};

    (void)state;
    nats_order_know(order, &id, 2);
    assert_false(add(order, 1, 5, 3, 0));
    assert_true(add(order, 1, 3, 2, 0));
    assert_int_equal(next(order), 5);
    assert_false(add(order, 1, 9, 8, 0));
    dropped = 0;
    nats_order_forget(order);
    assert_int_equal(dropped, 1);
    assert_int_equal(nats_order_first(order), 0);
    nats_order_each(order, tell, &told);
    assert_int_equal(told.count, 0);
    nats_order_know(order, &id, 2);
    assert_false(add(order, 1, 5, 3, 0));
    assert_true(add(order, 1, 3, 2, 0));
    assert_int_equal(next(order), 5);
    nats_order_free(order);
}

static void more_receivers_than_can_be_known_wait_for_nothing(void **state)
{
    struct nats_order *order = nats_order_new(drop);
    struct nats_ordered ordered = {.seq = 9, .after = 8, .item = items};

    (void)state;
    for (unsigned i = 0; i <= LIMIT_NATS_RECEIVERS; i++) {
        ordered.receiver.bytes[0] = (uint8_t)i;
        ordered.receiver.bytes[1] = (uint8_t)(i >> 8);
        ordered.seq = 9;
        ordered.after = 8;
        assert_true(nats_order_add(order, &ordered));
        ordered.seq = 29;
        ordered.after = 28;
        assert_int_equal(nats_order_add(order, &ordered),
                         i == LIMIT_NATS_RECEIVERS);
    }
    dropped = 0;
    nats_order_free(order);
    assert_int_equal(dropped, LIMIT_NATS_RECEIVERS);
}

/* However a window is shuffled, it comes out as it was. */
static void any_order_becomes_the_right_one(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 50; seed++) {
        struct nats_order *order = nats_order_new(drop);
        uint64_t seqs[MANY], expected = 1;
        unsigned random = seed * 2654435761u;
        struct uuid id = receiver(1);
        long found;

        for (uint64_t i = 0; i < MANY - 1; i++)
            seqs[i] = i + 1;
        for (size_t i = MANY - 2; i; i--) {
            size_t other = (random = random * 1664525u + 1013904223u) >> 8;
            uint64_t kept = seqs[i];

            seqs[i] = seqs[other %= i + 1];
            seqs[other] = kept;
        }
        nats_order_know(order, &id, 0);
        for (size_t i = 0; i < MANY - 1; i++) {
            if (add(order, 1, seqs[i], seqs[i] - 1, 0))
                assert_int_equal(seqs[i], expected++);
            while ((found = next(order)) >= 0)
                assert_int_equal(found, expected++);
        }
        assert_int_equal(expected, MANY);
        nats_order_free(order);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_that_is_seen_of_a_receiver_begins),
        cmocka_unit_test(what_comes_before_is_waited_for),
        cmocka_unit_test(what_came_is_taken_again),
        cmocka_unit_test(patience_ends_and_the_gap_is_counted),
        cmocka_unit_test(no_more_is_held_than_may_be),
        cmocka_unit_test(what_was_lost_between_is_not_waited_for),
        cmocka_unit_test(what_is_new_is_told_once),
        cmocka_unit_test(what_was_not_kept_waits_for_its_turn_again),
        cmocka_unit_test(more_receivers_than_can_be_known_wait_for_nothing),
        cmocka_unit_test(any_order_becomes_the_right_one),
    };

    return cmocka_run_group_tests_name("nats_order", tests, NULL, NULL);
}
