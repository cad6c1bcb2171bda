/* The outbox's SQL of planning: what was planned is written, as a row of its
 * own or joined to one that waits. */
#include "mirror/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "journal/db.h"
#include "mirror/message.h"
#include "mirror/outbox_row.h"

#include "base/banned.h"

/* So many messages waiting make the next ones join the last. */
#define BEHIND 3

/* Which rows a message may join, and the SQL's parameters: ?1 the mirror, ?2
 * the bucket, ?3 now. */
static int64_t find_row(sqlite3 *db, const struct outbox_plan *plan,
                        const char *bucket, const char *sql, char **message,
                        struct err *err)
{
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    int64_t id = 0;

    if (!row)
        return 0;
    db_bind_text(row, 1, plan->mirror->name);
    db_bind_text(row, 2, bucket);
    sqlite3_bind_int64(row, 3, plan->now);
    if (outbox_row(row, err)) {
        id = sqlite3_column_int64(row, 0);
        *message = outbox_text(row, 1);
    }
    sqlite3_finalize(row);
    return id;
}

/* One of the same bucket that is not due yet. */
static int64_t open_row(sqlite3 *db, const struct outbox_plan *plan,
                        const char *bucket, char **message, struct err *err)
{
    static const char sql[] =
        "SELECT id, message FROM outbox WHERE id = (SELECT id FROM outbox "
        "WHERE mirror = ?1 AND state = 'waiting' AND next_try > ?3 AND "
        "bucket = ?2 AND attempts = 0 ORDER BY id DESC LIMIT 1)";

    return find_row(db, plan, bucket, sql, message, err);
}

/* When many are due and wait: the newest that was not tried yet. ?2 is what
 * it may be called. */
static int64_t behind_row(sqlite3 *db, const struct outbox_plan *plan,
                          const char *bucket, char **message, struct err *err)
{
    static const char many[] =
        "SELECT count(*), '' FROM (SELECT 1 FROM outbox WHERE mirror = ?1 "
        "AND state <> 'parked' AND bucket NOT IN ('now', 'quiet', 'digest') "
        "AND (next_try <= ?3 OR attempts > 0) AND ?2 <> '' LIMIT 3)";
    static const char newest[] =
        "SELECT id, message FROM outbox WHERE id = (SELECT id FROM outbox "
        "NOT INDEXED WHERE mirror = ?1 AND state = 'waiting' AND bucket IN "
        "('live', ?2) AND attempts = 0 AND ?3 ORDER BY id DESC LIMIT 1)";
    char *nothing = NULL;
    int64_t count = find_row(db, plan, bucket, many, &nothing, err);

    free(nothing);
    if (count < BEHIND)
        return 0;
    return find_row(db, plan, bucket, newest, message, err);
}

/* "[a]" and "[b]" into "[a,b]", unless that gets too long. */
static char *join_arrays(const char *old, const char *more)
{
    struct buf out;
    char *joined = NULL;

    if (strlen(old) + strlen(more) > LIMIT_MIRROR_ARRAY)
        return NULL;
    buf_init(&out, LIMIT_MIRROR_ARRAY);
    buf_add(&out, old, strlen(old) - 1);
    buf_addf(&out, ",%s", more + 1);
    joined = buf_take(&out);
    buf_free(&out);
    return joined;
}

/* Two messages into one; NULL when they do not go together. */
static char *join(const char *old, const char *more)
{
    struct message *first, *second;
    struct buf out;
    char *joined = NULL;

    if (*old == '[' && *more == '[')
        return join_arrays(old, more);
    first = message_from_json(old, strlen(old));
    second = message_from_json(more, strlen(more));
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

/* The row that this message may join, 0: none. *bucket is what the row is
 * called then. */
static int64_t row_to_join(sqlite3 *db, const struct outbox_plan *plan,
                           const char **bucket, char **old, struct err *err)
{
    int64_t id;

    if (!strcmp(*bucket, BUCKET_NOW) || bucket_signal(*bucket))
        return 0;
    if (strcmp(*bucket, BUCKET_LIVE)) {
        id = open_row(db, plan, *bucket, old, err);
        if (id || err->text[0])
            return id;
    }
    /* Those are one a day anyway; and who wants all gets all. */
    if (!strcmp(*bucket, BUCKET_QUIET) || !strcmp(*bucket, BUCKET_DIGEST) ||
        plan->mirror->catch_up_all)
        return 0;
    *bucket = plan->mirror->type->merges ? BUCKET_CATCH_UP : BUCKET_LIVE;
    return behind_row(db, plan, *bucket, old, err);
}

static bool write_one(sqlite3 *db, const struct outbox_plan *plan,
                      const struct planned *planned, struct err *err)
{
    const char *bucket = planned->bucket;
    char *old = NULL, *joined = NULL;
    int64_t id;
    bool ok;

    err->text[0] = '\0';
    id = row_to_join(db, plan, &bucket, &old, err);
    if (id)
        joined = join(old, planned->message);
    ok = !err->text[0] &&
         (joined ? update_row(db, id, bucket, joined, planned, err)
                 : insert_row(db, plan, planned, err));
    free(old);
    free(joined);
    return ok;
}

/* An outage of weeks does not fill the disk. What is under way stays. */
static bool drop_oldest(sqlite3 *db, const char *mirror, struct err *err)
{
#define OLDEST                                                                \
    "(SELECT id FROM outbox WHERE mirror = ?1 AND state IN ('waiting', "      \
    "'parked') ORDER BY id LIMIT max(0, (SELECT count(*) FROM outbox WHERE "  \
    "mirror = ?1) - 4000))"
    static const char count[] =
        "UPDATE mirrors SET pruned = pruned + (SELECT coalesce(sum(events), "
        "0) FROM outbox WHERE id IN " OLDEST ") WHERE name = ?1";
    static const char drop[] = "DELETE FROM outbox WHERE id IN " OLDEST;
#undef OLDEST
    static const char many[] = "SELECT count(*) FROM outbox WHERE mirror = ?1";
    sqlite3_stmt *row = db_prepare(db, many, false, err);
    int64_t rows = 0;
    bool counted;

    if (!row)
        return false;
    db_bind_text(row, 1, mirror);
    counted = outbox_row(row, err);
    if (counted)
        rows = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return counted &&
           (rows <= LIMIT_OUTBOX_ROWS || (outbox_run(db, count, mirror, err) &&
                                          outbox_run(db, drop, mirror, err)));
}

bool outbox_add(void *ctx, sqlite3 *db, struct err *err)
{
    const struct outbox_plan *plan = ctx;

    for (size_t i = 0; i < plan->count; i++)
        if (!write_one(db, plan, &plan->planned[i], err))
            return false;
    return !plan->count || drop_oldest(db, plan->mirror->name, err);
}
