/* What the outbox's two files share: small pieces of SQLite. */
#ifndef TELLTALE_OUTBOX_ROW_H
#define TELLTALE_OUTBOX_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include <sqlite3.h>

#include "base/err.h"

/* A copy of a column's text, "" for NULL. */
char *outbox_text(sqlite3_stmt *row, int column);
/* Runs a query of one row; false with an empty err: there is none. */
bool outbox_row(sqlite3_stmt *statement, struct err *err);
/* Runs a statement whose ?1 is the mirror. */
bool outbox_run(sqlite3 *db, const char *sql, const char *mirror,
                struct err *err);

#endif
