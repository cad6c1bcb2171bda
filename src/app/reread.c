/* A large book takes a second to read, and half of that to free: on a thread
 * of its own, so that the loop goes on answering. The thread gets the job,
 * wakes the loop when it is done, and is joined there; the two never look at
 * the same thing at once. */
#include "app/internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/notify.h"
#include "base/banned.h"

struct reread {
    struct loop *loop;
    const struct parts *parts;
    pthread_t thread;
    bool running;
    bool again;       /* asked for while it ran */
    atomic_bool done; /* the job: the loop may join */

    bool reads; /* the job: read, or free what is old */
    struct book *old;
    struct fresh_parts fresh;
};

static void *work(void *ctx)
{
    struct reread *reread = ctx;

    book_free(reread->old);
    reread->old = NULL;
    if (reread->reads)
        parts_read(reread->parts, &reread->fresh);
    atomic_store(&reread->done, true);
    loop_wake(reread->loop);
    return NULL;
}

/* Without a thread it is done here and now. */
static void start(struct reread *reread, bool reads)
{
    reread->reads = reads;
    reread->running = true;
    atomic_store(&reread->done, false);
    if (pthread_create(&reread->thread, NULL, work, reread)) {
        reread->thread = pthread_self();
        work(reread);
    }
}

static void finish(struct reread *reread)
{
    if (!pthread_equal(reread->thread, pthread_self()))
        pthread_join(reread->thread, NULL);
    reread->running = false;
}

void app_reread(struct app *app)
{
    if (!app->reread) {
        app->reread = xcalloc(1, sizeof *app->reread);
        app->reread->loop = app->loop;
        app->reread->parts = &app->parts;
    }
    if (app->reread->running)
        app->reread->again = true;
    else
        start(app->reread, true);
}

void reread_woken(struct app *app)
{
    struct reread *reread = app->reread;
    bool again;

    if (!reread || !reread->running || !atomic_load(&reread->done))
        return;
    finish(reread);
    again = reread->again;
    reread->again = false;
    if (reread->reads)
        app_take_parts(app, &reread->fresh, &reread->old, NULL);
    if (!again && app->reloading) {
        app->reloading = false;
        notify_send("READY=1");
    }
    if (again || reread->old)
        start(reread, again);
}

void reread_free(struct app *app)
{
    struct reread *reread = app->reread;

    if (!reread)
        return;
    if (reread->running) {
        finish(reread);
        if (reread->reads)
            parts_drop(&reread->fresh);
    }
    book_free(reread->old);
    free(reread);
    app->reread = NULL;
}
