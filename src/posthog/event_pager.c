/* A page: ask, read the rows, decode them like a webhook's body, keep them.
 * rows.c and event_query.c know what the pages look like, api_async.c obeys
 * PostHog's limits. */
#include "posthog/event_pager.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "posthog/api_async.h"

#include "base/banned.h"

#define BODY_MAX (128 * MIB)

struct event_pager {
    struct event_pager_options options;
    struct api_async *async;
    bool stopped;
    struct event_page page; /* that is fetched */
};

static void fail(struct event_pager *pager, const struct err *err)
{
    pager->options.on_page(pager->options.ctx, NULL, err);
}

static void on_kept(void *ctx, uint64_t token, struct append_result *result)
{
    struct event_pager *pager = ctx;
    struct err err = {""};
    const char *why = journal_trouble(pager->options.access.journal);

    (void)token;
    pager->page.events = result->fresh;
    pager->page.duplicates = result->duplicates;
    pager->page.batch = result->batch;
    if (result->ok) {
        pager->options.on_page(pager->options.ctx, &pager->page, NULL);
    } else {
        err_set(&err, "the journal cannot be written: %s",
                why ? why : "it does not say why");
        fail(pager, &err);
    }
    event_batch_free(result->batch);
}

/* Takes the batch over. */
static void keep(struct event_pager *pager, struct event_batch *batch)
{
    pager->options.on_batch(pager->options.ctx, batch);
    if (batch->count) {
        journal_append(pager->options.access.journal, batch, on_kept, pager,
                       0);
        return;
    }
    event_batch_free(batch);
    pager->options.on_page(pager->options.ctx, &pager->page, NULL);
}

static bool take_body(struct event_pager *pager, const struct buf *body,
                      struct err *err)
{
    struct event_batch *batch = event_batch_new();
    struct arrival arrival = {.source = SOURCE_POSTHOG,
                              .received_at = clock_now_ms(),
                              .content_type = "application/json",
                              .follow_clock = pager->options.follow_clock};
    struct decoded decoded;

    if (!decode_body(pager->options.access.decoder, &arrival, body->data,
                     body->len, batch, &decoded, err)) {
        event_batch_free(batch);
        return false;
    }
    keep(pager, batch);
    return true;
}

/* A page of rows without a place would come again for ever: that is an
 * error. */
static bool take_rows(struct event_pager *pager,
                      const struct api_request *request, struct err *err)
{
    struct row_page page = {.last = pager->page.last};
    size_t len;
    const char *raw = api_request_raw(request, &len);
    struct buf body;
    bool taken;

    buf_init(&body, BODY_MAX);
    taken = rows_to_body(raw, len, pager->options.access.project_url, &body,
                         &page, err);
    if (taken && page.rows && page.skipped == page.rows)
        taken = err_set(err, "no row of PostHog's answer can be read");
    pager->page = (struct event_page){.last = page.last,
                                      .full = page.rows >= EVENT_PAGE_MAX,
                                      .skipped = page.skipped};
    taken = taken && take_body(pager, &body, err);
    buf_free(&body);
    return taken;
}

static void on_answer(void *ctx, const struct api_request *request,
                      const struct err *err)
{
    struct event_pager *pager = ctx;
    struct err why = {""};

    if (!request)
        fail(pager, err);
    else if (!take_rows(pager, request, &why))
        fail(pager, &why);
}

struct event_pager *event_pager_new(const struct event_pager_options *options)
{
    struct event_pager *pager = xcalloc(1, sizeof *pager);

    pager->options = *options;
    pager->async = api_async_new(options->access.loop, options->access.client,
                                 options->access.posthog);
    api_async_on_waiting(pager->async, options->on_waiting, options->ctx);
    return pager;
}

void event_pager_stop(struct event_pager *pager)
{
    pager->stopped = true;
    api_async_stop(pager->async);
}

void event_pager_free(struct event_pager *pager)
{
    if (!pager)
        return;
    api_async_free(pager->async);
    free(pager);
}

void event_pager_fetch(struct event_pager *pager,
                       const struct event_query *query,
                       const struct row_place *after, int64_t until_ms)
{
    struct question question = {.sql = NULL};
    struct buf sql;

    if (pager->stopped)
        return;
    pager->page = (struct event_page){.last = *after};
    buf_init(&sql, EVENT_QUERY_MAX + KIB);
    event_query_page(query, after, until_ms, EVENT_PAGE_MAX, &sql);
    question.sql = sql.data;
    api_async_send(pager->async, &question, on_answer, pager);
    buf_free(&sql);
}
