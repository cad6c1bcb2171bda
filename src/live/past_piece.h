/* A piece of the journal in the order of time, read for a screen: what is
 * asked, and what came of it. It has one owner at a time: who asks, the host
 * while it reads, and again who asked. */
#ifndef TELLTALE_PAST_PIECE_H
#define TELLTALE_PAST_PIECE_H

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"
#include "journal/reader.h"

/* Of a seq: it is not our journal's but that of the telltale whose events the
 * board shows, which was asked for what is older than our journal. */
#define PAST_THERE (UINT64_C(1) << 62)

/* Where the walk goes on that has left our journal. */
struct past_there {
    bool on;
    struct reader_place from; /* as in a walk; its seq is theirs */
};

struct past_piece {
    struct reader_walk walk; /* where it begins; then, where the next does */
    struct past_there there; /* or, on: it begins, or goes on, there */
    size_t want;             /* events */

    bool ok;   /* false: it could not be read, */
    bool away; /* since there is no link */
    struct event_batch
        *batch; /* in the walk's order, without bodies, but those
                                  of PAST_THERE */
    bool more;  /* the journal goes on behind them */
};

#endif
