/* A page: ask, read the rows, decode them like a webhook's body, keep them.
 * rows.c and select.c know what the pages look like, api_async.c obeys PostHog's
 * limits. */
#include "posthog/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "posthog/api_async.h"

#include "base/banned.h"

#define BODY_MAX (128 * MIB)

struct past {
    struct past_options options;
    struct api_async *async;
    bool stopped;
    struct past_page page; /* that is turned */
};

static void fail(struct past *past, const struct err *err)
{
    past->options.turned(past->options.ctx, NULL, err);
}

static void on_kept(void *ctx, uint64_t token, struct append_result *result)
{
    struct past *past = ctx;
    struct err err = {""};
    const char *why = journal_trouble(past->options.journal);

    (void)token;
    past->page.events = result->fresh;
    past->page.duplicates = result->duplicates;
    past->page.batch = result->batch;
    if (result->ok) {
        past->options.turned(past->options.ctx, &past->page, NULL);
    } else {
        err_set(&err, "the journal cannot be written: %s",
                why ? why : "it does not say why");
        fail(past, &err);
    }
    event_batch_free(result->batch);
}

/* Takes the batch over. */
static void keep(struct past *past, struct event_batch *batch)
{
    if (past->options.prepare)
        past->options.prepare(past->options.ctx, batch);
    if (batch->count) {
        journal_append(past->options.journal, batch, on_kept, past, 0);
        return;
    }
    event_batch_free(batch);
    past->options.turned(past->options.ctx, &past->page, NULL);
}

static bool take_body(struct past *past, const struct buf *body,
                      struct err *err)
{
    struct event_batch *batch = event_batch_new();
    struct arrival arrival = {.source = SOURCE_POSTHOG,
                              .received_at = clock_now_ms(),
                              .content_type = "application/json",
                              .follow_clock = past->options.follow_clock};
    struct decoded decoded;

    if (!decode_body(past->options.decoder, &arrival, body->data, body->len,
                     batch, &decoded, err)) {
        event_batch_free(batch);
        return false;
    }
    keep(past, batch);
    return true;
}

/* A page of rows without a place would come again for ever: that is an
 * error. */
static bool take_rows(struct past *past, const struct api_request *request,
                      struct err *err)
{
    struct row_page page = {.last = past->page.last};
    size_t len;
    const char *raw = api_request_raw(request, &len);
    struct buf body;
    bool taken;

    buf_init(&body, BODY_MAX);
    taken =
        rows_to_body(raw, len, past->options.project_url, &body, &page, err);
    if (taken && page.rows && page.skipped == page.rows)
        taken = err_set(err, "no row of PostHog's answer can be read");
    past->page = (struct past_page){.last = page.last,
                                    .full = page.rows >= PAST_PAGE,
                                    .skipped = page.skipped};
    taken = taken && take_body(past, &body, err);
    buf_free(&body);
    return taken;
}

static void on_answer(void *ctx, const struct api_request *request,
                      const struct err *err)
{
    struct past *past = ctx;
    struct err why = {""};

    if (!request)
        fail(past, err);
    else if (!take_rows(past, request, &why))
        fail(past, &why);
}

struct past *past_new(const struct past_options *options)
{
    struct past *past = xcalloc(1, sizeof *past);

    past->options = *options;
    past->async =
        api_async_new(options->loop, options->client, options->posthog);
    if (options->waiting)
        api_async_on_waiting(past->async, options->waiting, options->ctx);
    return past;
}

void past_stop(struct past *past)
{
    past->stopped = true;
    api_async_stop(past->async);
}

void past_free(struct past *past)
{
    if (!past)
        return;
    api_async_free(past->async);
    free(past);
}

void past_turn(struct past *past, const struct select *select,
               const struct row_place *after, int64_t until_ms)
{
    struct question question = {.sql = NULL};
    struct buf sql;

    if (past->stopped)
        return;
    past->page = (struct past_page){.last = *after};
    buf_init(&sql, SELECT_MAX + KIB);
    select_page(select, after, until_ms, PAST_PAGE, &sql);
    question.sql = sql.data;
    api_async_send(past->async, &question, on_answer, past);
    buf_free(&sql);
}
