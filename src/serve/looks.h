/* Who looks at which account, among those who follow the feed: told to all of
 * them, kept nowhere, and over with the viewer's last feed. doc/feed.md is its
 * contract. */
#ifndef TELLTALE_LOOKS_H
#define TELLTALE_LOOKS_H

#include "live/presence.h"
#include "serve/feed.h"

struct looks;

/* The feed is borrowed and outlives it; changed: another looks, or elsewhere.
 */
struct looks *looks_new(struct feed *feed, void (*changed)(void *ctx),
                        void *ctx);
void looks_free(struct looks *looks);

/* who looks at that account; NULL: at none. "" is the one at the receiver,
 * who needs no feed. False: nobody of that name follows. */
bool looks_set(struct looks *looks, const char *who, const char *account);
/* The end of a turn: who has left looks no more. */
void looks_turn_end(struct looks *looks);
const struct presence *looks_presence(const struct looks *looks);

#endif
