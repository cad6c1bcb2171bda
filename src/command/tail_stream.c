/* A stream of NATS as `telltale tail` reads it: the source that boards have,
 * and a loop with nothing else on it. All is there once nothing more is to
 * come at once, or nothing came for a second. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "command/command.h"
#include "command/interrupt.h"
#include "command/tail_source.h"
#include "net/loop.h"
#include "net/nats.h"
#include "source/nats.h"

#include "base/banned.h"

#define QUIET_US INT64_C(1000000)

struct reading {
    const struct tail_source *tail;
    const char *path;
    struct nats_settings settings;
    struct decode_context decode;
    struct loop *loop;
    struct loop_timer *quiet;
    struct loop_fd *interrupt;
    struct journal *journal;
    struct nats_source *source;
    bool settled;
    struct err err; /* "": it goes on, or is done */
};

static void settle(struct reading *reading)
{
    if (reading->settled)
        return;
    reading->settled = true;
    if (!reading->tail->settled(reading->tail->ctx, reading->path,
                                &reading->err) ||
        !reading->tail->follow)
        loop_stop(reading->loop);
}

/* Nothing more of what was there has come. */
static void on_quiet(void *ctx)
{
    struct reading *reading = ctx;
    struct nats_source_stats stats;

    nats_source_stats(reading->source, &stats);
    if (stats.up && !stats.waits)
        settle(reading);
    else
        loop_timer_set(reading->quiet, QUIET_US);
}

static void look(struct reading *reading)
{
    struct buf why;
    bool refused;

    if (reading->settled)
        return;
    buf_init(&why, KIB);
    if (nats_source_problem(reading->source, &why, &refused) && refused) {
        err_set(&reading->err, "%s", why.data);
        loop_stop(reading->loop);
    }
    buf_free(&why);
}

static void on_wake(void *ctx)
{
    struct reading *reading = ctx;

    journal_drain(reading->journal);
    if (reading->source) {
        nats_source_woken(reading->source);
        look(reading);
    }
}

static void on_kept(void *ctx, const struct event_batch *batch)
{
    struct reading *reading = ctx;
    struct event_batch fresh = *batch; /* its arena is the batch's own */

    if (!reading->settled) {
        loop_timer_set(reading->quiet, QUIET_US);
        return;
    }
    fresh.count = batch->fresh;
    if (!reading->tail->came(reading->tail->ctx, &fresh, &reading->err))
        loop_stop(reading->loop);
}

static void on_past(void *ctx, const struct event_batch *batch)
{
    struct reading *reading = ctx;

    (void)batch;
    loop_timer_set(reading->quiet, QUIET_US);
}

static void on_past_complete(void *ctx, uint64_t last_seq, size_t events)
{
    (void)last_seq;
    (void)events;
    settle(ctx);
}

static void on_changed(void *ctx)
{
    (void)ctx;
}

static void on_interrupt(void *ctx)
{
    loop_stop(((struct reading *)ctx)->loop);
}

static bool open_all(struct reading *reading, struct err *err)
{
    struct journal_options options = {.path = reading->path,
                                      .wake = loop_wake};

    reading->loop = loop_new(err);
    if (!reading->loop)
        return false;
    options.wake_ctx = reading->loop;
    reading->journal = journal_open(&options, NULL, err);
    if (!reading->journal)
        return false;
    loop_on_wake(reading->loop, on_wake, reading);
    reading->quiet = loop_timer_new(reading->loop, on_quiet, reading);
    reading->interrupt =
        interrupt_watch(reading->loop, on_interrupt, reading, err);
    return reading->interrupt;
}

/* The journal goes at the end, and whoever is forgotten with it. */
static void read_stream(struct reading *reading)
{
    struct nats_source_options options = {.loop = reading->loop,
                                          .journal = reading->journal,
                                          .decoder = &reading->decode.decoder,
                                          .settings = &reading->settings,
                                          .on_kept = on_kept,
                                          .on_past = on_past,
                                          .on_past_complete = on_past_complete,
                                          .on_changed = on_changed,
                                          .ctx = reading};

    reading->source = nats_source_new(&options);
    loop_timer_set(reading->quiet, QUIET_US);
    loop_run(reading->loop);
    nats_source_stop(reading->source);
}

static void close_all(struct reading *reading)
{
    if (reading->journal) {
        journal_drain(reading->journal);
        journal_close(reading->journal);
    }
    nats_source_free(reading->source);
    if (reading->quiet)
        loop_timer_free(reading->quiet);
    if (reading->interrupt)
        loop_unwatch(reading->interrupt);
    if (reading->loop)
        loop_free(reading->loop);
}

static int run(struct reading *reading)
{
    struct err err = {""};
    int code = EXIT_DONE;

    if (open_all(reading, &err))
        read_stream(reading);
    else
        code = command_fail(EXIT_FAILED, "%s", err.text);
    close_all(reading);
    if (code == EXIT_DONE && interrupt_came())
        code = EXIT_INTERRUPTED;
    else if (code == EXIT_DONE && *reading->err.text)
        code = command_fail(EXIT_FAILED, "%s", reading->err.text);
    return code;
}

int tail_stream(const struct tail_source *source, const char *path)
{
    struct reading reading = {.tail = source, .path = path};
    struct err no_book, err = {""};
    int code;

    if (!nats_settings_read(&reading.settings, source->config, source->where,
                            &err))
        return command_fail(EXIT_CONFIG, "source: %s", err.text);
    if (decode_context_open_bookless(&reading.decode, source->config, &no_book,
                                     &err)) {
        code = run(&reading);
        decode_context_close(&reading.decode);
    } else {
        code = command_fail(EXIT_CONFIG, "%s", err.text);
    }
    nats_settings_free(&reading.settings);
    return code;
}
