/* The tables mirrors and outbox, as they are told. */
#include "command/mirror_row.h"

#include <sqlite3.h>

#include "journal/db.h"

#include "base/banned.h"

static const char *text_at(sqlite3_stmt *rows, int column)
{
    const unsigned char *text = sqlite3_column_text(rows, column);

    return text ? (const char *)text : "";
}

bool mirror_rows(struct journal_reader *reader, const char *name,
                 void (*each)(void *ctx, const struct mirror_row *row),
                 void *ctx, size_t *count, struct err *err)
{
    static const char sql[] =
        "SELECT name, state, reason, events, (SELECT ifnull(sum(events), 0) "
        "FROM outbox WHERE mirror = name AND state <> 'parked'), (SELECT "
        "ifnull(sum(events), 0) FROM outbox WHERE mirror = name AND state = "
        "'parked'), (SELECT count(*) FROM events WHERE seq > (SELECT seq FROM "
        "cursors WHERE reader = 'mirror ' || mirrors.name AND origin = x'')) "
        "FROM "
        "mirrors WHERE ?1 IS NULL OR name = ?1 ORDER BY name";
    sqlite3_stmt *rows = db_prepare(reader_db(reader), sql, false, err);
    int code;

    *count = 0;
    if (!rows)
        return false;
    db_bind_text(rows, 1, name);
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        const struct mirror_row row = {
            .name = text_at(rows, 0),
            .state = text_at(rows, 1),
            .reason = text_at(rows, 2),
            .sent = (uint64_t)sqlite3_column_int64(rows, 3),
            .waiting = (uint64_t)sqlite3_column_int64(rows, 4),
            .parked = (uint64_t)sqlite3_column_int64(rows, 5),
            .unread = (uint64_t)sqlite3_column_int64(rows, 6)};

        each(ctx, &row);
        ++*count;
    }
    return db_end(rows, code, err);
}
