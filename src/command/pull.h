/* `telltale accounts pull`, which `telltale setup` does too. */
#ifndef TELLTALE_PULL_H
#define TELLTALE_PULL_H

#include <stdbool.h>

#include "config/config.h"
#include "posthog/api.h"

struct pull_result {
    bool changed;     /* there was something to write */
    const char *word; /* of the place that was taken; "": a query of one's own;
                         valid for ever */
};

/* Asks PostHog for the accounts, prints where they are kept and what changes
 * in the book, and writes it unless dry; the book that was there stays beside
 * it as FILE.old. Then it says how many accounts PostHog has events of, and
 * keeps group_index in config and its file when another group than the first
 * joins and none is set. Returns an exit code after printing what is wrong. */
int pull_accounts(struct posthog *posthog, struct config *config, bool dry,
                  struct pull_result *result);

#endif
