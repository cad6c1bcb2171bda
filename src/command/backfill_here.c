/* A backfill in this process, which owns the journal for as long as it
 * takes: a loop, a client, the journal, and nothing else. */
#include "command/backfill_run.h"

#include <stdio.h>

#include "app/decode_context.h"
#include "command/backfill_line.h"
#include "command/command.h"
#include "command/interrupt.h"
#include "journal/journal.h"
#include "net/client.h"
#include "net/loop.h"
#include "posthog/backfill.h"
#include "base/banned.h"

struct here {
    struct backfill_line line;
    struct loop *loop;
    struct loop_fd *interrupt;
    struct journal *journal;
    struct client *client;
    struct backfill *backfill;
    bool aside;
    int code;
};

static void on_wake(void *ctx)
{
    struct here *here = ctx;

    journal_drain(here->journal);
}

static void on_progress(void *ctx, const struct backfill_progress *progress)
{
    struct here *here = ctx;

    backfill_line_progress(&here->line, progress);
}

static void on_waiting(void *ctx, unsigned seconds)
{
    struct here *here = ctx;

    backfill_line_waiting(&here->line, seconds);
}

static void on_done(void *ctx, const struct backfill_progress *progress,
                    const struct err *err)
{
    struct here *here = ctx;

    if (err)
        here->code = backfill_line_failed(&here->line, progress, err);
    else if (!here->aside)
        backfill_line_result(&here->line, progress);
    loop_stop(here->loop);
}

static void on_interrupt(void *ctx)
{
    struct here *here = ctx;

    if (here->code == EXIT_INTERRUPTED)
        return;
    backfill_line_leave(&here->line);
    here->code = command_fail(EXIT_INTERRUPTED,
                              "stopped: run it again to go on from there");
    loop_stop(here->loop);
}

static bool open_all(struct here *here, const char *path, struct err *err)
{
    struct journal_options journal = {.path = path, .wake = loop_wake};

    here->loop = loop_new(err);
    if (!here->loop)
        return false;
    journal.wake_ctx = here->loop;
    here->journal = journal_open(&journal, NULL, err);
    if (!here->journal)
        return false;
    loop_on_wake(here->loop, on_wake, here);
    here->client = client_new(here->loop);
    here->interrupt = interrupt_watch(here->loop, on_interrupt, here, err);
    return here->interrupt;
}

static void close_all(struct here *here)
{
    if (here->backfill)
        backfill_stop(here->backfill);
    if (here->journal) {
        journal_drain(here->journal);
        journal_close(here->journal);
    }
    backfill_free(here->backfill);
    if (here->client)
        client_free(here->client);
    if (here->interrupt)
        loop_unwatch(here->interrupt);
    if (here->loop)
        loop_free(here->loop);
}

static void run(struct here *here, struct backfill_options *options)
{
    options->access.loop = here->loop;
    options->access.client = here->client;
    options->access.journal = here->journal;
    options->on_progress = on_progress;
    options->on_waiting = on_waiting;
    options->on_done = on_done;
    options->ctx = here;
    backfill_line_begin(&here->line);
    here->backfill = backfill_new(options);
    loop_run(here->loop);
}

/* With everything at hand but the journal. */
static int run_with(struct backfill_options *options, const char *journal,
                    bool aside)
{
    struct here here = {.aside = aside, .code = EXIT_DONE};
    struct err err = {""};

    if (options->query->left_out)
        fprintf(stderr,
                "telltale: %zu accounts or event names with unusual "
                "characters are left out\n",
                options->query->left_out);
    if (open_all(&here, journal, &err))
        run(&here, options);
    else
        here.code = command_fail(EXIT_FAILED, "%s", err.text);
    close_all(&here);
    return here.code;
}

static int fetch_events(const struct config *config,
                        const struct decode_context *decode,
                        const struct backfill_span *span,
                        struct posthog *posthog)
{
    const char *shown = config_text(config, OPTION_project_url);
    struct backfill_options options = {.access.posthog = posthog,
                                       .access.decoder = &decode->decoder,
                                       .since_ms = span->since_ms,
                                       .until_ms = span->until_ms};
    struct event_query query;
    struct err err = {""};
    struct buf url;
    int code = EXIT_CONFIG;

    buf_init(&url, 2048);
    if (!backfill_project_url(posthog, shown, &url, &err) ||
        !event_query_open(&query, &decode->decoder,
                          posthog_group_index(posthog), &err)) {
        command_fail(code, "%s", err.text);
    } else {
        options.query = &query;
        options.access.project_url = url.data;
        code = run_with(&options, config_text(config, OPTION_journal),
                        span->aside);
        event_query_close(&query);
    }
    buf_free(&url);
    return code;
}

int backfill_here(const struct config *config,
                  const struct backfill_span *span)
{
    struct posthog *posthog = NULL;
    struct decode_context decode;
    struct err err = {""};
    int code = EXIT_CONFIG;

    if (!decode_context_open(&decode, config, NULL, &err))
        return command_fail(code, "%s", err.text);
    posthog = posthog_open(config, NULL, NULL, &err);
    if (posthog)
        code = fetch_events(config, &decode, span, posthog);
    else
        command_fail(code, "%s", err.text);
    posthog_close(posthog);
    decode_context_close(&decode);
    return code;
}
