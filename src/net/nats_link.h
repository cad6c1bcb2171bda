/* For src/net/nats_*.c only: a thread, its connection, and how it waits. */
#ifndef TELLTALE_NATS_LINK_H
#define TELLTALE_NATS_LINK_H

#include <pthread.h>

#include <nats/nats.h>

#include "net/nats.h"
#include "net/nats_session.h"

struct nats_link {
    const struct nats_settings *settings;
    void (*wake)(void *ctx);
    void *wake_ctx;
    pthread_t thread;
    int poke[2]; /* a pipe: what the thread waits for */

    pthread_mutex_t lock; /* of everything below, and of what ends add */
    pthread_cond_t room;  /* for callbacks that wait, and who waits for them */
    bool stopping, ended;
    struct nats_session session; /* failed: status.why says why */
    struct nats_status status;

    /* The thread's. */
    natsConnection *conn;
    natsSubscription *sub; /* of this session, or NULL */
    jsCtx *js;
    int64_t step_ms; /* to wait before the next try */
};

/* Starts the thread; ctx is run's. */
void nats_link_start(struct nats_link *link,
                     const struct nats_settings *settings,
                     void (*wake)(void *ctx), void *wake_ctx,
                     void *(*run)(void *ctx), void *ctx);
/* From any thread, the lock held or not. */
void nats_link_poke(struct nats_link *link);
/* The thread: until poked, or so many ms; negative: for ever. False: it took
 * that long. */
bool nats_link_wait(struct nats_link *link, int64_t ms);
/* The lock is held: the session is over. */
void nats_link_fail(struct nats_link *link, bool refused, const char *format,
                    ...) __attribute__((format(printf, 3, 4)));
/* The thread: connects; false: why is said, or it is to stop. */
bool nats_link_open(struct nats_link *link);
/* link->sub was made, by a call that said status; with code, where there is
 * one. False: why is said. */
bool nats_link_subscribed(struct nats_link *link, natsStatus status,
                          jsErrCode code);
/* The link is good; the next try comes soon. */
void nats_link_up(struct nats_link *link);
/* The thread: the session is over, and nothing of libnats knows of it after
 * that. */
void nats_link_close(struct nats_link *link);
/* The thread: waits until it is time for the next try. */
void nats_link_rest(struct nats_link *link);
bool nats_link_is_over(struct nats_link *link); /* stopping, or failed */
/* The thread, between two sessions: it is to stop, and does so. */
bool nats_link_ended(struct nats_link *link);
/* A status of libnats, in words. */
const char *nats_link_words(natsStatus status, jsErrCode code);

void nats_link_status(struct nats_link *link, struct nats_status *out);
void nats_link_stop(struct nats_link *link);
bool nats_link_busy(struct nats_link *link);
/* Waits for the thread. False: not any longer, since libnats does not give it
 * back; link, and what it lies in, must then stay. */
bool nats_link_end(struct nats_link *link);

/* The stream as it is to be, made if `make` and there is none. False: why is
 * said. */
bool nats_stream_open(struct nats_link *link, bool make,
                      struct nats_message *hello);

#endif
