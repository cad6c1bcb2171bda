/* Bodies as they lie in the journal: packed with zstd and a dictionary of
 * what webhooks have in common, a fifth of their size. SQL sees to it by two
 * functions of every connection:
 *   body_pack(text)                  the bytes to keep as encoding 1
 *   body_text(encoding, size, raw)   the text again; NULL when the bytes are
 *                                    damaged, or of an encoding unknown here */
#ifndef TELLTALE_JOURNAL_BODY_H
#define TELLTALE_JOURNAL_BODY_H

#include <stdbool.h>

#include <sqlite3.h>

#include "base/err.h"

/* Teaches them to a connection. */
bool body_register(sqlite3 *db, struct err *err);

#endif
