/* Wiring, and nothing else: every room is made here, connected to its
 * neighbours, and taken apart in the one order that loses nothing. What the
 * rooms do is theirs; what runs beside the receiver is services.def, the
 * screen's side is host.c. */
#include "app/app.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/internal.h"

#include "app/address.h"
#include "app/pin_there.h"
#include "app/rooms.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/notify.h"
#include "net/inherited.h"
#include "base/banned.h"

/* The end of a turn. */

static void first_event(struct app *app)
{
    app->empty = false;
    if (!app->server)
        return;
    free(app->shown_hook_url);
    app->shown_hook_url = address_hook_url(app, true);
}

/* Nothing waits any more: the loop may end. */
static bool is_settled(const struct app *app)
{
    return !journal_stats(app->journal).waiting &&
           !app_server_stats(app).waiting &&
           !(app->webhook && webhook_busy(app->webhook)) &&
           !services_busy(app->services);
}

static void tell_fresh(struct app *app)
{
    size_t fresh = app->fresh;

    app->fresh = 0;
    if (app->empty)
        first_event(app);
    control_committed(app->control, app->kept_seq);
    if (app->display)
        app->options.display->events(app->display, fresh);
}

static void on_turn_end(void *ctx)
{
    struct app *app = ctx;
    uint64_t last = journal_stats(app->journal).last_seq;

    if (app->webhook)
        webhook_turn_end(app->webhook);
    if (app->fresh)
        tell_fresh(app);
    if (last > app->told_seq) {
        app->told_seq = last;
        if (app->feed)
            feed_committed(app->feed, last);
        services_committed(app->services, last);
    }
    if (app->looks)
        looks_turn_end(app->looks);
    if (app->display && status_changed(app))
        app_changed(app);
    if (app->options.on_turn)
        app->options.on_turn(app->options.ctx);
    if (app->stopping && is_settled(app))
        loop_stop(app->loop);
}

static void on_wake(void *ctx)
{
    struct app *app = ctx;

    journal_drain(app->journal);
    if (app->webhook)
        webhook_woken(app->webhook);
    services_woken(app->services);
    status_log(app);
}

/* Signals. */

static void on_stop_signal(void *ctx, int signal)
{
    app_stop(ctx, signal == SIGINT ? EXIT_INTERRUPTED : EXIT_DONE);
}

static void on_hangup(void *ctx, int signal)
{
    struct app *app = ctx;

    (void)signal;
    if (app->options.hangup_reads)
        app_reread(app);
    else
        app_stop(app, EXIT_DONE);
}

/* Started by nohup(1), or in the background of a script: a signal that was
 * ignored stays so. */
static bool is_ignored(int signal)
{
    struct sigaction action;

    return !sigaction(signal, NULL, &action) && action.sa_handler == SIG_IGN;
}

static bool watch_signals(struct app *app, struct err *err)
{
    file_wait_for_none();
    return loop_on_signal(app->loop, SIGTERM, on_stop_signal, app, err) &&
           (is_ignored(SIGINT) ||
            loop_on_signal(app->loop, SIGINT, on_stop_signal, app, err)) &&
           (is_ignored(SIGHUP) ||
            loop_on_signal(app->loop, SIGHUP, on_hangup, app, err));
}

/* Opening, top-down. */

static bool open_journal(struct app *app, struct err *err)
{
    const char *path = app->options.journal
                           ? app->options.journal
                           : config_text(app->config, OPTION_journal);
    struct journal_options options = {.path = path,
                                      .rooms = app_rooms,
                                      .wake = loop_wake,
                                      .wake_ctx = app->loop};
    long owner = 0;

    if (!path)
        return err_set(err, "no home directory for the journal: set HOME or "
                            "--journal");
    if (!app_confine(app, path, err))
        return false;
    app->journal = journal_open(&options, &owner, err);
    if (!app->journal && owner)
        return err_set(err,
                       "%s belongs to telltale, process %ld, which is "
                       "running. telltale tail -f follows it.",
                       path, owner);
    return app->journal != NULL;
}

static void looks_changed(void *ctx)
{
    app_changed(ctx);
}

static void open_readers(struct app *app)
{
    struct act_calls calls = {app_concluded, app_pins_changed,
                              app_notes_changed, app_others_read, app};
    struct webhook_options options = {
        .journal = app->journal,
        .decoder = &app->decode.decoder,
        .tokens = &app->tokens.hook,
        .token_header = config_text(app->config, OPTION_token_header),
        .signing = &app->tokens.signing,
        .follow_clock = app->options.follow_clock,
        .on_kept = app_kept,
        .ctx = app,
        .wake = loop_wake,
        .wake_ctx = app->loop};
    struct figures_source figures = {app->journal, &app->tokens.viewers,
                                     app_figures, app};

    app->webhook = webhook_new(&options);
    app->health = health_new(&figures);
    app->metrics = metrics_new(&figures);
    app->events =
        events_new(app->journal, &app->tokens.viewers, app->decode.conceal);
    app->feed =
        feed_new(app->journal, &app->tokens.viewers, app->decode.conceal);
    app->signal_lists = signal_lists_new(app->journal, &app->tokens.viewers);
    app->reports =
        reports_new(app->journal, &app->tokens.viewers, app->decode.conceal);
    if (config_flag(app->config, OPTION_presence))
        app->looks = looks_new(app->feed, looks_changed, app);
    app->act = act_new(app->journal, &app->tokens.viewers, app->feed,
                       app->looks, &calls);
}

static void on_refused(void *ctx, int status, const char *why,
                       const char *peer)
{
    struct app *app = ctx;

    journal_reject(app->journal, status, why,
                   &(struct reject_from){.peer = peer}, NULL, 0);
    log_limited(LOG_WARN, "refused a request from %s: %d, %s", peer, status,
                why);
}

static bool open_server(struct app *app, struct err *err)
{
    const struct config *config = app->config;
    struct server_options options = {
        .listen = address_list(app),
        .max_body = (size_t)config_number(config, OPTION_max_body),
        .max_headers = (size_t)config_number(config, OPTION_max_headers),
        .max_connections =
            (unsigned)config_number(config, OPTION_max_connections),
        .header_ms = (unsigned)config_number(config, OPTION_header_time),
        .body_ms = (unsigned)config_number(config, OPTION_body_time),
        .idle_ms = LIMIT_IDLE_MS,
        .answer_ms = LIMIT_COMMIT_MS,
        .tls_cert = config_text(config, OPTION_tls_cert),
        .tls_key = config_text(config, OPTION_tls_key),
        .on_refused = on_refused,
        .ctx = app};

    app->server = server_new(app->loop, &options, err);
    if (!app->server)
        return false;
    webhook_serve(app->webhook, app->server);
    health_serve(app->health, app->server);
    events_serve(app->events, app->server);
    feed_serve(app->feed, app->server);
    act_serve(app->act, app->server);
    signal_lists_serve(app->signal_lists, app->server);
    reports_serve(app->reports, app->server);
    metrics_serve(app->metrics, app->server);
    return true;
}

static void on_stop_timer(void *ctx)
{
    struct app *app = ctx;
    uint64_t waiting = journal_stats(app->journal).waiting;

    if (waiting)
        log_line(LOG_WARN, "stopping with %llu events not yet answered",
                 (unsigned long long)waiting);
    loop_stop(app->loop);
}

static bool open_rest(struct app *app, struct err *err)
{
    uint64_t last = journal_stats(app->journal).last_seq;

    app->control = control_new(app->loop, journal_path(app->journal),
                               app_answer, app, err);
    if (!app->control)
        return false;
    app->empty = last == 0;
    app_make_urls(app);
    app->stop_timer = loop_timer_new(app->loop, on_stop_timer, app);
    loop_on_turn_end(app->loop, on_turn_end, app);
    if (!services_open(app->services, err) ||
        (app->options.display && !host_open(app, err)))
        return false;
    status_log(app);
    return true;
}

/* What a receiver needs, and an attached telltale does not. */
static bool load_receiver(struct app *app, struct err *err)
{
    return inherited_open(err) &&
           address_judge(app->config, address_list(app), err) &&
           tokens_load(&app->tokens, app->config, app->options.demo, err) &&
           posthog_access_open(&app->posthog, app->config, app->options.demo,
                               err);
}

/* Everything that can be wrong as configured, before anything is opened. */
static bool load_all(struct app *app, struct err *err)
{
    if (!decode_context_open(&app->decode, app->config, app->options.book,
                             err) ||
        (!app->options.attach && !load_receiver(app, err)))
        return false;
    app_lend(app);
    return services_new(app->services, &app->lent, err);
}

static bool open_receiver(struct app *app, struct err *err)
{
    if (app->options.attach)
        return true;
    open_readers(app);
    return open_server(app, err);
}

static bool open_all(struct app *app, int *exit_code, struct err *err)
{
    *exit_code = EXIT_CONFIG;
    if (!load_all(app, err))
        return false;
    *exit_code = EXIT_FAILED;
    app->loop = loop_new(err);
    if (!app->loop || !open_journal(app, err))
        return false;
    app->lent.loop = app->loop;
    app->lent.journal = app->journal;
    loop_on_wake(app->loop, on_wake, app);
    if (!watch_signals(app, err))
        return false;
    return open_receiver(app, err) && open_rest(app, err);
}

struct app *app_open(const struct app_options *options, int *exit_code,
                     struct err *err)
{
    struct app *app = xcalloc(1, sizeof *app);

    notify_open();
    app->options = *options;
    app->config = options->config;
    buf_init(&app->mirror_text, 4 * KIB);
    buf_init(&app->silence_text, KIB);
    if (open_all(app, exit_code, err))
        return app;
    app_close(app);
    return NULL;
}

/* The service manager hears twice within its patience that the loop turns. */
static void on_watchdog(void *ctx)
{
    struct app *app = ctx;

    notify_send("WATCHDOG=1");
    loop_timer_set(app->watchdog_timer, notify_watchdog_us() / 2);
}

int app_run(struct app *app)
{
    notify_send("READY=1");
    if (notify_watchdog_us()) {
        app->watchdog_timer = loop_timer_new(app->loop, on_watchdog, app);
        on_watchdog(app);
    }
    loop_run(app->loop);
    return app->exit_code;
}

/* Everything that needs the journal's threads has ended when this returns. */
static void close_journal(struct app *app)
{
    if (!app->journal)
        return;
    journal_drain(app->journal);
    journal_close(app->journal);
    app->journal = NULL;
    host_drop_fetches(app);
    past_wait_drop(app);
    past_there_drop(app);
    pin_there_drop(app);
}

/* The receiver's own parts, in the order they hang on each other. */
static void free_receiver(struct app *app)
{
    if (app->server)
        server_free(app->server);
    if (app->events)
        events_free(app->events);
    if (app->act)
        act_free(app->act);
    looks_free(app->looks);
    if (app->signal_lists)
        signal_lists_free(app->signal_lists);
    if (app->reports)
        reports_free(app->reports);
    if (app->feed)
        feed_free(app->feed);
    if (app->health)
        health_free(app->health);
    if (app->metrics)
        metrics_free(app->metrics);
    if (app->webhook)
        webhook_free(app->webhook);
    if (app->stop_timer)
        loop_timer_free(app->stop_timer);
    if (app->watchdog_timer)
        loop_timer_free(app->watchdog_timer);
    if (app->loop)
        loop_free(app->loop);
}

static void free_texts(struct app *app)
{
    free(app->hook_url);
    free(app->public_hook_url);
    free(app->shown_hook_url);
    free(app->book_trouble);
    buf_free(&app->mirror_text);
    buf_free(&app->silence_text);
}

void app_close(struct app *app)
{
    if (!app)
        return;
    app->lent.stopping = true;
    services_stop(app->services);
    if (app->reports)
        reports_stop(app->reports);
    control_free(app->control);
    app->control = NULL; /* what the journal tells yet is answered to nobody */
    close_journal(app);
    host_close(app);
    services_free(app->services);
    forgetting_free(app);
    if (app->client)
        client_free(app->client);
    free_receiver(app);
    posthog_access_close(&app->posthog);
    decode_context_close(&app->decode);
    tokens_free(&app->tokens);
    free_texts(app);
    free(app);
}
