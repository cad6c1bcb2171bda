/* Pausing, and how many events a mirror that is paused or off has not looked
 * at: counted on the reader's thread, and then only what came since. Of what
 * waits so long some may be deleted or forgotten: so all of it is counted
 * again now and then. */
#include "mirror/internal.h"

#include <sqlite3.h>

#include "journal/db.h"

#include "base/banned.h"

#define SLICE 20000
#define EVERY_US INT64_C(1000000)
#define WHOLE_US INT64_C(600000000) /* between two counts of all of it */

static enum reader_step count_slice(void *ctx, struct journal_reader *reader,
                                    struct err *err)
{
    static const char sql[] =
        "SELECT count(*), max(seq) FROM (SELECT seq FROM events WHERE seq > "
        "?1 ORDER BY seq LIMIT ?2)";
    struct unread_count *count = ctx;
    sqlite3_stmt *row = db_prepare(reader_db(reader), sql, false, err);
    int code, came = 0;

    if (!row)
        return READER_FAILED;
    sqlite3_bind_int64(row, 1, (sqlite3_int64)count->upto);
    sqlite3_bind_int(row, 2, SLICE);
    code = sqlite3_step(row);
    if (code == SQLITE_ROW && sqlite3_column_int(row, 0)) {
        came = sqlite3_column_int(row, 0);
        count->upto = (uint64_t)sqlite3_column_int64(row, 1);
        count->events += (uint64_t)came;
    }
    if (code == SQLITE_ROW)
        code = sqlite3_step(row);
    if (!db_end(row, code, err))
        return READER_FAILED;
    return came == SLICE ? READER_AGAIN : READER_DONE;
}

static void on_counted(void *ctx, bool ok, const struct err *err)
{
    struct unread_count *count = ctx;
    struct mirror *mirror = count->mirror;
    uint64_t before = mirror->unread;

    (void)err; /* shown is what was last known */
    count->busy = false;
    if (!ok) {
        count->whole_us = 0;
        return;
    }
    mirror->unread = mirror->state == MIRROR_ON ? 0 : count->events;
    if (mirror->unread != before)
        mirror_changed(mirror);
    if (count->again)
        mirror_count_unread(mirror);
}

static void begin(struct mirror *mirror, int64_t now)
{
    struct unread_count *count = &mirror->unread_count;
    uint64_t after = follower_seq(mirror->follower);

    if (!count->whole_us || count->after != after ||
        now - count->whole_us > WHOLE_US) {
        count->after = count->upto = after;
        count->events = 0;
        count->whole_us = now;
    }
    count->mirror = mirror;
    count->began_us = now;
    count->busy = true;
    count->again = false;
    journal_read(mirror->all->options.journal, count_slice, on_counted, count);
}

void mirror_count_unread(void *ctx)
{
    struct mirror *mirror = ctx;
    struct unread_count *count = &mirror->unread_count;
    int64_t now = clock_mono_us(), due;

    if (!mirror->opened || !mirror->following || mirror->state == MIRROR_ON ||
        mirror->all->stopping)
        return;
    due = count->began_us ? count->began_us + EVERY_US : now;
    if (count->busy)
        count->again = true;
    else if (due > now)
        loop_timer_set(mirror->unread_timer, due - now);
    else
        begin(mirror, now);
}

void mirror_set_state(struct mirror *mirror, enum mirror_state state)
{
    mirror->state = state;
    mirror->unread = 0;
    follower_hold(mirror->follower, state != MIRROR_ON);
    mirror_count_unread(mirror);
}
