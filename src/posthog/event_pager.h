/* Events by the query API, into the journal, a page at a time, from the loop:
 * a page is decoded and kept in parts, so that what a webhook brings meanwhile
 * stands behind one of them at most. Which pages is known to those who ask for
 * them, where one is to event_walk.c. */
#ifndef TELLTALE_EVENT_PAGER_H
#define TELLTALE_EVENT_PAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/decode.h"
#include "journal/journal.h"
#include "net/client.h"
#include "net/loop.h"
#include "posthog/api.h"
#include "posthog/rows.h"
#include "posthog/event_query.h"

#define EVENT_PAGE_MAX 1000u /* events */

/* What a page brought. */
struct event_page {
    struct row_place last; /* the place behind it */
    bool full;             /* there may be more before its end */
    size_t skipped;        /* rows that could not be read */
};

/* Whom events are asked of, by what means, and where they go. All of it is
 * borrowed. */
struct event_access {
    struct loop *loop;
    struct client *client;
    struct journal *journal;
    const struct posthog *posthog;
    const struct decoder *decoder;
    const char *project_url; /* "https://us.posthog.com/project/2" */
};

struct event_pager_options {
    struct event_access access;
    bool follow_clock; /* received_at := occurred_at */
    /* Before events are kept: may change, and leave out some. */
    void (*on_batch)(void *ctx, struct event_batch *batch);
    /* They are kept, duplicates marked: a part of a page. */
    void (*on_kept)(void *ctx, const struct append_result *kept);
    /* All of a page is kept, or, if page is NULL, not, and err says why. In
     * that call the next may be fetched. */
    void (*on_page)(void *ctx, const struct event_page *page,
                    const struct err *err);
    posthog_waiting *on_waiting;
    void *ctx;
};

struct event_pager;

struct event_pager *event_pager_new(const struct event_pager_options *options);
/* Asks no more, also when a page is to be fetched, and keeps no further part
 * of one, before the journal is closed. That a part is kept that was on its
 * way into the journal is still told. */
void event_pager_stop(struct event_pager *pager);
void event_pager_free(
    struct event_pager *pager); /* after it; NULL is allowed */

/* Asks for the page of events of the query behind `after` and before
 * until_ms. One page at a time. */
void event_pager_fetch(struct event_pager *pager,
                       const struct event_query *query,
                       const struct row_place *after, int64_t until_ms);

#endif
