/* Opens PostHog for a command and keeps the person at the terminal informed
 * while it waits. */
#include "command/remote.h"

#include <stdio.h>

#include "command/command.h"
#include "base/banned.h"

static void say_waiting(void *ctx, unsigned seconds)
{
    (void)ctx;
    fprintf(stderr, "telltale: PostHog is busy: asking again in %u s\n",
            seconds);
}

struct posthog *remote_open(const struct config *config)
{
    struct err err = {""};
    struct posthog *posthog = posthog_open(config, say_waiting, NULL, &err);

    if (!posthog)
        command_fail(EXIT_CONFIG, "%s", err.text);
    return posthog;
}
