/* The HTTP client over libcurl's easy and multi interfaces. It knows nothing
 * of Slack or PostHog: retries, rate limits and breakers are its callers'.
 *
 * curl is driven by a timer instead of its sockets: libwebsockets watches
 * adopted descriptors for reading only (reference: lws #2762), and a timer
 * that slows down while nothing moves costs less than a second event loop. */
#include "net/client.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

#define DEFAULT_TIMEOUT_MS 10000
#define CONNECT_TIMEOUT_MS 5000
#define STEP_MIN_US 1000
#define STEP_MAX_US 50000

struct transfer {
    struct transfer *next;
    struct client *client; /* NULL: blocking */
    uint64_t id;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    size_t len, left; /* of the body, and not yet taken by curl */
    struct buf answer;
    size_t wanted; /* answer bytes seen, kept or not */
    char error[CURL_ERROR_SIZE];
    client_done *done;
    void *ctx;
};

struct client {
    CURLM *multi;
    struct loop_timer *timer;
    struct transfer *transfers;
    uint64_t last_id;
    unsigned running;
    int64_t step_us;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* Keeps what fits and reads the rest away: the status still counts. */
static size_t take_body(char *data, size_t size, size_t count, void *ctx)
{
    struct transfer *transfer = ctx;
    size_t len = size * count;
    size_t room = transfer->answer.max - transfer->answer.len;

    transfer->wanted += len;
    buf_add(&transfer->answer, data, len < room ? len : room);
    return transfer->wanted > 64 * MIB + transfer->answer.max ? 0 : len;
}

static struct curl_slist *copy_headers(const char *const *headers)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");

    for (; headers && *headers; headers++)
        list = curl_slist_append(list, *headers);
    return list;
}

static size_t give_body(char *to, size_t size, size_t count, void *ctx)
{
    struct transfer *transfer = ctx;
    size_t room = size * count;
    size_t len = transfer->left < room ? transfer->left : room;

    memcpy(to, transfer->body + transfer->len - transfer->left, len);
    transfer->left -= len;
    return len;
}

/* curl sends a request again on its own when a kept connection breaks before
 * the answer: the other side may have acted on it. A body that is read once
 * and cannot be rewound makes that an error, which the caller judges. */
static void set_method(struct transfer *transfer,
                       const struct client_request *request)
{
    CURL *easy = transfer->easy;

    if (request->body) {
        transfer->len = transfer->left = request->len;
        transfer->body =
            request->len ? xstrndup(request->body, request->len) : xstrdup("");
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
        curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)request->len);
    }
    if (request->method)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static struct transfer *transfer_new(const struct client_request *request,
                                     client_done *done, void *ctx)
{
    struct transfer *transfer = xcalloc(1, sizeof *transfer);
    unsigned timeout = request->timeout_ms;
    CURL *easy;

    pthread_once(&curl_once, init_curl);
    transfer->done = done;
    transfer->ctx = ctx;
    buf_init(&transfer->answer,
             request->max_answer ? request->max_answer : MIB);
    transfer->headers = copy_headers(request->headers);
    easy = transfer->easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
                     request->allow_http ? "https,http" : "https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "telltale");
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     (long)(timeout ? timeout : DEFAULT_TIMEOUT_MS));
    /* Or the end of a transfer waits for a resolver that hangs. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    set_method(transfer, request);
    return transfer;
}

static void transfer_free(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    free(transfer->body);
    buf_free(&transfer->answer);
    free(transfer);
}

/* The host of the transfer's URL: all of it that may be shown. */
static void name_host(struct transfer *transfer, char *out, size_t size)
{
    char *url = NULL, *host = NULL;
    CURLU *parts = curl_url();

    curl_easy_getinfo(transfer->easy, CURLINFO_EFFECTIVE_URL, &url);
    if (!parts || !url || curl_url_set(parts, CURLUPART_URL, url, 0) ||
        curl_url_get(parts, CURLUPART_HOST, &host, 0))
        snprintf(out, size, "the other side");
    else
        snprintf(out, size, "%s", host);
    curl_free(host);
    curl_url_cleanup(parts);
}

/* curl gives an answer that is not HTTP/1 or later the code of an address
 * with a protocol it does not speak: what tells them apart is whether the
 * request ever left. */
static const char *plain_reason(CURLcode code, bool left)
{
    switch (code) {
    case CURLE_URL_MALFORMAT:
        return "not an https address";
    case CURLE_UNSUPPORTED_PROTOCOL:
        return left ? "what answers there does not speak HTTP"
                    : "not an https address";
    case CURLE_WEIRD_SERVER_REPLY:
        return "what answers there does not speak HTTP";
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return "no such host, or no network";
    case CURLE_COULDNT_CONNECT:
        return "cannot connect";
    case CURLE_OPERATION_TIMEDOUT:
        return "no answer in time";
    case CURLE_PEER_FAILED_VERIFICATION:
        return "its certificate is not trusted";
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
        return "the connection broke";
    default:
        return curl_easy_strerror(code);
    }
}

/* Anything on its way to the other side may have been acted on. What a proxy
 * was asked before it made the connection is none of that. */
static bool request_left(CURL *easy)
{
    curl_off_t ready = 0;
    long bytes = 0;

    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes);
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
    return bytes > 0 && ready > 0;
}

static void finish(struct transfer *transfer, CURLcode code)
{
    struct client_answer answer = {.retry_after_ms = -1, .error = ""};
    curl_off_t retry_after = 0;
    char host[256], error[512];
    long status = 0;

    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after);
    if (code == CURLE_OK) {
        answer.outcome = CLIENT_ANSWERED;
        answer.status = (int)status;
        if (retry_after > 0)
            answer.retry_after_ms = (int64_t)retry_after * 1000;
    } else {
        answer.outcome =
            request_left(transfer->easy) ? CLIENT_DOUBT : CLIENT_UNSENT;
        name_host(transfer, host, sizeof host);
        snprintf(error, sizeof error, "%s: %s", host,
                 plain_reason(code, answer.outcome == CLIENT_DOUBT));
        answer.error = error;
    }
    answer.body = transfer->answer.data;
    answer.len = transfer->answer.len;
    transfer->done(transfer->ctx, &answer);
}

static void unlink_transfer(struct client *client, struct transfer *transfer)
{
    struct transfer **at = &client->transfers;

    while (*at != transfer)
        at = &(*at)->next;
    *at = transfer->next;
    client->running--;
    curl_multi_remove_handle(client->multi, transfer->easy);
}

static bool reap(struct client *client)
{
    CURLMsg *message;
    int left;
    bool any = false;

    while ((message = curl_multi_info_read(client->multi, &left))) {
        struct transfer *transfer = NULL;
        CURLcode code = message->data.result;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        unlink_transfer(client, transfer);
        finish(transfer, code);
        transfer_free(transfer);
        any = true;
    }
    return any;
}

/* One step of all transfers; the next comes soon while something moves. */
static void step(void *ctx)
{
    struct client *client = ctx;
    int running = 0, ready = 0;

    curl_multi_perform(client->multi, &running);
    if (reap(client))
        client->step_us = STEP_MIN_US;
    curl_multi_poll(client->multi, NULL, 0, 0, &ready);
    client->step_us = ready ? STEP_MIN_US : client->step_us * 3 / 2;
    if (client->step_us > STEP_MAX_US)
        client->step_us = STEP_MAX_US;
    if (client->running)
        loop_timer_set(client->timer, client->step_us);
}

struct client *client_new(struct loop *loop)
{
    struct client *client = xcalloc(1, sizeof *client);

    pthread_once(&curl_once, init_curl);
    client->multi = curl_multi_init();
    client->timer = loop_timer_new(loop, step, client);
    return client;
}

void client_free(struct client *client)
{
    if (!client)
        return;
    while (client->transfers) {
        struct transfer *transfer = client->transfers;

        unlink_transfer(client, transfer);
        transfer_free(transfer);
    }
    loop_timer_free(client->timer);
    curl_multi_cleanup(client->multi);
    free(client);
}

uint64_t client_send(struct client *client,
                     const struct client_request *request, client_done *done,
                     void *ctx)
{
    struct transfer *transfer = transfer_new(request, done, ctx);

    transfer->client = client;
    transfer->id = ++client->last_id;
    transfer->next = client->transfers;
    client->transfers = transfer;
    client->running++;
    curl_multi_add_handle(client->multi, transfer->easy);
    client->step_us = STEP_MIN_US;
    loop_timer_set(client->timer, 0);
    return transfer->id;
}

void client_cancel(struct client *client, uint64_t id)
{
    for (struct transfer *transfer = client->transfers; transfer;
         transfer = transfer->next)
        if (transfer->id == id) {
            unlink_transfer(client, transfer);
            transfer_free(transfer);
            return;
        }
}

void client_perform(const struct client_request *request, client_done *done,
                    void *ctx)
{
    struct transfer *transfer = transfer_new(request, done, ctx);

    finish(transfer, curl_easy_perform(transfer->easy));
    transfer_free(transfer);
}
