/* Lines into batches. What a line means is event/archive's. */
#include "source/file_intake.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/mem.h"
#include "event/archive.h"
#include "journal/db.h"

#include "base/banned.h"

/* Events that come at once are not always written in the order in which they
 * were received, and clocks are set: an import that goes on where it was cut
 * short finds its own last hour, which is not the past. */
#define SLACK_MS CLOCK_HOUR_MS

void file_intake_init(struct file_intake *intake,
                      const struct decoder *decoder)
{
    *intake = (struct file_intake){.decoder = decoder,
                                   .past_ms = CLOCK_NONE,
                                   .ticked_ms = CLOCK_NONE,
                                   .batch = event_batch_new()};
}

void file_intake_free(struct file_intake *intake)
{
    event_batch_free(intake->batch);
    free(intake->events);
}

/* One time; stays CLOCK_NONE where there is none. */
static bool read_time(sqlite3 *db, const char *sql, int64_t *out,
                      struct err *err)
{
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    int result;

    if (!row)
        return false;
    result = sqlite3_step(row);
    if (result == SQLITE_ROW && sqlite3_column_type(row, 0) == SQLITE_INTEGER)
        *out = sqlite3_column_int64(row, 0);
    else if (result != SQLITE_ROW)
        db_fail(db, err, "the journal");
    sqlite3_finalize(row);
    return result == SQLITE_ROW;
}

bool file_intake_look(struct file_intake *intake,
                      struct journal_reader *reader, struct err *err)
{
    sqlite3 *db = reader_db(reader);

    if (!read_time(db, "SELECT max(last_at) FROM hours", &intake->past_ms,
                   err) ||
        !read_time(db, "SELECT max(at) FROM ticks", &intake->ticked_ms, err))
        return false;
    if (intake->past_ms == CLOCK_NONE)
        return true;
    intake->past_ms -= SLACK_MS;
    if (intake->ticked_ms < intake->past_ms)
        intake->ticked_ms = intake->past_ms;
    return true;
}

static void gather(struct file_intake *intake, struct event *event)
{
    if (event->received_at < intake->past_ms)
        event->flags |= EVENT_BACKFILLED;
    if (intake->count == intake->cap) {
        intake->cap = intake->cap ? 2 * intake->cap : 64;
        intake->events =
            xreallocarray(intake->events, intake->cap, sizeof *intake->events);
    }
    intake->events[intake->count++] = *event;
}

/* Lines that are no events leave nothing behind, however many come. */
static void drop_rest(struct file_intake *intake)
{
    if (intake->count)
        return;
    arena_free(&intake->batch->arena);
    intake->batch->bytes = 0;
}

static bool is_blank(const char *line, size_t len)
{
    while (len && memchr(" \t\r", line[len - 1], 3))
        len--;
    return !len;
}

enum file_line file_intake_add(struct file_intake *intake, const char *line,
                               size_t len, int64_t *tick_ms, const char **zone,
                               struct err *err)
{
    struct archived archived;

    if (is_blank(line, len))
        return FILE_BLANK;
    drop_rest(intake);
    intake->batch->bytes += len;
    if (!archive_read(intake->decoder, line, len, &intake->batch->arena,
                      &archived, err))
        return FILE_WRONG;
    if (!archived.is_tick) {
        gather(intake, &archived.event);
        return FILE_EVENT;
    }
    *tick_ms = archived.at;
    if (zone)
        *zone = archived.zone;
    return archived.at <= intake->ticked_ms ? FILE_OLD : FILE_TICK;
}

struct event_batch *file_intake_take(struct file_intake *intake)
{
    struct event_batch *batch = intake->batch;

    if (!intake->count)
        return NULL;
    batch->events =
        arena_alloc(&batch->arena, intake->count * sizeof *batch->events);
    memcpy(batch->events, intake->events,
           intake->count * sizeof *batch->events);
    batch->count = intake->count;
    intake->batch = event_batch_new();
    intake->count = 0;
    return batch;
}
