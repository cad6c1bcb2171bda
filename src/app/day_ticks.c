/* The service "ticks": writes into the journal that a day has ended, so that
 * "time passed" is there for whoever goes through it, and replays like an
 * event. One tick at the beginning of each day of the journal's zone, and one
 * at the start where days have ended since the last. */
#include <stdlib.h>

#include <sqlite3.h>

#include "app/service.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/db.h"
#include "journal/zone.h"

#include "base/banned.h"

/* Clocks are set, laptops sleep: the day is looked at again at least then. */
#define LOOK_US INT64_C(3600000000)

struct day_ticks {
    const struct service_host *host;
    struct loop_timer *timer;
    int64_t last_ms; /* the journal's last tick; CLOCK_NONE: none is there */
    int32_t day;     /* that was ticked last */
};

static int32_t day_of(const struct day_ticks *ticks, int64_t ms)
{
    return zone_day(journal_days(ticks->host->journal), ms);
}

/* A clock that goes back ticks nothing until it is past the last day. */
static void look(void *ctx)
{
    struct day_ticks *ticks = ctx;
    const struct service_host *host = ticks->host;
    const struct zone_days *days = journal_days(host->journal);
    int64_t now = clock_now_ms(), wait;
    int32_t today = zone_day(days, now);

    if (today > ticks->day) {
        ticks->day = today;
        journal_tick(host->journal, zone_day_start(days, today));
    }
    wait = (zone_day_start(days, today + 1) - now) * 1000;
    loop_timer_set(ticks->timer, wait < LOOK_US ? wait : LOOK_US);
}

/* On the reader's thread. */
static enum reader_step read_last(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    struct day_ticks *ticks = ctx;
    sqlite3_stmt *row =
        db_prepare(reader_db(reader),
                   "SELECT at FROM ticks ORDER BY seq DESC LIMIT 1", false,
                   err);

    if (!row)
        return READER_FAILED;
    if (sqlite3_step(row) == SQLITE_ROW)
        ticks->last_ms = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return READER_DONE;
}

static void on_last(void *ctx, bool ok, const struct err *err)
{
    struct day_ticks *ticks = ctx;
    const struct service_host *host = ticks->host;
    int64_t now = clock_now_ms();

    if (!ok) {
        log_line(LOG_WARN, "the journal's ticks cannot be read: %s",
                 err->text);
        return;
    }
    if (host->stopping)
        return;
    ticks->day = day_of(ticks, now);
    /* A journal without an event has nothing that time passed since. */
    if (ticks->last_ms == CLOCK_NONE
            ? journal_stats(host->journal).last_seq
            : day_of(ticks, ticks->last_ms) < ticks->day)
        journal_tick(host->journal, now);
    look(ticks);
}

static void *day_ticks_new(const struct service_host *host, struct err *err)
{
    struct day_ticks *ticks = xcalloc(1, sizeof *ticks);

    (void)err;
    ticks->host = host;
    ticks->last_ms = CLOCK_NONE;
    return ticks;
}

static bool day_ticks_open(void *self, struct err *err)
{
    struct day_ticks *ticks = self;

    (void)err;
    ticks->timer = loop_timer_new(ticks->host->loop, look, ticks);
    journal_read(ticks->host->journal, read_last, on_last, ticks);
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
