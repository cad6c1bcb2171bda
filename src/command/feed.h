/* The destination this telltale should have, from its settings; for the
 * commands destination and setup. */
#ifndef TELLTALE_FEED_H
#define TELLTALE_FEED_H

#include <stdbool.h>
#include <stdio.h>

#include "app/parts.h"
#include "app/tokens.h"
#include "base/buf.h"
#include "posthog/apply.h"

struct feed {
    struct parts parts;
    struct tokens tokens;
    struct buf name, url;
    struct destination_plan plan; /* points into the rest */
};

/* Reads book, catalogue, tokens and the public URL. On false nothing is left
 * to close. */
bool feed_open(struct feed *feed, const struct config *config,
               struct err *err);
void feed_close(struct feed *feed);

/* What apply.h does, in that mode; false with err. */
bool feed_change(const struct feed *feed, struct posthog *posthog,
                 unsigned mode, apply_done *done, void *ctx, struct err *err);
/* The same, printed; returns an exit code. */
int feed_apply(const struct feed *feed, struct posthog *posthog,
               unsigned mode);
/* Prints what cannot come, a line each. */
void feed_say_unheard(const struct feed *feed, FILE *to);
/* Has PostHog send a test, and waits until it is in the journal when some
 * telltale receives; returns an exit code after saying what happened. */
int feed_test(struct feed *feed, struct posthog *posthog,
              const struct config *config);

#endif
