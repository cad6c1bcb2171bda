/* Asking PostHog while the caller waits. How a question is asked again is
 * api_request.c's; which questions make sense is the callers' affair: book.c
 * asks for accounts, destination.c for destinations. */
#include "posthog/api_blocking.h"

#include <time.h>

#include <cjson/cJSON.h>

#include "net/client.h"
#include "posthog/api_request.h"
#include "posthog/internal.h"

#include "base/banned.h"

static void wait_ms(const struct posthog *posthog, unsigned ms, bool tell)
{
    struct timespec left = {.tv_sec = (time_t)(ms / 1000),
                            .tv_nsec = (long)(ms % 1000) * 1000000L};

    if (tell && posthog->waiting)
        posthog->waiting(posthog->ctx, (ms + 999) / 1000);
    while (nanosleep(&left, &left))
        ;
}

struct exchange {
    struct api_request *request;
    enum api_step step;
    struct err *err;
};

static void take(void *ctx, const struct client_answer *came)
{
    struct exchange *exchange = ctx;

    exchange->step = api_request_take(exchange->request, came, exchange->err);
}

static void perform(void *ctx, const struct client_request *request)
{
    client_perform(request, take, ctx);
}

static cJSON *ask_waiting(struct posthog *posthog,
                          const struct question *question, struct err *err)
{
    struct api_request request;
    struct exchange exchange = {&request, API_AGAIN, err};
    cJSON *answer;

    posthog->status = 0;
    if (!api_request_open(&request, posthog, question, false, err))
        return NULL;
    for (;;) {
        api_request_put(&request, perform, &exchange);
        if (exchange.step != API_AGAIN)
            break;
        wait_ms(posthog, api_request_wait_ms(&request),
                api_request_throttled(&request));
    }
    posthog->status = api_request_status(&request);
    answer =
        exchange.step == API_ANSWERED ? api_request_release(&request) : NULL;
    api_request_close(&request);
    return answer;
}

cJSON *posthog_request(struct posthog *posthog, const char *method,
                       const char *path, const cJSON *body, struct err *err)
{
    struct question question = {.method = method, .path = path, .body = body};

    return ask_waiting(posthog, &question, err);
}

int posthog_status(const struct posthog *posthog)
{
    return posthog->status;
}

cJSON *posthog_query(struct posthog *posthog, const char *sql, struct err *err)
{
    struct question question = {.sql = sql};

    return ask_waiting(posthog, &question, err);
}

bool posthog_run(struct posthog *posthog, const struct api_sequence *sequence,
                 struct err *err)
{
    struct question question;

    err->text[0] = '\0';
    while (sequence->next(sequence->ctx, &question, err)) {
        cJSON *answer = ask_waiting(posthog, &question, err);
        bool goes_on = answer ? sequence->take(sequence->ctx, answer, err)
                              : sequence->refused &&
                                    sequence->refused(sequence->ctx, err);

        cJSON_Delete(answer);
        if (!goes_on)
            return false;
        posthog->status = 0;
        err->text[0] = '\0';
    }
    return !err->text[0];
}
