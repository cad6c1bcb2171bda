/* The service "retention": once an hour what is older than keep is deleted,
 * and what is more than max_size. What to delete is journal/prune's. It waits
 * for who follows the journal, an hour at most: a follower that is paused or
 * broken must not keep what was to be deleted. */
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

#define LOOK_US (1000 * CLOCK_HOUR_MS)
/* While others are still reading: after this, then twice that, and so on. */
#define AGAIN_US INT64_C(1000000)
#define AGAIN_MAX_US INT64_C(60000000)

struct retention {
    const struct service_host *host;
    struct loop_timer *timer;
    int64_t looked_us; /* monotonic, the last time; 0: never */
    int64_t waits_us; /* monotonic: since when for followers; 0: it does not */
    int64_t again_us; /* then it looks again */
    bool prunes, asked;      /* now; and is to do it again after that */
    uint64_t events, unread; /* deleted; of those, before they were read */
    int64_t held_ms; /* what is held back for: the clock's lead; 0: nothing */
};

static void say_held(struct retention *retention, int64_t held_ms)
{
    if (held_ms && !retention->held_ms)
        log_line(LOG_WARN,
                 "the clock is %lld days ahead of the journal: what only it "
                 "calls older than keep stays. If it is right: telltale check "
                 "--trust-clock",
                 (long long)(held_ms / CLOCK_DAY_MS));
    retention->held_ms = held_ms;
    retention->host->changed(retention->host->app);
}

static void say_deleted(uint64_t count, const char *what)
{
    if (count)
        log_line(LOG_NOTE, "%llu %s", (unsigned long long)count, what);
}

/* Looks again soon, for as long as it has patience. */
static void wait_on(struct retention *retention, bool waits)
{
    if (!waits) {
        retention->waits_us = 0;
        return;
    }
    if (!retention->waits_us) {
        retention->waits_us = retention->looked_us;
        retention->again_us = AGAIN_US;
    }
    if (!retention->host->stopping)
        loop_timer_set(retention->timer, retention->again_us);
    if (retention->again_us < AGAIN_MAX_US)
        retention->again_us *= 2;
}

static void on_pruned(void *ctx, bool ok, const struct prune_result *result,
                      const struct err *err)
{
    struct retention *retention = ctx;

    retention->prunes = false;
    if (!ok)
        log_line(LOG_WARN, "old events are not deleted: %s", err->text);
    say_deleted(result->events, "events older than keep are deleted");
    say_deleted(result->surplus, "events are deleted: the journal was larger "
                                 "than max_size");
    say_deleted(result->bodies, "bodies older than keep_bodies are deleted");
    if (result->unread)
        log_line(LOG_WARN,
                 "%llu of those had not been read by a mirror, a rule or the "
                 "signals, which had an hour",
                 (unsigned long long)result->unread);
    retention->events += result->events + result->surplus;
    retention->unread += result->unread;
    wait_on(retention, result->waits);
    if (retention->asked && !retention->host->stopping)
        loop_timer_set(retention->timer, 0);
    retention->asked = false;
    if (ok)
        say_held(retention, result->held_ms);
}

static void on_timer(void *ctx)
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
        .max_bytes = (uint64_t)config_number(config, OPTION_max_size),
        .wait = !retention->waits_us || now - retention->waits_us < LOOK_US};

    /* Two at once would sweep by the same tables. */
    retention->asked = retention->prunes;
    if (retention->prunes)
        return;
    retention->prunes = true;
    retention->looked_us = now;
    journal_prune(retention->host->journal, &options, on_pruned, retention);
    loop_timer_set(retention->timer, LOOK_US);
}

void retention_look(void *self)
{
    if (self)
        on_timer(self);
}

uint64_t retention_deleted(const void *self, uint64_t *unread)
{
    const struct retention *retention = self;

    *unread = retention ? retention->unread : 0;
    return retention ? retention->events : 0;
}

/* So little would leave no event. */
bool retention_check(const struct config *config, struct err *err)
{
    int64_t size = config_number(config, OPTION_max_size);

    return !size || size >= (int64_t)LIMIT_LEAST_JOURNAL ||
           err_set(err, "%s: max_size in [journal] is at least 1M",
                   config_origin(config, OPTION_max_size));
}

/* The demo's journal goes when it ends, and tells of all its past until
 * then. */
static void *retention_new(const struct service_host *host, struct err *err)
{
    struct retention *retention;

    if (host->demo || !retention_check(host->config, err))
        return NULL;
    retention = xcalloc(1, sizeof *retention);
    retention->host = host;
    return retention;
}

static bool retention_open(void *self, struct err *err)
{
    struct retention *retention = self;

    (void)err;
    retention->timer =
        loop_timer_new(retention->host->loop, on_timer, retention);
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
             (long long)(retention->held_ms / CLOCK_DAY_MS));
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
