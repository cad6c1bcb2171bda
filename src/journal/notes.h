/* Notes on accounts: one each, the user's own words, of the table notes. What
 * is noted on a signal or a pin stands with those. For the writer, inside its
 * transaction; to read, for any connection. */
#ifndef TELLTALE_JOURNAL_NOTES_H
#define TELLTALE_JOURNAL_NOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct sqlite3;

/* Writes the note on an account, in place of what was there; text NULL takes
 * it away. Beyond LIMIT_ACCOUNT_NOTES nothing is changed; *full then. */
bool notes_set(struct sqlite3 *db, const char *account, const char *text,
               int64_t at, bool *full, struct err *err);
/* The note on it, the caller's to free; NULL: there is none. */
bool notes_find(struct sqlite3 *db, const char *account, char **text,
                struct err *err);
/* All of them, in the order of the accounts' ids, as strcmp() has it; text is
 * valid during the call. */
bool notes_each(struct sqlite3 *db,
                void (*each)(void *ctx, const char *account, const char *text),
                void *ctx, struct err *err);

#endif
