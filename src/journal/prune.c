/* Retention, as a chain of writer jobs. Bodies and totals follow by trigger
 * (001.sql). */
#include "journal/prune.h"

#include <stdlib.h>

#include "base/mem.h"
#include "journal/db.h"

#include "base/banned.h"

/* Times that count may lie so far before the arrival (event_time()). */
#define LATEST_MS INT64_C(691200000)

struct pruning {
    struct journal *journal;
    int64_t before;
    uint64_t slice, events; /* deleted in the last slice, and in all */
    prune_done *done;
    void *ctx;
};

/* ?1 is the time, ?2 the count of the slice. */
static bool run(const struct pruning *pruning, sqlite3 *db, const char *sql,
                struct err *err)
{
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, pruning->before);
    sqlite3_bind_int64(statement, 2, (int64_t)pruning->slice);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

static bool prune_slice(void *ctx, sqlite3 *db, struct err *err)
{
    static const char find[] =
        "INSERT INTO pruned SELECT seq FROM (SELECT seq, received_at FROM "
        "events ORDER BY seq LIMIT 500) WHERE received_at < ?1";
    /* These may be old and have a high seq. */
    static const char find_past[] =
        "INSERT OR IGNORE INTO pruned SELECT seq FROM events WHERE flags & 2 "
        "AND received_at < ?1 ORDER BY received_at LIMIT 500";
    static const char count_unsent[] =
        "UPDATE mirrors SET pruned = pruned + (SELECT count(*) FROM pruned "
        "WHERE seq > (SELECT c.seq FROM cursors c WHERE c.reader = 'mirror ' "
        "|| mirrors.name AND c.origin = x''))";
    static const char count_all[] =
        "INSERT INTO counters (name, value) VALUES ('pruned events', ?2) ON "
        "CONFLICT DO UPDATE SET value = value + ?2";
    struct pruning *pruning = ctx;

    if (!db_exec(db,
                 "CREATE TEMP TABLE IF NOT EXISTS pruned (seq INTEGER "
                 "PRIMARY KEY); DELETE FROM pruned;",
                 err) ||
        !run(pruning, db, find, err))
        return false;
    pruning->slice = (uint64_t)sqlite3_changes(db);
    if (!run(pruning, db, find_past, err))
        return false;
    pruning->slice += (uint64_t)sqlite3_changes(db);
    return !pruning->slice ||
           (run(pruning, db, count_unsent, err) &&
            run(pruning, db, "DELETE FROM pins WHERE seq IN pruned", err) &&
            run(pruning, db, "DELETE FROM events WHERE seq IN pruned", err) &&
            run(pruning, db, count_all, err));
}

/* Persons keep their row, for the daily counts, but not their names. */
static bool prune_rest(void *ctx, sqlite3 *db, struct err *err)
{
    static const char *const list[] = {
        "DELETE FROM identities WHERE person IN (SELECT id FROM persons "
        "WHERE last_at < ?1)",
        "UPDATE persons SET key = 'pruned ' || id, email = NULL, name = NULL "
        "WHERE last_at < ?1 AND key <> 'pruned ' || id",
    };
    struct pruning names = *(struct pruning *)ctx;

    if (!run(&names, db, "DELETE FROM ticks WHERE at < ?1", err) ||
        !run(&names, db, "DELETE FROM rejects WHERE at < ?1", err) ||
        !run(&names, db, "DELETE FROM replays WHERE asked < ?1", err))
        return false;
    names.before -= LATEST_MS;
    return run(&names, db, list[0], err) && run(&names, db, list[1], err) &&
           db_exec(db, "PRAGMA incremental_vacuum(500)", err);
}

static void finish(void *ctx, bool ok, const struct err *err)
{
    struct pruning *pruning = ctx;

    if (pruning->done)
        pruning->done(pruning->ctx, ok, pruning->events, err);
    free(pruning);
}

static void slice_pruned(void *ctx, bool ok, const struct err *err)
{
    struct pruning *pruning = ctx;

    if (!ok) {
        finish(pruning, false, err);
        return;
    }
    pruning->events += pruning->slice;
    if (pruning->slice)
        journal_write_owned(pruning->journal, prune_slice, slice_pruned,
                            pruning, free);
    else
        journal_write_owned(pruning->journal, prune_rest, finish, pruning,
                            free);
}

void journal_prune(struct journal *journal, int64_t before_ms,
                   prune_done *done, void *ctx)
{
    struct pruning *pruning = xcalloc(1, sizeof *pruning);

    pruning->journal = journal;
    pruning->before = before_ms;
    pruning->done = done;
    pruning->ctx = ctx;
    journal_write_owned(journal, prune_slice, slice_pruned, pruning, free);
}
