/* The database file under a journal: made, opened, checked, and the few
 * calls that every user of it needs. Connections are not shared between
 * threads. */
#ifndef TELLTALE_DB_H
#define TELLTALE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/err.h"
#include "base/uuid.h"

#define DB_BUSY_MS 1000   /* that a lock of somebody else is waited for */
#define DB_PAGE_SIZE 4096 /* of new ones; the first had 8192 */

/* Opens the journal for writing; makes it, and the directories above it,
 * when it is not there, and what one of an earlier day lacks (added.sql).
 * NULL with err: not a journal, or a newer one. */
sqlite3 *db_open(const char *path, struct err *err);
/* What SQLite finds in an open file. */
enum db_kind {
    DB_EMPTY,   /* no table: may become a journal */
    DB_JOURNAL, /* of a version known here */
    DB_OTHER,   /* err says; sqlite3_errcode() whether SQLite can read it */
};
enum db_kind db_kind(sqlite3 *db, const char *path, struct err *err);
/* Opens it for reading only; makes nothing. */
sqlite3 *db_open_reader(const char *path, struct err *err);
/* NULL is allowed. Does not say whether the log could be copied into the
 * file: db_empty_log() does. */
void db_close(sqlite3 *db);
/* Copies the log into the file, and empties it. False with err: at least a
 * part of it is in the log alone. */
bool db_empty_log(sqlite3 *db, struct err *err);
/* In bytes; that of new ones when it cannot be read. */
size_t db_page_size(sqlite3 *db);

/* Fills err with what, then SQLite's message; returns false. Never quotes a
 * value of a statement. */
bool db_fail(sqlite3 *db, struct err *err, const char *what);
bool db_exec(sqlite3 *db, const char *sql, struct err *err);
/* NULL with err. persistent: kept for as long as the connection. */
sqlite3_stmt *db_prepare(sqlite3 *db, const char *sql, bool persistent,
                         struct err *err);
/* Runs a prepared statement that gives no rows, and resets it. */
bool db_run(sqlite3_stmt *statement, struct err *err);
/* After the last sqlite3_step() of a statement that gives rows, which said
 * `code`: frees it. False with err: it was an error, and not the end. */
bool db_end(sqlite3_stmt *statement, int code, struct err *err);
/* What a statement gives in its first row, 0 where it gives none; frees it.
 * NULL, with err set already, is false. */
bool db_number_of(sqlite3_stmt *statement, int64_t *out, struct err *err);
/* The same of one without parameters. */
bool db_number(sqlite3 *db, const char *sql, int64_t *out, struct err *err);
/* Binds text; NULL binds NULL. text must live until the statement is run. */
void db_bind_text(sqlite3_stmt *statement, int index, const char *text);

/* From meta. False with err when the key is not there. */
bool db_meta_uuid(sqlite3 *db, const char *key, struct uuid *out,
                  struct err *err);
bool db_meta_number(sqlite3 *db, const char *key, uint64_t *out,
                    struct err *err);
/* The caller frees it; NULL with err. */
char *db_meta_text(sqlite3 *db, const char *key, struct err *err);

#endif
