/* `telltale accounts pull`, which `telltale setup` does too. */
#ifndef TELLTALE_PULL_H
#define TELLTALE_PULL_H

#include <stdbool.h>

#include "config/config.h"
#include "posthog/api.h"

/* Asks PostHog for the accounts, prints what changes in the book, and writes
 * it unless dry; the book that was there stays beside it as FILE.old.
 * *changed says whether there was anything to write. Returns an exit code
 * after printing what is wrong. */
int pull_accounts(struct posthog *posthog, const struct config *config,
                  bool dry, bool *changed);

#endif
