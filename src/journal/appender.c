/* An event into rows: is it a first one, what it is called in the
 * dictionaries, its seq, its body, what it adds to the sums. The order of work
 * for one event is in append_one(). */
#include "journal/appender.h"

#include <stdlib.h>

#include "base/mem.h"
#include "journal/claim.h"
#include "journal/db.h"
#include "journal/dict.h"
#include "journal/forgotten.h"
#include "journal/sums.h"

#include "base/banned.h"

enum statement {
    FIND_UUID,
    FIND_KEY,
    FIND_SEQ,
    ADD_EVENT,
    ADD_BODY,
    COUNT_FORGOTTEN,
    STATEMENT_COUNT
};

static const char *const statements_sql[STATEMENT_COUNT] = {
    [FIND_UUID] = "SELECT seq FROM events WHERE uuid = ?",
    [FIND_KEY] = "SELECT seq FROM events WHERE key = ?",
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
    [COUNT_FORGOTTEN] =
        "INSERT INTO counters (name, value) VALUES ('forgotten', ?1) ON "
        "CONFLICT DO UPDATE SET value = value + ?1",
};

struct appender {
    struct appender_lent lent;
    struct claims *claims;
    sqlite3_stmt *statements[STATEMENT_COUNT];
};

struct appender *appender_new(struct sqlite3 *db,
                              const struct appender_lent *lent,
                              struct err *err)
{
    struct appender *appender = xcalloc(1, sizeof *appender);
    bool ok;

    appender->lent = *lent;
    appender->claims = claims_new(db, lent->dict, err);
    ok = appender->claims != NULL;
    for (int i = 0; ok && i < STATEMENT_COUNT; i++) {
        appender->statements[i] = db_prepare(db, statements_sql[i], true, err);
        ok = appender->statements[i] != NULL;
    }
    if (ok)
        return appender;
    appender_free(appender);
    return NULL;
}

void appender_free(struct appender *appender)
{
    if (!appender)
        return;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(appender->statements[i]);
    claims_free(appender->claims);
    free(appender);
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

static bool is_own(const struct appender *appender, const struct event *event)
{
    return uuid_equal(&event->origin_id, appender->lent.journal);
}

/* What has a name is known by it. A place in this very journal says less: one
 * that was put back to an earlier day has given its seqs out again. */
static void judge_place(const struct appender *appender, struct event *event)
{
    if (event->has_origin && is_own(appender, event))
        event->has_origin = !event->has_uuid && !has_key(event);
}

static bool find_origin(struct appender *appender, struct event *event,
                        int64_t *origin, uint64_t *seq, struct err *err)
{
    /* Our own event, come back by way of another journal. */
    if (is_own(appender, event)) {
        sqlite3_stmt *own = appender->statements[FIND_SEQ];

        sqlite3_bind_int64(own, 1, (int64_t)event->origin_seq);
        sqlite3_bind_int64(own, 2, event->received_at);
        if (!find_seq(own, seq, err) || *seq)
            return *seq != 0;
    }
    return claims_settle(appender->claims, event, origin, seq, err);
}

/* *seq is that of the first one, 0 when this is it. */
static bool find_first(struct appender *appender, struct event *event,
                       int64_t *origin, uint64_t *seq, struct err *err)
{
    sqlite3_stmt *find;

    *seq = 0;
    if (event->has_uuid) {
        find = appender->statements[FIND_UUID];
        sqlite3_bind_blob(find, 1, event->uuid.bytes, sizeof event->uuid.bytes,
                          SQLITE_STATIC);
        if (!find_seq(find, seq, err))
            return false;
    } else if (has_key(event)) {
        find = appender->statements[FIND_KEY];
        db_bind_text(find, 1, event->key);
        if (!find_seq(find, seq, err))
            return false;
    }
    return *seq || !*origin || find_origin(appender, event, origin, seq, err);
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

static bool find_names(struct appender *appender, const struct event *event,
                       struct names *names, struct err *err)
{
    return dict_text(appender->lent.dict, event->name ? event->name : "",
                     &names->name, err) &&
           dict_text(appender->lent.dict, event->fold, &names->fold, err) &&
           dict_text(appender->lent.dict, event->project_url, &names->project,
                     err) &&
           dict_identity(appender->lent.dict, event, &names->who, err);
}

static bool add_event(struct appender *appender, const struct event *event,
                      const struct names *names, struct err *err)
{
    sqlite3_stmt *add = appender->statements[ADD_EVENT];
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

static bool add_body(struct appender *appender, const struct event *event,
                     struct err *err)
{
    sqlite3_stmt *add = appender->statements[ADD_BODY];

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

/* What is received here as it happens reads the clock. */
static bool is_forgotten(struct appender *appender, const struct event *event,
                         bool *is, struct err *err)
{
    struct forgotten *forgotten = appender->lent.forgotten;
    sqlite3 *db = sqlite3_db_handle(appender->statements[0]);

    if (!forgotten_has(forgotten, event, is, err))
        return false;
    if (!*is || event->has_origin || event->flags & EVENT_BACKFILLED ||
        !forgotten_is_ahead(forgotten, event->received_at))
        return true;
    return forgotten_put_right(db, event->received_at, err) &&
           forgotten_has(forgotten, event, is, err);
}

static bool append_one(struct appender *appender, struct event *event,
                       uint64_t *seq, struct err *err)
{
    struct names names = {0};
    uint64_t first;
    bool forgotten;

    event->flags &= ~(unsigned)(EVENT_DUPLICATE | EVENT_FORGOTTEN);
    if (!is_forgotten(appender, event, &forgotten, err))
        return false;
    if (forgotten) {
        event->flags |= EVENT_DUPLICATE | EVENT_FORGOTTEN;
        event->seq = 0;
        return true;
    }
    judge_place(appender, event);
    if (event->has_origin &&
        !dict_origin(appender->lent.dict, &event->origin_id, &names.origin,
                     err))
        return false;
    if (!find_first(appender, event, &names.origin, &first, err))
        return false;
    if (first) {
        event->flags |= EVENT_DUPLICATE;
        event->seq = first;
        return true;
    }
    if (!find_names(appender, event, &names, err))
        return false;
    event->seq = ++*seq;
    if (!event->has_origin) {
        event->origin_id = *appender->lent.journal;
        event->origin_seq = event->seq;
    }
    if (!add_event(appender, event, &names, err) ||
        !add_body(appender, event, err))
        return false;
    sums_add(appender->lent.sums, event, names.who.account, names.who.person);
    return true;
}

bool appender_append(struct appender *appender, struct event_batch *batch,
                     uint64_t *seq, struct appended *out, struct err *err)
{
    sqlite3_stmt *count = appender->statements[COUNT_FORGOTTEN];

    *out = (struct appended){0};
    for (size_t i = 0; i < batch->count; i++) {
        if (!append_one(appender, &batch->events[i], seq, err))
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
