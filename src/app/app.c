/* Wiring, and nothing else: every room is made here, connected to its
 * neighbours, and taken apart in the one order that loses nothing. What the
 * rooms do is theirs; the screen's side is host.c, the past is history.c. */
#include "app/app.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/internal.h"
#include "app/address.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/notify.h"
#include "journal/prune.h"
#include "net/inherited.h"
#include "base/banned.h"

#define STOP_US INT64_C(2000000)         /* to answer what is queued */
#define BOOK_LOOK_US INT64_C(10000000)   /* at the book's file */
#define KEEP_LOOK_US INT64_C(3600000000) /* for what is too old */
#define DAY_MS INT64_C(86400000)
#define ROUTES 5

/* Committed events, and the end of a turn. */

/* Came now, not with a history of its own times; a clock that was wrong when
 * the program started does not make what comes later old. */
static bool is_live(const struct app *app, const struct event *event)
{
    return !app->options.follow_clock ||
           event->received_at >= app->opened_at;
}

static void on_kept(void *ctx, const struct event_batch *batch)
{
    struct app *app = ctx;

    if (app->tally)
        tally_tick(app->tally, clock_now_ms());
    for (size_t i = 0; i < batch->count; i++) {
        const struct event *event = &batch->events[i];

        if (event->flags & EVENT_DUPLICATE)
            continue;
        /* What a poll brings late (EVENT_BACKFILLED) is shown as it came, last;
         * the next start finds its place in time. */
        if (app->ring)
            ring_push(app->ring, event);
        if (app->tally)
            tally_add(app->tally, event, is_live(app, event));
        if (!(event->flags & EVENT_BACKFILLED))
            lag_add(&app->lag, event->received_at - event->occurred_at);
        app->kept_seq = event->seq;
        app->fresh++;
    }
    if (batch->count)
        silence_heard(app, batch->events[batch->count - 1].received_at);
    if (app->options.kept)
        app->options.kept(app->options.ctx, batch);
}

static void first_event(struct app *app)
{
    app->empty = false;
    free(app->shown_hook_url);
    app->shown_hook_url = address_hook_url(app, true);
}

/* Nothing waits any more: the loop may end. */
static bool is_settled(const struct app *app)
{
    return !journal_stats(app->journal).waiting &&
           !server_stats(app->server).waiting &&
           !(app->mirrors && mirrors_busy(app->mirrors));
}

static void on_turn_end(void *ctx)
{
    struct app *app = ctx;
    size_t fresh = app->fresh;

    webhook_turn_end(app->webhook);
    if (fresh) {
        app->fresh = 0;
        if (app->empty)
            first_event(app);
        control_committed(app->control, app->kept_seq);
        if (app->mirrors)
            mirrors_committed(app->mirrors, app->kept_seq);
        if (app->display)
            app->options.display->events(app->display, fresh);
    }
    if (app->display && problems_changed(app))
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
    reread_woken(app);
    problems_log(app);
}

/* The book. */

bool app_take_parts(struct app *app, struct fresh_parts *fresh,
                    struct book **old, struct err *err)
{
    struct err why = {""};
    bool ok = parts_take(&app->parts, fresh, old, &why);

    free(app->book_trouble);
    app->book_trouble = ok ? NULL : xstrdup(why.text);
    if (ok) {
        if (app->ring)
            ring_relabel(app->ring, app->parts.book);
        if (app->tally)
            tally_set_book(app->tally, app->parts.book);
        app->host.catalog = app->parts.catalog;
        log_line(LOG_NOTE, "read again: %zu accounts",
                 book_count(app->parts.book));
    } else {
        log_line(LOG_WARN, "not read again: %s", why.text);
        err_set(err, "%s", why.text);
    }
    app_changed(app);
    return ok;
}

bool app_reload(struct app *app, struct err *err)
{
    struct fresh_parts fresh;
    struct book *old;
    bool ok;

    parts_read(&app->parts, &fresh);
    ok = app_take_parts(app, &fresh, &old, err);
    book_free(old);
    return ok;
}

static void on_book_timer(void *ctx)
{
    struct app *app = ctx;

    if (parts_book_changed(&app->parts))
        app_reread(app);
    loop_timer_set(app->book_timer, BOOK_LOOK_US);
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

    if (app->options.demo)
        return;
    if (!tokens_reload(&app->tokens, app->config, &err)) {
        log_line(LOG_WARN, "secrets are not read again, the old ones hold: %s",
                 err.text);
        return;
    }
    make_urls(app);
    app_changed(app);
}

/* Signals. */

static void on_stop_signal(void *ctx, int signal)
{
    app_stop(ctx, signal == SIGINT ? EXIT_INTERRUPTED : EXIT_DONE);
}

/* With Type=notify-reload the manager waits for READY, which reread.c says. */
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
        app_reread(app);
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

/* Events are kept for so long. */

static void say_held(struct app *app, int64_t held_ms)
{
    if (held_ms && !app->clock_lead_ms)
        log_line(LOG_WARN,
                 "the clock is %lld days ahead of the journal: what only it "
                 "calls older than keep stays. If it is right: telltale check "
                 "--trust-clock",
                 (long long)(held_ms / DAY_MS));
    app->clock_lead_ms = held_ms;
    app_changed(app);
}

static void on_pruned(void *ctx, bool ok, const struct prune_result *result,
                      const struct err *err)
{
    struct app *app = ctx;

    if (!ok)
        log_line(LOG_WARN, "old events are not deleted: %s", err->text);
    if (result->events)
        log_line(LOG_NOTE, "%llu events older than keep are deleted",
                 (unsigned long long)result->events);
    if (result->surplus)
        log_line(LOG_NOTE,
                 "%llu events are deleted: the journal was larger than "
                 "max_size",
                 (unsigned long long)result->surplus);
    if (result->bodies)
        log_line(LOG_NOTE, "%llu bodies older than keep_bodies are deleted",
                 (unsigned long long)result->bodies);
    if (ok)
        say_held(app, result->held_ms);
}

static void on_keep_timer(void *ctx)
{
    const struct config *config = ((struct app *)ctx)->config;
    struct app *app = ctx;
    int64_t now = clock_mono_us();
    struct prune_options options = {
        .now_ms = clock_now_ms(),
        .ran_ms = app->kept_at_us ? (now - app->kept_at_us) / 1000 : 0,
        .keep_ms = config_number(config, OPTION_keep),
        .keep_bodies_ms = config_number(config, OPTION_keep_bodies),
        .max_bytes = (uint64_t)config_number(config, OPTION_max_size)};

    app->kept_at_us = now;
    journal_prune(app->journal, &options, on_pruned, app);
    loop_timer_set(app->keep_timer, KEEP_LOOK_US);
}

void app_trust_clock(struct app *app)
{
    on_keep_timer(app);
}

/* Opening, top-down. */

static bool open_journal(struct app *app, struct err *err)
{
    const char *path = app->options.journal
                           ? app->options.journal
                           : config_text(app->config, OPTION_journal);
    struct journal_options options = {.path = path,
                                      .wake = loop_wake,
                                      .wake_ctx = app->loop};
    long owner = 0;

    if (!path)
        return err_set(err, "no home directory for the journal: set HOME or "
                            "--journal");
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
    size_t count = app->mirrors ? mirrors_count(app->mirrors) : 0;

    for (size_t i = 0; i < count && i < FIGURES_MIRRORS; i++) {
        struct mirror_status status = mirrors_status(app->mirrors, i);

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
    struct webhook_stats hook = webhook_stats(app->webhook);

    out->events = hook.events;
    out->duplicates = hook.duplicates;
    out->not_json = hook.not_json;
    out->unauthorised = hook.unauthorised;
    out->unavailable = hook.unavailable;
    out->lag = &app->lag;
    out->last_event_ms = silence_heard_at(app);
    out->habit_hours = silence_habit_hours(app);
    buf_clear(&app->silence_text);
    if (silence_text(app, &app->silence_text))
        out->silence = app->silence_text.data;
    fill_mirrors(app, out);
}

static void open_readers(struct app *app)
{
    struct webhook_options options = {
        .journal = app->journal,
        .decoder = &app->parts.decoder,
        .tokens = &app->tokens.hook,
        .token_header = config_text(app->config, OPTION_token_header),
        .signing = &app->tokens.signing,
        .follow_clock = app->options.follow_clock,
        .kept = on_kept,
        .ctx = app};
    struct figures_source figures = {app->journal, &app->tokens.viewer,
                                     fill_figures, app};

    if (app->options.display) {
        app->ring =
            ring_new((size_t)config_number(app->config, OPTION_ring_events),
                     (size_t)config_number(app->config, OPTION_ring_bytes));
        ring_relabel(app->ring, app->parts.book);
        app->tally = tally_new();
        tally_set_ring(app->tally, app->ring);
        tally_set_book(app->tally, app->parts.book);
    }
    app->webhook = webhook_new(&options);
    app->health = health_new(&figures);
    app->metrics = metrics_new(&figures);
    app->events = events_new(app->journal, &app->tokens.viewer,
                             app->parts.conceal);
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
    struct route routes[ROUTES];
    struct server_options options = {
        .listen = address_list(app),
        .max_body = (size_t)config_number(config, OPTION_max_body),
        .max_headers = (size_t)config_number(config, OPTION_max_headers),
        .max_connections =
            (unsigned)config_number(config, OPTION_max_connections),
        .header_ms = (unsigned)config_number(config, OPTION_header_time),
        .body_ms = (unsigned)config_number(config, OPTION_body_time),
        .idle_ms = LIMIT_IDLE_MS,
        .commit_ms = LIMIT_COMMIT_MS,
        .tls_cert = config_text(config, OPTION_tls_cert),
        .tls_key = config_text(config, OPTION_tls_key),
        .routes = routes,
        .route_count = ROUTES,
        .refused = on_refused,
        .ctx = app};

    webhook_routes(app->webhook, routes);
    routes[2] = health_route(app->health);
    routes[3] = events_route(app->events);
    routes[4] = metrics_route(app->metrics);
    app->server = server_new(app->loop, &options, err);
    if (!app->server)
        return false;
    webhook_set_server(app->webhook, app->server);
    health_set_server(app->health, app->server);
    events_set_server(app->events, app->server);
    metrics_set_server(app->metrics, app->server);
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
    app->book_timer = loop_timer_new(app->loop, on_book_timer, app);
    app->keep_timer = loop_timer_new(app->loop, on_keep_timer, app);
    loop_on_turn_end(app->loop, on_turn_end, app);
    if (app->options.display && !host_open(app, err))
        return false;
    if (app->ring)
        history_start(app, last);
    app_open_mirrors(app);
    asking_open(app, on_kept);
    silence_open(app);
    if (!app->options.book)
        loop_timer_set(app->book_timer, BOOK_LOOK_US);
    loop_timer_set(app->keep_timer, 0);
    problems_log(app);
    return true;
}

/* So little would leave no event. */
static bool size_allowed(const struct app *app, struct err *err)
{
    int64_t size = config_number(app->config, OPTION_max_size);

    return !size || size >= (int64_t)LIMIT_LEAST_JOURNAL ||
           err_set(err, "max_size in [journal] is at least 1M");
}

static bool open_all(struct app *app, int *exit_code, struct err *err)
{
    *exit_code = EXIT_CONFIG;
    if (!inherited_open(err) ||
        !address_judge(app->config, address_list(app), err) ||
        !size_allowed(app, err) ||
        !parts_open(&app->parts, app->config, app->options.book, err) ||
        !tokens_load(&app->tokens, app->config, app->options.demo, err) ||
        !app_load_mirrors(app, err) || !asking_load(app, err))
        return false;
    *exit_code = EXIT_FAILED;
    app->loop = loop_new(err);
    if (!app->loop || !open_journal(app, err))
        return false;
    loop_on_wake(app->loop, on_wake, app);
    if (!watch_signals(app, err))
        return false;
    open_readers(app);
    return open_server(app, err) && open_rest(app, err);
}

struct app *app_open(const struct app_options *options, int *exit_code,
                     struct err *err)
{
    struct app *app = xcalloc(1, sizeof *app);

    notify_open();
    app->options = *options;
    app->config = options->config;
    app->opened_at = clock_now_ms();
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
    server_stop_listening(app->server);
    if (app->mirrors)
        mirrors_stop(app->mirrors);
    asking_stop(app);
    silence_stop(app);
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
    history_free(app);
    host_drop_fetches(app);
}

void app_close(struct app *app)
{
    if (!app)
        return;
    if (app->mirrors)
        mirrors_stop(app->mirrors);
    asking_stop(app);
    silence_stop(app);
    reread_free(app);
    if (app->control)
        control_free(app->control);
    close_journal(app);
    mirrors_free(app->mirrors);
    mirror_list_free(&app->mirror_list);
    silence_free(app);
    asking_free(app);
    if (app->client)
        client_free(app->client);
    host_close(app);
    if (app->server)
        server_free(app->server);
    if (app->events)
        events_free(app->events);
    if (app->health)
        health_free(app->health);
    if (app->metrics)
        metrics_free(app->metrics);
    if (app->webhook)
        webhook_free(app->webhook);
    if (app->book_timer)
        loop_timer_free(app->book_timer);
    if (app->keep_timer)
        loop_timer_free(app->keep_timer);
    if (app->stop_timer)
        loop_timer_free(app->stop_timer);
    if (app->watchdog_timer)
        loop_timer_free(app->watchdog_timer);
    if (app->loop)
        loop_free(app->loop);
    if (app->tally)
        tally_free(app->tally);
    if (app->ring)
        ring_free(app->ring);
    parts_close(&app->parts);
    tokens_free(&app->tokens);
    free(app->hook_url);
    free(app->public_hook_url);
    free(app->shown_hook_url);
    free(app->book_trouble);
    buf_free(&app->mirror_text);
    buf_free(&app->silence_text);
    free(app);
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
    redaction_conceal(app->parts.conceal, event, arena);
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
    return server_address(app->server);
}

void app_changed(struct app *app)
{
    if (app->display)
        app->options.display->changed(app->display);
}

struct app_counts app_counts(const struct app *app)
{
    struct webhook_stats hook = webhook_stats(app->webhook);
    struct app_counts counts = {.events = hook.events,
                                .duplicates = hook.duplicates};

    counts.refused = hook.not_json + hook.unauthorised + hook.unavailable +
                     server_stats(app->server).refused;
    return counts;
}
