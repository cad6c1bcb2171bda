/* Upkeep as a chain of writer jobs, each a small transaction: stage after
 * stage, slice after slice. Bodies and totals follow by trigger (001.sql). */
#include "journal/prune.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "journal/db.h"
#include "journal/room.h"
#include "journal/sweep.h"

#include "base/banned.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS INT64_C(86400000)
/* Times that count may lie so far before the arrival (event_time()). */
#define LATEST_MS INT64_C(691200000)

#define SWEEP_MS (20 * HOUR_MS)
#define SWEEP_SMALL 100000 /* events */

struct pruning {
    struct journal *journal;
    struct prune_options options;
    int64_t now;    /* what may be believed of it */
    int64_t before; /* what came before it goes; of the stage */
    size_t stage;
    bool again;        /* the stage wants another slice */
    int64_t seq, when; /* how far the stage has walked */
    struct sweep sweep;
    struct prune_result result, slice;
    prune_done *done;
    void *ctx;
};

/* ---- asking ---- */

/* ?1 is the time, ?2 how far the stage is, ?3 a number. */
static sqlite3_stmt *prepare(const struct pruning *pruning, sqlite3 *db,
                             const char *sql, int64_t number, struct err *err)
{
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);

    if (!statement)
        return NULL;
    sqlite3_bind_int64(statement, 1, pruning->before);
    sqlite3_bind_int64(statement, 2, pruning->seq);
    sqlite3_bind_int64(statement, 3, number);
    return statement;
}

static bool run(const struct pruning *pruning, sqlite3 *db, const char *sql,
                int64_t number, struct err *err)
{
    sqlite3_stmt *statement = prepare(pruning, db, sql, number, err);
    bool ok = statement && db_run(statement, err);

    sqlite3_finalize(statement);
    return ok;
}

/* The columns of the one row; NULL counts as 0. */
static bool ask(const struct pruning *pruning, sqlite3 *db, const char *sql,
                int64_t number, int64_t *out, int columns, struct err *err)
{
    sqlite3_stmt *statement = prepare(pruning, db, sql, number, err);
    int result = statement ? sqlite3_step(statement) : SQLITE_ERROR;

    for (int i = 0; i < columns; i++)
        out[i] = result == SQLITE_ROW ? sqlite3_column_int64(statement, i) : 0;
    if (statement && result != SQLITE_ROW && result != SQLITE_DONE)
        db_fail(db, err, "the journal");
    sqlite3_finalize(statement);
    return result == SQLITE_ROW || result == SQLITE_DONE;
}

/* ---- the clock ---- */

static bool set_clock(sqlite3 *db, int64_t ms, struct err *err)
{
    const struct pruning pruning = {.before = ms};

    return run(&pruning, db,
               "INSERT INTO meta (key, value) VALUES ('clock', ?1) ON "
               "CONFLICT DO UPDATE SET value = ?1",
               0, err);
}

/* Where the journal has none, its newest time. */
static bool get_clock(sqlite3 *db, int64_t now, int64_t *clock,
                      struct err *err)
{
    const struct pruning pruning = {.before = now};
    int64_t found[1];

    if (!ask(&pruning, db,
             "SELECT coalesce((SELECT value FROM meta WHERE key = 'clock'), "
             "(SELECT max(last_at) FROM hours WHERE last_at <= ?1 AND events "
             "> 0), ?1)",
             0, found, 1, err))
        return false;
    *clock = found[0];
    return true;
}

bool prune_trust_clock(sqlite3 *db, int64_t now_ms, struct err *err)
{
    return set_clock(db, now_ms, err);
}

bool prune_clock_lead(sqlite3 *db, int64_t now_ms, int64_t *lead_ms,
                      struct err *err)
{
    int64_t clock;

    *lead_ms = 0;
    if (!get_clock(db, now_ms, &clock, err))
        return false;
    if (now_ms - clock > DAY_MS)
        *lead_ms = now_ms - clock;
    return true;
}

static int64_t moved_on(int64_t clock, const struct prune_options *options)
{
    int64_t lead = options->now_ms - clock;

    if (lead <= 0)
        return clock;
    if (lead <= DAY_MS)
        return options->now_ms;
    clock += options->ran_ms * (lead <= PRUNE_ASK_MS ? 2 : 1);
    return clock < options->now_ms ? clock : options->now_ms;
}

static bool look_at_clock(struct pruning *pruning, sqlite3 *db,
                          struct err *err)
{
    const struct prune_options *options = &pruning->options;
    int64_t clock, next;

    if (!get_clock(db, options->now_ms, &clock, err))
        return false;
    next = moved_on(clock, options);
    if (options->now_ms - next > DAY_MS)
        pruning->result.held_ms = options->now_ms - next;
    pruning->now = next < options->now_ms ? next : options->now_ms;
    return set_clock(db, next, err);
}

/* ---- events ---- */

static bool begin_slice(sqlite3 *db, struct err *err)
{
    return db_exec(db,
                   "CREATE TEMP TABLE IF NOT EXISTS pruned (seq INTEGER "
                   "PRIMARY KEY); DELETE FROM pruned;",
                   err);
}

/* No more of a slice than holds so many bytes, and one row: deleting large
 * bodies must not hold up a commit. *cut: some are left for the next. */
static bool trim_slice(const struct pruning *pruning, sqlite3 *db,
                       int64_t bytes, bool *cut, struct err *err)
{
    static const char sql[] =
        "DELETE FROM pruned WHERE seq IN (SELECT seq FROM (SELECT p.seq AS "
        "seq, sum(coalesce(length(b.raw), 0) + 300) OVER (ORDER BY p.seq "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM "
        "pruned p LEFT JOIN bodies b ON b.seq = p.seq) WHERE before >= ?3)";

    if (!run(pruning, db, sql, bytes, err))
        return false;
    *cut = sqlite3_changes(db) > 0;
    return true;
}

/* What the other rooms keep of the slice. */
static bool tell_rooms(const struct pruning *pruning, sqlite3 *db,
                       struct err *err)
{
    const struct journal_room *const *room = journal_rooms(pruning->journal);

    for (; *room; room++)
        for (const char *const *sql = (*room)->parts[ROOM_PRUNED]; sql && *sql;
             sql++)
            if (!run(pruning, db, *sql, 0, err))
                return false;
    return true;
}

static bool delete_slice(struct pruning *pruning, sqlite3 *db,
                         int64_t *deleted, struct err *err)
{
    static const char count_all[] =
        "INSERT INTO counters (name, value) VALUES ('pruned events', ?3) ON "
        "CONFLICT DO UPDATE SET value = value + ?3";

    *deleted = 0;
    if (!ask(pruning, db, "SELECT count(*) FROM pruned", 0, deleted, 1, err))
        return false;
    return !*deleted ||
           (tell_rooms(pruning, db, err) &&
            run(pruning, db, "DELETE FROM pins WHERE seq IN pruned", 0, err) &&
            run(pruning, db, "DELETE FROM events WHERE seq IN pruned", 0,
                err) &&
            run(pruning, db, count_all, *deleted, err));
}

/* Events of the past, which may be old and have a high seq. */
static bool prune_past(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    static const char find[] =
        "INSERT INTO pruned SELECT seq FROM events WHERE flags & 2 AND "
        "received_at < ?1 ORDER BY received_at LIMIT ?3";
    int64_t deleted;
    bool cut;

    pruning->before = pruning->now - pruning->options.keep_ms;
    if (!begin_slice(db, err) ||
        !run(pruning, db, find, LIMIT_PRUNE_ROWS, err) ||
        !trim_slice(pruning, db, LIMIT_PRUNE_BYTES, &cut, err) ||
        !delete_slice(pruning, db, &deleted, err))
        return false;
    pruning->slice.events = (uint64_t)deleted;
    pruning->again = deleted > 0;
    return true;
}

/* What the next rows in order of seq are: how many, the last seq, how many
 * are old, the first that is young. A clock that was ahead leaves rows that
 * are neither, and says nothing about what comes after them. */
struct stretch {
    int64_t rows, last, old, young;
};
static bool look_ahead(const struct pruning *pruning, sqlite3 *db,
                       struct stretch *out, struct err *err)
{
    static const char sql[] =
        "SELECT count(*), max(seq), sum(received_at < ?1), min(CASE WHEN "
        "received_at BETWEEN ?1 AND ?3 THEN seq END) FROM (SELECT seq, "
        "received_at FROM events WHERE seq > ?2 ORDER BY seq LIMIT 200)";
    int64_t row[4];

    _Static_assert(LIMIT_PRUNE_ROWS == 200, "as in the query");
    if (!ask(pruning, db, sql, pruning->now, row, 4, err))
        return false;
    *out = (struct stretch){row[0], row[1], row[2], row[3]};
    return true;
}

/* Whole hours of arrival that should be empty. */
static bool hours_left(const struct pruning *pruning, sqlite3 *db, bool *left,
                       struct err *err)
{
    int64_t found;

    if (!ask(pruning, db,
             "SELECT 1 FROM hours WHERE hour < ?3 AND events > 0 LIMIT 1",
             pruning->before / HOUR_MS, &found, 1, err))
        return false;
    *left = found;
    return true;
}

static bool prune_events(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    static const char find[] =
        "INSERT INTO pruned SELECT seq FROM events WHERE seq > ?2 AND seq <= "
        "?3 AND received_at < ?1";
    struct stretch next;
    int64_t deleted;
    bool left, cut;

    pruning->before = pruning->now - pruning->options.keep_ms;
    if (!look_ahead(pruning, db, &next, err) || !begin_slice(db, err) ||
        !run(pruning, db, find, next.last, err) ||
        !trim_slice(pruning, db, LIMIT_PRUNE_BYTES, &cut, err) ||
        !delete_slice(pruning, db, &deleted, err) ||
        !hours_left(pruning, db, &left, err))
        return false;
    pruning->slice.events = (uint64_t)deleted;
    if (cut) {
        pruning->again = true;
        return true;
    }
    pruning->seq = next.last;
    pruning->again =
        next.rows == LIMIT_PRUNE_ROWS && (deleted || !next.young || left);
    return true;
}

static bool prune_surplus(struct pruning *pruning, sqlite3 *db,
                          struct err *err)
{
    static const char size[] =
        "SELECT (p.page_count - f.freelist_count) * s.page_size FROM "
        "pragma_page_count p, pragma_freelist_count f, pragma_page_size s";
    static const char find[] = "INSERT INTO pruned SELECT seq FROM events "
                               "ORDER BY seq LIMIT ?3";
    int64_t bytes, deleted, surplus;
    bool cut;

    if (!pruning->options.max_bytes)
        return true;
    if (!ask(pruning, db, size, 0, &bytes, 1, err))
        return false;
    surplus = bytes - (int64_t)pruning->options.max_bytes;
    if (surplus <= 0)
        return true;
    if (surplus > LIMIT_PRUNE_BYTES)
        surplus = LIMIT_PRUNE_BYTES;
    if (!begin_slice(db, err) ||
        !run(pruning, db, find, LIMIT_PRUNE_ROWS, err) ||
        !trim_slice(pruning, db, surplus, &cut, err) ||
        !delete_slice(pruning, db, &deleted, err))
        return false;
    pruning->slice.surplus = (uint64_t)deleted;
    pruning->again = deleted > 0;
    return true;
}

/* ---- bodies ---- */

/* Those of the slice; some may be gone before. */
static bool delete_bodies(struct pruning *pruning, sqlite3 *db,
                          struct err *err)
{
    if (!run(pruning, db, "DELETE FROM bodies WHERE seq IN pruned", 0, err))
        return false;
    pruning->slice.bodies = (uint64_t)sqlite3_changes(db);
    return !pruning->slice.bodies ||
           run(pruning, db,
               "INSERT INTO counters (name, value) VALUES ('pruned bodies', "
               "?3) ON CONFLICT DO UPDATE SET value = value + ?3",
               (int64_t)pruning->slice.bodies, err);
}

static bool save_place(const struct pruning *pruning, sqlite3 *db,
                       struct err *err)
{
    return run(pruning, db,
               "INSERT INTO meta (key, value) VALUES ('bodies', ?2) ON "
               "CONFLICT DO UPDATE SET value = ?2",
               0, err);
}

/* In order of seq, from where the last run ended (meta: 'bodies'). */
static bool prune_bodies(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    static const char find[] =
        "INSERT INTO pruned SELECT seq FROM events WHERE seq > ?2 AND seq <= "
        "?3 AND received_at < ?1";
    struct stretch next;
    int64_t last;
    bool cut;

    if (!pruning->options.keep_bodies_ms)
        return true;
    pruning->before = pruning->now - pruning->options.keep_bodies_ms;
    if (!pruning->seq &&
        !ask(pruning, db, "SELECT value FROM meta WHERE key = 'bodies'", 0,
             &pruning->seq, 1, err))
        return false;
    if (!look_ahead(pruning, db, &next, err) || !next.rows)
        return !next.rows;
    if (!begin_slice(db, err) || !run(pruning, db, find, next.last, err) ||
        !trim_slice(pruning, db, LIMIT_PRUNE_BYTES, &cut, err) ||
        !ask(pruning, db, "SELECT max(seq) FROM pruned", 0, &last, 1, err) ||
        !delete_bodies(pruning, db, err))
        return false;
    if (cut)
        pruning->seq = last;
    else
        pruning->seq = next.young ? next.young - 1 : next.last;
    pruning->again = cut || (next.rows == LIMIT_PRUNE_ROWS && !next.young);
    return save_place(pruning, db, err);
}

/* Those of the past by their own index: all of them, since a backfill may
 * have brought some again that are older than any. */
static bool prune_past_bodies(struct pruning *pruning, sqlite3 *db,
                              struct err *err)
{
    static const char find[] =
        "INSERT INTO pruned SELECT seq FROM events WHERE flags & 2 AND "
        "received_at < ?1 AND (received_at, seq) > (?3, ?2) ORDER BY "
        "received_at, seq LIMIT 200";
    static const char last[] =
        "SELECT seq, received_at FROM events WHERE seq IN pruned ORDER BY "
        "received_at DESC, seq DESC LIMIT 1";
    int64_t place[2];

    if (!pruning->options.keep_bodies_ms)
        return true;
    pruning->before = pruning->now - pruning->options.keep_bodies_ms;
    if (!begin_slice(db, err) || !run(pruning, db, find, pruning->when, err) ||
        !ask(pruning, db, last, 0, place, 2, err) ||
        !delete_bodies(pruning, db, err))
        return false;
    pruning->again = place[0] != 0;
    pruning->seq = place[0];
    pruning->when = place[1];
    return true;
}

/* ---- the rest ---- */

/* Persons keep their row, for the daily counts, but not their names. */
static bool prune_rest(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    static const char *const list[] = {
        "DELETE FROM ticks WHERE at < ?1",
        "DELETE FROM rejects WHERE at < ?1",
        "DELETE FROM replays WHERE asked < ?1",
        "DELETE FROM identities WHERE person IN (SELECT id FROM persons "
        "WHERE last_at < ?1 - ?3)",
        "UPDATE persons SET key = 'pruned ' || id, email = NULL, name = NULL "
        "WHERE last_at < ?1 - ?3 AND key <> 'pruned ' || id",
    };

    pruning->before = pruning->now - pruning->options.keep_ms;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (!run(pruning, db, list[i], LATEST_MS, err))
            return false;
    return true;
}

/* Names and texts that no event has any more. Going through all events of a
 * large journal costs, so there it is done once a day. */
static bool sweep_is_due(struct pruning *pruning, sqlite3 *db, bool *due,
                         struct err *err)
{
    int64_t facts[2];

    *due = false;
    if (!pruning->result.events && !pruning->result.surplus)
        return true;
    if (!ask(pruning, db,
             "SELECT coalesce((SELECT sum(events) FROM hours), 0), "
             "coalesce((SELECT value FROM meta WHERE key = 'swept'), 0)",
             0, facts, 2, err))
        return false;
    *due = facts[0] < SWEEP_SMALL || pruning->now < facts[1] ||
           pruning->now - facts[1] > SWEEP_MS;
    return true;
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
    pruning->before = pruning->now;
    return sweep_slice(&pruning->sweep, db, &pruning->again, err) &&
           (pruning->again ||
            run(pruning, db,
                "INSERT INTO meta (key, value) VALUES ('swept', ?1) ON "
                "CONFLICT DO UPDATE SET value = ?1",
                0, err));
}

/* The file itself shrinks when the log is copied next. */
static bool give_back(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    static const char sql[] = "SELECT freelist_count FROM "
                              "pragma_freelist_count";
    int64_t before, after;

    if (!ask(pruning, db, sql, 0, &before, 1, err) ||
        (before && !db_exec(db, "PRAGMA incremental_vacuum(200)", err)) ||
        !ask(pruning, db, sql, 0, &after, 1, err))
        return false;
    pruning->slice.pages = (uint64_t)(before - after);
    pruning->again = after && after < before;
    return true;
}

/* ---- the chain ---- */

static bool (*const stages[])(struct pruning *, sqlite3 *, struct err *) = {
    look_at_clock,     prune_past, prune_events, prune_surplus, prune_bodies,
    prune_past_bodies, prune_rest, prune_names,  give_back,
};
#define STAGES (sizeof stages / sizeof *stages)

static bool run_stage(void *ctx, sqlite3 *db, struct err *err)
{
    struct pruning *pruning = ctx;

    pruning->again = false;
    pruning->slice = (struct prune_result){0};
    return stages[pruning->stage](pruning, db, err);
}

static void finish(struct pruning *pruning, bool ok, const struct err *err)
{
    if (pruning->done)
        pruning->done(pruning->ctx, ok, &pruning->result, err);
    free(pruning);
}

static void stage_ran(void *ctx, bool ok, const struct err *err)
{
    struct pruning *pruning = ctx;

    if (!ok) {
        finish(pruning, false, err);
        return;
    }
    pruning->result.events += pruning->slice.events;
    pruning->result.surplus += pruning->slice.surplus;
    pruning->result.bodies += pruning->slice.bodies;
    pruning->result.pages += pruning->slice.pages;
    if (!pruning->again) {
        pruning->stage++;
        pruning->seq = pruning->when = 0;
    }
    if (pruning->stage == STAGES)
        finish(pruning, true, err);
    else
        journal_write_owned(pruning->journal, run_stage, stage_ran, pruning,
                            free);
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
    journal_write_owned(journal, run_stage, stage_ran, pruning, free);
}
