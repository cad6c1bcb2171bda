/* The past by the query API: the events that a webhook would have brought,
 * had it been there, into the journal, a page at a time.
 *
 * An event of the past counts on the day it happened, so it is taken as
 * received when it occurred (the rule of event_time() then holds for any age),
 * and carries EVENT_BACKFILLED: it fills sums and lists, and is neither news
 * nor sent on. One that a webhook brought already is a duplicate by uuid. */
#ifndef TELLTALE_BACKFILL_H
#define TELLTALE_BACKFILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "posthog/event_pager.h"

/* How far it is; counts are of this run. */
struct backfill_progress {
    int64_t from_ms;  /* where this run began; later than asked for when an
                          earlier run got that far */
    int64_t at_ms;    /* everything before is there */
    int64_t first_ms; /* PostHog was asked when the first event was: there;
                         until_ms: there is none; 0: it was not asked */
    int64_t until_ms;
    size_t events, duplicates, skipped; /* kept; there already; unreadable */
};

struct backfill_options {
    struct event_access access;
    const struct event_query *query;
    int64_t since_ms, until_ms;
    /* What a part of a page brought, duplicates marked; may be NULL. */
    void (*on_kept)(void *ctx, const struct event_batch *batch);
    /* After every page; before a wait that PostHog asks for. */
    void (*on_progress)(void *ctx, const struct backfill_progress *progress);
    posthog_waiting *on_waiting;
    /* The end, once: err is NULL when all is there. */
    void (*on_done)(void *ctx, const struct backfill_progress *progress,
                    const struct err *err);
    void *ctx;
};

struct backfill;

/* Begins in the next turn of the loop; everything is borrowed. Where it got
 * to is kept in the journal after every page, so that the next one, asked for
 * the same events, goes on there. */
struct backfill *backfill_new(const struct backfill_options *options);
/* Asks no more, and tells nobody; before the journal is closed. */
void backfill_stop(struct backfill *backfill);
void backfill_free(struct backfill *backfill); /* after it; NULL is allowed */

/* The project's address, for links and for telling projects apart: shown, as
 * configured, or if NULL from PostHog's host and project. False with err. */
bool backfill_project_url(const struct posthog *posthog, const char *shown,
                          struct buf *out, struct err *err);

#endif
