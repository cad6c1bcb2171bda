/* Times of arrival by hour. Live events are found by their seq, which follows
 * the time: every so-manieth of a busy hour. Those of the past have seqs of
 * when they were fetched, and an index by time. */
#include "journal/arrivals.h"

#include <stdlib.h>

#include <sqlite3.h>

#include "base/clock.h"

#include "base/banned.h"

/* Live events of an hour that are looked at, and the least time between
 * those of the past. */
#define LIVE 360
#define PAST_MS INT64_C(15000)

static const char hour_sql[] =
    "SELECT hour, events, first_seq, first_at, last_at FROM hours"
    " WHERE hour >= ?1 AND events > 0 ORDER BY hour LIMIT 1";
static const char live_sql[] =
    "SELECT seq, received_at FROM events"
    " WHERE seq >= ?1 AND NOT flags & 2 ORDER BY seq LIMIT 1";
static const char past_sql[] =
    "SELECT received_at, received_at FROM events"
    " WHERE flags & 2 AND received_at >= ?1 ORDER BY received_at LIMIT 1";

static bool failed(struct journal_reader *reader, struct err *err)
{
    return err_set(err, "the journal cannot be read: %s",
                   sqlite3_errmsg(reader_db(reader)));
}

static sqlite3_stmt *prepare(struct journal_reader *reader, const char *sql,
                             struct err *err)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(reader_db(reader), sql, -1, &statement, NULL))
        failed(reader, err);
    return statement;
}

static void add_time(struct arrivals *out, int64_t at)
{
    if (at >= out->hour_ms && at < out->hour_ms + CLOCK_HOUR_MS &&
        out->count < ARRIVALS_TIMES)
        out->times[out->count++] = at;
}

/* Takes one row after another: each says where the next look begins. The
 * clock may have been set within the hour, so their number is bounded, too. */
static bool collect(struct journal_reader *reader, const char *sql,
                    int64_t from, int64_t stride, struct arrivals *out,
                    struct err *err)
{
    sqlite3_stmt *statement = prepare(reader, sql, err);
    int rc = SQLITE_ROW;

    if (!statement)
        return false;
    for (int i = 0; i < LIVE + 2 && rc == SQLITE_ROW; i++) {
        sqlite3_bind_int64(statement, 1, from);
        rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW) {
            int64_t at = sqlite3_column_int64(statement, 1);

            if (at >= out->hour_ms + CLOCK_HOUR_MS)
                rc = SQLITE_DONE;
            add_time(out, at);
            from = sqlite3_column_int64(statement, 0) + stride;
        }
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    return rc == SQLITE_ROW || rc == SQLITE_DONE || failed(reader, err);
}

/* The row of the hour; *first_seq is left 0 when there is none. */
static bool find_hour(struct journal_reader *reader, int64_t from_ms,
                      struct arrivals *out, int64_t *first_seq,
                      struct err *err)
{
    sqlite3_stmt *statement = prepare(reader, hour_sql, err);
    bool found;
    int rc;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1,
                       (from_ms + CLOCK_HOUR_MS - 1) / CLOCK_HOUR_MS);
    rc = sqlite3_step(statement);
    found = rc == SQLITE_ROW;
    if (found) {
        out->hour_ms = sqlite3_column_int64(statement, 0) * CLOCK_HOUR_MS;
        out->events = (uint64_t)sqlite3_column_int64(statement, 1);
        *first_seq = sqlite3_column_int64(statement, 2);
        add_time(out, sqlite3_column_int64(statement, 3));
        add_time(out, sqlite3_column_int64(statement, 4));
    } else if (rc != SQLITE_DONE) {
        failed(reader, err);
    }
    sqlite3_finalize(statement);
    return found;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

bool arrivals_next(struct journal_reader *reader, int64_t from_ms,
                   struct arrivals *out, struct err *err)
{
    int64_t first_seq = 0;

    out->count = 0;
    if (!find_hour(reader, from_ms, out, &first_seq, err))
        return false;
    if (!collect(reader, live_sql, first_seq, (int64_t)out->events / LIVE + 1,
                 out, err) ||
        !collect(reader, past_sql, out->hour_ms, PAST_MS, out, err))
        return false;
    qsort(out->times, out->count, sizeof *out->times, by_time);
    return true;
}
