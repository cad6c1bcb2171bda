/* A piece of the journal in the order of time, read for a screen: what is
 * asked, and what came of it. It has one owner at a time: who asks, the host
 * while it reads, and again who asked. */
#ifndef TELLTALE_PAST_PIECE_H
#define TELLTALE_PAST_PIECE_H

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"
#include "journal/reader.h"

struct past_piece {
    struct reader_walk walk; /* where it begins; then, where the next does */
    size_t want;             /* events */

    bool ok;                   /* false: it could not be read */
    struct event_batch *batch; /* in the walk's order, without bodies */
    bool more;                 /* the journal goes on behind them */
};

#endif
