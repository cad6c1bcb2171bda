/* A day's window after the other, each in pages, the place noted after every
 * page. The walk is event_walk.c's. */
#include "posthog/backfill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "posthog/api_async.h"
#include "posthog/event_walk.h"

#include "base/banned.h"

/* One query looks at no more than a day: PostHog stops it after 10 s, and
 * then less is asked for, down to an hour. */
#define WINDOW_MS CLOCK_DAY_MS
#define WINDOW_LEAST_MS CLOCK_HOUR_MS
/* More than this is not begun before it is known when the first event was. */
#define FAR_MS (40 * WINDOW_MS)
/* 240 queries a minute are allowed. */
#define PACE_US INT64_C(250000)

struct backfill {
    struct backfill_options options;
    struct backfill_progress progress;
    struct event_walk *walk;
    struct api_async *async;
    struct buf sql; /* that asks when the first event was */
    struct row_place place;
    int64_t window_ms;     /* a query looks at so much */
    int64_t window_end_ms; /* of the page that was asked for */
    int64_t asked_us;      /* when that was */
    char what[17];         /* tells one selection from another */
};

static void finish(struct backfill *backfill, const struct err *err)
{
    if (!event_walk_stopped(backfill->walk))
        backfill->options.on_done(backfill->options.ctx, &backfill->progress,
                                  err);
}

/* ---- the place ---- */

static void put_state(const struct backfill *backfill, struct buf *out)
{
    const struct backfill_options *options = &backfill->options;

    buf_addf(out,
             "{\"project\":\"%s\",\"what\":\"%s\",\"since\":%lld,\"ms\":%lld,"
             "\"uuid\":\"%s\",\"done\":%s}",
             options->access.project_url, backfill->what,
             (long long)options->since_ms, (long long)backfill->place.ms,
             backfill->place.uuid,
             backfill->place.ms >= options->until_ms ? "true" : "false");
}

static bool is_text(const cJSON *state, const char *key, const char *wanted)
{
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(state, key));

    return text && !strcmp(text, wanted);
}

/* An earlier run that was cut short did the part from its `since` to its
 * place. One that came to its end is not gone on with: events may have
 * come late. */
static void resume(struct backfill *backfill, const char *text)
{
    cJSON *state = cJSON_Parse(text);
    double since =
        cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(state, "since"));
    double ms =
        cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(state, "ms"));
    const char *uuid =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(state, "uuid"));
    struct uuid parsed;

    if (is_text(state, "project", backfill->options.access.project_url) &&
        is_text(state, "what", backfill->what) &&
        cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(state, "done")) &&
        since <= (double)backfill->options.since_ms &&
        ms > (double)backfill->options.since_ms &&
        ms < (double)backfill->options.until_ms) {
        backfill->place = (struct row_place){.ms = (int64_t)ms};
        if (uuid && uuid_parse(uuid, strlen(uuid), &parsed))
            uuid_format(&parsed, backfill->place.uuid);
    }
    cJSON_Delete(state);
}

/* ---- pages ---- */

static void on_turn(void *ctx)
{
    struct backfill *backfill = ctx;
    int64_t end = backfill->place.ms + backfill->window_ms;

    if (end > backfill->options.until_ms)
        end = backfill->options.until_ms;
    backfill->window_end_ms = end;
    backfill->asked_us = clock_mono_us();
    event_walk_fetch(backfill->walk, backfill->options.query, &backfill->place,
                     end);
}

/* The next page, at PostHog's pace, or the end. */
static void go_on(struct backfill *backfill)
{
    int64_t wait = backfill->asked_us + PACE_US - clock_mono_us();

    if (event_walk_stopped(backfill->walk))
        return;
    if (backfill->place.ms >= backfill->options.until_ms)
        finish(backfill, NULL);
    else
        event_walk_wait(backfill->walk,
                        backfill->asked_us && wait > 0 ? wait : 0);
}

static void on_noted(void *ctx, const struct err *err)
{
    struct backfill *backfill = ctx;

    if (err) {
        finish(backfill, err);
        return;
    }
    backfill->progress.at_ms = backfill->place.ms;
    if (!event_walk_stopped(backfill->walk) && backfill->options.on_progress)
        backfill->options.on_progress(backfill->options.ctx,
                                      &backfill->progress);
    go_on(backfill);
}

static void note_place(struct backfill *backfill)
{
    struct buf state;

    buf_init(&state, LIMIT_TEXT);
    put_state(backfill, &state);
    event_walk_note(backfill->walk, state.data);
    buf_free(&state);
}

static void on_failed(struct backfill *backfill, const struct err *err)
{
    int64_t window = backfill->window_end_ms - backfill->place.ms;

    if (posthog_is_too_much(err->text) && window > WINDOW_LEAST_MS) {
        backfill->window_ms = window / 2;
        go_on(backfill);
    } else {
        finish(backfill, err);
    }
}

static void on_kept(void *ctx, const struct append_result *kept)
{
    struct backfill *backfill = ctx;

    backfill->progress.events += kept->fresh;
    backfill->progress.duplicates += kept->duplicates;
    if (backfill->options.on_kept && !event_walk_stopped(backfill->walk))
        backfill->options.on_kept(backfill->options.ctx, kept->batch);
}

static void on_page(void *ctx, const struct event_page *page,
                    const struct err *err)
{
    struct backfill *backfill = ctx;

    if (!page) {
        on_failed(backfill, err);
        return;
    }
    backfill->progress.skipped += page->skipped;
    backfill->place = page->full
                          ? page->last
                          : (struct row_place){.ms = backfill->window_end_ms};
    note_place(backfill);
}

static void on_batch(void *ctx, struct event_batch *batch)
{
    (void)ctx;
    for (size_t i = 0; i < batch->count; i++)
        batch->events[i].flags |= EVENT_BACKFILLED;
}

static void on_waiting(void *ctx, unsigned seconds)
{
    struct backfill *backfill = ctx;

    if (backfill->options.on_waiting)
        backfill->options.on_waiting(backfill->options.ctx, seconds);
}

/* ---- the whole ---- */

static void begin(struct backfill *backfill)
{
    backfill->progress.from_ms = backfill->place.ms;
    backfill->progress.at_ms = backfill->place.ms;
    backfill->progress.until_ms = backfill->options.until_ms;
    go_on(backfill);
}

/* Without an event there is nothing to look through. */
static void take_first(struct backfill *backfill, const cJSON *answer)
{
    const cJSON *results = cJSON_GetObjectItemCaseSensitive(answer, "results");
    const cJSON *row = cJSON_GetArrayItem(results, 0);
    const cJSON *count =
        cJSON_GetArrayItem(row, posthog_column(answer, "events"));
    const cJSON *first =
        cJSON_GetArrayItem(row, posthog_column(answer, "first_ms"));

    if (cJSON_IsNumber(count) && count->valuedouble == 0)
        backfill->place.ms = backfill->options.until_ms;
    else if (cJSON_IsNumber(first) &&
             first->valuedouble > (double)backfill->place.ms &&
             first->valuedouble < (double)backfill->options.until_ms)
        backfill->place =
            (struct row_place){.ms = (int64_t)first->valuedouble};
    else
        return;
    backfill->progress.first_ms = backfill->place.ms;
}

/* That it could not say does not matter: then all is looked through. */
static void on_first(void *ctx, const struct api_request *request,
                     const struct err *err)
{
    struct backfill *backfill = ctx;

    if (!request && !posthog_is_too_much(err->text)) {
        finish(backfill, err);
        return;
    }
    if (request)
        take_first(backfill, api_request_answer(request));
    begin(backfill);
}

static void ask_first(struct backfill *backfill)
{
    struct question question;

    buf_clear(&backfill->sql);
    event_query_first(backfill->options.query, backfill->place.ms,
                      backfill->options.until_ms, &backfill->sql);
    question = (struct question){.sql = backfill->sql.data};
    api_async_send(backfill->async, &question, on_first, backfill);
}

static void on_place(void *ctx, const char *text, const struct err *err)
{
    struct backfill *backfill = ctx;

    if (err) {
        finish(backfill, err);
        return;
    }
    if (text)
        resume(backfill, text);
    if (event_walk_stopped(backfill->walk))
        return;
    if (backfill->options.until_ms - backfill->place.ms > FAR_MS)
        ask_first(backfill);
    else
        begin(backfill);
}

static void name_selection(struct backfill *backfill)
{
    uint64_t hash = hash_text(HASH_START, backfill->options.query->where.data);

    snprintf(backfill->what, sizeof backfill->what, "%016llx",
             (unsigned long long)hash);
}

struct backfill *backfill_new(const struct backfill_options *options)
{
    struct backfill *backfill = xcalloc(1, sizeof *backfill);
    const struct event_access *access = &options->access;

    backfill->options = *options;
    backfill->place.ms = options->since_ms;
    backfill->window_ms = WINDOW_MS;
    name_selection(backfill);
    backfill->walk =
        event_walk_new(&(struct event_walk_options){.access = *access,
                                                    .name = "backfill",
                                                    .follow_clock = true,
                                                    .on_batch = on_batch,
                                                    .on_kept = on_kept,
                                                    .on_page = on_page,
                                                    .on_waiting = on_waiting,
                                                    .on_place = on_place,
                                                    .on_turn = on_turn,
                                                    .on_noted = on_noted,
                                                    .ctx = backfill});
    backfill->async =
        api_async_new(access->loop, access->client, access->posthog);
    api_async_on_waiting(backfill->async, on_waiting, backfill);
    buf_init(&backfill->sql, 2 * EVENT_QUERY_MAX);
    return backfill;
}

void backfill_stop(struct backfill *backfill)
{
    event_walk_stop(backfill->walk);
    api_async_stop(backfill->async);
}

void backfill_free(struct backfill *backfill)
{
    if (!backfill)
        return;
    event_walk_free(backfill->walk);
    api_async_free(backfill->async);
    buf_free(&backfill->sql);
    free(backfill);
}

bool backfill_project_url(const struct posthog *posthog, const char *shown,
                          struct buf *out, struct err *err)
{
    if (!posthog_project(posthog))
        return err_set(err, "which project? set project in [posthog], or "
                            "--posthog-project N, the number in its address");
    if (shown && strpbrk(shown, "\"\\ "))
        return err_set(err, "project_url: %s is no address", shown);
    if (shown)
        return buf_adds(out, shown);
    return buf_addf(out, "%s/project/%s", posthog_host(posthog),
                    posthog_project(posthog));
}
