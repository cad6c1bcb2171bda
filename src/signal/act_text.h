/* What an act says (journal/acts.h), as a line of the feed and a body of POST
 * /act have it: of its table only its verb is known, the rest is read from
 * what it came to, in signals, pins and notes. For any connection. */
#ifndef TELLTALE_ACT_TEXT_H
#define TELLTALE_ACT_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/uuid.h"
#include "journal/acts.h"

struct sqlite3;

struct act_text {
    bool there;    /* else: nothing is known of it any more */
    bool pinned;   /* of an event: it is */
    int64_t until; /* of a signal that sleeps, wall ms; 0: it does not */
    char *note;    /* the caller's to free; NULL: none */
};

/* Adds ,"account":"…","note":"…" and the like, of that subject. ours: the
 * journal's id; now: wall ms. Where it is not there, part of it may be added;
 * false with err, and nothing to free. */
bool act_text_add(struct buf *out, struct sqlite3 *db, const struct uuid *ours,
                  const char *subject, int64_t now, struct act_text *text,
                  struct err *err);
/* A whole line's rest: ,"act":7,"do":"note","by":"maya","at":"…" and that. */
bool act_text_line(struct buf *out, struct sqlite3 *db,
                   const struct uuid *ours, const struct act_row *row,
                   int64_t now, bool *there, struct err *err);
/* ,"NAME":"VALUE", quoted; name is none of strangers'. */
void act_text_word(struct buf *out, const char *name, const char *value);

#endif
