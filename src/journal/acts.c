/* The SQL of acts and acts_untold. What became of an act is not here: it
 * stands in signals, pins and notes (signal/act_text.c). */
#include "journal/acts.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "base/uuid.h"
#include "journal/db.h"
#include "journal/pins.h"

#include "base/banned.h"

/* As many as can have been given out since the newest that can be read: far
 * less than what who is told of them takes for a lie. */
#define ACTS_GAP 1000000

void act_subject_signal(struct buf *out, bool note, int64_t id)
{
    buf_addf(out, "%s %" PRId64, note ? "note" : "state", id);
}

void act_subject_pin(struct buf *out, const struct pin_place *place)
{
    char id[UUID_TEXT_SIZE];

    uuid_format(&place->journal, id);
    buf_addf(out, "pin %s %" PRIu64, id, place->seq);
}

void act_subject_account(struct buf *out, bool note, const char *account)
{
    buf_addf(out, "%s %s", note ? "about" : "read", account);
}

/* Of two numbers, ?1 and ?2. */
static bool run(sqlite3 *db, const char *sql, int64_t id, uint64_t other,
                struct err *err)
{
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, id);
    sqlite3_bind_int64(statement, 2, (int64_t)other);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

/* What waits to be told is not let go. Ids have gaps. */
static bool let_go(sqlite3 *db, struct err *err)
{
    return run(db,
               "DELETE FROM acts WHERE id <= (SELECT id FROM acts ORDER BY id "
               "DESC LIMIT 1 OFFSET ?1) AND id NOT IN (SELECT act FROM "
               "acts_untold)",
               LIMIT_ACTS, 0, err);
}

/* By itself, since REPLACE calls no triggers. */
static bool drop_older(sqlite3 *db, const char *subject, struct err *err)
{
    sqlite3_stmt *statement =
        db_prepare(db, "DELETE FROM acts WHERE subject = ?1", false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, subject);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

bool acts_add(sqlite3 *db, struct act_row *row, struct err *err)
{
    sqlite3_stmt *statement;
    bool ok;

    if (!drop_older(db, row->subject, err))
        return false;
    statement = db_prepare(db,
                           "INSERT INTO acts (subject, verb, who, at) VALUES "
                           "(?1, ?2, ?3, ?4)",
                           false, err);
    if (!statement)
        return false;
    db_bind_text(statement, 1, row->subject);
    db_bind_text(statement, 2, row->verb);
    db_bind_text(statement, 3, row->who);
    sqlite3_bind_int64(statement, 4, row->at);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    row->id = sqlite3_last_insert_rowid(db);
    return ok && let_go(db, err);
}

bool acts_leave_gap(sqlite3 *db, int64_t last, struct err *err)
{
    static const char *const parts[] = {
        "INSERT INTO sqlite_sequence (name, seq) SELECT 'acts', ?2 + max(?1, "
        "coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'acts'), "
        "0))",
        "DELETE FROM sqlite_sequence WHERE name = 'acts' AND seq < (SELECT "
        "max(seq) FROM sqlite_sequence WHERE name = 'acts')"};

    return run(db, parts[0], last, ACTS_GAP, err) &&
           db_exec(db, parts[1], err);
}

/* A row of an id and another number, of a subject; both 0: there is none. */
static bool find_two(sqlite3 *db, const char *sql, const char *subject,
                     int64_t *one, int64_t *other, struct err *err)
{
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    int code;

    *one = *other = 0;
    if (!row)
        return false;
    db_bind_text(row, 1, subject);
    code = sqlite3_step(row);
    if (code == SQLITE_ROW) {
        *one = sqlite3_column_int64(row, 0);
        *other = sqlite3_column_int64(row, 1);
    }
    return db_end(row, code, err);
}

bool acts_find(sqlite3 *db, const char *subject, int64_t *id, int64_t *at,
               struct err *err)
{
    return find_two(db, "SELECT id, at FROM acts WHERE subject = ?1", subject,
                    id, at, err);
}

/* Frees the statement. */
static bool hand_out(sqlite3_stmt *rows,
                     bool (*each)(void *ctx, const struct act_row *row),
                     void *ctx, struct err *err)
{
    int code;

    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        struct act_row row = {
            .id = sqlite3_column_int64(rows, 0),
            .subject = (const char *)sqlite3_column_text(rows, 1),
            .verb = (const char *)sqlite3_column_text(rows, 2),
            .who = (const char *)sqlite3_column_text(rows, 3),
            .at = sqlite3_column_int64(rows, 4)};

        if (!each(ctx, &row))
            break;
    }
    return db_end(rows, code, err);
}

bool acts_each(sqlite3 *db, int64_t after,
               bool (*each)(void *ctx, const struct act_row *row), void *ctx,
               struct err *err)
{
    sqlite3_stmt *row =
        db_prepare(db,
                   "SELECT id, subject, verb, who, at FROM acts WHERE id > ?1 "
                   "ORDER BY id",
                   false, err);

    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, after);
    return hand_out(row, each, ctx, err);
}

/* ---- what is to be told ---- */

bool acts_waiting(sqlite3 *db, size_t *count, struct err *err)
{
    int64_t number;
    bool ok = db_number(db, "SELECT count(*) FROM acts_untold", &number, err);

    *count = ok ? (size_t)number : 0;
    return ok;
}

/* What waits already of that subject makes no more of them; what was read
 * leaves room for what was written. */
static bool is_room(sqlite3 *db, const char *subject, bool *room,
                    struct err *err)
{
    size_t most =
        strncmp(subject, "read ", 5) ? LIMIT_UNTOLD : LIMIT_UNTOLD / 2;
    int64_t id, at;
    size_t count;

    if (!acts_waiting(db, &count, err) ||
        !acts_meet(db, subject, 0, &id, &at, err))
        return false;
    *room = id || count < most;
    return true;
}

static bool wait_to_be_told(sqlite3 *db, int64_t id, uint64_t event,
                            struct err *err)
{
    return run(db,
               "INSERT INTO acts_untold (act, event) VALUES (?1, nullif(?2, "
               "0))",
               id, event, err);
}

bool acts_keep(sqlite3 *db, struct act_row *row, uint64_t event, bool *full,
               struct err *err)
{
    bool room;

    *full = false;
    if (!is_room(db, row->subject, &room, err))
        return false;
    *full = !room;
    return !room || (acts_add(db, row, err) &&
                     wait_to_be_told(db, row->id, event, err));
}

bool acts_first_untold(sqlite3 *db,
                       bool (*each)(void *ctx, const struct act_row *row),
                       void *ctx, struct err *err)
{
    sqlite3_stmt *row =
        db_prepare(db,
                   "SELECT id, subject, verb, who, at FROM acts WHERE id = "
                   "(SELECT min(act) FROM acts_untold)",
                   false, err);

    return row && hand_out(row, each, ctx, err);
}

bool acts_told(sqlite3 *db, int64_t id, uint64_t upto, bool *ended,
               struct err *err)
{
    bool ok = run(db, "DELETE FROM acts_untold WHERE act = ?1 AND seen <= ?2",
                  id, upto, err);

    *ended = ok && sqlite3_changes(db) > 0;
    return ok;
}

static bool note_seen(sqlite3 *db, int64_t id, uint64_t act, struct err *err)
{
    return run(db,
               "UPDATE acts_untold SET seen = max(seen, ?2) WHERE act = ?1",
               id, act, err);
}

bool acts_meet(sqlite3 *db, const char *subject, uint64_t act, int64_t *id,
               int64_t *at, struct err *err)
{
    return find_two(db,
                    "SELECT a.id, a.at FROM acts a JOIN acts_untold u ON "
                    "u.act = a.id WHERE a.subject = ?1",
                    subject, id, at, err) &&
           (!*id || !act || note_seen(db, *id, act, err));
}
