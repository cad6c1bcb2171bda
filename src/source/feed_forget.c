/* Hashes are gathered, then looked up on the reader's thread; those who are
 * meant are forgotten one after the other. */
#include "source/feed_forget.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/forget.h"
#include "source/feed_meant.h"
#include "source/feed_word.h"

#include "base/banned.h"

#define GATHER_US INT64_C(200000)
#define RETRY_US INT64_C(1000000)
#define FAILED_US INT64_C(60000000) /* the journal could not do it */

struct name {
    struct name *next;
    enum forget_kind kind;
    char *text;
    int64_t at;
};

struct feed_forgets {
    struct feed_forgets_options options;
    struct loop_timer *timer;
    struct feed_hash *hashes; /* gathered, in order of their places */
    size_t count, room;
    uint64_t kept;
    struct feed_hash *looked; /* until they are obeyed; NULL: none are */
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

static void note_name(void *ctx, enum forget_kind kind, const char *text,
                      int64_t at)
{
    struct feed_forgets *forgets = ctx;
    struct name *name = xcalloc(1, sizeof *name);

    name->kind = kind;
    name->text = xstrdup(text);
    name->at = at;
    name->next = forgets->found;
    forgets->found = name;
}

static enum reader_step look(void *ctx, struct journal_reader *reader,
                             struct err *err)
{
    struct feed_forgets *forgets = ctx;

    return feed_meant(reader_db(reader), &forgets->looked_salt,
                      forgets->looked, forgets->looked_count, note_name,
                      forgets, err)
               ? READER_DONE
               : READER_FAILED;
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
        const struct feed_hash *hash = &forgets->hashes[i];

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
 * was told counts. What keeps it may have such a clock, too. */
static int64_t time_of(int64_t at, int64_t told)
{
    int64_t now = clock_now_ms();

    if (at <= now + CLOCK_DAY_MS)
        return at;
    return told < now ? told : now;
}

void feed_forgets_add(struct feed_forgets *forgets,
                      const struct feed_word *word, uint64_t place,
                      int64_t told)
{
    struct feed_hash *hash;

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
    hash->at = time_of(word->at, told);
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
