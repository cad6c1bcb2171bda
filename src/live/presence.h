/* Who looks at which account just now: told by viewers, held in memory only,
 * and gone with them. Pure. */
#ifndef TELLTALE_PRESENCE_H
#define TELLTALE_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct presence;

struct presence *presence_new(void);
void presence_free(struct presence *presence); /* NULL is allowed */

/* Copies; who "" is the one at the receiver itself. account NULL: at none any
 * more. True: that was not known. Beyond LIMIT_FEEDS names nobody is added. */
bool presence_set(struct presence *presence, const char *who,
                  const char *account);
/* True: somebody was there. */
bool presence_clear(struct presence *presence);

size_t presence_count(const struct presence *presence);
/* Valid until the next change. */
const char *presence_who(const struct presence *presence, size_t index);
const char *presence_account(const struct presence *presence, size_t index);

#endif
