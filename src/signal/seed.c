/* What is known of an account is gone, since somebody of it was forgotten or
 * another make of the program wrote it: it is learnt again from `daily`, day by
 * day, each judged as it was then, and from the events of the day that has not
 * ended. What is concluded meanwhile was said already, or is old: it is
 * dropped. Sums do not say which event it was: pages that were read count as
 * work, and what rests event by event (a payment that failed) may be said once
 * more. */
#include "signal/seed.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "journal/db.h"
#include "journal/reader.h"
#include "signal/internal.h"

#include "base/banned.h"

#define HOUR_MS INT64_C(3600000)
/* Those that are judged, and as many before them, to compare with. */
#define SEED_DAYS (2 * DAYS)
#define ROW_MOST 1000 /* events of one row that are gone through */

struct seeding {
    struct engine *engine;
    struct journal_reader *reader;
    struct account_state **missing;
    size_t count;
    uint64_t seq;
    bool bookless; /* nothing is known of the book either */
};

static sqlite3_stmt *prepare(const struct seeding *seeding, const char *sql,
                             struct err *err)
{
    return db_prepare(reader_db(seeding->reader), sql, false, err);
}

/* The end of a statement that gave rows. */
static bool finish(const struct seeding *seeding, sqlite3_stmt *rows, int code,
                   struct err *err)
{
    sqlite3_finalize(rows);
    return code == SQLITE_DONE ||
           db_fail(reader_db(seeding->reader), err, "signals");
}

static const char *text(sqlite3_stmt *row, int column)
{
    return (const char *)sqlite3_column_text(row, column);
}

static struct account_state *find(const struct seeding *seeding,
                                  const char *key)
{
    for (size_t i = 0; key && i < seeding->count; i++)
        if (!strcmp(seeding->missing[i]->id, key))
            return seeding->missing[i];
    return NULL;
}

/* ---- who is missing ---- */

static void note_account(struct seeding *seeding, const char *key, bool listed)
{
    struct engine *engine = seeding->engine;
    struct account_state *account;

    if (listed && !engine->book)
        engine->book = engine->dirty = true;
    if (engine->book && !listed)
        return;
    account = engine_account(engine, key);
    if (!account || account->first != NO_DAY)
        return;
    account->listed = listed;
    seeding->missing = xreallocarray(seeding->missing, seeding->count + 1,
                                     sizeof(struct account_state *));
    seeding->missing[seeding->count++] = account;
}

static bool find_missing(struct seeding *seeding, struct err *err)
{
    sqlite3_stmt *rows =
        prepare(seeding,
                "SELECT key, listed FROM accounts WHERE first_seq <= ?1 "
                "ORDER BY listed DESC, id",
                err);
    int code;

    if (!rows)
        return false;
    sqlite3_bind_int64(rows, 1, (sqlite3_int64)seeding->seq);
    while ((code = sqlite3_step(rows)) == SQLITE_ROW)
        note_account(seeding, text(rows, 0), sqlite3_column_int(rows, 1));
    return finish(seeding, rows, code, err);
}

/* Of an engine that knows nothing at all: by the last tick it heard. */
static bool find_done(struct seeding *seeding, struct err *err)
{
    struct engine *engine = seeding->engine;
    sqlite3_stmt *row;
    int code;

    if (engine->done != NO_DAY)
        return true;
    row = prepare(seeding,
                  "SELECT at FROM ticks WHERE seq <= ?1 ORDER BY seq DESC "
                  "LIMIT 1",
                  err);
    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, (sqlite3_int64)seeding->seq);
    code = sqlite3_step(row);
    if (code == SQLITE_ROW) {
        engine->done = engine_day(engine, sqlite3_column_int64(row, 0)) - 1;
        engine->dirty = seeding->bookless = true;
        code = SQLITE_DONE;
    }
    return finish(seeding, row, code, err);
}

/* ---- the days that ended ---- */

/* When each category was first and last used, however long ago. */
static void take_use(struct seeding *seeding, sqlite3_stmt *row)
{
    struct account_state *account = find(seeding, text(row, 0));
    int category = sqlite3_column_int(row, 1);
    int32_t first = sqlite3_column_int(row, 2);

    if (!account || category < 0 || category >= CATEGORY_COUNT)
        return;
    if (account->first == NO_DAY || first < account->first)
        account->first = first;
    account->dirty = true;
    account->uses[category].first = first;
    account->uses[category].last = sqlite3_column_int(row, 3);
}

static bool take_uses(struct seeding *seeding, struct err *err)
{
    sqlite3_stmt *rows =
        prepare(seeding,
                "SELECT a.key, d.category, min(d.day), max(d.day) FROM daily "
                "d JOIN accounts a ON a.id = d.account WHERE d.count > 0 AND "
                "d.day <= ?1 GROUP BY d.account, d.category",
                err);
    int code;

    if (!rows)
        return false;
    sqlite3_bind_int(rows, 1, seeding->engine->done);
    while ((code = sqlite3_step(rows)) == SQLITE_ROW)
        take_use(seeding, rows);
    return finish(seeding, rows, code, err);
}

static void take_sum(struct seeding *seeding, sqlite3_stmt *row, int32_t day)
{
    struct account_state *account = find(seeding, text(row, 1));
    const char *person = text(row, 4);
    struct event event = {.category = (enum category)(
                              sqlite3_column_int(row, 2) % CATEGORY_COUNT),
                          .seq = (uint64_t)sqlite3_column_int64(row, 5)};
    struct moment moment = {.event = &event,
                            .day = day,
                            .person = person ? people_key(person) : 0,
                            .person_id = person,
                            .meaningful = event.category != CATEGORY_OTHER};
    int count = sqlite3_column_int(row, 3);

    for (int i = 0; account && i < count && i < ROW_MOST; i++)
        account_learn(account, &moment);
}

static void judge_day(struct seeding *seeding, sqlite3_stmt *tick, int32_t day)
{
    struct engine *engine = seeding->engine;
    struct day_end end = {.day = day, .at = engine_day_start(engine, day + 1)};

    if (day <= engine->done - DAYS)
        return;
    sqlite3_reset(tick);
    sqlite3_bind_int64(tick, 1, end.at);
    if (sqlite3_step(tick) == SQLITE_ROW)
        end.seq = (uint64_t)sqlite3_column_int64(tick, 0);
    for (size_t i = 0; i < seeding->count; i++) {
        struct account_state *account = seeding->missing[i];

        if (account->first == NO_DAY || account->first > day)
            continue;
        end.ratio = 1;
        if (seeding->bookless)
            account_judge(engine, account, &end);
        else
            account_relive(engine, account, &end);
    }
}

static bool take_days(struct seeding *seeding, sqlite3_stmt *rows,
                      sqlite3_stmt *tick, struct err *err)
{
    int32_t day = seeding->engine->done - SEED_DAYS;
    int code;

    sqlite3_bind_int(rows, 1, day);
    sqlite3_bind_int(rows, 2, seeding->engine->done);
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        for (; day < sqlite3_column_int(rows, 0); day++)
            judge_day(seeding, tick, day);
        take_sum(seeding, rows, day);
    }
    for (; day <= seeding->engine->done; day++)
        judge_day(seeding, tick, day);
    return finish(seeding, rows, code, err);
}

static bool take_past(struct seeding *seeding, struct err *err)
{
    sqlite3_stmt *tick =
        prepare(seeding, "SELECT min(seq) FROM ticks WHERE at >= ?1", err);
    sqlite3_stmt *rows =
        tick ? prepare(seeding,
                       "SELECT d.day, a.key, d.category, d.count, p.key, "
                       "p.last_seq FROM daily d JOIN accounts a ON a.id = "
                       "d.account LEFT JOIN persons p ON p.id = d.person "
                       "WHERE d.day >= ?1 AND d.day <= ?2 AND d.count > 0 "
                       "ORDER BY d.day",
                       err)
             : NULL;
    bool ok = rows && take_days(seeding, rows, tick, err);

    sqlite3_finalize(tick);
    return ok;
}

/* ---- the day that has not ended ---- */

/* Nothing of it has a lower seq; 0: there is nothing. */
static bool first_of_day(struct seeding *seeding, int64_t *first,
                         struct err *err)
{
    int64_t start =
        engine_day_start(seeding->engine, seeding->engine->done + 1);
    sqlite3_stmt *row =
        prepare(seeding, "SELECT min(first_seq) FROM hours WHERE hour >= ?1",
                err);
    bool ok;

    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, start / HOUR_MS);
    ok = sqlite3_step(row) == SQLITE_ROW;
    *first = ok ? sqlite3_column_int64(row, 0) : 0;
    return finish(seeding, row, ok ? SQLITE_DONE : SQLITE_ERROR, err);
}

static bool take_page(struct seeding *seeding, struct reader_range *range,
                      bool *more, struct err *err)
{
    struct event_batch *batch = event_batch_new();
    struct engine *engine = seeding->engine;
    bool ok = reader_page(seeding->reader, range, batch, more, err);

    for (size_t i = 0; ok && i < batch->count; i++) {
        const struct event *event = &batch->events[i];

        range->after = event->seq;
        if (event->seq > seeding->seq)
            *more = false;
        else if (engine_day(engine, event_time(event)) > engine->done &&
                 find(seeding, event->account.id))
            engine_event(engine, event);
    }
    event_batch_free(batch);
    return ok;
}

static bool take_today(struct seeding *seeding, struct err *err)
{
    struct reader_range range = {.no_bodies = true};
    int64_t first;
    bool more = true;

    if (!first_of_day(seeding, &first, err))
        return false;
    if (!first)
        return true;
    range.after = (uint64_t)first - 1;
    while (more)
        if (!take_page(seeding, &range, &more, err))
            return false;
    return true;
}

bool seed_missing(struct engine *engine, struct journal_reader *reader,
                  uint64_t seq, struct err *err)
{
    struct seeding seeding = {.engine = engine, .reader = reader, .seq = seq};
    bool ok = find_missing(&seeding, err) &&
              (!seeding.count ||
               (find_done(&seeding, err) &&
                (engine->done == NO_DAY ||
                 (take_uses(&seeding, err) && take_past(&seeding, err) &&
                  take_today(&seeding, err)))));

    engine_clear(engine);
    free(seeding.missing);
    return ok;
}
