/* Writes and reads locators, chooses the events for one, and compares one with
 * the journal here. What follows from that is the feed's. */
#include "journal/locator.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "journal/db.h"

#include "base/banned.h"

#define DIGITS 18
#define BACK 14   /* steps back, each twice as far as the one before … */
#define SPREAD 10 /* … and so many more over all */

/* ---- as text ---- */

/* *at moves behind it; false: there is none, or it is too long. */
static bool read_number(const char **at, uint64_t *out)
{
    size_t len = strspn(*at, "0123456789");

    if (!len || len > DIGITS)
        return false;
    *out = strtoull(*at, NULL, 10);
    *at += len;
    return true;
}

static bool read_one(const char **at, struct locator_point *out)
{
    size_t len;
    uint64_t ms;

    *out = (struct locator_point){0};
    if (!read_number(at, &out->seq) || !out->seq || *(*at)++ != ':')
        return false;
    len = strcspn(*at, ",");
    out->has_uuid = uuid_parse(*at, len, &out->uuid);
    if (out->has_uuid) {
        *at += len;
        return true;
    }
    if (!read_number(at, &ms))
        return false;
    out->received_at = (int64_t)ms;
    return **at == '\0' || **at == ',';
}

bool locator_read(const char *text, struct locator *out, struct err *err)
{
    const char *at = text;

    out->count = 0;
    do {
        struct locator_point *point = &out->list[out->count];
        const char *begin = at;

        if (out->count == LIMIT_LOCATOR)
            return err_set(err, "at has more than %d places", LIMIT_LOCATOR);
        if (!read_one(&at, point))
            return err_set(err,
                           "at is SEQ:UUID,…, or SEQ:MS of an event without "
                           "a uuid, received then: not \"%.60s\"",
                           begin);
        if (out->count && point->seq >= point[-1].seq)
            return err_set(err, "at goes from the highest seq to the lowest");
        out->count++;
    } while (*at++ == ',');
    return true;
}

void locator_write(const struct locator *points, struct buf *out)
{
    for (size_t i = 0; i < points->count; i++) {
        const struct locator_point *point = &points->list[i];
        char id[UUID_TEXT_SIZE];

        buf_addf(out, "%s%" PRIu64 ":", i ? "," : "", point->seq);
        if (point->has_uuid) {
            uuid_format(&point->uuid, id);
            buf_adds(out, id);
        } else {
            buf_addf(out, "%" PRId64, point->received_at);
        }
    }
}

/* ---- of what was kept ---- */

static void read_row(sqlite3_stmt *row, struct locator_point *out)
{
    *out =
        (struct locator_point){.seq = (uint64_t)sqlite3_column_int64(row, 0),
                               .has_uuid = sqlite3_column_bytes(row, 1) ==
                                           sizeof out->uuid.bytes,
                               .received_at = sqlite3_column_int64(row, 2)};
    if (out->has_uuid)
        memcpy(out->uuid.bytes, sqlite3_column_blob(row, 1),
               sizeof out->uuid.bytes);
}

/* The highest above ?2 and up to upto. */
static bool find_one(sqlite3_stmt *row, uint64_t upto,
                     struct locator_point *out, bool *found, struct err *err)
{
    int code;

    sqlite3_bind_int64(row, 3, (sqlite3_int64)upto);
    code = sqlite3_step(row);
    *found = code == SQLITE_ROW;
    if (*found)
        read_row(row, out);
    else if (code != SQLITE_DONE)
        db_fail(sqlite3_db_handle(row), err, "the locator");
    sqlite3_reset(row);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

static int is_lower(const void *a, const void *b)
{
    const uint64_t *one = a, *other = b;

    return (*one < *other) - (*one > *other);
}

/* Which numbers would be good, between two of them; the highest first. */
static size_t choose(uint64_t above, uint64_t last,
                     uint64_t wanted[BACK + SPREAD])
{
    uint64_t span = last - above;
    size_t count = 0;

    for (int i = 0; i < BACK; i++) {
        uint64_t back = i ? UINT64_C(1) << (i - 1) : 0;

        if (back < span)
            wanted[count++] = last - back;
    }
    for (uint64_t i = 1; i <= SPREAD; i++)
        if (span > SPREAD)
            wanted[count++] = above + span / (SPREAD + 1) * i;
    qsort(wanted, count, sizeof *wanted, is_lower);
    return count;
}

static bool find_each(sqlite3_stmt *row, uint64_t above, uint64_t below,
                      struct locator *out, struct err *err)
{
    uint64_t wanted[BACK + SPREAD];
    struct locator_point last;
    size_t count;
    bool found;

    if (!find_one(row, below - 1, &last, &found, err))
        return false;
    count = found ? choose(above, last.seq, wanted) : 0;
    for (size_t i = 0; i < count; i++) {
        struct locator_point *point = &out->list[out->count];

        if (out->count && wanted[i] >= point[-1].seq)
            continue;
        if (!find_one(row, wanted[i], point, &found, err))
            return false;
        if (!found)
            break;
        out->count++;
    }
    return true;
}

/* As many as there are, and no more. */
static bool is_all(sqlite3 *db, const struct uuid *there, uint64_t above,
                   uint64_t below, size_t count, bool *all, struct err *err)
{
    sqlite3_stmt *row = db_prepare(
        db,
        "SELECT count(*) FROM (SELECT 1 FROM events WHERE origin = (SELECT id "
        "FROM origins WHERE journal = ?1) AND origin_seq > ?2 AND origin_seq "
        "< ?3 LIMIT ?4)",
        false, err);
    int code;

    if (!row)
        return false;
    sqlite3_bind_blob(row, 1, there->bytes, sizeof there->bytes,
                      SQLITE_STATIC);
    sqlite3_bind_int64(row, 2, (sqlite3_int64)above);
    sqlite3_bind_int64(row, 3, (sqlite3_int64)below);
    sqlite3_bind_int64(row, 4, (sqlite3_int64)count + 1);
    code = sqlite3_step(row);
    *all = code == SQLITE_ROW && (size_t)sqlite3_column_int64(row, 0) <= count;
    return db_end(row, code, err);
}

bool locator_find(sqlite3 *db, const struct uuid *there, uint64_t above,
                  uint64_t below, struct locator *out, bool *all,
                  struct err *err)
{
    sqlite3_stmt *row = db_prepare(
        db,
        "SELECT origin_seq, uuid, received_at FROM events WHERE origin = "
        "(SELECT id FROM origins WHERE journal = ?1) AND origin_seq > ?2 AND "
        "origin_seq <= ?3 AND (uuid IS NOT NULL OR received_at >= 0) ORDER BY "
        "origin_seq DESC LIMIT 1",
        false, err);
    bool ok;

    out->count = 0;
    *all = true;
    if (!row)
        return false;
    sqlite3_bind_blob(row, 1, there->bytes, sizeof there->bytes,
                      SQLITE_STATIC);
    sqlite3_bind_int64(row, 2, (sqlite3_int64)above);
    ok = below <= above + 1 || find_each(row, above, below, out, err);
    sqlite3_finalize(row);
    return ok && is_all(db, there, above, below, out->count, all, err);
}

/* ---- held against our own ---- */

enum verdict { NOTHING, SAME, OTHER };

static enum verdict compare(const struct locator_point *point,
                            const struct locator_point *ours)
{
    if (point->has_uuid != ours->has_uuid)
        return OTHER;
    if (point->has_uuid)
        return uuid_equal(&point->uuid, &ours->uuid) ? SAME : OTHER;
    return point->received_at == ours->received_at ? SAME : OTHER;
}

/* A tick has a seq of its own, like an event. */
static bool judge_one(sqlite3_stmt *row, const struct locator_point *point,
                      enum verdict *out, struct err *err)
{
    struct locator_point ours;
    int code;

    sqlite3_bind_int64(row, 1, (sqlite3_int64)point->seq);
    code = sqlite3_step(row);
    *out = NOTHING;
    if (code == SQLITE_ROW && sqlite3_column_int(row, 3)) {
        *out = OTHER;
    } else if (code == SQLITE_ROW) {
        read_row(row, &ours);
        *out = compare(point, &ours);
    } else if (code != SQLITE_DONE) {
        db_fail(sqlite3_db_handle(row), err, "the locator");
    }
    sqlite3_reset(row);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

bool locator_judge(sqlite3 *db, const struct locator *points,
                   struct locator_fork *out, struct err *err)
{
    sqlite3_stmt *row = db_prepare(
        db,
        "SELECT seq, uuid, received_at, 0 FROM events WHERE seq = ?1 UNION "
        "ALL SELECT seq, NULL, 0, 1 FROM ticks WHERE seq = ?1",
        false, err);
    bool ok = row != NULL;

    *out = (struct locator_fork){0};
    for (size_t i = 0; ok && i < points->count; i++) {
        enum verdict verdict;

        ok = judge_one(row, &points->list[i], &verdict, err);
        if (ok && verdict == OTHER)
            *out = (struct locator_fork){.from = points->list[i].seq};
        else if (ok && verdict == SAME && !out->upto)
            out->upto = points->list[i].seq;
    }
    if (!out->from)
        out->upto = 0;
    sqlite3_finalize(row);
    return ok;
}
