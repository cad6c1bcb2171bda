/* Making the destinations at PostHog what a plan says: a talk that finds
 * them, and creates, changes and deletes what differs. Done twice, it changes
 * nothing the second time. */
#ifndef TELLTALE_POSTHOG_APPLY_H
#define TELLTALE_POSTHOG_APPLY_H

#include <stdbool.h>

#include "posthog/destination.h"
#include "posthog/talk.h"

enum apply_step {
    APPLY_SAME,
    APPLY_CREATED,
    APPLY_UPDATED,
    APPLY_DELETED, /* a part that a shorter book needs no more */
};
/* Called for each destination with what was or, when only looked at, would
 * be done; difference is lines a person can read, or "". */
typedef void apply_done(void *ctx, const char *name, enum apply_step step,
                        const char *difference);

enum apply_mode {
    APPLY_ALL,
    APPLY_EXISTING, /* creates none where there is none at all */
    APPLY_LOOK      /* changes nothing */
};

struct apply;

/* All is borrowed. A paused destination stays paused. */
struct apply *apply_new(const struct destination_plan *plan,
                        enum apply_mode mode, apply_done *done, void *ctx);
void apply_free(struct apply *apply); /* NULL is allowed */
struct talk apply_talk(struct apply *apply);

#endif
