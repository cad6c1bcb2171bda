/* Do the ids of the book mean anything to PostHog? One query counts how many
 * accounts sent an event lately, by each of the groups an event can have. */
#ifndef TELLTALE_POSTHOG_JOIN_H
#define TELLTALE_POSTHOG_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "event/accounts.h"
#include "posthog/api.h"

#define JOIN_GROUPS 5

struct join {
    size_t accounts; /* that were asked for: those of the book, or the first
                        of a large one */
    unsigned days;   /* in so many days */
    int64_t joined[JOIN_GROUPS];
    int best; /* the group by which most join, the first of equals; 0 when
                 none does */
};

/* Blocking. False with err; an empty book is none to ask about. */
bool join_ask(struct posthog *posthog, const struct book *book,
              struct join *join, struct err *err);
/* True when many more join by another group than by that one. */
bool join_is_elsewhere(const struct join *join, int group_index);
/* Appends one line that says so, for a person who has set group_index; true
 * when it is as it should be. */
bool join_say(const struct join *join, int group_index, struct buf *out);

#endif
