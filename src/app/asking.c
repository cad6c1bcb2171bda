/* What the app asks of PostHog while it runs, and what that needs: with
 * --source posthog what happens, on a schedule who is in the book, and when
 * told to what happened before, and whether a replay is ready. How each is
 * asked is posthog/'s affair. */
#include "app/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "posthog/backfill.h"
#include "posthog/polling.h"
#include "posthog/recording.h"

#include "base/banned.h"

static bool polls(const struct app *app)
{
    return !app->options.demo &&
           !strcmp(config_text(app->config, OPTION_source), "posthog");
}

/* The key is read before anything is opened. One that is there but cannot be
 * read matters only when it is needed. */
bool asking_load(struct app *app, struct err *err)
{
    const char *shown = config_text(app->config, OPTION_project_url);
    struct err why = {""};
    struct buf url;

    if (app->options.demo || (!polls(app) && !posthog_configured(app->config)))
        return true;
    app->posthog = posthog_open(app->config, NULL, NULL, &why);
    buf_init(&url, 2048);
    if (app->posthog &&
        backfill_project_url(app->posthog, shown, &url, &why)) {
        app->posthog_url = buf_take(&url);
        return true;
    }
    buf_free(&url);
    posthog_close(app->posthog);
    app->posthog = NULL;
    if (polls(app))
        return err_set(err, "%s", why.text);
    log_line(LOG_WARN, "PostHog is not asked for anything: %s", why.text);
    return true;
}

static void start_polling(struct app *app,
                          void (*kept)(void *ctx,
                                       const struct event_batch *batch))
{
    struct polling_options options = {
        .loop = app->loop,
        .client = app_client(app),
        .journal = app->journal,
        .posthog = app->posthog,
        .decoder = &app->parts.decoder,
        .project_url = app->posthog_url,
        .every_ms = config_number(app->config, OPTION_posthog_every),
        .kept = kept,
        .ctx = app,
    };

    app->polling = polling_new(&options);
}

void asking_open(struct app *app,
                 void (*kept)(void *ctx, const struct event_batch *batch))
{
    if (app->posthog && polls(app))
        start_polling(app, kept);
    renewal_open(app);
}

/* Replays that the screen waits for. */

/* why may quote PostHog. */
static void on_recording(void *ctx, uint64_t seq, enum recording recording,
                         const char *why)
{
    struct app *app = ctx;
    struct buf safe;

    buf_init(&safe, sizeof(struct err));
    text_sanitise(&safe, why, strlen(why), sizeof(struct err) - 1);
    if (recording == RECORDING_UNKNOWN)
        log_limited(LOG_WARN, "asking for a replay: %s", safe.data);
    if (app->display)
        app->options.display->recording(app->display, seq, recording,
                                        safe.data);
    buf_free(&safe);
}

/* An event's is "https://us.posthog.com/project/2"; behind ours there may be
 * more. */
static bool is_our_project(const struct app *app, const char *project_url)
{
    size_t len = strlen(project_url);

    return !strncmp(app->posthog_url, project_url, len) &&
           strchr("/?#", app->posthog_url[len]);
}

bool host_ask_recording(void *ctx, uint64_t seq, const char *project_url,
                        const char *session_id, int64_t moment_ms)
{
    struct app *app = ctx;

    if (!app->posthog || app->stopping || !is_our_project(app, project_url))
        return false;
    if (!app->recordings)
        app->recordings = recordings_new(app->loop, app_client(app),
                                         app->posthog, on_recording, app);
    return recordings_ask(app->recordings, seq, session_id, moment_ms);
}

void asking_stop(struct app *app)
{
    if (app->polling)
        polling_stop(app->polling);
    if (app->recordings)
        recordings_stop(app->recordings);
    backfilled_stop(app);
    renewal_stop(app);
}

void asking_free(struct app *app)
{
    polling_free(app->polling);
    recordings_free(app->recordings);
    backfilled_free(app);
    renewal_free(app);
    posthog_close(app->posthog);
    free(app->posthog_url);
}
