/* `telltale check --posthog`: the destination at PostHog that feeds
 * this one. */
#ifndef TELLTALE_CHECK_POSTHOG_H
#define TELLTALE_CHECK_POSTHOG_H

#include "command/findings.h"
#include "config/config.h"

/* Asks PostHog about the key, the project and the destination, and our own
 * public address whether it leads here; nothing is changed. */
void check_posthog(const struct config *config, struct findings *findings);

#endif
