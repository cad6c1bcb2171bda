/* The PostHog that the program may ask: its key is read before anything is
 * opened. */
#ifndef TELLTALE_POSTHOG_ACCESS_H
#define TELLTALE_POSTHOG_ACCESS_H

#include <stdbool.h>

#include "base/err.h"
#include "config/config.h"
#include "posthog/api.h"

struct posthog_access {
    struct posthog *posthog; /* NULL: it is not asked */
    char *project_url;
    bool polls; /* events are asked for: --source posthog */
};

/* One that is configured but cannot be used is told in the log, and is an
 * error only when it is needed. demo: nothing is asked. */
bool posthog_access_open(struct posthog_access *access,
                         const struct config *config, bool demo,
                         struct err *err);
void posthog_access_close(struct posthog_access *access);

#endif
