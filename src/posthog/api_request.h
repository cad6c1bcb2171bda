/* One question to PostHog, and all it takes to get its answer: asking again
 * when its gateway stumbles, waiting when it says so (429), looking whether a
 * query that it does in the background is done. It sends nothing itself: who
 * opened it does, and tells it what came. So the same rules serve those who
 * may block (api_blocking.h) and those who have a loop (api_async.h). */
#ifndef TELLTALE_API_REQUEST_H
#define TELLTALE_API_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/client.h"
#include "posthog/api.h"

struct cJSON;

struct question {
    const char *method; /* "GET", "POST" or "PATCH" */
    /* "/api/users/@me/", or, without "/api/" in front, what follows
     * "/api/projects/N": "/hog_functions/". */
    const char *path;
    const struct cJSON *body; /* NULL: none */
    /* In place of all of these, HogQL; see posthog_query() for what it must
     * and must not have in it. */
    const char *sql;
};

/* Its fields are its own. */
struct api_request {
    const struct posthog *posthog;
    const char *method;
    struct buf path, body, looking_at; /* the last: of a running query */
    bool has_body, is_query, harmless, patient, throttled;
    int attempts;
    int64_t give_up_us; /* on a running query; 0: none runs */
    unsigned wait_ms;
    int status;
    struct cJSON *answer;
    const char *raw;
    size_t raw_len;
};

/* Copies the question; posthog is borrowed. A patient one waits however long
 * PostHog asks it to; another fails when that is a quarter of an hour or
 * more, which a person should know first. False with err, and nothing to
 * close, when no project is known for what lies below one. */
bool api_request_open(struct api_request *request,
                      const struct posthog *posthog,
                      const struct question *question, bool patient,
                      struct err *err);
void api_request_close(struct api_request *request);

/* Hands put the request to send now; it lives for that call only. */
void api_request_put(const struct api_request *request,
                     void (*put)(void *ctx, const struct client_request *sent),
                     void *ctx);

enum api_step {
    API_ANSWERED,
    API_AGAIN, /* put it again after api_request_wait_ms() */
    API_FAILED /* err says why */
};
/* What came. A request that changes something is never asked for twice,
 * unless it certainly was not acted on. */
enum api_step api_request_take(struct api_request *request,
                               const struct client_answer *came,
                               struct err *err);
unsigned api_request_wait_ms(const struct api_request *request);
/* True when that wait is one that PostHog asked for. */
bool api_request_throttled(const struct api_request *request);

/* The answer, JSON; of a query the object with "columns" and "results". The
 * request's, until it is closed. */
const struct cJSON *api_request_answer(const struct api_request *request);
/* The same, which is the caller's then. */
struct cJSON *api_request_release(struct api_request *request);
/* The bytes as they came, with what stands around a query's rows: for those
 * to whom numbers must stay as written. They live as long as what was taken
 * last. */
const char *api_request_raw(const struct api_request *request, size_t *len);
/* Of the last answer; 0 when none came. */
int api_request_status(const struct api_request *request);

#endif
