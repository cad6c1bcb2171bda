/* Keeping what came: gathered for a turn, written like anything that arrives,
 * and only then is our place in the stream moved on: to before the first that
 * is not kept yet, or not obeyed. */
#include "source/nats_internal.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/cursor.h"
#include "source/feed_word.h"

#include "base/banned.h"

#define BATCH_EVENTS 500
#define BATCH_BYTES (1 * MIB)

/* What is being kept: up to where in the stream, and of whom up to what. */
struct keeping {
    struct nats_source *source;
    struct uuid stream;
    uint64_t upto, came;
    unsigned era;
    bool past, last;
    bool put; /* our place goes back */
    struct nats_known *known;
    size_t count;
};

/* ---- keeping ---- */

static void keeping_free(void *ctx)
{
    struct keeping *keeping = ctx;

    free(keeping->known);
    free(keeping);
}

static bool move_places(void *ctx, struct sqlite3 *db, struct err *err)
{
    const struct keeping *keeping = ctx;

    for (size_t i = 0; i < keeping->count; i++)
        if (!cursor_move_there(db, NATS_RECEIVERS, &keeping->known[i].receiver,
                               keeping->known[i].seq, err))
            return false;
    return (keeping->put ? cursor_put_there
                         : cursor_move_there)(db, NATS_PLACES,
                                              &keeping->stream, keeping->upto,
                                              err);
}

static void add_known(void *ctx, const struct uuid *receiver, uint64_t seq)
{
    struct keeping *keeping = ctx;

    keeping->known = xreallocarray(keeping->known, keeping->count + 1,
                                   sizeof *keeping->known);
    keeping->known[keeping->count++] = (struct nats_known){*receiver, seq};
}

/* As far as there is nothing like that. */
static uint64_t before(uint64_t place, uint64_t first)
{
    return first && first <= place ? first - 1 : place;
}

/* Before the first that is held. */
static uint64_t came_to(const struct nats_source *source)
{
    return before(source->cursor, nats_order_first(source->order));
}

/* And before the first that is to be obeyed. */
static uint64_t safe_place(const struct nats_source *source)
{
    return before(came_to(source), feed_forgets_first(source->forgets));
}

static struct keeping *keeping_new(struct nats_source *source)
{
    struct keeping *keeping = xcalloc(1, sizeof *keeping);

    source->keeping++;
    *keeping =
        (struct keeping){.source = source,
                         .stream = source->stream,
                         .upto = safe_place(source),
                         .came = came_to(source),
                         .era = source->era,
                         .past = source->catches_up && !source->past_taken,
                         .last = source->caught_up};
    source->past_taken = source->caught_up;
    nats_order_each(source->order, add_known, keeping);
    return keeping;
}

static void keeping_done(struct keeping *keeping)
{
    keeping->source->keeping--;
    keeping_free(keeping);
}

static bool counts(const struct keeping *keeping)
{
    return keeping->era == keeping->source->era && !keeping->source->broken;
}

/* All that comes behind it is asked for again. */
static void not_kept(struct nats_source *source)
{
    if (source->broken || source->stopped)
        return;
    source->broken = true;
    nats_order_forget(source->order);
    nats_reader_again(source->reader);
}

static void tell_kept(struct nats_source *source,
                      const struct keeping *keeping,
                      const struct event_batch *batch)
{
    const struct nats_source_options *options = &source->options;

    if (!batch->fresh)
        return;
    if (!keeping->past) {
        options->on_kept(options->ctx, batch);
        return;
    }
    options->on_past(options->ctx, batch);
    source->past += batch->fresh;
    source->past_seq = batch->events[batch->fresh - 1].seq;
}

void nats_keep_past_complete(struct nats_source *source)
{
    size_t events = source->past;

    source->past = 0;
    if (events)
        source->options.on_past_complete(source->options.ctx, source->past_seq,
                                         events);
}

/* All of the past is there: from now on it is news. What was still on its way
 * when a session broke is the past too. */
static void tell_past(struct nats_source *source,
                      const struct keeping *keeping)
{
    if (source->catches_up && (!keeping->last || !counts(keeping)))
        return;
    if (source->catches_up) {
        source->catches_up = false;
        source->options.on_changed(source->options.ctx);
    }
    nats_keep_past_complete(source);
}

static void move_on(struct nats_source *source, const struct keeping *keeping)
{
    if (keeping->upto > source->kept)
        source->kept = keeping->upto;
    if (keeping->came <= source->came)
        return;
    source->came = keeping->came;
    feed_forgets_kept(source->forgets, source->came);
}

static void on_moved(void *ctx, bool ok, const struct err *err)
{
    struct keeping *keeping = ctx;
    struct nats_source *source = keeping->source;

    (void)err;
    if (!ok)
        not_kept(source);
    else if (counts(keeping))
        move_on(source, keeping);
    tell_past(source, keeping);
    keeping_done(keeping);
    if (!source->stopped)
        nats_keep_flush(source);
}

static void keep_place(struct keeping *keeping)
{
    if (counts(keeping))
        journal_write_owned(keeping->source->options.journal, move_places,
                            on_moved, keeping, keeping_free);
    else
        keeping_done(keeping);
}

static void on_committed(void *ctx, uint64_t token,
                         struct append_result *result)
{
    struct keeping *keeping = ctx;
    struct nats_source *source = keeping->source;

    (void)token;
    if (result->ok) {
        tell_kept(source, keeping, result->batch);
        keep_place(keeping);
    } else {
        not_kept(source);
        keeping_done(keeping);
    }
    event_batch_free(result->batch);
    if (source->waits && !source->stopped)
        loop_timer_set(source->more, 0);
}

/* Our place alone waits for what is on its way: it may not be kept, and is
 * then asked for again. */
static bool is_place_due(const struct nats_source *source)
{
    return !source->keeping && (safe_place(source) > source->kept ||
                                came_to(source) > source->came);
}

void nats_keep_flush(struct nats_source *source)
{
    struct event_batch *batch = source->batch;
    struct keeping *keeping;

    source->batch = NULL;
    if (batch && !batch->count) {
        event_batch_free(batch);
        batch = NULL;
    }
    if (source->broken || source->looking ||
        (!batch && !is_place_due(source))) {
        event_batch_free(batch);
        return;
    }
    keeping = keeping_new(source);
    if (batch)
        journal_append(source->options.journal, batch, on_committed, keeping,
                       0);
    else
        keep_place(keeping);
}

/* ---- what a message says ---- */

static void take_event(struct nats_source *source, struct event *event,
                       const struct nats_message *message)
{
    event->source = SOURCE_NATS;
    if (!event->has_origin && message->has_journal && message->seq) {
        event->has_origin = true;
        event->origin_id = message->journal;
        event->origin_seq = message->seq;
        event->key = NULL; /* of its line, which is no name beside a place */
    }
    event_batch_add(source->batch, event);
    source->stats.events++;
}

static bool read_word(struct nats_source *source,
                      const struct nats_message *message,
                      struct feed_word *word, struct err *err)
{
    if (message->len > LIMIT_ANSWER)
        return err_set(err, "it has %zu bytes", message->len);
    return feed_word_read(source->options.decoder, message->data, message->len,
                          &source->batch->arena, word, err);
}

static void take_word(struct nats_source *source,
                      const struct nats_message *message)
{
    struct feed_word word;
    struct err err;

    if (!source->batch)
        source->batch = event_batch_new();
    if (!read_word(source, message, &word, &err)) {
        source->stats.left_out++;
        log_limited(LOG_WARN, "a message of %s is left out: %s",
                    source->options.settings->url.shown, err.text);
    } else if (word.kind == FEED_WORD_EVENT) {
        take_event(source, &word.event, message);
    } else if (word.kind == FEED_WORD_FORGOTTEN && source->options.on_forget) {
        feed_forgets_add(source->forgets, &word, message->place,
                         message->stored);
    }
}

void nats_keep_message(struct nats_source *source,
                       const struct nats_message *message)
{
    take_word(source, message);
    if (source->batch && (source->batch->count >= BATCH_EVENTS ||
                          source->batch->bytes >= BATCH_BYTES))
        nats_keep_flush(source);
}

void nats_keep_anew(struct nats_source *source)
{
    struct keeping *keeping;

    source->era++;
    source->cursor = source->kept = source->came = 0;
    feed_forgets_unplace(source->forgets);
    keeping = keeping_new(source);
    keeping->put = true;
    keep_place(keeping);
}
