/* One session with NATS: from connecting until libnats knows nothing of it
 * any more. What may have ended on another thread before the one that opens it
 * has come to ask is noted here, and nothing but the next session takes such a
 * note back. Knows nothing of libnats; all of it is under the link's lock. */
#ifndef TELLTALE_NATS_SESSION_H
#define TELLTALE_NATS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

struct nats_session {
    unsigned number;   /* from 1; an answer to another one's hello is none */
    bool failed;       /* it goes on no more */
    bool connected;    /* libnats has a connection, */
    bool closed;       /* and has done with it */
    bool subscribed;   /* libnats has a subscription, */
    bool unsubscribed; /* and has done with it */
    bool begun;        /* it was said where to begin: */
    uint64_t after;
};

/* The next one; the one before is done. */
void nats_session_open(struct nats_session *session);
void nats_session_connected(struct nats_session *session);
void nats_session_closed(struct nats_session *session);
/* Before libnats is asked to say when the subscription is over. */
void nats_session_subscribed(struct nats_session *session);
/* It said so, or says that it cannot any more. */
void nats_session_unsubscribed(struct nats_session *session);
/* False, and nothing is done: another session's hello was answered. */
bool nats_session_begin(struct nats_session *session, unsigned number,
                        uint64_t after);
/* Nothing of libnats refers to it: what it used may go. */
bool nats_session_is_done(const struct nats_session *session);

#endif
