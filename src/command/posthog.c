/* Opens PostHog for a command and keeps the person at the terminal informed
 * while it waits. */
#include "command/posthog.h"

#include <stdio.h>
#include <time.h>

#include "command/command.h"
#include "posthog/api_blocking.h"

#include "base/banned.h"

static void say_waiting(void *ctx, unsigned seconds)
{
    time_t then = time(NULL) + (time_t)seconds;
    struct tm local;
    char at[16] = "";

    (void)ctx;
    if (localtime_r(&then, &local))
        strftime(at, sizeof at, "%H:%M:%S", &local);
    fprintf(stderr, "telltale: %s: asking again in %u s, at %s\n",
            posthog_limit(seconds), seconds, at);
}

struct posthog *command_posthog(const struct config *config)
{
    struct err err = {""};
    struct posthog *posthog = posthog_open(config, say_waiting, NULL, &err);

    if (!posthog)
        command_fail(EXIT_CONFIG, "%s", err.text);
    return posthog;
}

int posthog_failed(const struct posthog *posthog, const struct err *err)
{
    int status = posthog_status(posthog);

    return command_fail(status >= 400 && status < 500 ? EXIT_REFUSED
                                                      : EXIT_FAILED,
                        "%s", err->text);
}
