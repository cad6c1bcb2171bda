/* Asking PostHog again and again: turn pages until there is no more, note the
 * place, wait. The walk is event_walk.c's. */
#include "posthog/polling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "posthog/event_walk.h"

#include "base/banned.h"

#define FURTHEST_MS CLOCK_DAY_MS
/* One query looks at no more than that, or, where PostHog says that it is too
 * much, at less, down to so much; until the end of the round. */
#define SPAN_MS FURTHEST_MS
#define SPAN_LEAST_MS INT64_C(900000)
#define OLD_MS CLOCK_HOUR_MS
/* PostHog sees an event a while after it happened: so much is asked for
 * again, and what was seen is left out. What is later still is looked for by
 * asking further back now and then: an hour each ten minutes, a day each six
 * hours. */
#define OVERLAP_MS INT64_C(300000)
#define ROUND_MS                                                              \
    INT64_C(60000) /* so, in rounds that are no longer than this */
#define ROUNDS_HOUR 10
#define ROUNDS_DAY 360
#define SEEN 4096

struct polling {
    struct polling_options options;
    struct event_walk *walk;
    int64_t done_ms;        /* everything before is there */
    int64_t end_ms;         /* of this round */
    int64_t span_ms;        /* a query looks at so much */
    int64_t until_ms;       /* of this query */
    struct row_place place; /* in this round */
    int64_t expected_ms;    /* what is older, and new in this round, is late */
    int64_t late, latest_ms; /* how many those were; the oldest */
    uint64_t late_ever;      /* since the start */
    int64_t late_oldest_ms;
    int64_t hour_us, day_us; /* when so far back was last asked for; mono */
    struct err problem;
    struct uuid seen[SEEN];
    size_t seen_at;
};

static void fail(struct polling *polling, const struct err *err)
{
    if (strcmp(polling->problem.text, err->text))
        log_line(LOG_WARN, "asking PostHog: %s", err->text);
    polling->problem = *err;
    event_walk_wait(polling->walk, polling->options.every_ms * 1000);
}

/* ---- the place ---- */

static void on_noted(void *ctx, const struct err *err)
{
    (void)ctx;
    if (err)
        log_line(LOG_WARN, "asking PostHog: the place is not kept: %s",
                 err->text);
}

static void note_place(struct polling *polling)
{
    char ms[24];

    snprintf(ms, sizeof ms, "%lld", (long long)polling->done_ms);
    event_walk_note(polling->walk, ms);
}

static void on_place(void *ctx, const char *text, const struct err *err)
{
    struct polling *polling = ctx;

    if (err) {
        fail(polling, err);
        return;
    }
    polling->done_ms = text ? strtoll(text, NULL, 10) : 0;
    polling->hour_us = polling->day_us = clock_mono_us();
    event_walk_wait(polling->walk, 0);
}

/* ---- what came ---- */

static bool was_seen(struct polling *polling, const struct event *event)
{
    if (!event->has_uuid)
        return false;
    for (size_t i = 0; i < SEEN; i++)
        if (uuid_equal(&polling->seen[i], &event->uuid))
            return true;
    return false;
}

/* Only for what is kept: until then it has to come again. */
static void note_seen(struct polling *polling, const struct event_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->events[i].has_uuid)
            polling->seen[polling->seen_at++ % SEEN] = batch->events[i].uuid;
}

/* Those that are new here, marked. */
static void on_batch(void *ctx, struct event_batch *batch)
{
    struct polling *polling = ctx;
    int64_t now = clock_now_ms();
    size_t kept = 0;

    for (size_t i = 0; i < batch->count; i++) {
        struct event *event = &batch->events[i];

        if (was_seen(polling, event))
            continue;
        if (event->occurred_at < now - OLD_MS) {
            event->received_at = event->occurred_at;
            event->flags |= EVENT_BACKFILLED;
        }
        batch->events[kept++] = *event;
    }
    batch->count = kept;
}

/* ---- pages ---- */

static void ask(struct polling *polling)
{
    const struct event_access *access = &polling->options.access;
    struct event_query query;
    struct err err = {""};

    polling->until_ms = polling->place.ms + polling->span_ms;
    if (polling->until_ms > polling->end_ms)
        polling->until_ms = polling->end_ms;
    if (!event_query_open(&query, access->decoder,
                          posthog_group_index(access->posthog), &err)) {
        fail(polling, &err);
        return;
    }
    event_walk_fetch(polling->walk, &query, &polling->place,
                     polling->until_ms);
    event_query_close(&query);
}

static void note_late(struct polling *polling, const struct event *event)
{
    if (event->occurred_at >= polling->expected_ms)
        return;
    if (!polling->late++ || event->occurred_at < polling->latest_ms)
        polling->latest_ms = event->occurred_at;
    if (!polling->late_ever++ || event->occurred_at < polling->late_oldest_ms)
        polling->late_oldest_ms = event->occurred_at;
}

static void say_late(struct polling *polling)
{
    char at[CLOCK_ISO_SIZE];

    if (!polling->late)
        return;
    clock_format_iso(polling->latest_ms, at);
    log_line(LOG_NOTE,
             "asking PostHog: %lld %s late: it did not show what happened at "
             "%s before",
             (long long)polling->late,
             polling->late == 1 ? "event came" : "events came", at);
    polling->late = 0;
}

static void on_kept(void *ctx, const struct append_result *kept)
{
    struct polling *polling = ctx;
    const struct event_batch *batch = kept->batch;

    note_seen(polling, batch);
    for (size_t i = 0; i < batch->fresh; i++)
        note_late(polling, &batch->events[i]);
    if (batch->fresh)
        polling->options.on_kept(polling->options.ctx, batch);
}

static void ask_on(struct polling *polling)
{
    if (!event_walk_stopped(polling->walk))
        ask(polling);
}

/* A round may begin far back, where all is there already. */
static void note_done(struct polling *polling)
{
    if (polling->until_ms <= polling->done_ms)
        return;
    polling->done_ms = polling->until_ms;
    note_place(polling);
}

/* A page is kept: the next one, or the end of this round. */
static void go_on(struct polling *polling, const struct event_page *page)
{
    polling->problem.text[0] = '\0';
    polling->place = page->last;
    if (page->full) {
        ask_on(polling);
        return;
    }
    note_done(polling);
    polling->place = (struct row_place){.ms = polling->until_ms};
    if (polling->until_ms < polling->end_ms) {
        ask_on(polling);
        return;
    }
    say_late(polling);
    event_walk_wait(polling->walk, polling->options.every_ms * 1000);
}

static void on_page(void *ctx, const struct event_page *page,
                    const struct err *err)
{
    struct polling *polling = ctx;
    int64_t span = polling->until_ms - polling->place.ms;

    if (page) {
        go_on(polling, page);
    } else if (posthog_is_too_much(err->text) && span > SPAN_LEAST_MS) {
        polling->span_ms = span / 2;
        ask_on(polling);
    } else {
        fail(polling, err);
    }
}

static void on_waiting(void *ctx, unsigned seconds)
{
    struct polling *polling = ctx;

    err_set(&polling->problem, "%s; it asks to wait %u s",
            posthog_limit(seconds), seconds);
    log_limited(LOG_WARN, "asking PostHog: %s", polling->problem.text);
}

/* True each count rounds, since *last_us. */
static bool is_due(const struct polling *polling, int count, int64_t *last_us)
{
    int64_t round_ms = polling->options.every_ms < ROUND_MS
                           ? polling->options.every_ms
                           : ROUND_MS;
    int64_t now = clock_mono_us();

    if (now - *last_us < count * round_ms * 1000)
        return false;
    *last_us = now;
    return true;
}

/* A place that is yet to come was noted by a clock that was wrong, and does
 * not say what is there: as after a long absence, a day is asked for. */
static void mend_place(struct polling *polling, int64_t now)
{
    if (polling->done_ms <= now + OVERLAP_MS)
        return;
    log_line(LOG_NOTE, "asking PostHog: the clock went back: the last day is "
                       "asked for again");
    polling->done_ms = now - FURTHEST_MS;
}

/* Where a round begins; what is new and older than expected_ms is late. */
static int64_t begin_at(struct polling *polling, int64_t now)
{
    int64_t from = polling->done_ms - OVERLAP_MS;
    int64_t furthest = now - FURTHEST_MS;

    if (polling->done_ms <= 0)
        from = now - OLD_MS;
    if (from < furthest)
        from = furthest;
    if (from > now)
        from = now;
    polling->expected_ms = from;
    if (is_due(polling, ROUNDS_HOUR, &polling->hour_us) && from > now - OLD_MS)
        from = now - OLD_MS;
    if (is_due(polling, ROUNDS_DAY, &polling->day_us))
        from = furthest;
    return from;
}

static void on_turn(void *ctx)
{
    struct polling *polling = ctx;
    int64_t now = clock_now_ms();

    mend_place(polling, now);
    polling->place = (struct row_place){.ms = begin_at(polling, now)};
    polling->end_ms = now;
    polling->span_ms = SPAN_MS;
    ask(polling);
}

struct polling *polling_new(const struct polling_options *options)
{
    struct polling *polling = xcalloc(1, sizeof *polling);
    struct buf name; /* the project is in it: each has a place of its own */

    buf_init(&name, 4096);
    buf_addf(&name, "posthog %s", options->access.project_url);
    polling->options = *options;
    polling->walk =
        event_walk_new(&(struct event_walk_options){.access = options->access,
                                                    .name = name.data,
                                                    .on_batch = on_batch,
                                                    .on_kept = on_kept,
                                                    .on_page = on_page,
                                                    .on_waiting = on_waiting,
                                                    .on_place = on_place,
                                                    .on_turn = on_turn,
                                                    .on_noted = on_noted,
                                                    .ctx = polling});
    buf_free(&name);
    return polling;
}

void polling_stop(struct polling *polling)
{
    event_walk_stop(polling->walk);
}

void polling_free(struct polling *polling)
{
    if (!polling)
        return;
    event_walk_free(polling->walk);
    free(polling);
}

const char *polling_problem(const struct polling *polling)
{
    return *polling->problem.text ? polling->problem.text : NULL;
}

uint64_t polling_late(const struct polling *polling, int64_t *oldest_ms)
{
    *oldest_ms = polling->late_ever ? polling->late_oldest_ms : CLOCK_NONE;
    return polling->late_ever;
}
