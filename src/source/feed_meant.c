/* All names of the journal are gone through; one whose hash is among those
 * that were told is meant where it did something before it was forgotten
 * there. So is what a forgetting has left that did not come to its end: a name
 * that is noted as begun, or one of which no event is left. */
#include "source/feed_meant.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "journal/db.h"

#include "base/banned.h"

/* Who did something until ?2, or of whom no event is left. */
#define DID(column)                                                           \
    "SELECT 1 FROM events WHERE min(occurred_at, received_at) <= ?2 AND who " \
    "IN (SELECT id FROM identities WHERE " column                             \
    " = ?1) UNION ALL SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM events WHERE " \
    "who IN (SELECT id FROM identities WHERE " column " = ?1)) LIMIT 1"

static const struct {
    enum forget_kind kind;
    const char *called;
    const char *names, *acts; /* SQL */
} kinds[] = {
    {FORGET_EMAIL, FORGOTTEN_EMAIL,
     "SELECT DISTINCT email FROM identities WHERE email IS NOT NULL",
     DID("email")},
    {FORGET_PERSON, FORGOTTEN_ID,
     "SELECT DISTINCT person_id FROM identities WHERE person_id IS NOT NULL",
     DID("person_id")},
    {FORGET_ACCOUNT, FORGOTTEN_ACCOUNT,
     "SELECT DISTINCT account_key FROM identities WHERE account_key IS NOT "
     "NULL",
     DID("account_key")},
    /* Behind an id that nobody else uses, whose address is not known here. */
    {FORGET_PERSON, FORGOTTEN_ALONE,
     "SELECT person_id FROM identities WHERE person_id IS NOT NULL GROUP BY "
     "person_id HAVING count(email) = 0",
     DID("person_id")},
};
#define KINDS (sizeof kinds / sizeof *kinds)

struct look {
    sqlite3 *db;
    const struct uuid *salt;
    const struct feed_hash *hashes;
    size_t count;
    void (*found)(void *ctx, enum forget_kind kind, const char *text,
                  int64_t at);
    void *ctx;
};

static int by_bytes(const void *a, const void *b)
{
    return memcmp(((const struct feed_hash *)a)->bytes,
                  ((const struct feed_hash *)b)->bytes, FORGOTTEN_HASH);
}

static int by_bytes_and_time(const void *a, const void *b)
{
    int64_t first = ((const struct feed_hash *)a)->at,
            second = ((const struct feed_hash *)b)->at;
    int order = by_bytes(a, b);

    return order ? order : (first > second) - (first < second);
}

/* Of who is told several times, a stream has each, the newest; NULL: none. */
static const struct feed_hash *find_hash(const struct look *look, size_t kind,
                                         const char *text)
{
    const struct feed_hash *end = look->hashes + look->count, *found;
    struct feed_hash own = {.at = 0};

    forgotten_hash(look->salt, kinds[kind].called, text, own.bytes);
    found = bsearch(&own, look->hashes, look->count, sizeof own, by_bytes);
    while (found && found + 1 < end && !by_bytes(found + 1, &own))
        found++;
    return found;
}

static bool did_something(sqlite3 *db, const char *sql, const char *text,
                          int64_t before, bool *did, struct err *err)
{
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    int code;

    if (!row)
        return false;
    db_bind_text(row, 1, text);
    sqlite3_bind_int64(row, 2, before);
    code = sqlite3_step(row);
    *did = code == SQLITE_ROW;
    return db_end(row, code, err);
}

/* *at: until when what they did is to go; 0: there is nothing. What was begun
 * ends as it was begun. */
static bool find_until(const struct look *look, size_t kind, const char *text,
                       int64_t *at, struct err *err)
{
    int64_t begun;
    bool did;

    if (!forgotten_begun(look->db, forget_called(kinds[kind].kind), text,
                         &begun, err))
        return false;
    if (begun) {
        *at = begun > *at ? begun : *at;
        return true;
    }
    if (!did_something(look->db, kinds[kind].acts, text, *at, &did, err))
        return false;
    if (!did)
        *at = 0;
    return true;
}

static bool look_at(const struct look *look, size_t kind, const char *text,
                    struct err *err)
{
    const struct feed_hash *hash = find_hash(look, kind, text);
    int64_t at;

    if (!hash)
        return true;
    at = hash->at;
    if (!find_until(look, kind, text, &at, err))
        return false;
    if (at)
        look->found(look->ctx, kinds[kind].kind, text, at);
    return true;
}

static bool look_through(const struct look *look, size_t kind, struct err *err)
{
    sqlite3_stmt *row = db_prepare(look->db, kinds[kind].names, false, err);
    int code;

    if (!row)
        return false;
    while ((code = sqlite3_step(row)) == SQLITE_ROW)
        if (!look_at(look, kind, (const char *)sqlite3_column_text(row, 0),
                     err)) {
            sqlite3_finalize(row);
            return false;
        }
    return db_end(row, code, err);
}

bool feed_meant(sqlite3 *db, const struct uuid *salt, struct feed_hash *hashes,
                size_t count,
                void (*found)(void *ctx, enum forget_kind kind,
                              const char *text, int64_t at),
                void *ctx, struct err *err)
{
    const struct look look = {db, salt, hashes, count, found, ctx};

    qsort(hashes, count, sizeof *hashes, by_bytes_and_time);
    for (size_t kind = 0; kind < KINDS; kind++)
        if (!look_through(&look, kind, err))
            return false;
    return true;
}
