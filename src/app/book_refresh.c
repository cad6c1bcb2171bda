/* The service "refresh", the book on a schedule: PostHog is asked who is in
 * it, the file is written when that is another book, and the destination there
 * is made to fit or, if that was not asked for, looked at. One sequence after
 * the other, in the loop; the answer is read, compared and written by a worker,
 * since a book may be large. What goes wrong is told on the screen, and tried
 * again the next time. */
#include "app/service.h"

#include <stdlib.h>

#include "app/plan.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/worker.h"
#include "event/book_changes.h"
#include "posthog/apply.h"
#include "posthog/api_async.h"
#include "posthog/book.h"

#include "base/banned.h"

#define FIRST_MS INT64_C(60000) /* after the start */
#define AGAIN_MS CLOCK_HOUR_MS  /* after a failure */
/* A book that has lost so much is more likely a table being loaded anew. */
#define LOST_LEAST 5

/* What the worker does with an answer. */
struct take_job {
    struct worker_item item;
    struct buf csv;
    const char *path;  /* of the book's file */
    size_t had;        /* accounts in the book of now */
    struct book *book; /* what the answer says; NULL: it is not taken */
    bool changed;      /* the file was written */
    struct book_changes changes;
    struct book *old; /* to be freed */
    struct err err;
};

struct book_refresh {
    const struct service_host *host;
    struct api_async *async;
    struct loop_timer *timer;
    int64_t every_ms;

    bool asking; /* the query is open */
    struct book_query query;

    struct worker *worker;
    struct apply *apply;
    struct book *book; /* what PostHog says: apply has the names by it */
    size_t differing;  /* destinations that are not as they should be */

    struct err problem;
};

static void wait_for(struct book_refresh *refresh, int64_t ms)
{
    loop_timer_set(refresh->timer, ms * 1000);
}

static void conclude(struct book_refresh *refresh, const char *problem)
{
    int64_t ms = refresh->every_ms;

    err_set(&refresh->problem, "%s", problem ? problem : "");
    if (problem) {
        log_line(LOG_WARN, "the book from PostHog: %s", problem);
        if (ms > AGAIN_MS)
            ms = AGAIN_MS;
    }
    refresh->host->changed(refresh->host->app);
    wait_for(refresh, ms);
}

/* The destination. */

static void drop_job(struct worker_item *item)
{
    struct take_job *job = (struct take_job *)item;

    buf_free(&job->csv);
    book_free(job->book);
    book_free(job->old);
    free(job);
}

static void end_apply(struct book_refresh *refresh)
{
    struct take_job *job;

    apply_free(refresh->apply);
    refresh->apply = NULL;
    if (!refresh->book)
        return;
    job = xcalloc(1, sizeof *job);
    job->old = refresh->book;
    refresh->book = NULL;
    worker_give(refresh->worker, &job->item);
}

static void on_step(void *ctx, const char *name, enum apply_step step,
                    const char *difference)
{
    static const char *const words[] = {"is as it should be", "created",
                                        "updated", "deleted"};
    struct book_refresh *refresh = ctx;

    (void)difference;
    if (step == APPLY_SAME)
        return;
    refresh->differing++;
    if (config_flag(refresh->host->config, OPTION_posthog_update))
        log_line(LOG_NOTE, "destination \"%s\" %s", name, words[step]);
}

static void on_applied(void *ctx, const struct err *err)
{
    struct book_refresh *refresh = ctx;
    bool updates = config_flag(refresh->host->config, OPTION_posthog_update);

    end_apply(refresh);
    if (err)
        conclude(refresh, err->text);
    else if (refresh->differing && !updates)
        conclude(refresh, "the destination does not fit it: telltale "
                          "destination update");
    else
        conclude(refresh, NULL);
}

/* The plan's book is the answer's: ours may be another before the sequence is
 * over. The rest of a plan is needed only here. */
static bool plan_apply(struct book_refresh *refresh, struct err *err)
{
    const struct service_host *host = refresh->host;
    bool updates = config_flag(host->config, OPTION_posthog_update);
    struct destination_plan plan;
    struct buf name, url;

    refresh->differing = 0;
    buf_init(&name, 4 * KIB);
    buf_init(&url, 8 * KIB);
    if (plan_make(&plan, host->config, host->decode, host->tokens, &name, &url,
                  err)) {
        plan.book = refresh->book;
        refresh->apply =
            apply_new(&plan, APPLY_EXISTING | (updates ? 0 : APPLY_DRY),
                      on_step, refresh, err);
    }
    buf_free(&name);
    buf_free(&url);
    return refresh->apply != NULL;
}

/* Without an address that PostHog posts to there is none to look at. */
static void look_at_destination(struct book_refresh *refresh)
{
    struct api_sequence sequence;
    struct err err = {""};

    if (!config_text(refresh->host->config, OPTION_public_url)) {
        end_apply(refresh);
        conclude(refresh, NULL);
        return;
    }
    if (!plan_apply(refresh, &err)) {
        end_apply(refresh);
        conclude(refresh, err.text);
        return;
    }
    sequence = apply_sequence(refresh->apply);
    api_async_run(refresh->async, &sequence, on_applied, refresh);
}

/* The book. */

static bool is_plausible(size_t had, size_t has, struct err *err)
{
    if (!has)
        return err_set(err, "the query gives no accounts: the book stays as "
                            "it is");
    return had < LOST_LEAST || has >= had / 2 ||
           err_set(err,
                   "the query gives %zu accounts, %zu before: not taken; "
                   "telltale accounts pull takes them",
                   has, had);
}

/* What differs from the file, which is what ours was read from. */
static void compare(struct take_job *job)
{
    struct err why;
    struct book *before = book_load(job->path, NULL, &why);

    job->changes = book_compare(before, job->book, NULL, NULL);
    book_free(before);
}

static bool take_answer(struct take_job *job)
{
    job->book = book_read("PostHog's answer", job->csv.data, job->csv.len,
                          NULL, &job->err);
    if (!job->book ||
        !is_plausible(job->had, book_count(job->book), &job->err))
        return false;
    compare(job);
    job->changed = book_changes_any(&job->changes);
    return !job->changed || book_store(job->path, &job->csv, &job->err);
}

/* On the worker's thread. */
static void do_job(struct worker_item *item)
{
    struct take_job *job = (struct take_job *)item;

    book_free(job->old);
    job->old = NULL;
    if (job->path && !take_answer(job)) {
        book_free(job->book);
        job->book = NULL;
    }
}

static void on_taken(struct book_refresh *refresh, struct take_job *job)
{
    const struct service_host *host = refresh->host;

    if (!job->book) {
        conclude(refresh, job->err.text);
        return;
    }
    if (job->changed) {
        log_line(LOG_NOTE,
                 "the book from PostHog: %zu new, %zu gone, %zu changed",
                 job->changes.came, job->changes.went, job->changes.other);
        host->reread(host->app);
    }
    refresh->book = job->book;
    job->book = NULL;
    look_at_destination(refresh);
}

static void refresh_woken(void *self)
{
    struct book_refresh *refresh = self;
    struct worker_item *item;

    while ((item = worker_take(refresh->worker))) {
        struct take_job *job = (struct take_job *)item;

        if (job->path && !refresh->host->stopping)
            on_taken(refresh, job);
        drop_job(item);
    }
}

static void begin_take(struct book_refresh *refresh)
{
    const struct service_host *host = refresh->host;
    struct take_job *job = xcalloc(1, sizeof *job);

    job->csv = refresh->query.csv;
    buf_init(&refresh->query.csv, 0);
    job->path = config_text(host->config, OPTION_accounts);
    job->had = book_count(host->decode->book);
    worker_give(refresh->worker, &job->item);
}

static void end_query(struct book_refresh *refresh)
{
    if (refresh->asking)
        book_query_close(&refresh->query);
    refresh->asking = false;
}

static void on_book(void *ctx, const struct err *err)
{
    struct book_refresh *refresh = ctx;

    if (!err)
        begin_take(refresh);
    end_query(refresh);
    if (err)
        conclude(refresh, err->text);
}

static void on_timer(void *ctx)
{
    struct book_refresh *refresh = ctx;
    const struct config *config = refresh->host->config;
    struct api_sequence sequence;
    struct err err = {""};

    if (!book_query_open(&refresh->query,
                         config_text(config, OPTION_posthog_accounts_sql),
                         config_text(config, OPTION_posthog_owner),
                         config_text(config, OPTION_posthog_role), &err)) {
        conclude(refresh, err.text);
        return;
    }
    refresh->asking = true;
    sequence = book_query_sequence(&refresh->query);
    api_async_run(refresh->async, &sequence, on_book, refresh);
}

static void on_waiting(void *ctx, unsigned seconds)
{
    struct book_refresh *refresh = ctx;

    err_set(&refresh->problem, "%s; it asks to wait %u s",
            posthog_limit(seconds), seconds);
    refresh->host->changed(refresh->host->app);
}

static void *refresh_new(const struct service_host *host, struct err *err)
{
    struct book_refresh *refresh;

    (void)err;
    if (!host->posthog || !config_text(host->config, OPTION_posthog_refresh) ||
        !config_text(host->config, OPTION_accounts))
        return NULL;
    refresh = xcalloc(1, sizeof *refresh);
    refresh->host = host;
    refresh->every_ms = config_number(host->config, OPTION_posthog_refresh);
    return refresh;
}

static bool refresh_open(void *self, struct err *err)
{
    struct book_refresh *refresh = self;
    const struct service_host *host = refresh->host;

    (void)err;
    refresh->async =
        api_async_new(host->loop, host->client(host->app), host->posthog);
    refresh->worker = worker_new(do_job, loop_wake, host->loop);
    api_async_on_waiting(refresh->async, on_waiting, refresh);
    refresh->timer = loop_timer_new(host->loop, on_timer, refresh);
    wait_for(refresh,
             refresh->every_ms < FIRST_MS ? refresh->every_ms : FIRST_MS);
    return true;
}

static void refresh_tell(void *self, struct problems *problems)
{
    struct book_refresh *refresh = self;
    struct buf text;

    if (!refresh->problem.text[0])
        return;
    buf_init(&text, KIB);
    buf_addf(&text, "The book from PostHog: %s", refresh->problem.text);
    problem_add(problems, PROBLEM_REFRESH, '~', text.data);
    buf_free(&text);
}

static void refresh_stop(void *self)
{
    struct book_refresh *refresh = self;

    if (!refresh->async)
        return;
    loop_timer_cancel(refresh->timer);
    api_async_stop(refresh->async);
}

static void refresh_free(void *self)
{
    struct book_refresh *refresh = self;

    api_async_free(refresh->async);
    if (refresh->timer)
        loop_timer_free(refresh->timer);
    end_query(refresh);
    apply_free(refresh->apply);
    book_free(refresh->book);
    worker_free(refresh->worker, drop_job);
    free(refresh);
}

const struct service service_refresh = {.new = refresh_new,
                                        .open = refresh_open,
                                        .woken = refresh_woken,
                                        .tell = refresh_tell,
                                        .stop = refresh_stop,
                                        .free = refresh_free};
