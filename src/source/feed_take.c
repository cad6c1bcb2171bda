/* What a feed says, line by line. It may come from anywhere: a number that
 * cannot be, or a word out of place, ends the link. */
#include "source/feed_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include "base/banned.h"

#define BATCH_EVENTS 500
#define BATCH_BYTES (1 * MIB)
#define PAST 500 /* events that are not there yet: the past, else news */

static void take_event(struct feed_source *source, struct event *event,
                       uint64_t seq)
{
    if (!event->has_origin) {
        event->has_origin = true;
        event->origin_id = source->there;
        event->origin_seq = seq;
        event->key = NULL; /* of its line, which is no name beside a place */
    }
    event_batch_add(source->batch, event);
    source->cursor = seq;
    if (source->batch->count >= BATCH_EVENTS ||
        source->batch->bytes >= BATCH_BYTES)
        feed_flush(source);
    else
        loop_timer_set(source->flush, 0);
}

/* There is nothing to keep up to there. */
static void take_place(struct feed_source *source, uint64_t seq)
{
    if (seq <= source->cursor)
        return;
    source->cursor = seq;
    loop_timer_set(source->flush, 0);
}

/* Asked for again where we are in it. Where each asking is answered by
 * another, as if many were behind one address, the next one is taken as it
 * comes: all of it is told, and what is kept already is known. */
static void take_other(struct feed_source *source, const struct uuid *journal)
{
    source->others++;
    source->there = *journal;
    if (source->others > 1)
        memset(&source->there, 0, sizeof source->there);
    source->kept = source->cursor = 0;
    source->acts_asked = source->acts.done = 0;
    source->era++;
    source->step_us = FEED_RETRY_US;
    feed_give_up(source, false, "its journal is another one than before");
}

/* False: ask again, for a journal that is another. */
static bool take_hello(struct feed_source *source,
                       const struct feed_word *word)
{
    bool same = uuid_equal(&word->journal, &source->there);

    if (word->version != FEED_WORD_VERSION) {
        feed_give_up(source, true, "it speaks another version of the feed");
        return false;
    }
    if (!same &&
        (source->asked || source->acts_asked || source->fork.sent.count)) {
        take_other(source, &word->journal);
        return false;
    }
    source->there = word->journal;
    if (word->last > FEED_MOST) {
        feed_give_up(source, true, FEED_CANNOT_BE);
        return false;
    }
    source->last = word->last;
    if (word->last < source->cursor) {
        feed_give_up(source, true, "its journal has lost what we have seen");
        feed_go_back(source, word->last, word->last);
        return false;
    }
    source->catches_up = word->last - source->cursor > PAST;
    feed_tell_past(source); /* what came of it before the link broke */
    source->patience_us = feed_word_patience_us(word);
    free(source->name);
    source->name = word->viewer ? xstrdup(word->viewer) : NULL;
    feed_link_up(source);
    feed_look_link(&source->look, source->name != NULL);
    source->acts.judged = word->late;
    feed_tells_link(&source->tells, true, word->late);
    feed_tick(source, source->patience_us);
    return true;
}

/* Others, that is. */
static void take_look(struct feed_source *source, const struct feed_word *word)
{
    const char *who = word->viewer ? word->viewer : "";

    if (!source->name || strcmp(who, source->name) != 0)
        source->options.looked(source->options.ctx, who, word->account);
}

/* What it is said of may have come just before. */
static void take_act(struct feed_source *source, const struct feed_word *word)
{
    if (source->batch && source->batch->count)
        feed_flush(source);
    if (word->act > source->acts_asked)
        source->acts_asked = word->act;
    feed_act_apply(&source->acts, &source->there, word);
}

/* A place that a lie moved on would be there for good. */
static bool is_leap(const struct feed_source *source, uint64_t seq)
{
    uint64_t from =
        source->last > source->cursor ? source->last : source->cursor;

    return seq > from + FEED_LEAP || seq > FEED_MOST;
}

/* The same of what was said there. */
static bool is_act_leap(const struct feed_source *source, uint64_t act)
{
    return act > source->acts_asked + FEED_LEAP || act > FEED_MOST;
}

static bool take_word(struct feed_source *source, struct feed_word *word)
{
    if (source->link == LINK_ASKS && word->kind != FEED_WORD_HELLO) {
        feed_give_up(source, true, "what answers there is no telltale's feed");
        return false;
    }
    if (source->link == LINK_UP && word->kind == FEED_WORD_HELLO) {
        feed_give_up(source, true, "it says hello in the middle of its feed");
        return false;
    }
    if (source->link == LINK_UP &&
        (is_leap(source, word->seq) || is_act_leap(source, word->act))) {
        feed_give_up(source, true, FEED_CANNOT_BE);
        return false;
    }
    switch (word->kind) {
    case FEED_WORD_HELLO:
        return take_hello(source, word);
    case FEED_WORD_EVENT:
        if (word->seq > source->cursor)
            take_event(source, &word->event, word->seq);
        return true;
    case FEED_WORD_TICK:
    case FEED_WORD_ALIVE:
        take_place(source, word->seq);
        return true;
    case FEED_WORD_GAP:
        log_line(LOG_WARN, "%s keeps nothing before its seq %llu any more",
                 source->host, (unsigned long long)word->oldest);
        return true;
    case FEED_WORD_TOO_LONG:
        take_place(source, word->seq);
        source->left_out++;
        return true;
    case FEED_WORD_ACT:
        take_act(source, word);
        return true;
    case FEED_WORD_LOOK:
        take_look(source, word);
        return true;
    case FEED_WORD_FORK:
        feed_fork_take(source, word);
        return false;
    case FEED_WORD_FORGOTTEN:
        feed_forgets_add(source->forgets, word, 0, clock_now_ms());
        return true;
    case FEED_WORD_BYE:
        feed_give_up(source, false, word->why ? word->why : "it said goodbye");
        return true;
    default:
        return true;
    }
}

/* Lines that are no events leave nothing behind, however many come. */
static void drop_empty(struct feed_source *source)
{
    if (!source->batch || source->batch->count)
        return;
    event_batch_free(source->batch);
    source->batch = NULL;
}

/* A line that is none is left out and counted: the next may be one. */
bool feed_take_line(void *ctx, const char *text, size_t len)
{
    struct feed_source *source = ctx;
    struct feed_word word;
    struct err err;

    if (!source->batch)
        source->batch = event_batch_new();
    if (feed_word_read(source->options.decoder, text, len,
                       &source->batch->arena, &word, &err)) {
        bool ok = take_word(source, &word);

        drop_empty(source);
        return ok;
    }
    drop_empty(source);
    source->left_out++;
    log_limited(LOG_WARN, "a line of %s is left out: %s", source->host,
                err.text);
    if (source->link != LINK_ASKS)
        return true;
    feed_give_up(source, true, "what answers there is no telltale's feed");
    return false;
}
