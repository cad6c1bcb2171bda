/* The accounts of bytes in flight, by peer address. */
#include "net/quota.h"

#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

#define BUCKETS 256

struct quota_peer {
    struct quota_peer *next;
    char address[INET6_ADDRSTRLEN];
    unsigned connections;
    size_t bytes;
};

struct quota {
    struct quota_peer *buckets[BUCKETS];
    size_t known, anonymous;
};

struct quota *quota_new(void)
{
    return xcalloc(1, sizeof(struct quota));
}

void quota_free(struct quota *quota)
{
    if (!quota)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        while (quota->buckets[i]) {
            struct quota_peer *next = quota->buckets[i]->next;

            free(quota->buckets[i]);
            quota->buckets[i] = next;
        }
    free(quota);
}

/* A stranger who picks addresses to collide gains a walk over as
 * many peers as there are connections. */
static struct quota_peer **bucket(struct quota *quota, const char *address)
{
    return &quota->buckets[hash_text(HASH_START, address) % BUCKETS];
}

struct quota_peer *quota_peer_take(struct quota *quota, const char *address)
{
    struct quota_peer **first = bucket(quota, address), *peer = *first;
    size_t len = strnlen(address, sizeof peer->address - 1);

    while (peer && strncmp(peer->address, address, sizeof peer->address))
        peer = peer->next;
    if (!peer) {
        peer = xcalloc(1, sizeof *peer);
        memcpy(peer->address, address, len);
        peer->next = *first;
        *first = peer;
    }
    peer->connections++;
    return peer;
}

void quota_peer_release(struct quota *quota, struct quota_peer *peer)
{
    struct quota_peer **at = bucket(quota, peer->address);

    if (--peer->connections)
        return;
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    free(peer);
}

bool quota_grow(struct quota *quota, struct quota_claim *claim, size_t bytes)
{
    if (claim->anonymous) {
        if (bytes > LIMIT_IN_FLIGHT_ANON - quota->anonymous)
            return false;
        quota->anonymous += bytes;
    } else {
        if (bytes > LIMIT_IN_FLIGHT_KNOWN - quota->known ||
            bytes > LIMIT_IN_FLIGHT_PEER - claim->peer->bytes)
            return false;
        quota->known += bytes;
        claim->peer->bytes += bytes;
    }
    claim->bytes += bytes;
    return true;
}

bool quota_is_rival(const struct quota_claim *claim, size_t bytes,
                    const struct quota_claim *rival)
{
    if (!rival->bytes || claim->anonymous != rival->anonymous)
        return false;
    return claim->anonymous || claim->peer == rival->peer ||
           bytes <= LIMIT_IN_FLIGHT_PEER - claim->peer->bytes;
}

void quota_confirm(struct quota *quota, struct quota_claim *claim)
{
    struct quota_claim known = {.peer = claim->peer};

    if (!claim->anonymous || !quota_grow(quota, &known, claim->bytes))
        return;
    quota_release(quota, claim);
    *claim = known;
}

void quota_release(struct quota *quota, struct quota_claim *claim)
{
    if (claim->anonymous) {
        quota->anonymous -= claim->bytes;
    } else if (claim->peer) {
        quota->known -= claim->bytes;
        claim->peer->bytes -= claim->bytes;
    }
    claim->bytes = 0;
}

size_t quota_used(const struct quota *quota)
{
    return quota->known + quota->anonymous;
}
