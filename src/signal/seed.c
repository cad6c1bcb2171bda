/* What is known of an account is gone, since somebody of it was forgotten,
 * another make of the program wrote it, or a clock that was wrong emptied it:
 * it is learnt again from `daily`, day by day, each judged as it was then, and
 * from the events of the day that has not ended. What is concluded meanwhile
 * was said already, or is old: it is dropped. Sums do not say which event it
 * was: pages that were read count as work, and what rests event by event (a
 * payment that failed) may be said once more.
 *
 * A slice is a phase's next step: of the days long ago a year, of those that
 * are judged one, of today a page. Others who read the journal come in
 * between. */
#include "signal/seed.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "journal/db.h"
#include "journal/reader.h"
#include "signal/internal.h"

#include "base/banned.h"

/* Those that are judged, and as many before them, to compare with. */
#define SEED_DAYS (2 * DAYS)
#define ROW_MOST 1000 /* events of one row that are gone through */

/* The day that has not ended, the next, and how late they may be heard of. */
#define TODAY_HOURS ((2 + 7 + 1) * 24)
#define USE_DAYS 365 /* a slice, of those before */
#define SEED_PHASES 5

struct seed {
    struct engine *engine;
    struct journal_reader *reader; /* of this slice */
    struct account_state **missing;
    size_t count;
    uint64_t seq, after; /* up to that event; read up to that one */
    int phase;
    int32_t day, done; /* the next one; the last that ended */
    bool bookless;     /* nothing is known of the book either */
    bool more;         /* the phase goes on */
};

static sqlite3_stmt *prepare(const struct seed *seed, const char *sql,
                             struct err *err)
{
    return db_prepare(reader_db(seed->reader), sql, false, err);
}

/* The end of a statement that gave rows. */
static bool finish(const struct seed *seed, sqlite3_stmt *rows, int code,
                   struct err *err)
{
    sqlite3_finalize(rows);
    return code == SQLITE_DONE ||
           db_fail(reader_db(seed->reader), err, "signals");
}

static const char *text(sqlite3_stmt *row, int column)
{
    return (const char *)sqlite3_column_text(row, column);
}

static struct account_state *find(const struct seed *seed, const char *key)
{
    for (size_t i = 0; key && i < seed->count; i++)
        if (!strcmp(seed->missing[i]->id, key))
            return seed->missing[i];
    return NULL;
}

/* ---- who is missing ---- */

static void note_account(struct seed *seed, const char *key, bool listed)
{
    struct engine *engine = seed->engine;
    struct account_state *account;

    if (listed && !engine->book)
        engine->book = engine->dirty = true;
    if (engine->book && !listed)
        return;
    account = engine_account(engine, key);
    if (!account || account->first != NO_DAY)
        return;
    account->listed = listed;
    seed->missing = xreallocarray(seed->missing, seed->count + 1,
                                  sizeof(struct account_state *));
    seed->missing[seed->count++] = account;
}

static bool find_missing(struct seed *seed, struct err *err)
{
    sqlite3_stmt *rows =
        prepare(seed,
                "SELECT key, listed FROM accounts WHERE first_seq <= ?1 "
                "ORDER BY listed DESC, id",
                err);
    int code;

    if (!rows)
        return false;
    sqlite3_bind_int64(rows, 1, (sqlite3_int64)seed->seq);
    while ((code = sqlite3_step(rows)) == SQLITE_ROW)
        note_account(seed, text(rows, 0), sqlite3_column_int(rows, 1));
    return finish(seed, rows, code, err);
}

/* Of an engine that knows nothing at all: by the last tick it heard. */
static bool find_done(struct seed *seed, struct err *err)
{
    struct engine *engine = seed->engine;
    sqlite3_stmt *row;
    int code;

    if (engine->done != NO_DAY)
        return true;
    row = prepare(seed,
                  "SELECT at FROM ticks WHERE seq <= ?1 ORDER BY seq DESC "
                  "LIMIT 1",
                  err);
    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, (sqlite3_int64)seed->seq);
    code = sqlite3_step(row);
    if (code == SQLITE_ROW) {
        engine->done = engine_day(engine, sqlite3_column_int64(row, 0)) - 1;
        engine->dirty = seed->bookless = true;
        code = SQLITE_DONE;
    }
    return finish(seed, row, code, err);
}

/* Where the days begin. */
static bool find_first(struct seed *seed, struct err *err)
{
    sqlite3_stmt *row = prepare(seed, "SELECT min(day) FROM daily", err);
    int code;

    seed->done = seed->day = seed->engine->done;
    if (!row)
        return false;
    code = sqlite3_step(row);
    if (code == SQLITE_ROW && sqlite3_column_type(row, 0) != SQLITE_NULL)
        seed->day = sqlite3_column_int(row, 0);
    return finish(seed, row, code == SQLITE_ROW ? SQLITE_DONE : code, err);
}

static bool begin(struct seed *seed, struct err *err)
{
    if (!find_missing(seed, err) || (seed->count && !find_done(seed, err)))
        return false;
    seed->more = false;
    if (!seed->count || seed->engine->done == NO_DAY) {
        seed->phase = SEED_PHASES;
        return true;
    }
    return find_first(seed, err);
}

/* ---- the days long ago ---- */

/* When each category was first and last used, as far as it was read. */
static void take_use(struct seed *seed, sqlite3_stmt *row)
{
    struct account_state *account = find(seed, text(row, 0));
    int category = sqlite3_column_int(row, 1);
    int32_t first = sqlite3_column_int(row, 2);

    if (!account || category < 0 || category >= CATEGORY_COUNT)
        return;
    if (account->first == NO_DAY)
        account->first = first;
    if (account->uses[category].first == NO_DAY)
        account->uses[category].first = first;
    account->uses[category].last = sqlite3_column_int(row, 3);
    account->dirty = true;
}

static bool take_uses(struct seed *seed, struct err *err)
{
    int32_t judged = seed->done - SEED_DAYS, to = seed->day + USE_DAYS;
    sqlite3_stmt *rows;
    int code;

    if (to > judged)
        to = judged;
    seed->more = to < judged;
    if (seed->day >= judged)
        return true;
    rows = prepare(seed,
                   "SELECT a.key, d.category, min(d.day), max(d.day) FROM "
                   "daily d JOIN accounts a ON a.id = d.account WHERE "
                   "d.count > 0 AND d.day >= ?1 AND d.day < ?2 GROUP BY "
                   "d.account, d.category",
                   err);
    if (!rows)
        return false;
    sqlite3_bind_int(rows, 1, seed->day);
    sqlite3_bind_int(rows, 2, to);
    while ((code = sqlite3_step(rows)) == SQLITE_ROW)
        take_use(seed, rows);
    seed->day = to;
    return finish(seed, rows, code, err);
}

/* ---- the days that are judged ---- */

static void take_sum(struct seed *seed, sqlite3_stmt *row)
{
    struct account_state *account = find(seed, text(row, 0));
    const char *person = text(row, 3);
    struct event event = {.category = (enum category)(
                              sqlite3_column_int(row, 1) % CATEGORY_COUNT),
                          .seq = (uint64_t)sqlite3_column_int64(row, 4)};
    struct moment moment = {.event = &event,
                            .day = seed->day,
                            .person = person ? people_key(person) : 0,
                            .person_id = person,
                            .meaningful = event.category != CATEGORY_OTHER};
    int count = sqlite3_column_int(row, 2);

    for (int i = 0; account && i < count && i < ROW_MOST; i++)
        account_learn(account, &moment);
}

static bool take_sums(struct seed *seed, struct err *err)
{
    sqlite3_stmt *rows =
        prepare(seed,
                "SELECT a.key, d.category, d.count, p.key, p.last_seq FROM "
                "daily d JOIN accounts a ON a.id = d.account LEFT JOIN "
                "persons p ON p.id = d.person WHERE d.day = ?1 AND d.count > "
                "0",
                err);
    int code;

    if (!rows)
        return false;
    sqlite3_bind_int(rows, 1, seed->day);
    while ((code = sqlite3_step(rows)) == SQLITE_ROW)
        take_sum(seed, rows);
    return finish(seed, rows, code, err);
}

static void judge_missing(struct seed *seed, struct day_end *end)
{
    for (size_t i = 0; i < seed->count; i++) {
        struct account_state *account = seed->missing[i];

        if (account->first != NO_DAY && account->first <= end->day)
            account_relive(seed->engine, account, end);
    }
}

static bool judge_day(struct seed *seed, struct err *err)
{
    struct day_end end = {.day = seed->day,
                          .at = engine_day_start(seed->engine, seed->day + 1)};
    sqlite3_stmt *tick =
        prepare(seed, "SELECT min(seq) FROM ticks WHERE at >= ?1", err);
    int code;

    if (!tick)
        return false;
    sqlite3_bind_int64(tick, 1, end.at);
    code = sqlite3_step(tick);
    if (code == SQLITE_ROW)
        end.seq = (uint64_t)sqlite3_column_int64(tick, 0);
    if (!finish(seed, tick, code == SQLITE_ROW ? SQLITE_DONE : code, err))
        return false;
    if (seed->bookless)
        engine_end_day(seed->engine, &end);
    else
        judge_missing(seed, &end);
    engine_clear(seed->engine);
    return true;
}

static bool take_day(struct seed *seed, struct err *err)
{
    if (seed->day < seed->done - SEED_DAYS)
        seed->day = seed->done - SEED_DAYS;
    seed->more = false;
    if (seed->day > seed->done)
        return true;
    if (!take_sums(seed, err) ||
        (seed->day > seed->done - DAYS && !judge_day(seed, err)))
        return false;
    seed->more = ++seed->day <= seed->done;
    return true;
}

/* ---- the day that has not ended ---- */

/* Nothing of it has a lower seq, nor comes so late that it does not count. */
static bool find_today(struct seed *seed, struct err *err)
{
    int64_t start = engine_day_start(seed->engine, seed->done + 1);
    sqlite3_stmt *row = prepare(seed,
                                "SELECT min(first_seq) FROM hours WHERE hour "
                                ">= ?1 AND hour < ?2 AND events > 0",
                                err);
    int64_t first;
    bool ok;

    seed->more = false;
    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, start / CLOCK_HOUR_MS);
    sqlite3_bind_int64(row, 2, start / CLOCK_HOUR_MS + TODAY_HOURS);
    ok = sqlite3_step(row) == SQLITE_ROW;
    first = ok ? sqlite3_column_int64(row, 0) : 0;
    if (!first)
        seed->phase = SEED_PHASES;
    seed->after = (uint64_t)first - 1;
    return finish(seed, row, ok ? SQLITE_DONE : SQLITE_ERROR, err);
}

/* Later days are of a clock that was ahead. */
static void take_event(struct seed *seed, const struct event *event)
{
    struct engine *engine = seed->engine;
    int32_t day = engine_day(engine, event_time(event));

    seed->after = event->seq;
    if (event->seq > seed->seq)
        seed->more = false;
    else if (day > seed->done && day <= seed->done + 2 &&
             find(seed, event->account.id))
        engine_event(engine, event);
}

static bool take_today(struct seed *seed, struct err *err)
{
    struct reader_range range = {.after = seed->after, .no_bodies = true};
    struct event_batch *batch = event_batch_new();
    bool ok = reader_page(seed->reader, &range, batch, &seed->more, err);

    for (size_t i = 0; ok && i < batch->count; i++)
        take_event(seed, &batch->events[i]);
    event_batch_free(batch);
    engine_clear(seed->engine);
    return ok;
}

/* ---- a clock that was behind ---- */

/* One tick may be of a clock that was ahead. */
bool seed_is_due(struct engine *engine, struct journal_reader *reader,
                 uint64_t seq, int64_t at, bool *due, struct err *err)
{
    struct seed seed = {.reader = reader};
    int32_t today = engine_day(engine, at);
    sqlite3_stmt *row;
    int code;

    *due = false;
    if (engine->done == NO_DAY || today <= engine->done + 2)
        return true;
    row = prepare(&seed,
                  "SELECT count(*) > 1 FROM ticks WHERE seq < ?1 AND at >= ?2 "
                  "AND at <= ?3",
                  err);
    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, (sqlite3_int64)seq);
    sqlite3_bind_int64(row, 2, engine_day_start(engine, engine->done + 2));
    sqlite3_bind_int64(row, 3, at);
    code = sqlite3_step(row);
    *due = code == SQLITE_ROW && sqlite3_column_int(row, 0);
    return finish(&seed, row, code == SQLITE_ROW ? SQLITE_DONE : code, err);
}

/* ---- all of it ---- */

static bool (*const phases[])(struct seed *seed, struct err *err) = {
    begin, take_uses, take_day, find_today, take_today,
};
_Static_assert(sizeof phases / sizeof *phases == SEED_PHASES,
               "a function a phase");

struct seed *seed_new(struct engine *engine, uint64_t seq)
{
    struct seed *seed = xcalloc(1, sizeof *seed);

    seed->engine = engine;
    seed->seq = seq;
    return seed;
}

void seed_free(struct seed *seed)
{
    if (!seed)
        return;
    free(seed->missing);
    free(seed);
}

enum reader_step seed_slice(struct seed *seed, struct journal_reader *reader,
                            struct err *err)
{
    seed->reader = reader;
    if (!phases[seed->phase](seed, err))
        return READER_FAILED;
    if (!seed->more)
        seed->phase++;
    if (seed->phase < SEED_PHASES)
        return READER_AGAIN;
    engine_clear(seed->engine);
    return READER_DONE;
}
