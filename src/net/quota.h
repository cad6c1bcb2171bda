/* Bytes of bodies in flight: bounded for those that are authenticated, in all
 * and per peer, and for those that nothing has authenticated yet (limits.h).
 * What arrived is charged, never what was announced; it is given back when
 * the request is answered. */
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
 * authenticated have a share of their own, of which nothing else is taken, so
 * that a stranger behind the same tunnel cannot use up what the sender with
 * the token needs. */
bool quota_grow(struct quota *quota, struct quota_claim *claim, size_t bytes);
/* Would claim, which was just refused that many bytes, get on if rival gave
 * back what it holds? */
bool quota_is_rival(const struct quota_claim *claim, size_t bytes,
                    const struct quota_claim *rival);
/* The body has proved who sent it: what is held moves to the share of those
 * who are known, if there is room; else it stays where it is. */
void quota_confirm(struct quota *quota, struct quota_claim *claim);
void quota_release(struct quota *quota, struct quota_claim *claim);
size_t quota_used(const struct quota *quota);

#endif
