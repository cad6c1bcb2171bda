/* What a screen shows: the ring of newest events, filled backwards from the
 * journal when it opens, and running sums. The service "board". */
#ifndef TELLTALE_BOARD_H
#define TELLTALE_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "live/ring.h"
#include "live/tally.h"

struct board_marks;
struct service_host;
struct whom;

struct board {
    const struct service_host *host;
    struct ring *ring;
    struct tally *tally;
    uint64_t kept_seq; /* of the newest event that came live */
    struct history *history;
    struct board_marks *marks; /* being read; NULL: none are */
    const struct whom *gone;   /* being forgotten: not shown; NULL: nobody */
};

/* Takes their rows out at once, though the journal still has them; NULL when
 * it has none any more. whom is borrowed until then. board NULL: no screen. */
void board_hide(struct board *board, const struct whom *whom);

/* board_marks.c: signals were concluded: rows learn what rests on them. board
 * NULL: no screen. */
void board_mark(struct board *board);
/* All of that account was read. board NULL: no screen. */
void board_read(struct board *board, const char *account, int64_t at);
/* After journal_close(). */
void board_marks_free(struct board *board);

/* history.c: fills the ring backwards from the journal, in slices, below the
 * events that arrive meanwhile. */
void history_start(struct board *board, uint64_t last_seq);
/* Once more, from nothing, up to that seq: so many events of the past have
 * come, or (0) some are to go. Later ones arrive live. */
void history_restart(struct board *board, uint64_t last_seq, size_t events);
void history_free(struct board *board); /* after journal_close() */

#endif
