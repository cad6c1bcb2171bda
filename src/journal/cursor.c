/* The SQL of the table cursors: each statement is made, run and gone. */
#include "journal/cursor.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "journal/db.h"

#include "base/banned.h"

static bool make(sqlite3 *db, const char *reader, uint64_t seq,
                 struct err *err)
{
    static const char sql[] =
        "INSERT INTO cursors (reader, seq, updated) VALUES (?1, ?2, ?3) ON "
        "CONFLICT DO NOTHING";
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, reader);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)seq);
    sqlite3_bind_int64(statement, 3, clock_now_ms());
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

bool cursor_find(sqlite3 *db, const char *reader, uint64_t *seq,
                 struct err *err)
{
    static const char sql[] =
        "SELECT seq FROM cursors WHERE reader = ?1 AND origin = x''";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    bool found;

    if (!row)
        return false;
    db_bind_text(row, 1, reader);
    found = sqlite3_step(row) == SQLITE_ROW;
    if (found)
        *seq = (uint64_t)sqlite3_column_int64(row, 0);
    else
        db_fail(db, err, "cursor");
    sqlite3_finalize(row);
    return found;
}

bool cursor_open(sqlite3 *db, const char *reader, uint64_t *seq,
                 struct err *err)
{
    return make(db, reader, *seq, err) && cursor_find(db, reader, seq, err);
}

bool cursor_slowest(sqlite3 *db, char *const *readers, size_t count,
                    int64_t *seq, struct err *err)
{
    sqlite3_stmt *row = db_prepare(
        db, "SELECT seq FROM cursors WHERE reader = ?1 AND origin = x''",
        false, err);
    int code = SQLITE_DONE;

    *seq = INT64_MAX;
    if (!row)
        return false;
    for (size_t i = 0; i < count && code == SQLITE_DONE; i++) {
        db_bind_text(row, 1, readers[i]);
        while ((code = sqlite3_step(row)) == SQLITE_ROW)
            if (sqlite3_column_int64(row, 0) < *seq)
                *seq = sqlite3_column_int64(row, 0);
        sqlite3_reset(row);
    }
    sqlite3_finalize(row);
    return code == SQLITE_DONE || db_fail(db, err, "cursors");
}

bool cursor_move(sqlite3 *db, const char *reader, uint64_t from, uint64_t to,
                 struct err *err)
{
    static const char sql[] =
        "UPDATE cursors SET seq = ?3, updated = ?4 WHERE reader = ?1 AND "
        "origin = x'' AND seq = ?2";
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, reader);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)from);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)to);
    sqlite3_bind_int64(statement, 4, clock_now_ms());
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    if (ok && sqlite3_changes(db) != 1)
        return err_set(err, "the cursor of %.60s is not where it was", reader);
    return ok;
}

bool cursor_find_there(sqlite3 *db, const char *reader, struct uuid *origin,
                       uint64_t *seq, struct err *err)
{
    static const char sql[] =
        "SELECT origin, seq FROM cursors WHERE reader = ?1 AND "
        "length(origin) = 16 ORDER BY updated DESC LIMIT 1";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    int code;

    if (!row)
        return false;
    db_bind_text(row, 1, reader);
    *seq = 0;
    code = sqlite3_step(row);
    if (code == SQLITE_ROW) {
        memcpy(origin->bytes, sqlite3_column_blob(row, 0),
               sizeof origin->bytes);
        *seq = (uint64_t)sqlite3_column_int64(row, 1);
    }
    return db_end(row, code, err);
}

bool cursor_find_in(sqlite3 *db, const char *reader, const struct uuid *origin,
                    uint64_t *seq, struct err *err)
{
    sqlite3_stmt *row =
        db_prepare(db,
                   "SELECT seq FROM cursors WHERE reader = ?1 AND origin = ?2",
                   false, err);
    int code;

    *seq = 0;
    if (!row)
        return false;
    db_bind_text(row, 1, reader);
    sqlite3_bind_blob(row, 2, origin->bytes, sizeof origin->bytes,
                      SQLITE_STATIC);
    code = sqlite3_step(row);
    if (code == SQLITE_ROW)
        *seq = (uint64_t)sqlite3_column_int64(row, 0);
    return db_end(row, code, err);
}

static bool put_there(sqlite3 *db, const char *sql, const char *reader,
                      const struct uuid *origin, uint64_t to, struct err *err)
{
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, reader);
    sqlite3_bind_blob(statement, 2, origin->bytes, sizeof origin->bytes,
                      SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)to);
    sqlite3_bind_int64(statement, 4, clock_now_ms());
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

bool cursor_move_there(sqlite3 *db, const char *reader,
                       const struct uuid *origin, uint64_t to, struct err *err)
{
    return put_there(db,
                     "INSERT INTO cursors (reader, origin, seq, updated) "
                     "VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET "
                     "seq = max(seq, excluded.seq), "
                     "updated = excluded.updated",
                     reader, origin, to, err);
}

bool cursor_put_there(sqlite3 *db, const char *reader,
                      const struct uuid *origin, uint64_t seq, struct err *err)
{
    return put_there(db,
                     "INSERT INTO cursors (reader, origin, seq, updated) "
                     "VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET "
                     "seq = excluded.seq, updated = excluded.updated",
                     reader, origin, seq, err);
}

bool cursor_each_there(sqlite3 *db, const char *reader,
                       void (*each)(void *ctx, const struct uuid *origin,
                                    uint64_t seq),
                       void *ctx, struct err *err)
{
    static const char sql[] = "SELECT origin, seq FROM cursors WHERE reader = "
                              "?1 AND length(origin) = 16";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    int code;

    if (!row)
        return false;
    db_bind_text(row, 1, reader);
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        struct uuid origin;

        memcpy(origin.bytes, sqlite3_column_blob(row, 0), sizeof origin.bytes);
        each(ctx, &origin, (uint64_t)sqlite3_column_int64(row, 1));
    }
    return db_end(row, code, err);
}

bool cursor_read_text(sqlite3 *db, const char *reader, char **text,
                      struct err *err)
{
    static const char sql[] =
        "SELECT state FROM cursors WHERE reader = ?1 AND origin = x''";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    int code;

    *text = NULL;
    if (!row)
        return false;
    db_bind_text(row, 1, reader);
    code = sqlite3_step(row);
    if (code == SQLITE_ROW && sqlite3_column_text(row, 0))
        *text = xstrdup((const char *)sqlite3_column_text(row, 0));
    return db_end(row, code, err);
}

bool cursor_write_text(sqlite3 *db, const char *reader, const char *text,
                       struct err *err)
{
    static const char sql[] =
        "INSERT INTO cursors (reader, seq, state, updated) VALUES (?1, 0, ?2, "
        "?3) ON CONFLICT DO UPDATE SET state = ?2, updated = ?3";
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, reader);
    db_bind_text(statement, 2, text);
    sqlite3_bind_int64(statement, 3, clock_now_ms());
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}
