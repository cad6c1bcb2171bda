/* One request to our own public address, as a stranger makes it. It knows
 * that a telltale answers, not which one. */
#include "command/reach.h"

#include <string.h>

#include "app/address.h"
#include "base/buf.h"
#include "base/limits.h"
#include "config/secret.h"
#include "event/url.h"
#include "net/client.h"
#include "base/banned.h"

struct question {
    const char *shown, *listens; /* shown: the address, without a login */
    bool ok;
    struct err *err;
};

static void judge(void *ctx, const struct client_answer *answer)
{
    static const char well[] = "{\"ok\":true", ill[] = "{\"ok\":false";
    struct question *question = ctx;

    if (answer->outcome != CLIENT_ANSWERED)
        err_set(question->err,
                "no answer (%s): is the tunnel running? It must lead to %s",
                answer->error, question->listens);
    else if (answer->status == 200 &&
             !strncmp(answer->body, well, sizeof well - 1))
        question->ok = true;
    else if (answer->status == 503 &&
             !strncmp(answer->body, ill, sizeof ill - 1))
        err_set(question->err,
                "a telltale answers there that cannot keep events now");
    else if (answer->status == 200)
        err_set(question->err,
                "something else than telltale answers there: it must lead "
                "to %s",
                question->listens);
    else
        err_set(question->err,
                "%s answers %d: it must lead to %s, where telltale listens",
                question->shown, answer->status, question->listens);
}

static void health_url(const char *url, struct buf *out)
{
    buf_add(out, url, address_base(url));
    buf_adds(out, "/healthz");
}

bool reach_test(const char *url, const char *listens, struct err *err)
{
    struct question question = {.listens = listens, .err = err};
    struct client_request request = {.allow_http = url_is_local(url),
                                     .max_answer = 64 * KIB};
    struct buf health, shown;

    buf_init(&health, 8 * KIB);
    buf_init(&shown, 8 * KIB);
    health_url(url, &health);
    secret_mask_login(&shown, health.data);
    request.url = health.data;
    question.shown = shown.data;
    client_perform(&request, judge, &question);
    buf_free(&shown);
    buf_free(&health);
    return question.ok;
}
