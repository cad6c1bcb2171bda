/* The service "retention": once an hour what is older than keep is deleted,
 * and what is more than max_size. What to delete is journal/prune's. */
#include "app/retention.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/service.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/prune.h"

#include "base/banned.h"

#define LOOK_US INT64_C(3600000000)
#define DAY_MS INT64_C(86400000)

struct retention {
    const struct service_host *host;
    struct loop_timer *timer;
    int64_t looked_us; /* monotonic, the last time; 0: never */
    int64_t held_ms; /* what is held back for: the clock's lead; 0: nothing */
};

static void say_held(struct retention *retention, int64_t held_ms)
{
    if (held_ms && !retention->held_ms)
        log_line(LOG_WARN,
                 "the clock is %lld days ahead of the journal: what only it "
                 "calls older than keep stays. If it is right: telltale check "
                 "--trust-clock",
                 (long long)(held_ms / DAY_MS));
    retention->held_ms = held_ms;
    retention->host->changed(retention->host->app);
}

static void say_deleted(uint64_t count, const char *what)
{
    if (count)
        log_line(LOG_NOTE, "%llu %s", (unsigned long long)count, what);
}

static void on_pruned(void *ctx, bool ok, const struct prune_result *result,
                      const struct err *err)
{
    struct retention *retention = ctx;

    if (!ok)
        log_line(LOG_WARN, "old events are not deleted: %s", err->text);
    say_deleted(result->events, "events older than keep are deleted");
    say_deleted(result->surplus, "events are deleted: the journal was larger "
                                 "than max_size");
    say_deleted(result->bodies, "bodies older than keep_bodies are deleted");
    if (ok)
        say_held(retention, result->held_ms);
}

static void look(void *ctx)
{
    struct retention *retention = ctx;
    const struct config *config = retention->host->config;
    int64_t now = clock_mono_us();
    struct prune_options options = {
        .now_ms = clock_now_ms(),
        .ran_ms =
            retention->looked_us ? (now - retention->looked_us) / 1000 : 0,
        .keep_ms = config_number(config, OPTION_keep),
        .keep_bodies_ms = config_number(config, OPTION_keep_bodies),
        .max_bytes = (uint64_t)config_number(config, OPTION_max_size)};

    retention->looked_us = now;
    journal_prune(retention->host->journal, &options, on_pruned, retention);
    loop_timer_set(retention->timer, LOOK_US);
}

void retention_look(void *self)
{
    look(self);
}

/* So little would leave no event. */
static void *retention_new(const struct service_host *host, struct err *err)
{
    int64_t size = config_number(host->config, OPTION_max_size);
    struct retention *retention;

    if (size && size < (int64_t)LIMIT_LEAST_JOURNAL) {
        err_set(err, "max_size in [journal] is at least 1M");
        return NULL;
    }
    retention = xcalloc(1, sizeof *retention);
    retention->host = host;
    return retention;
}

static bool retention_open(void *self, struct err *err)
{
    struct retention *retention = self;

    (void)err;
    retention->timer = loop_timer_new(retention->host->loop, look, retention);
    loop_timer_set(retention->timer, 0);
    return true;
}

static void retention_tell(void *self, struct problems *problems)
{
    struct retention *retention = self;
    char text[160];

    if (retention->held_ms <= PRUNE_ASK_MS)
        return;
    snprintf(text, sizeof text,
             "The clock is %lld days ahead of the journal, old events stay. "
             "Is it right? telltale check --trust-clock",
             (long long)(retention->held_ms / DAY_MS));
    problem_add(problems, PROBLEM_CLOCK, '~', text);
}

static void retention_stop(void *self)
{
    struct retention *retention = self;

    if (retention->timer)
        loop_timer_cancel(retention->timer);
}

static void retention_free(void *self)
{
    struct retention *retention = self;

    if (retention->timer)
        loop_timer_free(retention->timer);
    free(retention);
}

const struct service service_retention = {.new = retention_new,
                                          .open = retention_open,
                                          .tell = retention_tell,
                                          .stop = retention_stop,
                                          .free = retention_free};
