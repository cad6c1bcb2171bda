/* The service "backfill": one while the program runs, asked for at the start
 * or by another process over the control socket: it is one more thing in the
 * loop. What it brings is the past: neither news nor sent on, and on the
 * screen once all is there. */
#include "app/backfill_job.h"

#include <stdlib.h>

#include <cjson/cJSON.h>

#include "app/service.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "posthog/backfill.h"

#include "base/banned.h"

/* One run. */
struct backfill_job {
    struct backfill_job *older; /* over: the journal may still tell it */
    const struct service_host *host;
    struct event_query query;
    struct backfill *backfill;
    struct backfill_progress progress;
    unsigned waiting_s; /* PostHog asked for that; 0: it did not */
    bool running;
    uint64_t last_seq; /* of what it brought */
    struct err err;    /* why it ended early */
};

struct backfill_service {
    const struct service_host *host;
    struct backfill_job *newest; /* NULL: none so far */
};

static void free_one(struct backfill_job *run)
{
    backfill_free(run->backfill);
    event_query_close(&run->query);
    free(run);
}

static void on_kept(void *ctx, const struct event_batch *batch)
{
    struct backfill_job *run = ctx;

    if (batch->fresh)
        run->last_seq = batch->events[batch->fresh - 1].seq;
    run->host->past(run->host->app, batch);
}

static void show_past(struct backfill_job *run)
{
    if (run->progress.events && !run->host->stopping)
        run->host->past_complete(run->host->app, run->last_seq,
                                 run->progress.events);
}

static void changed(struct backfill_job *run)
{
    run->host->changed(run->host->app);
}

static void on_progress(void *ctx, const struct backfill_progress *progress)
{
    struct backfill_job *run = ctx;

    run->progress = *progress;
    run->waiting_s = 0;
    changed(run);
}

static void on_waiting(void *ctx, unsigned seconds)
{
    struct backfill_job *run = ctx;

    run->waiting_s = seconds;
    changed(run);
}

static void on_done(void *ctx, const struct backfill_progress *progress,
                    const struct err *err)
{
    struct backfill_job *run = ctx;

    run->progress = *progress;
    run->running = false;
    if (err)
        run->err = *err;
    log_line(err ? LOG_WARN : LOG_NOTE, "backfill: %zu events%s%s",
             progress->events, err ? ", then: " : "", err ? err->text : "");
    show_past(run);
    changed(run);
}

static bool begin(struct backfill_service *service, int64_t since_ms,
                  int64_t until_ms, struct err *err)
{
    const struct service_host *host = service->host;
    const struct decoder *decoder = &host->decode->decoder;
    struct backfill_job *run = xcalloc(1, sizeof *run);
    struct backfill_options options = {
        .access = {.loop = host->loop,
                   .client = host->client(host->app),
                   .journal = host->journal,
                   .posthog = host->posthog,
                   .decoder = decoder,
                   .project_url = host->project_url},
        .query = &run->query,
        .since_ms = since_ms,
        .until_ms = until_ms,
        .on_kept = on_kept,
        .on_progress = on_progress,
        .on_waiting = on_waiting,
        .on_done = on_done,
        .ctx = run,
    };

    if (!event_query_open(&run->query, decoder,
                          posthog_group_index(host->posthog), err)) {
        free(run);
        return false;
    }
    run->host = host;
    run->running = true;
    run->backfill = backfill_new(&options);
    run->older = service->newest;
    service->newest = run;
    return true;
}

bool backfill_job_begin(void *self, int64_t since_ms, int64_t until_ms,
                        struct err *err)
{
    struct backfill_service *service = self;

    if (service->newest && service->newest->running)
        return err_set(err, "a backfill is under way already");
    return begin(service, since_ms, until_ms, err);
}

static const struct backfill_job *newest(const void *self)
{
    return self ? ((const struct backfill_service *)self)->newest : NULL;
}

size_t backfill_job_left_out(const void *self)
{
    const struct backfill_job *run = newest(self);

    return run ? run->query.left_out : 0;
}

/* How far it is. */
static void backfill_tell(void *self, struct problems *problems)
{
    const struct backfill_job *run = newest(self);
    char at[CLOCK_DATE_SIZE];
    struct buf line;

    if (!run || !run->running)
        return;
    buf_init(&line, 256);
    buf_adds(&line, "Fetching the past from PostHog");
    if (run->progress.at_ms) {
        clock_date(run->progress.at_ms, at);
        buf_addf(&line, ", up to %s: %zu %s", at, run->progress.events,
                 run->progress.events == 1 ? "event" : "events");
    }
    if (run->waiting_s)
        buf_addf(&line, "; it asks to wait %u s", run->waiting_s);
    buf_adds(&line, ". Receiving goes on.");
    problem_add(problems, PROBLEM_BACKFILL, '~', line.data);
    buf_free(&line);
}

void backfill_job_progress(const void *self, struct cJSON *reply)
{
    const struct backfill_job *run = newest(self);

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

void backfill_job_stop(void *self)
{
    struct backfill_service *service = self;
    struct backfill_job *run = service ? service->newest : NULL;

    if (!run || !run->running)
        return;
    backfill_stop(run->backfill);
    run->running = false;
    err_set(&run->err, "stopped");
    show_past(run);
}

static void *backfill_service_new(const struct service_host *host,
                                  struct err *err)
{
    struct backfill_service *service;

    (void)err;
    if (!host->posthog)
        return NULL;
    service = xcalloc(1, sizeof *service);
    service->host = host;
    return service;
}

static void backfill_service_free(void *self)
{
    struct backfill_service *service = self;

    while (service->newest) {
        struct backfill_job *run = service->newest;

        service->newest = run->older;
        free_one(run);
    }
    free(service);
}

const struct service service_backfill = {.new = backfill_service_new,
                                         .tell = backfill_tell,
                                         .stop = backfill_job_stop,
                                         .free = backfill_service_free};
