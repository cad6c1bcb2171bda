/* Asking a journal. Every call is one short read transaction of its own, so a
 * reader never keeps the log from being copied. How a row becomes an event is
 * event_row.c's, the order of time timeline.c's. */
#include "journal/reader.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "journal/db.h"
#include "journal/event_row.h"
#include "journal/evidence.h"
#include "journal/timeline.h"

#include "base/banned.h"

#define LIGHT "SELECT " ROW_COLUMNS "FROM events e " ROW_JOINS
#define WHOLE "SELECT " ROW_COLUMNS_BODY "FROM events e " ROW_JOINS_BODY
#define RANGE "WHERE e.seq > ?1 AND e.seq < ?2 "

enum statement {
    PAGE_UP,
    PAGE_DOWN,
    PAGE_UP_BODIES,
    PAGE_DOWN_BODIES,
    ONE_EVENT,
    LAST_SEQ,
    VERSION,
    TOTALS,
    STATEMENT_COUNT
};

static const char *const statements_sql[STATEMENT_COUNT] = {
    [PAGE_UP] = LIGHT RANGE "ORDER BY e.seq",
    [PAGE_DOWN] = LIGHT RANGE "ORDER BY e.seq DESC",
    [PAGE_UP_BODIES] = WHOLE RANGE "ORDER BY e.seq",
    [PAGE_DOWN_BODIES] = WHOLE RANGE "ORDER BY e.seq DESC",
    [ONE_EVENT] = WHOLE "WHERE e.seq = ?1",
    [LAST_SEQ] = "SELECT value FROM meta WHERE key = 'seq'",
    [VERSION] = "PRAGMA data_version",
    [TOTALS] =
        "SELECT coalesce(sum(events), 0), coalesce(sum(hidden), 0), "
        "min(first_at) FILTER (WHERE events > 0), "
        "max(last_at) FILTER (WHERE events > 0), "
        "(SELECT count(*) FROM accounts), (SELECT count(*) FROM persons), "
        "(SELECT count(*) FROM rejects), coalesce((SELECT value FROM "
        "counters WHERE name = 'forgotten'), 0) FROM hours",
};

struct journal_reader {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    struct uuid id;
    struct event *rows;        /* one page, before it goes into the batch */
    struct timeline *timeline; /* NULL: nobody walked yet */
    struct evidence evidence;
};

struct journal_reader *reader_open(const char *path, struct err *err)
{
    struct journal_reader *reader;
    sqlite3 *db = db_open_reader(path, err);
    bool ok = true;

    if (!db)
        return NULL;
    reader = xcalloc(1, sizeof *reader);
    reader->db = db;
    reader->rows = xcalloc(LIMIT_PAGE_ROWS, sizeof *reader->rows);
    for (int i = 0; ok && i < STATEMENT_COUNT; i++) {
        reader->statements[i] = db_prepare(db, statements_sql[i], true, err);
        ok = reader->statements[i] != NULL;
    }
    if (ok && db_meta_uuid(db, "id", &reader->id, err))
        return reader;
    reader_close(reader);
    return NULL;
}

void reader_close(struct journal_reader *reader)
{
    if (!reader)
        return;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(reader->statements[i]);
    timeline_free(reader->timeline);
    evidence_free(&reader->evidence);
    db_close(reader->db);
    free(reader->rows);
    free(reader);
}

const struct uuid *reader_journal_id(const struct journal_reader *reader)
{
    return &reader->id;
}

sqlite3 *reader_db(struct journal_reader *reader)
{
    return reader->db;
}

static sqlite3_stmt *page_statement(struct journal_reader *reader,
                                    const struct reader_range *range)
{
    if (range->no_bodies)
        return reader->statements[range->newest_first ? PAGE_DOWN : PAGE_UP];
    return reader
        ->statements[range->newest_first ? PAGE_DOWN_BODIES : PAGE_UP_BODIES];
}

static int64_t bound(uint64_t seq)
{
    return seq > INT64_MAX ? INT64_MAX : (int64_t)seq;
}

bool reader_page(struct journal_reader *reader,
                 const struct reader_range *range, struct event_batch *batch,
                 bool *more, struct err *err)
{
    sqlite3_stmt *page = page_statement(reader, range);
    size_t limit = range->limit, count = 0, bytes = 0;
    size_t most = range->bytes ? range->bytes : LIMIT_PAGE_BYTES;
    int result;

    if (!limit || limit > LIMIT_PAGE_ROWS)
        limit = LIMIT_PAGE_ROWS;
    sqlite3_bind_int64(page, 1, bound(range->after));
    sqlite3_bind_int64(page, 2,
                       range->before ? bound(range->before) : INT64_MAX);
    while ((result = sqlite3_step(page)) == SQLITE_ROW && count < limit &&
           bytes < most) {
        event_row_read(page, &reader->id, &batch->arena, &reader->rows[count]);
        bytes += reader->rows[count++].raw_len;
    }
    if (more)
        *more = result == SQLITE_ROW;
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        db_fail(reader->db, err, "cannot read the journal");
    sqlite3_reset(page);
    evidence_refresh(&reader->evidence, reader->db);
    evidence_mark(&reader->evidence, reader->rows, count);
    event_rows_add(batch, reader->rows, count);
    return result == SQLITE_ROW || result == SQLITE_DONE;
}

bool reader_walk(struct journal_reader *reader, struct reader_walk *walk,
                 struct event_batch *batch, bool *more, struct err *err)
{
    size_t had = batch->count;

    *more = false;
    if (!walk->upto && !reader_last_seq(reader, &walk->upto, err))
        return false;
    if (!reader->timeline)
        reader->timeline = timeline_new(reader->db, &reader->id, err);
    if (!reader->timeline ||
        !timeline_page(reader->timeline, walk, batch, more, err))
        return false;
    evidence_refresh(&reader->evidence, reader->db);
    if (batch->count > had)
        evidence_mark(&reader->evidence, batch->events + had,
                      batch->count - had);
    return true;
}

bool reader_event(struct journal_reader *reader, uint64_t seq,
                  struct event_batch *batch, struct err *err)
{
    sqlite3_stmt *one = reader->statements[ONE_EVENT];
    int result;

    err_set(err, "%s", "");
    sqlite3_bind_int64(one, 1, bound(seq));
    result = sqlite3_step(one);
    if (result == SQLITE_ROW) {
        event_row_read(one, &reader->id, &batch->arena, &reader->rows[0]);
        evidence_mark(&reader->evidence, reader->rows, 1);
        event_rows_add(batch, reader->rows, 1);
    } else if (result != SQLITE_DONE) {
        db_fail(reader->db, err, "cannot read the journal");
    }
    sqlite3_reset(one);
    return result == SQLITE_ROW;
}

/* One number from a statement without parameters. */
static bool read_number(struct journal_reader *reader, enum statement which,
                        int64_t *out, struct err *err)
{
    sqlite3_stmt *statement = reader->statements[which];
    bool ok = sqlite3_step(statement) == SQLITE_ROW;

    if (ok)
        *out = sqlite3_column_int64(statement, 0);
    else
        db_fail(reader->db, err, "cannot read the journal");
    sqlite3_reset(statement);
    return ok;
}

bool reader_last_seq(struct journal_reader *reader, uint64_t *seq,
                     struct err *err)
{
    int64_t value;

    if (!read_number(reader, LAST_SEQ, &value, err))
        return false;
    *seq = (uint64_t)value;
    return true;
}

/* The hours know: no event of one lies before its first seq. */
bool reader_since(struct journal_reader *reader, int64_t since_ms,
                  uint64_t *after, struct err *err)
{
    sqlite3_stmt *row =
        db_prepare(reader->db,
                   "SELECT min(first_seq) FROM hours WHERE hour >= ?", false,
                   err);
    int result;

    *after = UINT64_MAX;
    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, since_ms / CLOCK_HOUR_MS);
    result = sqlite3_step(row);
    if (result != SQLITE_ROW)
        db_fail(reader->db, err, "the journal");
    else if (sqlite3_column_type(row, 0) == SQLITE_INTEGER)
        *after = (uint64_t)sqlite3_column_int64(row, 0) - 1;
    sqlite3_finalize(row);
    return result == SQLITE_ROW &&
           (*after != UINT64_MAX || reader_last_seq(reader, after, err));
}

bool reader_version(struct journal_reader *reader, int64_t *version,
                    struct err *err)
{
    return read_number(reader, VERSION, version, err);
}

bool reader_totals(struct journal_reader *reader, struct reader_totals *totals,
                   struct err *err)
{
    sqlite3_stmt *sum = reader->statements[TOTALS];
    bool ok = sqlite3_step(sum) == SQLITE_ROW;

    if (!ok) {
        db_fail(reader->db, err, "cannot read the journal");
        sqlite3_reset(sum);
        return false;
    }
    *totals =
        (struct reader_totals){.first_ms = CLOCK_NONE, .last_ms = CLOCK_NONE};
    totals->events = (uint64_t)sqlite3_column_int64(sum, 0);
    totals->hidden = (uint64_t)sqlite3_column_int64(sum, 1);
    if (totals->events) {
        totals->first_ms = sqlite3_column_int64(sum, 2);
        totals->last_ms = sqlite3_column_int64(sum, 3);
    }
    totals->accounts = (uint64_t)sqlite3_column_int64(sum, 4);
    totals->persons = (uint64_t)sqlite3_column_int64(sum, 5);
    totals->rejects = (uint64_t)sqlite3_column_int64(sum, 6);
    totals->forgotten = (uint64_t)sqlite3_column_int64(sum, 7);
    sqlite3_reset(sum);
    return true;
}
