/* The rules of asking. Nothing here waits, sends or knows what is asked. */
#include "posthog/inquiry.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config/secret.h"
#include "event/slice.h"
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

static void put_query(struct inquiry *inquiry, const char *sql)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *query = cJSON_AddObjectToObject(body, "query");
    char *text;

    cJSON_AddStringToObject(query, "kind", "HogQLQuery");
    cJSON_AddStringToObject(query, "query", sql);
    cJSON_AddStringToObject(body, "name", "telltale");
    cJSON_AddStringToObject(body, "refresh", "force_blocking");
    text = cJSON_PrintUnformatted(body);
    buf_adds(&inquiry->body, text);
    cJSON_free(text);
    cJSON_Delete(body);
}

static void put_body(struct inquiry *inquiry, const cJSON *body)
{
    char *text = cJSON_PrintUnformatted(body);

    buf_adds(&inquiry->body, text);
    cJSON_free(text);
}

/* What the question says, in the terms of a request. */
static void read_question(struct inquiry *inquiry,
                          const struct question *question)
{
    inquiry->is_query = question->sql != NULL;
    inquiry->method = question->sql ? "POST" : question->method;
    inquiry->harmless = question->sql || !strcmp(question->method, "GET");
    inquiry->has_body = question->sql || question->body;
    if (question->sql)
        put_query(inquiry, question->sql);
    else if (question->body)
        put_body(inquiry, question->body);
}

static bool put_path(struct inquiry *inquiry, const struct question *question,
                     struct err *err)
{
    const char *path = question->sql ? "/query/" : question->path;

    if (strncmp(path, "/api/", 5) == 0)
        return buf_adds(&inquiry->path, path);
    if (!inquiry->posthog->project)
        return err_set(err, "which project? --posthog-project N, the number "
                            "in its address");
    return buf_addf(&inquiry->path, "/api/projects/%s%s",
                    inquiry->posthog->project, path);
}

bool inquiry_open(struct inquiry *inquiry, const struct posthog *posthog,
                  const struct question *question, bool patient,
                  struct err *err)
{
    *inquiry = (struct inquiry){.posthog = posthog, .patient = patient};
    buf_init(&inquiry->path, 16 * KIB);
    buf_init(&inquiry->body, ANSWER_MAX);
    buf_init(&inquiry->looking_at, 16 * KIB);
    if (!put_path(inquiry, question, err)) {
        inquiry_close(inquiry);
        return false;
    }
    read_question(inquiry, question);
    return true;
}

void inquiry_close(struct inquiry *inquiry)
{
    buf_free(&inquiry->path);
    buf_free(&inquiry->body);
    buf_free(&inquiry->looking_at);
    cJSON_Delete(inquiry->answer);
    inquiry->answer = NULL;
}

void inquiry_put(const struct inquiry *inquiry,
                 void (*put)(void *ctx, const struct client_request *request),
                 void *ctx)
{
    bool looking = inquiry->looking_at.len > 0;
    struct buf url, authorization;
    const char *headers[] = {NULL, "Content-Type: application/json",
                             "Accept: application/json", NULL};
    struct client_request request = {
        .method = looking ? "GET" : inquiry->method,
        .headers = headers,
        .allow_http = posthog_is_local(inquiry->posthog->host),
        .timeout_ms = REQUEST_MS,
        .max_answer = ANSWER_MAX,
    };

    if (inquiry->has_body && !looking) {
        request.body = inquiry->body.data;
        request.len = inquiry->body.len;
    }
    buf_init(&url, 64 * KIB);
    buf_init(&authorization, 16 * KIB);
    buf_addf(&url, "%s%s", inquiry->posthog->host,
             looking ? inquiry->looking_at.data : inquiry->path.data);
    buf_addf(&authorization, "Authorization: Bearer %s",
             inquiry->posthog->key);
    request.url = url.data;
    headers[0] = authorization.data;
    put(ctx, &request);
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

static enum inquiry_step again_after(struct inquiry *inquiry, unsigned ms)
{
    inquiry->wait_ms = ms;
    return INQUIRY_AGAIN;
}

/* A throttled request was not acted on: it may always come again. */
static enum inquiry_step be_throttled(struct inquiry *inquiry,
                                      const struct client_answer *came,
                                      struct err *err)
{
    unsigned seconds = throttled_for(came, inquiry->answer);

    inquiry->throttled = true;
    if (!inquiry->patient &&
        (seconds > WAIT_MAX_S || ++inquiry->attempts >= ATTEMPTS)) {
        err_set(err, "%s; it asks to wait %u s: try again then",
                posthog_limit(seconds), seconds);
        return INQUIRY_FAILED;
    }
    return again_after(inquiry, seconds * 1000);
}

static enum inquiry_step fail(const struct inquiry *inquiry,
                              const struct client_answer *came,
                              struct err *err)
{
    if (came->outcome == CLIENT_ANSWERED)
        refusal_explain(inquiry->posthog, came->status, inquiry->answer, err);
    else
        err_set(err, "%s", came->error);
    return INQUIRY_FAILED;
}

/* No answer, or a stumbling gateway's. */
static enum inquiry_step stumble(struct inquiry *inquiry,
                                 const struct client_answer *came,
                                 struct err *err)
{
    bool harmless = inquiry->harmless || inquiry->looking_at.len;

    if (!harmless || came->outcome == CLIENT_UNSENT ||
        ++inquiry->attempts >= ATTEMPTS)
        return fail(inquiry, came, err);
    return again_after(inquiry, 500u << inquiry->attempts);
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
static bool note_query(struct inquiry *inquiry, const char *id)
{
    size_t len =
        strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                   "0123456789-_");

    if (!len || id[len])
        return false;
    buf_clear(&inquiry->looking_at);
    return buf_addf(&inquiry->looking_at, "/api/projects/%s/query/%s/",
                    inquiry->posthog->project, id);
}

static enum inquiry_step look_again(struct inquiry *inquiry,
                                    const cJSON *status, struct err *err)
{
    int64_t now = clock_mono_us();

    if (!inquiry->give_up_us) {
        inquiry->give_up_us = now + RUNNING_MAX_US;
        inquiry->wait_ms = LOOK_MIN_MS / 2;
    }
    if (!note_query(inquiry, posthog_text(status, "id"))) {
        err_set(err, "PostHog does not say how the query goes on");
        return INQUIRY_FAILED;
    }
    if (now > inquiry->give_up_us) {
        err_set(err, "PostHog works at the query for more than 10 minutes: "
                     "ask for less");
        return INQUIRY_FAILED;
    }
    inquiry->attempts = 0;
    return again_after(inquiry, inquiry->wait_ms * 2 < LOOK_MAX_MS
                                    ? inquiry->wait_ms * 2
                                    : LOOK_MAX_MS);
}

/* Puts the rows of a finished query in the place of its status. */
static bool unwrap(struct inquiry *inquiry, cJSON *status, struct err *err)
{
    cJSON *results =
        cJSON_DetachItemFromObjectCaseSensitive(status, "results");

    cJSON_Delete(inquiry->answer);
    inquiry->answer = results;
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

static enum inquiry_step take_query(struct inquiry *inquiry, struct err *err)
{
    cJSON *status =
        cJSON_GetObjectItemCaseSensitive(inquiry->answer, "query_status");

    if (cJSON_IsObject(status)) {
        if (query_failed(status, err))
            return INQUIRY_FAILED;
        if (!cJSON_IsTrue(
                cJSON_GetObjectItemCaseSensitive(status, "complete")))
            return look_again(inquiry, status, err);
        if (!unwrap(inquiry, status, err))
            return INQUIRY_FAILED;
    }
    return has_rows(inquiry->answer, err) ? INQUIRY_ANSWERED : INQUIRY_FAILED;
}

static enum inquiry_step take_success(struct inquiry *inquiry,
                                      const struct client_answer *came,
                                      struct err *err)
{
    if (came->len >= ANSWER_MAX)
        err_set(err, "PostHog's answer is larger than %llu MB",
                (unsigned long long)(ANSWER_MAX / MIB));
    else if (!inquiry->answer)
        err_set(err, "%s answers, but not in JSON: is the address right?",
                inquiry->posthog->host);
    else
        return inquiry->is_query ? take_query(inquiry, err) : INQUIRY_ANSWERED;
    return INQUIRY_FAILED;
}

enum inquiry_step inquiry_take(struct inquiry *inquiry,
                               const struct client_answer *came,
                               struct err *err)
{
    cJSON_Delete(inquiry->answer);
    inquiry->answer = parse(came->body, came->len);
    inquiry->raw = came->body;
    inquiry->raw_len = came->len;
    inquiry->status = came->status;
    inquiry->throttled = false;
    if (came->outcome != CLIENT_ANSWERED)
        return stumble(inquiry, came, err);
    if (came->status == 429)
        return be_throttled(inquiry, came, err);
    if (came->status >= 500)
        return stumble(inquiry, came, err);
    if (came->status < 200 || came->status >= 300)
        return fail(inquiry, came, err);
    return take_success(inquiry, came, err);
}

unsigned inquiry_wait_ms(const struct inquiry *inquiry)
{
    return inquiry->wait_ms;
}

bool inquiry_throttled(const struct inquiry *inquiry)
{
    return inquiry->throttled;
}

const cJSON *inquiry_answer(const struct inquiry *inquiry)
{
    return inquiry->answer;
}

cJSON *inquiry_release(struct inquiry *inquiry)
{
    cJSON *answer = inquiry->answer;

    inquiry->answer = NULL;
    return answer;
}

const char *inquiry_raw(const struct inquiry *inquiry, size_t *len)
{
    *len = inquiry->raw_len;
    return inquiry->raw;
}

int inquiry_status(const struct inquiry *inquiry)
{
    return inquiry->status;
}
