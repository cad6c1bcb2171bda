/* What the destination at PostHog should be, by the settings. */
#ifndef TELLTALE_PLAN_H
#define TELLTALE_PLAN_H

#include <stdbool.h>

#include "app/decode_context.h"
#include "app/tokens.h"
#include "base/buf.h"
#include "config/config.h"
#include "posthog/destination.h"

/* What the destination is called; name is initialised by the caller. */
void plan_name(const struct config *config, struct buf *name);

/* Which $group_N of an event is the organisation. */
int group_index(const struct config *config);

/* Everything is borrowed; name and url, initialised by the caller, get what
 * they are called and where PostHog posts to. False with err: no public URL
 * is known. */
bool plan_make(struct destination_plan *plan, const struct config *config,
               const struct decode_context *context,
               const struct tokens *tokens, struct buf *name, struct buf *url,
               struct err *err);

#endif
