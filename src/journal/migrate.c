/* One function a version. A step may meet whatever journals of the version
 * before it were: it looks, and changes what is not so yet. */
#include "journal/migrate.h"

#include <stdio.h>

#include "journal/db.h"

#include "base/banned.h"

/* The first journals had no buckets in the outbox, and counted by account
 * first; they say version 1 like those that came after them. */
static bool migrate_to_2(sqlite3 *db, struct err *err)
{
    static const char outbox[] =
        "ALTER TABLE outbox RENAME TO outbox_1;"
        "DROP INDEX outbox_next;"
        "CREATE TABLE outbox ("
        "    id        INTEGER PRIMARY KEY,"
        "    mirror    TEXT NOT NULL,"
        "    state     TEXT NOT NULL,"
        "    bucket    TEXT NOT NULL,"
        "    message   TEXT NOT NULL,"
        "    events    INTEGER NOT NULL,"
        "    first_seq INTEGER NOT NULL,"
        "    last_seq  INTEGER NOT NULL,"
        "    attempts  INTEGER NOT NULL DEFAULT 0,"
        "    next_try  INTEGER NOT NULL,"
        "    error     TEXT,"
        "    status    INTEGER,"
        "    created   INTEGER NOT NULL"
        ") STRICT;"
        "INSERT INTO outbox SELECT id, mirror, state, 'live', message, "
        "events, first_seq, last_seq, attempts, next_try, error, status, "
        "created FROM outbox_1;"
        "DROP TABLE outbox_1;"
        "CREATE INDEX outbox_next ON outbox (mirror, state, next_try, id);";
    static const char daily[] =
        "ALTER TABLE daily RENAME TO daily_1;"
        "CREATE TABLE daily ("
        "    day      INTEGER NOT NULL,"
        "    account  INTEGER NOT NULL,"
        "    person   INTEGER NOT NULL,"
        "    category INTEGER NOT NULL,"
        "    count    INTEGER NOT NULL,"
        "    hidden   INTEGER NOT NULL,"
        "    PRIMARY KEY (day, account, person, category)"
        ") STRICT, WITHOUT ROWID;"
        "INSERT INTO daily SELECT day, account, person, category, count, "
        "hidden FROM daily_1;"
        "DROP TABLE daily_1;";
    int64_t buckets, days_first;

    return db_number(db,
                     "SELECT count(*) FROM pragma_table_info('outbox') "
                     "WHERE name = 'bucket'",
                     &buckets, err) &&
           db_number(db,
                     "SELECT cid = 0 FROM pragma_table_info('daily') WHERE "
                     "name = 'day'",
                     &days_first, err) &&
           (buckets || db_exec(db, outbox, err)) &&
           (days_first || db_exec(db, daily, err));
}

/* Nothing was ever written there: saved views are a file beside the journal,
 * since they are of whoever looks, not of what was received. */
static bool migrate_to_3(sqlite3 *db, struct err *err)
{
    return db_exec(db, "DROP TABLE IF EXISTS views", err);
}

static bool (*const steps[])(sqlite3 *db, struct err *err) = {
    migrate_to_2,
    migrate_to_3,
};

static bool run_steps(sqlite3 *db, int version, struct err *err)
{
    char set[64];

    _Static_assert(sizeof steps / sizeof *steps == SCHEMA_VERSION - 1,
                   "a step for every version after the first");
    for (; version < SCHEMA_VERSION; version++)
        if (!steps[version - 1](db, err))
            return false;
    snprintf(set, sizeof set, "PRAGMA user_version = %d", SCHEMA_VERSION);
    return db_exec(db, set, err);
}

bool migrate(sqlite3 *db, struct err *err)
{
    int64_t version;

    if (!db_number(db, "PRAGMA user_version", &version, err))
        return false;
    if (version >= SCHEMA_VERSION)
        return true;
    if (version < 1)
        return err_set(err, "the journal is damaged: it has no version");
    if (!db_exec(db, "BEGIN IMMEDIATE", err))
        return false;
    if (run_steps(db, (int)version, err) && db_exec(db, "COMMIT", err))
        return true;
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}
