/* The front of a line of progress on a terminal: a bar and how long it takes
 * still. */
#ifndef TELLTALE_PROGRESS_H
#define TELLTALE_PROGRESS_H

#include <stdint.h>

#include "base/buf.h"

/* "██████░░░ ", 24 cells wide; done is from 0 to 1. */
void progress_bar(struct buf *out, double done);
/* " · about 12 s left", or nothing where that is soon; spent_us is how long
 * it took so far. */
void progress_left(struct buf *out, int64_t spent_us, double done);

#endif
