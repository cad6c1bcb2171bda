/* Two lists behind one lock: what is to be done, and what is. */
#include "base/worker.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"

#include "base/banned.h"

struct items {
    struct worker_item *first, **end;
};

struct worker {
    void (*work)(struct worker_item *item);
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

static void push(struct items *items, struct worker_item *item)
{
    item->next = NULL;
    *items->end = item;
    items->end = &item->next;
}

static struct worker_item *pop(struct items *items)
{
    struct worker_item *item = items->first;

    if (!item)
        return NULL;
    items->first = item->next;
    if (!items->first)
        items->end = &items->first;
    return item;
}

/* The next item, once there is one that may be begun; NULL: the end. */
static struct worker_item *begin(struct worker *worker)
{
    struct worker_item *item;

    pthread_mutex_lock(&worker->lock);
    while (!worker->ends && (worker->held || !worker->in.first))
        pthread_cond_wait(&worker->changed, &worker->lock);
    item = worker->ends ? NULL : pop(&worker->in);
    worker->works = item != NULL;
    pthread_mutex_unlock(&worker->lock);
    return item;
}

static void finish(struct worker *worker, struct worker_item *item)
{
    pthread_mutex_lock(&worker->lock);
    push(&worker->out, item);
    worker->works = false;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    worker->wake(worker->wake_ctx);
}

static void *run(void *ctx)
{
    struct worker *worker = ctx;
    struct worker_item *item;

    while ((item = begin(worker))) {
        worker->work(item);
        finish(worker, item);
    }
    return NULL;
}

static bool start(struct worker *worker)
{
    struct err err;

    worker->runs =
        worker->runs || thread_start(&worker->thread, run, worker, &err);
    return worker->runs;
}

struct worker *worker_new(void (*work)(struct worker_item *item),
                          void (*wake)(void *ctx), void *wake_ctx)
{
    struct worker *worker = xcalloc(1, sizeof *worker);

    worker->work = work;
    worker->wake = wake;
    worker->wake_ctx = wake_ctx;
    worker->in.end = &worker->in.first;
    worker->out.end = &worker->out.first;
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->changed, NULL);
    return worker;
}

void worker_free(struct worker *worker, void (*drop)(struct worker_item *item))
{
    struct worker_item *item;

    if (!worker)
        return;
    pthread_mutex_lock(&worker->lock);
    worker->ends = true;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    if (worker->runs)
        pthread_join(worker->thread, NULL);
    while ((item = pop(&worker->in)) || (item = pop(&worker->out)))
        drop(item);
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
}

void worker_give(struct worker *worker, struct worker_item *item)
{
    worker->count++;
    if (!start(worker)) {
        worker->work(item);
        finish(worker, item);
        return;
    }
    pthread_mutex_lock(&worker->lock);
    push(&worker->in, item);
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

struct worker_item *worker_take(struct worker *worker)
{
    struct worker_item *item;

    if (!worker->count)
        return NULL;
    pthread_mutex_lock(&worker->lock);
    item = pop(&worker->out);
    pthread_mutex_unlock(&worker->lock);
    worker->count -= item != NULL;
    return item;
}

size_t worker_count(const struct worker *worker)
{
    return worker->count;
}

bool worker_hold(struct worker *worker, bool held)
{
    bool works;

    pthread_mutex_lock(&worker->lock);
    worker->held = held;
    works = worker->works;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    return works;
}

void worker_stop(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    worker->held = true;
    while (worker->works)
        pthread_cond_wait(&worker->changed, &worker->lock);
    pthread_mutex_unlock(&worker->lock);
}
