/* SQL on an open database, and its table meta. Knows nothing of events;
 * opening is db_open.c. */
#include "journal/db.h"

#include <string.h>

#include "base/mem.h"

#include "base/banned.h"

bool db_fail(sqlite3 *db, struct err *err, const char *what)
{
    return err_set(err, "%s: %s", what,
                   db ? sqlite3_errmsg(db) : "out of memory");
}

bool db_exec(sqlite3 *db, const char *sql, struct err *err)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    return db_fail(db, err, "the journal");
}

sqlite3_stmt *db_prepare(sqlite3 *db, const char *sql, bool persistent,
                         struct err *err)
{
    sqlite3_stmt *statement = NULL;
    unsigned flags = persistent ? SQLITE_PREPARE_PERSISTENT : 0;

    if (sqlite3_prepare_v3(db, sql, -1, flags, &statement, NULL))
        db_fail(db, err, "the journal");
    return statement;
}

bool db_run(sqlite3_stmt *statement, struct err *err)
{
    int result = sqlite3_step(statement);
    bool ok = result == SQLITE_DONE || result == SQLITE_ROW;

    if (!ok)
        db_fail(sqlite3_db_handle(statement), err, "the journal");
    sqlite3_reset(statement);
    return ok;
}

bool db_end(sqlite3_stmt *statement, int code, struct err *err)
{
    bool ok = code == SQLITE_DONE || code == SQLITE_ROW;

    if (!ok)
        db_fail(sqlite3_db_handle(statement), err, "the journal");
    sqlite3_finalize(statement);
    return ok;
}

bool db_number_of(sqlite3_stmt *row, int64_t *out, struct err *err)
{
    int code;

    *out = 0;
    if (!row)
        return false;
    code = sqlite3_step(row);
    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(row, 0);
    return db_end(row, code, err);
}

bool db_number(sqlite3 *db, const char *sql, int64_t *out, struct err *err)
{
    return db_number_of(db_prepare(db, sql, false, err), out, err);
}

void db_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

static sqlite3_stmt *meta_row(sqlite3 *db, const char *key, struct err *err)
{
    sqlite3_stmt *statement =
        db_prepare(db, "SELECT value FROM meta WHERE key = ?", false, err);

    if (!statement)
        return NULL;
    db_bind_text(statement, 1, key);
    if (sqlite3_step(statement) == SQLITE_ROW)
        return statement;
    sqlite3_finalize(statement);
    err_set(err, "the journal is damaged: it has no %s", key);
    return NULL;
}

bool db_meta_uuid(sqlite3 *db, const char *key, struct uuid *out,
                  struct err *err)
{
    sqlite3_stmt *row = meta_row(db, key, err);
    bool ok;

    if (!row)
        return false;
    ok = sqlite3_column_bytes(row, 0) == sizeof out->bytes;
    if (ok)
        memcpy(out->bytes, sqlite3_column_blob(row, 0), sizeof out->bytes);
    else
        err_set(err, "the journal is damaged: its %s is not one", key);
    sqlite3_finalize(row);
    return ok;
}

bool db_meta_number(sqlite3 *db, const char *key, uint64_t *out,
                    struct err *err)
{
    sqlite3_stmt *row = meta_row(db, key, err);

    if (!row)
        return false;
    *out = (uint64_t)sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return true;
}

char *db_meta_text(sqlite3 *db, const char *key, struct err *err)
{
    sqlite3_stmt *row = meta_row(db, key, err);
    char *text;

    if (!row)
        return NULL;
    text = xstrndup((const char *)sqlite3_column_text(row, 0),
                    (size_t)sqlite3_column_bytes(row, 0));
    sqlite3_finalize(row);
    return text;
}

bool db_empty_log(sqlite3 *db, struct err *err)
{
    return !sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE,
                                      NULL, NULL) ||
           db_fail(db, err, "the log cannot be emptied");
}

void db_close(sqlite3 *db)
{
    sqlite3_close(db);
}
