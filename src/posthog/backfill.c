/* The loop of a backfill: ask for a page, decode it, keep it, note the place.
 * It blocks, owns the journal while it runs, and has no screen; rows.c and
 * select.c know what the pages look like, api.c obeys PostHog's limits. */
#include "posthog/backfill.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "journal/db.h"
#include "journal/journal.h"
#include "posthog/rows.h"

#include "base/banned.h"

#define PAGE 1000u
#define BODY_MAX (128 * MIB)
/* One query looks at no more than a day: PostHog stops it after 10 s, and
 * then less is asked for, down to an hour. */
#define WINDOW_MS INT64_C(86400000)
#define WINDOW_LEAST_MS INT64_C(3600000)
/* 240 queries a minute are allowed. */
#define PACE_US INT64_C(250000)

struct backfill {
    const struct backfill_options *options;
    struct backfill_progress *progress;
    struct journal *journal;
    struct row_place place;
    int64_t window_ms; /* a query looks at so much */
    char what[17];     /* tells one selection from another */
    int64_t asked_us;  /* when the last query began */

    /* Stands in for a loop: the journal's threads say when to look. */
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    bool awake;
    bool done, ok; /* of the one thing that is waited for */
    struct err err;
};

/* ---- the journal ---- */

static void wake(void *ctx)
{
    struct backfill *backfill = ctx;

    pthread_mutex_lock(&backfill->mutex);
    backfill->awake = true;
    pthread_cond_signal(&backfill->woken);
    pthread_mutex_unlock(&backfill->mutex);
}

static bool wait_done(struct backfill *backfill)
{
    while (!backfill->done) {
        pthread_mutex_lock(&backfill->mutex);
        while (!backfill->awake)
            pthread_cond_wait(&backfill->woken, &backfill->mutex);
        backfill->awake = false;
        pthread_mutex_unlock(&backfill->mutex);
        journal_drain(backfill->journal);
    }
    return backfill->ok;
}

static void on_kept(void *ctx, uint64_t token, struct append_result *result)
{
    struct backfill *backfill = ctx;

    (void)token;
    if (result->ok) {
        backfill->progress->events += result->fresh;
        backfill->progress->duplicates += result->duplicates;
    }
    backfill->ok = result->ok;
    backfill->done = true;
    event_batch_free(result->batch);
}

/* Takes the batch over. */
static bool keep(struct backfill *backfill, struct event_batch *batch,
                 struct err *err)
{
    const char *why;

    if (!batch->count) {
        event_batch_free(batch);
        return true;
    }
    for (size_t i = 0; i < batch->count; i++)
        batch->events[i].flags |= EVENT_BACKFILLED;
    backfill->done = false;
    journal_append(backfill->journal, batch, on_kept, backfill, 0);
    if (wait_done(backfill))
        return true;
    why = journal_trouble(backfill->journal);
    return err_set(err, "the journal cannot be written: %s",
                   why ? why : "it does not say why");
}

static void on_job(void *ctx, bool ok, const struct err *err)
{
    struct backfill *backfill = ctx;

    backfill->ok = ok;
    backfill->err = *err;
    backfill->done = true;
}

static bool do_job(struct backfill *backfill, writer_job *job, struct err *err)
{
    backfill->done = false;
    journal_write(backfill->journal, job, on_job, backfill);
    return wait_done(backfill) || err_set(err, "%s", backfill->err.text);
}

/* ---- the place ---- */

static void put_state(const struct backfill *backfill, struct buf *out)
{
    const struct backfill_options *options = backfill->options;

    buf_addf(out,
             "{\"project\":\"%s\",\"what\":\"%s\",\"since\":%lld,\"ms\":%lld,"
             "\"uuid\":\"%s\",\"done\":%s}",
             options->project_url, backfill->what,
             (long long)options->since_ms, (long long)backfill->place.ms,
             backfill->place.uuid,
             backfill->place.ms >= options->until_ms ? "true" : "false");
}

/* On the writer's thread; the loop's waits. */
static bool write_place(void *ctx, sqlite3 *db, struct err *err)
{
    struct backfill *backfill = ctx;
    sqlite3_stmt *write =
        db_prepare(db,
                   "INSERT INTO cursors (reader, seq, state, updated) VALUES "
                   "('backfill', 0, ?1, ?2) ON CONFLICT DO UPDATE SET "
                   "state = ?1, updated = ?2",
                   false, err);
    struct buf state;
    bool written;

    if (!write)
        return false;
    buf_init(&state, LIMIT_TEXT);
    put_state(backfill, &state);
    db_bind_text(write, 1, state.data);
    sqlite3_bind_int64(write, 2, clock_now_ms());
    written = db_run(write, err);
    sqlite3_finalize(write);
    buf_free(&state);
    return written;
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

    if (is_text(state, "project", backfill->options->project_url) &&
        is_text(state, "what", backfill->what) &&
        cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(state, "done")) &&
        since <= (double)backfill->options->since_ms &&
        ms > (double)backfill->options->since_ms &&
        ms < (double)backfill->options->until_ms) {
        backfill->place = (struct row_place){.ms = (int64_t)ms};
        if (uuid && uuid_parse(uuid, strlen(uuid), &parsed))
            uuid_format(&parsed, backfill->place.uuid);
    }
    cJSON_Delete(state);
}

static bool read_place(void *ctx, sqlite3 *db, struct err *err)
{
    struct backfill *backfill = ctx;
    sqlite3_stmt *find =
        db_prepare(db, "SELECT state FROM cursors WHERE reader = 'backfill'",
                   false, err);

    if (!find)
        return false;
    if (sqlite3_step(find) == SQLITE_ROW && sqlite3_column_text(find, 0))
        resume(backfill, (const char *)sqlite3_column_text(find, 0));
    sqlite3_finalize(find);
    return true;
}

/* ---- pages ---- */

static void keep_pace(struct backfill *backfill)
{
    int64_t left = backfill->asked_us + PACE_US - clock_mono_us();

    if (backfill->asked_us && left > 0) {
        struct timespec pause = {.tv_nsec = (long)left * 1000};

        nanosleep(&pause, NULL);
    }
    backfill->asked_us = clock_mono_us();
}

/* The answer of a query as text that the caller frees. */
static char *ask(struct backfill *backfill, int64_t until_ms, unsigned limit,
                 struct err *err)
{
    struct buf sql;
    cJSON *answer;
    char *text = NULL;

    buf_init(&sql, SELECT_MAX + KIB);
    select_page(backfill->options->select, &backfill->place, until_ms, limit,
                &sql);
    keep_pace(backfill);
    answer = posthog_query(backfill->options->posthog, sql.data, err);
    if (answer) {
        text = cJSON_PrintUnformatted(answer);
        if (!text)
            err_set(err, "PostHog's answer is too large to be read");
    }
    cJSON_Delete(answer);
    buf_free(&sql);
    return text;
}

static bool take_body(struct backfill *backfill, const struct buf *body,
                      struct err *err)
{
    struct event_batch *batch = event_batch_new();
    struct arrival arrival = {.source = SOURCE_POSTHOG,
                              .received_at = clock_now_ms(),
                              .content_type = "application/json",
                              .follow_clock = true};
    struct decoded decoded;

    if (decode_body(backfill->options->decoder, &arrival, body->data,
                    body->len, batch, &decoded, err))
        return keep(backfill, batch, err);
    event_batch_free(batch);
    return false;
}

/* One page; *full when there may be more before until_ms. A page of rows
 * without a place would come again for ever: that is an error. */
static bool take_page(struct backfill *backfill, int64_t until_ms, bool *full,
                      struct err *err)
{
    unsigned limit = backfill->options->page ? backfill->options->page : PAGE;
    struct row_page page = {.last = backfill->place};
    char *answer = ask(backfill, until_ms, limit, err);
    struct buf body;
    bool taken;

    if (!answer)
        return false;
    buf_init(&body, BODY_MAX);
    taken = rows_to_body(answer, strlen(answer),
                         backfill->options->project_url, &body, &page, err) &&
            take_body(backfill, &body, err);
    buf_free(&body);
    cJSON_free(answer);
    if (!taken)
        return false;
    if (page.rows && page.skipped == page.rows)
        return err_set(err, "no row of PostHog's answer can be read");
    backfill->progress->skipped += page.skipped;
    backfill->place = page.last;
    *full = page.rows >= limit;
    return true;
}

static bool take_window(struct backfill *backfill, struct err *err)
{
    int64_t until = backfill->place.ms + backfill->window_ms;
    bool full = true;

    if (until > backfill->options->until_ms)
        until = backfill->options->until_ms;
    while (full) {
        if (!take_page(backfill, until, &full, err))
            return false;
        if (!full)
            backfill->place = (struct row_place){.ms = until};
        if (!do_job(backfill, write_place, err))
            return false;
        backfill->progress->at_ms = backfill->place.ms;
        if (backfill->options->progress)
            backfill->options->progress(backfill->options->ctx,
                                        backfill->progress);
    }
    return true;
}

/* What PostHog says of a query that it stopped, or would not begin. */
static bool is_too_slow(const struct err *err)
{
    return strstr(err->text, "execution time") || strstr(err->text, "memory");
}

static bool take_all(struct backfill *backfill, struct err *err)
{
    const struct backfill_options *options = backfill->options;

    if (!do_job(backfill, read_place, err))
        return false;
    *backfill->progress =
        (struct backfill_progress){.from_ms = backfill->place.ms,
                                   .at_ms = backfill->place.ms,
                                   .until_ms = options->until_ms};
    while (backfill->place.ms < options->until_ms) {
        if (take_window(backfill, err))
            continue;
        if (!is_too_slow(err) || backfill->window_ms <= WINDOW_LEAST_MS)
            return false;
        backfill->window_ms /= 2;
    }
    return true;
}

/* ---- the whole ---- */

/* FNV-1a. */
static void name_selection(struct backfill *backfill)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (const char *at = backfill->options->select->where.data; *at; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
    snprintf(backfill->what, sizeof backfill->what, "%016llx",
             (unsigned long long)hash);
}

bool backfill_run(const struct backfill_options *options,
                  struct backfill_progress *progress, struct err *err)
{
    struct backfill backfill = {.options = options,
                                .progress = progress,
                                .place = {.ms = options->since_ms},
                                .window_ms = WINDOW_MS};
    struct journal_options journal = {.path = options->journal,
                                      .wake = wake,
                                      .wake_ctx = &backfill};
    bool all = false;

    memset(progress, 0, sizeof *progress);
    name_selection(&backfill);
    pthread_mutex_init(&backfill.mutex, NULL);
    pthread_cond_init(&backfill.woken, NULL);
    backfill.journal = journal_open(&journal, NULL, err);
    if (backfill.journal) {
        all = take_all(&backfill, err);
        journal_close(backfill.journal);
    }
    pthread_cond_destroy(&backfill.woken);
    pthread_mutex_destroy(&backfill.mutex);
    return all;
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
