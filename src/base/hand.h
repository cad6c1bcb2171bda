/* A hand: a thread for work that would hold up the loop. It does one item
 * after the other, in order, and gives each back. It is started with the first
 * item and sleeps while there is none. All functions are for one thread, the
 * loop's; what an item points to belongs to the hand from hand_give() until
 * hand_take(). */
#ifndef TELLTALE_HAND_H
#define TELLTALE_HAND_H

#include <stdbool.h>
#include <stddef.h>

/* The first member of an item. */
struct hand_item {
    struct hand_item *next;
};

struct hand;

/* work does an item, on the hand's thread; wake says that one is done, and is
 * called there too (loop_wake()). Without a thread, work is done at once. */
struct hand *hand_new(void (*work)(struct hand_item *item),
                      void (*wake)(void *ctx), void *wake_ctx);
/* Waits for the item under way; drop gets all that were not taken. NULL is
 * allowed. */
void hand_free(struct hand *hand, void (*drop)(struct hand_item *item));

void hand_give(struct hand *hand, struct hand_item *item);
/* One that is done; NULL: none. */
struct hand_item *hand_take(struct hand *hand);
/* Items that were given and not taken. */
size_t hand_count(const struct hand *hand);

/* While held, no item is begun. Returns whether one is under way: wake() is
 * called when it is done. */
bool hand_hold(struct hand *hand, bool held);
/* Holds it and waits for the item under way. */
void hand_stop(struct hand *hand);

#endif
