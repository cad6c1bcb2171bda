/* What is known of an account, learnt again from the sums of the journal. For
 * the reader's thread. */
#ifndef TELLTALE_SIGNAL_SEED_H
#define TELLTALE_SIGNAL_SEED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "signal/signal.h"

struct journal_reader;

/* Of every account that has events up to that seq and that the engine knows
 * nothing of, which is an account whose memory is gone. What the engine
 * concluded before and has not handed out is lost. */
bool seed_missing(struct engine *engine, struct journal_reader *reader,
                  uint64_t seq, struct err *err);

#endif
