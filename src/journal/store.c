/* Events into rows: dedup, dictionaries, seq, sums. The order of work for
 * one event is in append_one(). */
#include "journal/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "journal/cache.h"
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
    FIND_UUID,
    FIND_KEY,
    FIND_ORIGIN,
    FIND_SEQ,
    ADD_EVENT,
    ADD_BODY,
    ADD_TICK,
    ADD_TICK_ONCE,
    ADD_REJECT,
    ADD_HEADERS,
    TRIM_REJECTS,
    COUNT_FORGOTTEN,
    STATEMENT_COUNT
};

static const char *const statements_sql[STATEMENT_COUNT] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [SET_SEQ] = "UPDATE meta SET value = ? WHERE key = 'seq'",
    [FIND_UUID] = "SELECT seq FROM events WHERE uuid = ?",
    [FIND_KEY] = "SELECT seq FROM events WHERE key = ?",
    [FIND_ORIGIN] =
        "SELECT seq FROM events WHERE origin = ? AND origin_seq = ?",
    [FIND_SEQ] = "SELECT seq FROM events WHERE seq = ? AND received_at = ?",
    [ADD_EVENT] =
        "INSERT INTO events (seq, uuid, key, origin, origin_seq, "
        "occurred_at, received_at, name, category, tone, hidden, source, "
        "flags, who, fold, project, sentence, url, session, replay_link, "
        "event_link) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?)",
    [ADD_BODY] =
        "INSERT INTO bodies (seq, encoding, dict, size, props_at, props_len, "
        "raw) VALUES (?1, 1, 1, ?2, ?3, ?4, body_pack(?5))",
    [ADD_TICK] = "INSERT INTO ticks (seq, at) VALUES (?, ?)",
    [ADD_TICK_ONCE] =
        "INSERT INTO ticks (seq, at) SELECT ?1, ?2 WHERE coalesce((SELECT at "
        "FROM ticks ORDER BY seq DESC LIMIT 1) < ?3, ?1 > 1)",
    [ADD_REJECT] = "INSERT INTO rejects (at, status, why, peer, size, body) "
                   "VALUES (?, ?, ?, ?, ?, ?)",
    [ADD_HEADERS] = "INSERT INTO reject_headers VALUES (?, ?, ?)",
    [TRIM_REJECTS] = "DELETE FROM rejects WHERE id <= ?",
    [COUNT_FORGOTTEN] =
        "INSERT INTO counters (name, value) VALUES ('forgotten', ?1) ON "
        "CONFLICT DO UPDATE SET value = value + ?1",
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    struct dict *dict;
    struct sums *sums;
    struct forgotten *forgotten;
    struct uuid id;
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
         read_facts(store, err) && open_guard(store, path, err);
    store->id = store->facts.id;
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
    dict_free(store->dict);
    sums_free(store->sums);
    forgotten_free(store->forgotten);
    guard_free(store->guard);
    db_close(store->db);
    free(store);
}

const struct uuid *store_journal_id(const struct store *store)
{
    return &store->id;
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
    store->state = guard_before(store->guard, store->log, err);
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
        store->state = guard_after(store->guard, store->log, err);
        return store->state == GUARD_OURS;
    }
    store_rollback(store);
    return false;
}

/* Runs a statement that finds a seq; *seq stays when there is none. */
static bool find_seq(sqlite3_stmt *find, uint64_t *seq, struct err *err)
{
    int result = sqlite3_step(find);

    if (result == SQLITE_ROW)
        *seq = (uint64_t)sqlite3_column_int64(find, 0);
    else if (result != SQLITE_DONE)
        db_fail(sqlite3_db_handle(find), err, "the journal");
    sqlite3_reset(find);
    return result == SQLITE_ROW || result == SQLITE_DONE;
}

static bool has_key(const struct event *event)
{
    return !event->has_uuid && event->key && *event->key;
}

static bool is_own(const struct store *store, const struct event *event)
{
    return uuid_equal(&event->origin_id, &store->id);
}

/* What has a name is known by it. A place in this very journal says less: one
 * that was put back to an earlier day has given its seqs out again. */
static void judge_place(const struct store *store, struct event *event)
{
    if (event->has_origin && is_own(store, event))
        event->has_origin = !event->has_uuid && !has_key(event);
}

static bool find_origin(struct store *store, const struct event *event,
                        int64_t origin, uint64_t *seq, struct err *err)
{
    sqlite3_stmt *find = store->statements[FIND_ORIGIN];

    /* Our own event, come back by way of another journal. */
    if (is_own(store, event)) {
        sqlite3_stmt *own = store->statements[FIND_SEQ];

        sqlite3_bind_int64(own, 1, (int64_t)event->origin_seq);
        sqlite3_bind_int64(own, 2, event->received_at);
        if (!find_seq(own, seq, err) || *seq)
            return *seq != 0;
    }
    sqlite3_bind_int64(find, 1, origin);
    sqlite3_bind_int64(find, 2, (int64_t)event->origin_seq);
    return find_seq(find, seq, err);
}

/* *seq is that of the first one, 0 when this is it. */
static bool find_first(struct store *store, const struct event *event,
                       int64_t origin, uint64_t *seq, struct err *err)
{
    sqlite3_stmt *find;

    *seq = 0;
    if (event->has_uuid) {
        find = store->statements[FIND_UUID];
        sqlite3_bind_blob(find, 1, event->uuid.bytes, sizeof event->uuid.bytes,
                          SQLITE_STATIC);
        if (!find_seq(find, seq, err))
            return false;
    } else if (has_key(event)) {
        find = store->statements[FIND_KEY];
        db_bind_text(find, 1, event->key);
        if (!find_seq(find, seq, err))
            return false;
    }
    return *seq || !origin || find_origin(store, event, origin, seq, err);
}

static void bind_id(sqlite3_stmt *statement, int index, int64_t id)
{
    if (id)
        sqlite3_bind_int64(statement, index, id);
    else
        sqlite3_bind_null(statement, index);
}

/* Ids in the dictionaries that an event row names. */
struct names {
    int64_t name, fold, project, origin;
    struct identity who;
};

static bool find_names(struct store *store, const struct event *event,
                       struct names *names, struct err *err)
{
    return dict_text(store->dict, event->name ? event->name : "", &names->name,
                     err) &&
           dict_text(store->dict, event->fold, &names->fold, err) &&
           dict_text(store->dict, event->project_url, &names->project, err) &&
           dict_identity(store->dict, event, &names->who, err);
}

static bool add_event(struct store *store, const struct event *event,
                      const struct names *names, struct err *err)
{
    sqlite3_stmt *add = store->statements[ADD_EVENT];
    int at = 1;

    sqlite3_bind_int64(add, at++, (int64_t)event->seq);
    if (event->has_uuid)
        sqlite3_bind_blob(add, at++, event->uuid.bytes,
                          sizeof event->uuid.bytes, SQLITE_STATIC);
    else
        sqlite3_bind_null(add, at++);
    db_bind_text(add, at++, has_key(event) ? event->key : NULL);
    bind_id(add, at++, names->origin);
    bind_id(add, at++, names->origin ? (int64_t)event->origin_seq : 0);
    sqlite3_bind_int64(add, at++, event->occurred_at);
    sqlite3_bind_int64(add, at++, event->received_at);
    sqlite3_bind_int64(add, at++, names->name);
    sqlite3_bind_int(add, at++, (int)event->category);
    sqlite3_bind_int(add, at++, (int)event->tone);
    sqlite3_bind_int(add, at++, (int)event->hidden);
    sqlite3_bind_int(add, at++, (int)event->source);
    sqlite3_bind_int(add, at++,
                     (int)(event->flags &
                           ~(unsigned)(EVENT_DUPLICATE | EVENT_FORGOTTEN)));
    sqlite3_bind_int64(add, at++, names->who.id);
    bind_id(add, at++, names->fold);
    bind_id(add, at++, names->project);
    db_bind_text(add, at++, event->sentence);
    db_bind_text(add, at++, event->url);
    db_bind_text(add, at++, event->session_id);
    db_bind_text(add, at++, event->links.replay);
    db_bind_text(add, at++, event->links.event);
    return db_run(add, err);
}

static bool add_body(struct store *store, const struct event *event,
                     struct err *err)
{
    sqlite3_stmt *add = store->statements[ADD_BODY];

    if (!event->raw)
        return true;
    sqlite3_bind_int64(add, 1, (int64_t)event->seq);
    sqlite3_bind_int64(add, 2, (int64_t)event->raw_len);
    sqlite3_bind_int64(add, 3, (int64_t)event->props_at);
    sqlite3_bind_int64(add, 4, (int64_t)event->props_len);
    sqlite3_bind_text64(add, 5, event->raw, event->raw_len, SQLITE_STATIC,
                        SQLITE_UTF8);
    return db_run(add, err);
}

static bool append_one(struct store *store, struct event *event,
                       struct err *err)
{
    struct names names = {0};
    uint64_t first;
    bool forgotten;

    event->flags &= ~(unsigned)(EVENT_DUPLICATE | EVENT_FORGOTTEN);
    if (!forgotten_has(store->forgotten, event, &forgotten, err))
        return false;
    if (forgotten) {
        event->flags |= EVENT_DUPLICATE | EVENT_FORGOTTEN;
        event->seq = 0;
        return true;
    }
    judge_place(store, event);
    if (event->has_origin &&
        !dict_origin(store->dict, &event->origin_id, &names.origin, err))
        return false;
    if (!find_first(store, event, names.origin, &first, err))
        return false;
    if (first) {
        event->flags |= EVENT_DUPLICATE;
        event->seq = first;
        return true;
    }
    if (!find_names(store, event, &names, err))
        return false;
    event->seq = ++store->seq;
    if (!event->has_origin) {
        event->origin_id = store->id;
        event->origin_seq = event->seq;
    }
    if (!add_event(store, event, &names, err) || !add_body(store, event, err))
        return false;
    sums_add(store->sums, event, names.who.account, names.who.person);
    return true;
}

bool store_append(struct store *store, struct event_batch *batch,
                  struct appended *out, struct err *err)
{
    sqlite3_stmt *count = store->statements[COUNT_FORGOTTEN];

    *out = (struct appended){0};
    for (size_t i = 0; i < batch->count; i++) {
        if (!append_one(store, &batch->events[i], err))
            return false;
        if (batch->events[i].flags & EVENT_FORGOTTEN)
            out->forgotten++;
        else if (batch->events[i].flags & EVENT_DUPLICATE)
            out->duplicates++;
        else
            out->fresh++;
    }
    if (!out->forgotten)
        return true;
    sqlite3_bind_int64(count, 1, (int64_t)out->forgotten);
    return db_run(count, err);
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
    sqlite3_stmt *trim = store->statements[TRIM_REJECTS];

    sqlite3_bind_int64(add, 1, reject->at);
    sqlite3_bind_int(add, 2, reject->status);
    db_bind_text(add, 3, reject->why);
    db_bind_text(add, 4, reject->peer);
    sqlite3_bind_int64(add, 5, (int64_t)reject->size);
    sqlite3_bind_blob64(add, 6, reject->body, reject->kept, SQLITE_STATIC);
    if (!db_run(add, err))
        return false;
    id = sqlite3_last_insert_rowid(store->db);
    sqlite3_bind_int64(trim, 1, id - LIMIT_REJECTS);
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
    int result;

    sqlite3_busy_timeout(store->db, TRUNCATE_MS);
    result = sqlite3_wal_checkpoint_v2(store->db, NULL,
                                       SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(store->db, DB_BUSY_MS);
    if (result)
        return db_fail(store->db, err, "the log cannot be emptied");
    store->log = (struct guard_log){.copied = true};
    guard_note(store->guard);
    return true;
}

bool store_truncate(struct store *store, struct err *err)
{
    return db_exec(store->db, "PRAGMA incremental_vacuum", err) &&
           store_copy_all(store, err);
}
