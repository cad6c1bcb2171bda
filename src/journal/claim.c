/* Asks who holds a place, and moves whoever gives way. The journals that are
 * no more have names made by hashing, the same on every machine. */
#include "journal/claim.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/mem.h"
#include "journal/db.h"
#include "journal/dict.h"

#include "base/banned.h"

/* So many events that were at one place are known by it. */
#define GENERATIONS 16

enum statement { FIND_HOLDER, MOVE_HOLDER, STATEMENT_COUNT };

static const char *const statements_sql[STATEMENT_COUNT] = {
    [FIND_HOLDER] = "SELECT seq, uuid, key, received_at FROM events WHERE "
                    "origin = ? AND origin_seq = ?",
    [MOVE_HOLDER] = "UPDATE events SET origin = ?1, origin_seq = CASE WHEN ?1 "
                    "IS NOT NULL THEN origin_seq END WHERE seq = ?2",
};

struct claims {
    struct dict *dict;
    sqlite3_stmt *statements[STATEMENT_COUNT];
};

struct claims *claims_new(struct sqlite3 *db, struct dict *dict,
                          struct err *err)
{
    struct claims *claims = xcalloc(1, sizeof *claims);

    claims->dict = dict;
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        claims->statements[i] = db_prepare(db, statements_sql[i], true, err);
        if (!claims->statements[i]) {
            claims_free(claims);
            return NULL;
        }
    }
    return claims;
}

void claims_free(struct claims *claims)
{
    if (!claims)
        return;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(claims->statements[i]);
    free(claims);
}

/* ---- who has it ---- */

struct holder {
    uint64_t seq; /* here; 0: nobody */
    int64_t received_at;
    bool same; /* as the one that claims it */
};

static bool is_same_key(const struct event *event, const char *key)
{
    return !key || !event->key || !*event->key || !strcmp(key, event->key);
}

static bool is_same(const struct event *event, sqlite3_stmt *row)
{
    bool has_uuid =
        sqlite3_column_bytes(row, 1) == (int)sizeof event->uuid.bytes;

    if (has_uuid != event->has_uuid)
        return false;
    if (has_uuid)
        return !memcmp(sqlite3_column_blob(row, 1), event->uuid.bytes,
                       sizeof event->uuid.bytes);
    return sqlite3_column_int64(row, 3) == event->received_at &&
           is_same_key(event, (const char *)sqlite3_column_text(row, 2));
}

static bool find_holder(struct claims *claims, const struct event *event,
                        int64_t origin, struct holder *out, struct err *err)
{
    sqlite3_stmt *row = claims->statements[FIND_HOLDER];
    int code;

    *out = (struct holder){0};
    sqlite3_bind_int64(row, 1, origin);
    sqlite3_bind_int64(row, 2, (int64_t)event->origin_seq);
    code = sqlite3_step(row);
    if (code == SQLITE_ROW)
        *out = (struct holder){.seq = (uint64_t)sqlite3_column_int64(row, 0),
                               .received_at = sqlite3_column_int64(row, 3),
                               .same = is_same(event, row)};
    else if (code != SQLITE_DONE)
        db_fail(sqlite3_db_handle(row), err, "the journal");
    sqlite3_reset(row);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

/* ---- two of them ---- */

/* The nth journal that is no more, of that one. */
static struct uuid gone(const struct uuid *journal, unsigned n)
{
    unsigned char text[sizeof journal->bytes + 1], hash[EVP_MAX_MD_SIZE];
    struct uuid name;

    memcpy(text, journal->bytes, sizeof journal->bytes);
    text[sizeof journal->bytes] = (unsigned char)n;
    if (!EVP_Digest(text, sizeof text, hash, NULL, EVP_sha256(), NULL))
        abort();
    memcpy(name.bytes, hash, sizeof name.bytes);
    name.bytes[6] = (uint8_t)(0x80 | (name.bytes[6] & 0x0f)); /* version 8 */
    name.bytes[8] = (uint8_t)(0x80 | (name.bytes[8] & 0x3f));
    return name;
}

/* Where the one that gives way goes: *id is 0 for nowhere. */
struct refuge {
    struct uuid journal;
    int64_t id;
};

/* The first that is free, unless event itself is found on the way. */
static bool find_refuge(struct claims *claims, const struct event *event,
                        struct refuge *out, uint64_t *first, struct err *err)
{
    for (unsigned n = 1; n <= GENERATIONS; n++) {
        struct holder holder;

        out->journal = gone(&event->origin_id, n);
        if (!dict_origin(claims->dict, &out->journal, &out->id, err) ||
            !find_holder(claims, event, out->id, &holder, err))
            return false;
        if (holder.same)
            *first = holder.seq;
        if (holder.same || !holder.seq)
            return true;
    }
    out->id = 0;
    return true;
}

static bool move_holder(struct claims *claims, uint64_t seq,
                        const struct refuge *refuge, struct err *err)
{
    sqlite3_stmt *move = claims->statements[MOVE_HOLDER];

    if (refuge->id)
        sqlite3_bind_int64(move, 1, refuge->id);
    else
        sqlite3_bind_null(move, 1);
    sqlite3_bind_int64(move, 2, (int64_t)seq);
    return db_run(move, err);
}

static void give_way(struct event *event, const struct refuge *refuge,
                     int64_t *origin)
{
    *origin = refuge->id;
    event->origin_id = refuge->journal;
    event->has_origin = refuge->id != 0;
}

bool claims_settle(struct claims *claims, struct event *event, int64_t *origin,
                   uint64_t *first, struct err *err)
{
    struct refuge refuge;
    struct holder holder;

    *first = 0;
    if (!find_holder(claims, event, *origin, &holder, err))
        return false;
    if (!holder.seq || holder.same) {
        *first = holder.seq;
        return true;
    }
    if (!find_refuge(claims, event, &refuge, first, err) || *first)
        return *first != 0;
    if (event->received_at >= holder.received_at)
        return move_holder(claims, holder.seq, &refuge, err);
    give_way(event, &refuge, origin);
    return true;
}
