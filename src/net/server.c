/* The server: what its connections share. It listens, hands each connection
 * to libwebsockets as a raw socket (TLS included), keeps their deadlines,
 * and finds the connection that a late answer is for.
 *
 * libwebsockets' own HTTP is not used: 4.1.6 spins for ever on two POSTs in
 * one segment, passes chunked bodies on undecoded and never times out a
 * dripped one. One request after another is read by conn.c instead. */
#include "net/server.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/conn.h"
#include "net/listen.h"
#include "net/socket.h"

#include "base/banned.h"

#define SPARE_FILES 64

static int on_socket(struct lws *wsi, enum lws_callback_reasons reason,
                     void *user, void *in, size_t len)
{
    struct conn *conn;

    (void)user;
    switch (reason) {
    case LWS_CALLBACK_RAW_RX:
        conn = lws_get_opaque_user_data(wsi);
        loop_was_busy(lws_context_user(lws_get_context(wsi)));
        return conn && conn_receive(conn, in, len) ? 0 : -1;
    case LWS_CALLBACK_RAW_WRITEABLE:
        conn = lws_get_opaque_user_data(wsi);
        return conn && conn_writable(conn) ? 0 : -1;
    case LWS_CALLBACK_RAW_ADOPT:
        conn = lws_get_opaque_user_data(wsi);
        if (conn)
            conn_start(conn, wsi);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        conn = lws_get_opaque_user_data(wsi);
        if (conn)
            conn_free(conn);
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = on_socket},
    {.name = NULL},
};

static int64_t earliest_deadline(const struct server *server)
{
    int64_t earliest = 0;

    for (int phase = 0; phase < CONN_DEAD; phase++) {
        const struct conn *first = server->phases[phase].first;

        if (first && (!earliest || first->deadline_us < earliest))
            earliest = first->deadline_us;
    }
    return earliest;
}

void server_note_deadline(struct server *server, int64_t deadline_us)
{
    if (server->timer_us && server->timer_us <= deadline_us)
        return;
    server->timer_us = deadline_us;
    loop_timer_set(server->timer, deadline_us - clock_mono_us());
}

static void on_sweep(void *ctx)
{
    struct server *server = ctx;
    int64_t now = clock_mono_us(), next;

    for (int phase = 0; phase < CONN_DEAD; phase++)
        while (server->phases[phase].first &&
               server->phases[phase].first->deadline_us <= now)
            conn_expire(server->phases[phase].first);
    server->timer_us = 0;
    next = earliest_deadline(server);
    if (next)
        server_note_deadline(server, next);
}

void server_close_now(struct conn *conn)
{
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_SYNC);
}

static void turn_away(struct server *server, int fd, const char *peer)
{
    static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\n"
                                 "Content-Length: 0\r\n"
                                 "Retry-After: 1\r\n"
                                 "Connection: close\r\n\r\n";
    ssize_t sent = send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);

    (void)sent;
    close(fd);
    server->stats.refused++;
    if (server->options.on_refused)
        server->options.on_refused(server->options.ctx, 503,
                                   "too many connections", peer);
}

/* A new connection: lws owns fd from here on. */
static void open_connection(void *ctx, int fd, const char *peer)
{
    struct server *server = ctx;
    lws_adopt_desc_t adopt = {.vh = server->vhost,
                              .type = LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL,
                              .vh_prot_name = protocols[0].name};
    struct conn *conn;
    uint32_t slot;

    if (server->free_slot == server->options.max_connections)
        crowd_make_way(server);
    conn = conn_new(server, peer);
    if (!conn) {
        turn_away(server, fd, peer);
        return;
    }
    slot = conn->slot;
    adopt.fd.sockfd = fd;
    adopt.opaque = conn;
    /* When lws fails early it forgets to tell us. */
    if (!lws_adopt_descriptor_vhost_via_info(&adopt) &&
        server->slots[slot].conn == conn)
        conn_free(conn);
}

static bool make_vhost(struct server *server, struct err *err)
{
    const struct server_options *options = &server->options;
    struct lws_context_creation_info info = {
        .vhost_name = "http",
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .alpn = "http/1.1",
        .ssl_cert_filepath = options->tls_cert,
        .ssl_private_key_filepath = options->tls_key,
    };

    if ((options->tls_cert && !file_is_regular(options->tls_cert, err)) ||
        (options->tls_key && !file_is_regular(options->tls_key, err)))
        return false;
    server->tls = options->tls_cert;
    if (server->tls)
        info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    server->vhost = lws_create_vhost(loop_context(server->loop), &info);
    if (server->vhost)
        return true;
    if (options->tls_cert)
        return err_set(err, "cannot serve TLS with %s and %s: see the log",
                       options->tls_cert,
                       options->tls_key ? options->tls_key : "no key");
    return err_set(err, "cannot start the server (libwebsockets)");
}

/* Some descriptors are left for the journal and everything else. */
static unsigned affordable(unsigned connections)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < 2 * SPARE_FILES)
        return connections;
    if (limit.rlim_cur - SPARE_FILES >= connections)
        return connections;
    log_line(LOG_WARN,
             "at most %u connections: more open files are needed "
             "for %u (ulimit -n)",
             (unsigned)limit.rlim_cur - SPARE_FILES, connections);
    return (unsigned)limit.rlim_cur - SPARE_FILES;
}

static void copy_options(struct server *server,
                         const struct server_options *given)
{
    struct server_options *options = &server->options;

    *options = *given;
    if (!options->max_body)
        options->max_body = LIMIT_BODY;
    if (!options->max_headers)
        options->max_headers = LIMIT_HEADERS;
    if (!options->max_connections)
        options->max_connections = LIMIT_CONNECTIONS;
    options->max_connections = affordable(options->max_connections);
    if (!options->header_ms)
        options->header_ms = LIMIT_HEADER_MS;
    if (!options->body_ms)
        options->body_ms = LIMIT_BODY_MS;
    if (!options->idle_ms)
        options->idle_ms = LIMIT_IDLE_MS;
    if (!options->send_ms)
        options->send_ms = LIMIT_SEND_MS;
    if (!options->answer_ms)
        options->answer_ms = LIMIT_COMMIT_MS;
    if (!options->quiet_ms)
        options->quiet_ms = LIMIT_STREAM_QUIET_MS;
}

static void make_slots(struct server *server)
{
    uint32_t count = server->options.max_connections;

    server->slots = xcalloc(count, sizeof *server->slots);
    for (uint32_t i = 0; i < count; i++)
        server->slots[i] = (struct slot){.generation = 1, .next_free = i + 1};
}

struct server *server_new(struct loop *loop,
                          const struct server_options *options,
                          struct err *err)
{
    struct server *server = xcalloc(1, sizeof *server);

    server->loop = loop;
    copy_options(server, options);
    make_slots(server);
    server->quota = quota_new();
    server->timer = loop_timer_new(loop, on_sweep, server);
    if (make_vhost(server, err) &&
        listeners_open(&server->listeners, options->listen, err))
        server->acceptor = acceptor_new(loop, &server->listeners,
                                        open_connection, server, err);
    server->options.listen = NULL;
    server->options.tls_cert = server->options.tls_key = NULL;
    if (server->acceptor)
        return server;
    server_free(server);
    return NULL;
}

void server_stop_listening(struct server *server)
{
    if (server->stopping)
        return;
    server->stopping = true;
    acceptor_free(server->acceptor);
    server->acceptor = NULL;
    listeners_close(&server->listeners);
    while (server->phases[CONN_IDLE].first)
        conn_kill(server->phases[CONN_IDLE].first);
}

void server_free(struct server *server)
{
    if (!server)
        return;
    server_stop_listening(server);
    for (int phase = 0; phase < CONN_PHASES; phase++)
        while (server->phases[phase].first)
            server_close_now(server->phases[phase].first);
    loop_timer_free(server->timer);
    quota_free(server->quota);
    buf_free(&server->out);
    free(server->slots);
    routes_free(server->routes);
    free(server);
}

const char *server_address(const struct server *server)
{
    return server->listeners.address;
}

unsigned server_port(const struct server *server)
{
    return server->listeners.port;
}

struct conn *conn_find(const struct server *server, struct request_id id)
{
    if (id.slot < server->options.max_connections &&
        server->slots[id.slot].generation == id.generation)
        return server->slots[id.slot].conn;
    return NULL;
}

/* NULL: the client is gone, or has its answer. */
static struct conn *waiting_conn(const struct server *server,
                                 struct request_id id)
{
    struct conn *conn = conn_find(server, id);

    return conn && conn->phase == CONN_WAITING ? conn : NULL;
}

void server_confirm(struct server *server, struct request_id id)
{
    struct conn *conn = waiting_conn(server, id);

    if (!conn)
        return;
    conn->trusted = true;
    quota_confirm(server->quota, &conn->claim);
}

void server_take_body(struct server *server, struct request_id id,
                      struct buf *out)
{
    struct conn *conn = waiting_conn(server, id);

    *out = conn->body;
    buf_init(&conn->body, server->options.max_body);
}

void server_answer(struct server *server, struct request_id id,
                   const struct answer *answer)
{
    struct conn *conn = waiting_conn(server, id);

    if (conn)
        conn_answer(conn, answer);
    else
        server->stats.lost++;
}

struct server_stats server_stats(const struct server *server)
{
    struct server_stats stats = server->stats;

    stats.in_flight = quota_used(server->quota);
    stats.unsent = server->unsent;
    return stats;
}
