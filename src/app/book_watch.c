/* The service "book": looks at the book's file now and then, and reads it
 * again when it is another. A large book takes a second to read, and half of
 * that to free: on a thread of its own, so that the loop goes on answering.
 * The thread gets the job, wakes the loop when it is done, and is joined
 * there; the two never look at the same thing at once. At the end the thread
 * is waited for, since it reads what the program is about to free: it gives up
 * then, whatever it reads. */
#include "app/book_watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "app/service.h"
#include "base/mem.h"
#include "base/thread.h"
#include "base/banned.h"

#define LOOK_US INT64_C(10000000)

struct book_watch {
    const struct service_host *host;
    struct loop_timer *timer;
    pthread_t thread;
    bool running;
    bool again;       /* asked for while it ran */
    atomic_bool done; /* the job: the loop may join */
    atomic_bool abandoned;

    bool reads; /* the job: read, or free what is old */
    struct book *old;
    struct decode_fresh fresh;
};

static void *work(void *ctx)
{
    struct book_watch *watch = ctx;

    book_free(watch->old);
    watch->old = NULL;
    if (watch->reads)
        decode_context_read(watch->host->decode, &watch->fresh,
                            &watch->abandoned);
    atomic_store(&watch->done, true);
    loop_wake(watch->host->loop);
    return NULL;
}

/* Without a thread it is done here and now. */
static void start(struct book_watch *watch, bool reads)
{
    struct err err;

    watch->reads = reads;
    watch->running = true;
    atomic_store(&watch->done, false);
    if (!thread_start(&watch->thread, work, watch, &err)) {
        watch->thread = pthread_self();
        work(watch);
    }
}

static void finish(struct book_watch *watch)
{
    if (!pthread_equal(watch->thread, pthread_self()))
        pthread_join(watch->thread, NULL);
    watch->running = false;
}

void book_watch_reread(void *self)
{
    struct book_watch *watch = self;

    if (atomic_load(&watch->abandoned))
        return;
    if (watch->running)
        watch->again = true;
    else
        start(watch, true);
}

static void book_watch_woken(void *self)
{
    struct book_watch *watch = self;
    const struct service_host *host = watch->host;
    bool again;

    if (!watch->running || !atomic_load(&watch->done) ||
        (watch->reads && !host->may_swap(host->app)))
        return;
    finish(watch);
    again = watch->again;
    watch->again = false;
    if (watch->reads)
        host->take_fresh(host->app, &watch->fresh, &watch->old, NULL);
    if (!again)
        host->reread_done(host->app);
    if (again || watch->old)
        start(watch, again);
}

static void on_timer(void *ctx)
{
    struct book_watch *watch = ctx;

    if (decode_context_book_changed(watch->host->decode))
        book_watch_reread(watch);
    loop_timer_set(watch->timer, LOOK_US);
}

static void *book_watch_new(const struct service_host *host, struct err *err)
{
    struct book_watch *watch = xcalloc(1, sizeof *watch);

    (void)err;
    watch->host = host;
    return watch;
}

/* The demo's book is no file. */
static bool book_watch_open(void *self, struct err *err)
{
    struct book_watch *watch = self;

    (void)err;
    watch->timer = loop_timer_new(watch->host->loop, on_timer, watch);
    if (!watch->host->demo)
        loop_timer_set(watch->timer, LOOK_US);
    return true;
}

static void book_watch_stop(void *self)
{
    struct book_watch *watch = self;

    atomic_store(&watch->abandoned, true);
    if (watch->timer)
        loop_timer_cancel(watch->timer);
    if (!watch->running)
        return;
    finish(watch);
    if (watch->reads)
        decode_context_drop(&watch->fresh);
}

static void book_watch_free(void *self)
{
    struct book_watch *watch = self;

    book_watch_stop(watch);
    if (watch->timer)
        loop_timer_free(watch->timer);
    book_free(watch->old);
    free(watch);
}

const struct service service_book = {.new = book_watch_new,
                                     .open = book_watch_open,
                                     .woken = book_watch_woken,
                                     .stop = book_watch_stop,
                                     .free = book_watch_free};
