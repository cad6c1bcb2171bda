/* Which signals rest on an event: the table signals names the events of each,
 * by seq. Read when there are others than before. Private to the reader. */
#ifndef TELLTALE_EVIDENCE_H
#define TELLTALE_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "event/event.h"

struct evidence {
    struct evidence_piece {
        uint64_t seq;
        unsigned signals; /* as in struct event */
    } * pieces;           /* in order of seq, each seq once */
    size_t count, cap;
    int64_t newest, withdrawn; /* what it was read from */
};

/* Brings it up to date. What cannot be read leaves it as it was: events are
 * worth more than what is concluded from them. */
void evidence_refresh(struct evidence *evidence, sqlite3 *db);
/* Says of count events which signals rest on them. */
void evidence_mark(const struct evidence *evidence, struct event *events,
                   size_t count);
void evidence_free(struct evidence *evidence);

#endif
