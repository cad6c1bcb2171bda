/* From messages to the journal. What comes is put in the order of its
 * receiver, gathered for a turn, kept like anything that arrives, and only
 * then is our place in the stream moved on: to before the first that is not
 * kept yet, or says who is to be forgotten and is not obeyed yet. Whatever
 * dies when, every message is asked for again until then, and an event is
 * known by its uuid or origin if it was kept. */
#include "source/nats_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/cursor.h"
#include "journal/reader.h"

#include "base/banned.h"

#define TURN_US 2000              /* then the loop has its turn */
#define HELD_US INT64_C(30000000) /* for what comes before */
#define PAST 500 /* messages that are not there yet: the past, else news */

static void changed(struct nats_source *source)
{
    source->options.on_changed(source->options.ctx);
}

/* ---- what comes, in its order ---- */

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
    int64_t since;

    if (!message->has_journal || !message->seq)
        return true;
    ordered.item = xcalloc(1, sizeof *message);
    memcpy(ordered.item, message, sizeof *message);
    if (nats_order_add(source->order, &ordered)) {
        free(ordered.item);
        return true;
    }
    if (nats_order_oldest(source->order, &since))
        loop_timer_set(source->patience, since + HELD_US - ordered.now_us);
    return false;
}

static void take_held(struct nats_source *source)
{
    struct nats_message *held;

    while ((held = nats_order_next(source->order))) {
        nats_keep_message(source, held);
        drop_message(held);
    }
}

/* How much of the past there is, the first message says: of what a stream has,
 * others' subjects are none of ours, and what it forgot is not to come. */
static void look_for_past(struct nats_source *source,
                          const struct nats_message *message)
{
    if (source->begins) {
        source->begins = false;
        source->past_took = 0;
        source->past_awaits = message->pending + 1;
        source->catches_up = source->past_awaits > PAST;
        if (source->catches_up)
            changed(source);
    }
    source->past_took++;
    if (!message->pending)
        source->caught_up = true;
}

static void take_message(struct nats_source *source,
                         struct nats_message *message)
{
    source->cursor = message->place;
    look_for_past(source, message);
    if (is_its_turn(source, message)) {
        nats_keep_message(source, message);
        nats_message_free(message);
    }
    take_held(source);
    while (nats_order_give_up(source->order, INT64_MIN))
        take_held(source); /* more is held than may be */
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
    source->begins = true;
    source->catches_up = source->caught_up = source->past_taken = false;
    nats_keep_past_complete(source);
    nats_reader_begin(source->reader, &source->hello, source->cursor);
    changed(source);
}

/* It has less than was seen of it: it is read from its beginning, and what is
 * here already is known again. */
static void begin_anew(struct nats_source *source)
{
    log_line(LOG_WARN,
             "%s has lost what was seen of it: it is read from its beginning",
             source->options.settings->url.shown);
    nats_keep_anew(source);
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

static void look_at_receiver(void *ctx, const struct uuid *origin,
                             uint64_t seq)
{
    struct nats_source *source = ctx;

    source->looked = xreallocarray(source->looked, source->looked_count + 1,
                                   sizeof *source->looked);
    source->looked[source->looked_count++] = (struct nats_known){*origin, seq};
}

static enum reader_step find_place(void *ctx, struct journal_reader *reader,
                                   struct err *err)
{
    struct nats_source *source = ctx;

    source->looked_found = false;
    source->looked_count = 0;
    return cursor_each_there(reader_db(reader), NATS_PLACES, look_at_place,
                             source, err) &&
                   cursor_each_there(reader_db(reader), NATS_RECEIVERS,
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
    for (size_t i = 0; i < source->looked_count; i++)
        nats_order_know(source->order, &source->looked[i].receiver,
                        source->looked[i].seq);
    source->stream = source->looked_stream;
    source->knows = true;
    source->cursor = source->kept = source->came =
        source->looked_found ? source->looked_place : 0;
    feed_forgets_kept(source->forgets, source->came);
    if (!source->looked_found)
        nats_order_unknow(source->order);
    go_on(source);
}

static void take_hello(struct nats_source *source,
                       const struct nats_message *hello)
{
    struct uuid stream = stream_id(source, hello);

    nats_keep_flush(source);
    source->hello = *hello;
    if (source->broken || !source->knows ||
        !uuid_equal(&stream, &source->stream)) {
        source->era++;
        source->broken = false;
        nats_order_clear(source->order);
        feed_forgets_unplace(source->forgets);
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
               LIMIT_FEED_AHEAD ||
           feed_forgets_full(source->forgets);
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
    nats_keep_flush(source);
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
    nats_keep_flush(source);
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
    if (source->stopped || (status.state == source->told_state &&
                            !strcmp(status.why.text, source->told_why.text)))
        return;
    if (status.state == NATS_UP)
        log_line(LOG_NOTE, "reading along %s",
                 source->options.settings->url.shown);
    else if (status.state == NATS_DOWN)
        log_line(LOG_WARN, "no link to %s: %s",
                 source->options.settings->url.shown, status.why.text);
    source->told_state = status.state;
    source->told_why = status.why;
    changed(source);
}

/* Our place moves past them; and there is room for more. */
static void on_obeyed(void *ctx)
{
    struct nats_source *source = ctx;

    nats_keep_flush(source);
    if (source->waits)
        loop_timer_set(source->more, 0);
}

struct nats_source *nats_source_new(const struct nats_source_options *options)
{
    struct nats_source *source = xcalloc(1, sizeof *source);

    source->options = *options;
    source->order = nats_order_new(drop_message);
    source->more = loop_timer_new(options->loop, on_more, source);
    source->patience = loop_timer_new(options->loop, on_patience, source);
    source->forgets = feed_forgets_new(
        &(struct feed_forgets_options){.loop = options->loop,
                                       .journal = options->journal,
                                       .forget = options->on_forget,
                                       .forget_ctx = options->ctx,
                                       .obeyed = on_obeyed,
                                       .ctx = source});
    source->reader =
        nats_reader_new(options->settings, loop_wake, options->loop);
    return source;
}

void nats_source_stop(struct nats_source *source)
{
    if (source->stopped)
        return;
    nats_keep_flush(source);
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
    free(source->looked);
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
    out->waits = source->looking || source->kept < source->cursor;
}

static void add_clock(struct buf *out, int64_t ms)
{
    char text[CLOCK_MINUTES_SIZE];

    clock_minutes(ms, text);
    buf_adds(out, text);
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
        buf_addf(out, ": %s. Shown: up to then.", status.why.text);
        return true;
    }
    if (!source->catches_up)
        return false;
    buf_addf(out, "Catching up with %s: %" PRIu64 " of %" PRIu64 ".", where,
             source->past_took < source->past_awaits ? source->past_took
                                                     : source->past_awaits,
             source->past_awaits);
    return true;
}
