/* The writer's connection: its transactions and what is nested in them, the
 * seq it has come to, its log and whether the file is still ours; ticks and
 * rejects. How an event becomes rows is appender.c. */
#include "journal/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "journal/db.h"
#include "journal/dict.h"
#include "journal/forgotten.h"
#include "journal/sums.h"

#include "base/banned.h"

/* For readers of the log; events wait behind it. */
#define TRUNCATE_MS 20

enum statement {
    BEGIN,
    COMMIT,
    SET_SEQ,
    ADD_TICK,
    ADD_TICK_ONCE,
    ADD_REJECT,
    ADD_HEADERS,
    TRIM_REJECTS,
    TRIM_BODIES,
    STATEMENT_COUNT
};

static const char *const statements_sql[STATEMENT_COUNT] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [SET_SEQ] = "UPDATE meta SET value = ? WHERE key = 'seq'",
    [ADD_TICK] = "INSERT INTO ticks (seq, at) VALUES (?, ?)",
    [ADD_TICK_ONCE] =
        "INSERT INTO ticks (seq, at) SELECT ?1, ?2 WHERE coalesce((SELECT at "
        "FROM ticks ORDER BY seq DESC LIMIT 1) < ?3, ?1 > 1)",
    [ADD_REJECT] = "INSERT INTO rejects (at, status, why, peer, size, body) "
                   "VALUES (?, ?, ?, ?, ?, ?)",
    [ADD_HEADERS] = "INSERT INTO reject_headers VALUES (?, ?, ?)",
    /* Those that can be decoded again are not put off by those that cannot:
     * anybody can make many of these. */
    [TRIM_REJECTS] =
        "DELETE FROM rejects WHERE coalesce(length(body), 0) = 0 AND id <= ?",
    [TRIM_BODIES] =
        "DELETE FROM rejects WHERE length(body) > 0 AND id <= coalesce("
        "(SELECT id FROM rejects WHERE length(body) > 0 ORDER BY id DESC "
        "LIMIT 1 OFFSET ?), 0)",
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    struct dict *dict;
    struct sums *sums;
    struct forgotten *forgotten;
    struct appender *appender;
    uint64_t seq;       /* last given out; ahead of meta in a transaction */
    uint64_t saved_seq; /* in meta */
    bool stale;         /* dictionary rows were deleted */
    struct guard *guard;
    struct guard_log log;
    size_t page_size;
    enum guard_state state;
    struct salvage_facts facts;
};

static int note_wal(void *ctx, sqlite3 *db, const char *name, int pages)
{
    struct store *store = ctx;

    (void)db;
    (void)name;
    store->log = (struct guard_log){.frames = (size_t)pages};
    return SQLITE_OK;
}

/* Whoever deletes dictionary rows (forgetting does) makes the cache wrong. */
static void note_update(void *ctx, int what, const char *database,
                        const char *table, sqlite3_int64 row)
{
    struct store *store = ctx;

    (void)database;
    (void)row;
    if (what == SQLITE_DELETE && strcmp(table, "events") &&
        strcmp(table, "bodies"))
        store->stale = true;
}

static bool read_facts(struct store *store, struct err *err)
{
    struct salvage_facts *facts = &store->facts;
    char *zone = db_meta_text(store->db, "zone", err);

    if (!zone)
        return false;
    facts->is_journal = facts->has_id = facts->has_salt = true;
    snprintf(facts->zone, sizeof facts->zone, "%s", zone);
    free(zone);
    return db_meta_uuid(store->db, "id", &facts->id, err) &&
           db_meta_uuid(store->db, "salt", &facts->salt, err) &&
           db_meta_number(store->db, "seq", &facts->seq, err);
}

/* With an empty log, as far as that goes: what is in the file needs none. */
static bool open_guard(struct store *store, const char *path, struct err *err)
{
    sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL,
                              NULL);
    store->guard = guard_new(store->db, path, err);
    return store->guard != NULL;
}

static bool open_appender(struct store *store, struct err *err)
{
    const struct appender_lent lent = {.dict = store->dict,
                                       .sums = store->sums,
                                       .forgotten = store->forgotten,
                                       .journal = &store->facts.id};

    store->appender = appender_new(store->db, &lent, err);
    return store->appender != NULL;
}

struct store *store_new(sqlite3 *db, const char *path, struct err *err)
{
    struct store *store = xcalloc(1, sizeof *store);
    bool ok = true;

    store->db = db;
    store->page_size = db_page_size(db);
    for (int i = 0; ok && i < STATEMENT_COUNT; i++) {
        store->statements[i] = db_prepare(db, statements_sql[i], true, err);
        ok = store->statements[i] != NULL;
    }
    ok = ok && (store->dict = dict_new(db, err)) &&
         (store->sums = sums_new(db, err)) &&
         (store->forgotten = forgotten_new(db, err)) &&
         read_facts(store, err) && open_guard(store, path, err) &&
         open_appender(store, err);
    store->saved_seq = store->seq = store->facts.seq;
    sqlite3_wal_hook(db, note_wal, store);
    sqlite3_update_hook(db, note_update, store);
    if (ok)
        return store;
    store_free(store);
    return NULL;
}

void store_free(struct store *store)
{
    if (!store)
        return;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(store->statements[i]);
    appender_free(store->appender);
    dict_free(store->dict);
    sums_free(store->sums);
    forgotten_free(store->forgotten);
    guard_free(store->guard);
    db_close(store->db);
    free(store);
}

uint64_t store_seq(const struct store *store)
{
    return store->seq;
}

struct sqlite3 *store_db(struct store *store)
{
    return store->db;
}

uint64_t store_saved_seq(const struct store *store)
{
    return store->saved_seq;
}

void store_set_days(struct store *store, const struct zone_days *days)
{
    sums_set_days(store->sums, days);
}

enum guard_state store_state(const struct store *store)
{
    return store->state;
}

const struct salvage_facts *store_facts(struct store *store)
{
    store->facts.seq = store->seq;
    return &store->facts;
}

void store_doubt(struct store *store)
{
    guard_doubt(store->guard);
}

void store_leave_as_it_is(struct store *store)
{
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

/* What is written into a deleted file is not kept. */
static bool is_ours(struct store *store, struct err *err)
{
    store->state = guard_before(store->guard, &store->log, err);
    return store->state == GUARD_OURS;
}

bool store_begin(struct store *store, struct err *err)
{
    return is_ours(store, err) &&
           ((db_run(store->statements[BEGIN], err) &&
             forgotten_refresh(store->forgotten, err)) ||
            (store_rollback(store), false));
}

void store_rollback(struct store *store)
{
    if (guard_is_damage(sqlite3_extended_errcode(store->db)))
        store->state = GUARD_DAMAGED;
    /* A full disk makes SQLite roll back by itself. */
    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    sums_forget(store->sums);
    dict_forget(store->dict);
}

static bool save_seq(struct store *store, struct err *err)
{
    sqlite3_stmt *set = store->statements[SET_SEQ];

    if (store->seq == store->saved_seq)
        return true;
    sqlite3_bind_int64(set, 1, (int64_t)store->seq);
    return db_run(set, err);
}

bool store_commit(struct store *store, struct err *err)
{
    if (sums_write(store->sums, err) && save_seq(store, err) &&
        db_run(store->statements[COMMIT], err)) {
        store->saved_seq = store->seq;
        store->state = guard_after(store->guard, &store->log, err);
        return store->state == GUARD_OURS;
    }
    store_rollback(store);
    return false;
}

bool store_append(struct store *store, struct event_batch *batch,
                  struct appended *out, struct err *err)
{
    return appender_append(store->appender, batch, &store->seq, out, err);
}

bool store_tick(struct store *store, int64_t wall_ms, struct err *err)
{
    sqlite3_stmt *add = store->statements[ADD_TICK];

    sqlite3_bind_int64(add, 1, (int64_t)++store->seq);
    sqlite3_bind_int64(add, 2, wall_ms);
    return db_run(add, err);
}

bool store_tick_once(struct store *store, int64_t wall_ms, int64_t since_ms,
                     struct err *err)
{
    sqlite3_stmt *add = store->statements[ADD_TICK_ONCE];

    sqlite3_bind_int64(add, 1, (int64_t)store->seq + 1);
    sqlite3_bind_int64(add, 2, wall_ms);
    sqlite3_bind_int64(add, 3, since_ms);
    if (!db_run(add, err))
        return false;
    store->seq += (uint64_t)sqlite3_changes(store->db);
    return true;
}

static bool add_headers(struct store *store, int64_t id,
                        const struct reject *reject, struct err *err)
{
    sqlite3_stmt *add = store->statements[ADD_HEADERS];

    if (!reject->content_type && !reject->webhook_id)
        return true;
    sqlite3_bind_int64(add, 1, id);
    db_bind_text(add, 2, reject->content_type);
    db_bind_text(add, 3, reject->webhook_id);
    return db_run(add, err);
}

bool store_reject(struct store *store, const struct reject *reject,
                  struct err *err)
{
    int64_t id;
    sqlite3_stmt *add = store->statements[ADD_REJECT];
    sqlite3_stmt *trim =
        store->statements[reject->kept ? TRIM_BODIES : TRIM_REJECTS];

    sqlite3_bind_int64(add, 1, reject->at);
    sqlite3_bind_int(add, 2, reject->status);
    db_bind_text(add, 3, reject->why);
    db_bind_text(add, 4, reject->peer);
    sqlite3_bind_int64(add, 5, (int64_t)reject->size);
    sqlite3_bind_blob64(add, 6, reject->body, reject->kept, SQLITE_STATIC);
    if (!db_run(add, err))
        return false;
    id = sqlite3_last_insert_rowid(store->db);
    sqlite3_bind_int64(trim, 1,
                       reject->kept ? LIMIT_REJECTS : id - LIMIT_REJECTS);
    return add_headers(store, id, reject, err) && db_run(trim, err);
}

bool store_nested(struct store *store,
                  bool (*call)(void *ctx, struct sqlite3 *db, struct err *err),
                  void *ctx, bool *broken, struct err *err)
{
    bool ok = false;

    *broken = !sums_write(store->sums, err) || !save_seq(store, err) ||
              !db_exec(store->db, "SAVEPOINT job", err);
    if (*broken)
        return false;
    store->stale = false;
    ok = call(ctx, store->db, err);
    if (!ok && guard_is_damage(sqlite3_extended_errcode(store->db))) {
        store->state = GUARD_DAMAGED;
        *broken = true;
        return false;
    }
    if (sqlite3_get_autocommit(store->db))
        *broken = true;
    else if (!ok && !db_exec(store->db, "ROLLBACK TO job", NULL))
        *broken = true;
    if (*broken || !db_exec(store->db, "RELEASE job", ok ? err : NULL)) {
        *broken = true;
        return false;
    }
    if (store->stale) {
        dict_forget(store->dict);
        sums_forget(store->sums);
    }
    *broken = !forgotten_refresh(store->forgotten, ok ? err : NULL);
    return ok && !*broken;
}

size_t store_wal_bytes(const struct store *store)
{
    return store->log.frames * store->page_size;
}

bool store_checkpoint(struct store *store, struct err *err)
{
    int frames = 0, copied = -1;

    if (!is_ours(store, err))
        return store->state == GUARD_UNSURE;
    /* Whatever is not copied now is copied next time. */
    if (!sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE,
                                   &frames, &copied))
        store->log.copied = frames == copied;
    guard_note(store->guard);
    return true;
}

bool store_copy_all(struct store *store, struct err *err)
{
    bool ok;

    sqlite3_busy_timeout(store->db, TRUNCATE_MS);
    ok = db_empty_log(store->db, err);
    sqlite3_busy_timeout(store->db, DB_BUSY_MS);
    if (ok)
        store->log = (struct guard_log){.copied = true};
    guard_note(store->guard); /* a part of it may have been copied */
    return ok;
}

bool store_truncate(struct store *store, struct err *err)
{
    return db_exec(store->db, "PRAGMA incremental_vacuum", err) &&
           store_copy_all(store, err);
}
