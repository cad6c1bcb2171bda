/* Wiring, and nothing else: every room is made here, connected to its
 * neighbours, and taken apart in the one order that loses nothing. What the
 * rooms do is theirs; what runs beside the receiver is services.def, the
 * screen's side is host.c. */
#include "app/app.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/internal.h"

#include "app/address.h"
#include "app/backfill_job.h"
#include "app/board.h"
#include "app/book_watch.h"
#include "app/inbox_service.h"
#include "app/link_service.h"
#include "app/mirror_service.h"
#include "app/polling_service.h"
#include "app/rooms.h"
#include "app/rule_service.h"
#include "app/silence.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/notify.h"
#include "net/inherited.h"
#include "base/banned.h"

#define STOP_US INT64_C(2000000) /* to answer what is queued */

/* Committed events, and the end of a turn. */

static void on_kept(void *ctx, const struct event_batch *batch)
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
    if (app->options.kept)
        app->options.kept(app->options.ctx, batch);
}

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
           !app_server_stats(app).waiting && !services_busy(app->services);
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
    if (app->display && status_changed(app))
        app_changed(app);
    if (app->options.turn)
        app->options.turn(app->options.ctx);
    if (app->stopping && is_settled(app))
        loop_stop(app->loop);
}

static void on_wake(void *ctx)
{
    struct app *app = ctx;

    journal_drain(app->journal);
    services_woken(app->services);
    status_log(app);
}

/* The book. */

static bool take_fresh(void *ctx, struct decode_fresh *fresh,
                       struct book **old, struct err *err)
{
    struct app *app = ctx;
    struct err why = {""};
    bool ok = decode_context_take(&app->decode, fresh, old, &why);

    free(app->book_trouble);
    app->book_trouble = ok ? NULL : xstrdup(why.text);
    if (ok) {
        services_reread(app->services);
        app->host.catalog = app->decode.catalog;
        log_line(LOG_NOTE, "read again: %zu accounts",
                 book_count(app->decode.book));
    } else {
        log_line(LOG_WARN, "not read again: %s", why.text);
        err_set(err, "%s", why.text);
    }
    app_changed(app);
    return ok;
}

bool app_reload(struct app *app, struct err *err)
{
    struct decode_fresh fresh;
    struct book *old;
    bool ok;

    decode_context_read(&app->decode, &fresh, NULL);
    ok = take_fresh(app, &fresh, &old, err);
    book_free(old);
    return ok;
}

/* Rotation. */

/* Where a service writes to is kept and read by others. */
static bool is_token_shown(const struct app *app)
{
    return app->empty && app->tokens.ours &&
           (!app->options.hangup_reads || isatty(STDERR_FILENO));
}

static void make_urls(struct app *app)
{
    if (!app->server)
        return;
    free(app->hook_url);
    free(app->public_hook_url);
    free(app->shown_hook_url);
    app->hook_url = address_hook_url(app, false);
    app->public_hook_url = address_public_url(app);
    app->shown_hook_url = address_hook_url(app, !is_token_shown(app));
}

void app_reload_tokens(struct app *app)
{
    struct err err = {""};

    if (app->options.demo || app->options.attach)
        return;
    if (!tokens_reload(&app->tokens, app->config, &err)) {
        log_line(LOG_WARN, "secrets are not read again, the old ones hold: %s",
                 err.text);
        return;
    }
    make_urls(app);
    feed_recheck(app->feed);
    app_changed(app);
}

bool app_reload_viewers(struct app *app, struct err *err)
{
    const char *path = config_text(app->config, OPTION_viewers);

    if (app->options.demo || app->options.attach || !path)
        return true;
    if (!viewers_read(&app->tokens.viewers, path, err))
        return false;
    feed_recheck(app->feed);
    return true;
}

/* Signals. */

static void on_stop_signal(void *ctx, int signal)
{
    app_stop(ctx, signal == SIGINT ? EXIT_INTERRUPTED : EXIT_DONE);
}

static void reload_tls(struct app *app)
{
    struct err err = {""};

    if (app->server &&
        !server_reload_tls(app->server,
                           config_text(app->config, OPTION_tls_cert),
                           config_text(app->config, OPTION_tls_key), &err))
        log_line(LOG_WARN,
                 "the certificate is not read again, the old one holds: %s",
                 err.text);
}

/* With Type=notify-reload the manager waits for READY, which is said when the
 * book is read. */
static void tell_reloading(struct app *app)
{
    char state[64];

    snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%lld",
             (long long)clock_mono_us());
    app->reloading = notify_send(state);
}

static void on_hangup(void *ctx, int signal)
{
    struct app *app = ctx;
    struct err err = {""};

    (void)signal;
    if (app->options.hangup_reads) {
        if (!log_reopen(&err))
            log_line(LOG_WARN, "%s: lines go on to the old file", err.text);
        tell_reloading(app);
        app_reload_tokens(app);
        reload_tls(app);
        book_watch_reread(app->services[SERVICE_book]);
    } else {
        app_stop(app, EXIT_DONE);
    }
}

/* Started by nohup(1), or so: a signal that was ignored stays so. */
static bool is_ignored(int signal)
{
    struct sigaction action;

    return !sigaction(signal, NULL, &action) && action.sa_handler == SIG_IGN;
}

static bool watch_signals(struct app *app, struct err *err)
{
    return loop_on_signal(app->loop, SIGINT, on_stop_signal, app, err) &&
           loop_on_signal(app->loop, SIGTERM, on_stop_signal, app, err) &&
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

static void fill_mirrors(const struct app *app, struct figures *out)
{
    const struct mirrors *mirrors =
        mirror_service_mirrors(app->services[SERVICE_mirrors]);
    size_t count = mirrors ? mirrors_count(mirrors) : 0;

    for (size_t i = 0; i < count && i < FIGURES_MIRRORS; i++) {
        struct mirror_status status = mirrors_status(mirrors, i);

        out->mirrors[out->mirror_count++] = (struct figures_mirror){
            .name = status.name,
            .type = status.type,
            .state = mirror_state_word(&status),
            .trouble = status.trouble,
            .on = status.state == MIRROR_ON,
            .sent = status.sent,
            .events = status.events,
            .waiting = status.waiting,
            .parked = status.parked,
            .pruned = status.pruned,
        };
    }
}

/* For health and metrics, when they are asked. */
static void fill_figures(void *ctx, struct figures *out)
{
    struct app *app = ctx;
    const void *silence = app->services[SERVICE_silence];
    struct webhook_stats hook = webhook_stats(app->webhook);

    out->events = hook.events;
    out->duplicates = hook.duplicates;
    out->forgotten = hook.forgotten;
    out->not_json = hook.not_json;
    out->unauthorised = hook.unauthorised;
    out->unavailable = hook.unavailable;
    out->lag = &app->lag;
    out->turns = loop_turns(app->loop);
    out->last_event_ms = silence_heard_at(silence);
    out->habit_hours = silence_habit_hours(silence);
    out->late = polling_service_late(app->services[SERVICE_polling],
                                     &out->late_since_ms);
    buf_clear(&app->silence_text);
    if (silence_text(silence, &app->silence_text))
        out->silence = app->silence_text.data;
    fill_mirrors(app, out);
}

/* The journal's signals are others than before. */
static void lent_concluded(void *ctx)
{
    struct app *app = ctx;

    inbox_service_reread(app->services[SERVICE_inbox]);
    board_mark(app->services[SERVICE_board]);
    mirror_service_concluded(app->services[SERVICE_mirrors]);
}

static void open_readers(struct app *app)
{
    struct webhook_options options = {
        .journal = app->journal,
        .decoder = &app->decode.decoder,
        .tokens = &app->tokens.hook,
        .token_header = config_text(app->config, OPTION_token_header),
        .signing = &app->tokens.signing,
        .follow_clock = app->options.follow_clock,
        .kept = on_kept,
        .ctx = app};
    struct figures_source figures = {app->journal, &app->tokens.viewers,
                                     fill_figures, app};

    app->webhook = webhook_new(&options);
    app->health = health_new(&figures);
    app->metrics = metrics_new(&figures);
    app->events =
        events_new(app->journal, &app->tokens.viewers, app->decode.conceal);
    app->feed =
        feed_new(app->journal, &app->tokens.viewers, app->decode.conceal);
    app->act = act_new(app->journal, &app->tokens.viewers, app->feed,
                       lent_concluded, app);
}

static void on_refused(void *ctx, int status, const char *why,
                       const char *peer)
{
    struct app *app = ctx;

    journal_reject(app->journal, status, why, peer, NULL, 0);
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
        .refused = on_refused,
        .ctx = app};

    app->server = server_new(app->loop, &options, err);
    if (!app->server)
        return false;
    webhook_serve(app->webhook, app->server);
    health_serve(app->health, app->server);
    events_serve(app->events, app->server);
    feed_serve(app->feed, app->server);
    act_serve(app->act, app->server);
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
    make_urls(app);
    app->stop_timer = loop_timer_new(app->loop, on_stop_timer, app);
    loop_on_turn_end(app->loop, on_turn_end, app);
    if (!services_open(app->services, err) ||
        (app->options.display && !host_open(app, err)))
        return false;
    status_log(app);
    return true;
}

/* What a service may ask of the program. */

static void lent_changed(void *ctx)
{
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

static void lent_relisted(void *ctx, size_t events)
{
    struct app *app = ctx;

    if (app->display)
        app->options.display->past_came(app->display, events);
}

static bool lent_forget(void *ctx, int kind, const char *text)
{
    struct err err;

    return app_forget(ctx, kind, text, &err);
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

static void lent_acted(void *ctx, const struct signal_change *change)
{
    struct app *app = ctx;
    struct err err;

    if (!app->options.attach)
        act_change(app->act, change, "");
    else if (!link_service_act(app->services[SERVICE_link], change, &err))
        lent_said(app, err.text);
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

static void lent_send_on(void *ctx, const char *mirror, uint64_t seq)
{
    host_send_on(ctx, mirror, seq);
}

static void lent_recording(void *ctx, uint64_t seq, enum recording recording,
                           const char *why)
{
    struct app *app = ctx;

    if (app->display)
        app->options.display->recording(app->display, seq, recording, why);
}

static void lent_reread_done(void *ctx)
{
    struct app *app = ctx;

    if (app->reloading)
        notify_send("READY=1");
    app->reloading = false;
}

static void lend(struct app *app)
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
        .kept = on_kept,
        .past = lent_past,
        .past_complete = lent_past_complete,
        .listed = lent_listed,
        .relisted = lent_relisted,
        .concluded = lent_concluded,
        .take_fresh = take_fresh,
        .reread_done = lent_reread_done,
        .acted = lent_acted,
        .forget = lent_forget,
        .announce = lent_announce,
        .said = lent_said,
        .signals_at = lent_signals_at,
        .alert = lent_alert,
        .send_on = lent_send_on,
        .recording = lent_recording,
    };
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
    lend(app);
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
    }
    app->lent.stopping = true;
    services_stop(app->services);
    loop_timer_set(app->stop_timer, STOP_US);
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
    if (app->control)
        control_free(app->control);
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

/* Asking. */

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
