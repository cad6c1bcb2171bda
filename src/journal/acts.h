/* The table acts: what was said of signals, events and accounts, so that who
 * was away can be told of it. Of each subject the newest; of all, the newest
 * LIMIT_ACTS. */
#ifndef TELLTALE_JOURNAL_ACTS_H
#define TELLTALE_JOURNAL_ACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct sqlite3;

struct act_note {
    int64_t id;          /* given by acts_note() */
    const char *subject; /* as in schema/added.sql */
    const char *verb, *who;
    int64_t at; /* wall ms */
};
/* For the writer, inside its transaction. */
bool acts_note(struct sqlite3 *db, const struct act_note *note,
               struct err *err);
/* Those behind an id, in order; text is valid during the call. False with
 * err; each returns false to stop. */
bool acts_each(struct sqlite3 *db, int64_t after,
               bool (*each)(void *ctx, const struct act_note *note), void *ctx,
               struct err *err);

#endif
