/* Planning: the mirror follows the journal. A page of what came since is
 * planned (batch.c), and the plan is written in the transaction that moves
 * the cursor. Nothing is sent here. */
#include "mirror/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#include "base/banned.h"

#define GATHER_US 20000 /* a lone event waits so long for company */

void mirror_free_plan(struct mirror *mirror)
{
    batch_free(mirror->plan.planned, mirror->plan.count);
    mirror->plan.planned = NULL;
    mirror->plan.count = 0;
}

/* On the reader's thread: it touches nothing but plan and cooldowns, which
 * the loop leaves alone while a page is under way. */
static bool plan_page(void *ctx, struct journal_reader *reader,
                      const struct follower_page *page, struct err *err)
{
    struct mirror *mirror = ctx;

    mirror->plan.mirror = mirror->settings;
    mirror->plan.now = clock_now_ms();
    mirror->plan.planned =
        batch_plan(mirror->settings, &mirror->cooldowns,
                   reader_journal_id(reader), page->events, page->count,
                   mirror->plan.now, &mirror->plan.count);
    return signal_page_read(&mirror->signals, &mirror->plan, reader_db(reader),
                            err);
}

static bool write_plan(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct mirror *mirror = ctx;

    return outbox_add(&mirror->plan, db, err) &&
           signal_page_write(&mirror->signals, mirror->settings, db, err);
}

static void take_written(struct mirror *mirror)
{
    for (size_t i = 0; i < mirror->plan.count; i++)
        mirror->waiting += mirror->plan.planned[i].events;
    if (!mirror->plan.count)
        return;
    mirror_kick_send(mirror);
    mirror_changed(mirror);
}

/* Events that were not sent since nobody can say whether they should be. */
static void tell_unjudged(struct mirror *mirror, const char *key,
                          const struct query *query)
{
    struct err why, err;

    if (!query || query_explain_unjudged(query, &why))
        return;
    err_set(&err, "%s: %s; such events are not sent%s", key, why.text,
            strcmp(key, "query") ? " at once" : "");
    mirror_trouble(mirror, err.text);
    mirror_changed(mirror);
}

static void look_for_unjudged(struct mirror *mirror)
{
    const struct mirror_settings *settings = mirror->settings;
    uint64_t unjudged =
        query_unjudged(settings->query) +
        (settings->bypass ? query_unjudged(settings->bypass) : 0);

    if (unjudged == mirror->unjudged)
        return;
    mirror->unjudged = unjudged;
    tell_unjudged(mirror, "bypass", settings->bypass);
    tell_unjudged(mirror, "query", settings->query);
}

/* They are in the journal, but nobody's news any more. */
static void tell_old(const struct mirror *mirror)
{
    unsigned old = mirror->signals.old;

    if (old)
        log_line(LOG_WARN,
                 "mirror %s: %u signal%s older than a day %s not sent",
                 mirror->settings->name, old, old == 1 ? "" : "s",
                 old == 1 ? "is" : "are");
}

static void on_page(void *ctx, bool ok, const struct err *err)
{
    struct mirror *mirror = ctx;

    if (ok) {
        look_for_unjudged(mirror);
        take_written(mirror);
        tell_old(mirror);
        if (mirror->signals.more)
            follower_nudge(mirror->follower);
    } else if (err) {
        mirror_trouble(mirror, err->text);
        mirror_changed(mirror);
    }
    mirror_free_plan(mirror);
    mirror_count_unread(mirror);
}

static void on_followed(void *ctx)
{
    struct mirror *mirror = ctx;

    mirror->following = true;
    mirror_count_unread(mirror);
}

static void arm_plan(void *ctx, int64_t us)
{
    struct mirror *mirror = ctx;

    if (us < 0)
        loop_timer_cancel(mirror->plan_timer);
    else
        loop_timer_set(mirror->plan_timer, us);
}

static bool needs_bodies(const struct mirror_settings *settings)
{
    return settings->type->needs_properties || query_deep(settings->query) ||
           (settings->bypass && query_deep(settings->bypass));
}

void mirror_follow(struct mirror *mirror)
{
    struct follower_options options = {.journal = mirror->all->options.journal,
                                       .name = mirror->reader,
                                       .at_newest = true,
                                       .bodies =
                                           needs_bodies(mirror->settings),
                                       .gather_us = GATHER_US,
                                       .every_us =
                                           mirror->settings->window_ms * 1000,
                                       .arm = arm_plan,
                                       .read = plan_page,
                                       .write = write_plan,
                                       .on_done = on_page,
                                       .on_open = on_followed,
                                       .ctx = mirror};

    snprintf(mirror->reader, sizeof mirror->reader, "mirror %s",
             mirror->settings->name);
    mirror->follower = follower_new(&options);
    follower_hold(mirror->follower, true);
    /* Signals may have come between the last page and the end. */
    if (query_asks_signals(mirror->settings->query))
        follower_nudge(mirror->follower);
}
