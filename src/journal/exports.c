/* The table exports. What is exported, and how, is command/export.c's. */
#include "journal/exports.h"

#include "journal/db.h"

#include "base/banned.h"

bool exports_note(sqlite3 *db, const struct export_note *note, struct err *err)
{
    static const char sql[] =
        "INSERT INTO exports (id, at, query, target, events) VALUES "
        "(?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET events = "
        "excluded.events";
    sqlite3_stmt *add = db_prepare(db, sql, false, err);
    bool ok;

    if (!add)
        return false;
    sqlite3_bind_int64(add, 1, note->id);
    sqlite3_bind_int64(add, 2, note->at);
    db_bind_text(add, 3, note->query);
    db_bind_text(add, 4, note->target);
    sqlite3_bind_int64(add, 5, (int64_t)note->events);
    ok = db_run(add, err);
    sqlite3_finalize(add);
    return ok;
}

bool exports_each(sqlite3 *db,
                  bool (*each)(void *ctx, const struct export_note *note),
                  void *ctx, struct err *err)
{
    static const char sql[] =
        "SELECT id, at, query, target, events FROM exports ORDER BY at, id";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    int result = row ? SQLITE_ROW : SQLITE_ERROR;

    while (row && (result = sqlite3_step(row)) == SQLITE_ROW) {
        struct export_note note = {
            .id = sqlite3_column_int64(row, 0),
            .at = sqlite3_column_int64(row, 1),
            .query = (const char *)sqlite3_column_text(row, 2),
            .target = (const char *)sqlite3_column_text(row, 3),
            .events = (uint64_t)sqlite3_column_int64(row, 4)};

        if (!each(ctx, &note)) {
            result = SQLITE_DONE;
            break;
        }
    }
    if (row && result != SQLITE_DONE)
        db_fail(db, err, "the exports");
    sqlite3_finalize(row);
    return result == SQLITE_DONE;
}
