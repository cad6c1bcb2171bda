/* From messages to the journal. What comes is put in the order of its
 * receiver, gathered for a turn, kept like anything that arrives, and only
 * then is our place in the stream moved on: to before the first that is not
 * kept yet. Whatever dies when, every message is asked for again until it is
 * kept, and an event is known by its uuid or origin if it was. */
#include "source/nats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/cursor.h"
#include "journal/reader.h"
#include "source/feed_forget.h"
#include "source/feed_word.h"
#include "source/nats_order.h"

#include "base/banned.h"

#define PLACES "nats"             /* in streams */
#define RECEIVERS "nats receiver" /* of each, how far it has come */
#define TURN_US 2000              /* then the loop has its turn */
#define HELD_US INT64_C(30000000) /* for what comes before */
#define BATCH_EVENTS 500
#define BATCH_BYTES (1 * MIB)
#define PAST 500 /* messages that are not there yet: the past, else news */

struct nats_source {
    struct nats_source_options options;
    struct nats_reader *reader;
    struct loop_timer *more, *patience;
    struct nats_order *order;
    struct feed_forgets *forgets;

    bool knows;         /* which stream, and our place in it */
    struct uuid stream; /* tells it from another of that name */
    struct nats_message hello;
    uint64_t cursor, kept; /* taken up to there; and kept */
    unsigned era;          /* of asking: what was told before counts no more */
    bool broken;           /* something of this era could not be kept */

    struct event_batch *batch; /* of this turn, or NULL */
    size_t room;
    bool catches_up, caught_up; /* all until then is the past */
    size_t past;
    uint64_t past_seq;
    bool waits; /* for the journal */
    bool stopped;
    enum nats_state told_state;
    uint64_t told_missing;
    struct nats_source_stats stats;

    /* The reader thread's, and the order too, while it looks. */
    bool looking;
    struct uuid looked_stream;
    bool looked_found;
    uint64_t looked_place;
};

struct known {
    struct uuid receiver;
    uint64_t seq;
};

/* What is being kept: up to where in the stream, and of whom up to what. */
struct keeping {
    struct nats_source *source;
    struct uuid stream;
    uint64_t upto;
    unsigned era;
    bool past, last;
    bool put; /* our place goes back */
    struct known *known;
    size_t count;
};

static void take_some(struct nats_source *source);

static void changed(struct nats_source *source)
{
    source->options.changed(source->options.ctx);
}

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
        if (!cursor_move_there(db, RECEIVERS, &keeping->known[i].receiver,
                               keeping->known[i].seq, err))
            return false;
    return (keeping->put ? cursor_put_there
                         : cursor_move_there)(db, PLACES, &keeping->stream,
                                              keeping->upto, err);
}

static void add_known(void *ctx, const struct uuid *receiver, uint64_t seq)
{
    struct keeping *keeping = ctx;

    keeping->known = xreallocarray(keeping->known, keeping->count + 1,
                                   sizeof *keeping->known);
    keeping->known[keeping->count++] = (struct known){*receiver, seq};
}

/* Before the first that is held. */
static uint64_t safe_place(const struct nats_source *source)
{
    uint64_t held = nats_order_first(source->order);

    return held && held <= source->cursor ? held - 1 : source->cursor;
}

static struct keeping *keeping_new(struct nats_source *source)
{
    struct keeping *keeping = xcalloc(1, sizeof *keeping);

    *keeping = (struct keeping){.source = source,
                                .stream = source->stream,
                                .upto = safe_place(source),
                                .era = source->era,
                                .past = source->catches_up,
                                .last = source->caught_up};
    nats_order_each(source->order, add_known, keeping);
    return keeping;
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
    nats_order_clear(source->order);
    nats_reader_again(source->reader);
}

static void drop_duplicates(struct event_batch *batch)
{
    size_t fresh = 0;

    for (size_t i = 0; i < batch->count; i++)
        if (!(batch->events[i].flags & EVENT_DUPLICATE))
            batch->events[fresh++] = batch->events[i];
    batch->count = fresh;
}

static void tell_kept(struct nats_source *source,
                      const struct keeping *keeping,
                      const struct event_batch *batch)
{
    const struct nats_source_options *options = &source->options;

    if (!batch->count)
        return;
    if (!keeping->past) {
        options->kept(options->ctx, batch);
        return;
    }
    options->past(options->ctx, batch);
    source->past += batch->count;
    source->past_seq = batch->events[batch->count - 1].seq;
}

/* All of the past is there: from now on it is news. */
static void tell_past(struct nats_source *source,
                      const struct keeping *keeping)
{
    if (!source->catches_up || !keeping->last || !counts(keeping))
        return;
    source->catches_up = false;
    if (source->past)
        source->options.past_complete(source->options.ctx, source->past_seq,
                                      source->past);
    source->past = 0;
    changed(source);
}

static void on_moved(void *ctx, bool ok, const struct err *err)
{
    struct keeping *keeping = ctx;
    struct nats_source *source = keeping->source;

    (void)err;
    if (!ok)
        not_kept(source);
    else if (counts(keeping) && keeping->upto > source->kept)
        source->kept = keeping->upto;
    tell_past(source, keeping);
    keeping_free(keeping);
}

static void keep_place(struct keeping *keeping)
{
    if (counts(keeping))
        journal_write_owned(keeping->source->options.journal, move_places,
                            on_moved, keeping, keeping_free);
    else
        keeping_free(keeping);
}

static void committed(void *ctx, uint64_t token, struct append_result *result)
{
    struct keeping *keeping = ctx;
    struct nats_source *source = keeping->source;

    (void)token;
    if (result->ok) {
        drop_duplicates(result->batch);
        tell_kept(source, keeping, result->batch);
        keep_place(keeping);
    } else {
        not_kept(source);
        keeping_free(keeping);
    }
    event_batch_free(result->batch);
    if (source->waits && !source->stopped)
        loop_timer_set(source->more, 0);
}

static void flush(struct nats_source *source)
{
    struct event_batch *batch = source->batch;
    struct keeping *keeping;

    source->batch = NULL;
    source->room = 0;
    if (batch && !batch->count) {
        event_batch_free(batch);
        batch = NULL;
    }
    if (source->broken || source->looking ||
        (!batch && safe_place(source) <= source->kept)) {
        event_batch_free(batch);
        return;
    }
    keeping = keeping_new(source);
    if (batch)
        journal_append(source->options.journal, batch, committed, keeping, 0);
    else
        keep_place(keeping);
}

static void add_event(struct nats_source *source, const struct event *event)
{
    struct event_batch *batch = source->batch;

    if (batch->count == source->room) {
        size_t room = source->room ? source->room * 2 : 8;
        struct event *larger =
            arena_alloc(&batch->arena, room * sizeof *larger);

        if (batch->count)
            memcpy(larger, batch->events, batch->count * sizeof *larger);
        batch->events = larger;
        source->room = room;
    }
    batch->events[batch->count++] = *event;
    batch->bytes += event->raw_len;
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
    add_event(source, event);
    source->stats.events++;
}

static void take_word(struct nats_source *source,
                      const struct nats_message *message)
{
    struct feed_word word;
    struct err err;

    if (!source->batch)
        source->batch = event_batch_new();
    if (!feed_word_read(source->options.decoder, message->data, message->len,
                        &source->batch->arena, &word, &err)) {
        source->stats.left_out++;
        log_limited(LOG_WARN, "a message of %s is left out: %s",
                    source->options.settings->url.shown, err.text);
    } else if (word.kind == FEED_WORD_EVENT) {
        take_event(source, &word.event, message);
    } else if (word.kind == FEED_WORD_FORGOTTEN) {
        feed_forgets_add(source->forgets, &word);
    }
}

static void drop_message(void *item)
{
    nats_message_free(item);
    free(item);
}

/* Takes the message over. */
static bool is_its_turn(struct nats_source *source,
                        struct nats_message *message)
{
    struct nats_ordered ordered = {.receiver = message->journal,
                                   .seq = message->seq,
                                   .after = message->after,
                                   .place = message->place,
                                   .bytes = sizeof *message + message->len,
                                   .now_us = clock_mono_us()};

    if (!message->has_journal || !message->seq)
        return true;
    ordered.item = xcalloc(1, sizeof *message);
    memcpy(ordered.item, message, sizeof *message);
    if (nats_order_add(source->order, &ordered)) {
        free(ordered.item);
        return true;
    }
    loop_timer_set(source->patience, HELD_US);
    return false;
}

static void flush_full(struct nats_source *source)
{
    if (source->batch && (source->batch->count >= BATCH_EVENTS ||
                          source->batch->bytes >= BATCH_BYTES))
        flush(source);
}

static void take_held(struct nats_source *source)
{
    struct nats_message *held;

    while ((held = nats_order_next(source->order))) {
        take_word(source, held);
        drop_message(held);
        flush_full(source);
    }
}

static void take_message(struct nats_source *source,
                         struct nats_message *message)
{
    source->cursor = message->place;
    if (!message->pending)
        source->caught_up = true;
    if (is_its_turn(source, message)) {
        take_word(source, message);
        nats_message_free(message);
    }
    take_held(source);
    while (nats_order_give_up(source->order, INT64_MIN))
        take_held(source); /* more is held than may be */
    flush_full(source);
}

/* ---- the beginning of a session ---- */

/* Two streams of one name are told apart by when they were made. */
static struct uuid stream_id(const struct nats_source *source,
                             const struct nats_message *hello)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    struct uuid id;
    struct buf text;

    buf_init(&text, KIB);
    buf_addf(&text, "%s %" PRId64, source->options.settings->url.stream,
             hello->created);
    if (!EVP_Digest(text.data, text.len, hash, NULL, EVP_sha256(), NULL))
        abort();
    buf_free(&text);
    memcpy(id.bytes, hash, sizeof id.bytes);
    return id;
}

static void begin(struct nats_source *source)
{
    source->caught_up = source->hello.last <= source->cursor;
    source->catches_up = source->hello.last > source->cursor + PAST;
    source->past = 0;
    nats_reader_begin(source->reader, source->cursor);
    changed(source);
}

/* It has less than was seen of it: it is read from its beginning, and what is
 * here already is known again. */
static void begin_anew(struct nats_source *source)
{
    struct keeping *keeping;

    log_line(LOG_WARN,
             "%s has lost what was seen of it: it is read from its beginning",
             source->options.settings->url.shown);
    source->era++;
    source->cursor = source->kept = 0;
    keeping = keeping_new(source);
    keeping->put = true;
    keep_place(keeping);
    begin(source);
}

static void look_for_gap(struct nats_source *source)
{
    if (!source->cursor || source->hello.first <= source->cursor + 1)
        return;
    log_line(LOG_WARN,
             "%s keeps nothing before its message %" PRIu64
             " any more: %" PRIu64 " were not seen here",
             source->options.settings->url.shown, source->hello.first,
             source->hello.first - source->cursor - 1);
    nats_order_unknow(source->order);
    take_held(source);
    source->cursor = source->hello.first - 1;
}

static void go_on(struct nats_source *source)
{
    if (source->hello.last < source->cursor) {
        begin_anew(source);
        return;
    }
    look_for_gap(source);
    begin(source);
}

static void look_at_place(void *ctx, const struct uuid *origin, uint64_t seq)
{
    struct nats_source *source = ctx;

    if (!uuid_equal(origin, &source->looked_stream))
        return;
    source->looked_found = true;
    source->looked_place = seq;
}

/* Nobody else touches the order meanwhile: nothing comes before begin(). */
static void look_at_receiver(void *ctx, const struct uuid *origin,
                             uint64_t seq)
{
    struct nats_source *source = ctx;

    nats_order_know(source->order, origin, seq);
}

static enum reader_step find_place(void *ctx, struct journal_reader *reader,
                                   struct err *err)
{
    struct nats_source *source = ctx;

    source->looked_found = false;
    return cursor_each_there(reader_db(reader), PLACES, look_at_place, source,
                             err) &&
                   cursor_each_there(reader_db(reader), RECEIVERS,
                                     look_at_receiver, source, err)
               ? READER_DONE
               : READER_FAILED;
}

static void on_place(void *ctx, bool ok, const struct err *err)
{
    struct nats_source *source = ctx;

    source->looking = false;
    if (source->stopped)
        return;
    if (!ok) {
        log_limited(LOG_WARN, "%s", err->text);
        nats_reader_again(source->reader);
        return;
    }
    source->stream = source->looked_stream;
    source->knows = true;
    source->cursor = source->kept =
        source->looked_found ? source->looked_place : 0;
    if (!source->looked_found)
        nats_order_unknow(source->order);
    go_on(source);
}

static void take_hello(struct nats_source *source,
                       const struct nats_message *hello)
{
    struct uuid stream = stream_id(source, hello);

    flush(source);
    source->hello = *hello;
    if (source->broken || !source->knows ||
        !uuid_equal(&stream, &source->stream)) {
        source->era++;
        source->broken = false;
        nats_order_clear(source->order);
        source->looked_stream = stream;
        source->looking = true;
        journal_read(source->options.journal, find_place, on_place, source);
        return;
    }
    go_on(source);
}

/* ---- taking ---- */

static bool is_ahead(const struct nats_source *source)
{
    return journal_stats(source->options.journal).waiting_bytes >
           LIMIT_FEED_AHEAD;
}

static void take_some(struct nats_source *source)
{
    int64_t until = clock_mono_us() + TURN_US;
    struct nats_message message;

    source->waits = false;
    while (!source->stopped && !source->looking) {
        if (is_ahead(source)) {
            source->waits = true;
            break;
        }
        if (clock_mono_us() >= until) {
            loop_timer_set(source->more, 0);
            break;
        }
        if (!nats_reader_take(source->reader, &message))
            break;
        if (message.is_hello)
            take_hello(source, &message);
        else
            take_message(source, &message);
    }
    flush(source);
}

static void on_more(void *ctx)
{
    take_some(ctx);
}

static void tell_missing(struct nats_source *source)
{
    uint64_t missing = nats_order_missing(source->order);

    if (missing == source->told_missing)
        return;
    source->told_missing = missing;
    log_line(LOG_WARN,
             "%s does not have all that its receivers published: %" PRIu64
             " gap%s. They have it in their journals",
             source->options.settings->url.shown, missing,
             missing == 1 ? "" : "s");
    changed(source);
}

/* What came before did not come: the rest is kept without it. Not while the
 * link is down, which may be why. */
static void on_patience(void *ctx)
{
    struct nats_source *source = ctx;
    struct nats_status status;
    int64_t since, now = clock_mono_us();

    if (source->looking)
        return;
    nats_reader_status(source->reader, &status);
    while (status.state == NATS_UP &&
           nats_order_give_up(source->order, now - HELD_US))
        take_held(source);
    flush(source);
    tell_missing(source);
    if (nats_order_oldest(source->order, &since))
        loop_timer_set(source->patience, since + HELD_US > now
                                             ? since + HELD_US - now
                                             : HELD_US);
}

void nats_source_woken(struct nats_source *source)
{
    struct nats_status status;

    take_some(source);
    nats_reader_status(source->reader, &status);
    if (status.state == source->told_state || source->stopped)
        return;
    if (status.state == NATS_UP)
        log_line(LOG_NOTE, "reading along %s",
                 source->options.settings->url.shown);
    else if (status.state == NATS_DOWN)
        log_line(LOG_WARN, "no link to %s: %s",
                 source->options.settings->url.shown, status.why.text);
    source->told_state = status.state;
    changed(source);
}

struct nats_source *nats_source_new(const struct nats_source_options *options)
{
    struct nats_source *source = xcalloc(1, sizeof *source);

    source->options = *options;
    source->order = nats_order_new(drop_message);
    source->more = loop_timer_new(options->loop, on_more, source);
    source->patience = loop_timer_new(options->loop, on_patience, source);
    source->forgets = feed_forgets_new(options->loop, options->journal,
                                       options->forget, options->ctx);
    source->reader =
        nats_reader_new(options->settings, loop_wake, options->loop);
    return source;
}

void nats_source_stop(struct nats_source *source)
{
    if (source->stopped)
        return;
    flush(source);
    source->stopped = true;
    feed_forgets_stop(source->forgets);
    loop_timer_cancel(source->more);
    loop_timer_cancel(source->patience);
    nats_reader_stop(source->reader);
}

bool nats_source_busy(const struct nats_source *source)
{
    return nats_reader_busy(source->reader);
}

void nats_source_free(struct nats_source *source)
{
    if (!source)
        return;
    nats_reader_free(source->reader);
    event_batch_free(source->batch);
    nats_order_free(source->order);
    feed_forgets_free(source->forgets);
    loop_timer_free(source->more);
    loop_timer_free(source->patience);
    free(source);
}

/* ---- what is said of it ---- */

void nats_source_stats(struct nats_source *source,
                       struct nats_source_stats *out)
{
    struct nats_status status;
    int64_t since;

    nats_reader_status(source->reader, &status);
    *out = source->stats;
    out->up = status.state == NATS_UP;
    out->missing = nats_order_missing(source->order);
    out->held = nats_order_oldest(source->order, &since);
}

static void add_clock(struct buf *out, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;

    if (localtime_r(&seconds, &tm))
        buf_addf(out, "%02d:%02d", tm.tm_hour, tm.tm_min);
}

bool nats_source_problem(struct nats_source *source, struct buf *out,
                         bool *refused)
{
    const char *where = source->options.settings->url.shown;
    struct nats_status status;

    nats_reader_status(source->reader, &status);
    *refused = status.refused;
    if (status.state == NATS_DOWN) {
        buf_addf(out, "No link to %s since ", where);
        add_clock(out, status.since_ms);
        buf_adds(out, ". Shown: up to then. ");
        buf_adds(out, status.why.text);
        return true;
    }
    if (!source->catches_up)
        return false;
    buf_addf(out, "Catching up with %s: %" PRIu64 " of %" PRIu64 ".", where,
             source->cursor, source->hello.last);
    return true;
}
