#include "journal/acts.h"

#include "base/limits.h"
#include "journal/db.h"

#include "base/banned.h"

static bool let_go(sqlite3 *db, struct err *err)
{
    sqlite3_stmt *statement =
        db_prepare(db, "DELETE FROM acts WHERE id <= last_insert_rowid() - ?1",
                   false, err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, LIMIT_ACTS);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

bool acts_note(sqlite3 *db, const struct act_note *note, struct err *err)
{
    sqlite3_stmt *statement =
        db_prepare(db,
                   "INSERT OR REPLACE INTO acts (subject, verb, who, at) "
                   "VALUES (?1, ?2, ?3, ?4)",
                   false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, note->subject);
    db_bind_text(statement, 2, note->verb);
    db_bind_text(statement, 3, note->who);
    sqlite3_bind_int64(statement, 4, note->at);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok && let_go(db, err);
}

bool acts_each(sqlite3 *db, int64_t after,
               bool (*each)(void *ctx, const struct act_note *note), void *ctx,
               struct err *err)
{
    sqlite3_stmt *row =
        db_prepare(db,
                   "SELECT id, subject, verb, who, at FROM acts WHERE id > ?1 "
                   "ORDER BY id",
                   false, err);
    int code = SQLITE_DONE;

    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, after);
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        struct act_note note = {
            .id = sqlite3_column_int64(row, 0),
            .subject = (const char *)sqlite3_column_text(row, 1),
            .verb = (const char *)sqlite3_column_text(row, 2),
            .who = (const char *)sqlite3_column_text(row, 3),
            .at = sqlite3_column_int64(row, 4)};

        if (!each(ctx, &note))
            break;
    }
    return db_end(row, code, err);
}
