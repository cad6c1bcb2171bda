/* `telltale backfill`: the words of the command, and what is said while it
 * goes on. Only while nobody else owns the journal: a running telltale shows
 * what it received, and would not know of this. */
#include "command/command.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/parts.h"
#include "base/clock.h"
#include "command/since.h"
#include "journal/owner.h"
#include "posthog/backfill.h"

#include "base/banned.h"

#define DEFAULT_SINCE "28d"

struct talk {
    bool terminal; /* one line, written over; else a line a step */
    int64_t began_us;
};

/* ---- what is said ---- */

static void put_left(struct buf *line, const struct talk *talk,
                     const struct backfill_progress *progress)
{
    double part = (double)(progress->at_ms - progress->from_ms);
    double left = (double)(progress->until_ms - progress->at_ms);
    int64_t spent_us = clock_mono_us() - talk->began_us;
    double seconds = part > 0 ? (double)spent_us / 1e6 * left / part : 0;

    if (seconds >= 90)
        buf_addf(line, " · about %.0f min left", seconds / 60);
    else if (seconds >= 1)
        buf_addf(line, " · about %.0f s left", seconds);
}

static void on_progress(void *ctx, const struct backfill_progress *progress)
{
    const struct talk *talk = ctx;
    double all = (double)(progress->until_ms - progress->from_ms);
    double part = (double)(progress->at_ms - progress->from_ms);
    char at[CLOCK_ISO_SIZE];
    struct buf line;

    buf_init(&line, 400);
    clock_format_iso(progress->at_ms, at);
    buf_addf(&line, "%3.0f %% · up to %.10s · %zu %s", 100 * part / all, at,
             progress->events, progress->events == 1 ? "event" : "events");
    put_left(&line, talk, progress);
    if (talk->terminal)
        fprintf(stderr, "\r%s\033[K", line.data);
    else
        fprintf(stderr, "%s\n", line.data);
    fflush(stderr);
    buf_free(&line);
}

static void on_waiting(void *ctx, unsigned seconds)
{
    const struct talk *talk = ctx;

    fprintf(stderr, "%sPostHog asks to wait %u s%s",
            talk->terminal ? "\r" : "", seconds,
            talk->terminal ? "\033[K" : "\n");
    fflush(stderr);
}

static void print_result(const struct talk *talk,
                         const struct backfill_progress *progress)
{
    if (talk->terminal)
        fputs("\r\033[K", stderr);
    printf("%zu %s of the past kept, %zu %s there already", progress->events,
           progress->events == 1 ? "event" : "events", progress->duplicates,
           progress->duplicates == 1 ? "was" : "were");
    if (progress->skipped)
        printf(", %zu could not be read", progress->skipped);
    putchar('\n');
}

/* ---- what is asked ---- */

static bool read_times(const char *since, const char *until,
                       struct backfill_options *options)
{
    int64_t now = clock_now_ms();

    options->until_ms = now;
    if (!since_parse(since, now, &options->since_ms))
        command_fail(EXIT_USAGE, "--since %s: say 28d, 12h or 2026-09-14",
                     since);
    else if (until && !since_parse(until, now, &options->until_ms))
        command_fail(EXIT_USAGE, "--until %s: say 2d, 12h or 2026-09-14",
                     until);
    else if (options->since_ms >= options->until_ms || options->until_ms > now)
        command_fail(EXIT_USAGE, "--since has to be before --until, and "
                                 "both in the past");
    else
        return true;
    return false;
}

static int run(struct backfill_options *options, struct talk *talk)
{
    struct backfill_progress progress;
    struct err err = {""};

    if (options->select->left_out)
        fprintf(stderr,
                "telltale: %zu accounts or event names with unusual "
                "characters are left out\n",
                options->select->left_out);
    talk->began_us = clock_mono_us();
    if (backfill_run(options, &progress, &err)) {
        print_result(talk, &progress);
        return EXIT_DONE;
    }
    if (talk->terminal)
        fputc('\n', stderr);
    return command_fail(EXIT_FAILED, "%s%s", err.text,
                        progress.at_ms > progress.from_ms
                            ? " (run it again to go on from there)"
                            : "");
}

/* With the parts there: the selection, the project, and off. */
static int run_with(const struct config *config, const struct parts *parts,
                    struct posthog *posthog, struct backfill_options *options,
                    struct talk *talk)
{
    const char *shown = config_text(config, OPTION_project_url);
    struct select select;
    struct err err = {""};
    struct buf url;
    int code;

    buf_init(&url, 2048);
    if (!backfill_project_url(posthog, shown, &url, &err) ||
        !select_open(&select, parts->book, parts->catalog, &err)) {
        buf_free(&url);
        return command_fail(EXIT_CONFIG, "%s", err.text);
    }
    options->posthog = posthog;
    options->decoder = &parts->decoder;
    options->select = &select;
    options->project_url = url.data;
    options->ctx = talk;
    code = run(options, talk);
    buf_free(&url);
    select_close(&select);
    return code;
}

static int open_all(const struct config *config,
                    struct backfill_options *options)
{
    struct talk talk = {.terminal = isatty(STDERR_FILENO)};
    struct posthog *posthog;
    struct parts parts;
    struct err err = {""};
    int code;

    if (!parts_open(&parts, config, NULL, &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    posthog = posthog_open(config, on_waiting, &talk, &err);
    if (posthog)
        code = run_with(config, &parts, posthog, options, &talk);
    else
        code = command_fail(EXIT_CONFIG, "%s", err.text);
    posthog_close(posthog);
    parts_close(&parts);
    return code;
}

int command_backfill(struct command_context *context)
{
    const char *since = DEFAULT_SINCE, *until = NULL;
    struct command_option words[] = {{"--since", 0, NULL, &since},
                                     {"--until", 0, NULL, &until}};
    struct backfill_options options = {.progress = on_progress};
    long owner;

    if (!command_words(context, words, 2, NULL) ||
        !read_times(since, until, &options))
        return EXIT_USAGE;
    options.journal = config_text(context->config, OPTION_journal);
    if (!options.journal)
        return command_fail(EXIT_FAILED,
                            "no home directory: set HOME or --journal");
    owner = owner_find(options.journal);
    if (owner)
        return command_fail(EXIT_FAILED,
                            "telltale is running, process %ld, and would not "
                            "show what comes now: stop it first, and start "
                            "it again afterwards",
                            owner);
    return open_all(context->config, &options);
}
