/* What bodies say, for the screen: events are read from the journal on its
 * reader's thread, a slice at a time, and asked the deep terms of a query. */
#include "app/internal.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "query/query.h"
#include "base/banned.h"

#define SLICE 32 /* events */

/* The loop's until journal_read_owned(), then the reader's, then the loop's
 * again. */
struct bodies {
    struct app *app;
    struct query *query;
    uint64_t *seqs;
    int *bits;
    size_t count, at;
    void (*judged)(void *screen, const int *bits);
    void *screen;
};

static void bodies_free(struct bodies *bodies)
{
    query_free(bodies->query);
    free(bodies->seqs);
    free(bodies->bits);
    free(bodies);
}

/* One that is gone says nothing. */
static bool judge_one(struct bodies *bodies, struct journal_reader *reader,
                      struct err *err)
{
    struct event_batch *batch = event_batch_new();
    bool ok = reader_event(reader, bodies->seqs[bodies->at], batch, err) ||
              !err->text[0];

    bodies->bits[bodies->at] =
        ok && batch->count ? query_match_deep(bodies->query, batch->events)
                           : 0;
    event_batch_free(batch);
    return ok;
}

/* On the reader's thread. */
static enum reader_step read_slice(void *ctx, struct journal_reader *reader,
                                   struct err *err)
{
    struct bodies *bodies = ctx;

    for (size_t i = 0; i < SLICE && bodies->at < bodies->count; i++) {
        if (!judge_one(bodies, reader, err))
            return READER_FAILED;
        bodies->at++;
    }
    return bodies->at < bodies->count ? READER_AGAIN : READER_DONE;
}

static void on_read(void *ctx, bool ok, const struct err *err)
{
    struct bodies *bodies = ctx;
    struct app *app = bodies->app;

    if (!ok)
        log_line(LOG_WARN, "what events say cannot be read: %s", err->text);
    bodies->judged(bodies->screen, ok ? bodies->bits : NULL);
    bodies_free(bodies);
    app_changed(app);
}

static void on_dropped(void *ctx)
{
    struct bodies *bodies = ctx;

    bodies->judged(bodies->screen, NULL);
    bodies_free(bodies);
}

bool host_judge(void *ctx, const char *query, const uint64_t *seqs,
                size_t count, void (*judged)(void *screen, const int *bits),
                void *screen)
{
    struct app *app = ctx;
    struct bodies *bodies;

    if (!app->journal || app->stopping)
        return false;
    bodies = xcalloc(1, sizeof *bodies);
    *bodies = (struct bodies){.app = app,
                              .query = query_parse(query, NULL),
                              .count = count,
                              .judged = judged,
                              .screen = screen};
    if (!bodies->query) {
        bodies_free(bodies);
        return false;
    }
    bodies->seqs = xcalloc(count + 1, sizeof *seqs);
    bodies->bits = xcalloc(count + 1, sizeof *bodies->bits);
    for (size_t i = 0; i < count; i++)
        bodies->seqs[i] = seqs[i];
    journal_read_owned(app->journal, read_slice, on_read, bodies, on_dropped);
    return true;
}
