/* What a screen shows: the ring of newest events, filled backwards from the
 * journal when it opens, and running sums. The service "board". */
#ifndef TELLTALE_BOARD_H
#define TELLTALE_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "live/ring.h"
#include "live/tally.h"

struct service_host;

struct board {
    const struct service_host *host;
    struct ring *ring;
    struct tally *tally;
    uint64_t kept_seq; /* of the newest event that came live */
    struct history *history;
};

/* history.c: fills the ring backwards from the journal, in slices, below the
 * events that arrive meanwhile. */
void history_start(struct board *board, uint64_t last_seq);
/* Once more, from nothing, up to that seq: so many events of the past have
 * come. Later ones arrive live. */
void history_restart(struct board *board, uint64_t last_seq, size_t events);
void history_free(struct board *board); /* after journal_close() */

#endif
