/* The table pins, and how an event is named beyond this journal. */
#include "journal/pins.h"

#include <string.h>

#include <sqlite3.h>

#include "base/limits.h"
#include "base/mem.h"
#include "journal/db.h"

#include "base/banned.h"

/* One row at most; true with *found when there is one. */
static bool step_one(sqlite3 *db, sqlite3_stmt *row, bool *found,
                     struct err *err)
{
    int result = sqlite3_step(row);

    *found = result == SQLITE_ROW;
    return result == SQLITE_ROW || result == SQLITE_DONE ||
           db_fail(db, err, "the pins");
}

bool pins_place(sqlite3 *db, uint64_t seq, const struct uuid *ours,
                struct pin_place *out, bool *there, struct err *err)
{
    sqlite3_stmt *row = db_prepare(
        db,
        "SELECT o.journal, e.origin_seq FROM events e LEFT JOIN origins o ON "
        "o.id = e.origin WHERE e.seq = ?1",
        false, err);
    bool ok;

    *out = (struct pin_place){*ours, seq};
    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, (sqlite3_int64)seq);
    ok = step_one(db, row, there, err);
    if (ok && *there &&
        sqlite3_column_bytes(row, 0) == (int)sizeof out->journal.bytes) {
        memcpy(out->journal.bytes, sqlite3_column_blob(row, 0),
               sizeof out->journal.bytes);
        out->seq = (uint64_t)sqlite3_column_int64(row, 1);
    }
    sqlite3_finalize(row);
    return ok;
}

bool pins_find(sqlite3 *db, const struct pin_place *place,
               const struct uuid *ours, uint64_t *seq, struct err *err)
{
    bool own = uuid_equal(&place->journal, ours), found, ok;
    sqlite3_stmt *row = db_prepare(
        db,
        own ? "SELECT seq FROM events WHERE seq = ?2 AND origin IS NULL"
            : "SELECT seq FROM events WHERE origin = (SELECT id FROM origins "
              "WHERE journal = ?1) AND origin_seq = ?2",
        false, err);

    *seq = 0;
    if (!row)
        return false;
    if (!own)
        sqlite3_bind_blob(row, 1, place->journal.bytes,
                          (int)sizeof place->journal.bytes, SQLITE_STATIC);
    sqlite3_bind_int64(row, 2, (sqlite3_int64)place->seq);
    ok = step_one(db, row, &found, err);
    if (ok && found)
        *seq = (uint64_t)sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return ok;
}

bool pins_note(sqlite3 *db, const struct pin_place *place,
               const struct uuid *ours, bool *pinned, char **note,
               struct err *err)
{
    sqlite3_stmt *row;
    uint64_t seq;
    bool ok;

    *note = NULL;
    *pinned = false;
    if (!pins_find(db, place, ours, &seq, err))
        return false;
    row = db_prepare(db, "SELECT note FROM pins WHERE seq = ?1", false, err);
    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, (sqlite3_int64)seq);
    ok = step_one(db, row, pinned, err);
    if (ok && *pinned && sqlite3_column_text(row, 0))
        *note = xstrdup((const char *)sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
    return ok;
}

bool pins_set(sqlite3 *db, uint64_t seq, int64_t at, const char *note,
              bool *full, struct err *err)
{
    sqlite3_stmt *row = db_prepare(
        db,
        "INSERT INTO pins (seq, at, note) SELECT seq, ?2, ?3 FROM events "
        "WHERE seq = ?1 AND ((SELECT count(*) FROM pins) < ?4 OR seq IN "
        "(SELECT seq FROM pins)) ON CONFLICT (seq) DO UPDATE SET note = "
        "excluded.note",
        false, err);
    bool ok;

    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, (sqlite3_int64)seq);
    sqlite3_bind_int64(row, 2, at);
    db_bind_text(row, 3, note);
    sqlite3_bind_int(row, 4, LIMIT_PINS);
    ok = db_run(row, err);
    *full = ok && !sqlite3_changes(db);
    sqlite3_finalize(row);
    return ok;
}

bool pins_remove(sqlite3 *db, uint64_t seq, struct err *err)
{
    sqlite3_stmt *row =
        db_prepare(db, "DELETE FROM pins WHERE seq = ?1", false, err);
    bool ok;

    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, (sqlite3_int64)seq);
    ok = db_run(row, err);
    sqlite3_finalize(row);
    return ok;
}
