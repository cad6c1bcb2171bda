/* A backfill while the app runs, asked for at the start or by another process
 * over the control socket: it is one more thing in the loop. What it brings
 * is the past: neither news nor sent on, and on the screen once all is
 * there. */
#include "app/internal.h"

#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "posthog/backfill.h"

#include "base/banned.h"

struct backfilled {
    struct backfilled *older; /* stopped: the journal may still tell them */
    struct app *app;
    struct select select;
    struct backfill *backfill;
    struct backfill_progress progress;
    unsigned waiting_s; /* PostHog asked for that; 0: it did not */
    bool running;
    uint64_t last_seq; /* of what it brought */
    struct err err;    /* why it ended early */
};

static void free_one(struct backfilled *run)
{
    backfill_free(run->backfill);
    select_close(&run->select);
    free(run);
}

static void on_kept(void *ctx, const struct event_batch *batch)
{
    struct backfilled *run = ctx;

    for (size_t i = 0; i < batch->count; i++) {
        const struct event *event = &batch->events[i];

        if (event->flags & EVENT_DUPLICATE)
            continue;
        if (run->app->tally)
            tally_add(run->app->tally, event, false);
        run->last_seq = event->seq;
    }
}

/* All that was told so far, and nothing that will be: what is committed
 * meanwhile has a higher seq, and comes live. */
static void show_past(struct backfilled *run)
{
    struct app *app = run->app;

    if (run->progress.events && !app->stopping)
        history_restart(app,
                        run->last_seq > app->kept_seq ? run->last_seq
                                                      : app->kept_seq,
                        run->progress.events);
}

static void on_progress(void *ctx, const struct backfill_progress *progress)
{
    struct backfilled *run = ctx;

    run->progress = *progress;
    run->waiting_s = 0;
    app_changed(run->app);
}

static void on_waiting(void *ctx, unsigned seconds)
{
    struct backfilled *run = ctx;

    run->waiting_s = seconds;
    app_changed(run->app);
}

static void on_done(void *ctx, const struct backfill_progress *progress,
                    const struct err *err)
{
    struct backfilled *run = ctx;

    run->progress = *progress;
    run->running = false;
    if (err)
        run->err = *err;
    log_line(err ? LOG_WARN : LOG_NOTE, "backfill: %zu events%s%s",
             progress->events, err ? ", then: " : "", err ? err->text : "");
    show_past(run);
    app_changed(run->app);
}

static bool begin(struct app *app, int64_t since_ms, int64_t until_ms,
                  struct err *err)
{
    const struct decoder *decoder = &app->parts.decoder;
    struct backfilled *run = xcalloc(1, sizeof *run);
    struct backfill_options options = {
        .loop = app->loop,
        .client = app_client(app),
        .journal = app->journal,
        .posthog = app->posthog,
        .decoder = decoder,
        .select = &run->select,
        .project_url = app->posthog_url,
        .since_ms = since_ms,
        .until_ms = until_ms,
        .kept = on_kept,
        .progress = on_progress,
        .waiting = on_waiting,
        .done = on_done,
        .ctx = run,
    };

    if (!select_open(&run->select, decoder, posthog_group_index(app->posthog),
                     err)) {
        free(run);
        return false;
    }
    run->app = app;
    run->running = true;
    run->backfill = backfill_new(&options);
    run->older = app->backfilled;
    app->backfilled = run;
    return true;
}

bool app_backfill(struct app *app, int64_t since_ms, int64_t until_ms,
                  struct err *err)
{
    if (!app->posthog)
        return err_set(err,
                       "telltale %s knows no PostHog: telltale setup, then "
                       "start it again",
                       app->options.command);
    if (app->backfilled && app->backfilled->running)
        return err_set(err, "a backfill is under way already");
    return begin(app, since_ms, until_ms, err);
}

size_t backfilled_left_out(const struct app *app)
{
    return app->backfilled ? app->backfilled->select.left_out : 0;
}

bool backfilled_line(const struct app *app, struct buf *out)
{
    const struct backfilled *run = app->backfilled;
    char at[CLOCK_ISO_SIZE];

    if (!run || !run->running)
        return false;
    buf_adds(out, "Fetching the past from PostHog");
    if (run->progress.at_ms) {
        clock_format_iso(run->progress.at_ms, at);
        buf_addf(out, ", up to %.10s: %zu %s", at, run->progress.events,
                 run->progress.events == 1 ? "event" : "events");
    }
    if (run->waiting_s)
        buf_addf(out, "; it asks to wait %u s", run->waiting_s);
    buf_adds(out, ". Receiving goes on.");
    return true;
}

void backfilled_tell(const struct app *app, struct cJSON *reply)
{
    const struct backfilled *run = app->backfilled;

    cJSON_AddBoolToObject(reply, "running", run && run->running);
    if (!run)
        return;
    cJSON_AddNumberToObject(reply, "from", (double)run->progress.from_ms);
    cJSON_AddNumberToObject(reply, "at", (double)run->progress.at_ms);
    cJSON_AddNumberToObject(reply, "until", (double)run->progress.until_ms);
    cJSON_AddNumberToObject(reply, "events", (double)run->progress.events);
    cJSON_AddNumberToObject(reply, "duplicates",
                            (double)run->progress.duplicates);
    cJSON_AddNumberToObject(reply, "skipped", (double)run->progress.skipped);
    cJSON_AddNumberToObject(reply, "waiting", run->waiting_s);
    if (run->err.text[0])
        cJSON_AddStringToObject(reply, "error", run->err.text);
}

void backfilled_stop(struct app *app)
{
    struct backfilled *run = app->backfilled;

    if (!run || !run->running)
        return;
    backfill_stop(run->backfill);
    run->running = false;
    err_set(&run->err, "stopped");
    show_past(run);
}

void backfilled_free(struct app *app)
{
    while (app->backfilled) {
        struct backfilled *run = app->backfilled;

        app->backfilled = run->older;
        free_one(run);
    }
}
