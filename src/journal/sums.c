/* Sums of a group: one small table of rows for every table that keeps sums,
 * told apart by kind. */
#include "journal/sums.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "journal/db.h"
#include "journal/zone.h"

#include "base/banned.h"

/* A busy person's row is written once in this time, not in every group. */
#define RECENT_MS 60000
#define RECENT ((size_t)4096) /* a power of two */

enum kind { KIND_DAILY, KIND_HOUR, KIND_ACCOUNT, KIND_PERSON, KIND_COUNT };

static const char *const statements_sql[KIND_COUNT] = {
    [KIND_DAILY] =
        "INSERT INTO daily (account, person, category, day, count, hidden) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
        "ON CONFLICT DO UPDATE SET count = count + excluded.count, "
        "hidden = hidden + excluded.hidden",
    [KIND_HOUR] =
        "INSERT INTO hours (hour, events, hidden, first_seq, first_at, "
        "last_at) VALUES (?1, ?5 + ?6, ?6, ?7, ?9, ?10) "
        "ON CONFLICT DO UPDATE SET events = events + excluded.events, "
        "hidden = hidden + excluded.hidden, "
        "first_seq = min(first_seq, excluded.first_seq), "
        "first_at = min(first_at, excluded.first_at), "
        "last_at = max(last_at, excluded.last_at)",
    [KIND_ACCOUNT] =
        "UPDATE accounts SET name = coalesce(?11, name), listed = ?12, "
        "first_at = coalesce(min(first_at, ?9), first_at, ?9), "
        "last_at = coalesce(max(last_at, ?10), last_at, ?10), "
        "first_seq = coalesce(first_seq, ?7), last_seq = ?8 WHERE id = ?1",
    [KIND_PERSON] =
        "UPDATE persons SET name = coalesce(?11, name), "
        "email = coalesce(?12, email), "
        "first_at = coalesce(min(first_at, ?9), first_at, ?9), "
        "last_at = coalesce(max(last_at, ?10), last_at, ?10), "
        "first_seq = coalesce(first_seq, ?7), last_seq = ?8 WHERE id = ?1",
};

struct sum {
    enum kind kind;
    int64_t key[4];
    int64_t count, hidden; /* visible and hidden events */
    uint64_t first_seq, last_seq;
    int64_t first_at, last_at;
    const struct event *newest; /* that came last */
};

/* A person whose row was written lately, and what it says. */
struct recent {
    int64_t person, at;
    uint64_t names;
};

struct sums {
    sqlite3_stmt *statements[KIND_COUNT];
    struct sum *rows;
    size_t count, room;
    uint32_t *slots;   /* 1 + index into rows; 0: free */
    size_t slot_count; /* a power of two */
    int32_t day;       /* of the times in [day_from, day_to) */
    int64_t day_from, day_to;
    const struct zone_days *days;
    struct recent recent[RECENT];
};

struct sums *sums_new(sqlite3 *db, struct err *err)
{
    struct sums *sums = xcalloc(1, sizeof *sums);

    sums->room = 256;
    sums->rows = xcalloc(sums->room, sizeof *sums->rows);
    sums->slot_count = 1024;
    sums->slots = xcalloc(sums->slot_count, sizeof *sums->slots);
    for (int i = 0; i < KIND_COUNT; i++) {
        sums->statements[i] = db_prepare(db, statements_sql[i], true, err);
        if (!sums->statements[i]) {
            sums_free(sums);
            return NULL;
        }
    }
    return sums;
}

void sums_free(struct sums *sums)
{
    if (!sums)
        return;
    for (int i = 0; i < KIND_COUNT; i++)
        sqlite3_finalize(sums->statements[i]);
    free(sums->rows);
    free(sums->slots);
    free(sums);
}

void sums_set_days(struct sums *sums, const struct zone_days *days)
{
    sums->days = days;
    sums->day_from = sums->day_to = 0;
}

static void clear(struct sums *sums)
{
    if (!sums->count)
        return;
    sums->count = 0;
    memset(sums->slots, 0, sums->slot_count * sizeof *sums->slots);
}

void sums_forget(struct sums *sums)
{
    memset(sums->recent, 0, sizeof sums->recent);
    clear(sums);
}

static size_t slot_of(const struct sums *sums, enum kind kind,
                      const int64_t key[4])
{
    uint64_t hash = (uint64_t)kind + 1;
    size_t at;

    for (int i = 0; i < 4; i++)
        hash = (hash ^ (uint64_t)key[i]) * UINT64_C(0x9e3779b97f4a7c15);
    at = (size_t)(hash >> 20) & (sums->slot_count - 1);
    for (; sums->slots[at]; at = (at + 1) & (sums->slot_count - 1)) {
        const struct sum *row = &sums->rows[sums->slots[at] - 1];

        if (row->kind == kind && !memcmp(row->key, key, sizeof row->key))
            break;
    }
    return at;
}

static void grow(struct sums *sums)
{
    sums->room *= 2;
    sums->rows = xreallocarray(sums->rows, sums->room, sizeof *sums->rows);
    sums->slot_count = sums->room * 4;
    free(sums->slots);
    sums->slots = xcalloc(sums->slot_count, sizeof *sums->slots);
    for (size_t i = 0; i < sums->count; i++) {
        const struct sum *row = &sums->rows[i];

        sums->slots[slot_of(sums, row->kind, row->key)] = (uint32_t)i + 1;
    }
}

static void widen(struct sum *row, int64_t at)
{
    if (row->first_at == CLOCK_NONE || at < row->first_at)
        row->first_at = at;
    if (row->last_at == CLOCK_NONE || at > row->last_at)
        row->last_at = at;
}

/* Accounts and people are not seen by what is hidden; hours are. */
static void add(struct sums *sums, enum kind kind, const int64_t key[4],
                const struct event *event, int64_t at)
{
    size_t slot = slot_of(sums, kind, key);
    struct sum *row;

    if (!sums->slots[slot]) {
        if (sums->count == sums->room) {
            grow(sums);
            slot = slot_of(sums, kind, key);
        }
        row = &sums->rows[sums->count++];
        *row = (struct sum){.kind = kind,
                            .first_seq = event->seq,
                            .first_at = CLOCK_NONE,
                            .last_at = CLOCK_NONE};
        memcpy(row->key, key, sizeof row->key);
        sums->slots[slot] = (uint32_t)sums->count;
    } else {
        row = &sums->rows[sums->slots[slot] - 1];
    }
    if (event->hidden == HIDDEN_NO)
        row->count++;
    else
        row->hidden++;
    row->last_seq = event->seq;
    if (event->hidden == HIDDEN_NO || kind == KIND_HOUR)
        widen(row, at);
    /* What a backfill brings is older than what we know already. */
    if (!row->newest || !(event->flags & EVENT_BACKFILLED))
        row->newest = event;
}

/* Asking the C library for the day of every event would cost more than the
 * rest of this file. */
static int32_t day_of(struct sums *sums, int64_t at)
{
    if (at < sums->day_from || at >= sums->day_to) {
        sums->day = zone_day(sums->days, at);
        sums->day_from = zone_day_start(sums->days, sums->day);
        sums->day_to = zone_day_start(sums->days, sums->day + 1);
    }
    return sums->day;
}

static uint64_t hash_name(uint64_t hash, const char *name)
{
    return hash_text(hash, name ? name : "") * 31 + 1;
}

/* False when the row of this person says all that matters already. */
static bool is_news(struct sums *sums, const struct event *event,
                    int64_t person, int64_t at)
{
    struct recent *recent = &sums->recent[(size_t)person & (RECENT - 1)];
    uint64_t names =
        hash_name(hash_name(1, event->person.name), event->person.email);

    if (event->hidden != HIDDEN_NO)
        return true; /* last_at stays behind: last_seq may not */
    if (recent->person == person && recent->names == names &&
        at >= recent->at && at < recent->at + RECENT_MS)
        return false;
    *recent = (struct recent){person, at, names};
    return true;
}

void sums_add(struct sums *sums, const struct event *event, int64_t account,
              int64_t person)
{
    int64_t at = event_time(event);

    add(sums, KIND_HOUR, (int64_t[4]){event->received_at / CLOCK_HOUR_MS},
        event, event->received_at);
    if (event_is_test(event->person.id))
        return;
    add(sums, KIND_DAILY,
        (int64_t[4]){account, person, (int64_t)event->category,
                     day_of(sums, at)},
        event, at);
    if (account)
        add(sums, KIND_ACCOUNT, (int64_t[4]){account}, event, at);
    if (person && is_news(sums, event, person, at))
        add(sums, KIND_PERSON, (int64_t[4]){person}, event, at);
}

/* Parameters mean the same in all four statements; SQLite ignores those
 * beyond the last one that a statement has. */
static void bind(sqlite3_stmt *statement, const struct sum *row)
{
    const struct event *newest = row->newest;
    bool live = !(newest->flags & EVENT_BACKFILLED);

    for (int i = 0; i < 4; i++)
        sqlite3_bind_int64(statement, 1 + i, row->key[i]);
    sqlite3_bind_int64(statement, 5, row->count);
    sqlite3_bind_int64(statement, 6, row->hidden);
    sqlite3_bind_int64(statement, 7, (int64_t)row->first_seq);
    sqlite3_bind_int64(statement, 8, (int64_t)row->last_seq);
    if (row->last_at != CLOCK_NONE) {
        sqlite3_bind_int64(statement, 9, row->first_at);
        sqlite3_bind_int64(statement, 10, row->last_at);
    }
    if (row->kind == KIND_ACCOUNT) {
        db_bind_text(statement, 11, live ? newest->account.name : NULL);
        sqlite3_bind_int(statement, 12, newest->account.listed);
    } else if (row->kind == KIND_PERSON) {
        db_bind_text(statement, 11, live ? newest->person.name : NULL);
        db_bind_text(statement, 12, live ? newest->person.email : NULL);
    }
}

bool sums_write(struct sums *sums, struct err *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < sums->count; i++) {
        sqlite3_stmt *statement = sums->statements[sums->rows[i].kind];

        bind(statement, &sums->rows[i]);
        ok = db_run(statement, err);
        sqlite3_clear_bindings(statement);
    }
    clear(sums);
    return ok;
}
