/* What a screen shows: the ring of newest events, filled backwards from the
 * journal when it opens, and running sums. The service "board". */
#ifndef TELLTALE_BOARD_H
#define TELLTALE_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live/display.h"
#include "live/ring.h"
#include "live/tally.h"

struct board_marks;
struct forget_goes;
struct service_host;

struct board {
    const struct service_host *host;
    struct ring *ring;
    struct tally *tally;
    uint64_t kept_seq; /* of the newest event that came live */
    struct history *history;
    struct board_marks *marks;      /* being read; NULL: none are */
    const struct forget_goes *gone; /* not shown; NULL: nobody is forgotten */
};

/* Somebody is being forgotten: their rows go at once, though the journal still
 * has them. goes is borrowed until board_forgot(). board NULL: no screen. */
void board_forgets(struct board *board, const struct forget_goes *goes);
/* That has ended: all is read again, since names are gone from what others
 * did, too. Not ok: the journal has all of it, or some, and it shows. */
void board_forgot(struct board *board, bool ok);

/* All of that account was read. board NULL: no screen. */
void board_read(struct board *board, const char *account, int64_t at);

/* board_marks.c: signals were concluded: rows learn what rests on them. board
 * NULL: no screen. */
void board_mark(struct board *board);
/* After journal_close(). */
void board_marks_free(struct board *board);

/* history.c: fills the ring backwards from the journal, in slices, below the
 * events that arrive meanwhile. */
void history_start(struct board *board, uint64_t last_seq);
/* Once more, from nothing, up to that seq: so many events of the past have
 * come, or this is to be said of somebody who is forgotten. Later ones arrive
 * live. Whoever looks is told when the old rows go, also of what an earlier
 * restart has not come to tell. */
void history_restart(struct board *board, uint64_t last_seq, size_t events,
                     enum display_forgetting forgetting);
void history_free(struct board *board); /* after journal_close() */

#endif
