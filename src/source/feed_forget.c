/* Hashes are gathered, then all names of the journal are gone through on its
 * reader's thread; those that are found, and did something before they were
 * forgotten there, are forgotten one after the other. A name of which no event
 * is left is what a forgetting that did not come to its end has left. */
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
#define FAILED_US INT64_C(60000000) /* the journal could not do it */

struct hash {
    unsigned char bytes[FORGOTTEN_HASH];
    struct uuid salt;
    int64_t at;
    uint64_t place; /* 0: none */
};

struct name {
    struct name *next;
    enum forget_kind kind;
    char *text;
    int64_t at;
};

struct feed_forgets {
    struct feed_forgets_options options;
    struct loop_timer *timer;
    struct hash *hashes; /* gathered, in order of their places */
    size_t count, room;
    uint64_t kept;
    struct hash *looked; /* until they are obeyed; NULL: none are */
    size_t looked_count;
    uint64_t looked_first; /* of their places */
    struct uuid looked_salt;
    bool looking; /* looked and found are the reader's */
    bool known;   /* whom they mean here: */
    struct name *found;
    bool forgetting; /* the first of those */
    bool stopped;
};

/* ---- looking, on the reader's thread ---- */

static int by_bytes(const void *a, const void *b)
{
    return memcmp(((const struct hash *)a)->bytes,
                  ((const struct hash *)b)->bytes, FORGOTTEN_HASH);
}

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

static void drop_first(struct feed_forgets *forgets)
{
    struct name *name = forgets->found;

    forgets->found = name->next;
    free(name->text);
    free(name);
}

static void drop_found(struct feed_forgets *forgets)
{
    while (forgets->found)
        drop_first(forgets);
}

/* The stream may have more of whoever is meant before that place. */
static bool is_due(const struct feed_forgets *forgets, uint64_t place)
{
    return place <= forgets->kept + 1;
}

static void obeyed(struct feed_forgets *forgets)
{
    free(forgets->looked);
    forgets->looked = NULL;
    forgets->looked_first = 0;
    forgets->known = false;
    if (forgets->count)
        loop_timer_set(forgets->timer, RETRY_US);
    if (forgets->options.obeyed)
        forgets->options.obeyed(forgets->options.ctx);
}

static void on_forgotten(void *ctx, bool ok)
{
    struct feed_forgets *forgets = ctx;

    forgets->forgetting = false;
    if (forgets->stopped)
        return;
    if (ok)
        drop_first(forgets);
    loop_timer_set(forgets->timer, ok ? 0 : FAILED_US);
}

/* One at a time is forgotten; the others wait. */
static void forget_next(struct feed_forgets *forgets)
{
    const struct feed_forgets_options *options = &forgets->options;
    const struct name *name = forgets->found;

    forgets->forgetting =
        options->forget(options->forget_ctx, name->kind, name->text, name->at,
                        on_forgotten, forgets);
    if (!forgets->forgetting)
        loop_timer_set(forgets->timer, RETRY_US);
}

static void go_on(struct feed_forgets *forgets)
{
    if (forgets->found)
        forget_next(forgets);
    else
        obeyed(forgets);
}

static void on_looked(void *ctx, bool ok, const struct err *err)
{
    struct feed_forgets *forgets = ctx;

    forgets->looking = false;
    forgets->known = ok;
    if (forgets->stopped)
        return;
    if (ok) {
        go_on(forgets);
        return;
    }
    log_line(LOG_WARN, "who is forgotten there cannot be looked up: %s",
             err->text);
    drop_found(forgets);
    loop_timer_set(forgets->timer, FAILED_US);
}

static void start_look(struct feed_forgets *forgets)
{
    forgets->looking = true;
    journal_read(forgets->options.journal, look, on_looked, forgets);
}

/* What was gathered of one receiver; what comes meanwhile, what is not due and
 * what has another salt, waits. False: nothing is due. */
static bool take_due(struct feed_forgets *forgets)
{
    size_t left = 0;

    if (!forgets->count || !is_due(forgets, forgets->hashes[0].place))
        return false;
    forgets->looked_salt = forgets->hashes[0].salt;
    forgets->looked_count = 0;
    forgets->looked_first = 0;
    forgets->looked = xcalloc(forgets->count, sizeof *forgets->looked);
    for (size_t i = 0; i < forgets->count; i++) {
        const struct hash *hash = &forgets->hashes[i];

        if (!uuid_equal(&hash->salt, &forgets->looked_salt) ||
            !is_due(forgets, hash->place)) {
            forgets->hashes[left++] = *hash;
            continue;
        }
        if (!forgets->looked_first)
            forgets->looked_first = hash->place;
        forgets->looked[forgets->looked_count++] = *hash;
    }
    forgets->count = left;
    if (forgets->options.taken)
        forgets->options.taken(forgets->options.ctx);
    return true;
}

static void on_timer(void *ctx)
{
    struct feed_forgets *forgets = ctx;

    if (forgets->stopped || forgets->looking || forgets->forgetting)
        return; /* it goes on when that is over */
    if (forgets->known)
        go_on(forgets);
    else if (forgets->looked || take_due(forgets))
        start_look(forgets);
}

/* It was told after it was done: of a clock there that is far ahead, when it
 * is told counts. */
static int64_t time_of(int64_t at)
{
    int64_t now = clock_now_ms();

    return at > now + DAY_MS ? now : at;
}

void feed_forgets_add(struct feed_forgets *forgets,
                      const struct feed_word *word, uint64_t place)
{
    struct hash *hash;

    if (feed_forgets_full(forgets)) {
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
    hash->place = place;
    loop_timer_set(forgets->timer, GATHER_US);
}

void feed_forgets_kept(struct feed_forgets *forgets, uint64_t place)
{
    bool waited = forgets->count && !is_due(forgets, forgets->hashes[0].place);

    forgets->kept = place;
    if (waited && is_due(forgets, forgets->hashes[0].place))
        loop_timer_set(forgets->timer, GATHER_US);
}

uint64_t feed_forgets_first(const struct feed_forgets *forgets)
{
    uint64_t looked = forgets->looked_first, first = 0;

    for (size_t i = 0; i < forgets->count && !first; i++)
        first = forgets->hashes[i].place;
    return looked && (!first || looked < first) ? looked : first;
}

size_t feed_forgets_waiting(const struct feed_forgets *forgets)
{
    return forgets->count;
}

bool feed_forgets_full(const struct feed_forgets *forgets)
{
    return forgets->count == LIMIT_FORGOTTEN_THERE;
}

void feed_forgets_unplace(struct feed_forgets *forgets)
{
    forgets->kept = forgets->looked_first = 0;
    for (size_t i = 0; i < forgets->count; i++)
        forgets->hashes[i].place = 0;
    if (forgets->count)
        loop_timer_set(forgets->timer, GATHER_US);
}

struct feed_forgets *
feed_forgets_new(const struct feed_forgets_options *options)
{
    struct feed_forgets *forgets = xcalloc(1, sizeof *forgets);

    forgets->options = *options;
    forgets->timer = loop_timer_new(options->loop, on_timer, forgets);
    return forgets;
}

void feed_forgets_stop(struct feed_forgets *forgets)
{
    forgets->stopped = true;
    loop_timer_cancel(forgets->timer);
}

void feed_forgets_free(struct feed_forgets *forgets)
{
    drop_found(forgets);
    loop_timer_free(forgets->timer);
    free(forgets->hashes);
    free(forgets->looked);
    free(forgets);
}
