/* The tables mirrors and outbox, as they are told. */
#include "command/mirror_row.h"

#include <sqlite3.h>

#include "base/banned.h"

static const char *text_at(sqlite3_stmt *rows, int column)
{
    const unsigned char *text = sqlite3_column_text(rows, column);

    return text ? (const char *)text : "";
}

size_t mirror_rows(struct journal_reader *reader, const char *name,
                   void (*each)(void *ctx, const struct mirror_row *row),
                   void *ctx)
{
    static const char sql[] =
        "SELECT name, state, reason, events, (SELECT ifnull(sum(events), 0) "
        "FROM outbox WHERE mirror = name AND state <> 'parked'), (SELECT "
        "ifnull(sum(events), 0) FROM outbox WHERE mirror = name AND state = "
        "'parked') FROM mirrors WHERE ?1 IS NULL OR name = ?1 ORDER BY name";
    sqlite3_stmt *rows = NULL;
    size_t count = 0;

    if (sqlite3_prepare_v2(reader_db(reader), sql, -1, &rows, NULL) !=
        SQLITE_OK)
        return 0;
    sqlite3_bind_text(rows, 1, name, -1, SQLITE_STATIC);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const struct mirror_row row = {
            .name = text_at(rows, 0),
            .state = text_at(rows, 1),
            .reason = text_at(rows, 2),
            .sent = (uint64_t)sqlite3_column_int64(rows, 3),
            .waiting = (uint64_t)sqlite3_column_int64(rows, 4),
            .parked = (uint64_t)sqlite3_column_int64(rows, 5)};

        each(ctx, &row);
        count++;
    }
    sqlite3_finalize(rows);
    return count;
}
