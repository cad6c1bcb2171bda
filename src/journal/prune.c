/* Upkeep as a chain of writer jobs, each a small transaction: stage after
 * stage, slice after slice. Bodies and totals follow by trigger (001.sql).
 * Here are the chain, the names and the file; the rest is prune_*.c. */
#include "journal/prune.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "journal/cursor.h"
#include "journal/db.h"
#include "journal/forgotten.h"
#include "journal/pruning.h"
#include "journal/sweep.h"

#include "base/banned.h"

#define PEOPLE 2000 /* rows of a slice */

/* ---- the rest ---- */

static bool prune_rest(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    static const char *const list[] = {
        "DELETE FROM ticks WHERE at < ?1 AND seq <= ?4",
        "DELETE FROM rejects WHERE at < ?1",
        "DELETE FROM replays WHERE asked < ?1",
    };

    pruning->before = pruning->now - pruning->options.keep_ms;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (!pruning_run(pruning, db, list[i], 0, err))
            return false;
    return true;
}

/* SQL: a person who was last seen then, or never but by what is hidden. An
 * event that is there still was not long ago, whatever the clock said. */
#define LONG_AGO                                                              \
    "coalesce(last_at, iif(last_seq, 0, NULL)) < ?1 AND NOT EXISTS (SELECT "  \
    "1 FROM events WHERE seq = last_seq)"

/* Of who was not seen for long; each row is looked at, so many in a slice.
 * last finds the end of it. Not while events of theirs wait for who
 * follows. */
static bool prune_people(struct pruning *pruning, sqlite3 *db,
                         const char *last, const char *sql, struct err *err)
{
    int64_t end;

    if (pruning->result.waits)
        return true;
    pruning->before =
        pruning->now - pruning->options.keep_ms - PRUNING_LATEST_MS;
    if (!pruning_ask(pruning, db, last, PEOPLE, &end, 1, err) ||
        (end && !pruning_run(pruning, db, sql, end, err)))
        return false;
    pruning->seq = end;
    pruning->again = end != 0;
    return true;
}

static bool prune_identities(struct pruning *pruning, sqlite3 *db,
                             struct err *err)
{
    return prune_people(pruning, db,
                        "SELECT max(id) FROM (SELECT id FROM identities WHERE "
                        "id > ?2 ORDER BY id LIMIT ?3)",
                        "DELETE FROM identities WHERE id > ?2 AND id <= ?3 "
                        "AND EXISTS (SELECT 1 FROM persons p WHERE p.id = "
                        "person AND " LONG_AGO ")",
                        err);
}

/* They keep their row, for the daily counts, but not their names. */
static bool prune_persons(struct pruning *pruning, sqlite3 *db,
                          struct err *err)
{
    return prune_people(pruning, db,
                        "SELECT max(id) FROM (SELECT id FROM persons WHERE "
                        "id > ?2 ORDER BY id LIMIT ?3)",
                        "UPDATE persons SET key = " PRUNED_PERSON
                        ", email = NULL, name = NULL WHERE id > ?2 AND id <= "
                        "?3 AND " LONG_AGO " AND " PRUNED_NOT_YET,
                        err);
}

/* Names and texts that no event has any more. */
static bool sweep_is_due(struct pruning *pruning, sqlite3 *db, bool *due,
                         struct err *err)
{
    *due = false;
    return (!pruning->result.events && !pruning->result.surplus) ||
           pruning_is_due(pruning, db, PRUNING_FACTS("swept"), due, err);
}

static bool prune_names(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    bool due;

    if (!pruning->sweep.tables) {
        if (!sweep_is_due(pruning, db, &due, err))
            return false;
        if (!due)
            return true;
        pruning->sweep.tables = "prune";
    }
    return sweep_slice(&pruning->sweep, db, &pruning->again, err) &&
           (pruning->again || pruning_run(pruning, db, PRUNING_DONE("swept"),
                                          pruning->now, err));
}

/* The file itself shrinks when the log is copied next. */
static bool give_back(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    static const char sql[] = "SELECT freelist_count FROM "
                              "pragma_freelist_count";
    int64_t before, after;

    if (!pruning_ask(pruning, db, sql, 0, &before, 1, err) ||
        (before && !db_exec(db, "PRAGMA incremental_vacuum(200)", err)) ||
        !pruning_ask(pruning, db, sql, 0, &after, 1, err))
        return false;
    pruning->slice.pages = (uint64_t)(before - after);
    pruning->again = after && after < before;
    return true;
}

/* ---- the chain ---- */

/* By the journal's clock as it was: it goes on in the next stage. */
static bool put_forgotten_right(struct pruning *pruning, sqlite3 *db,
                                struct err *err)
{
    return forgotten_put_right(db, pruning->options.now_ms, err);
}

static bool (*const stages[])(struct pruning *, sqlite3 *, struct err *) = {
    put_forgotten_right, prune_look_at_clock, prune_past,        prune_events,
    prune_surplus,       prune_bodies,        prune_past_bodies, prune_rest,
    prune_identities,    prune_persons,       prune_names,       give_back,
};
#define STAGES (sizeof stages / sizeof *stages)

static bool run_stage(void *ctx, sqlite3 *db, struct err *err)
{
    struct pruning *pruning = ctx;

    pruning->again = false;
    pruning->slice = (struct prune_result){0};
    if (!cursor_slowest(db, pruning->followers, pruning->follower_count,
                        &pruning->unread, err))
        return false;
    pruning->limit = pruning->options.wait ? pruning->unread : INT64_MAX;
    return stages[pruning->stage](pruning, db, err);
}

static void drop(void *ctx)
{
    struct pruning *pruning = ctx;

    for (size_t i = 0; i < pruning->follower_count; i++)
        free(pruning->followers[i]);
    free(pruning->followers);
    free(pruning);
}

static void finish(struct pruning *pruning, bool ok, const struct err *err)
{
    if (pruning->done)
        pruning->done(pruning->ctx, ok, &pruning->result, err);
    drop(pruning);
}

static void add_slice(struct prune_result *result,
                      const struct prune_result *slice)
{
    result->events += slice->events;
    result->surplus += slice->surplus;
    result->bodies += slice->bodies;
    result->pages += slice->pages;
    result->unread += slice->unread;
    result->waits |= slice->waits;
}

static void on_stage(void *ctx, bool ok, const struct err *err)
{
    struct pruning *pruning = ctx;

    if (!ok) {
        finish(pruning, false, err);
        return;
    }
    add_slice(&pruning->result, &pruning->slice);
    if (!pruning->again) {
        pruning->stage++;
        pruning->seq = pruning->when = 0;
        pruning->bar = pruning->sure = pruning->unsure = 0;
    }
    if (pruning->stage == STAGES)
        finish(pruning, true, err);
    else
        journal_write_owned(pruning->journal, run_stage, on_stage, pruning,
                            drop);
}

static void copy_followers(struct pruning *pruning)
{
    const char *const *names =
        journal_followers(pruning->journal, &pruning->follower_count);

    pruning->followers =
        xcalloc(pruning->follower_count + 1, sizeof *pruning->followers);
    for (size_t i = 0; i < pruning->follower_count; i++)
        pruning->followers[i] = xstrdup(names[i]);
}

void journal_prune(struct journal *journal,
                   const struct prune_options *options, prune_done *done,
                   void *ctx)
{
    struct pruning *pruning = xcalloc(1, sizeof *pruning);

    pruning->journal = journal;
    pruning->options = *options;
    pruning->done = done;
    pruning->ctx = ctx;
    copy_followers(pruning);
    journal_write_owned(journal, run_stage, on_stage, pruning, drop);
}
