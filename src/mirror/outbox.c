/* The outbox's SQL. States of a row: waiting; doubt (sent, the answer is not
 * known); parked. A row is deleted when the other side took it. */
#include "mirror/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "journal/db.h"
#include "mirror/message.h"

#include "base/banned.h"

/* So many live messages waiting make the next ones join the last. */
#define BEHIND 3

static char *column_text(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return xstrdup(text ? text : "");
}

static void reader_name(const char *mirror, char *out, size_t size)
{
    snprintf(out, size, "mirror %s", mirror);
}

/* Runs a query of one row; false with an empty err: there is none. */
static bool one_row(sqlite3_stmt *statement, struct err *err)
{
    int code = sqlite3_step(statement);

    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return db_fail(sqlite3_db_handle(statement), err, "outbox");
    return code == SQLITE_ROW;
}

/* ---- planning ---- */

/* A row that a message may join; its id, 0: none. */
static int64_t open_row(sqlite3 *db, const struct outbox_plan *plan,
                        const struct planned *planned, char **message,
                        struct err *err)
{
    static const char sql[] =
        "SELECT id, message, events FROM outbox WHERE mirror = ?1 AND "
        "state = 'waiting' AND attempts = 0 AND bucket = ?2 AND next_try > "
        "?3 ORDER BY id DESC LIMIT 1";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    int64_t id = 0;

    if (!row)
        return 0;
    db_bind_text(row, 1, plan->mirror->name);
    db_bind_text(row, 2, planned->bucket);
    sqlite3_bind_int64(row, 3, plan->now);
    if (one_row(row, err)) {
        id = sqlite3_column_int64(row, 0);
        *message = column_text(row, 1);
    }
    sqlite3_finalize(row);
    return id;
}

/* The newest live message when too many wait, for catching up by digest. */
static int64_t behind_row(sqlite3 *db, const struct outbox_plan *plan,
                          char **message, struct err *err)
{
    static const char sql[] =
        "SELECT id, message, count(*) OVER () FROM outbox WHERE mirror = ?1 "
        "AND state = 'waiting' AND bucket IN ('live', 'catch-up') "
        "ORDER BY attempts, id DESC LIMIT 1";
    sqlite3_stmt *row;
    int64_t id = 0;

    if (plan->mirror->type != MIRROR_SLACK || plan->mirror->catch_up_all)
        return 0;
    row = db_prepare(db, sql, false, err);
    if (!row)
        return 0;
    db_bind_text(row, 1, plan->mirror->name);
    if (one_row(row, err) && sqlite3_column_int(row, 2) >= BEHIND) {
        id = sqlite3_column_int64(row, 0);
        *message = column_text(row, 1);
    }
    sqlite3_finalize(row);
    return id;
}

/* Two messages into one; NULL when they do not go together (events as JSON,
 * of type json, are never joined). */
static char *join(const char *old, const char *more)
{
    struct message *first = message_from_json(old, strlen(old));
    struct message *second = message_from_json(more, strlen(more));
    struct buf out;
    char *joined = NULL;

    buf_init(&out, 4 * MIB);
    if (first && second) {
        message_merge(first, second);
        if (message_to_json(&out, first))
            joined = buf_take(&out);
    }
    buf_free(&out);
    message_free(first);
    message_free(second);
    return joined;
}

static bool update_row(sqlite3 *db, int64_t id, const char *bucket,
                       const char *message, const struct planned *planned,
                       struct err *err)
{
    static const char sql[] =
        "UPDATE outbox SET bucket = ?2, message = ?3, events = events + ?4, "
        "first_seq = min(first_seq, ?5), last_seq = max(last_seq, ?6) "
        "WHERE id = ?1";
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, id);
    db_bind_text(statement, 2, bucket);
    db_bind_text(statement, 3, message);
    sqlite3_bind_int64(statement, 4, planned->events);
    sqlite3_bind_int64(statement, 5, (sqlite3_int64)planned->first_seq);
    sqlite3_bind_int64(statement, 6, (sqlite3_int64)planned->last_seq);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

static bool insert_row(sqlite3 *db, const struct outbox_plan *plan,
                       const struct planned *planned, struct err *err)
{
    static const char sql[] =
        "INSERT INTO outbox (mirror, state, bucket, message, events, "
        "first_seq, last_seq, next_try, created) VALUES (?1, 'waiting', ?2, "
        "?3, ?4, ?5, ?6, ?7, ?8)";
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, plan->mirror->name);
    db_bind_text(statement, 2, planned->bucket);
    db_bind_text(statement, 3, planned->message);
    sqlite3_bind_int64(statement, 4, planned->events);
    sqlite3_bind_int64(statement, 5, (sqlite3_int64)planned->first_seq);
    sqlite3_bind_int64(statement, 6, (sqlite3_int64)planned->last_seq);
    sqlite3_bind_int64(statement, 7, planned->due);
    sqlite3_bind_int64(statement, 8, plan->now);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

static bool write_one(sqlite3 *db, const struct outbox_plan *plan,
                      const struct planned *planned, struct err *err)
{
    const char *bucket = planned->bucket;
    char *old = NULL, *joined = NULL;
    int64_t id = 0;
    bool ok;

    err->text[0] = '\0';
    if (!strcmp(bucket, BUCKET_LIVE)) {
        id = behind_row(db, plan, &old, err);
        bucket = BUCKET_CATCH_UP;
    } else if (strcmp(bucket, BUCKET_NOW)) {
        id = open_row(db, plan, planned, &old, err);
    }
    if (err->text[0])
        return false;
    if (id)
        joined = join(old, planned->message);
    ok = joined ? update_row(db, id, bucket, joined, planned, err)
                : insert_row(db, plan, planned, err);
    free(old);
    free(joined);
    return ok;
}

/* False with an empty err: the cursor is elsewhere. */
static bool move_cursor(sqlite3 *db, const struct outbox_plan *plan,
                        struct err *err)
{
    static const char sql[] =
        "UPDATE cursors SET seq = ?3, updated = ?4 WHERE reader = ?1 AND "
        "origin = x'' AND seq = ?2";
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    char reader[80];
    bool ok;

    if (!statement)
        return false;
    reader_name(plan->mirror->name, reader, sizeof reader);
    db_bind_text(statement, 1, reader);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)plan->from);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)plan->to);
    sqlite3_bind_int64(statement, 4, plan->now);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    if (ok && sqlite3_changes(db) != 1)
        return err_set(err, "the mirror's cursor is not where it was");
    return ok;
}

bool outbox_add(void *ctx, sqlite3 *db, struct err *err)
{
    const struct outbox_plan *plan = ctx;

    for (size_t i = 0; i < plan->count; i++)
        if (!write_one(db, plan, &plan->planned[i], err))
            return false;
    return true;
}

bool outbox_plan(void *ctx, sqlite3 *db, struct err *err)
{
    return move_cursor(db, ctx, err) && outbox_add(ctx, db, err);
}

/* ---- sending ---- */

static bool count_rows(sqlite3 *db, const char *mirror, uint64_t *waiting,
                       uint64_t *parked, struct err *err)
{
    static const char sql[] =
        "SELECT coalesce(sum(events) FILTER (WHERE state <> 'parked'), 0), "
        "coalesce(sum(events) FILTER (WHERE state = 'parked'), 0) "
        "FROM outbox WHERE mirror = ?1";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);

    if (!row)
        return false;
    db_bind_text(row, 1, mirror);
    if (one_row(row, err)) {
        *waiting = (uint64_t)sqlite3_column_int64(row, 0);
        *parked = (uint64_t)sqlite3_column_int64(row, 1);
    }
    sqlite3_finalize(row);
    return true;
}

static bool mark_sending(sqlite3 *db, const struct outbox_take *take,
                         struct err *err)
{
    static const char sql[] = "UPDATE outbox SET state = 'doubt', attempts "
                              "= attempts + 1 WHERE id = ?1";
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, take->id);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

bool outbox_take(void *ctx, sqlite3 *db, struct err *err)
{
    static const char sql[] =
        "SELECT id, state, attempts, events, bucket, message, next_try FROM "
        "outbox WHERE mirror = ?1 AND state IN ('waiting', 'doubt') "
        "ORDER BY next_try > ?2, CASE WHEN next_try > ?2 THEN next_try END, "
        "bucket <> 'now', id LIMIT 1";
    struct outbox_take *take = ctx;
    sqlite3_stmt *row = db_prepare(db, sql, false, err);

    if (!row)
        return false;
    take->id = 0;
    take->next_due = CLOCK_NONE;
    err->text[0] = '\0';
    db_bind_text(row, 1, take->mirror);
    sqlite3_bind_int64(row, 2, take->now);
    if (one_row(row, err)) {
        take->next_due = sqlite3_column_int64(row, 6);
        if (take->next_due <= take->now) {
            take->id = sqlite3_column_int64(row, 0);
            take->doubt =
                !strcmp((const char *)sqlite3_column_text(row, 1), "doubt");
            take->attempts = (unsigned)sqlite3_column_int(row, 2);
            take->events = (unsigned)sqlite3_column_int(row, 3);
            take->bucket = column_text(row, 4);
            take->message = column_text(row, 5);
        }
    }
    sqlite3_finalize(row);
    if (err->text[0] ||
        !count_rows(db, take->mirror, &take->waiting, &take->parked, err))
        return false;
    return !take->id || mark_sending(db, take, err);
}

static bool delete_row(sqlite3 *db, const struct outbox_settle *settle,
                       struct err *err)
{
    static const char count[] =
        "UPDATE mirrors SET sent = sent + 1, events = events + (SELECT "
        "events FROM outbox WHERE id = ?2), last_sent = ?3, updated = ?3 "
        "WHERE name = ?1";
    static const char drop[] = "DELETE FROM outbox WHERE id = ?1";
    sqlite3_stmt *statement = db_prepare(db, count, false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, settle->mirror);
    sqlite3_bind_int64(statement, 2, settle->id);
    sqlite3_bind_int64(statement, 3, settle->now);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    statement = ok ? db_prepare(db, drop, false, err) : NULL;
    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, settle->id);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

static bool set_row(sqlite3 *db, const struct outbox_settle *settle,
                    const char *state, struct err *err)
{
    static const char sql[] =
        "UPDATE outbox SET state = ?2, next_try = ?3, error = ?4, status = "
        "?5 WHERE id = ?1";
    static const char count[] =
        "UPDATE mirrors SET failed = failed + 1, updated = ?2 WHERE name = "
        "?1";
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, settle->id);
    db_bind_text(statement, 2, state);
    sqlite3_bind_int64(statement, 3, settle->next_try);
    db_bind_text(statement, 4, settle->error);
    sqlite3_bind_int(statement, 5, settle->status);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    statement = ok ? db_prepare(db, count, false, err) : NULL;
    if (!statement)
        return false;
    db_bind_text(statement, 1, settle->mirror);
    sqlite3_bind_int64(statement, 2, settle->now);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

static bool set_state(sqlite3 *db, const char *mirror, const char *state,
                      const char *reason, int64_t now, struct err *err)
{
    static const char sql[] = "UPDATE mirrors SET state = ?2, reason = ?3, "
                              "updated = ?4 WHERE name = ?1";
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, mirror);
    db_bind_text(statement, 2, state);
    db_bind_text(statement, 3, reason);
    sqlite3_bind_int64(statement, 4, now);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

bool outbox_settle(void *ctx, sqlite3 *db, struct err *err)
{
    const struct outbox_settle *settle = ctx;

    switch (settle->fate) {
    case FATE_SENT:
        return delete_row(db, settle, err);
    case FATE_RETRY:
        return set_row(db, settle, "waiting", err);
    case FATE_DOUBT:
        return set_row(db, settle, "doubt", err);
    case FATE_PARKED:
        return set_row(db, settle, "parked", err);
    case FATE_OFF:
        return set_row(db, settle, "waiting", err) &&
               set_state(db, settle->mirror, "off", settle->error, settle->now,
                         err);
    }
    return false;
}

/* ---- the mirror's own row ---- */

static bool make_rows(sqlite3 *db, const struct outbox_open *open,
                      struct err *err)
{
    static const char row[] =
        "INSERT INTO mirrors (name, state, updated) VALUES (?1, 'on', ?2) "
        "ON CONFLICT DO NOTHING";
    static const char cursor[] =
        "INSERT INTO cursors (reader, seq, updated) VALUES (?1, (SELECT "
        "coalesce(max(seq), 0) FROM events), ?2) ON CONFLICT DO NOTHING";
    char reader[80];
    sqlite3_stmt *statement = db_prepare(db, row, false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, open->mirror);
    sqlite3_bind_int64(statement, 2, open->now);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    statement = ok ? db_prepare(db, cursor, false, err) : NULL;
    if (!statement)
        return false;
    reader_name(open->mirror, reader, sizeof reader);
    db_bind_text(statement, 1, reader);
    sqlite3_bind_int64(statement, 2, open->now);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

bool outbox_open(void *ctx, sqlite3 *db, struct err *err)
{
    static const char sql[] =
        "SELECT m.state, coalesce(reason, ''), sent, m.events, c.seq FROM "
        "mirrors m JOIN cursors c ON c.reader = ?2 AND c.origin = x'' WHERE "
        "name = ?1";
    struct outbox_open *open = ctx;
    sqlite3_stmt *row;
    char reader[80];
    bool found;

    if (!make_rows(db, open, err))
        return false;
    row = db_prepare(db, sql, false, err);
    if (!row)
        return false;
    reader_name(open->mirror, reader, sizeof reader);
    db_bind_text(row, 1, open->mirror);
    db_bind_text(row, 2, reader);
    found = one_row(row, err);
    if (found) {
        snprintf(open->state, sizeof open->state, "%s",
                 (const char *)sqlite3_column_text(row, 0));
        snprintf(open->reason, sizeof open->reason, "%s",
                 (const char *)sqlite3_column_text(row, 1));
        open->sent = (uint64_t)sqlite3_column_int64(row, 2);
        open->events = (uint64_t)sqlite3_column_int64(row, 3);
        open->cursor = (uint64_t)sqlite3_column_int64(row, 4);
    }
    sqlite3_finalize(row);
    return found &&
           count_rows(db, open->mirror, &open->waiting, &open->parked, err);
}

bool outbox_switch(void *ctx, sqlite3 *db, struct err *err)
{
    static const char again[] =
        "UPDATE outbox SET state = 'waiting', attempts = 0, next_try = ?2 "
        "WHERE mirror = ?1 AND state = 'parked'";
    const struct outbox_switch *change = ctx;
    sqlite3_stmt *statement;
    bool ok;

    if (!set_state(db, change->mirror, change->state, NULL, change->now, err))
        return false;
    if (strcmp(change->state, "on"))
        return true;
    statement = db_prepare(db, again, false, err);
    if (!statement)
        return false;
    db_bind_text(statement, 1, change->mirror);
    sqlite3_bind_int64(statement, 2, change->now);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}
