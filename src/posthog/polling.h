/* A live feed without a public address: every minute or so PostHog is asked
 * what happened since, and now and then further back for what it showed late.
 * Runs in the loop; what it brings is new, like what a webhook brings, but for
 * what happened more than an hour ago (the lid was shut): that is
 * EVENT_BACKFILLED, as if received when it occurred. Further back than a day
 * it does not look: that is what backfill is for. */
#ifndef TELLTALE_POLLING_H
#define TELLTALE_POLLING_H

#include <stdint.h>

#include "posthog/event_pager.h"

struct polling;

struct polling_options {
    struct event_access access; /* its decoder's book says what to ask */
    int64_t every_ms;
    /* Committed events, duplicates left out; as webhook_options. */
    void (*on_kept)(void *ctx, const struct event_batch *batch);
    void *ctx;
};

/* Asks for the first time in the next turn. Everything is borrowed. */
struct polling *polling_new(const struct polling_options *options);
/* Asks no more; call before the journal is closed, free after it. */
void polling_stop(struct polling *polling);
void polling_free(struct polling *polling); /* NULL is allowed */
/* Events that came late, since the start: PostHog showed them after they had
 * been asked for. *oldest_ms is when the oldest of them happened, or
 * CLOCK_NONE. */
uint64_t polling_late(const struct polling *polling, int64_t *oldest_ms);
/* Why the last time failed, one line; NULL: all is well. */
const char *polling_problem(const struct polling *polling);

#endif
