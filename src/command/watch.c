/* `telltale watch` and `telltale serve`: receiving, with a screen, with
 * lines, or with neither. The receiver itself is app/; this file says where
 * it listens, prints, and counts. */
#include "command/command.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/moment.h"
#include "command/counts.h"
#include "command/lines.h"
#include "command/watch.h"
#include "base/banned.h"

struct watch {
    struct app *app;
    struct lines *lines; /* NULL: nothing is printed */
    bool json, hidden;
    int64_t print_from;
    struct counts counts;
};

static void on_closed(void *ctx)
{
    struct watch *watch = ctx;

    app_stop(watch->app, EXIT_DONE);
}

static void print_event(struct watch *watch, const struct event *event)
{
    struct buf *line = lines_begin(watch->lines);
    struct arena arena = ARENA_INIT;
    struct event shown = *event;

    app_conceal(watch->app, &shown, &arena);
    if (watch->json)
        event_to_json(line, &shown, journal_id(app_journal(watch->app)));
    else
        event_to_line(line, &shown, isatty(STDOUT_FILENO));
    buf_addc(line, '\n');
    arena_free(&arena);
    lines_end(watch->lines);
}

static void on_kept(void *ctx, const struct event_batch *batch)
{
    struct watch *watch = ctx;

    for (size_t i = 0; i < batch->fresh; i++) {
        const struct event *event = &batch->events[i];

        if (event->hidden != HIDDEN_NO && !watch->hidden) {
            watch->counts.hidden++;
            continue;
        }
        counts_add(&watch->counts, event);
        if (watch->lines && event->received_at >= watch->print_from)
            print_event(watch, event);
    }
}

static void on_turn(void *ctx)
{
    struct watch *watch = ctx;

    if (watch->lines)
        lines_flush(watch->lines);
}

static void say_where(const struct watch *watch)
{
    const char *url = app_public_hook_url(watch->app);

    if (!app_listening(watch->app))
        return;
    log_line(LOG_NOTE, "listening on %s, post to %s",
             app_listening(watch->app), app_shown_hook_url(watch->app));
    if (url)
        log_line(LOG_NOTE, "from outside: %.*s/...",
                 (int)(strrchr(url, '/') - url), url);
}

static void say_counts(struct watch *watch)
{
    struct app_counts counts = app_counts(watch->app);
    struct buf line;

    watch->counts.duplicates = counts.duplicates;
    watch->counts.forgotten = counts.forgotten;
    watch->counts.refused = counts.refused;
    buf_init(&line, 1024);
    counts_line(&watch->counts, &line);
    log_line(LOG_NOTE, "%s", line.data);
    buf_free(&line);
    if (watch->lines && lines_left_out(watch->lines))
        log_line(
            LOG_WARN,
            "%llu lines were left out: standard output did not take them. "
            "telltale tail has them.",
            (unsigned long long)lines_left_out(watch->lines));
}

/* Runs the opened app to its end. */
static int run(struct watch *watch, bool print)
{
    struct err err = {""};
    int code;

    if (print) {
        watch->lines = lines_new(app_loop(watch->app), on_closed, watch, &err);
        if (!watch->lines)
            return command_fail(EXIT_FAILED, "%s", err.text);
    }
    say_where(watch);
    code = app_run(watch->app);
    say_counts(watch);
    if (watch->lines)
        lines_free(watch->lines);
    return code;
}

/* "28d" before now, until now. */
static bool start_backfill(struct app *app, const char *since, struct err *err)
{
    int64_t now = clock_now_ms(), since_ms;

    if (!moment_parse(since, now, &since_ms) || since_ms >= now)
        return err_set(err, "--backfill %s: say 28d, 12h or 2026-09-14",
                       since);
    return app_backfill(app, since_ms, now, err);
}

/* What only `tail` reads, and what does the same here. */
static bool refuse_source(const struct config *config, struct err *err)
{
    const char *source = config_text(config, OPTION_source);

    if (!strncmp(source, "file://", 7))
        return !err_set(err, "source %s: telltale import %s brings it in",
                        source, source + 7);
    if (!strncmp(source, "http://", 7) || !strncmp(source, "https://", 8))
        return !err_set(err, "source %s: telltale attach %s shows it", source,
                        source);
    return false;
}

int watch_receive(struct command_context *context,
                  const struct watch_options *options)
{
    struct watch watch = {.hidden = options->hidden,
                          .print_from = options->print_from,
                          .json = config_flag(context->config, OPTION_json)};
    struct app_options app = options->app;
    struct err err = {""};
    int code;

    if (!app.attach && !app.demo && refuse_source(context->config, &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    app.config = context->config;
    app.command = context->command->name;
    app.on_kept = on_kept;
    app.on_turn = on_turn;
    app.ctx = &watch;
    if (!log_open(config_text(context->config, OPTION_log), &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    counts_init(&watch.counts);
    watch.app = app_open(&app, &code, &err);
    if (watch.app && options->backfill &&
        !start_backfill(watch.app, options->backfill, &err)) {
        app_close(watch.app);
        watch.app = NULL;
        code = EXIT_CONFIG;
    }
    if (watch.app) {
        if (options->on_open)
            options->on_open(options->ctx, watch.app);
        code = run(&watch, options->print);
        if (options->on_close)
            options->on_close(options->ctx);
    } else {
        command_fail(code, "%s", err.text);
    }
    app_close(watch.app);
    counts_free(&watch.counts);
    log_close();
    return code;
}

bool watch_is_plain(const struct command_context *context)
{
    return config_flag(context->config, OPTION_plain) ||
           config_flag(context->config, OPTION_json) || !context->display ||
           !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO);
}

int command_watch(struct command_context *context)
{
    bool plain = watch_is_plain(context);
    struct watch_options watch = {.app = {.display =
                                              plain ? NULL : context->display},
                                  .print = plain};

    if (!command_words(context, NULL, NULL))
        return EXIT_USAGE;
    watch.hidden = command_flag(context, ARG_watch_hidden);
    watch.backfill = command_value(context, ARG_watch_backfill);
    return watch_receive(context, &watch);
}

int command_serve(struct command_context *context)
{
    struct watch_options watch = {
        .app = {.hangup_reads = true, .confined = true}};

    if (!command_words(context, NULL, NULL))
        return EXIT_USAGE;
    return watch_receive(context, &watch);
}
