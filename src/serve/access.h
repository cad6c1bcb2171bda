/* Who may read: a viewer's token, in a header. */
#ifndef TELLTALE_ACCESS_H
#define TELLTALE_ACCESS_H

#include <stdbool.h>

#include "config/viewers.h"
#include "net/server.h"

/* True if the request carries a viewer's token: `Authorization: Bearer` or
 * `X-Telltale-Token`; who, unless NULL, is filled in. False while there is no
 * viewer: no token, no access. */
bool access_granted(const struct viewers *viewers,
                    const struct request *request, struct viewer_token *who);
/* Fills the 401 that goes with it. */
void access_refuse(const struct viewers *viewers, struct answer *answer);

#endif
