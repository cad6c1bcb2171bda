/* A walk through the events that PostHog has, page by page: where one is is
 * kept in the journal under a name, so that a walk goes on there after a
 * restart; between pages one may wait. What polling and backfill, which
 * decide what to ask for, have in common. */
#ifndef TELLTALE_EVENT_WALK_H
#define TELLTALE_EVENT_WALK_H

#include "posthog/event_pager.h"

struct event_walk_options {
    struct event_access access;
    const char *name;  /* of the place; copied */
    bool follow_clock; /* as the pager's, like those below */
    void (*on_batch)(void *ctx, struct event_batch *batch);
    void (*on_kept)(void *ctx, const struct append_result *kept);
    void (*on_page)(void *ctx, const struct event_page *page,
                    const struct err *err);
    posthog_waiting *on_waiting;
    /* Before all else: what was noted before, NULL for nothing. With err it
     * could not be read, and will be again after the next wait. */
    void (*on_place)(void *ctx, const char *text, const struct err *err);
    /* A wait is over. */
    void (*on_turn)(void *ctx);
    /* A place is noted; with err, it is not. */
    void (*on_noted)(void *ctx, const struct err *err);
    void *ctx;
};

struct event_walk;

/* Reads the place in the next turn of the loop. */
struct event_walk *event_walk_new(const struct event_walk_options *options);
/* Asks no more and waits no more, whatever it is told; before the journal is
 * closed. As event_pager_stop(). */
void event_walk_stop(struct event_walk *walk);
void event_walk_free(struct event_walk *walk); /* after it; NULL is allowed */
bool event_walk_stopped(const struct event_walk *walk);

/* As event_pager_fetch(). */
void event_walk_fetch(struct event_walk *walk, const struct event_query *query,
                      const struct row_place *after, int64_t until_ms);
void event_walk_note(struct event_walk *walk, const char *text);
void event_walk_wait(struct event_walk *walk, int64_t us);

#endif
