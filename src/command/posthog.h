/* PostHog for the commands that ask it. */
#ifndef TELLTALE_COMMAND_POSTHOG_H
#define TELLTALE_COMMAND_POSTHOG_H

#include "config/config.h"
#include "posthog/api.h"

/* posthog_open(); waits are told on standard error. NULL after printing what
 * is wrong. */
struct posthog *command_posthog(const struct config *config);
/* Prints why a call of it failed; EXIT_REFUSED where PostHog answered that it
 * would not, else EXIT_FAILED. */
int posthog_failed(const struct posthog *posthog, const struct err *err);

#endif
