/* The HTTP client over libcurl's easy and multi interfaces. It knows nothing
 * of Slack or PostHog: retries, rate limits and breakers are its callers'.
 *
 * curl says which sockets it waits for and until when (its multi_socket
 * interface), and the loop watches duplicates of them: a transfer that waits
 * costs nothing. Where the other end has hung up, libwebsockets watches no
 * longer, while curl may have to read what came before: such a socket is
 * looked after by a timer until curl lets it go. */
#include "net/client.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/client_error.h"

#include "base/banned.h"

#define DEFAULT_TIMEOUT_MS 10000
#define CONNECT_TIMEOUT_MS 5000
/* Of an answer that did not come whole in its time: it will not the next time. */
#define MUCH_BYTES (1 * MIB)
#define OVER_US 5000 /* between two looks at sockets that are over */
#define OVER_MAX 64  /* looked at in one go */

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
    bool ended; /* take() wants no more */
    bool waits; /* it was sent from inside a take(): curl has it not yet */
    enum client_taken (*take)(void *ctx, const char *data, size_t len);
    bool (*waiting)(void *ctx, bool begun);
    client_done *done;
    void *ctx;
};

/* A socket that curl waits for. */
struct awaited {
    struct awaited *next;
    struct client *client;
    curl_socket_t socket;
    struct loop_fd *watched; /* NULL: it could not be */
    bool writes;
};

struct client {
    struct loop *loop;
    CURLM *multi;
    struct loop_timer *timer; /* curl's */
    struct loop_timer *over;  /* for sockets that are not watched */
    struct loop_timer *later; /* for what curl does not allow at once */
    bool handing_on;          /* a take() is being called */
    struct awaited *sockets;
    struct transfer *transfers;
    uint64_t last_id;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* What is handed on from client_resume() may be refused without curl ending
 * the transfer: nothing more comes then, either. */
static size_t hand_on(struct transfer *transfer, const char *data, size_t len)
{
    enum client_taken taken;

    if (transfer->ended)
        return 0;
    transfer->client->handing_on = true;
    taken = transfer->take(transfer->ctx, data, len);
    transfer->client->handing_on = false;
    switch (taken) {
    case CLIENT_PAUSE:
        return CURL_WRITEFUNC_PAUSE;
    case CLIENT_END:
        transfer->ended = true;
        return 0;
    case CLIENT_GO_ON:
        break;
    }
    return len;
}

/* Keeps what fits and reads the rest away: the status still counts. */
static size_t take_body(char *data, size_t size, size_t count, void *ctx)
{
    struct transfer *transfer = ctx;
    size_t len = size * count;
    size_t room = transfer->answer.max - transfer->answer.len;
    long status = 0;

    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (transfer->take && status == 200)
        return hand_on(transfer, data, len);
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

/* curl ends the transfer where this is not 0. */
static int on_waiting(void *ctx, curl_off_t down, curl_off_t downed,
                      curl_off_t up, curl_off_t upped)
{
    struct transfer *transfer = ctx;
    long status = 0;

    (void)down, (void)downed, (void)up, (void)upped;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    return !transfer->waiting(transfer->ctx, status != 0);
}

/* Of the whole exchange, ms; 0: none. */
static long limit_of(const struct client_request *request)
{
    if (request->take)
        return 0;
    return request->timeout_ms ? (long)request->timeout_ms
                               : DEFAULT_TIMEOUT_MS;
}

static struct transfer *transfer_new(const struct client_request *request,
                                     client_done *done, void *ctx)
{
    struct transfer *transfer = xcalloc(1, sizeof *transfer);
    CURL *easy;

    pthread_once(&curl_once, init_curl);
    transfer->take = request->take;
    transfer->waiting = request->waiting;
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
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, request->waiting ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_waiting);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "telltale");
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, limit_of(request));
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

static bool is_too_long(const struct transfer *transfer, CURLcode code)
{
    return transfer->wanted > transfer->answer.max ||
           (code == CURLE_OPERATION_TIMEDOUT && transfer->wanted > MUCH_BYTES);
}

static void finish(struct transfer *transfer, CURLcode code)
{
    struct client_answer answer = {.retry_after_ms = -1, .error = ""};
    curl_off_t retry_after = 0;
    char error[512];
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
        client_error(transfer->easy, code, answer.outcome == CLIENT_DOUBT,
                     error, sizeof error);
        answer.error = error;
    }
    answer.body = transfer->answer.data;
    answer.len = transfer->answer.len;
    answer.too_long = is_too_long(transfer, code);
    transfer->done(transfer->ctx, &answer);
}

static void unlink_transfer(struct client *client, struct transfer *transfer)
{
    struct transfer **at = &client->transfers;

    while (*at != transfer)
        at = &(*at)->next;
    *at = transfer->next;
    if (!transfer->waits)
        curl_multi_remove_handle(client->multi, transfer->easy);
}

static void reap(struct client *client)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(client->multi, &left))) {
        struct transfer *transfer = NULL;
        CURLcode code = message->data.result;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        unlink_transfer(client, transfer);
        finish(transfer, code);
        transfer_free(transfer);
    }
}

/* ---- the loop tells curl ---- */

/* What curl wants next, it says by its two callbacks meanwhile. */
static void act(struct client *client, curl_socket_t socket, int events)
{
    int running;

    curl_multi_socket_action(client->multi, socket, events, &running);
    reap(client);
}

static void on_time(void *ctx)
{
    act(ctx, CURL_SOCKET_TIMEOUT, 0);
}

static struct transfer *find_ended(struct client *client)
{
    struct transfer *transfer = client->transfers;

    while (transfer && !transfer->ended)
        transfer = transfer->next;
    return transfer;
}

/* curl takes nothing in while it hands something on. */
static void on_later(void *ctx)
{
    struct client *client = ctx;
    struct transfer *transfer;

    for (transfer = client->transfers; transfer; transfer = transfer->next)
        if (transfer->waits) {
            transfer->waits = false;
            curl_multi_add_handle(client->multi, transfer->easy);
        }
    while ((transfer = find_ended(client))) {
        unlink_transfer(client, transfer);
        finish(transfer, CURLE_WRITE_ERROR);
        transfer_free(transfer);
    }
}

static struct awaited *find_awaited(struct client *client,
                                    curl_socket_t socket)
{
    struct awaited *at = client->sockets;

    while (at && at->socket != socket)
        at = at->next;
    return at;
}

static bool is_over(const struct awaited *awaited)
{
    return !awaited->watched || loop_fd_is_over(awaited->watched);
}

/* Acting on one may remove any of them. */
static void on_over(void *ctx)
{
    struct client *client = ctx;
    curl_socket_t sockets[OVER_MAX];
    size_t count = 0;

    for (struct awaited *at = client->sockets; at; at = at->next)
        if (is_over(at) && count < OVER_MAX)
            sockets[count++] = at->socket;
    for (size_t i = 0; i < count; i++)
        if (find_awaited(client, sockets[i]))
            act(client, sockets[i], CURL_CSELECT_IN | CURL_CSELECT_OUT);
    if (count)
        loop_timer_set(client->over, OVER_US);
}

static void on_readable(void *ctx)
{
    struct awaited *awaited = ctx;
    struct client *client = awaited->client;
    curl_socket_t socket = awaited->socket;

    act(client, socket, CURL_CSELECT_IN);
    awaited = find_awaited(client, socket);
    if (awaited && is_over(awaited))
        loop_timer_set(client->over, OVER_US);
}

/* Asked for once, told once. */
static void on_writable(void *ctx)
{
    struct awaited *awaited = ctx;
    struct client *client = awaited->client;
    curl_socket_t socket = awaited->socket;

    if (!awaited->writes)
        return;
    act(client, socket, CURL_CSELECT_OUT);
    awaited = find_awaited(client, socket);
    if (awaited && awaited->writes && awaited->watched)
        loop_fd_want_write(awaited->watched);
}

/* ---- curl tells the loop ---- */

static int set_time(CURLM *multi, long ms, void *ctx)
{
    struct client *client = ctx;

    (void)multi;
    if (ms < 0)
        loop_timer_cancel(client->timer);
    else
        loop_timer_set(client->timer, (int64_t)ms * 1000);
    return 0;
}

static struct awaited *await(struct client *client, curl_socket_t socket)
{
    struct awaited *awaited = xcalloc(1, sizeof *awaited);
    struct err err;

    awaited->client = client;
    awaited->socket = socket;
    awaited->next = client->sockets;
    client->sockets = awaited;
    awaited->watched = loop_watch(client->loop, socket, on_readable,
                                  on_writable, awaited, &err);
    if (!awaited->watched)
        loop_timer_set(client->over, OVER_US);
    return awaited;
}

static void forget_awaited(struct client *client, struct awaited *awaited)
{
    struct awaited **at = &client->sockets;

    while (*at != awaited)
        at = &(*at)->next;
    *at = awaited->next;
    loop_unwatch(awaited->watched);
    free(awaited);
}

static int set_socket(CURL *easy, curl_socket_t socket, int what, void *ctx,
                      void *socket_ctx)
{
    struct client *client = ctx;
    struct awaited *awaited = find_awaited(client, socket);

    (void)easy;
    (void)socket_ctx;
    if (what == CURL_POLL_REMOVE) {
        if (awaited)
            forget_awaited(client, awaited);
        return 0;
    }
    if (!awaited)
        awaited = await(client, socket);
    awaited->writes = what & CURL_POLL_OUT;
    if (awaited->writes && awaited->watched)
        loop_fd_want_write(awaited->watched);
    return 0;
}

/* ---- the client ---- */

struct client *client_new(struct loop *loop)
{
    struct client *client = xcalloc(1, sizeof *client);

    pthread_once(&curl_once, init_curl);
    client->loop = loop;
    client->timer = loop_timer_new(loop, on_time, client);
    client->over = loop_timer_new(loop, on_over, client);
    client->later = loop_timer_new(loop, on_later, client);
    client->multi = curl_multi_init();
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, set_time);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
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
    curl_multi_cleanup(client->multi);
    while (client->sockets)
        forget_awaited(client, client->sockets);
    loop_timer_free(client->timer);
    loop_timer_free(client->over);
    loop_timer_free(client->later);
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
    transfer->waits = client->handing_on;
    if (transfer->waits)
        loop_timer_set(client->later, 0);
    else
        curl_multi_add_handle(client->multi, transfer->easy);
    return transfer->id;
}

static struct transfer *find_transfer(struct client *client, uint64_t id)
{
    struct transfer *transfer = client->transfers;

    while (transfer && transfer->id != id)
        transfer = transfer->next;
    return transfer;
}

void client_cancel(struct client *client, uint64_t id)
{
    struct transfer *transfer = find_transfer(client, id);

    if (!transfer)
        return;
    unlink_transfer(client, transfer);
    transfer_free(transfer);
}

void client_resume(struct client *client, uint64_t id)
{
    struct transfer *transfer = find_transfer(client, id);

    if (!transfer)
        return;
    curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
    if (transfer->ended)
        loop_timer_set(client->later, 0);
}

void client_perform(const struct client_request *request, client_done *done,
                    void *ctx)
{
    struct transfer *transfer = transfer_new(request, done, ctx);

    finish(transfer, curl_easy_perform(transfer->easy));
    transfer_free(transfer);
}
