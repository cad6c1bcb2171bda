/* The HTTP server: HTTP/1.1 by strict rules over libwebsockets' sockets and
 * TLS. Requests sent ahead on one connection are answered in order; what a
 * stranger can pull has its case in tests/e2e/http_traps.py. Routes are added
 * by others; this room knows no webhook and no journal. */
#ifndef TELLTALE_SERVER_H
#define TELLTALE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "net/loop.h"

struct server;

/* Names a waiting request: never a pointer, since the client may be gone. */
struct request_id {
    uint32_t slot, generation;
};

/* A request whose headers are complete. Valid during the call only. */
struct request {
    struct request_id id;
    const char *method;       /* "POST" */
    const char *path;         /* decoded, without the query string */
    const char *query;        /* raw, "" when none */
    const char *peer;         /* "127.0.0.1" */
    const char *content_type; /* or NULL */
    int64_t content_length;   /* -1: chunked */
    void *impl;               /* request_header() reads others */
};
/* A header by lower-case name, copied into out (NUL-terminated); false when
 * absent or longer than size - 1. */
bool request_header(const struct request *request, const char *name, char *out,
                    size_t size);
bool request_has_header(const struct request *request, const char *name);
/* A parameter of the query string, percent-decoded; false when it is absent,
 * or longer than size - 1. A query string that cannot be decoded has been
 * refused where the method is GET. */
bool request_param(const struct request *request, const char *name, char *out,
                   size_t size);
bool request_has_param(const struct request *request, const char *name);

struct answer {
    int status;
    const char *body; /* NULL: none */
    size_t len;
    const char *content_type; /* NULL: application/json */
    const char *headers;      /* more header lines, each ending in CRLF */
    bool close;               /* close the connection afterwards */
    char *copy;               /* freed by answer_free() */
};
/* Takes a copy of text as the body, for an answer that outlives it. */
void answer_copy(struct answer *answer, const char *text);
void answer_free(struct answer *answer);

enum admission {
    ADMIT,        /* who asks is known: read the body, then on_complete() */
    ADMIT_ANON,   /* the same, but anybody may ask, or only the body tells
                     (signatures): counts against the unauthenticated limit */
    ADMIT_ANSWER, /* *answer was filled in: send it, and close */
};

struct route_ops {
    /* Before the body is read. methods are checked already. *answer is
     * zeroed, and sent after the call if it is wanted: what it points to is
     * static, or its copy. *note travels to on_complete(). */
    enum admission (*admit)(void *ctx, const struct request *request,
                            struct answer *answer, void **note);
    /* The whole body; NUL-terminated, valid during the call; len 0 for a
     * GET. HEAD comes to the routes of GET, and gets no body back. Call
     * server_answer() or server_stream() now or later. */
    void (*on_complete)(void *ctx, struct request_id id, const char *peer,
                        void *note, char *body, size_t len);
    /* The client went away, or took too long, before on_complete(): free note.
     * May be NULL. */
    void (*on_gone)(void *ctx, void *note);
};

/* methods: blank-separated, e.g. "POST PUT PATCH"; others get 405 with
 * Allow. path: exact, or ending in "/" followed by "*" for one more segment
 * (never logged: it may be a token). */
struct route {
    const char *methods, *path;
    const struct route_ops *ops;
    void *ctx;
    const char *late; /* what a client is told whose request was not answered
                         in time; NULL: "no answer in time, ask again" */
};

/* 0 means the default of base/limits.h. */
struct server_options {
    const char *listen; /* "127.0.0.1:8420,[::1]:8420"; port 0: any */
    size_t max_body;
    size_t max_headers;
    unsigned max_connections;
    unsigned header_ms, body_ms, idle_ms;
    unsigned send_ms;               /* an answer of which nothing is taken */
    unsigned answer_ms;             /* a route takes longer: 503, and close */
    unsigned quiet_ms;              /* of a stream, until it is to say so */
    const char *tls_cert, *tls_key; /* both or none */
    /* Refusals that no route saw (bad headers, too large, timeouts): for the
     * counters and the rejects. May be NULL. */
    void (*on_refused)(void *ctx, int status, const char *why,
                       const char *peer);
    void *ctx;
};

/* NULL with err when an address cannot be listened on (each is checked by
 * getsockname: a v4 literal must not end up on every interface). options are
 * copied; nobody is let in before the loop turns. */
struct server *server_new(struct loop *loop,
                          const struct server_options *options,
                          struct err *err);
/* Adds a route behind those that are there; the first that fits is taken.
 * Copied; what it points to outlives the server. */
void server_route(struct server *server, const struct route *route);
/* Reads certificate and key again, from the files that server_new() was given,
 * for connections to come. True without TLS. False with err: the old ones
 * hold. */
bool server_reload_tls(struct server *server, const char *cert,
                       const char *key, struct err *err);
/* Listens no longer; answers what waits. */
void server_stop_listening(struct server *server);
void server_free(struct server *server);
/* "127.0.0.1:8420": the first address really bound. */
const char *server_address(const struct server *server);
unsigned server_port(const struct server *server);

/* Takes the body out, from inside on_complete(): the caller's to free. */
struct buf;
void server_take_body(struct server *server, struct request_id id,
                      struct buf *out);
/* The body of a request that was admitted as ADMIT_ANON has proved who sent
 * it: from on_complete() on, before the answer. */
void server_confirm(struct server *server, struct request_id id);

/* Answers a waiting request; an id whose client is gone is ignored (counted
 * in stats.lost). Copies the answer. */
void server_answer(struct server *server, struct request_id id,
                   const struct answer *answer);

/* An answer that goes on: its head is sent at once, its body piece by piece,
 * chunked for who speaks HTTP/1.1. What the calls are given stays valid until
 * on_gone(), which may come from inside server_stream_send(). */
struct stream {
    const char *content_type;
    const char *headers; /* as in struct answer */
    /* All that waited is on its way: more may be sent. */
    void (*on_drained)(void *ctx);
    /* Nothing was sent for the quiet_ms of the options: what is between may
     * think that it is dead. */
    void (*on_quiet)(void *ctx);
    /* The client has gone, or had to go (why; else NULL); the id names
     * nothing any more. Called once, but not where server_stream_end() or
     * server_stream_break() ended it. */
    void (*on_gone)(void *ctx, const char *why);
    void *ctx;
};
/* Answers a waiting request with 200 and leaves the body open; copies. False:
 * there is nobody to send to (the client has gone, or asked with HEAD), and
 * no call will come. */
bool server_stream(struct server *server, struct request_id id,
                   const struct stream *stream);
/* Copies. What does not fit into the socket waits here: at most LIMIT_ANSWER
 * for one stream, LIMIT_UNSENT for all; beyond it a client is let go. */
void server_stream_send(struct server *server, struct request_id id,
                        const char *data, size_t len);
/* Bytes that nobody has taken yet. */
size_t server_stream_waiting(const struct server *server,
                             struct request_id id);
/* Nothing more comes; what waits is still sent. */
void server_stream_end(struct server *server, struct request_id id);
/* What was to come does not: the connection ends in the middle of its answer,
 * so that nobody takes it for whole. */
void server_stream_break(struct server *server, struct request_id id);

struct server_stats {
    uint64_t requests, answered, refused, lost, timeouts;
    uint64_t evicted; /* connections that made way for others */
    unsigned connections, waiting, streams;
    size_t in_flight; /* bytes of bodies held */
    size_t unsent;    /* bytes of answers that nobody has taken yet */
};
struct server_stats server_stats(const struct server *server);

#endif
