/* Planning: reads a page of what came since, plans it (batch.c), and writes
 * the plan and the cursor in one transaction. Nothing is sent here. */
#include "mirror/internal.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"

#include "base/banned.h"

#define GATHER_US 20000 /* a lone event waits so long for company */

static bool write_plan(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct mirror *mirror = ctx;

    return outbox_plan(&mirror->plan, db, err);
}

void mirror_free_plan(struct mirror *mirror)
{
    batch_free(mirror->plan.planned, mirror->plan.count);
    mirror->plan.planned = NULL;
    mirror->plan.count = 0;
}

/* On the reader's thread: it touches nothing but page, plan and cooldowns,
 * which the loop leaves alone while planning is set. */
static enum reader_step read_page(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    struct mirror *mirror = ctx;
    struct mirror_page *page = &mirror->page;
    struct reader_range range = {
        .after = page->from,
        .limit = LIMIT_PAGE_ROWS,
        .no_bodies = !mirror->settings->type->needs_properties};
    struct event_batch *batch = event_batch_new();
    bool ok = reader_page(reader, &range, batch, &page->more, err);

    if (ok) {
        mirror->plan.now = clock_now_ms();
        mirror->plan.planned =
            batch_plan(mirror->settings, &mirror->cooldowns,
                       reader_journal_id(reader), batch->events, batch->count,
                       mirror->plan.now, &mirror->plan.count);
        /* Behind the last event there may be ticks: their seqs count. */
        page->to =
            page->more ? batch->events[batch->count - 1].seq : page->target;
        if (batch->count && batch->events[batch->count - 1].seq > page->to)
            page->to = batch->events[batch->count - 1].seq;
    }
    event_batch_free(batch);
    return ok ? READER_DONE : READER_FAILED;
}

/* The page is read again later; err is NULL when the program ends. */
static void plan_failed(struct mirror *mirror, const struct err *err)
{
    mirror_free_plan(mirror);
    mirror->planning = false;
    if (mirror->all->stopping)
        return;
    mirror_trouble(mirror, err->text);
    loop_timer_set(mirror->plan_timer, MIRROR_DISK_RETRY_US);
    mirror_changed(mirror);
}

static void plan_written(void *ctx, bool ok, const struct err *err)
{
    struct mirror *mirror = ctx;

    if (!ok) {
        plan_failed(mirror, err);
        return;
    }
    mirror->cursor = mirror->plan.to;
    for (size_t i = 0; i < mirror->plan.count; i++)
        mirror->waiting += mirror->plan.planned[i].events;
    if (mirror->plan.count) {
        mirror_kick_send(mirror);
        mirror_changed(mirror);
    }
    mirror_free_plan(mirror);
    mirror->planning = false;
    if (mirror->page.more && !mirror->all->stopping)
        loop_timer_set(mirror->plan_timer, 0);
    else
        mirror_arm_plan(mirror);
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

static void page_read(void *ctx, bool ok, const struct err *err)
{
    struct mirror *mirror = ctx;

    if (!ok || mirror->all->stopping) {
        plan_failed(mirror, ok ? NULL : err);
        return;
    }
    look_for_unjudged(mirror);
    mirror->plan.mirror = mirror->settings;
    mirror->plan.from = mirror->page.from;
    mirror->plan.to = mirror->page.to;
    journal_write(mirror->all->options.journal, write_plan, plan_written,
                  mirror);
}

void mirror_plan_now(void *ctx)
{
    struct mirror *mirror = ctx;

    if (mirror->planning || !mirror->opened || mirror->all->stopping ||
        mirror->state != MIRROR_ON || mirror->cursor >= mirror->last_seq)
        return;
    mirror->planning = true;
    mirror->planned_us = clock_mono_us();
    mirror->page = (struct mirror_page){.from = mirror->cursor,
                                        .target = mirror->last_seq};
    journal_read(mirror->all->options.journal, read_page, page_read, mirror);
}

/* The first event after a pause goes at once; the window begins with it. */
void mirror_arm_plan(struct mirror *mirror)
{
    int64_t since = clock_mono_us() - mirror->planned_us;
    int64_t window = mirror->settings->window_ms * 1000;

    if (mirror->planning || !mirror->opened || mirror->all->stopping ||
        mirror->state != MIRROR_ON || mirror->cursor >= mirror->last_seq)
        return;
    loop_timer_set(mirror->plan_timer, mirror->planned_us && since < window
                                           ? window - since
                                           : GATHER_US);
}
