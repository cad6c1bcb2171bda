/* Who may read: the viewer's token, in a header. */
#ifndef TELLTALE_ACCESS_H
#define TELLTALE_ACCESS_H

#include <stdbool.h>

#include "config/secret.h"
#include "net/server.h"

/* True if the request carries one of the tokens: `Authorization: Bearer` or
 * `X-Telltale-Token`. False for an empty set: no token, no access. */
bool access_granted(const struct secret_set *viewer,
                    const struct request *request);
/* Fills the 401 that goes with it. */
void access_refuse(const struct secret_set *viewer, struct answer *answer);

#endif
