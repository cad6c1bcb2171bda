/* An inquiry's requests, sent by the loop's client and waited for by a timer;
 * and talks, which are a question after the other. */
#include "posthog/asker.h"

#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/mem.h"

#include "base/banned.h"

struct asker {
    struct loop *loop;
    struct client *client;
    const struct posthog *posthog;
    posthog_waiting *waiting;
    void *waiting_ctx;

    struct loop_timer *timer; /* until it is asked again */
    uint64_t request;         /* 0: none under way */
    bool open;                /* the inquiry is */
    int status;               /* of the last answer */
    struct inquiry inquiry;
    struct err err; /* why there is no inquiry to open */
    asker_done *done;
    void *ctx;

    struct talk talk; /* that is held, if talked is set */
    void (*talked)(void *ctx, const struct err *err);
    void *talked_ctx;
};

/* The inquiry is moved out first: done may ask the next question. */
static void conclude(struct asker *asker, bool answered, const struct err *err)
{
    struct inquiry inquiry = asker->inquiry;
    bool was_open = asker->open;

    asker->open = false;
    asker->done(asker->ctx, answered ? &inquiry : NULL, err);
    if (was_open)
        inquiry_close(&inquiry);
}

static void on_answer(void *ctx, const struct client_answer *came)
{
    struct asker *asker = ctx;
    struct err err = {""};
    enum inquiry_step step = inquiry_take(&asker->inquiry, came, &err);
    unsigned wait_ms = inquiry_wait_ms(&asker->inquiry);

    asker->request = 0;
    asker->status = came->status;
    if (step != INQUIRY_AGAIN) {
        conclude(asker, step == INQUIRY_ANSWERED, &err);
        return;
    }
    loop_timer_set(asker->timer, (int64_t)wait_ms * 1000);
    if (asker->waiting && inquiry_throttled(&asker->inquiry))
        asker->waiting(asker->waiting_ctx, (wait_ms + 999) / 1000);
}

static void send_request(void *ctx, const struct client_request *request)
{
    struct asker *asker = ctx;

    asker->request = client_send(asker->client, request, on_answer, asker);
}

static void on_timer(void *ctx)
{
    struct asker *asker = ctx;

    if (asker->open)
        inquiry_put(&asker->inquiry, send_request, asker);
    else
        conclude(asker, false, &asker->err);
}

struct asker *asker_new(struct loop *loop, struct client *client,
                        const struct posthog *posthog)
{
    struct asker *asker = xcalloc(1, sizeof *asker);

    asker->loop = loop;
    asker->client = client;
    asker->posthog = posthog;
    asker->timer = loop_timer_new(loop, on_timer, asker);
    return asker;
}

void asker_on_waiting(struct asker *asker, posthog_waiting *waiting, void *ctx)
{
    asker->waiting = waiting;
    asker->waiting_ctx = ctx;
}

void asker_stop(struct asker *asker)
{
    loop_timer_cancel(asker->timer);
    if (asker->request)
        client_cancel(asker->client, asker->request);
    if (asker->open)
        inquiry_close(&asker->inquiry);
    asker->request = 0;
    asker->open = false;
}

void asker_free(struct asker *asker)
{
    if (!asker)
        return;
    asker_stop(asker);
    loop_timer_free(asker->timer);
    free(asker);
}

void asker_ask(struct asker *asker, const struct question *question,
               asker_done *done, void *ctx)
{
    asker->done = done;
    asker->ctx = ctx;
    asker->status = 0;
    asker->open = inquiry_open(&asker->inquiry, asker->posthog, question, true,
                               &asker->err);
    loop_timer_set(asker->timer, 0);
}

int asker_status(const struct asker *asker)
{
    return asker->status;
}

/* Talks. */

static void ask_next(struct asker *asker);

static void on_heard(void *ctx, const struct inquiry *inquiry,
                     const struct err *err)
{
    struct asker *asker = ctx;
    struct err why = *err;

    if (!inquiry && asker->talk.refused &&
        asker->talk.refused(asker->talk.ctx, &why))
        ask_next(asker);
    else if (!inquiry)
        asker->talked(asker->talked_ctx, &why);
    else if (asker->talk.hear(asker->talk.ctx, inquiry_answer(inquiry), &why))
        ask_next(asker);
    else
        asker->talked(asker->talked_ctx, &why);
}

static void ask_next(struct asker *asker)
{
    struct question question;
    struct err why = {""};

    if (asker->talk.ask(asker->talk.ctx, &question, &why))
        asker_ask(asker, &question, on_heard, asker);
    else
        asker->talked(asker->talked_ctx, *why.text ? &why : NULL);
}

/* The first question is asked in the next turn, as any other. */
static void on_begin(void *ctx, const struct inquiry *inquiry,
                     const struct err *err)
{
    (void)inquiry;
    (void)err;
    ask_next(ctx);
}

void asker_hold(struct asker *asker, const struct talk *talk,
                void (*done)(void *ctx, const struct err *err), void *ctx)
{
    asker->talk = *talk;
    asker->talked = done;
    asker->talked_ctx = ctx;
    asker->done = on_begin;
    asker->ctx = asker;
    loop_timer_set(asker->timer, 0);
}
