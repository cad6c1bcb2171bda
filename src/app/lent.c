/* What a service may ask of the program (struct service_host): each call is
 * handed on to the room that has it. */
#include "app/internal.h"

#include <stdio.h>

#include "app/board.h"
#include "app/book_watch.h"
#include "app/inbox_service.h"
#include "app/link_service.h"
#include "app/mirror_service.h"
#include "app/note_service.h"
#include "app/pin_service.h"
#include "app/pin_there.h"
#include "app/presence_service.h"
#include "app/rule_service.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/notify.h"
#include "base/banned.h"

void app_concluded(void *ctx)
{
    struct app *app = ctx;

    inbox_service_reread(app->services[SERVICE_inbox]);
    board_mark(app->services[SERVICE_board]);
    mirror_service_concluded(app->services[SERVICE_mirrors]);
}

static void lent_changed(void *ctx)
{
    app_changed(ctx);
}

static void lent_link_changed(void *ctx)
{
    past_wait_end(ctx);
    app_changed(ctx);
}

static struct client *lent_client(void *ctx)
{
    return app_client(ctx);
}

static void lent_past(void *ctx, const struct event_batch *batch)
{
    struct app *app = ctx;

    services_past(app->services, batch);
}

static void lent_past_complete(void *ctx, uint64_t last_seq, size_t events)
{
    struct app *app = ctx;

    services_past_complete(app->services, last_seq, events);
}

static void lent_listed(void *ctx)
{
    struct app *app = ctx;

    if (app->display)
        app->options.display->events(app->display, 0);
}

static void lent_relisted(void *ctx, size_t events,
                          enum display_forgetting forgetting)
{
    struct app *app = ctx;

    if (app->display && forgetting)
        app->options.display->forgetting(app->display, forgetting);
    if (app->display && events)
        app->options.display->past_came(app->display, events);
}

static bool lent_forget(void *ctx, enum forget_kind kind, const char *text,
                        int64_t at, forget_over *over, void *over_ctx)
{
    struct app *app = ctx;
    struct err err;

    return app_forget(app, kind, text, at, over, over_ctx, &err);
}

static void lent_announce(void *ctx, const char *text)
{
    struct app *app = ctx;

    if (app->services[SERVICE_mirrors])
        mirror_service_announce(app->services[SERVICE_mirrors], text);
}

static void lent_said(void *ctx, const char *text)
{
    struct app *app = ctx;

    if (app->display)
        app->options.display->said(app->display, text);
}

static void lent_to_tell(void *ctx, bool full)
{
    struct app *app = ctx;
    char text[160];
    bool linked = link_service_tell_there(app->services[SERVICE_link]);

    if (full) {
        snprintf(text, sizeof text,
                 "It is so here; the others are not told: %d things wait for "
                 "that already.",
                 LIMIT_UNTOLD);
        lent_said(app, text);
    } else if (!linked) {
        lent_said(app, "It is so here; the others are told when the link is "
                       "back.");
    }
}

static void lent_acted(void *ctx, const struct signal_change *change)
{
    struct app *app = ctx;

    act_change(app->act, change, "", NULL);
}

static void lent_looked(void *ctx, const char *account)
{
    struct app *app = ctx;

    if (app->options.attach)
        link_service_look(app->services[SERVICE_link], account);
    else if (app->looks)
        looks_set(app->looks, "", account);
}

static void lent_others_looked(void *ctx, const char *who, const char *account)
{
    struct app *app = ctx;

    presence_service_told(app->services[SERVICE_presence], who, account);
}

static void lent_pinned(void *ctx, const struct pin_place *place,
                        const char *note, bool on)
{
    struct app *app = ctx;

    act_pinned(app->act, place, note, on);
}

void app_pins_changed(void *ctx)
{
    struct app *app = ctx;

    pin_service_reread(app->services[SERVICE_pins]);
}

static void lent_pin_told(void *ctx, const struct pin_place *place,
                          const char *note, bool on)
{
    pin_there_told(ctx, place, note, on);
}

static void lent_noted(void *ctx, const char *account, const char *note)
{
    struct app *app = ctx;

    act_noted(app->act, account, note);
}

void app_notes_changed(void *ctx)
{
    struct app *app = ctx;

    note_service_reread(app->services[SERVICE_notes]);
}

void app_others_read(void *ctx, const char *account, int64_t at)
{
    struct app *app = ctx;

    board_read(app->services[SERVICE_board], account, at);
    app_changed(app);
}

static void lent_signals_at(void *ctx, uint64_t seq)
{
    struct app *app = ctx;

    rule_service_concluded(app->services[SERVICE_rules], seq);
}

static void lent_alert(void *ctx, unsigned how, const char *title,
                       const char *text)
{
    struct app *app = ctx;

    if (app->display)
        app->options.display->alert(app->display, how, title, text);
}

static struct mirrors *lent_mirrors(void *ctx)
{
    struct app *app = ctx;

    return mirror_service_mirrors(app->services[SERVICE_mirrors]);
}

static void lent_recording(void *ctx, uint64_t seq, enum recording recording,
                           const char *why)
{
    struct app *app = ctx;

    if (app->display)
        app->options.display->recording(app->display, seq, recording, why);
}

static void lent_reread(void *ctx)
{
    struct app *app = ctx;

    book_watch_reread(app->services[SERVICE_book]);
}

static void say_reread(struct app *app)
{
    size_t accounts = book_count(app->decode.book);
    struct buf text;

    buf_init(&text, KIB);
    if (app->book_trouble)
        buf_addf(&text, "Not reread: %s", app->book_trouble);
    else
        buf_addf(&text, "Reread: %zu account%s.", accounts,
                 accounts == 1 ? "" : "s");
    lent_said(app, text.data);
    buf_free(&text);
}

static void lent_reread_done(void *ctx)
{
    struct app *app = ctx;

    if (app->reload_asked)
        say_reread(app);
    app->reload_asked = false;
    if (app->reloading)
        notify_send("READY=1");
    app->reloading = false;
}

void app_lend(struct app *app)
{
    app->lent = (struct service_host){
        .config = app->config,
        .demo = app->options.demo,
        .screen = app->options.display != NULL,
        .follow_clock = app->options.follow_clock,
        .opened_at = clock_now_ms(),
        .decode = &app->decode,
        .tokens = &app->tokens,
        .posthog = app->posthog.posthog,
        .project_url = app->posthog.project_url,
        .polls = app->posthog.polls,
        .attach = app->options.attach,
        .attach_token = app->options.attach_token,
        .app = app,
        .client = lent_client,
        .changed = lent_changed,
        .link_changed = lent_link_changed,
        .kept = app_kept,
        .past = lent_past,
        .past_complete = lent_past_complete,
        .listed = lent_listed,
        .relisted = lent_relisted,
        .concluded = app_concluded,
        .may_swap = app_may_swap,
        .take_fresh = app_take_fresh,
        .reread = lent_reread,
        .reread_done = lent_reread_done,
        .to_tell = lent_to_tell,
        .acted = lent_acted,
        .looked = lent_looked,
        .pinned = lent_pinned,
        .pins_changed = app_pins_changed,
        .pin_told = lent_pin_told,
        .noted = lent_noted,
        .notes_changed = app_notes_changed,
        .others_read = app_others_read,
        .others_looked = lent_others_looked,
        .forget = lent_forget,
        .announce = lent_announce,
        .said = lent_said,
        .signals_at = lent_signals_at,
        .alert = lent_alert,
        .mirrors = lent_mirrors,
        .recording = lent_recording,
    };
}
