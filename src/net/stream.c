/* Answers that go on. A stream's connection is in CONN_STREAM while nothing
 * waits for its socket, and in CONN_SENDING while something does: there it is
 * let go like any other whose client takes nothing. What it is sent is
 * others' affair. */
#include "base/limits.h"
#include "net/conn.h"

#include "base/banned.h"

/* NULL: it has ended. */
static struct conn *stream_conn(const struct server *server,
                                struct request_id id)
{
    struct conn *conn = conn_find(server, id);

    return conn && conn->stream.on_gone ? conn : NULL;
}

/* Its head. What is sent until the end of the connection needs no chunks. */
static void add_head(struct conn *conn)
{
    struct buf *out = &conn->server->out;

    conn->close_after = conn->minor_0 || !conn->keep_alive;
    conn_add_head(conn, 200, conn->stream.content_type, conn->stream.headers);
    if (!conn->minor_0)
        buf_adds(out, "Transfer-Encoding: chunked\r\n");
    buf_adds(out, "\r\n");
}

/* A look at the head of a stream is answered by its head. */
static bool answer_head(struct server *server, struct request_id id,
                        const struct stream *stream)
{
    struct answer answer = {.status = 200,
                            .body = "",
                            .content_type = stream->content_type,
                            .headers = stream->headers};

    server_answer(server, id, &answer);
    return false;
}

bool server_stream(struct server *server, struct request_id id,
                   const struct stream *stream)
{
    struct conn *conn = conn_find(server, id);

    if (!conn || conn->phase != CONN_WAITING) {
        server->stats.lost++;
        return false;
    }
    if (conn->head_only)
        return answer_head(server, id, stream);
    server->stats.waiting--;
    server->stats.answered++;
    quota_release(server->quota, &conn->claim);
    conn->stream = *stream;
    conn->why = NULL;
    server->stats.streams++;
    conn_enter(conn, CONN_STREAM);
    add_head(conn);
    if (!conn_send(conn))
        return true; /* on_gone() was called */
    conn_resume(conn);
    return true;
}

void server_stream_send(struct server *server, struct request_id id,
                        const char *data, size_t len)
{
    struct conn *conn = stream_conn(server, id);
    struct buf *out = &server->out;

    if (!conn || !len)
        return;
    conn_begin(out);
    if (!conn->minor_0)
        buf_addf(out, "%zx\r\n", len);
    buf_add(out, data, len);
    if (!conn->minor_0)
        buf_adds(out, "\r\n");
    if (conn_send(conn) && conn->phase == CONN_STREAM)
        conn_enter(conn, CONN_STREAM);
    if (out->cap > MIB)
        buf_free(out);
}

size_t server_stream_waiting(const struct server *server, struct request_id id)
{
    const struct conn *conn = stream_conn(server, id);

    return conn ? conn->unsent : 0;
}

/* It is no stream any more, but an answer that is being sent. */
static void end_stream(struct conn *conn)
{
    struct server *server = conn->server;

    conn->stream = (struct stream){.on_gone = NULL};
    server->stats.streams--;
    server->slots[conn->slot].generation++;
    conn->close_after |= server->stopping;
    conn_begin(&server->out);
    if (!conn->minor_0)
        buf_adds(&server->out, "0\r\n\r\n");
    if (conn_send(conn) && !conn->unsent)
        conn_settle(conn);
    conn_resume(conn);
}

void server_stream_end(struct server *server, struct request_id id)
{
    struct conn *conn = stream_conn(server, id);

    if (conn)
        end_stream(conn);
}

void server_stream_break(struct server *server, struct request_id id)
{
    struct conn *conn = stream_conn(server, id);

    if (!conn)
        return;
    conn->stream = (struct stream){.on_gone = NULL};
    server->stats.streams--;
    conn_kill(conn);
}
