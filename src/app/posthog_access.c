/* Opens PostHog by the settings. Of asking nothing is here: see posthog/. */
#include "app/posthog_access.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "posthog/backfill.h"

#include "base/banned.h"

bool posthog_access_open(struct posthog_access *access,
                         const struct config *config, bool demo,
                         struct err *err)
{
    const char *shown = config_text(config, OPTION_project_url);
    struct err why = {""};
    struct buf url;

    access->polls =
        !demo && !strcmp(config_text(config, OPTION_source), "posthog");
    if (demo || (!access->polls && !posthog_configured(config)))
        return true;
    access->posthog = posthog_open(config, NULL, NULL, &why);
    buf_init(&url, 2048);
    if (access->posthog &&
        backfill_project_url(access->posthog, shown, &url, &why)) {
        access->project_url = buf_take(&url);
        return true;
    }
    buf_free(&url);
    posthog_close(access->posthog);
    access->posthog = NULL;
    if (access->polls)
        return err_set(err, "%s", why.text);
    log_line(LOG_WARN, "PostHog is not asked for anything: %s", why.text);
    return true;
}

void posthog_access_close(struct posthog_access *access)
{
    posthog_close(access->posthog);
    free(access->project_url);
    *access = (struct posthog_access){0};
}
