/* Making the destinations at PostHog what a plan says: a sequence that finds
 * them, and creates, changes and deletes what differs. Done twice, it changes
 * nothing the second time. */
#ifndef TELLTALE_POSTHOG_APPLY_H
#define TELLTALE_POSTHOG_APPLY_H

#include <stdbool.h>

#include "posthog/destination.h"
#include "posthog/api_sequence.h"

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

/* How it is done: 0, or some of these. */
enum apply_mode {
    APPLY_DRY = 1,     /* changes nothing */
    APPLY_ALWAYS = 2,  /* also what is as it should be: PostHog does not show
                         secrets, so a new one is not seen as a difference */
    APPLY_EXISTING = 4 /* leaves all where the first one is not, which is
                          made last: others may be at it */
};

struct apply;

/* Of the plan only the book, whose names the differences show, must outlive
 * it. NULL with err when the plan makes no sense, or would bring everybody's
 * events. A paused destination stays paused. */
struct apply *apply_new(const struct destination_plan *plan, unsigned mode,
                        apply_done *done, void *ctx, struct err *err);
void apply_free(struct apply *apply); /* NULL is allowed */
struct api_sequence apply_sequence(struct apply *apply);

#endif
