/* Private to the server: one connection, and what all of them share.
 *
 * A connection is always in one phase. Every phase has one length of time,
 * so each phase's connections stand in a list in the order of their
 * deadlines, and one timer serves them all. */
#ifndef TELLTALE_CONN_H
#define TELLTALE_CONN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/dechunk.h"
#include "net/http_rules.h"
#include "net/listen.h"
#include "net/lws.h"
#include "net/quota.h"
#include "net/server.h"

enum conn_phase {
    CONN_HEAD,    /* a head has begun, or the connection is new */
    CONN_BODY,    /* a body is being read */
    CONN_WAITING, /* a route has it; nothing is read */
    CONN_SENDING, /* the answer does not fit into the socket yet; in the order
                     in which they last took some */
    CONN_STREAM,  /* an answer that goes on, of which nothing waits; in the
                     order in which they were last sent something */
    CONN_IDLE,    /* answered, between requests */
    CONN_LINGER,  /* answered for the last time: read away until they close */
    CONN_DEAD,    /* lws will close it */
    CONN_PHASES,
};

struct conn {
    struct conn *prev, *next; /* in the phase's list */
    int64_t since_us; /* in this phase; of a sending one, since it moved */
    int64_t deadline_us;
    enum conn_phase phase;
    struct server *server;
    struct lws *wsi;
    uint32_t slot;
    char peer[INET6_ADDRSTRLEN];
    struct quota_claim claim;
    struct buf in;    /* received, not taken yet */
    size_t looked_at; /* of in: no head ends before */
    struct buf body;
    struct buf out;   /* of the answer: what the socket did not take */
    size_t out_at;    /* of that: handed to lws */
    size_t unsent;    /* what it counts for in server->unsent */
    size_t body_left; /* without chunked */
    size_t discarded; /* while lingering */
    struct dechunk dechunk;
    const struct route *route; /* of the request being read or answered */
    void *note;                /* the route's, until on_complete() */
    bool admitted;             /* note is to be freed by on_gone() */
    struct stream stream;      /* on_gone NULL: the answer is no stream */
    const char *why;           /* a stream is let go; NULL: it went */
    bool chunked, keep_alive, head_only, minor_0;
    bool trusted;     /* something authenticated it once */
    bool close_after; /* what is being sent */
    bool paused;      /* lws does not read */
    bool busy;        /* run() is on the stack */
    bool handshaking; /* TLS: nothing was received yet */
};

struct conn_list {
    struct conn *first, *last;
};

struct slot {
    struct conn *conn; /* NULL: free */
    uint32_t generation;
    uint32_t next_free;
};

/* A route stays where it is: connections point to it. */
struct route_entry {
    struct route route;
    struct route_entry *next;
};

/* Why there is no route for a request. */
struct route_miss {
    int status;
    const char *why;
    char headers[256]; /* "Allow: …", or "" */
};

struct server {
    struct loop *loop;
    struct lws_vhost *vhost;
    struct server_options options; /* strings only during server_new() */
    struct route_entry *routes;    /* in the order in which they are tried */
    struct listeners listeners;
    struct acceptor *acceptor;
    struct quota *quota;
    struct conn_list phases[CONN_PHASES];
    struct loop_timer *timer;
    int64_t timer_us; /* when it fires; 0: off */
    struct slot *slots;
    uint32_t free_slot;
    struct http_head head; /* of the request being admitted */
    struct buf out;        /* an answer, with LWS_PRE bytes in front */
    size_t unsent;         /* bytes of answers that nobody has read yet */
    size_t heads;          /* of memory for what was received and not taken */
    char date[64];
    int64_t date_of;  /* the second that date says */
    unsigned running; /* calls of run() on the stack */
    bool tls, stopping;
    struct server_stats stats;
};

/* Makes the connection's state; NULL when there is no slot. */
struct conn *conn_new(struct server *server, const char *peer);
/* lws has it. */
void conn_start(struct conn *conn, struct lws *wsi);
/* Bytes came. False: close it. */
bool conn_receive(struct conn *conn, const char *data, size_t len);
/* The socket took what was waiting. False: close it. */
bool conn_writable(struct conn *conn);
/* lws closed it: frees everything. */
void conn_free(struct conn *conn);
/* Its time is up. */
void conn_expire(struct conn *conn);
/* Lets lws close it soon. */
void conn_kill(struct conn *conn);
/* What it has received and not taken is gone. */
void conn_drop_in(struct conn *conn);
/* Goes on with what was received meanwhile. */
void conn_resume(struct conn *conn);
void conn_enter(struct conn *conn, enum conn_phase phase);
/* The request ends here, answered or not. */
void conn_forget(struct conn *conn);

/* route.c: the route for that head; NULL: *miss says what to answer. */
const struct route *route_find(const struct route_entry *routes,
                               const struct http_head *head,
                               struct route_miss *miss);
void routes_free(struct route_entry *routes);
/* Asks the route. False: *answer is to be sent. It is empty at first, and the
 * caller frees it in any case. */
bool route_admit(struct conn *conn, struct answer *answer);

/* reply.c: sends and settles the request; the connection then idles, lingers
 * or dies. */
void conn_answer(struct conn *conn, const struct answer *answer);
/* A refusal that no route saw: counted, answered in JSON, then closed. */
void conn_refuse(struct conn *conn, int status, const char *why,
                 const char *headers);
bool conn_send_continue(struct conn *conn);
/* The socket takes more of the answer. False: it broke. */
bool conn_send_on(struct conn *conn);
/* Sends the bytes of conn->server->out, which begin behind the room that lws
 * needs, as far as the socket takes them; the rest waits. False: the
 * connection is on its way out. */
bool conn_send(struct conn *conn);
/* Empties out but for that room. */
void conn_begin(struct buf *out);
/* The head of an answer, without its length and without its end. */
void conn_add_head(struct conn *conn, int status, const char *content_type,
                   const char *headers);
/* The answer has left: idle, or close. */
void conn_settle(struct conn *conn);

/* crowd.c: who has to go when there is not enough for all. */
/* A slot is needed. */
void crowd_make_way(struct server *server);
/* So many bytes of the connection's body arrived. False: they are not to be
 * kept, and it is to be refused. */
bool crowd_charge(struct conn *conn, size_t bytes);
/* So many bytes of its answer wait. False: it was let go instead. */
bool crowd_keep_unsent(struct conn *conn, size_t bytes);
/* More is held of heads than before, this one's. False: it was let go. */
bool crowd_keep_head(struct conn *conn);

/* server.c: whose request that is; NULL: it has gone, or was answered. */
struct conn *conn_find(const struct server *server, struct request_id id);
/* server.c: closes it now. Never from inside its own callback. */
void server_close_now(struct conn *conn);
/* The one timer is set to be in time for it. */
void server_note_deadline(struct server *server, int64_t deadline_us);

/* accept.c: takes connections in and gives them to on_open(), which owns fd
 * from then on. NULL with err. */
struct acceptor *
acceptor_new(struct loop *loop, const struct listeners *listeners,
             void (*on_open)(void *ctx, int fd, const char *peer), void *ctx,
             struct err *err);
void acceptor_free(struct acceptor *acceptor);

#endif
