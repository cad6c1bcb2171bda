/* The walk of upkeep: how it asks, and how large a slice is. What goes, and
 * when, the stages know (prune_*.c). */
#include "journal/pruning.h"

#include "base/clock.h"
#include "base/limits.h"
#include "journal/db.h"

#include "base/banned.h"

#define DUE_MS INT64_C(72000000) /* 20 h: before the next day's */
#define SMALL 100000             /* events */

static sqlite3_stmt *prepare(const struct pruning *pruning, sqlite3 *db,
                             const char *sql, int64_t number, struct err *err)
{
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);

    if (!statement)
        return NULL;
    sqlite3_bind_int64(statement, 1, pruning->before);
    sqlite3_bind_int64(statement, 2, pruning->seq);
    sqlite3_bind_int64(statement, 3, number);
    sqlite3_bind_int64(statement, 4, pruning->limit);
    sqlite3_bind_int64(statement, 5, pruning->bar ? pruning->bar : INT64_MAX);
    sqlite3_bind_int64(statement, 6, pruning->sure);
    sqlite3_bind_int64(statement, 7, CLOCK_EARLIEST_MS);
    return statement;
}

bool pruning_run(const struct pruning *pruning, sqlite3 *db, const char *sql,
                 int64_t number, struct err *err)
{
    sqlite3_stmt *statement = prepare(pruning, db, sql, number, err);
    bool ok = statement && db_run(statement, err);

    sqlite3_finalize(statement);
    return ok;
}

bool pruning_ask(const struct pruning *pruning, sqlite3 *db, const char *sql,
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

bool pruning_is_due(const struct pruning *pruning, sqlite3 *db,
                    const char *facts, bool *due, struct err *err)
{
    int64_t fact[2];

    if (!pruning_ask(pruning, db, facts, 0, fact, 2, err))
        return false;
    *due = fact[0] < SMALL || pruning->now < fact[1] ||
           pruning->now - fact[1] > DUE_MS;
    return true;
}

bool pruning_look_ahead(const struct pruning *pruning, sqlite3 *db,
                        struct stretch *out, struct err *err)
{
    static const char sql[] =
        "SELECT count(*), max(seq), min(iif(young, seq, NULL)), min(bar), "
        "max(iif(own AND old AND bar IS NULL, seq, NULL)), min(iif(own AND "
        "received_at < ?7 AND seq > ?6, seq, NULL)) FROM (SELECT *, min(iif("
        "young AND own, seq, NULL)) OVER (ORDER BY seq) AS bar FROM (SELECT "
        "seq, received_at, received_at BETWEEN ?1 AND ?3 AS young, "
        "received_at >= ?7 AND received_at < ?1 AS old, " PRUNING_OWN
        " AS own FROM events WHERE seq > ?2 ORDER BY seq LIMIT 200))";
    int64_t row[6];

    _Static_assert(LIMIT_PRUNE_ROWS == 200, "as in the query");
    if (!pruning_ask(pruning, db, sql, pruning->now, row, 6, err))
        return false;
    *out = (struct stretch){row[0], row[1], row[2], row[3], row[4], row[5]};
    return true;
}

bool pruning_note_stretch(struct pruning *pruning, const struct stretch *next)
{
    int64_t unsure = pruning->unsure ? pruning->unsure : next->unsure;

    if (!pruning->bar)
        pruning->bar = next->bar;
    if (!pruning->bar || next->sure < pruning->bar) {
        if (next->sure > pruning->sure)
            pruning->sure = next->sure;
        if (unsure && unsure < pruning->sure) {
            pruning->unsure = 0;
            pruning->seq = unsure - 1;
            return true;
        }
    }
    pruning->unsure = unsure;
    return false;
}

bool pruning_look_beyond(struct pruning *pruning, sqlite3 *db,
                         const struct stretch *next, struct err *err)
{
    static const char sql[] = "SELECT 1 FROM events WHERE seq > ?4 AND seq <= "
                              "?3 AND " PRUNING_OLD " LIMIT 1";
    int64_t found;

    if (!pruning_ask(pruning, db, sql, next->last, &found, 1, err))
        return false;
    pruning->slice.waits = found;
    return true;
}

bool pruning_begin_slice(sqlite3 *db, struct err *err)
{
    return db_exec(db,
                   "CREATE TEMP TABLE IF NOT EXISTS pruned (seq INTEGER "
                   "PRIMARY KEY); DELETE FROM pruned;",
                   err);
}

bool pruning_trim_slice(const struct pruning *pruning, sqlite3 *db,
                        int64_t bytes, bool *cut, struct err *err)
{
    static const char sql[] =
        "DELETE FROM pruned WHERE seq IN (SELECT seq FROM (SELECT p.seq AS "
        "seq, sum(coalesce(length(b.raw), 0) + 300) OVER (ORDER BY p.seq "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM "
        "pruned p LEFT JOIN bodies b ON b.seq = p.seq) WHERE before >= ?3)";

    if (!pruning_run(pruning, db, sql, bytes, err))
        return false;
    *cut = sqlite3_changes(db) > 0;
    return true;
}
