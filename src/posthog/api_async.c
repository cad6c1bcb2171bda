/* A request, sent by the loop's client and waited for by a timer; what is
 * large is read by a worker, since JSON of some megabytes would hold up the
 * loop. And sequences, which are a question after the other. */
#include "posthog/api_async.h"

#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/worker.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

/* A large answer: the worker's until worker_take(). */
struct reading {
    struct worker_item item;
    struct api_request request;
    struct client_answer came;
    struct buf body; /* of that */
    void (*prepare)(void *ctx, struct api_request *request);
    void *ctx;
    enum api_step step;
    struct err err;
    bool dropped; /* nobody asks for it any more: the loop's */
};

struct api_async {
    struct loop *loop;
    struct client *client;
    const struct posthog *posthog;
    posthog_waiting *waiting;
    void *waiting_ctx;

    struct loop_timer *timer; /* until it is asked again */
    uint64_t sent;            /* 0: none under way */
    bool open;                /* the request is */
    struct worker *worker;    /* NULL: nothing was large so far */
    struct reading *reading;  /* has the request; NULL: none */
    void (*prepare)(void *ctx, struct api_request *request);
    int status;    /* of the last answer */
    bool too_long; /* it was */
    struct api_request request;
    struct err err; /* why there is no request to open */
    api_async_done *done;
    void *ctx;

    struct api_sequence sequence; /* that runs, if on_end is set */
    void (*on_end)(void *ctx, const struct err *err);
    void *end_ctx;
};

/* The request is moved out first: done may ask the next question. */
static void conclude(struct api_async *async, bool answered,
                     const struct err *err)
{
    struct api_request request = async->request;
    bool was_open = async->open;

    async->open = false;
    async->done(async->ctx, answered ? &request : NULL, err);
    if (was_open)
        api_request_close(&request);
}

/* What the request took is taken. */
static void settle(struct api_async *async, enum api_step step,
                   const struct err *err)
{
    unsigned wait_ms = api_request_wait_ms(&async->request);

    if (step != API_AGAIN) {
        conclude(async, step == API_ANSWERED, err);
        return;
    }
    loop_timer_set(async->timer, (int64_t)wait_ms * 1000);
    if (async->waiting && api_request_throttled(&async->request))
        async->waiting(async->waiting_ctx, (wait_ms + 999) / 1000);
}

/* On the worker's thread, or on the loop's. */
static enum api_step
take(struct api_request *request, const struct client_answer *came,
     void (*prepare)(void *ctx, struct api_request *request), void *ctx,
     struct err *err)
{
    enum api_step step = api_request_take(request, came, err);

    if (step == API_ANSWERED && prepare)
        prepare(ctx, request);
    return step;
}

static void read_large(struct worker_item *item)
{
    struct reading *reading = (struct reading *)item;

    reading->step = take(&reading->request, &reading->came, reading->prepare,
                         reading->ctx, &reading->err);
}

static void drop_reading(struct worker_item *item)
{
    struct reading *reading = (struct reading *)item;

    api_request_close(&reading->request);
    buf_free(&reading->body);
    free(reading);
}

/* Its caller may free async; the bytes live as long as that call. */
static void finish(struct api_async *async, struct reading *reading)
{
    async->request = reading->request;
    async->reading = NULL;
    settle(async, reading->step, &reading->err);
    buf_free(&reading->body);
    free(reading);
}

static void on_wake(void *ctx)
{
    struct api_async *async = ctx;
    struct reading *reading, *wanted = NULL;
    struct worker_item *item;

    while ((item = worker_take(async->worker))) {
        reading = (struct reading *)item;
        if (reading->dropped)
            drop_reading(item);
        else
            wanted = reading;
    }
    if (wanted)
        finish(async, wanted);
}

/* The request goes with it. */
static void give_worker(struct api_async *async,
                        const struct client_answer *came)
{
    struct reading *reading = xcalloc(1, sizeof *reading);

    *reading = (struct reading){.request = async->request,
                                .came = *came,
                                .prepare = async->prepare,
                                .ctx = async->ctx};
    buf_init(&reading->body, came->len + 1);
    buf_add(&reading->body, came->body, came->len);
    reading->came.body = reading->body.data;
    reading->came.error = "";
    async->reading = reading;
    if (!async->worker) {
        async->worker = worker_new(read_large, loop_wake, async->loop);
        loop_on_wake(async->loop, on_wake, async);
    }
    worker_give(async->worker, &reading->item);
}

static bool is_large(const struct client_answer *came)
{
    return came->outcome == CLIENT_ANSWERED && came->status == 200 &&
           came->len > LIMIT_DECODE_INLINE && !came->too_long;
}

static void on_answer(void *ctx, const struct client_answer *came)
{
    struct api_async *async = ctx;
    struct err err = {""};

    async->sent = 0;
    async->status = came->status;
    async->too_long = came->too_long;
    if (is_large(came))
        give_worker(async, came);
    else
        settle(async,
               take(&async->request, came, async->prepare, async->ctx, &err),
               &err);
}

static void send_request(void *ctx, const struct client_request *request)
{
    struct api_async *async = ctx;

    async->sent = client_send(async->client, request, on_answer, async);
}

static void on_timer(void *ctx)
{
    struct api_async *async = ctx;

    if (async->open)
        api_request_put(&async->request, send_request, async);
    else
        conclude(async, false, &async->err);
}

struct api_async *api_async_new(struct loop *loop, struct client *client,
                                const struct posthog *posthog)
{
    struct api_async *async = xcalloc(1, sizeof *async);

    async->loop = loop;
    async->client = client;
    async->posthog = posthog;
    async->timer = loop_timer_new(loop, on_timer, async);
    return async;
}

void api_async_on_waiting(struct api_async *async, posthog_waiting *waiting,
                          void *ctx)
{
    async->waiting = waiting;
    async->waiting_ctx = ctx;
}

void api_async_on_answer(struct api_async *async,
                         void (*prepare)(void *ctx,
                                         struct api_request *request))
{
    async->prepare = prepare;
}

void api_async_stop(struct api_async *async)
{
    loop_timer_cancel(async->timer);
    if (async->sent)
        client_cancel(async->client, async->sent);
    if (async->reading)
        async->reading->dropped = true;
    else if (async->open)
        api_request_close(&async->request);
    async->reading = NULL;
    async->sent = 0;
    async->open = false;
}

void api_async_free(struct api_async *async)
{
    if (!async)
        return;
    api_async_stop(async);
    if (async->worker)
        loop_off_wake(async->loop, on_wake, async);
    worker_free(async->worker, drop_reading);
    loop_timer_free(async->timer);
    free(async);
}

void api_async_send(struct api_async *async, const struct question *question,
                    api_async_done *done, void *ctx)
{
    async->done = done;
    async->ctx = ctx;
    async->status = 0;
    async->too_long = false;
    async->open = api_request_open(&async->request, async->posthog, question,
                                   true, &async->err);
    loop_timer_set(async->timer, 0);
}

int api_async_status(const struct api_async *async)
{
    return async->status;
}

bool api_async_too_long(const struct api_async *async)
{
    return async->too_long;
}

/* Sequences. */

static void send_next(struct api_async *async);

static void on_taken(void *ctx, const struct api_request *request,
                     const struct err *err)
{
    struct api_async *async = ctx;
    struct err why = *err;

    if (!request && async->sequence.refused &&
        async->sequence.refused(async->sequence.ctx, &why))
        send_next(async);
    else if (!request)
        async->on_end(async->end_ctx, &why);
    else if (async->sequence.take(async->sequence.ctx,
                                  api_request_answer(request), &why))
        send_next(async);
    else
        async->on_end(async->end_ctx, &why);
}

static void send_next(struct api_async *async)
{
    struct question question;
    struct err why = {""};

    if (async->sequence.next(async->sequence.ctx, &question, &why))
        api_async_send(async, &question, on_taken, async);
    else
        async->on_end(async->end_ctx, *why.text ? &why : NULL);
}

/* The first question is asked in the next turn, as any other. */
static void on_begin(void *ctx, const struct api_request *request,
                     const struct err *err)
{
    (void)request;
    (void)err;
    send_next(ctx);
}

void api_async_run(struct api_async *async,
                   const struct api_sequence *sequence,
                   void (*done)(void *ctx, const struct err *err), void *ctx)
{
    async->sequence = *sequence;
    async->on_end = done;
    async->end_ctx = ctx;
    async->done = on_begin;
    async->ctx = async;
    loop_timer_set(async->timer, 0);
}
