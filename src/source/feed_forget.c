/* Hashes are gathered, then all names of the journal are gone through on its
 * reader's thread; those that are found, and did something before they were
 * forgotten there, are forgotten one after the other. */
#include "source/feed_forget.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/db.h"
#include "journal/forget.h"
#include "journal/forgotten.h"
#include "source/feed_word.h"

#include "base/banned.h"

#define GATHER_US INT64_C(200000)
#define RETRY_US INT64_C(1000000)
#define DAY_MS INT64_C(86400000)

struct hash {
    unsigned char bytes[FORGOTTEN_HASH];
    struct uuid salt;
    int64_t at;
};

struct name {
    struct name *next;
    enum forget_kind kind;
    char *text;
    int64_t at;
};

struct feed_forgets {
    struct loop_timer *timer;
    struct journal *journal;
    bool (*forget)(void *ctx, int kind, const char *text, int64_t at);
    void *ctx;
    struct hash *hashes; /* gathered */
    size_t count, room;
    struct hash *looked; /* the reader's, while it looks; NULL: it does not */
    size_t looked_count;
    struct uuid looked_salt;
    bool stopped;
    struct name *found;
};

/* ---- looking, on the reader's thread ---- */

static int by_bytes(const void *a, const void *b)
{
    return memcmp(((const struct hash *)a)->bytes,
                  ((const struct hash *)b)->bytes, FORGOTTEN_HASH);
}

static const struct {
    enum forget_kind kind;
    const char *called;
    const char *names, *acts; /* SQL */
} kinds[] = {
    {FORGET_EMAIL, FORGOTTEN_EMAIL,
     "SELECT DISTINCT email FROM identities WHERE email IS NOT NULL",
     "SELECT 1 FROM events WHERE min(occurred_at, received_at) <= ?2 AND who "
     "IN (SELECT id FROM identities WHERE email = ?1) LIMIT 1"},
    {FORGET_PERSON, FORGOTTEN_ID,
     "SELECT DISTINCT person_id FROM identities WHERE person_id IS NOT NULL",
     "SELECT 1 FROM events WHERE min(occurred_at, received_at) <= ?2 AND who "
     "IN (SELECT id FROM identities WHERE person_id = ?1) LIMIT 1"},
    {FORGET_ACCOUNT, FORGOTTEN_ACCOUNT,
     "SELECT DISTINCT account_key FROM identities WHERE account_key IS NOT "
     "NULL",
     "SELECT 1 FROM events WHERE min(occurred_at, received_at) <= ?2 AND who "
     "IN (SELECT id FROM identities WHERE account_key = ?1) LIMIT 1"},
    /* Behind an id that nobody else uses, whose address is not known here. */
    {FORGET_PERSON, FORGOTTEN_ALONE,
     "SELECT person_id FROM identities WHERE person_id IS NOT NULL GROUP BY "
     "person_id HAVING count(email) = 0",
     "SELECT 1 FROM events WHERE min(occurred_at, received_at) <= ?2 AND who "
     "IN (SELECT id FROM identities WHERE person_id = ?1) LIMIT 1"},
};

static bool did_something(sqlite3 *db, const char *sql, const char *text,
                          int64_t before, struct err *err)
{
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    bool found;

    if (!row)
        return false;
    db_bind_text(row, 1, text);
    sqlite3_bind_int64(row, 2, before);
    found = sqlite3_step(row) == SQLITE_ROW;
    sqlite3_finalize(row);
    return found;
}

static void note_name(struct feed_forgets *forgets, enum forget_kind kind,
                      const char *text, int64_t at)
{
    struct name *name = xcalloc(1, sizeof *name);

    name->kind = kind;
    name->text = xstrdup(text);
    name->at = at;
    name->next = forgets->found;
    forgets->found = name;
}

static bool look_through(struct feed_forgets *forgets, sqlite3 *db, size_t i,
                         struct err *err)
{
    sqlite3_stmt *row = db_prepare(db, kinds[i].names, false, err);

    if (!row)
        return false;
    while (sqlite3_step(row) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(row, 0);
        const struct hash *hash;
        struct hash own = {.at = 0};

        forgotten_hash(&forgets->looked_salt, kinds[i].called, text,
                       own.bytes);
        hash = bsearch(&own, forgets->looked, forgets->looked_count,
                       sizeof own, by_bytes);
        if (hash && did_something(db, kinds[i].acts, text, hash->at, err))
            note_name(forgets, kinds[i].kind, text, hash->at);
    }
    sqlite3_finalize(row);
    return true;
}

static enum reader_step look(void *ctx, struct journal_reader *reader,
                             struct err *err)
{
    struct feed_forgets *forgets = ctx;

    qsort(forgets->looked, forgets->looked_count, sizeof *forgets->looked,
          by_bytes);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!look_through(forgets, reader_db(reader), i, err))
            return READER_FAILED;
    return READER_DONE;
}

/* ---- the loop ---- */

/* One at a time is forgotten; the others wait. */
static void forget_next(struct feed_forgets *forgets)
{
    struct name *name = forgets->found;

    if (!name || forgets->stopped)
        return;
    if (forgets->forget(forgets->ctx, (int)name->kind, name->text, name->at)) {
        forgets->found = name->next;
        free(name->text);
        free(name);
    }
    if (forgets->found)
        loop_timer_set(forgets->timer, RETRY_US);
}

static void on_looked(void *ctx, bool ok, const struct err *err)
{
    struct feed_forgets *forgets = ctx;

    free(forgets->looked);
    forgets->looked = NULL;
    if (!ok && !forgets->stopped)
        log_line(LOG_WARN, "who is forgotten there cannot be looked up: %s",
                 err->text);
    forget_next(forgets);
    if (forgets->count && !forgets->stopped)
        loop_timer_set(forgets->timer, RETRY_US);
}

/* The reader has what was gathered of one receiver; what comes meanwhile, and
 * what has another salt, waits. */
static void start_look(struct feed_forgets *forgets)
{
    size_t left = 0;

    forgets->looked_salt = forgets->hashes[0].salt;
    forgets->looked_count = 0;
    forgets->looked = xcalloc(forgets->count, sizeof *forgets->looked);
    for (size_t i = 0; i < forgets->count; i++)
        if (uuid_equal(&forgets->hashes[i].salt, &forgets->looked_salt))
            forgets->looked[forgets->looked_count++] = forgets->hashes[i];
        else
            forgets->hashes[left++] = forgets->hashes[i];
    forgets->count = left;
    journal_read(forgets->journal, look, on_looked, forgets);
}

static void on_timer(void *ctx)
{
    struct feed_forgets *forgets = ctx;

    if (forgets->looked) /* and puts down whom it finds */
        return;
    forget_next(forgets);
    if (forgets->count && !forgets->found && !forgets->stopped)
        start_look(forgets);
    else if (forgets->count && !forgets->stopped)
        loop_timer_set(forgets->timer, RETRY_US);
}

/* It was told after it was done: of a clock there that is far ahead, when it
 * is told counts. */
static int64_t time_of(int64_t at)
{
    int64_t now = clock_now_ms();

    return at > now + DAY_MS ? now : at;
}

void feed_forgets_add(struct feed_forgets *forgets,
                      const struct feed_word *word)
{
    struct hash *hash;

    if (forgets->count == LIMIT_FORGOTTEN_THERE) {
        log_limited(LOG_WARN, "more are forgotten there than can be looked "
                              "up at once: the next link tells them again");
        return;
    }
    if (forgets->count == forgets->room) {
        forgets->room = forgets->room * 2 + 64;
        forgets->hashes = xreallocarray(forgets->hashes, forgets->room,
                                        sizeof *forgets->hashes);
    }
    hash = &forgets->hashes[forgets->count++];
    memcpy(hash->salt.bytes, word->salt, sizeof hash->salt.bytes);
    memcpy(hash->bytes, word->hash, FORGOTTEN_HASH);
    hash->at = time_of(word->at);
    loop_timer_set(forgets->timer, GATHER_US);
}

struct feed_forgets *feed_forgets_new(
    struct loop *loop, struct journal *journal,
    bool (*forget)(void *ctx, int kind, const char *text, int64_t at),
    void *ctx)
{
    struct feed_forgets *forgets = xcalloc(1, sizeof *forgets);

    forgets->timer = loop_timer_new(loop, on_timer, forgets);
    forgets->journal = journal;
    forgets->forget = forget;
    forgets->ctx = ctx;
    return forgets;
}

void feed_forgets_stop(struct feed_forgets *forgets)
{
    forgets->stopped = true;
    loop_timer_cancel(forgets->timer);
}

void feed_forgets_free(struct feed_forgets *forgets)
{
    while (forgets->found) {
        struct name *name = forgets->found;

        forgets->found = name->next;
        free(name->text);
        free(name);
    }
    loop_timer_free(forgets->timer);
    free(forgets->hashes);
    free(forgets->looked);
    free(forgets);
}
