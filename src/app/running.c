/* What is asked of the program while it runs, and told to it, by the rest of
 * this room and by commands: it is not known here how it is made or taken
 * apart (app.c), and nobody here is asked but services. */
#include "app/app.h"

#include "app/internal.h"

#include "app/backfill_job.h"
#include "base/notify.h"
#include "base/banned.h"

#define STOP_US INT64_C(2000000) /* to answer what is queued */

/* ---- told ---- */

void app_kept(void *ctx, const struct event_batch *batch)
{
    struct app *app = ctx;

    for (size_t i = 0; i < batch->fresh; i++) {
        const struct event *event = &batch->events[i];

        if (!(event->flags & EVENT_BACKFILLED))
            lag_add(&app->lag, event->received_at - event->occurred_at);
        app->kept_seq = event->seq;
        app->fresh++;
    }
    if (app->feed)
        feed_kept(app->feed, batch);
    services_kept(app->services, batch);
    if (app->options.on_kept)
        app->options.on_kept(app->options.ctx, batch);
}

void app_stop(struct app *app, int exit_code)
{
    if (app->stopping)
        return;
    app->stopping = true;
    app->exit_code = exit_code;
    notify_send("STOPPING=1");
    if (app->server) {
        server_stop_listening(app->server);
        feed_stop(app->feed);
        reports_stop(app->reports);
    }
    app->lent.stopping = true;
    services_stop(app->services);
    if (app->webhook) /* nothing is swapped below it any more */
        webhook_hold(app->webhook, false);
    loop_timer_set(app->stop_timer, STOP_US);
}

bool app_backfill(struct app *app, int64_t since_ms, int64_t until_ms,
                  struct err *err)
{
    void *backfill = app->services[SERVICE_backfill];

    if (!backfill)
        return err_set(err,
                       "telltale %s knows no PostHog: telltale setup, then "
                       "start it again",
                       app->options.command);
    return backfill_job_begin(backfill, since_ms, until_ms, err);
}

/* ---- asked ---- */

struct loop *app_loop(struct app *app)
{
    return app->loop;
}

struct journal *app_journal(struct app *app)
{
    return app->journal;
}

void app_conceal(const struct app *app, struct event *event,
                 struct arena *arena)
{
    redaction_conceal(app->decode.conceal, event, arena);
}

struct client *app_client(struct app *app)
{
    if (!app->client)
        app->client = client_new(app->loop);
    return app->client;
}

const char *app_hook_url(const struct app *app)
{
    return app->hook_url;
}

const char *app_public_hook_url(const struct app *app)
{
    return app->public_hook_url;
}

const char *app_shown_hook_url(const struct app *app)
{
    return app->shown_hook_url;
}

const char *app_listening(const struct app *app)
{
    return app->server ? server_address(app->server) : NULL;
}

void app_changed(struct app *app)
{
    if (app->display)
        app->options.display->changed(app->display);
}

struct webhook_stats app_hook_stats(const struct app *app)
{
    return app->webhook ? webhook_stats(app->webhook)
                        : (struct webhook_stats){.events = 0};
}

struct server_stats app_server_stats(const struct app *app)
{
    return app->server ? server_stats(app->server)
                       : (struct server_stats){.requests = 0};
}

struct app_counts app_counts(const struct app *app)
{
    struct webhook_stats hook = app_hook_stats(app);
    struct app_counts counts = {.events = hook.events,
                                .duplicates = hook.duplicates,
                                .forgotten = hook.forgotten};

    counts.refused = hook.not_json + hook.unauthorised + hook.unavailable +
                     app_server_stats(app).refused;
    return counts;
}
