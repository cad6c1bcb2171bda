/* Small pieces of SQLite for outbox.c and outbox_plan.c. */
#include "mirror/outbox_row.h"

#include "base/mem.h"
#include "journal/db.h"

#include "base/banned.h"

char *outbox_text(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return xstrdup(text ? text : "");
}

bool outbox_row(sqlite3_stmt *statement, struct err *err)
{
    int code = sqlite3_step(statement);

    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return db_fail(sqlite3_db_handle(statement), err, "outbox");
    return code == SQLITE_ROW;
}

bool outbox_run(sqlite3 *db, const char *sql, const char *mirror,
                struct err *err)
{
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, mirror);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}
