/* A sequence: what is to be found out or changed at PostHog in more than one
 * question, where each may depend on the answers so far (the pages of a list,
 * the parts of a destination). It says what comes next and takes what came;
 * who runs it sends: posthog_run() while the caller waits, api_async_run() in
 * the loop. */
#ifndef TELLTALE_API_SEQUENCE_H
#define TELLTALE_API_SEQUENCE_H

#include <stdbool.h>

#include "base/err.h"
#include "posthog/api_request.h"

struct api_sequence {
    void *ctx;
    /* Fills in the next question; what it points to stays as it is until
     * next() is called again. False: that was all, or, with err filled in, it
     * cannot go on. */
    bool (*next)(void *ctx, struct question *question, struct err *err);
    /* Its answer. False with err: the sequence is over. */
    bool (*take)(void *ctx, const struct cJSON *answer, struct err *err);
    /* It failed, for that reason, which may be worded better. True: the
     * sequence goes on all the same. NULL: it does not. */
    bool (*refused)(void *ctx, struct err *why);
};

#endif
