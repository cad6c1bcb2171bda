/* The real loop and server with nothing behind them, for http_traps.py:
 * POST /hook (with the token) answers the length and SHA-256 of the body,
 * after --delay milliseconds from a timer, as a commit would; with
 * "X-Signed: BODY" in place of the token only the body tells whether it is
 * let in. GET /large answers 4 MiB, GET /never nothing. It is no telltale: no
 * journal, no decoding. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/loop.h"
#include "net/server.h"

#include "base/banned.h"

#define TOKEN "only-for-this-test"
#define LARGE (4 * MIB)

struct waiting {
    struct waiting *next;
    struct request_id id;
    int64_t due_us;
    char body[160];
};

struct echo {
    struct server *server;
    struct loop *loop;
    struct loop_timer *timer;
    struct waiting *first, **last;
    int64_t delay_us;
    uint64_t notes; /* handed out, not given back: must end at 0 */
    char *large;    /* the answer of GET /large */
};

static void answer_now(struct echo *echo, struct request_id id,
                       const char *body)
{
    struct answer answer = {.status = 200, .body = body, .len = strlen(body)};

    server_answer(echo->server, id, &answer);
}

static void answer_due(void *ctx)
{
    struct echo *echo = ctx;

    while (echo->first && echo->first->due_us <= clock_mono_us()) {
        struct waiting *waiting = echo->first;

        echo->first = waiting->next;
        if (!echo->first)
            echo->last = &echo->first;
        answer_now(echo, waiting->id, waiting->body);
        free(waiting);
    }
    if (echo->first)
        loop_timer_set(echo->timer, echo->first->due_us - clock_mono_us());
}

static void describe(const char *body, size_t len, char *out, size_t size)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;
    size_t used;

    EVP_Digest(body, len, digest, &digest_len, EVP_sha256(), NULL);
    snprintf(out, size, "{\"ok\":true,\"len\":%zu,\"sha\":\"", len);
    used = strlen(out);
    for (unsigned i = 0; i < digest_len && used + 8 < size; i++, used += 2)
        snprintf(out + used, size - used, "%02x", digest[i]);
    snprintf(out + used, size - used, "\"}");
}

static enum admission hook_admit(void *ctx, const struct request *request,
                                 struct answer *answer, void **note)
{
    struct echo *echo = ctx;
    char token[256];

    if (request_header(request, "x-telltale-token", token, sizeof token) &&
        !strcmp(token, TOKEN)) {
        echo->notes++;
        *note = xstrdup("");
        return ADMIT;
    }
    if (request_header(request, "x-signed", token, sizeof token)) {
        echo->notes++;
        *note = xstrdup(token);
        return ADMIT_ANON;
    }
    answer->status = 401;
    answer->body = "{\"ok\":false,\"error\":\"wrong token\"}";
    answer->len = strlen(answer->body);
    return ADMIT_ANSWER;
}

static void hook_gone(void *ctx, void *note)
{
    struct echo *echo = ctx;

    free(note);
    echo->notes--;
}

/* Answers 401 when the body is another. */
static bool is_signed(struct echo *echo, struct request_id id,
                      const char *wanted, const char *body)
{
    struct answer answer = {.status = 401, .body = "{}", .len = 2};

    if (!strcmp(wanted, body)) {
        server_confirm(echo->server, id);
        return true;
    }
    server_answer(echo->server, id, &answer);
    return false;
}

static void hook_complete(void *ctx, struct request_id id, const char *peer,
                          void *note, char *body, size_t len)
{
    struct echo *echo = ctx;
    struct waiting *waiting = xcalloc(1, sizeof *waiting);

    (void)peer;
    if (*(const char *)note && !is_signed(echo, id, note, body)) {
        hook_gone(ctx, note);
        free(waiting);
        return;
    }
    hook_gone(ctx, note);
    describe(body, len, waiting->body, sizeof waiting->body);
    waiting->id = id;
    if (!echo->delay_us) {
        answer_now(echo, id, waiting->body);
        free(waiting);
        return;
    }
    waiting->due_us = clock_mono_us() + echo->delay_us;
    if (!echo->first)
        loop_timer_set(echo->timer, echo->delay_us);
    *echo->last = waiting;
    echo->last = &waiting->next;
}

static enum admission health_admit(void *ctx, const struct request *request,
                                   struct answer *answer, void **note)
{
    (void)ctx;
    (void)request;
    (void)answer;
    (void)note;
    return ADMIT_ANON;
}

static void health_complete(void *ctx, struct request_id id, const char *peer,
                            void *note, char *body, size_t len)
{
    struct echo *echo = ctx;
    struct server_stats stats = server_stats(echo->server);
    char text[400];

    (void)peer;
    (void)note;
    (void)body;
    (void)len;
    snprintf(text, sizeof text,
             "{\"ok\":true,\"requests\":%" PRIu64 ",\"answered\":%" PRIu64
             ",\"refused\":%" PRIu64 ",\"lost\":%" PRIu64
             ",\"timeouts\":%" PRIu64 ",\"connections\":%u,\"waiting\":%u,"
             "\"in_flight\":%zu,\"notes\":%" PRIu64 ",\"evicted\":%" PRIu64
             ",\"unsent\":%zu}",
             stats.requests, stats.answered, stats.refused, stats.lost,
             stats.timeouts, stats.connections, stats.waiting, stats.in_flight,
             echo->notes, stats.evicted, stats.unsent);
    answer_now(echo, id, text);
}

static void large_complete(void *ctx, struct request_id id, const char *peer,
                           void *note, char *body, size_t len)
{
    struct echo *echo = ctx;
    struct answer answer = {.status = 200, .body = echo->large, .len = LARGE};

    (void)peer;
    (void)note;
    (void)body;
    (void)len;
    server_answer(echo->server, id, &answer);
}

/* Nobody answers this one. */
static void never_complete(void *ctx, struct request_id id, const char *peer,
                           void *note, char *body, size_t len)
{
    (void)ctx;
    (void)id;
    (void)peer;
    (void)note;
    (void)body;
    (void)len;
}

static void stop(void *ctx, int number)
{
    struct echo *echo = ctx;

    (void)number;
    server_stop_listening(echo->server);
    loop_stop(echo->loop);
}

static const char *flag(int argc, char **argv, const char *name,
                        const char *otherwise)
{
    for (int i = 1; i + 1 < argc; i += 2)
        if (!strcmp(argv[i], name))
            return argv[i + 1];
    return otherwise;
}

static unsigned number(int argc, char **argv, const char *name)
{
    return (unsigned)strtoul(flag(argc, argv, name, "0"), NULL, 10);
}

static void read_options(struct server_options *options, int argc, char **argv)
{
    options->listen = flag(argc, argv, "--listen", "127.0.0.1:0");
    options->max_body = number(argc, argv, "--max-body");
    options->max_headers = number(argc, argv, "--max-headers");
    options->max_connections = number(argc, argv, "--max-connections");
    options->header_ms = number(argc, argv, "--header-ms");
    options->body_ms = number(argc, argv, "--body-ms");
    options->idle_ms = number(argc, argv, "--idle-ms");
    options->send_ms = number(argc, argv, "--send-ms");
    options->answer_ms = number(argc, argv, "--commit-ms");
    options->tls_cert = flag(argc, argv, "--tls-cert", NULL);
    options->tls_key = flag(argc, argv, "--tls-key", NULL);
}

static void free_waiting(struct echo *echo)
{
    while (echo->first) {
        struct waiting *next = echo->first->next;

        free(echo->first);
        echo->first = next;
    }
}

static void add_routes(struct echo *echo)
{
    static const struct route_ops hook = {hook_admit, hook_complete,
                                          hook_gone};
    static const struct route_ops health = {health_admit, health_complete,
                                            NULL};
    static const struct route_ops large = {health_admit, large_complete, NULL};
    static const struct route_ops never = {health_admit, never_complete, NULL};
    const struct route routes[] = {
        {"POST PUT PATCH", "/hook", &hook, echo, "not kept in time"},
        {"GET", "/healthz", &health, echo, NULL},
        {"GET", "/large", &large, echo, NULL},
        {"GET", "/never", &never, echo, NULL},
    };

    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        server_route(echo->server, &routes[i]);
}

static bool serve(struct echo *echo, struct server_options *options,
                  struct err *err)
{
    echo->server = server_new(echo->loop, options, err);
    if (echo->server)
        add_routes(echo);
    if (!echo->server || !loop_on_signal(echo->loop, SIGTERM, stop, echo, err))
        return false;
    printf("listening on %s\n", server_address(echo->server));
    fflush(stdout);
    loop_run(echo->loop);
    return true;
}

int main(int argc, char **argv)
{
    struct echo echo = {.last = &echo.first};
    struct server_options options = {0};
    struct err err = {{0}};
    bool ok;

    read_options(&options, argc, argv);
    echo.delay_us = (int64_t)number(argc, argv, "--delay") * 1000;
    echo.large = xcalloc(1, LARGE);
    memset(echo.large, 'x', LARGE);
    echo.loop = loop_new(&err);
    echo.timer = loop_timer_new(echo.loop, answer_due, &echo);
    ok = serve(&echo, &options, &err);
    if (!ok)
        fprintf(stderr, "http_server: %s\n", err.text);
    free_waiting(&echo);
    free(echo.large);
    server_free(echo.server);
    loop_timer_free(echo.timer);
    loop_free(echo.loop);
    return ok ? 0 : 1;
}
