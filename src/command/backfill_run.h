/* The two ways of a backfill: in this process, or by the running telltale
 * that owns the journal. Both return an exit code after saying what came of
 * it. */
#ifndef TELLTALE_BACKFILL_RUN_H
#define TELLTALE_BACKFILL_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"

struct backfill_span {
    int64_t since_ms, until_ms; /* wall time */
    bool aside; /* what came of it is not said: it is for something else */
};

/* Nobody may own the journal. */
int backfill_here(const struct config *config,
                  const struct backfill_span *span);
/* The owner of that journal does it, and is asked how far it is. */
int backfill_by_owner(const char *journal, const struct backfill_span *span);

#endif
