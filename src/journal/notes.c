/* The table notes, of which the rows about accounts are used. It has no key
 * but a number of its own: a note that is written anew is another row. */
#include "journal/notes.h"

#include <sqlite3.h>

#include "base/limits.h"
#include "base/mem.h"
#include "journal/db.h"

#include "base/banned.h"

static bool take_away(sqlite3 *db, const char *account, struct err *err)
{
    sqlite3_stmt *row = db_prepare(
        db, "DELETE FROM notes WHERE about = 'account' AND subject = ?1",
        false, err);
    bool ok;

    if (!row)
        return false;
    db_bind_text(row, 1, account);
    ok = db_run(row, err);
    sqlite3_finalize(row);
    return ok;
}

/* Where it has one already, that makes no more of them. */
static bool is_room(sqlite3 *db, const char *account, bool *room,
                    struct err *err)
{
    sqlite3_stmt *row = db_prepare(
        db,
        "SELECT (SELECT count(*) FROM notes WHERE about = 'account' AND "
        "subject <> ?1) < ?2",
        false, err);
    int code;

    *room = false;
    if (!row)
        return false;
    db_bind_text(row, 1, account);
    sqlite3_bind_int(row, 2, LIMIT_ACCOUNT_NOTES);
    code = sqlite3_step(row);
    if (code == SQLITE_ROW)
        *room = sqlite3_column_int(row, 0);
    return db_end(row, code, err);
}

static bool put(sqlite3 *db, const char *account, const char *text, int64_t at,
                struct err *err)
{
    sqlite3_stmt *row = db_prepare(
        db,
        "INSERT INTO notes (about, subject, text, at) VALUES ('account', ?1, "
        "?2, ?3)",
        false, err);
    bool ok;

    if (!row)
        return false;
    db_bind_text(row, 1, account);
    db_bind_text(row, 2, text);
    sqlite3_bind_int64(row, 3, at);
    ok = db_run(row, err);
    sqlite3_finalize(row);
    return ok;
}

bool notes_set(sqlite3 *db, const char *account, const char *text, int64_t at,
               bool *full, struct err *err)
{
    bool room = true;

    *full = false;
    if (text && !is_room(db, account, &room, err))
        return false;
    *full = !room;
    return *full || (take_away(db, account, err) &&
                     (!text || put(db, account, text, at, err)));
}

bool notes_find(sqlite3 *db, const char *account, char **text, struct err *err)
{
    sqlite3_stmt *row = db_prepare(
        db, "SELECT text FROM notes WHERE about = 'account' AND subject = ?1",
        false, err);
    int code;

    *text = NULL;
    if (!row)
        return false;
    db_bind_text(row, 1, account);
    code = sqlite3_step(row);
    if (code == SQLITE_ROW)
        *text = xstrdup((const char *)sqlite3_column_text(row, 0));
    return db_end(row, code, err);
}

bool notes_each(sqlite3 *db,
                void (*each)(void *ctx, const char *account, const char *text),
                void *ctx, struct err *err)
{
    sqlite3_stmt *row = db_prepare(
        db,
        "SELECT subject, text FROM notes WHERE about = 'account' ORDER BY "
        "subject, id",
        false, err);
    int code;

    if (!row)
        return false;
    while ((code = sqlite3_step(row)) == SQLITE_ROW)
        each(ctx, (const char *)sqlite3_column_text(row, 0),
             (const char *)sqlite3_column_text(row, 1));
    return db_end(row, code, err);
}
