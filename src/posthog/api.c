/* Requests to PostHog, and what its answers mean. Which requests make sense
 * is the callers' affair: book.c asks for accounts, destination.c for
 * destinations. */
#include "posthog/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "base/mem.h"
#include "config/secret.h"
#include "net/client.h"
#include "base/banned.h"

#define REQUEST_MS 60000
#define ANSWER_MAX (64 * MIB)
#define ATTEMPTS 4
#define WAIT_MAX_S 900u /* longer than that a person should know first */
#define POLL_MAX_S 600

struct posthog {
    char *host, *project, *key;
    posthog_waiting *waiting;
    void *ctx;
};

/* Settings. */

static bool is_local(const char *host)
{
    static const char *const local[] = {"http://127.0.0.1", "http://localhost",
                                        "http://[::1]"};

    for (size_t i = 0; i < sizeof local / sizeof *local; i++) {
        size_t len = strlen(local[i]);

        if (!strncmp(host, local[i], len) &&
            (!host[len] || host[len] == ':' || host[len] == '/'))
            return true;
    }
    return false;
}

static char *read_host(const char *text, struct err *err)
{
    size_t len;

    if (!strcmp(text, "us"))
        return xstrdup("https://us.posthog.com");
    if (!strcmp(text, "eu"))
        return xstrdup("https://eu.posthog.com");
    if (strncmp(text, "https://", 8) && !is_local(text)) {
        err_set(err,
                "posthog host: \"%s\" is neither us nor eu nor an https "
                "address",
                text);
        return NULL;
    }
    if (strstr(text, "i.posthog.com")) {
        err_set(err, "posthog host: that is where events are sent to; the "
                     "API is at us or eu");
        return NULL;
    }
    len = strlen(text);
    while (len && text[len - 1] == '/')
        len--;
    return xstrndup(text, len);
}

/* The environment, then the file if it is named or there, then the command. */
static char *read_key(const struct config *config, struct err *err)
{
    const char *plain = config_text(config, OPTION_posthog_api_key);
    const char *file = config_text(config, OPTION_posthog_api_key_file);
    const char *command = config_text(config, OPTION_posthog_api_key_command);

    if (plain && *plain)
        return xstrdup(plain);
    if (command)
        return secret_from_command(command, err);
    if (file && (!config_is_default(config, OPTION_posthog_api_key_file) ||
                 !access(file, F_OK)))
        return secret_from_file(file, err);
    err_set(err,
            "no PostHog API key: put a personal one (phx_...) into "
            "TELLTALE_POSTHOG_API_KEY or, mode 0600, into %s",
            file ? file : "a file named by --posthog-api-key-file");
    return NULL;
}

/* A header must stay one line. */
static bool key_is_plain(const char *key, struct err *err)
{
    if (*key &&
        key[strspn(key, "abcdefghijklmnopqrstuvwxyz_-"
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] == 0) {
        if (strncmp(key, "phc_", 4) != 0)
            return true;
        return err_set(err, "that is a project's key (phc_...): a personal "
                            "API key begins with phx_");
    }
    return err_set(err, "the PostHog API key holds something else than "
                        "letters, digits and _");
}

struct posthog *posthog_open(const struct config *config,
                             posthog_waiting *waiting, void *ctx,
                             struct err *err)
{
    struct posthog *posthog = xcalloc(1, sizeof *posthog);
    const char *project = config_text(config, OPTION_posthog_project);

    posthog->waiting = waiting;
    posthog->ctx = ctx;
    posthog->host = read_host(config_text(config, OPTION_posthog_host), err);
    posthog->key = posthog->host ? read_key(config, err) : NULL;
    if (posthog->key && key_is_plain(posthog->key, err) &&
        (!project || posthog_set_project(posthog, project, err)))
        return posthog;
    posthog_close(posthog);
    return NULL;
}

void posthog_close(struct posthog *posthog)
{
    if (!posthog)
        return;
    secret_free(posthog->key);
    free(posthog->host);
    free(posthog->project);
    free(posthog);
}

const char *posthog_host(const struct posthog *posthog)
{
    return posthog->host;
}

const char *posthog_project(const struct posthog *posthog)
{
    return posthog->project;
}

bool posthog_set_project(struct posthog *posthog, const char *project,
                         struct err *err)
{
    size_t len = strlen(project);

    if (!len || len > 18 || strspn(project, "0123456789") != len)
        return err_set(err,
                       "posthog project: \"%s\" is no number: it is the one "
                       "in the address of your project",
                       project);
    free(posthog->project);
    posthog->project = xstrdup(project);
    return true;
}

/* Errors in plain words. */

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

    return text ? text : "";
}

static bool refuse_scope(const struct posthog *posthog, const char *detail,
                         struct err *err)
{
    const char *from = strchr(detail, '\'');
    int len = from ? (int)strcspn(from + 1, "'") : 0;

    if (!from)
        return err_set(err, "PostHog: %s", detail);
    return err_set(err,
                   "the API key lacks the scope %.*s: add it at "
                   "%s/settings/user-api-keys",
                   len, from + 1, posthog->host);
}

static bool refuse_key(const struct posthog *posthog, struct err *err)
{
    bool us = strstr(posthog->host, "us.posthog.com") != NULL;
    bool eu = strstr(posthog->host, "eu.posthog.com") != NULL;

    return err_set(err,
                   "%s does not know this API key: it is mistyped, deleted%s",
                   posthog->host,
                   us   ? ", or the project is in the other region "
                          "(--posthog-host eu)"
                   : eu ? ", or the project is in the other region "
                          "(--posthog-host us)"
                        : "");
}

static bool names_add_on(const char *detail)
{
    return strstr(detail, "add-on") || strstr(detail, "addon") ||
           strstr(detail, "data pipelines");
}

/* Says what an answer that is no success means; false always. */
static bool explain(const struct posthog *posthog, int status,
                    const cJSON *answer, struct err *err)
{
    const char *detail = text_of(answer, "detail");
    const char *attr = text_of(answer, "attr");

    if (status == 401)
        return refuse_key(posthog, err);
    if (names_add_on(detail) || status == 402)
        return err_set(err,
                       "webhook destinations need PostHog's data pipelines "
                       "add-on, which this organisation has not got; without "
                       "it, telltale backfill reads events by query: %s",
                       detail);
    if (status == 403 && strstr(detail, "scope"))
        return refuse_scope(posthog, detail, err);
    if (status == 403)
        return err_set(err, "PostHog does not allow it: %s", detail);
    if (status == 404)
        return err_set(err,
                       "%s has no such thing, or the key may not see it: is "
                       "project %s the right one?",
                       posthog->host,
                       posthog->project ? posthog->project : "-");
    if (status == 409)
        return err_set(err, "somebody else changed it in the meantime: look "
                            "at it and try again");
    if (status >= 300 && status < 400)
        return err_set(err, "%s sends elsewhere: is the address right?",
                       posthog->host);
    if (*detail)
        return err_set(err, "PostHog refuses%s%s: %s", *attr ? " " : "", attr,
                       detail);
    return err_set(err, "%s answers %d", posthog->host, status);
}

struct exchange {
    enum client_outcome outcome;
    int status;
    int64_t retry_after_ms;
    cJSON *answer;
    struct err err;
};

static void take(void *ctx, const struct client_answer *answer)
{
    struct exchange *exchange = ctx;

    exchange->outcome = answer->outcome;
    exchange->status = answer->status;
    exchange->retry_after_ms = answer->retry_after_ms;
    exchange->answer = cJSON_ParseWithLength(answer->body, answer->len);
    if (answer->outcome != CLIENT_ANSWERED)
        err_set(&exchange->err, "%s", answer->error);
    else if (answer->len >= ANSWER_MAX)
        err_set(&exchange->err, "the answer is larger than %llu MB",
                (unsigned long long)(ANSWER_MAX / MIB));
}

static void exchange_once(struct posthog *posthog, const char *method,
                          const char *path, const char *body,
                          struct exchange *exchange)
{
    struct buf url, authorization;
    const char *headers[] = {NULL, "Content-Type: application/json",
                             "Accept: application/json", NULL};
    struct client_request request = {
        .method = method,
        .headers = headers,
        .body = body,
        .len = body ? strlen(body) : 0,
        .allow_http = is_local(posthog->host),
        .timeout_ms = REQUEST_MS,
        .max_answer = ANSWER_MAX,
    };

    memset(exchange, 0, sizeof *exchange);
    buf_init(&url, 16 * KIB);
    buf_init(&authorization, 16 * KIB);
    buf_addf(&url, "%s%s", posthog->host, path);
    buf_addf(&authorization, "Authorization: Bearer %s", posthog->key);
    headers[0] = authorization.data;
    request.url = url.data;
    client_perform(&request, take, exchange);
    secret_free(buf_take(&authorization));
    buf_free(&url);
}

static void wait_seconds(struct posthog *posthog, unsigned seconds)
{
    struct timespec left = {.tv_sec = seconds};

    if (posthog->waiting)
        posthog->waiting(posthog->ctx, seconds);
    while (nanosleep(&left, &left))
        ;
}

/* "Request was throttled. Expected available in 62 seconds." */
static unsigned throttled_for(const struct exchange *exchange)
{
    const char *in = strstr(text_of(exchange->answer, "detail"), " in ");
    unsigned long seconds = in ? strtoul(in + 4, NULL, 10) : 0;

    if (exchange->retry_after_ms > 0)
        seconds = (unsigned long)((exchange->retry_after_ms + 999) / 1000);
    return seconds ? (unsigned)(seconds < 86400 ? seconds : 86400) : 30;
}

/* True when the same request makes sense once more, after having waited. A
 * throttled one was not acted on. */
static bool try_again(struct posthog *posthog, bool harmless, int attempt,
                      const struct exchange *exchange)
{
    unsigned seconds;

    if (attempt + 1 >= ATTEMPTS)
        return false;
    if (exchange->outcome == CLIENT_ANSWERED && exchange->status == 429) {
        seconds = throttled_for(exchange);
        if (seconds > WAIT_MAX_S)
            return false;
        wait_seconds(posthog, seconds);
        return true;
    }
    if (!harmless || exchange->outcome == CLIENT_UNSENT ||
        (exchange->outcome == CLIENT_ANSWERED && exchange->status < 500))
        return false;
    wait_seconds(posthog, 1u << attempt);
    return true;
}

static cJSON *conclude(const struct posthog *posthog,
                       struct exchange *exchange, struct err *err)
{
    bool good = exchange->outcome == CLIENT_ANSWERED &&
                exchange->status >= 200 && exchange->status < 300;

    if (good && exchange->answer && !*exchange->err.text)
        return exchange->answer;
    if (*exchange->err.text)
        err_set(err, "%s", exchange->err.text);
    else if (exchange->status == 429)
        err_set(err, "PostHog asks to wait %u s: try again then",
                throttled_for(exchange));
    else if (good)
        err_set(err, "%s answers, but not in JSON: is the address right?",
                posthog->host);
    else
        explain(posthog, exchange->status, exchange->answer, err);
    cJSON_Delete(exchange->answer);
    return NULL;
}

static cJSON *send_request(struct posthog *posthog, bool harmless,
                           const char *method, const char *path,
                           const cJSON *body, struct err *err)
{
    char *text = body ? cJSON_PrintUnformatted(body) : NULL;
    struct exchange exchange;

    for (int attempt = 0;; attempt++) {
        exchange_once(posthog, method, path, text, &exchange);
        if (!try_again(posthog, harmless, attempt, &exchange))
            break;
        cJSON_Delete(exchange.answer);
    }
    cJSON_free(text);
    return conclude(posthog, &exchange, err);
}

cJSON *posthog_request(struct posthog *posthog, const char *method,
                       const char *path, const cJSON *body, struct err *err)
{
    return send_request(posthog, !strcmp(method, "GET"), method, path, body,
                        err);
}

static cJSON *below_project(struct posthog *posthog, bool harmless,
                            const char *method, const char *rest,
                            const cJSON *body, struct err *err)
{
    struct buf path;
    cJSON *answer;

    if (!posthog->project) {
        err_set(err, "which project? --posthog-project N, the number in its "
                     "address");
        return NULL;
    }
    buf_init(&path, 8 * KIB);
    buf_addf(&path, "/api/projects/%s%s", posthog->project, rest);
    answer = send_request(posthog, harmless, method, path.data, body, err);
    buf_free(&path);
    return answer;
}

cJSON *posthog_project_request(struct posthog *posthog, const char *method,
                               const char *rest, const cJSON *body,
                               struct err *err)
{
    return below_project(posthog, !strcmp(method, "GET"), method, rest, body,
                         err);
}

/* The path of an absolute address: the key goes to our host only. */
static const char *path_of(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : url;

    return path && *path == '/' ? path : NULL;
}

static void move_results(cJSON *page, cJSON *all)
{
    cJSON *results = cJSON_GetObjectItemCaseSensitive(page, "results");

    while (cJSON_GetArraySize(results))
        cJSON_AddItemToArray(all, cJSON_DetachItemFromArray(results, 0));
}

cJSON *posthog_list(struct posthog *posthog, const char *rest, struct err *err)
{
    cJSON *all = cJSON_CreateArray();
    cJSON *page = below_project(posthog, true, "GET", rest, NULL, err);

    for (int pages = 0; page; pages++) {
        const char *next = path_of(text_of(page, "next"));
        cJSON *following;

        move_results(page, all);
        if (!next || pages == 1000) {
            cJSON_Delete(page);
            return all;
        }
        following = send_request(posthog, true, "GET", next, NULL, err);
        cJSON_Delete(page);
        page = following;
    }
    cJSON_Delete(all);
    return NULL;
}

static bool query_failed(const cJSON *answer, struct err *err)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(answer, "error");

    if (cJSON_IsString(error))
        return !err_set(err, "PostHog refuses the query: %s",
                        error->valuestring);
    if (cJSON_IsTrue(error))
        return !err_set(err, "the query failed at PostHog: %s",
                        text_of(answer, "error_message"));
    return false;
}

/* Polls until the query is done; takes status, gives the results. */
static cJSON *await_query(struct posthog *posthog, cJSON *answer,
                          struct err *err)
{
    struct timespec pause = {.tv_nsec = 250000000};
    time_t give_up = time(NULL) + POLL_MAX_S;
    struct buf rest;

    buf_init(&rest, KIB);
    while (answer) {
        cJSON *status =
            cJSON_GetObjectItemCaseSensitive(answer, "query_status");

        if (query_failed(status, err))
            break;
        if (cJSON_IsTrue(
                cJSON_GetObjectItemCaseSensitive(status, "complete"))) {
            cJSON *results =
                cJSON_DetachItemFromObjectCaseSensitive(status, "results");

            cJSON_Delete(answer);
            buf_free(&rest);
            if (!results)
                err_set(err, "the query is done, but PostHog gives no rows");
            return results;
        }
        if (!*text_of(status, "id")) {
            err_set(err, "PostHog does not say how the query goes on");
            break;
        }
        buf_clear(&rest);
        buf_addf(&rest, "/query/%s/", text_of(status, "id"));
        cJSON_Delete(answer);
        answer = NULL;
        if (time(NULL) > give_up) {
            err_set(err, "PostHog works at the query for more than 10 "
                         "minutes: ask for less");
            break;
        }
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 900000000)
            pause.tv_nsec += 250000000 - 100000000;
        answer = below_project(posthog, true, "GET", rest.data, NULL, err);
    }
    cJSON_Delete(answer);
    buf_free(&rest);
    return NULL;
}

cJSON *posthog_query_body(const char *sql)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *query = cJSON_AddObjectToObject(body, "query");

    cJSON_AddStringToObject(query, "kind", "HogQLQuery");
    cJSON_AddStringToObject(query, "query", sql);
    cJSON_AddStringToObject(body, "name", "telltale");
    cJSON_AddStringToObject(body, "refresh", "blocking");
    return body;
}

cJSON *posthog_query(struct posthog *posthog, const char *sql, struct err *err)
{
    cJSON *body = posthog_query_body(sql);
    cJSON *answer = below_project(posthog, true, "POST", "/query/", body, err);

    cJSON_Delete(body);
    if (cJSON_IsObject(
            cJSON_GetObjectItemCaseSensitive(answer, "query_status")))
        answer = await_query(posthog, answer, err);
    if (!answer)
        return NULL;
    if (query_failed(answer, err)) {
        cJSON_Delete(answer);
        return NULL;
    }
    if (!cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(answer, "columns")) ||
        !cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(answer, "results"))) {
        err_set(err, "PostHog's answer to the query has no rows in it");
        cJSON_Delete(answer);
        return NULL;
    }
    return answer;
}

int posthog_column(const cJSON *answer, const char *name)
{
    const cJSON *columns = cJSON_GetObjectItemCaseSensitive(answer, "columns");
    const cJSON *column;
    int at = 0;

    cJSON_ArrayForEach(column, columns)
    {
        if (cJSON_IsString(column) && !strcmp(column->valuestring, name))
            return at;
        at++;
    }
    return -1;
}

void posthog_quote(struct buf *sql, const char *text)
{
    buf_addc(sql, '\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            buf_addc(sql, '\\');
        buf_addc(sql, *text);
    }
    buf_addc(sql, '\'');
}

/* For a loop. */

bool posthog_prepare(const struct posthog *posthog, const char *rest,
                     struct buf *url, struct buf *authorization)
{
    buf_addf(url, "%s/api/projects/%s%s", posthog->host, posthog->project,
             rest);
    buf_addf(authorization, "Authorization: Bearer %s", posthog->key);
    return is_local(posthog->host);
}

cJSON *posthog_read(const struct posthog *posthog,
                    const struct client_answer *answer, unsigned *wait_s,
                    struct err *err)
{
    struct exchange exchange = {.answer = NULL};

    take(&exchange, answer);
    *wait_s = answer->status == 429 ? throttled_for(&exchange) : 0;
    return conclude(posthog, &exchange, err);
}
