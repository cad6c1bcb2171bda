/* The table acts: what was said of signals, events and accounts, so that who
 * was away can be told of it. Of each subject the newest; of all, the newest
 * LIMIT_ACTS. On a board that is attached: what was said there, of which some
 * is still to be told (the table acts_untold). */
#ifndef TELLTALE_JOURNAL_ACTS_H
#define TELLTALE_JOURNAL_ACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct pin_place;
struct sqlite3;

struct act_row {
    int64_t id;          /* given by acts_add() */
    const char *subject; /* as in schema/added.sql */
    const char *verb, *who;
    int64_t at; /* wall ms */
};

/* What is said of: "state 7" or "note 7" of a signal, "pin JOURNAL 7" of an
 * event, "read ORGANISATION" or "about ORGANISATION" of an account. Each is
 * added to out. */
void act_subject_signal(struct buf *out, bool note, int64_t id);
void act_subject_pin(struct buf *out, const struct pin_place *place);
void act_subject_account(struct buf *out, bool note, const char *account);

/* For the writer, inside its transaction; row->id is filled in. */
bool acts_add(struct sqlite3 *db, struct act_row *row, struct err *err);
/* Those of a damaged journal went up to `last`, at least: ids go on behind it,
 * and behind all that there are, with a gap. */
bool acts_leave_gap(struct sqlite3 *db, int64_t last, struct err *err);
/* The newest of a subject; *id 0: there is none. */
bool acts_find(struct sqlite3 *db, const char *subject, int64_t *id,
               int64_t *at, struct err *err);
/* Those behind an id, in order; text is valid during the call. False with
 * err; each returns false to stop. */
bool acts_each(struct sqlite3 *db, int64_t after,
               bool (*each)(void *ctx, const struct act_row *row), void *ctx,
               struct err *err);

/* ---- of an attached board ---- */

/* The same as acts_add(), and it waits to be told, in place of what waited of
 * its subject. event: of a pin, the seq here; else 0. Beyond LIMIT_UNTOLD, of
 * what was read half of it, nothing is noted; *full then. */
bool acts_keep(struct sqlite3 *db, struct act_row *row, uint64_t event,
               bool *full, struct err *err);
/* How many wait. */
bool acts_waiting(struct sqlite3 *db, size_t *count, struct err *err);
/* The one that waits longest, as acts_each(): one at most. */
bool acts_first_untold(struct sqlite3 *db,
                       bool (*each)(void *ctx, const struct act_row *row),
                       void *ctx, struct err *err);
/* It waits no longer, unless what came of its subject meanwhile is newer than
 * the act `upto` there. *ended: it waited, and does not any more. */
bool acts_told(struct sqlite3 *db, int64_t id, uint64_t upto, bool *ended,
               struct err *err);
/* The act there of that id, made at that time, is about a subject: does
 * something of ours wait that is about the same? *id is its id and *at its
 * time, 0 where none does; that the act came is noted with it. */
bool acts_meet(struct sqlite3 *db, const char *subject, uint64_t act,
               int64_t *id, int64_t *at, struct err *err);

#endif
