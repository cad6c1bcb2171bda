/* The outbox's SQL. States of a row: waiting; doubt (sent, the answer is not
 * known); again (sent once more, the answer is not known either); parked. A
 * row is deleted when the other side took it. A row that was tried keeps what
 * it says: nothing is added to it. */
#include "mirror/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/mem.h"
#include "journal/db.h"
#include "mirror/signal_page.h"
#include "mirror/outbox_row.h"
#include "signal/table.h"

#include "base/banned.h"

/* A message that fails so often lets the others go first. */
#define STUBBORN "8"
/* Nothing but an account that cools down waits for two days, and nothing was
 * planned in time to come: that was put off by a clock that was wrong, and
 * waited long enough. */
#define DUE                                                                   \
    "(next_try <= ?2 OR created > ?2 + 300000 OR (next_try > ?2 + 172800000 " \
    "AND bucket NOT GLOB 'account:*'))"
/* What no quiet hours hold. */
#define URGENT "(bucket = 'now' OR bucket GLOB 'now:*')"

int64_t bucket_signal(const char *bucket)
{
    static const char *const prefixes[] = {BUCKET_SIGNAL, BUCKET_SIGNAL_NOW};

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (!strncmp(bucket, prefixes[i], strlen(prefixes[i])))
            return strtoll(bucket + strlen(prefixes[i]), NULL, 10);
    return 0;
}

/* ---- sending ---- */

static bool count_rows(sqlite3 *db, const char *mirror,
                       struct outbox_counts *counts, struct err *err)
{
    static const char sql[] =
        "SELECT coalesce(sum(events) FILTER (WHERE state <> 'parked'), 0), "
        "coalesce(sum(events) FILTER (WHERE state = 'parked'), 0), (SELECT "
        "pruned FROM mirrors WHERE name = ?1) FROM outbox WHERE mirror = ?1";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    bool found;

    if (!row)
        return false;
    db_bind_text(row, 1, mirror);
    found = outbox_row(row, err);
    if (found) {
        counts->waiting = (uint64_t)sqlite3_column_int64(row, 0);
        counts->parked = (uint64_t)sqlite3_column_int64(row, 1);
        counts->pruned = (uint64_t)sqlite3_column_int64(row, 2);
    }
    sqlite3_finalize(row);
    return found;
}

static bool mark_sending(sqlite3 *db, const struct outbox_take *take,
                         struct err *err)
{
    static const char sql[] =
        "UPDATE outbox SET state = CASE state WHEN 'doubt' THEN 'again' ELSE "
        "'doubt' END, attempts = attempts + 1 WHERE id = ?1";
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, take->id);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

/* When the next one will be due. */
static bool find_next_due(sqlite3 *db, struct outbox_take *take,
                          struct err *err)
{
    static const char sql[] =
        "SELECT min(next_try) FROM outbox WHERE mirror = ?1 AND state IN "
        "('waiting', 'doubt') AND (NOT ?2 OR " URGENT ")";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);

    if (!row)
        return false;
    db_bind_text(row, 1, take->mirror);
    sqlite3_bind_int(row, 2, take->urgent_only);
    if (outbox_row(row, err) && sqlite3_column_type(row, 0) != SQLITE_NULL)
        take->next_due = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return !err->text[0];
}

static void take_row(struct outbox_take *take, sqlite3_stmt *row)
{
    take->id = sqlite3_column_int64(row, 0);
    take->doubt = !strcmp((const char *)sqlite3_column_text(row, 1), "doubt");
    take->created = sqlite3_column_int64(row, 2);
    take->events = (unsigned)sqlite3_column_int(row, 3);
    take->bucket = outbox_text(row, 4);
    take->message = outbox_text(row, 5);
}

/* What is due first; take->id 0: nothing. */
static bool find_due(sqlite3 *db, struct outbox_take *take, struct err *err)
{
    static const char sql[] =
        "SELECT id, state, created, events, bucket, message FROM outbox "
        "WHERE id = (SELECT id FROM outbox WHERE mirror = ?1 AND state IN "
        "('waiting', 'doubt') AND " DUE " AND (NOT ?3 OR " URGENT
        ") ORDER BY NOT " URGENT ", attempts >= " STUBBORN ", id LIMIT 1)";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);

    if (!row)
        return false;
    take->id = 0;
    err->text[0] = '\0';
    db_bind_text(row, 1, take->mirror);
    sqlite3_bind_int64(row, 2, take->now);
    sqlite3_bind_int(row, 3, take->urgent_only);
    if (outbox_row(row, err))
        take_row(take, row);
    sqlite3_finalize(row);
    return !err->text[0];
}

/* A signal that was done, snoozed or withdrawn meanwhile is nobody's news. */
static bool drop_muted(sqlite3 *db, struct outbox_take *take, bool *dropped,
                       struct err *err)
{
    int64_t signal = take->id ? bucket_signal(take->bucket) : 0;
    sqlite3_stmt *statement;
    bool open = true, ok;

    if (signal && !table_is_open(db, signal, take->now, &open, err))
        return false;
    *dropped = !open;
    if (open)
        return true;
    statement = db_prepare(db, "DELETE FROM outbox WHERE id = ?1", false, err);
    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, take->id);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    free(take->bucket);
    free(take->message);
    take->bucket = take->message = NULL;
    take->count = true;
    return ok;
}

bool outbox_take(void *ctx, sqlite3 *db, struct err *err)
{
    struct outbox_take *take = ctx;
    bool dropped;

    take->next_due = CLOCK_NONE;
    do
        if (!find_due(db, take, err) || !drop_muted(db, take, &dropped, err))
            return false;
    while (dropped);
    if ((take->count && !count_rows(db, take->mirror, &take->counts, err)))
        return false;
    return take->id ? mark_sending(db, take, err)
                    : find_next_due(db, take, err);
}

static bool count_sent(sqlite3 *db, const struct outbox_settle *settle,
                       struct err *err)
{
    static const char count[] =
        "UPDATE mirrors SET sent = sent + 1, events = events + coalesce("
        "(SELECT events FROM outbox WHERE id = ?2), 0), last_sent = ?3, "
        "updated = ?3 WHERE name = ?1";
    sqlite3_stmt *statement = db_prepare(db, count, false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, settle->mirror);
    sqlite3_bind_int64(statement, 2, settle->id);
    sqlite3_bind_int64(statement, 3, settle->now);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

static bool delete_row(sqlite3 *db, const struct outbox_settle *settle,
                       struct err *err)
{
    sqlite3_stmt *statement =
        db_prepare(db, "DELETE FROM outbox WHERE id = ?1", false, err);
    bool ok;

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
        return count_sent(db, settle, err) && delete_row(db, settle, err);
    case FATE_NOTHING:
        return delete_row(db, settle, err);
    case FATE_RETRY:
        return set_row(db, settle, "waiting", err);
    case FATE_DOUBT:
        return set_row(db, settle, "doubt", err);
    case FATE_PARKED:
        return set_row(db, settle, "parked", err);
    case FATE_OFF:
        return set_row(db, settle, settle->doubt ? "doubt" : "waiting", err) &&
               set_state(db, settle->mirror, "off", settle->error, settle->now,
                         err);
    }
    return false;
}

/* ---- the mirror's own row ---- */

static bool make_row(sqlite3 *db, const struct outbox_open *open,
                     struct err *err)
{
    static const char sql[] =
        "INSERT INTO mirrors (name, state, updated) VALUES (?1, 'on', ?2) "
        "ON CONFLICT DO NOTHING";
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, open->mirror->name);
    sqlite3_bind_int64(statement, 2, open->now);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

bool outbox_open(void *ctx, sqlite3 *db, struct err *err)
{
    static const char sql[] =
        "SELECT state, coalesce(reason, ''), sent, events FROM mirrors WHERE "
        "name = ?1";
    static const char park_lost[] =
        "UPDATE outbox SET state = 'parked', error = 'its answer was lost "
        "twice' WHERE mirror = ?1 AND state = 'again'";
    struct outbox_open *open = ctx;
    sqlite3_stmt *row;
    bool found;

    if (!make_row(db, open, err) || !signal_page_open(open->mirror, db, err) ||
        !outbox_run(db, park_lost, open->mirror->name, err))
        return false;
    row = db_prepare(db, sql, false, err);
    if (!row)
        return false;
    db_bind_text(row, 1, open->mirror->name);
    found = outbox_row(row, err);
    if (found) {
        snprintf(open->state, sizeof open->state, "%s",
                 (const char *)sqlite3_column_text(row, 0));
        snprintf(open->reason, sizeof open->reason, "%s",
                 (const char *)sqlite3_column_text(row, 1));
        open->sent = (uint64_t)sqlite3_column_int64(row, 2);
        open->events = (uint64_t)sqlite3_column_int64(row, 3);
    }
    sqlite3_finalize(row);
    return found && count_rows(db, open->mirror->name, &open->counts, err);
}

bool outbox_switch(void *ctx, sqlite3 *db, struct err *err)
{
    static const char again[] =
        "UPDATE outbox SET state = CASE state WHEN 'doubt' THEN state ELSE "
        "'waiting' END, next_try = ?2 WHERE mirror = ?1 AND (state = "
        "'parked' OR (state IN ('waiting', 'doubt') AND attempts > 0))";
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
