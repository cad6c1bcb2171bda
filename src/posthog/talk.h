/* A talk: what is to be found out or changed at PostHog in more than one
 * question, where each may depend on the answers so far (the pages of a list,
 * the parts of a destination). It only asks and hears; who holds it sends:
 * posthog_hold() while the caller waits, asker_hold() in the loop. */
#ifndef TELLTALE_TALK_H
#define TELLTALE_TALK_H

#include <stdbool.h>

#include "base/err.h"
#include "posthog/inquiry.h"

struct talk {
    void *ctx;
    /* Fills in the next question; what it points to stays as it is until
     * ask() is called again. False: that was all, or, with err filled in, it
     * cannot go on. */
    bool (*ask)(void *ctx, struct question *question, struct err *err);
    /* Its answer. False with err: the talk is over. */
    bool (*hear)(void *ctx, const struct cJSON *answer, struct err *err);
    /* It failed, for that reason, which may be worded better. True: the talk
     * goes on all the same. NULL: it does not. */
    bool (*refused)(void *ctx, struct err *why);
};

/* Holds it, blocking; false with err. */
bool posthog_hold(struct posthog *posthog, const struct talk *talk,
                  struct err *err);

#endif
