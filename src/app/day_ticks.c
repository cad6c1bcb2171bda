/* The service "ticks": writes into the journal that a day has ended, so that
 * "time passed" is there for whoever goes through it, and replays like an
 * event. One tick at the beginning of each day of the journal's zone, and one
 * at the start where days have ended since the last: before any event that is
 * received after the start. */
#include <stdlib.h>

#include "app/service.h"
#include "base/clock.h"
#include "base/mem.h"
#include "journal/zone.h"

#include "base/banned.h"

/* Clocks are set, laptops sleep: the day is looked at again at least then. */
#define LOOK_US (1000 * CLOCK_HOUR_MS)

struct day_ticks {
    const struct service_host *host;
    struct loop_timer *timer;
    int32_t day; /* that was ticked last */
};

/* A clock that goes back by a day is one that was set; by more, one that was
 * wrong: then days begin anew. */
static void on_timer(void *ctx)
{
    struct day_ticks *ticks = ctx;
    const struct service_host *host = ticks->host;
    const struct zone_days *days = journal_days(host->journal);
    int64_t now = clock_now_ms(), wait;
    int32_t today = zone_day(days, now);

    if (today > ticks->day || today < ticks->day - 1) {
        ticks->day = today;
        journal_tick(host->journal, zone_day_start(days, today));
    }
    wait = (zone_day_start(days, today + 1) - now) * 1000;
    loop_timer_set(ticks->timer, wait < LOOK_US ? wait : LOOK_US);
}

static void *day_ticks_new(const struct service_host *host, struct err *err)
{
    struct day_ticks *ticks = xcalloc(1, sizeof *ticks);

    (void)err;
    ticks->host = host;
    return ticks;
}

static bool day_ticks_open(void *self, struct err *err)
{
    struct day_ticks *ticks = self;
    const struct service_host *host = ticks->host;
    const struct zone_days *days = journal_days(host->journal);
    int64_t now = clock_now_ms();

    (void)err;
    ticks->timer = loop_timer_new(host->loop, on_timer, ticks);
    ticks->day = zone_day(days, now);
    journal_tick_once(host->journal, now, zone_day_start(days, ticks->day));
    on_timer(ticks);
    return true;
}

static void day_ticks_stop(void *self)
{
    struct day_ticks *ticks = self;

    if (ticks->timer)
        loop_timer_cancel(ticks->timer);
}

static void day_ticks_free(void *self)
{
    struct day_ticks *ticks = self;

    if (ticks->timer)
        loop_timer_free(ticks->timer);
    free(ticks);
}

const struct service service_ticks = {.new = day_ticks_new,
                                      .open = day_ticks_open,
                                      .stop = day_ticks_stop,
                                      .free = day_ticks_free};
