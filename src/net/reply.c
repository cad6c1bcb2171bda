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
/* What was sent of it is given back when more is added. */
#define SPENT (256 * KIB)

/* Room that lws may use in front of what it writes. */
void conn_begin(struct buf *out)
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

/* The socket is full: the rest waits with the connection, behind what does
 * already. */
static bool keep_rest(struct conn *conn, const struct buf *out, size_t at)
{
    size_t rest = out->len - at;
    size_t waits = conn->out.len - conn->out_at;

    if (!crowd_keep_unsent(conn, waits + rest + SLICE - conn->unsent))
        return false;
    count_unsent(conn, waits + rest + SLICE);
    if (rest && !waits) {
        conn_begin(&conn->out);
        conn->out_at = LWS_PRE;
    } else if (conn->out_at > SPENT) {
        buf_consume(&conn->out, conn->out_at - LWS_PRE);
        conn->out_at = LWS_PRE;
    }
    if (!buf_add(&conn->out, out->data + at, rest)) {
        conn->why = "too much waits for it";
        conn_kill(conn);
        return false;
    }
    lws_callback_on_writable(conn->wsi);
    return true;
}

/* All that waited is with the socket. */
static void all_sent(struct conn *conn)
{
    buf_free(&conn->out);
    conn->out_at = 0;
    count_unsent(conn, 0);
    if (!conn->stream.on_gone) {
        conn_settle(conn);
        return;
    }
    conn_enter(conn, CONN_STREAM);
    conn->stream.on_drained(conn->stream.ctx);
}

bool conn_send_on(struct conn *conn)
{
    size_t before = conn->out_at;

    if (!write_out(conn, &conn->out, &conn->out_at))
        return false;
    if (!lws_partial_buffered(conn->wsi) && conn->out_at == conn->out.len) {
        all_sent(conn);
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

    conn_begin(out);
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

/* buf_addf() costs ten times as much, and an answer has two of them. */
static void add_number(struct buf *out, size_t number)
{
    char digits[24], *at = digits + sizeof digits;

    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    buf_add(out, at, (size_t)(digits + sizeof digits - at));
}

static void add_line(struct buf *out, const char *name, const char *value)
{
    buf_adds(out, name);
    buf_adds(out, value);
    buf_adds(out, "\r\n");
}

void conn_add_head(struct conn *conn, int status, const char *content_type,
                   const char *headers)
{
    struct buf *out = &conn->server->out;

    conn_begin(out);
    buf_adds(out, "HTTP/1.1 ");
    add_number(out, (size_t)status);
    add_line(out, " ", http_status_words(status));
    buf_adds(out, date_line(conn->server));
    if (content_type)
        add_line(out, "Content-Type: ", content_type);
    if (headers)
        buf_adds(out, headers);
    if (conn->close_after)
        buf_adds(out, "Connection: close\r\n");
    else if (conn->minor_0)
        buf_adds(out, "Connection: keep-alive\r\n");
}

static void format_answer(struct conn *conn, const struct answer *answer)
{
    struct buf *out = &conn->server->out;
    const char *type =
        answer->content_type ? answer->content_type : "application/json";

    conn_add_head(conn, answer->status, answer->body ? type : NULL,
                  answer->headers);
    if (answer->status != 204) {
        buf_adds(out, "Content-Length: ");
        add_number(out, answer->len);
        buf_adds(out, "\r\n");
    }
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

bool conn_send(struct conn *conn)
{
    struct buf *out = &conn->server->out;
    size_t at = LWS_PRE;
    bool waits = conn->phase == CONN_SENDING && conn->unsent;

    if (!buf_ok(out) || (!waits && !write_out(conn, out, &at))) {
        conn_kill(conn);
        return false;
    }
    if (!waits && at == out->len && !lws_partial_buffered(conn->wsi))
        return true;
    if (conn->phase != CONN_SENDING)
        conn_enter(conn, CONN_SENDING);
    return keep_rest(conn, out, at);
}

void conn_answer(struct conn *conn, const struct answer *answer)
{
    struct server *server = conn->server;

    if (conn->phase == CONN_WAITING)
        server->stats.waiting--;
    conn_enter(conn, CONN_SENDING);
    conn_forget(conn);
    conn->close_after = answer->close || !conn->keep_alive || server->stopping;
    format_answer(conn, answer);
    if (conn_send(conn)) {
        server->stats.answered++;
        if (!conn->unsent)
            conn_settle(conn);
    }
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
    if (server->options.on_refused)
        server->options.on_refused(server->options.ctx, status, why,
                                   conn->peer);
    conn_answer(conn, &answer);
    buf_free(&conn->body);
}
