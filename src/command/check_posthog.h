/* `telltale check --posthog`: the destination at PostHog that feeds
 * this one. */
#ifndef TELLTALE_CHECK_POSTHOG_H
#define TELLTALE_CHECK_POSTHOG_H

#include "config/config.h"

/* Asks PostHog about the key, the project and the destination, and our own
 * public address whether it leads here, and prints what is so, as check does;
 * nothing is changed. How many lines start with "!". */
unsigned check_posthog(const struct config *config);

#endif
