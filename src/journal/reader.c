/* Rows into events, the other way round than store.c. Every call is one
 * short read transaction of its own, so a reader never keeps the log from
 * being copied. */
#include "journal/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "journal/db.h"

#include "base/banned.h"

#define HOUR_MS 3600000

/* In the order of read_event(). */
#define COLUMNS                                                               \
    "e.seq, e.uuid, e.key, o.journal, e.origin_seq, e.occurred_at, "          \
    "e.received_at, n.text, e.category, e.tone, e.hidden, e.source, "         \
    "e.flags, i.account_key, i.account_name, i.listed, i.person_id, "         \
    "i.email, i.person_name, i.person_link, f.text, p.text, e.sentence, "     \
    "e.url, e.session, e.replay_link, e.event_link"
#define NO_BODY ", NULL, NULL, NULL "
#define BODY ", b.props_at, b.props_len, body_text(b.encoding, b.size, b.raw) "
#define FROM                                                                  \
    "FROM events e "                                                          \
    "LEFT JOIN identities i ON i.id = e.who "                                 \
    "LEFT JOIN texts n ON n.id = e.name "                                     \
    "LEFT JOIN texts f ON f.id = e.fold "                                     \
    "LEFT JOIN texts p ON p.id = e.project "                                  \
    "LEFT JOIN origins o ON o.id = e.origin "
#define FROM_BODIES FROM "LEFT JOIN bodies b ON b.seq = e.seq "
#define RANGE "WHERE e.seq > ?1 AND e.seq < ?2 AND e.received_at >= ?3 "

enum statement {
    PAGE_UP,
    PAGE_DOWN,
    PAGE_UP_BODIES,
    PAGE_DOWN_BODIES,
    ONE_EVENT,
    LAST_SEQ,
    VERSION,
    SINCE_SEQ,
    TOTALS,
    STATEMENT_COUNT
};

static const char *const statements_sql[STATEMENT_COUNT] = {
    [PAGE_UP] = "SELECT " COLUMNS NO_BODY FROM RANGE "ORDER BY e.seq",
    [PAGE_DOWN] = "SELECT " COLUMNS NO_BODY FROM RANGE "ORDER BY e.seq DESC",
    [PAGE_UP_BODIES] =
        "SELECT " COLUMNS BODY FROM_BODIES RANGE "ORDER BY e.seq",
    [PAGE_DOWN_BODIES] =
        "SELECT " COLUMNS BODY FROM_BODIES RANGE "ORDER BY e.seq DESC",
    [ONE_EVENT] = "SELECT " COLUMNS BODY FROM_BODIES "WHERE e.seq = ?1",
    [LAST_SEQ] = "SELECT value FROM meta WHERE key = 'seq'",
    [VERSION] = "PRAGMA data_version",
    [SINCE_SEQ] = "SELECT min(first_seq) FROM hours WHERE hour >= ?",
    [TOTALS] =
        "SELECT coalesce(sum(events), 0), coalesce(sum(hidden), 0), "
        "min(first_at) FILTER (WHERE events > 0), "
        "max(last_at) FILTER (WHERE events > 0), "
        "(SELECT count(*) FROM accounts), (SELECT count(*) FROM persons), "
        "(SELECT count(*) FROM rejects) FROM hours",
};

struct journal_reader {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    struct uuid id;
    struct event *rows; /* one page, before it goes into the batch */
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

/* A row, read from left to right. */
struct row {
    sqlite3_stmt *statement;
    struct arena *arena;
    int at;
};

static int64_t take_number(struct row *row)
{
    return sqlite3_column_int64(row->statement, row->at++);
}

static const char *take_text(struct row *row)
{
    const char *text =
        (const char *)sqlite3_column_text(row->statement, row->at);
    int len = sqlite3_column_bytes(row->statement, row->at++);

    return text ? arena_strndup(row->arena, text, (size_t)len) : NULL;
}

static bool take_uuid(struct row *row, struct uuid *uuid)
{
    const void *bytes = sqlite3_column_blob(row->statement, row->at);
    int len = sqlite3_column_bytes(row->statement, row->at++);

    if (!bytes || len != sizeof uuid->bytes)
        return false;
    memcpy(uuid->bytes, bytes, sizeof uuid->bytes);
    return true;
}

/* A number from the file as an enum: what lies outside is its zero. */
static unsigned take_enum(struct row *row, unsigned count)
{
    int64_t value = take_number(row);

    return value >= 0 && value < (int64_t)count ? (unsigned)value : 0;
}

static void take_body(struct row *row, struct event *event)
{
    size_t at = (size_t)take_number(row), len = (size_t)take_number(row);

    event->raw_len = (size_t)sqlite3_column_bytes(row->statement, row->at);
    event->raw = take_text(row);
    if (event->raw && at <= event->raw_len && len <= event->raw_len - at) {
        event->props_at = at;
        event->props_len = len;
    }
}

static void read_event(struct row *row, const struct uuid *journal_id,
                       struct event *event)
{
    *event = (struct event){.seq = (uint64_t)take_number(row)};
    event->has_uuid = take_uuid(row, &event->uuid);
    event->key = take_text(row);
    event->has_origin = take_uuid(row, &event->origin_id);
    event->origin_seq = (uint64_t)take_number(row);
    if (!event->has_origin) {
        event->origin_id = *journal_id;
        event->origin_seq = event->seq;
    }
    event->occurred_at = take_number(row);
    event->received_at = take_number(row);
    event->name = take_text(row);
    if (!event->name)
        event->name = "";
    event->category = (enum category)take_enum(row, CATEGORY_COUNT);
    event->tone = (enum tone)take_enum(row, TONE_COUNT);
    event->hidden = (enum hidden)take_enum(row, HIDDEN_COUNT);
    event->source = (enum source)take_enum(row, SOURCE_COUNT);
    event->flags = (unsigned)take_number(row);
    event->account.id = take_text(row);
    event->account.name = take_text(row);
    event->account.listed = take_number(row) != 0;
    event->person.id = take_text(row);
    event->person.email = take_text(row);
    event->person.name = take_text(row);
    event->links.person = take_text(row);
    event->fold = take_text(row);
    event->project_url = take_text(row);
    event->sentence = take_text(row);
    event->url = take_text(row);
    event->session_id = take_text(row);
    event->links.replay = take_text(row);
    event->links.event = take_text(row);
    take_body(row, event);
}

/* Puts count rows behind those the batch holds. */
static void add_rows(struct event_batch *batch, const struct event *rows,
                     size_t count)
{
    struct event *all;

    if (!count)
        return;
    all = arena_alloc(&batch->arena,
                      (batch->count + count) * sizeof *batch->events);
    if (batch->count)
        memcpy(all, batch->events, batch->count * sizeof *all);
    memcpy(all + batch->count, rows, count * sizeof *all);
    for (size_t i = 0; i < count; i++)
        batch->bytes += rows[i].raw_len;
    batch->events = all;
    batch->count += count;
}

/* Where a search for events since a time must begin. */
static bool first_seq_since(struct journal_reader *reader, int64_t since_ms,
                            uint64_t *after, struct err *err)
{
    sqlite3_stmt *find = reader->statements[SINCE_SEQ];
    uint64_t first;
    bool ok;

    sqlite3_bind_int64(find, 1, since_ms / HOUR_MS);
    ok = sqlite3_step(find) == SQLITE_ROW;
    if (ok && sqlite3_column_type(find, 0) == SQLITE_INTEGER) {
        first = (uint64_t)sqlite3_column_int64(find, 0);
        if (first && first - 1 > *after)
            *after = first - 1;
    } else if (ok) {
        *after = INT64_MAX; /* nothing came since */
    } else {
        db_fail(reader->db, err, "cannot read the journal");
    }
    sqlite3_reset(find);
    return ok;
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
    struct row row = {.statement = page, .arena = &batch->arena};
    size_t limit = range->limit, count = 0;
    uint64_t after = range->after;
    int result;

    if (!limit || limit > LIMIT_PAGE_ROWS)
        limit = LIMIT_PAGE_ROWS;
    if (range->since_ms > 0 &&
        !first_seq_since(reader, range->since_ms, &after, err))
        return false;
    sqlite3_bind_int64(page, 1, bound(after));
    sqlite3_bind_int64(page, 2,
                       range->before ? bound(range->before) : INT64_MAX);
    sqlite3_bind_int64(page, 3, range->since_ms ? range->since_ms : INT64_MIN);
    while ((result = sqlite3_step(page)) == SQLITE_ROW && count < limit) {
        row.at = 0;
        read_event(&row, &reader->id, &reader->rows[count++]);
    }
    if (more)
        *more = result == SQLITE_ROW;
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        db_fail(reader->db, err, "cannot read the journal");
    sqlite3_reset(page);
    add_rows(batch, reader->rows, count);
    return result == SQLITE_ROW || result == SQLITE_DONE;
}

bool reader_event(struct journal_reader *reader, uint64_t seq,
                  struct event_batch *batch, struct err *err)
{
    sqlite3_stmt *one = reader->statements[ONE_EVENT];
    struct row row = {.statement = one, .arena = &batch->arena};
    int result;

    err_set(err, "%s", "");
    sqlite3_bind_int64(one, 1, bound(seq));
    result = sqlite3_step(one);
    if (result == SQLITE_ROW) {
        read_event(&row, &reader->id, &reader->rows[0]);
        add_rows(batch, reader->rows, 1);
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
    sqlite3_reset(sum);
    return true;
}
