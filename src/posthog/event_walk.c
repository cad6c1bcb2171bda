/* A pager (event_pager.h), a timer, and a place in the journal. */
#include "posthog/event_walk.h"

#include <stdlib.h>

#include "base/mem.h"
#include "posthog/checkpoint.h"

#include "base/banned.h"

struct event_walk {
    struct event_walk_options options;
    char *name;
    struct event_pager *pager;
    struct loop_timer *timer;
    bool placed; /* the journal said where an earlier one got to */
    bool stopped;
};

static void on_read(void *ctx, const char *text, const struct err *err)
{
    struct event_walk *walk = ctx;

    walk->placed = !err;
    walk->options.on_place(walk->options.ctx, text, err);
}

static void on_written(void *ctx, const char *text, const struct err *err)
{
    struct event_walk *walk = ctx;

    (void)text;
    walk->options.on_noted(walk->options.ctx, err);
}

static void on_timer(void *ctx)
{
    struct event_walk *walk = ctx;

    if (walk->placed)
        walk->options.on_turn(walk->options.ctx);
    else
        checkpoint_read(walk->options.access.journal, walk->name, on_read,
                        walk);
}

struct event_walk *event_walk_new(const struct event_walk_options *options)
{
    struct event_walk *walk = xcalloc(1, sizeof *walk);

    walk->options = *options;
    walk->name = xstrdup(options->name);
    walk->pager = event_pager_new(
        &(struct event_pager_options){.access = options->access,
                                      .follow_clock = options->follow_clock,
                                      .on_batch = options->on_batch,
                                      .on_kept = options->on_kept,
                                      .on_page = options->on_page,
                                      .on_waiting = options->on_waiting,
                                      .ctx = options->ctx});
    walk->timer = loop_timer_new(options->access.loop, on_timer, walk);
    loop_timer_set(walk->timer, 0);
    return walk;
}

void event_walk_stop(struct event_walk *walk)
{
    walk->stopped = true;
    loop_timer_cancel(walk->timer);
    event_pager_stop(walk->pager);
}

void event_walk_free(struct event_walk *walk)
{
    if (!walk)
        return;
    event_pager_free(walk->pager);
    loop_timer_free(walk->timer);
    free(walk->name);
    free(walk);
}

bool event_walk_stopped(const struct event_walk *walk)
{
    return walk->stopped;
}

void event_walk_fetch(struct event_walk *walk, const struct event_query *query,
                      const struct row_place *after, int64_t until_ms)
{
    event_pager_fetch(walk->pager, query, after, until_ms);
}

void event_walk_note(struct event_walk *walk, const char *text)
{
    checkpoint_write(walk->options.access.journal, walk->name, text,
                     on_written, walk);
}

void event_walk_wait(struct event_walk *walk, int64_t us)
{
    if (!walk->stopped)
        loop_timer_set(walk->timer, us);
}
