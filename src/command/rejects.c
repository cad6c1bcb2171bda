/* What was refused, when, why and by whom it was sent. Bodies are a
 * stranger's: they are made harmless here, since no border was passed. */
#include "command/rejects.h"

#include <stdio.h>

#include <cjson/cJSON.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "command/command.h"
#include "base/banned.h"

#define SHOWN 160 /* bytes of a body in a line for people */

enum { AT, STATUS, WHY, PEER, SIZE, BODY };

static void add_clean(struct buf *out, sqlite3_stmt *row, int column,
                      size_t max)
{
    const char *text = sqlite3_column_blob(row, column);
    size_t len = (size_t)sqlite3_column_bytes(row, column);

    text_sanitise(out, text ? text : "", len, max);
}

static void add_member(cJSON *object, const char *name, sqlite3_stmt *row,
                       int column)
{
    struct buf clean;

    if (sqlite3_column_type(row, column) == SQLITE_NULL)
        return;
    buf_init(&clean, LIMIT_REJECT_BODY * 4);
    add_clean(&clean, row, column, LIMIT_REJECT_BODY * 3);
    cJSON_AddStringToObject(object, name, clean.data);
    buf_free(&clean);
}

static void add_json(struct buf *out, sqlite3_stmt *row)
{
    cJSON *object = cJSON_CreateObject();
    char at[CLOCK_ISO_SIZE], *text;

    clock_format_iso(sqlite3_column_int64(row, AT), at);
    cJSON_AddStringToObject(object, "at", at);
    cJSON_AddNumberToObject(object, "status", sqlite3_column_int(row, STATUS));
    add_member(object, "why", row, WHY);
    add_member(object, "peer", row, PEER);
    cJSON_AddNumberToObject(object, "size",
                            (double)sqlite3_column_int64(row, SIZE));
    add_member(object, "body", row, BODY);
    text = cJSON_PrintUnformatted(object);
    buf_adds(out, text);
    buf_addc(out, '\n');
    cJSON_free(text);
    cJSON_Delete(object);
}

static void add_lines(struct buf *out, sqlite3_stmt *row)
{
    char at[CLOCK_ISO_SIZE];

    clock_format_iso(sqlite3_column_int64(row, AT), at);
    buf_addf(out, "%s  %d  ", at, sqlite3_column_int(row, STATUS));
    add_clean(out, row, WHY, LIMIT_TEXT);
    buf_addf(out, "  (%lld bytes", (long long)sqlite3_column_int64(row, SIZE));
    if (sqlite3_column_type(row, PEER) != SQLITE_NULL) {
        buf_adds(out, " from ");
        add_clean(out, row, PEER, LIMIT_TEXT);
    }
    buf_adds(out, ")\n");
    if (!sqlite3_column_bytes(row, BODY))
        return;
    buf_adds(out, "    ");
    add_clean(out, row, BODY, SHOWN);
    if (sqlite3_column_bytes(row, BODY) > SHOWN)
        buf_adds(out, "…");
    buf_addc(out, '\n');
}

/* Of nobody who reads it nothing is said. */
static bool unwritten(struct err *err)
{
    bool gone;

    command_unwritten(&gone, err);
    if (gone)
        err->text[0] = '\0';
    return false;
}

static bool print_row(sqlite3_stmt *row, bool json, struct err *err)
{
    struct buf out;
    bool ok;

    buf_init(&out, LIMIT_REJECT_BODY * 16);
    if (json)
        add_json(&out, row);
    else
        add_lines(&out, row);
    ok = fwrite(out.data, 1, out.len, stdout) == out.len || unwritten(err);
    buf_free(&out);
    return ok;
}

bool rejects_print(struct journal_reader *reader, uint64_t limit,
                   int64_t since_ms, bool json, struct err *err)
{
    static const char sql[] =
        "SELECT at, status, why, peer, size, body FROM (SELECT * FROM rejects "
        "WHERE at >= ?1 ORDER BY id DESC LIMIT ?2) ORDER BY id";
    sqlite3 *db = reader_db(reader);
    sqlite3_stmt *rows = NULL;
    int result = sqlite3_prepare_v2(db, sql, -1, &rows, NULL);
    bool ok = result == SQLITE_OK;

    if (ok) {
        sqlite3_bind_int64(rows, 1, since_ms);
        sqlite3_bind_int64(rows, 2,
                           limit < LIMIT_REJECTS_ALL ? (int64_t)limit
                                                     : LIMIT_REJECTS_ALL);
    }
    while (ok && (result = sqlite3_step(rows)) == SQLITE_ROW)
        ok = print_row(rows, json, err);
    if (ok && result != SQLITE_DONE)
        ok = err_set(err, "the journal: %s", sqlite3_errmsg(db));
    sqlite3_finalize(rows);
    return ok && (!fflush(stdout) || unwritten(err));
}
