/* Keeping events only for so long. */
#ifndef TELLTALE_PRUNE_H
#define TELLTALE_PRUNE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "journal/journal.h"

typedef void prune_done(void *ctx, bool ok, uint64_t events,
                        const struct err *err);

/* Deletes what was received before that time, oldest first, a little in
 * each transaction so that events are taken in meanwhile; with it refused
 * bodies, ticks, pins, and the names of persons of whom nothing is left. The
 * daily counts stay. What a mirror had not sent yet is counted there, and
 * all of it in counters ('pruned events'). done may be NULL, and is not
 * called when the journal is closed before. */
void journal_prune(struct journal *journal, int64_t before_ms,
                   prune_done *done, void *ctx);

#endif
