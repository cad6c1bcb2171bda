/* The destination this telltale should have, from its settings; for the
 * commands destination and setup. */
#ifndef TELLTALE_DESTINATION_TARGET_H
#define TELLTALE_DESTINATION_TARGET_H

#include <stdbool.h>
#include <stdio.h>

#include "app/decode_context.h"
#include "app/tokens.h"
#include "base/buf.h"
#include "posthog/apply.h"

struct destination_target {
    struct decode_context decode;
    struct tokens tokens;
    struct buf name, url;
    struct destination_plan plan; /* points into the rest */
};

/* Reads book, catalogue, tokens and the public URL. On false nothing is left
 * to close. */
bool destination_target_open(struct destination_target *target,
                             const struct config *config, struct err *err);
void destination_target_close(struct destination_target *target);

/* What apply.h does, in that mode; false with err. */
bool destination_target_change(const struct destination_target *target,
                               struct posthog *posthog, unsigned mode,
                               apply_done *done, void *ctx, struct err *err);
/* The same, printed; returns an exit code. */
int destination_target_apply(const struct destination_target *target,
                             struct posthog *posthog, unsigned mode);
/* Prints what cannot come, a line each. */
void destination_target_say_unheard(const struct destination_target *target,
                                    FILE *to);
/* Has PostHog send a test, and waits until it is in the journal when some
 * telltale receives; returns an exit code after saying what happened. */
int destination_target_test(struct destination_target *target,
                            struct posthog *posthog,
                            const struct config *config);

#endif
