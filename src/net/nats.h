/* NATS JetStream: a log that several machines keep, of which a stream is one
 * name. Here are the two ends of it that telltale has: who publishes, and who
 * reads along. Nothing outside src/net/nats_* sees libnats, and where it was
 * built without, nats_available() says so.
 *
 * Each end has a thread of its own, since connecting and asking may wait;
 * libnats has some more. They share nothing with the loop but what is
 * behind one lock, and wake it by wake() (loop_wake()). All functions here are
 * for the loop's thread and return at once, but free(), which waits for the
 * thread, a few seconds at most. */
#ifndef TELLTALE_NATS_H
#define TELLTALE_NATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "config/config.h"
#include "net/nats_url.h"

/* False with err: this telltale was built without libnats. */
bool nats_available(struct err *err);

/* What a user set. Paths are borrowed from the configuration. */
struct nats_settings {
    struct nats_url url;
    const char *credentials, *ca, *cert, *key; /* files, or NULL */
    const char *subjects; /* all of the stream begin with it and a dot */
    int replicas;
    int64_t max_age_ms, max_bytes;
};
/* False with err, and nothing to free. */
bool nats_settings_read(struct nats_settings *out, const struct config *config,
                        const char *url, struct err *err);
void nats_settings_free(struct nats_settings *settings);

/* How it goes with the link. */
enum nats_state { NATS_CONNECTS, NATS_UP, NATS_DOWN };
struct nats_status {
    enum nats_state state;
    struct err why;   /* DOWN: what is wrong */
    bool refused;     /* and trying again will not mend it */
    int64_t since_ms; /* wall, since it is not UP; 0: it is */
};

/* ---- publishing ---- */

/* One message. Owned by its batch. */
struct nats_item {
    char *subject, *id; /* the id by which the stream knows it again */
    char *data;         /* a line of JSON */
    size_t len;
    size_t cut_at, cut_len; /* of data: what {} is put for when it is too
                               large; 0: nothing */
    uint64_t seq;           /* this one's in our journal; 0: none, it has no
                               place among the others */
    uint64_t after;         /* the one before it that was published */

    /* The thread's. */
    enum { NATS_WAITS, NATS_SENT, NATS_KEPT } state;
    bool told;  /* it is there already: say that it is */
    bool tried; /* it was sent before */
};

/* Published in this order, until all of it is acknowledged. */
struct nats_batch {
    struct nats_item *items;
    size_t count, room;
    struct uuid journal;
    const char *told_subject; /* of what says that an event is there already */
};
/* Zeroed; the caller fills it in. */
struct nats_item *nats_batch_add(struct nats_batch *batch);
void nats_batch_clear(struct nats_batch *batch); /* frees its items */

struct nats_publisher;
/* settings are borrowed. Connects, makes the stream or looks at it. */
struct nats_publisher *nats_publisher_new(const struct nats_settings *settings,
                                          void (*wake)(void *ctx),
                                          void *wake_ctx);
/* Borrows the batch until nats_publisher_done() says true, once, or
 * nats_publisher_free(). One at a time. */
void nats_publisher_send(struct nats_publisher *publisher,
                         struct nats_batch *batch);
bool nats_publisher_done(struct nats_publisher *publisher);

struct nats_published {
    struct nats_status link;
    uint64_t events;   /* acknowledged, since the start */
    uint64_t already;  /* of those, the stream had them already */
    uint64_t cut;      /* of those, sent without properties */
    uint64_t left_out; /* too large all the same: not sent */
    uint64_t again;    /* sent more than once */
};
void nats_publisher_status(struct nats_publisher *publisher,
                           struct nats_published *out);
void nats_publisher_stop(struct nats_publisher *publisher);
bool nats_publisher_busy(struct nats_publisher *publisher);
void nats_publisher_free(struct nats_publisher *publisher);

/* ---- reading along ---- */

struct nats_message {
    bool is_hello;
    /* hello: the stream was found. It waits for nats_reader_begin(). */
    unsigned session;     /* the reader's: whose hello it is */
    int64_t created;      /* ns: tells one stream of a name from the next */
    uint64_t first, last; /* seqs that are there; last 0: none */
    /* else a message: */
    uint64_t place;      /* in the stream */
    int64_t stored;      /* when it came there, wall ms by its clock */
    uint64_t pending;    /* of our subjects, so many more are there */
    uint64_t seq, after; /* as in struct nats_item; seq 0: it has no place */
    bool has_journal;
    struct uuid journal; /* whose seqs those are */
    char *data;          /* len bytes, owned by the message */
    size_t len;
};
void nats_message_free(struct nats_message *message);

struct nats_reader;
struct nats_reader *nats_reader_new(const struct nats_settings *settings,
                                    void (*wake)(void *ctx), void *wake_ctx);
/* Answers a hello: messages behind that place are wanted. Nothing happens when
 * its session is over: the next one says hello too. */
void nats_reader_begin(struct nats_reader *reader,
                       const struct nats_message *hello, uint64_t after);
/* Drops what waits, and says hello again. */
void nats_reader_again(struct nats_reader *reader);
/* The next, in the stream's order; false: there is none now. The caller frees
 * it. What is not taken holds up the stream, not the loop. */
bool nats_reader_take(struct nats_reader *reader, struct nats_message *out);
void nats_reader_status(struct nats_reader *reader, struct nats_status *out);
void nats_reader_stop(struct nats_reader *reader);
bool nats_reader_busy(struct nats_reader *reader);
void nats_reader_free(struct nats_reader *reader);

#endif
