/* Sets flags and compares them. Locking is nats_link.c. */
#include "net/nats_session.h"

#include "base/banned.h"

void nats_session_open(struct nats_session *session)
{
    *session = (struct nats_session){.number = session->number + 1};
}

void nats_session_connected(struct nats_session *session)
{
    session->connected = true;
}

void nats_session_closed(struct nats_session *session)
{
    session->closed = session->failed = true;
}

void nats_session_subscribed(struct nats_session *session)
{
    session->subscribed = true;
}

void nats_session_unsubscribed(struct nats_session *session)
{
    session->unsubscribed = true;
}

bool nats_session_begin(struct nats_session *session, unsigned number,
                        uint64_t after)
{
    if (number != session->number)
        return false;
    session->begun = true;
    session->after = after;
    return true;
}

bool nats_session_is_done(const struct nats_session *session)
{
    return (!session->connected || session->closed) &&
           (!session->subscribed || session->unsubscribed);
}
