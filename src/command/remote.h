/* PostHog for the commands that ask it. */
#ifndef TELLTALE_REMOTE_H
#define TELLTALE_REMOTE_H

#include "config/config.h"
#include "posthog/api.h"

/* posthog_open(); waits are told on standard error. NULL after printing what
 * is wrong. */
struct posthog *remote_open(const struct config *config);

#endif
