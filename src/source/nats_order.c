/* A list for each receiver of what waits, in order of what it waits for. */
#include "source/nats_order.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

struct held {
    struct held *next; /* by `after` */
    struct nats_ordered is;
};

struct receiver {
    struct uuid id;
    bool known;
    uint64_t seq, told;         /* has come up to; of that was told */
    struct held *held, *newest; /* newest: the last of them */
};

struct nats_order {
    void (*drop)(void *item);
    struct receiver *receivers;
    size_t count;
    size_t bytes; /* held */
    uint64_t missing;
};

struct nats_order *nats_order_new(void (*drop)(void *item))
{
    struct nats_order *order = xcalloc(1, sizeof *order);

    order->drop = drop;
    return order;
}

/* NULL: there are too many, and the order of one more is not looked at. */
static struct receiver *find(struct nats_order *order, const struct uuid *id)
{
    for (size_t i = 0; i < order->count; i++)
        if (uuid_equal(&order->receivers[i].id, id))
            return &order->receivers[i];
    if (order->count == LIMIT_NATS_RECEIVERS)
        return NULL;
    order->receivers = xreallocarray(order->receivers, order->count + 1,
                                     sizeof *order->receivers);
    order->receivers[order->count] = (struct receiver){.id = *id};
    return &order->receivers[order->count++];
}

static void came(struct receiver *receiver, uint64_t seq)
{
    receiver->known = true;
    if (seq > receiver->seq)
        receiver->seq = seq;
}

void nats_order_know(struct nats_order *order, const struct uuid *id,
                     uint64_t seq)
{
    struct receiver *receiver = find(order, id);

    if (!receiver)
        return;
    came(receiver, seq);
    receiver->told = receiver->seq;
}

void nats_order_unknow(struct nats_order *order)
{
    for (size_t i = 0; i < order->count; i++)
        order->receivers[i].known = false;
}

static void hold(struct nats_order *order, struct receiver *receiver,
                 const struct nats_ordered *ordered)
{
    struct held *held = xcalloc(1, sizeof *held), **at = &receiver->held;

    held->is = *ordered;
    if (receiver->held && receiver->newest->is.after <= ordered->after)
        at = &receiver->newest->next; /* nearly always */
    while (*at && (*at)->is.after <= ordered->after)
        at = &(*at)->next;
    held->next = *at;
    *at = held;
    if (!held->next)
        receiver->newest = held;
    order->bytes += sizeof *held + ordered->bytes;
}

bool nats_order_add(struct nats_order *order,
                    const struct nats_ordered *ordered)
{
    struct receiver *receiver = find(order, &ordered->receiver);

    if (receiver && receiver->known && ordered->after > receiver->seq) {
        hold(order, receiver, ordered);
        return false;
    }
    if (receiver)
        came(receiver, ordered->seq);
    return true;
}

static void *release(struct nats_order *order, struct receiver *receiver)
{
    struct held *held = receiver->held;
    void *item = held->is.item;

    receiver->held = held->next;
    order->bytes -= sizeof *held + held->is.bytes;
    came(receiver, held->is.seq);
    free(held);
    return item;
}

void *nats_order_next(struct nats_order *order)
{
    for (size_t i = 0; i < order->count; i++) {
        struct receiver *receiver = &order->receivers[i];

        if (receiver->held &&
            (receiver->held->is.after <= receiver->seq || !receiver->known))
            return release(order, receiver);
    }
    return NULL;
}

/* Whose first has waited longest; NULL: nobody's waits. */
static struct receiver *longest(const struct nats_order *order)
{
    struct receiver *found = NULL;

    for (size_t i = 0; i < order->count; i++) {
        struct receiver *receiver = &order->receivers[i];

        if (receiver->held &&
            (!found || receiver->held->is.now_us < found->held->is.now_us))
            found = receiver;
    }
    return found;
}

bool nats_order_give_up(struct nats_order *order, int64_t before_us)
{
    struct receiver *receiver = longest(order);

    if (!receiver || (receiver->held->is.now_us >= before_us &&
                      order->bytes <= LIMIT_NATS_HELD))
        return false;
    order->missing++;
    came(receiver, receiver->held->is.after);
    return true;
}

uint64_t nats_order_missing(const struct nats_order *order)
{
    return order->missing;
}

bool nats_order_oldest(const struct nats_order *order, int64_t *since_us)
{
    const struct receiver *receiver = longest(order);

    if (receiver)
        *since_us = receiver->held->is.now_us;
    return receiver != NULL;
}

uint64_t nats_order_first(const struct nats_order *order)
{
    uint64_t first = 0;

    for (size_t i = 0; i < order->count; i++)
        for (const struct held *held = order->receivers[i].held; held;
             held = held->next)
            if (!first || held->is.place < first)
                first = held->is.place;
    return first;
}

void nats_order_clear(struct nats_order *order)
{
    for (size_t i = 0; i < order->count; i++) {
        struct receiver *receiver = &order->receivers[i];

        receiver->told = 0;
        while (receiver->held) {
            struct held *held = receiver->held;

            receiver->held = held->next;
            order->drop(held->is.item);
            free(held);
        }
    }
    order->bytes = 0;
}

void nats_order_forget(struct nats_order *order)
{
    nats_order_clear(order);
    order->count = 0;
}

void nats_order_each(struct nats_order *order,
                     void (*each)(void *ctx, const struct uuid *receiver,
                                  uint64_t seq),
                     void *ctx)
{
    for (size_t i = 0; i < order->count; i++) {
        struct receiver *receiver = &order->receivers[i];

        if (receiver->seq == receiver->told)
            continue;
        receiver->told = receiver->seq;
        each(ctx, &receiver->id, receiver->seq);
    }
}

void nats_order_free(struct nats_order *order)
{
    if (!order)
        return;
    nats_order_clear(order);
    free(order->receivers);
    free(order);
}
