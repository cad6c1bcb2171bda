/* Forgetting somebody while the app runs, asked for over the control socket or
 * by the receiver. The journal does it slice by slice. The screen hears of it
 * twice: once it is known who they are, their rows go, and nothing of theirs
 * is read for it any more; once it is done, all is read again, since what
 * others did named them until then. */
#include "app/internal.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "app/board.h"
#include "app/inbox_service.h"
#include "app/note_service.h"
#include "app/pin_service.h"
#include "app/pin_there.h"
#include "app/publish_service.h"
#include "app/usage_service.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/forget.h"
#include "base/banned.h"

struct forget_run {
    bool running, ok;
    struct forget_result result;
    struct err err;
    forget_over *over; /* or NULL */
    void *over_ctx;
};

/* Nothing of theirs is drawn any more, or counted. */
static void on_known(void *ctx, const struct forget_goes *goes)
{
    struct app *app = ctx;

    board_forgets(app->services[SERVICE_board], goes);
    pin_there_hide(app, goes);
    if (app->display)
        app->options.display->views_written(app->display);
}

static void on_progress(void *ctx, const struct forget_result *result)
{
    struct app *app = ctx;

    app->forgetting->result = *result;
}

/* What is kept in mind of the journal. */
static void reread(struct app *app)
{
    inbox_service_reread(app->services[SERVICE_inbox]);
    usage_service_reread(app->services[SERVICE_usage]);
    pin_service_reread(app->services[SERVICE_pins]);
    note_service_reread(app->services[SERVICE_notes]);
}

static void on_done(void *ctx, bool ok, const struct forget_result *result,
                    const struct err *err)
{
    struct app *app = ctx;
    struct forget_run *run = app->forgetting;

    run->running = false;
    board_forgot(app->services[SERVICE_board], ok);
    reread(app);
    run->ok = ok;
    run->result = *result;
    run->err = *err;
    if (ok && app->feed)
        feed_forgotten(app->feed);
    if (ok)
        publish_service_forgotten(app->services[SERVICE_publish]);
    if (ok)
        log_line(LOG_NOTE, "somebody is forgotten: %llu events deleted",
                 (unsigned long long)result->events);
    else
        log_line(LOG_WARN, "nobody is forgotten yet: %s", err->text);
    app_changed(app);
    if (run->over)
        run->over(run->over_ctx, ok);
}

bool app_forget(struct app *app, enum forget_kind kind, const char *text,
                int64_t at, forget_over *over, void *over_ctx, struct err *err)
{
    struct forget_ops ops = {on_known, on_progress, on_done, at != 0};

    if (app->forgetting && app->forgetting->running)
        return err_set(err, "somebody is being forgotten already: ask again "
                            "when that is done");
    if (!app->forgetting)
        app->forgetting = xcalloc(1, sizeof *app->forgetting);
    *app->forgetting = (struct forget_run){.running = true,
                                           .over = over,
                                           .over_ctx = over_ctx};
    journal_forget_by(app->journal, kind, text, at ? at : clock_now_ms(), &ops,
                      app);
    return true;
}

void forgetting_tell(const struct app *app, struct cJSON *reply)
{
    const struct forget_run *run = app->forgetting;
    const struct forget_result *result = run ? &run->result : NULL;

    cJSON_AddBoolToObject(reply, "running", run && run->running);
    if (!run)
        return;
    cJSON_AddNumberToObject(reply, "done", (double)result->done);
    cJSON_AddNumberToObject(reply, "of", (double)result->of);
    cJSON_AddNumberToObject(reply, "events", (double)result->events);
    cJSON_AddNumberToObject(reply, "mentions", (double)result->mentions);
    cJSON_AddNumberToObject(reply, "messages", (double)result->messages);
    cJSON_AddNumberToObject(reply, "rejects", (double)result->rejects);
    cJSON_AddNumberToObject(reply, "unsearched", (double)result->unsearched);
    cJSON_AddNumberToObject(reply, "views", (double)result->views);
    cJSON_AddBoolToObject(reply, "unreadable", result->unreadable);
    if (!run->running && !run->ok)
        cJSON_AddStringToObject(reply, "failed", run->err.text);
}

void forgetting_free(struct app *app)
{
    free(app->forgetting);
    app->forgetting = NULL;
}
