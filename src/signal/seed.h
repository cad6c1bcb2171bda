/* What is known of an account, learnt again from the sums of the journal. For
 * the reader's thread. */
#ifndef TELLTALE_SIGNAL_SEED_H
#define TELLTALE_SIGNAL_SEED_H

#include <stdint.h>

#include "base/err.h"
#include "journal/journal.h"
#include "signal/signal.h"

struct seed;

/* Begins with every account that has events up to that seq and that the
 * engine knows nothing of, which is an account whose memory is gone. The
 * engine is not to be fed before the end. */
struct seed *seed_new(struct engine *engine, uint64_t seq);
void seed_free(struct seed *seed); /* NULL is allowed */

/* *due: by that tick, not yet fed, a clock that was behind is set. The engine
 * was taken back with it, and days it would come to now ended before. */
bool seed_is_due(struct engine *engine, struct journal_reader *reader,
                 uint64_t seq, int64_t at, bool *due, struct err *err);

/* A slice, as of a reader_job. What the engine concluded before and has not
 * handed out is lost. */
enum reader_step seed_slice(struct seed *seed, struct journal_reader *reader,
                            struct err *err);

#endif
