/* A page: ask, read the rows, and then, part by part, decode them like a
 * webhook's body and keep them: the next part when the one before is in the
 * journal. rows.c and event_query.c know what the pages look like, api_async.c
 * obeys PostHog's limits. */
#include "posthog/event_pager.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "posthog/api_async.h"

#include "base/banned.h"

#define BODIES_MAX (128 * MIB)
/* Of an answer that came whole: after it twice as many events are asked for,
 * if it was that they were too long together that fewer were. */
#define SHORT_BYTES (8 * MIB)

struct event_pager {
    struct event_pager_options options;
    struct api_async *async;
    struct loop_timer *timer; /* until the next part of a page */
    bool stopped;
    struct event_page page; /* that is fetched */
    struct buf sql;         /* for it, without how many */
    unsigned limit;         /* events of a page */
    size_t bytes;           /* of its answer */
    struct row_bodies bodies;
    size_t next;       /* of these, that is to be kept */
    struct err unread; /* why the page's rows are not; "": they are */
};

static void fail(struct event_pager *pager, const struct err *err)
{
    row_bodies_free(&pager->bodies);
    pager->options.on_page(pager->options.ctx, NULL, err);
}

/* A turn of the loop for each part: what else waits has its turn between
 * them. */
static void go_on(struct event_pager *pager)
{
    if (!pager->stopped)
        loop_timer_set(pager->timer, 0);
}

static void on_kept(void *ctx, uint64_t token, struct append_result *result)
{
    struct event_pager *pager = ctx;
    struct err err = {""};
    const char *why = journal_trouble(pager->options.access.journal);

    (void)token;
    if (result->ok) {
        pager->options.on_kept(pager->options.ctx, result);
        go_on(pager);
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
    go_on(pager);
}

static bool take_body(struct event_pager *pager, const char *body, size_t len,
                      struct err *err)
{
    struct event_batch *batch = event_batch_new();
    struct arrival arrival = {.source = SOURCE_POSTHOG,
                              .received_at = clock_now_ms(),
                              .content_type = "application/json",
                              .follow_clock = pager->options.follow_clock};
    struct decoded decoded;

    if (!decode_body(pager->options.access.decoder, &arrival, body, len, batch,
                     &decoded, err)) {
        event_batch_free(batch);
        return false;
    }
    keep(pager, batch);
    return true;
}

static void end_page(struct event_pager *pager)
{
    row_bodies_free(&pager->bodies);
    pager->options.on_page(pager->options.ctx, &pager->page, NULL);
}

/* The next part of the page, or its end. */
static void on_turn(void *ctx)
{
    struct event_pager *pager = ctx;
    struct err err = {""};
    const char *body;
    size_t len;

    if (pager->next == pager->bodies.count) {
        end_page(pager);
        return;
    }
    body = row_body(&pager->bodies, pager->next++, &len);
    if (!take_body(pager, body, len, &err))
        fail(pager, &err);
}

/* A page of rows without a place would come again for ever: that is an
 * error. On another thread, where the page is large: until on_answer() nobody
 * else touches what is written here. */
static void read_rows(void *ctx, struct api_request *request)
{
    struct event_pager *pager = ctx;
    struct row_page page = {.last = pager->page.last};
    size_t len;
    const char *raw = api_request_raw(request, &len);

    pager->unread.text[0] = '\0';
    row_bodies_init(&pager->bodies, BODIES_MAX);
    if (rows_to_bodies(raw, len, pager->options.access.project_url,
                       &pager->bodies, &page, &pager->unread) &&
        page.rows && page.skipped == page.rows)
        err_set(&pager->unread, "no row of PostHog's answer can be read");
    pager->page = (struct event_page){.last = page.last,
                                      .full = page.rows >= pager->limit,
                                      .skipped = page.skipped};
    pager->bytes = len;
    cJSON_Delete(api_request_release(request)); /* the rows are enough */
}

static void ask(struct event_pager *pager);

/* Events are of any length, what is read of an answer is not. */
static bool ask_for_fewer(struct event_pager *pager)
{
    if (!api_async_too_long(pager->async) || pager->limit == 1)
        return false;
    pager->limit = pager->limit > 4 ? pager->limit / 4 : 1;
    ask(pager);
    return true;
}

static void ask_for_more(struct event_pager *pager)
{
    if (pager->bytes < SHORT_BYTES && pager->limit < EVENT_PAGE_MAX)
        pager->limit *= 2;
    if (pager->limit > EVENT_PAGE_MAX)
        pager->limit = EVENT_PAGE_MAX;
}

static void on_answer(void *ctx, const struct api_request *request,
                      const struct err *err)
{
    struct event_pager *pager = ctx;

    pager->next = 0;
    if (!request && ask_for_fewer(pager))
        return;
    if (!request) {
        fail(pager, err);
    } else if (*pager->unread.text) {
        fail(pager, &pager->unread);
    } else {
        ask_for_more(pager);
        go_on(pager);
    }
}

static void ask(struct event_pager *pager)
{
    struct question question = {.sql = NULL};
    size_t len = pager->sql.len;

    buf_addf(&pager->sql, " LIMIT %u", pager->limit);
    question.sql = pager->sql.data;
    api_async_send(pager->async, &question, on_answer, pager);
    buf_truncate(&pager->sql, len);
}

struct event_pager *event_pager_new(const struct event_pager_options *options)
{
    struct event_pager *pager = xcalloc(1, sizeof *pager);

    pager->options = *options;
    pager->limit = EVENT_PAGE_MAX;
    buf_init(&pager->sql, EVENT_QUERY_MAX + KIB);
    row_bodies_init(&pager->bodies, BODIES_MAX);
    pager->timer = loop_timer_new(options->access.loop, on_turn, pager);
    pager->async = api_async_new(options->access.loop, options->access.client,
                                 options->access.posthog);
    api_async_on_answer(pager->async, read_rows);
    api_async_on_waiting(pager->async, options->on_waiting, options->ctx);
    return pager;
}

void event_pager_stop(struct event_pager *pager)
{
    pager->stopped = true;
    loop_timer_cancel(pager->timer);
    api_async_stop(pager->async);
}

void event_pager_free(struct event_pager *pager)
{
    if (!pager)
        return;
    api_async_free(pager->async);
    loop_timer_free(pager->timer);
    row_bodies_free(&pager->bodies);
    buf_free(&pager->sql);
    free(pager);
}

void event_pager_fetch(struct event_pager *pager,
                       const struct event_query *query,
                       const struct row_place *after, int64_t until_ms)
{
    if (pager->stopped)
        return;
    pager->page = (struct event_page){.last = *after};
    buf_clear(&pager->sql);
    event_query_page(query, after, until_ms, &pager->sql);
    ask(pager);
}
