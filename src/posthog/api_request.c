/* The rules of asking. Nothing here waits, sends or knows what is asked. */
#include "posthog/api_request.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config/secret.h"
#include "event/slice.h"
#include "event/url.h"
#include "posthog/internal.h"

#include "base/banned.h"

#define REQUEST_MS 60000
#define ANSWER_MAX (64 * MIB)
#define ATTEMPTS 4
#define WAIT_MAX_S 900u   /* of an impatient one */
#define WAIT_UNSAID_S 30u /* when throttled without a word how long */
#define LOOK_MIN_MS 250u  /* at a running query, at first */
#define LOOK_MAX_MS 1000u /* and later */
#define RUNNING_MAX_US INT64_C(600000000)

/* Opening. */

static void put_query(struct api_request *request, const char *sql)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *query = cJSON_AddObjectToObject(body, "query");
    char *text;

    cJSON_AddStringToObject(query, "kind", "HogQLQuery");
    cJSON_AddStringToObject(query, "query", sql);
    cJSON_AddStringToObject(body, "name", "telltale");
    cJSON_AddStringToObject(body, "refresh", "force_blocking");
    text = cJSON_PrintUnformatted(body);
    buf_adds(&request->body, text);
    cJSON_free(text);
    cJSON_Delete(body);
}

static void put_body(struct api_request *request, const cJSON *body)
{
    char *text = cJSON_PrintUnformatted(body);

    buf_adds(&request->body, text);
    cJSON_free(text);
}

/* What the question says, in the terms of a request. */
static void read_question(struct api_request *request,
                          const struct question *question)
{
    request->is_query = question->sql != NULL;
    request->method = question->sql ? "POST" : question->method;
    request->harmless = question->sql || !strcmp(question->method, "GET");
    request->has_body = question->sql || question->body;
    if (question->sql)
        put_query(request, question->sql);
    else if (question->body)
        put_body(request, question->body);
}

static bool put_path(struct api_request *request,
                     const struct question *question, struct err *err)
{
    const char *path = question->sql ? "/query/" : question->path;

    if (strncmp(path, "/api/", 5) == 0)
        return buf_adds(&request->path, path);
    if (!request->posthog->project)
        return err_set(err, "which project? --posthog-project N, the number "
                            "in its address");
    return buf_addf(&request->path, "/api/projects/%s%s",
                    request->posthog->project, path);
}

bool api_request_open(struct api_request *request,
                      const struct posthog *posthog,
                      const struct question *question, bool patient,
                      struct err *err)
{
    *request = (struct api_request){.posthog = posthog, .patient = patient};
    buf_init(&request->path, 16 * KIB);
    buf_init(&request->body, ANSWER_MAX);
    buf_init(&request->looking_at, 16 * KIB);
    if (!put_path(request, question, err)) {
        api_request_close(request);
        return false;
    }
    read_question(request, question);
    return true;
}

void api_request_close(struct api_request *request)
{
    buf_free(&request->path);
    buf_free(&request->body);
    buf_free(&request->looking_at);
    cJSON_Delete(request->answer);
    request->answer = NULL;
}

void api_request_put(const struct api_request *request,
                     void (*put)(void *ctx, const struct client_request *sent),
                     void *ctx)
{
    bool looking = request->looking_at.len > 0;
    struct buf url, authorization;
    const char *headers[] = {NULL, "Content-Type: application/json",
                             "Accept: application/json", NULL};
    struct client_request sent = {
        .method = looking ? "GET" : request->method,
        .headers = headers,
        .allow_http = url_is_local(request->posthog->host),
        .timeout_ms = REQUEST_MS,
        .max_answer = ANSWER_MAX,
    };

    if (request->has_body && !looking) {
        sent.body = request->body.data;
        sent.len = request->body.len;
    }
    buf_init(&url, 64 * KIB);
    buf_init(&authorization, 16 * KIB);
    buf_addf(&url, "%s%s", request->posthog->host,
             looking ? request->looking_at.data : request->path.data);
    buf_addf(&authorization, "Authorization: Bearer %s",
             request->posthog->key);
    sent.url = url.data;
    headers[0] = authorization.data;
    put(ctx, &sent);
    secret_free(buf_take(&authorization));
    buf_free(&url);
}

/* Reading what came. */

/* Half a character in somebody's text must not cost all of the answer. */
static cJSON *parse(const char *text, size_t len)
{
    char *copy = xmalloc(len + 1);
    cJSON *json;

    slice_defuse(text, len, copy);
    copy[len] = '\0';
    json = cJSON_ParseWithLength(copy, len);
    free(copy);
    return json;
}

/* "Request was throttled. Expected available in 62 seconds." */
static unsigned throttled_for(const struct client_answer *came,
                              const cJSON *answer)
{
    const char *in = strstr(posthog_text(answer, "detail"), " in ");
    unsigned long seconds = in ? strtoul(in + 4, NULL, 10) : 0;

    if (came->retry_after_ms > 0)
        seconds = (unsigned long)((came->retry_after_ms + 999) / 1000);
    if (!seconds)
        return WAIT_UNSAID_S;
    return seconds < 86400 ? (unsigned)seconds : 86400;
}

static enum api_step again_after(struct api_request *request, unsigned ms)
{
    request->wait_ms = ms;
    return API_AGAIN;
}

/* A throttled request was not acted on: it may always come again. */
static enum api_step be_throttled(struct api_request *request,
                                  const struct client_answer *came,
                                  struct err *err)
{
    unsigned seconds = throttled_for(came, request->answer);

    request->throttled = true;
    if (!request->patient &&
        (seconds > WAIT_MAX_S || ++request->attempts >= ATTEMPTS)) {
        err_set(err, "%s; it asks to wait %u s: try again then",
                posthog_limit(seconds), seconds);
        return API_FAILED;
    }
    return again_after(request, seconds * 1000);
}

static enum api_step fail(const struct api_request *request,
                          const struct client_answer *came, struct err *err)
{
    if (came->outcome == CLIENT_ANSWERED)
        refusal_explain(request->posthog, came->status, request->answer, err);
    else
        err_set(err, "%s", came->error);
    return API_FAILED;
}

/* No answer, or a stumbling gateway's. */
static enum api_step stumble(struct api_request *request,
                             const struct client_answer *came, struct err *err)
{
    bool harmless = request->harmless || request->looking_at.len;

    if (!harmless || came->outcome == CLIENT_UNSENT ||
        ++request->attempts >= ATTEMPTS)
        return fail(request, came, err);
    return again_after(request, 500u << request->attempts);
}

/* Statuses 504, 512 and 513: no gateway's stumbling. */
static bool is_too_much(const struct api_request *request)
{
    return request->is_query &&
           posthog_is_too_much(posthog_text(request->answer, "detail"));
}

/* Queries. */

static bool query_failed(const cJSON *answer, struct err *err)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(answer, "error");

    if (cJSON_IsString(error))
        refusal_quote(err, "PostHog refuses the query", error->valuestring);
    else if (cJSON_IsTrue(error))
        refusal_quote(err, "the query failed at PostHog",
                      posthog_text(answer, "error_message"));
    else
        return false;
    return true;
}

/* Where to look at a query: its id becomes a part of an address. */
static bool note_query(struct api_request *request, const char *id)
{
    size_t len =
        strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                   "0123456789-_");

    if (!len || id[len])
        return false;
    buf_clear(&request->looking_at);
    return buf_addf(&request->looking_at, "/api/projects/%s/query/%s/",
                    request->posthog->project, id);
}

static enum api_step look_again(struct api_request *request,
                                const cJSON *status, struct err *err)
{
    int64_t now = clock_mono_us();

    if (!request->give_up_us) {
        request->give_up_us = now + RUNNING_MAX_US;
        request->wait_ms = LOOK_MIN_MS / 2;
    }
    if (!note_query(request, posthog_text(status, "id"))) {
        err_set(err, "PostHog does not say how the query goes on");
        return API_FAILED;
    }
    if (now > request->give_up_us) {
        err_set(err, "PostHog works at the query for more than 10 minutes: "
                     "ask for less");
        return API_FAILED;
    }
    request->attempts = 0;
    return again_after(request, request->wait_ms * 2 < LOOK_MAX_MS
                                    ? request->wait_ms * 2
                                    : LOOK_MAX_MS);
}

/* Puts the rows of a finished query in the place of its status. */
static bool unwrap(struct api_request *request, cJSON *status, struct err *err)
{
    cJSON *results =
        cJSON_DetachItemFromObjectCaseSensitive(status, "results");

    cJSON_Delete(request->answer);
    request->answer = results;
    return results || err_set(err, "the query is done, but PostHog gives no "
                                   "rows");
}

static bool has_rows(const cJSON *answer, struct err *err)
{
    if (query_failed(answer, err))
        return false;
    return (cJSON_IsArray(
                cJSON_GetObjectItemCaseSensitive(answer, "columns")) &&
            cJSON_IsArray(
                cJSON_GetObjectItemCaseSensitive(answer, "results"))) ||
           err_set(err, "PostHog's answer to the query has no rows in it");
}

static enum api_step take_query(struct api_request *request, struct err *err)
{
    cJSON *status =
        cJSON_GetObjectItemCaseSensitive(request->answer, "query_status");

    if (cJSON_IsObject(status)) {
        if (query_failed(status, err))
            return API_FAILED;
        if (!cJSON_IsTrue(
                cJSON_GetObjectItemCaseSensitive(status, "complete")))
            return look_again(request, status, err);
        if (!unwrap(request, status, err))
            return API_FAILED;
    }
    return has_rows(request->answer, err) ? API_ANSWERED : API_FAILED;
}

static enum api_step take_success(struct api_request *request, struct err *err)
{
    if (!request->answer)
        err_set(err, "%s answers, but not in JSON: is the address right?",
                request->posthog->host);
    else
        return request->is_query ? take_query(request, err) : API_ANSWERED;
    return API_FAILED;
}

/* It would be as long again. */
static enum api_step refuse_length(struct api_request *request,
                                   struct err *err)
{
    request->answer = NULL;
    err_set(err,
            "PostHog's answer is larger than %llu MB, or does not come "
            "within %d s",
            (unsigned long long)(ANSWER_MAX / MIB), REQUEST_MS / 1000);
    return API_FAILED;
}

enum api_step api_request_take(struct api_request *request,
                               const struct client_answer *came,
                               struct err *err)
{
    cJSON_Delete(request->answer);
    if (came->too_long)
        return refuse_length(request, err);
    request->answer = parse(came->body, came->len);
    request->raw = came->body;
    request->raw_len = came->len;
    request->status = came->status;
    request->throttled = false;
    if (came->outcome != CLIENT_ANSWERED)
        return stumble(request, came, err);
    if (came->status == 429)
        return be_throttled(request, came, err);
    if (came->status >= 500 && !is_too_much(request))
        return stumble(request, came, err);
    if (came->status < 200 || came->status >= 300)
        return fail(request, came, err);
    return take_success(request, err);
}

unsigned api_request_wait_ms(const struct api_request *request)
{
    return request->wait_ms;
}

bool api_request_throttled(const struct api_request *request)
{
    return request->throttled;
}

const cJSON *api_request_answer(const struct api_request *request)
{
    return request->answer;
}

cJSON *api_request_release(struct api_request *request)
{
    cJSON *answer = request->answer;

    request->answer = NULL;
    return answer;
}

const char *api_request_raw(const struct api_request *request, size_t *len)
{
    *len = request->raw_len;
    return request->raw;
}

int api_request_status(const struct api_request *request)
{
    return request->status;
}
