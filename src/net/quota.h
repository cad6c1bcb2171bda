/* Bytes of bodies in flight: bounded in all, per peer, and for requests that
 * nothing has authenticated yet (limits.h). A claim is made before the bytes
 * are read and given back when the request is answered. */
#ifndef TELLTALE_QUOTA_H
#define TELLTALE_QUOTA_H

#include <stdbool.h>
#include <stddef.h>

struct quota;
struct quota_peer;

/* What one request holds. Zeroed: nothing. */
struct quota_claim {
    struct quota_peer *peer;
    size_t bytes;
    bool anonymous;
};

struct quota *quota_new(void);
void quota_free(struct quota *quota);

/* Peers are counted: one reference for each connection. */
struct quota_peer *quota_peer_take(struct quota *quota, const char *address);
void quota_peer_release(struct quota *quota, struct quota_peer *peer);

/* Asks for more bytes; false, and nothing changes, beyond a limit. Bytes not
 * authenticated count against the limit for those instead of the peer's, so
 * that a stranger behind the same tunnel cannot use up what the sender with
 * the token needs. */
bool quota_grow(struct quota *quota, struct quota_claim *claim, size_t bytes);
void quota_release(struct quota *quota, struct quota_claim *claim);
size_t quota_used(const struct quota *quota);

#endif
