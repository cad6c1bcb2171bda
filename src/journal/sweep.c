/* What is used is written into temporary tables; what is not in them goes.
 * A row that comes into use again between two slices is noticed, because the
 * events that came meanwhile are looked at first, in the same transaction. */
#include "journal/sweep.h"

#include <stdio.h>
#include <string.h>

#include "journal/db.h"

#include "base/banned.h"

#define EVENTS 2000 /* of a slice */
#define ROWS 2000

static const char *const used_tables[] = {"texts", "identities", "persons",
                                          "accounts"};
#define TABLES (sizeof used_tables / sizeof *used_tables)

/* ?1 the row before the first, ?2 the last, ?3 the persons or the account. */
static const char *const clear_sql[] = {
    "DELETE FROM identities WHERE id > ?1 AND id <= ?2 AND id NOT IN "
    "temp.@_identities",
    "DELETE FROM texts WHERE id > ?1 AND id <= ?2 AND id NOT IN temp.@_texts",
    "DELETE FROM persons WHERE id > ?1 AND id <= ?2 AND id_set_has(?3, id) "
    "AND id NOT IN temp.@_persons",
    "UPDATE persons SET key = " PRUNED_PERSON ", email = NULL, name "
    "= NULL WHERE id > ?1 AND id <= ?2 AND " PRUNED_NOT_YET " AND id NOT IN "
    "temp.@_persons",
    "DELETE FROM accounts WHERE id > ?1 AND id <= ?2 AND key = lower(?3) AND "
    "id NOT IN temp.@_accounts",
    "UPDATE accounts SET name = NULL WHERE id > ?1 AND id <= ?2 AND name IS "
    "NOT NULL AND id NOT IN temp.@_accounts",
    /* The key of one in the book is no secret of the journal's. */
    "UPDATE accounts SET key = " PRUNED_ACCOUNT " WHERE id > ?1 AND "
    "id <= ?2 AND NOT listed AND " PRUNED_NOT_YET " AND id NOT IN "
    "temp.@_accounts",
};
static const char *const clear_table[] = {"identities", "texts",    "persons",
                                          "persons",    "accounts", "accounts",
                                          "accounts"};
enum { CLEAR_PERSONS = 2, CLEAR_ACCOUNT = 4 };
#define CLEARS ((int)(sizeof clear_sql / sizeof *clear_sql))

/* Runs SQL in which @ is the sweep's word. */
static bool run(const struct sweep *sweep, sqlite3 *db, const char *format,
                int64_t from, int64_t to, struct err *err)
{
    const char *word = strchr(format, '@');
    sqlite3_stmt *statement;
    char sql[1024];
    bool ok;

    snprintf(sql, sizeof sql, "%.*s%s%s", (int)(word - format), format,
             sweep->tables, word + 1);
    statement = db_prepare(db, sql, false, err);
    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, from);
    sqlite3_bind_int64(statement, 2, to);
    if (sweep->stage - 1 == CLEAR_PERSONS)
        id_set_bind(statement, 3, sweep->persons);
    if (sweep->stage - 1 == CLEAR_ACCOUNT)
        db_bind_text(statement, 3, sweep->account);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

static bool find_number(sqlite3 *db, const char *sql, int64_t bound,
                        int64_t *out, struct err *err)
{
    sqlite3_stmt *find = db_prepare(db, sql, false, err);

    if (find)
        sqlite3_bind_int64(find, 1, bound);
    return db_number_of(find, out, err);
}

static bool begin(const struct sweep *sweep, sqlite3 *db, struct err *err)
{
    char sql[256];

    for (size_t i = 0; i < TABLES; i++) {
        snprintf(sql, sizeof sql,
                 "DROP TABLE IF EXISTS temp.%s_%s; CREATE TEMP TABLE %s_%s "
                 "(id INTEGER PRIMARY KEY)",
                 sweep->tables, used_tables[i], sweep->tables, used_tables[i]);
        if (!db_exec(db, sql, err))
            return false;
    }
    return true;
}

static bool end(const struct sweep *sweep, sqlite3 *db, struct err *err)
{
    char sql[128];

    for (size_t i = 0; i < TABLES; i++) {
        snprintf(sql, sizeof sql, "DROP TABLE IF EXISTS temp.%s_%s",
                 sweep->tables, used_tables[i]);
        if (!db_exec(db, sql, err))
            return false;
    }
    return true;
}

/* The next events; *more: they were as many as fit. */
static bool note_used(struct sweep *sweep, sqlite3 *db, bool *more,
                      struct err *err)
{
    static const char *const note[] = {
        "INSERT OR IGNORE INTO temp.@_identities SELECT who FROM events "
        "WHERE seq > ?1 AND seq <= ?2",
        "INSERT OR IGNORE INTO temp.@_persons SELECT i.person FROM events e "
        "JOIN identities i ON i.id = e.who WHERE seq > ?1 AND seq <= ?2",
        "INSERT OR IGNORE INTO temp.@_accounts SELECT i.account FROM events "
        "e JOIN identities i ON i.id = e.who WHERE seq > ?1 AND seq <= ?2",
        "INSERT OR IGNORE INTO temp.@_texts SELECT name FROM events WHERE "
        "seq > ?1 AND seq <= ?2",
        "INSERT OR IGNORE INTO temp.@_texts SELECT fold FROM events WHERE "
        "seq > ?1 AND seq <= ?2 AND fold IS NOT NULL",
        "INSERT OR IGNORE INTO temp.@_texts SELECT project FROM events WHERE "
        "seq > ?1 AND seq <= ?2 AND project IS NOT NULL",
    };
    int64_t last;

    if (!find_number(db,
                     "SELECT max(seq) FROM (SELECT seq FROM events WHERE seq "
                     "> ?1 ORDER BY seq LIMIT 2000)",
                     sweep->seq, &last, err))
        return false;
    *more = last != 0;
    for (size_t i = 0; last && i < sizeof note / sizeof *note; i++)
        if (!run(sweep, db, note[i], sweep->seq, last, err))
            return false;
    if (last)
        sweep->seq = last;
    _Static_assert(EVENTS == 2000, "as the statement says");
    return true;
}

/* The next rows of the stage's dictionary. */
static bool clear_used(struct sweep *sweep, sqlite3 *db, struct err *err)
{
    int clear = sweep->stage - 1;
    char sql[128];
    int64_t last;

    snprintf(sql, sizeof sql,
             "SELECT max(id) FROM (SELECT id FROM %s WHERE id > ?1 ORDER BY "
             "id LIMIT %d)",
             clear_table[clear], ROWS);
    if (!find_number(db, sql, sweep->row, &last, err) ||
        (last && !run(sweep, db, clear_sql[clear], sweep->row, last, err)))
        return false;
    if (last)
        sweep->rows += (uint64_t)sqlite3_changes(db);
    sweep->row = last;
    if (!last)
        sweep->stage++;
    return true;
}

bool sweep_slice(struct sweep *sweep, sqlite3 *db, bool *more, struct err *err)
{
    bool events;

    *more = true;
    if (!sweep->stage) {
        if (!sweep->seq && !begin(sweep, db, err))
            return false;
        if (!note_used(sweep, db, &events, err))
            return false;
        sweep->stage = !events;
        return true;
    }
    do {
        if (!note_used(sweep, db, &events, err))
            return false;
    } while (events);
    if (!clear_used(sweep, db, err))
        return false;
    if (sweep->stage <= CLEARS)
        return true;
    *more = false;
    return end(sweep, db, err);
}
