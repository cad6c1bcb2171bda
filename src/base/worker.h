/* A worker: a thread for work that would hold up the loop. It does one item
 * after the other, in order, and gives each back. It is started with the first
 * item and sleeps while there is none. All functions are for one thread, the
 * loop's; what an item points to belongs to the worker from worker_give() until
 * worker_take(). */
#ifndef TELLTALE_WORKER_H
#define TELLTALE_WORKER_H

#include <stdbool.h>
#include <stddef.h>

/* The first member of an item. */
struct worker_item {
    struct worker_item *next;
};

struct worker;

/* work does an item, on the worker's thread; wake says that one is done, and is
 * called there too (loop_wake()). Without a thread, work is done at once. */
struct worker *worker_new(void (*work)(struct worker_item *item),
                          void (*wake)(void *ctx), void *wake_ctx);
/* Waits for the item under way; drop gets all that were not taken. NULL is
 * allowed. */
void worker_free(struct worker *worker,
                 void (*drop)(struct worker_item *item));

void worker_give(struct worker *worker, struct worker_item *item);
/* One that is done; NULL: none. */
struct worker_item *worker_take(struct worker *worker);
/* Items that were given and not taken. */
size_t worker_count(const struct worker *worker);

/* While held, no item is begun. Returns whether one is under way: wake() is
 * called when it is done. */
bool worker_hold(struct worker *worker, bool held);
/* Holds it and waits for the item under way. */
void worker_stop(struct worker *worker);

#endif
