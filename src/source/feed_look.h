/* Telling another telltale at which account we look, over POST /act: the
 * newest word wins, one question at a time, and none where it is not wanted. */
#ifndef TELLTALE_FEED_LOOK_H
#define TELLTALE_FEED_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "net/client.h"

struct feed_look {
    struct client *client; /* borrowed, as url and token */
    const char *url, *token;
    char *account;    /* at which we look; NULL: at none */
    bool up;          /* the link is, and there we have a name */
    bool refused;     /* as long as it is */
    bool again;       /* another account than the one that is being told */
    bool told;        /* there they think that we look at one */
    uint64_t request; /* the client's; 0: none */
};

void feed_look_set(struct feed_look *look, const char *account);
/* The link is up, or down. */
void feed_look_link(struct feed_look *look, bool up);
/* Asks no more; frees what it holds. */
void feed_look_free(struct feed_look *look);

#endif
