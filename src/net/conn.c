/* One connection's life: heads and bodies are taken from the bytes as they
 * come, one request at a time; while a route has a request nothing more is
 * read, so requests sent ahead wait in the socket and are answered in order.
 *
 * How answers are written is reply.c. */
#include "net/conn.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

/* What is read away after the last answer, so that it is not lost to a
 * reset: at most this long and this much. */
#define LINGER_MS 2000
/* A buffer kept for the next request; larger ones are given back. */
#define KEEP_BYTES (8 * KIB)

static unsigned phase_ms(const struct server *server, enum conn_phase phase)
{
    const struct server_options *options = &server->options;

    switch (phase) {
    case CONN_HEAD:
        return options->header_ms;
    case CONN_BODY:
        return options->body_ms;
    case CONN_WAITING:
        return options->answer_ms;
    case CONN_SENDING:
        return options->send_ms;
    case CONN_STREAM:
        return options->quiet_ms;
    case CONN_IDLE:
        return options->idle_ms;
    case CONN_LINGER:
        return LINGER_MS;
    case CONN_DEAD:
    case CONN_PHASES:
        break;
    }
    return 0;
}

static void list_remove(struct conn_list *list, struct conn *conn)
{
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        list->first = conn->next;
    if (conn->next)
        conn->next->prev = conn->prev;
    else
        list->last = conn->prev;
    conn->prev = conn->next = NULL;
}

static void list_append(struct conn_list *list, struct conn *conn)
{
    conn->prev = list->last;
    if (list->last)
        list->last->next = conn;
    else
        list->first = conn;
    list->last = conn;
}

void conn_enter(struct conn *conn, enum conn_phase phase)
{
    struct server *server = conn->server;

    list_remove(&server->phases[conn->phase], conn);
    conn->phase = phase;
    list_append(&server->phases[phase], conn);
    if (phase == CONN_DEAD)
        return;
    conn->since_us = clock_mono_us();
    conn->deadline_us =
        conn->since_us + (int64_t)phase_ms(server, phase) * 1000;
    server_note_deadline(server, conn->deadline_us);
}

struct conn *conn_new(struct server *server, const char *peer)
{
    uint32_t slot = server->free_slot;
    struct conn *conn;

    if (slot == server->options.max_connections)
        return NULL;
    conn = xcalloc(1, sizeof *conn);
    conn->server = server;
    conn->slot = slot;
    conn->handshaking = server->tls;
    server->free_slot = server->slots[slot].next_free;
    server->slots[slot].conn = conn;
    memcpy(conn->peer, peer, strnlen(peer, sizeof conn->peer - 1));
    conn->claim.peer = quota_peer_take(server->quota, peer);
    buf_init(&conn->in, server->options.max_headers + 2 * LOOP_READ_BYTES);
    buf_init(&conn->body, server->options.max_body);
    buf_init(&conn->out, LIMIT_ANSWER);
    conn->phase = CONN_HEAD;
    list_append(&server->phases[CONN_HEAD], conn);
    conn_enter(conn, CONN_HEAD);
    server->stats.connections++;
    return conn;
}

void conn_start(struct conn *conn, struct lws *wsi)
{
    conn->wsi = wsi;
}

/* The request ends here, answered or not: what the route and the quota hold
 * for it is given back, and its id names nothing any more. */
void conn_forget(struct conn *conn)
{
    struct server *server = conn->server;
    struct stream stream = conn->stream;

    if (conn->admitted && conn->route->ops->on_gone)
        conn->route->ops->on_gone(conn->route->ctx, conn->note);
    conn->admitted = false;
    conn->note = NULL;
    quota_release(server->quota, &conn->claim);
    server->slots[conn->slot].generation++;
    if (!stream.on_gone)
        return;
    conn->stream = (struct stream){.on_gone = NULL};
    server->stats.streams--;
    stream.on_gone(stream.ctx, conn->why);
}

void conn_drop_in(struct conn *conn)
{
    conn->server->heads -= conn->in.cap;
    buf_free(&conn->in);
}

/* What waits for it waits for nobody any more. */
static void count_unsent_off(struct conn *conn)
{
    conn->server->unsent -= conn->unsent;
    conn->unsent = 0;
}

void conn_free(struct conn *conn)
{
    struct server *server = conn->server;

    if (conn->phase == CONN_WAITING)
        server->stats.waiting--;
    conn_forget(conn);
    list_remove(&server->phases[conn->phase], conn);
    quota_peer_release(server->quota, conn->claim.peer);
    server->slots[conn->slot].conn = NULL;
    server->slots[conn->slot].next_free = server->free_slot;
    server->free_slot = conn->slot;
    server->stats.connections--;
    count_unsent_off(conn);
    buf_free(&conn->out);
    conn_drop_in(conn);
    buf_free(&conn->body);
    free(conn);
}

void conn_kill(struct conn *conn)
{
    if (conn->phase == CONN_DEAD)
        return;
    if (conn->phase == CONN_WAITING)
        conn->server->stats.waiting--;
    conn_forget(conn);
    count_unsent_off(conn);
    conn_enter(conn, CONN_DEAD);
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
}

/* It goes to the end of its list, whether it says something or not. */
static void stream_is_quiet(struct conn *conn)
{
    conn_enter(conn, CONN_STREAM);
    conn->stream.on_quiet(conn->stream.ctx);
}

void conn_expire(struct conn *conn)
{
    conn->server->stats.timeouts +=
        conn->phase != CONN_LINGER && conn->phase != CONN_STREAM;
    if (conn->phase == CONN_SENDING)
        conn->why = "it took nothing for too long";
    switch (conn->phase) {
    case CONN_STREAM:
        stream_is_quiet(conn);
        break;
    case CONN_HEAD:
        if (conn->in.len)
            conn_refuse(conn, 408, "the headers took too long", "");
        else
            conn_kill(conn);
        break;
    case CONN_BODY:
        conn_refuse(conn, 408, "the body took too long", "");
        break;
    case CONN_WAITING:
        conn_refuse(conn, 503,
                    conn->route->late ? conn->route->late
                                      : "no answer in time, ask again",
                    "Retry-After: 5\r\n");
        break;
    default:
        conn_kill(conn);
    }
}

/* The body is there: the route answers now or later. */
static void complete(struct conn *conn)
{
    struct server *server = conn->server;
    struct request_id id = {conn->slot, server->slots[conn->slot].generation};
    void *note = conn->note;

    conn->admitted = false;
    conn->note = NULL;
    conn_enter(conn, CONN_WAITING);
    server->stats.waiting++;
    conn->route->ops->on_complete(conn->route->ctx, id, conn->peer, note,
                                  conn->body.data, conn->body.len);
    if (conn->body.cap > KEEP_BYTES)
        buf_free(&conn->body);
    else
        buf_clear(&conn->body);
}

/* What is asked for is in the address, and a part of it is not the answer. Of
 * what is brought the address says nothing. */
static bool is_get(const struct http_head *head)
{
    return !strcmp(head->method, "GET") || !strcmp(head->method, "HEAD");
}

/* False: the route has answered already. */
static bool admit(struct conn *conn)
{
    struct answer answer = {0};
    bool admitted = route_admit(conn, &answer);

    if (!admitted)
        conn_answer(conn, &answer);
    answer_free(&answer);
    return admitted;
}

/* From a head that parsed to a body that may be read. */
static bool open_request(struct conn *conn)
{
    struct server *server = conn->server;
    struct http_head *head = &server->head;
    struct route_miss miss;
    const char *why = "";
    int status;

    conn->head_only = !strcmp(head->method, "HEAD");
    conn->minor_0 = !head->minor;
    conn->keep_alive = head->keep_alive;
    conn->chunked = head->chunked;
    conn->route = route_find(server->routes, head, &miss);
    if (!conn->route) {
        conn_refuse(conn, miss.status, miss.why, miss.headers);
        return false;
    }
    status = http_body_check(head, server->options.max_body, &why);
    if (status) {
        conn_refuse(conn, status, why, "");
        return false;
    }
    if (is_get(head) && !http_query_whole(head->query, head->query_len)) {
        conn_refuse(conn, 400, "the parameters cannot be decoded", "");
        return false;
    }
    if (!admit(conn))
        return false;
    conn->body_left =
        head->content_length > 0 ? (size_t)head->content_length : 0;
    conn->dechunk = (struct dechunk){0};
    return true;
}

static size_t skip_empty_lines(const char *data, size_t len)
{
    size_t at = 0;

    while (at + 1 < len && data[at] == '\r' && data[at + 1] == '\n')
        at += 2;
    return at;
}

/* Takes one head from data; returns the bytes it had, 0 when more is
 * needed. */
static size_t take_head(struct conn *conn, const char *data, size_t len)
{
    struct server *server = conn->server;
    size_t max = server->options.max_headers;
    const char *why = "";
    size_t skip = conn->looked_at ? 0 : skip_empty_lines(data, len);
    long end = http_head_end(data + skip, len - skip, &conn->looked_at);
    int status;

    if (skip && !end) {
        conn->looked_at = 0;
        return skip;
    }
    if (conn->phase == CONN_IDLE && len)
        conn_enter(conn, CONN_HEAD);
    if (!end && len - skip <= max)
        return 0;
    conn->looked_at = 0;
    conn->keep_alive = conn->head_only = conn->minor_0 = false;
    if (end < 0)
        conn_refuse(conn, 400, "lines must end in CRLF", "");
    else if (!end || (size_t)end > max)
        conn_refuse(conn, 431, "the headers are too large", "");
    if (conn->phase != CONN_HEAD)
        return len;
    server->stats.requests++;
    status = http_head_parse(&server->head, data + skip, (size_t)end, &why);
    if (status) {
        conn_refuse(conn, status, why, "");
        return len;
    }
    if (!open_request(conn))
        return len;
    conn_enter(conn, CONN_BODY);
    if (server->head.expect_continue && skip + (size_t)end == len &&
        (conn->chunked || conn->body_left) && !conn_send_continue(conn))
        conn_kill(conn);
    return skip + (size_t)end;
}

static void refuse_too_much(struct conn *conn)
{
    conn_refuse(conn, 503, "too much at once, send it again",
                "Retry-After: 1\r\n");
}

/* A chunked body says its size only as it comes. */
static size_t take_chunks(struct conn *conn, const char *data, size_t len)
{
    size_t used = 0, before = conn->body.len;
    enum dechunk_result result =
        dechunk_feed(&conn->dechunk, data, len, &conn->body, &used);

    if (result == DECHUNK_FULL)
        conn_refuse(conn, 413, "the body is too large", "");
    else if (result == DECHUNK_BAD)
        conn_refuse(conn, 400, "bad chunk", "");
    else if (!crowd_charge(conn, conn->body.len - before))
        refuse_too_much(conn);
    else if (result == DECHUNK_DONE)
        complete(conn);
    return used;
}

static size_t take_body(struct conn *conn, const char *data, size_t len)
{
    size_t take = len < conn->body_left ? len : conn->body_left;

    if (conn->chunked)
        return take_chunks(conn, data, len);
    if (!crowd_charge(conn, take)) {
        refuse_too_much(conn);
        return take;
    }
    buf_add(&conn->body, data, take);
    conn->body_left -= take;
    if (!conn->body_left)
        complete(conn);
    return take;
}

static size_t take_away(struct conn *conn, size_t len)
{
    conn->discarded += len;
    if (conn->discarded > LIMIT_LINGER)
        conn_kill(conn);
    return len;
}

static size_t take_some(struct conn *conn, const char *data, size_t len)
{
    switch (conn->phase) {
    case CONN_IDLE:
    case CONN_HEAD:
        return len ? take_head(conn, data, len) : 0;
    case CONN_BODY:
        return take_body(conn, data, len);
    case CONN_LINGER:
        return take_away(conn, len);
    default:
        return 0;
    }
}

/* Takes what it can from data; returns how much. */
static size_t run(struct conn *conn, const char *data, size_t len)
{
    enum conn_phase before;
    size_t at = 0, took;

    conn->busy = true;
    conn->server->running++;
    do {
        before = conn->phase;
        took = take_some(conn, data + at, len - at);
        at += took;
    } while (took || conn->phase != before);
    conn->server->running--;
    conn->busy = false;
    return at;
}

static void set_reading(struct conn *conn)
{
    bool pause = conn->phase == CONN_WAITING || conn->phase == CONN_SENDING;

    if (pause == conn->paused || conn->phase == CONN_DEAD)
        return;
    conn->paused = pause;
    lws_rx_flow_control(conn->wsi, !pause);
}

/* For later. False: it is too much, of this one or of all. */
static bool keep_in(struct conn *conn, const char *data, size_t len)
{
    size_t before = conn->in.cap;
    bool ok = buf_add(&conn->in, data, len);

    conn->server->heads += conn->in.cap - before;
    return ok && crowd_keep_head(conn);
}

bool conn_receive(struct conn *conn, const char *data, size_t len)
{
    size_t used;

    if (conn->phase == CONN_DEAD)
        return false;
    if (conn->handshaking) {
        /* lws gives a new TLS connection a time limit of its own. */
        lws_set_timeout(conn->wsi, NO_PENDING_TIMEOUT, 0);
        conn->handshaking = false;
    }
    if (conn->in.len) {
        if (!keep_in(conn, data, len))
            return false;
        conn_resume(conn);
        return conn->phase != CONN_DEAD;
    }
    used = run(conn, data, len);
    if (used < len && !keep_in(conn, data + used, len - used))
        return false;
    set_reading(conn);
    return conn->phase != CONN_DEAD;
}

void conn_resume(struct conn *conn)
{
    size_t used;

    if (conn->busy)
        return;
    if (conn->server->running) {
        /* A route answers one request while it looks at another: server->head
         * is taken. lws calls back as soon as the socket can be written. */
        lws_callback_on_writable(conn->wsi);
        return;
    }
    used = run(conn, conn->in.data, conn->in.len);
    if (used == conn->in.len)
        conn_drop_in(conn);
    else
        buf_consume(&conn->in, used);
    set_reading(conn);
}

bool conn_writable(struct conn *conn)
{
    if (conn->phase == CONN_DEAD)
        return false;
    if (conn->phase == CONN_SENDING && !conn_send_on(conn))
        return false;
    if (conn->phase == CONN_SENDING)
        return true;
    conn_resume(conn);
    return conn->phase != CONN_DEAD;
}
