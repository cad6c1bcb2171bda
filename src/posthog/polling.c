/* Asking PostHog again and again: read the place, turn pages until there is
 * no more, note the place, wait. A page is past.c's. */
#include "posthog/polling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "posthog/past.h"
#include "posthog/place.h"

#include "base/banned.h"

#define FURTHEST_MS INT64_C(86400000)
#define OLD_MS INT64_C(3600000)
/* PostHog sees an event a while after it happened: so much is asked for
 * again, and what was seen is left out. */
#define OVERLAP_MS INT64_C(300000)
#define SEEN 4096

struct polling {
    struct polling_options options;
    struct loop_timer *timer;
    struct past *past;
    bool stopped, asking;
    bool placed;            /* the journal was asked where we were */
    int64_t done_ms;        /* everything before is there */
    int64_t until_ms;       /* of this round */
    struct row_place place; /* in this round */
    struct err problem;
    struct uuid seen[SEEN];
    size_t seen_at;
};

static void wait_for(struct polling *polling, int64_t us)
{
    if (!polling->stopped)
        loop_timer_set(polling->timer, us);
}

static void fail(struct polling *polling, const struct err *err)
{
    if (strcmp(polling->problem.text, err->text))
        log_line(LOG_WARN, "asking PostHog: %s", err->text);
    polling->problem = *err;
    wait_for(polling, polling->options.every_ms * 1000);
}

/* ---- the place ---- */

/* The project is in its name: each has its own. */
static void name_place(const struct polling *polling, struct buf *out)
{
    buf_init(out, 4096);
    buf_addf(out, "posthog %s", polling->options.project_url);
}

static void on_noted(void *ctx, const char *text, const struct err *err)
{
    (void)ctx;
    (void)text;
    if (err)
        log_line(LOG_WARN, "asking PostHog: the place is not kept: %s",
                 err->text);
}

static void note_place(struct polling *polling)
{
    char ms[24];
    struct buf name;

    snprintf(ms, sizeof ms, "%lld", (long long)polling->done_ms);
    name_place(polling, &name);
    place_write(polling->options.journal, name.data, ms, on_noted, polling);
    buf_free(&name);
}

static void on_read(void *ctx, const char *text, const struct err *err)
{
    struct polling *polling = ctx;

    if (err) {
        fail(polling, err);
        return;
    }
    polling->placed = true;
    polling->done_ms = text ? strtoll(text, NULL, 10) : 0;
    wait_for(polling, 0);
}

static void read_place(struct polling *polling)
{
    struct buf name;

    name_place(polling, &name);
    place_read(polling->options.journal, name.data, on_read, polling);
    buf_free(&name);
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

static void drop_seen(void *ctx, struct event_batch *batch)
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
    const struct decoder *decoder = polling->options.decoder;
    struct select select;
    struct err err = {""};

    if (!select_open(&select, decoder->book, decoder->catalog, &err)) {
        fail(polling, &err);
        return;
    }
    polling->asking = true;
    past_turn(polling->past, &select, &polling->place, polling->until_ms);
    select_close(&select);
}

static void tell_kept(struct polling *polling, struct event_batch *batch)
{
    size_t fresh = 0;

    note_seen(polling, batch);
    for (size_t i = 0; i < batch->count; i++)
        if (!(batch->events[i].flags & EVENT_DUPLICATE))
            batch->events[fresh++] = batch->events[i];
    batch->count = fresh;
    if (fresh)
        polling->options.kept(polling->options.ctx, batch);
}

/* A page is kept: the next one, or the end of this round. */
static void go_on(struct polling *polling, bool full)
{
    polling->problem.text[0] = '\0';
    if (full) {
        if (!polling->stopped)
            ask(polling);
        return;
    }
    polling->done_ms = polling->until_ms;
    note_place(polling);
    wait_for(polling, polling->options.every_ms * 1000);
}

static void on_turned(void *ctx, const struct past_page *page,
                      const struct err *err)
{
    struct polling *polling = ctx;

    polling->asking = false;
    if (!page) {
        fail(polling, err);
        return;
    }
    if (page->batch)
        tell_kept(polling, page->batch);
    polling->place = page->last;
    go_on(polling, page->full);
}

static void on_waiting(void *ctx, unsigned seconds)
{
    struct polling *polling = ctx;

    err_set(&polling->problem, "it asks to wait %u s", seconds);
}

static void begin_round(struct polling *polling)
{
    int64_t now = clock_now_ms(), from = polling->done_ms - OVERLAP_MS;

    if (polling->done_ms <= 0)
        from = now - OLD_MS;
    if (from < now - FURTHEST_MS)
        from = now - FURTHEST_MS;
    polling->place = (struct row_place){.ms = from};
    polling->until_ms = now;
    ask(polling);
}

static void on_timer(void *ctx)
{
    struct polling *polling = ctx;

    if (polling->stopped || polling->asking)
        return;
    if (polling->placed)
        begin_round(polling);
    else
        read_place(polling);
}

struct polling *polling_new(const struct polling_options *options)
{
    struct polling *polling = xcalloc(1, sizeof *polling);
    struct past_options past = {
        .loop = options->loop,
        .client = options->client,
        .journal = options->journal,
        .posthog = options->posthog,
        .decoder = options->decoder,
        .project_url = options->project_url,
        .prepare = drop_seen,
        .turned = on_turned,
        .waiting = on_waiting,
        .ctx = polling,
    };

    polling->options = *options;
    polling->past = past_new(&past);
    polling->timer = loop_timer_new(options->loop, on_timer, polling);
    loop_timer_set(polling->timer, 0);
    return polling;
}

void polling_stop(struct polling *polling)
{
    polling->stopped = true;
    loop_timer_cancel(polling->timer);
    past_stop(polling->past);
}

void polling_free(struct polling *polling)
{
    if (!polling)
        return;
    past_free(polling->past);
    loop_timer_free(polling->timer);
    free(polling);
}

const char *polling_problem(const struct polling *polling)
{
    return *polling->problem.text ? polling->problem.text : NULL;
}
