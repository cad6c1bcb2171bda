/* Asking PostHog again and again, as a chain of steps in the loop: read the
 * place, ask, perhaps ask whether it is done, decode, keep, note the place,
 * wait. One request is under way at a time. */
#include "posthog/polling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "config/secret.h"
#include "journal/db.h"
#include "posthog/rows.h"
#include "posthog/select.h"

#include "base/banned.h"

#define PAGE 1000u
#define ANSWER_MAX (64 * MIB)
#define REQUEST_MS 60000
#define DONE_LOOK_US INT64_C(1000000)
#define FURTHEST_MS INT64_C(86400000)
#define OLD_MS INT64_C(3600000)
/* PostHog sees an event a while after it happened: so much is asked for
 * again, and what was seen is left out. */
#define OVERLAP_MS INT64_C(300000)
#define SEEN 4096

struct polling {
    struct polling_options options;
    struct loop_timer *timer;
    uint64_t request; /* 0: none under way */
    bool stopped;
    bool placed;            /* the journal was asked where we were */
    char waiting_for[80];   /* id of a query that PostHog works at */
    int64_t done_ms;        /* everything before is there */
    int64_t until_ms;       /* of this round */
    struct row_place place; /* in this round */
    bool full;              /* the page was: there is more */
    struct err problem;
    struct uuid seen[SEEN];
    size_t seen_at;
};

/* What a job on the writer's thread needs; nobody else knows it. */
struct place_job {
    struct polling *polling; /* for done, on the loop's thread */
    char *project;
    int64_t ms; /* in: to write; out: what was read, 0 for nothing */
};

static void wait_for(struct polling *polling, int64_t us)
{
    if (!polling->stopped)
        loop_timer_set(polling->timer, us);
}

static void fail(struct polling *polling, unsigned wait_s,
                 const struct err *err)
{
    int64_t ms = polling->options.every_ms;

    if (strcmp(polling->problem.text, err->text))
        log_line(LOG_WARN, "asking PostHog: %s", err->text);
    polling->problem = *err;
    polling->waiting_for[0] = '\0';
    if (ms < (int64_t)wait_s * 1000)
        ms = (int64_t)wait_s * 1000;
    wait_for(polling, ms * 1000);
}

/* ---- the place ---- */

static struct place_job *job_new(struct polling *polling)
{
    struct place_job *job = xcalloc(1, sizeof *job);

    job->polling = polling;
    job->project = xstrdup(polling->options.project_url);
    job->ms = polling->done_ms;
    return job;
}

static void job_free(void *ctx)
{
    struct place_job *job = ctx;

    free(job->project);
    free(job);
}

/* The reader's name has the project in it: each has its own place. */
static bool write_place(void *ctx, sqlite3 *db, struct err *err)
{
    struct place_job *job = ctx;
    sqlite3_stmt *write = db_prepare(
        db,
        "INSERT INTO cursors (reader, seq, state, updated) VALUES ('posthog '"
        " || ?1, 0, CAST(?2 AS TEXT), ?3) ON CONFLICT DO UPDATE SET state = "
        "CAST(?2 AS TEXT), updated = ?3",
        false, err);
    bool written;

    if (!write)
        return false;
    db_bind_text(write, 1, job->project);
    sqlite3_bind_int64(write, 2, job->ms);
    sqlite3_bind_int64(write, 3, clock_now_ms());
    written = db_run(write, err);
    sqlite3_finalize(write);
    return written;
}

static bool read_place(void *ctx, sqlite3 *db, struct err *err)
{
    struct place_job *job = ctx;
    sqlite3_stmt *find =
        db_prepare(db,
                   "SELECT CAST(state AS INTEGER) FROM cursors WHERE reader = "
                   "'posthog ' || ?1",
                   false, err);

    if (!find)
        return false;
    db_bind_text(find, 1, job->project);
    job->ms =
        sqlite3_step(find) == SQLITE_ROW ? sqlite3_column_int64(find, 0) : 0;
    sqlite3_finalize(find);
    return true;
}

static void on_written(void *ctx, bool ok, const struct err *err)
{
    struct place_job *job = ctx;

    if (!ok)
        log_line(LOG_WARN, "asking PostHog: the place is not kept: %s",
                 err->text);
    job_free(job);
}

static void on_read(void *ctx, bool ok, const struct err *err)
{
    struct place_job *job = ctx;
    struct polling *polling = job->polling;

    if (ok) {
        polling->placed = true;
        polling->done_ms = job->ms;
        wait_for(polling, 0);
    } else {
        fail(polling, 0, err);
    }
    job_free(job);
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

static void drop_seen(struct polling *polling, struct event_batch *batch)
{
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

static void ask(struct polling *polling);

/* A page is kept: the next one, or the end of this round. */
static void go_on(struct polling *polling)
{
    struct place_job *job;

    polling->problem.text[0] = '\0';
    if (polling->full) {
        if (!polling->stopped)
            ask(polling);
        return;
    }
    polling->done_ms = polling->until_ms;
    job = job_new(polling);
    journal_write_owned(polling->options.journal, write_place, on_written, job,
                        job_free);
    wait_for(polling, polling->options.every_ms * 1000);
}

static void on_kept(void *ctx, uint64_t token, struct append_result *result)
{
    struct polling *polling = ctx;
    struct event_batch *batch = result->batch;
    struct err err;
    size_t fresh = 0;

    (void)token;
    if (result->ok) {
        note_seen(polling, batch);
        for (size_t i = 0; i < batch->count; i++)
            if (!(batch->events[i].flags & EVENT_DUPLICATE))
                batch->events[fresh++] = batch->events[i];
        batch->count = fresh;
        if (fresh)
            polling->options.kept(polling->options.ctx, batch);
        go_on(polling);
    } else {
        err_set(&err, "the journal cannot be written");
        fail(polling, 0, &err);
    }
    event_batch_free(batch);
}

static bool take_body(struct polling *polling, const struct buf *body,
                      struct err *err)
{
    struct event_batch *batch = event_batch_new();
    struct arrival arrival = {.source = SOURCE_POSTHOG,
                              .received_at = clock_now_ms(),
                              .content_type = "application/json"};
    struct decoded decoded;

    if (!decode_body(polling->options.decoder, &arrival, body->data, body->len,
                     batch, &decoded, err)) {
        event_batch_free(batch);
        return false;
    }
    drop_seen(polling, batch);
    if (batch->count) {
        journal_append(polling->options.journal, batch, on_kept, polling, 0);
    } else {
        event_batch_free(batch);
        go_on(polling);
    }
    return true;
}

static bool take_rows(struct polling *polling, const cJSON *answer,
                      struct err *err)
{
    struct row_page page = {.last = polling->place};
    char *text = cJSON_PrintUnformatted(answer);
    struct buf body;
    bool taken;

    if (!text)
        return err_set(err, "PostHog's answer is too large to be read");
    buf_init(&body, 2 * ANSWER_MAX);
    taken = rows_to_body(text, strlen(text), polling->options.project_url,
                         &body, &page, err);
    cJSON_free(text);
    polling->full = page.rows >= PAGE && page.skipped < page.rows;
    polling->place = page.last;
    taken = taken && take_body(polling, &body, err);
    buf_free(&body);
    return taken;
}

/* ---- asking ---- */

/* True when PostHog works at it still; the id is noted. */
static bool is_running(struct polling *polling, const cJSON *answer)
{
    const cJSON *status =
        cJSON_GetObjectItemCaseSensitive(answer, "query_status");
    const char *id =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(status, "id"));

    if (!cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(status, "complete")) ||
        cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(status, "error")) ||
        !id || strlen(id) >= sizeof polling->waiting_for ||
        id[strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                      "0123456789-_")])
        return false;
    snprintf(polling->waiting_for, sizeof polling->waiting_for, "%s", id);
    return true;
}

static void on_answer(void *ctx, const struct client_answer *came)
{
    struct polling *polling = ctx;
    struct err err = {""};
    unsigned wait_s;
    cJSON *answer =
        posthog_read(polling->options.posthog, came, &wait_s, &err);

    polling->request = 0;
    if (polling->stopped) {
        cJSON_Delete(answer);
        return;
    }
    if (answer && is_running(polling, answer)) {
        wait_for(polling, DONE_LOOK_US);
    } else {
        polling->waiting_for[0] = '\0';
        if (!answer || !take_rows(polling, answer, &err))
            fail(polling, wait_s, &err);
    }
    cJSON_Delete(answer);
}

static void send_to(struct polling *polling, const char *rest,
                    const char *body)
{
    struct buf url, authorization;
    const char *headers[] = {NULL, "Content-Type: application/json",
                             "Accept: application/json", NULL};
    struct client_request request = {
        .headers = headers,
        .body = body,
        .len = body ? strlen(body) : 0,
        .timeout_ms = REQUEST_MS,
        .max_answer = ANSWER_MAX,
    };

    buf_init(&url, 16 * KIB);
    buf_init(&authorization, 16 * KIB);
    request.allow_http =
        posthog_prepare(polling->options.posthog, rest, &url, &authorization);
    request.url = url.data;
    headers[0] = authorization.data;
    polling->request =
        client_send(polling->options.client, &request, on_answer, polling);
    secret_free(buf_take(&authorization));
    buf_free(&url);
}

static void ask(struct polling *polling)
{
    const struct decoder *decoder = polling->options.decoder;
    struct select select;
    struct err err = {""};
    struct buf sql;
    cJSON *body;
    char *text;

    if (!select_open(&select, decoder->book, decoder->catalog, &err)) {
        fail(polling, 0, &err);
        return;
    }
    buf_init(&sql, SELECT_MAX + KIB);
    select_page(&select, &polling->place, polling->until_ms, PAGE, &sql);
    body = posthog_query_body(sql.data);
    text = cJSON_PrintUnformatted(body);
    send_to(polling, "/query/", text);
    cJSON_free(text);
    cJSON_Delete(body);
    buf_free(&sql);
    select_close(&select);
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
    struct place_job *job;
    char rest[128];

    if (polling->stopped || polling->request)
        return;
    if (!polling->placed) {
        job = job_new(polling);
        journal_write_owned(polling->options.journal, read_place, on_read, job,
                            job_free);
    } else if (*polling->waiting_for) {
        snprintf(rest, sizeof rest, "/query/%s/", polling->waiting_for);
        send_to(polling, rest, NULL);
    } else {
        begin_round(polling);
    }
}

struct polling *polling_new(const struct polling_options *options)
{
    struct polling *polling = xcalloc(1, sizeof *polling);

    polling->options = *options;
    polling->timer = loop_timer_new(options->loop, on_timer, polling);
    loop_timer_set(polling->timer, 0);
    return polling;
}

void polling_stop(struct polling *polling)
{
    polling->stopped = true;
    loop_timer_cancel(polling->timer);
    if (polling->request)
        client_cancel(polling->options.client, polling->request);
    polling->request = 0;
}

void polling_free(struct polling *polling)
{
    if (!polling)
        return;
    loop_timer_free(polling->timer);
    free(polling);
}

const char *polling_problem(const struct polling *polling)
{
    return *polling->problem.text ? polling->problem.text : NULL;
}
