/* Writing answers: the status line and headers, one write for all of it,
 * and what becomes of the connection afterwards. */
#include "net/conn.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"

#include "base/banned.h"

/* What is handed to lws at once. It keeps what the socket does not take of
 * it, out of our sight: at most this much. */
#define SLICE (16 * KIB)

/* Room that lws may use in front of what it writes. */
static void begin(struct buf *out)
{
    static const char room[LWS_PRE];

    if (!out->max)
        buf_init(out, LIMIT_ANSWER);
    buf_clear(out);
    buf_add(out, room, LWS_PRE);
}

/* Writes from *at on, as much as the socket takes. False: it broke. */
static bool write_out(struct conn *conn, struct buf *out, size_t *at)
{
    while (*at < out->len && !lws_partial_buffered(conn->wsi)) {
        size_t len = out->len - *at;

        if (len > SLICE)
            len = SLICE;
        if (lws_write(conn->wsi, (unsigned char *)out->data + *at, len,
                      LWS_WRITE_RAW) < 0)
            return false;
        *at += len;
    }
    return true;
}

static void count_unsent(struct conn *conn, size_t bytes)
{
    conn->server->unsent = conn->server->unsent - conn->unsent + bytes;
    conn->unsent = bytes;
}

/* The socket is full: the rest waits with the connection. */
static void keep_rest(struct conn *conn, const struct buf *out, size_t at)
{
    size_t rest = out->len - at;

    if (!crowd_keep_unsent(conn, rest + SLICE))
        return;
    count_unsent(conn, rest + SLICE);
    if (rest) {
        begin(&conn->out);
        buf_add(&conn->out, out->data + at, rest);
        conn->out_at = LWS_PRE;
    }
    lws_callback_on_writable(conn->wsi);
}

bool conn_send_on(struct conn *conn)
{
    size_t before = conn->out_at;

    if (!write_out(conn, &conn->out, &conn->out_at))
        return false;
    if (!lws_partial_buffered(conn->wsi) && conn->out_at == conn->out.len) {
        buf_free(&conn->out);
        conn->out_at = 0;
        count_unsent(conn, 0);
        conn_settle(conn);
        return true;
    }
    if (conn->out_at != before) {
        count_unsent(conn, conn->out.len - conn->out_at + SLICE);
        conn_enter(conn, CONN_SENDING);
    }
    lws_callback_on_writable(conn->wsi);
    return true;
}

bool conn_send_continue(struct conn *conn)
{
    struct buf *out = &conn->server->out;
    size_t at = LWS_PRE;

    begin(out);
    buf_adds(out, "HTTP/1.1 100 Continue\r\n\r\n");
    return write_out(conn, out, &at);
}

/* An origin server with a clock says the date (RFC 9110, 6.6.1). Written
 * once a second; not by strftime(), which speaks the user's language. */
static const char *date_line(struct server *server)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t now = (time_t)(clock_now_ms() / 1000);
    struct tm at;

    if (now == server->date_of && server->date[0])
        return server->date;
    server->date_of = now;
    gmtime_r(&now, &at);
    snprintf(server->date, sizeof server->date,
             "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT\r\n",
             days + 3 * at.tm_wday, at.tm_mday, months + 3 * at.tm_mon,
             at.tm_year + 1900, at.tm_hour, at.tm_min, at.tm_sec);
    return server->date;
}

static void format_answer(struct conn *conn, const struct answer *answer,
                          bool close)
{
    struct buf *out = &conn->server->out;

    begin(out);
    buf_addf(out, "HTTP/1.1 %d %s\r\n", answer->status,
             http_status_words(answer->status));
    buf_adds(out, date_line(conn->server));
    if (answer->body)
        buf_addf(out, "Content-Type: %s\r\n",
                 answer->content_type ? answer->content_type
                                      : "application/json");
    if (answer->status != 204)
        buf_addf(out, "Content-Length: %zu\r\n", answer->len);
    if (answer->headers)
        buf_adds(out, answer->headers);
    if (close)
        buf_adds(out, "Connection: close\r\n");
    else if (conn->minor_0)
        buf_adds(out, "Connection: keep-alive\r\n");
    buf_adds(out, "\r\n");
    if (answer->body && !conn->head_only)
        buf_add(out, answer->body, answer->len);
}

/* The other side may still be sending: closing now would reset the
 * connection and take the answer with it. */
static void linger(struct conn *conn)
{
    shutdown(lws_get_socket_fd(conn->wsi), SHUT_WR);
    conn->discarded = 0;
    conn_enter(conn, CONN_LINGER);
}

void conn_settle(struct conn *conn)
{
    if (conn->close_after)
        linger(conn);
    else
        conn_enter(conn, CONN_IDLE);
}

static void send_out(struct conn *conn, struct buf *out)
{
    size_t at = LWS_PRE;

    if (!buf_ok(out) || !write_out(conn, out, &at)) {
        conn_kill(conn);
        return;
    }
    conn->server->stats.answered++;
    if (at < out->len || lws_partial_buffered(conn->wsi))
        keep_rest(conn, out, at);
    else
        conn_settle(conn);
}

void conn_answer(struct conn *conn, const struct answer *answer)
{
    struct server *server = conn->server;

    if (conn->phase == CONN_WAITING)
        server->stats.waiting--;
    conn_enter(conn, CONN_SENDING);
    conn_forget(conn);
    conn->close_after = answer->close || !conn->keep_alive || server->stopping;
    format_answer(conn, answer, conn->close_after);
    send_out(conn, &server->out);
    if (server->out.cap > MIB)
        buf_free(&server->out);
    conn_resume(conn);
}

void conn_refuse(struct conn *conn, int status, const char *why,
                 const char *headers)
{
    struct server *server = conn->server;
    char body[160];
    struct answer answer = {.status = status,
                            .body = body,
                            .headers = headers,
                            .close = true};

    snprintf(body, sizeof body, "{\"ok\":false,\"error\":\"%s\"}\n", why);
    answer.len = strlen(body);
    server->stats.refused++;
    if (server->options.refused)
        server->options.refused(server->options.ctx, status, why, conn->peer);
    conn_answer(conn, &answer);
    buf_free(&conn->body);
}
