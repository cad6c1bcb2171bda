/* How much of the log is copied into the database at a time: nothing is
 * committed meanwhile, so no more than takes some milliseconds. Pages that
 * were written again and again are copied once, so that is not the same at
 * all times, and is learnt from how long it took. */
#ifndef TELLTALE_CHECKPOINT_PACE_H
#define TELLTALE_CHECKPOINT_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct checkpoint_pace {
    size_t limit; /* of the log, in bytes: above it, it is copied */
    size_t at;    /* its length when it was copied last */
};

struct checkpoint_pace checkpoint_pace_new(void);
/* The log has now so many bytes. True past the limit, and again each time a
 * part of it came on top: a reader that holds the log must not make every
 * commit copy in vain. */
bool checkpoint_pace_is_due(struct checkpoint_pace *pace, size_t bytes);
/* It took so long: half of the limit when that was too long, twice when it
 * was short, up to LIMIT_WAL. */
void checkpoint_pace_learn(struct checkpoint_pace *pace, int64_t us);

#endif
