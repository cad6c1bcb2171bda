/* The order of each receiver's events, put together again: each message says
 * which one of the same receiver's comes before it, and one that comes before
 * that waits. Knows nothing of NATS; time is given. */
#ifndef TELLTALE_NATS_ORDER_H
#define TELLTALE_NATS_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct nats_order;

/* drop: frees an item that is held, where it is not handed out. */
struct nats_order *nats_order_new(void (*drop)(void *item));
void nats_order_free(struct nats_order *order); /* NULL is allowed */

/* Of that receiver everything up to seq has come. */
void nats_order_know(struct nats_order *order, const struct uuid *receiver,
                     uint64_t seq);

/* Something between was lost for good: each receiver begins anew with what
 * comes of it next. */
void nats_order_unknow(struct nats_order *order);

struct nats_ordered {
    struct uuid receiver;
    uint64_t seq, after; /* the receiver's: this one, the one before it */
    uint64_t place;      /* in the stream */
    size_t bytes;
    int64_t now_us; /* monotonic */
    void *item;
};
/* True: it is its turn. False: its item is held. */
bool nats_order_add(struct nats_order *order,
                    const struct nats_ordered *ordered);
/* An item that was held and whose turn it is; NULL: none. */
void *nats_order_next(struct nats_order *order);
/* What has waited since before that time waits no longer, and what it waited
 * for is missing; nor does the oldest while more is held than may be. True:
 * ask nats_order_next() again. */
bool nats_order_give_up(struct nats_order *order, int64_t before_us);
uint64_t nats_order_missing(const struct nats_order *order); /* gaps, ever */

/* Since when the oldest waits; false: nothing is held. */
bool nats_order_oldest(const struct nats_order *order, int64_t *since_us);
/* The first place in the stream that is held; 0: none. */
uint64_t nats_order_first(const struct nats_order *order);
/* Drops all that is held; what is known stays, and is told again. */
void nats_order_clear(struct nats_order *order);
/* What came was not kept, and comes again: drops all that is held and known,
 * until nats_order_know() says what was kept. */
void nats_order_forget(struct nats_order *order);

/* Each receiver of whom more is known than when last told. */
void nats_order_each(struct nats_order *order,
                     void (*each)(void *ctx, const struct uuid *receiver,
                                  uint64_t seq),
                     void *ctx);

#endif
