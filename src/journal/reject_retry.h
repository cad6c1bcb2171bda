/* Refused bodies, decoded again: by a later version, or with other settings,
 * one may be read that could not be before. */
#ifndef TELLTALE_REJECT_RETRY_H
#define TELLTALE_REJECT_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "event/decode.h"
#include "journal/journal.h"

struct reject_retry;

struct reject_retry_result {
    uint64_t tried;   /* bodies that are there from end to end */
    uint64_t decoded; /* of those: no longer refused, and off the list */
    uint64_t events;  /* that came of them and were not there */
};

struct reject_retry_ops {
    /* Committed events, duplicates marked; batch lives for the call. */
    void (*on_kept)(void *ctx, const struct event_batch *batch);
    /* err says why not ok: the rest stays on the list. */
    void (*on_done)(void *ctx, bool ok,
                    const struct reject_retry_result *result,
                    const struct err *err);
};

/* All is borrowed, ops copied; decoder may change between two turns. */
struct reject_retry *reject_retry_new(struct journal *journal,
                                      const struct decoder *decoder,
                                      const struct reject_retry_ops *ops,
                                      void *ctx);
/* After the journal is closed, or once it does not run; NULL is allowed. */
void reject_retry_free(struct reject_retry *retry);
/* Goes through all of them, a few at a time, oldest first. A body leaves the
 * list once its events are committed; should it be decoded again all the same,
 * after a crash in between, they are duplicates. False with err: it runs. */
bool reject_retry_begin(struct reject_retry *retry, struct err *err);
bool reject_retry_runs(const struct reject_retry *retry);

#endif
