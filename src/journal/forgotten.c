/* The list of the forgotten. It knows hashes only: nobody can be read out of
 * it, but whoever comes can be recognised. */
#include "journal/forgotten.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "journal/db.h"
#include "journal/prune.h"

#include "base/banned.h"

/* What journals of an earlier day call a distinct id, whether it was asked for
 * or found beside an address. */
#define BEFORE "person"

#define AHEAD_MS CLOCK_DAY_MS /* no clock that is kept is */

struct forgotten {
    sqlite3_stmt *any, *find, *insert;
    struct uuid salt;
    bool somebody;
    int64_t at; /* of the last that was found */
};

struct forgotten *forgotten_new(sqlite3 *db, struct err *err)
{
    struct forgotten *forgotten = xcalloc(1, sizeof *forgotten);

    forgotten->any =
        db_prepare(db, "SELECT EXISTS (SELECT 1 FROM forgotten)", true, err);
    forgotten->find =
        db_prepare(db, "SELECT at FROM forgotten WHERE hash = ?", true, err);
    forgotten->insert =
        db_prepare(db,
                   "INSERT INTO forgotten (hash, kind, at) VALUES (?, ?, ?) "
                   "ON CONFLICT DO UPDATE SET at = max(at, excluded.at)",
                   true, err);
    if (forgotten->any && forgotten->find && forgotten->insert &&
        db_meta_uuid(db, "salt", &forgotten->salt, err))
        return forgotten;
    forgotten_free(forgotten);
    return NULL;
}

void forgotten_free(struct forgotten *forgotten)
{
    if (!forgotten)
        return;
    sqlite3_finalize(forgotten->any);
    sqlite3_finalize(forgotten->find);
    sqlite3_finalize(forgotten->insert);
    free(forgotten);
}

bool forgotten_refresh(struct forgotten *forgotten, struct err *err)
{
    bool ok = sqlite3_step(forgotten->any) == SQLITE_ROW;

    if (ok)
        forgotten->somebody = sqlite3_column_int(forgotten->any, 0);
    else
        db_fail(sqlite3_db_handle(forgotten->any), err, "the journal");
    sqlite3_reset(forgotten->any);
    return ok;
}

void forgotten_hash(const struct uuid *salt, const char *kind,
                    const char *text, unsigned char out[FORGOTTEN_HASH])
{
    bool exact = !strcmp(kind, FORGOTTEN_ID) || !strcmp(kind, FORGOTTEN_ALONE);
    unsigned char whole[EVP_MAX_MD_SIZE];
    struct buf bytes;

    buf_init(&bytes, 16 * MIB);
    buf_add(&bytes, salt->bytes, sizeof salt->bytes);
    buf_add(&bytes, kind, strlen(kind) + 1);
    /* Two ids may differ by nothing but their case. */
    for (; *text; text++)
        buf_addc(&bytes, exact ? *text : (char)tolower((unsigned char)*text));
    if (!EVP_Digest(bytes.data, bytes.len, whole, NULL, EVP_sha256(), NULL))
        abort();
    memcpy(out, whole, FORGOTTEN_HASH);
    buf_free(&bytes);
}

static bool look_for(struct forgotten *forgotten, const char *kind,
                     const char *text, int64_t at, bool *found,
                     struct err *err)
{
    unsigned char hash[FORGOTTEN_HASH];
    int code;

    if (!text)
        return true;
    forgotten_hash(&forgotten->salt, kind, text, hash);
    sqlite3_bind_blob(forgotten->find, 1, hash, FORGOTTEN_HASH, SQLITE_STATIC);
    code = sqlite3_step(forgotten->find);
    forgotten->at =
        code == SQLITE_ROW ? sqlite3_column_int64(forgotten->find, 0) : 0;
    *found = code == SQLITE_ROW && at <= forgotten->at;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        db_fail(sqlite3_db_handle(forgotten->find), err, "the journal");
    sqlite3_reset(forgotten->find);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

bool forgotten_has(struct forgotten *forgotten, const struct event *event,
                   bool *has, struct err *err)
{
    const char *alone = event->person.email ? NULL : event->person.id;
    const char *const names[][2] = {{FORGOTTEN_EMAIL, event->person.email},
                                    {FORGOTTEN_ID, event->person.id},
                                    {FORGOTTEN_ALONE, alone},
                                    {BEFORE, alone},
                                    {FORGOTTEN_ACCOUNT, event->account.id}};
    int64_t at = event->occurred_at < event->received_at ? event->occurred_at
                                                         : event->received_at;

    *has = false;
    if (!forgotten->somebody)
        return true;
    for (size_t i = 0; !*has && i < sizeof names / sizeof *names; i++)
        if (!look_for(forgotten, names[i][0], names[i][1], at, has, err))
            return false;
    return true;
}

bool forgotten_is_ahead(const struct forgotten *forgotten, int64_t now_ms)
{
    return forgotten->at > now_ms + AHEAD_MS;
}

bool forgotten_put_right(sqlite3 *db, int64_t now_ms, struct err *err)
{
    sqlite3_stmt *statement;
    int64_t clock;
    bool ok;

    if (!prune_put_clock_back(db, now_ms, &clock, err))
        return false;
    if (clock < CLOCK_EARLIEST_MS || clock > now_ms)
        return true;
    statement = db_prepare(db, "UPDATE forgotten SET at = ?1 WHERE at > ?2",
                           false, err);
    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, clock);
    sqlite3_bind_int64(statement, 2, now_ms + AHEAD_MS);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

bool forgotten_add(struct forgotten *forgotten, const char *kind,
                   const char *text, int64_t at, struct err *err)
{
    unsigned char hash[FORGOTTEN_HASH];

    forgotten_hash(&forgotten->salt, kind, text, hash);
    sqlite3_bind_blob(forgotten->insert, 1, hash, FORGOTTEN_HASH,
                      SQLITE_STATIC);
    db_bind_text(forgotten->insert, 2, kind);
    sqlite3_bind_int64(forgotten->insert, 3, at);
    return db_run(forgotten->insert, err);
}

/* ---- what is under way ---- */

/* ?1 is the name's hash. */
static sqlite3_stmt *prepare_name(sqlite3 *db, const char *sql,
                                  const char *kind, const char *text,
                                  struct err *err)
{
    unsigned char hash[FORGOTTEN_HASH];
    struct uuid salt;
    sqlite3_stmt *statement;

    if (!db_meta_uuid(db, "salt", &salt, err) ||
        !(statement = db_prepare(db, sql, false, err)))
        return NULL;
    forgotten_hash(&salt, kind, text, hash);
    sqlite3_bind_blob(statement, 1, hash, FORGOTTEN_HASH, SQLITE_TRANSIENT);
    return statement;
}

static bool run_at(sqlite3_stmt *statement, int64_t at, struct err *err)
{
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 2, at);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

bool forgotten_begin(sqlite3 *db, const char *kind, const char *text,
                     int64_t at, struct err *err)
{
    return run_at(prepare_name(db,
                               "INSERT INTO forgotten_begun VALUES (?1, ?2) "
                               "ON CONFLICT DO UPDATE SET at = max(at, "
                               "excluded.at)",
                               kind, text, err),
                  at, err);
}

bool forgotten_end(sqlite3 *db, const char *kind, const char *text, int64_t at,
                   struct err *err)
{
    return run_at(prepare_name(db,
                               "DELETE FROM forgotten_begun WHERE hash = ?1 "
                               "AND at <= ?2",
                               kind, text, err),
                  at, err);
}

bool forgotten_begun(sqlite3 *db, const char *kind, const char *text,
                     int64_t *at, struct err *err)
{
    sqlite3_stmt *row =
        prepare_name(db, "SELECT at FROM forgotten_begun WHERE hash = ?1",
                     kind, text, err);
    int code;

    if (!row)
        return false;
    code = sqlite3_step(row);
    *at = code == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
    return db_end(row, code, err);
}

/* ---- who is told ---- */

/* Of a statement that gives kind, hash and time; frees it. */
static bool tell_each(sqlite3 *db, sqlite3_stmt *row, forgotten_one *each,
                      void *ctx, struct err *err)
{
    struct uuid salt;
    int code;

    if (!db_meta_uuid(db, "salt", &salt, err)) {
        sqlite3_finalize(row);
        return false;
    }
    while ((code = sqlite3_step(row)) == SQLITE_ROW &&
           each(ctx, &salt, (const char *)sqlite3_column_text(row, 0),
                sqlite3_column_blob(row, 1), sqlite3_column_int64(row, 2)))
        continue;
    return db_end(row, code, err);
}

bool forgotten_each(sqlite3 *db, const unsigned char *after,
                    forgotten_one *each, void *ctx, struct err *err)
{
    sqlite3_stmt *row =
        db_prepare(db,
                   "SELECT kind, hash, at FROM forgotten WHERE hash > ?1 AND "
                   "length(hash) = 32 ORDER BY hash",
                   false, err);

    if (!row)
        return false;
    sqlite3_bind_blob(row, 1, after ? (const void *)after : "",
                      after ? FORGOTTEN_HASH : 0, SQLITE_STATIC);
    return tell_each(db, row, each, ctx, err);
}

bool forgotten_each_untold(sqlite3 *db, const char *reader,
                           forgotten_one *each, void *ctx, struct err *err)
{
    sqlite3_stmt *row = db_prepare(
        db,
        "SELECT kind, hash, at FROM forgotten f WHERE length(hash) = 32 AND "
        "NOT EXISTS (SELECT 1 FROM forgotten_told t WHERE t.reader = ?1 AND "
        "t.hash = f.hash AND t.at = f.at) ORDER BY hash",
        false, err);

    if (!row)
        return false;
    db_bind_text(row, 1, reader);
    return tell_each(db, row, each, ctx, err);
}

bool forgotten_set_told(sqlite3 *db, const char *reader,
                        const unsigned char *hash, int64_t at, struct err *err)
{
    sqlite3_stmt *statement = db_prepare(
        db,
        "INSERT INTO forgotten_told VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE "
        "SET at = excluded.at",
        false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, reader);
    sqlite3_bind_blob(statement, 2, hash, FORGOTTEN_HASH, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, at);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}
