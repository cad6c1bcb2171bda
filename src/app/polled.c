/* --source posthog: what asking PostHog needs, and its place among the other
 * parts. How it is asked is posthog/polling's affair. */
#include "app/internal.h"

#include <string.h>

#include "posthog/backfill.h"
#include "posthog/polling.h"

#include "base/banned.h"

static bool is_wanted(const struct app *app)
{
    return !app->options.demo &&
           !strcmp(config_text(app->config, OPTION_source), "posthog");
}

bool polled_load(struct app *app, struct err *err)
{
    const char *shown = config_text(app->config, OPTION_project_url);
    struct buf url;

    if (!is_wanted(app))
        return true;
    app->posthog = posthog_open(app->config, NULL, NULL, err);
    if (!app->posthog)
        return false;
    buf_init(&url, 2048);
    if (!backfill_project_url(app->posthog, shown, &url, err)) {
        buf_free(&url);
        return false;
    }
    app->posthog_url = buf_take(&url);
    return true;
}

void polled_open(struct app *app,
                 void (*kept)(void *ctx, const struct event_batch *batch))
{
    struct polling_options options = {
        .loop = app->loop,
        .journal = app->journal,
        .posthog = app->posthog,
        .decoder = &app->parts.decoder,
        .project_url = app->posthog_url,
        .every_ms = config_number(app->config, OPTION_posthog_every),
        .kept = kept,
        .ctx = app,
    };

    if (!app->posthog)
        return;
    options.client = app_client(app);
    app->polling = polling_new(&options);
}
