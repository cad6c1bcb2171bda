/* Two lists behind one lock: what is to be done, and what is. */
#include "base/hand.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"

#include "base/banned.h"

struct items {
    struct hand_item *first, **end;
};

struct hand {
    void (*work)(struct hand_item *item);
    void (*wake)(void *ctx);
    void *wake_ctx;
    pthread_t thread;
    bool runs;    /* the thread */
    size_t count; /* given and not taken: the loop's */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct items in, out;
    bool works, held, ends;
};

static void push(struct items *items, struct hand_item *item)
{
    item->next = NULL;
    *items->end = item;
    items->end = &item->next;
}

static struct hand_item *pop(struct items *items)
{
    struct hand_item *item = items->first;

    if (!item)
        return NULL;
    items->first = item->next;
    if (!items->first)
        items->end = &items->first;
    return item;
}

/* The next item, once there is one that may be begun; NULL: the end. */
static struct hand_item *begin(struct hand *hand)
{
    struct hand_item *item;

    pthread_mutex_lock(&hand->lock);
    while (!hand->ends && (hand->held || !hand->in.first))
        pthread_cond_wait(&hand->changed, &hand->lock);
    item = hand->ends ? NULL : pop(&hand->in);
    hand->works = item != NULL;
    pthread_mutex_unlock(&hand->lock);
    return item;
}

static void finish(struct hand *hand, struct hand_item *item)
{
    pthread_mutex_lock(&hand->lock);
    push(&hand->out, item);
    hand->works = false;
    pthread_cond_broadcast(&hand->changed);
    pthread_mutex_unlock(&hand->lock);
    hand->wake(hand->wake_ctx);
}

static void *run(void *ctx)
{
    struct hand *hand = ctx;
    struct hand_item *item;

    while ((item = begin(hand))) {
        hand->work(item);
        finish(hand, item);
    }
    return NULL;
}

static bool start(struct hand *hand)
{
    struct err err;

    hand->runs = hand->runs || thread_start(&hand->thread, run, hand, &err);
    return hand->runs;
}

struct hand *hand_new(void (*work)(struct hand_item *item),
                      void (*wake)(void *ctx), void *wake_ctx)
{
    struct hand *hand = xcalloc(1, sizeof *hand);

    hand->work = work;
    hand->wake = wake;
    hand->wake_ctx = wake_ctx;
    hand->in.end = &hand->in.first;
    hand->out.end = &hand->out.first;
    pthread_mutex_init(&hand->lock, NULL);
    pthread_cond_init(&hand->changed, NULL);
    return hand;
}

void hand_free(struct hand *hand, void (*drop)(struct hand_item *item))
{
    struct hand_item *item;

    if (!hand)
        return;
    pthread_mutex_lock(&hand->lock);
    hand->ends = true;
    pthread_cond_broadcast(&hand->changed);
    pthread_mutex_unlock(&hand->lock);
    if (hand->runs)
        pthread_join(hand->thread, NULL);
    while ((item = pop(&hand->in)) || (item = pop(&hand->out)))
        drop(item);
    pthread_cond_destroy(&hand->changed);
    pthread_mutex_destroy(&hand->lock);
    free(hand);
}

void hand_give(struct hand *hand, struct hand_item *item)
{
    hand->count++;
    if (!start(hand)) {
        hand->work(item);
        finish(hand, item);
        return;
    }
    pthread_mutex_lock(&hand->lock);
    push(&hand->in, item);
    pthread_cond_broadcast(&hand->changed);
    pthread_mutex_unlock(&hand->lock);
}

struct hand_item *hand_take(struct hand *hand)
{
    struct hand_item *item;

    if (!hand->count)
        return NULL;
    pthread_mutex_lock(&hand->lock);
    item = pop(&hand->out);
    pthread_mutex_unlock(&hand->lock);
    hand->count -= item != NULL;
    return item;
}

size_t hand_count(const struct hand *hand)
{
    return hand->count;
}

bool hand_hold(struct hand *hand, bool held)
{
    bool works;

    pthread_mutex_lock(&hand->lock);
    hand->held = held;
    works = hand->works;
    pthread_cond_broadcast(&hand->changed);
    pthread_mutex_unlock(&hand->lock);
    return works;
}

void hand_stop(struct hand *hand)
{
    pthread_mutex_lock(&hand->lock);
    hand->held = true;
    while (hand->works)
        pthread_cond_wait(&hand->changed, &hand->lock);
    pthread_mutex_unlock(&hand->lock);
}
