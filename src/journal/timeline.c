/* The journal in the order of time: two walks by key, merged. Live events are
 * read by seq, which is how they came and needs no index. Those of the past
 * were given seqs of a later time; they are read by time, from an index that
 * holds no others (schema/added.sql). */
#include "journal/timeline.h"

#include <stdlib.h>

#include <sqlite3.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "journal/db.h"
#include "journal/event_row.h"
#include "journal/reader.h"

#include "base/banned.h"

_Static_assert(EVENT_BACKFILLED == 2, "as in the statements");

/* The statements of pages: any sum of these. */
enum { PAST = 1, DOWN = 2, WHOLE = 4, PAGE_COUNT = 8 };

#define LIVE_WHERE                                                            \
    "WHERE e.seq > ?1 AND e.seq < ?2 AND e.received_at >= ?3 AND "            \
    "(e.flags & 2) = 0 ORDER BY e.seq"

/* Live events between the seqs ?1 and ?2; those of the past beyond the time ?1
 * and seq ?2, and not above the seq ?4. Both since the time ?3. */
static const char *const wheres[] = {
    [0] = LIVE_WHERE,
    [DOWN] = LIVE_WHERE " DESC",
    [PAST] = "WHERE (p.received_at, p.seq) > (?1, ?2) AND p.seq <= ?4 "
             "ORDER BY p.received_at, p.seq",
    [PAST | DOWN] = "WHERE (p.received_at, p.seq) < (?1, ?2) AND "
                    "p.received_at >= ?3 AND p.seq <= ?4 "
                    "ORDER BY p.received_at DESC, p.seq DESC",
};

static const char lowest_sql[] =
    "SELECT min(seq) FROM events WHERE seq >= "
    "(SELECT min(first_seq) FROM hours WHERE hour >= ?)";

/* The first live event between the seqs ?1 and ?2 that is not before the time
 * ?3 and seq ?4. */
static const char beside_sql[] =
    "SELECT seq FROM events WHERE seq >= ?1 AND seq < ?2 AND "
    "(flags & 2) = 0 AND (received_at, seq) >= (?3, ?4) ORDER BY seq LIMIT 1";

struct timeline {
    sqlite3 *db;
    const struct uuid *id;           /* of the journal */
    const char *past;                /* where it is read from: SQL */
    sqlite3_stmt *pages[PAGE_COUNT]; /* NULL until they are needed */
    sqlite3_stmt *lowest, *beside;
    struct event *rows; /* one page, before it goes into the batch */
};

/* ---- opening ---- */

static bool has_index(sqlite3 *db)
{
    sqlite3_stmt *find =
        db_prepare(db,
                   "SELECT 1 FROM sqlite_schema WHERE name = 'events_past'",
                   false, NULL);
    bool found = find && sqlite3_step(find) == SQLITE_ROW;

    sqlite3_finalize(find);
    return found;
}

/* A journal that no owner opened since there is an index of the past has none:
 * then its times and seqs are copied into memory, once, which is slow and
 * keeps the log from being copied for as long. */
static bool find_past(struct timeline *timeline, struct err *err)
{
    static const char copy[] =
        "CREATE TEMP TABLE past (received_at INTEGER, seq INTEGER, "
        "PRIMARY KEY (received_at, seq)) WITHOUT ROWID;"
        "INSERT INTO past SELECT received_at, seq FROM events "
        "WHERE flags & 2";

    if (has_index(timeline->db)) {
        timeline->past = "FROM events p INDEXED BY events_past "
                         "CROSS JOIN events e ON e.seq = p.seq AND "
                         "p.flags & 2 ";
        return true;
    }
    timeline->past = "FROM temp.past p CROSS JOIN events e ON e.seq = p.seq ";
    return db_exec(timeline->db, copy, err);
}

struct timeline *timeline_new(sqlite3 *db, const struct uuid *journal_id,
                              struct err *err)
{
    struct timeline *timeline = xcalloc(1, sizeof *timeline);

    timeline->db = db;
    timeline->id = journal_id;
    timeline->rows = xcalloc(LIMIT_PAGE_ROWS, sizeof *timeline->rows);
    if (find_past(timeline, err))
        timeline->lowest = db_prepare(db, lowest_sql, true, err);
    if (timeline->lowest)
        timeline->beside = db_prepare(db, beside_sql, true, err);
    if (timeline->beside)
        return timeline;
    timeline_free(timeline);
    return NULL;
}

void timeline_free(struct timeline *timeline)
{
    if (!timeline)
        return;
    for (int i = 0; i < PAGE_COUNT; i++)
        sqlite3_finalize(timeline->pages[i]);
    sqlite3_finalize(timeline->lowest);
    sqlite3_finalize(timeline->beside);
    free(timeline->rows);
    free(timeline);
}

static sqlite3_stmt *page_statement(struct timeline *timeline, int kind,
                                    struct err *err)
{
    struct buf sql;

    if (timeline->pages[kind])
        return timeline->pages[kind];
    buf_init(&sql, 4 * KIB);
    buf_adds(&sql, "SELECT ");
    buf_adds(&sql, kind & WHOLE ? ROW_COLUMNS_BODY : ROW_COLUMNS);
    buf_adds(&sql, kind & PAST ? timeline->past : "FROM events e ");
    buf_adds(&sql, kind & WHOLE ? ROW_JOINS_BODY : ROW_JOINS);
    buf_adds(&sql, wheres[kind & (PAST | DOWN)]);
    timeline->pages[kind] = db_prepare(timeline->db, sql.data, true, err);
    buf_free(&sql);
    return timeline->pages[kind];
}

/* ---- a page in the making ---- */

/* Live events, or those of the past: a statement, and the row it is at. */
struct side {
    sqlite3_stmt *statement;
    bool here; /* at a row, of this place: */
    int64_t ms;
    uint64_t seq;
};

struct page {
    struct side live, past;
    uint64_t edge; /* live events were looked for up to here … */
    bool all;      /* … and there are none beyond */
};

static bool step(struct side *side, struct err *err)
{
    int result = sqlite3_step(side->statement);

    side->here = result == SQLITE_ROW;
    if (side->here) {
        side->ms = sqlite3_column_int64(side->statement, ROW_RECEIVED_AT);
        side->seq = (uint64_t)sqlite3_column_int64(side->statement, ROW_SEQ);
    }
    return side->here || result == SQLITE_DONE ||
           db_fail(sqlite3_db_handle(side->statement), err,
                   "cannot read the journal");
}

static void bind_seq(sqlite3_stmt *statement, int index, uint64_t seq)
{
    sqlite3_bind_int64(statement, index,
                       seq > INT64_MAX ? INT64_MAX : (int64_t)seq);
}

static bool open_live(struct page *page, const struct reader_walk *walk,
                      struct err *err)
{
    uint64_t after = walk->newest_first ? walk->lowest : walk->live;
    uint64_t before = walk->newest_first ? walk->live : walk->upto + 1;

    page->all = before <= after || before - after <= TIMELINE_REACH;
    if (!page->all && walk->newest_first)
        after = before - TIMELINE_REACH;
    else if (!page->all)
        before = after + TIMELINE_REACH;
    page->edge = walk->newest_first ? after + 1 : before - 1;
    bind_seq(page->live.statement, 1, after);
    bind_seq(page->live.statement, 2, before);
    sqlite3_bind_int64(page->live.statement, 3,
                       walk->since_ms ? walk->since_ms : INT64_MIN);
    return step(&page->live, err);
}

static bool open_past(struct page *page, const struct reader_walk *walk,
                      struct err *err)
{
    sqlite3_bind_int64(page->past.statement, 1, walk->past_ms);
    bind_seq(page->past.statement, 2, walk->past_seq);
    sqlite3_bind_int64(page->past.statement, 3,
                       walk->since_ms ? walk->since_ms : INT64_MIN);
    bind_seq(page->past.statement, 4, walk->upto);
    return step(&page->past, err);
}

static bool is_later(const struct side *a, const struct side *b)
{
    return a->ms != b->ms ? a->ms > b->ms : a->seq > b->seq;
}

/* Whose row comes next. NULL: neither's; where live events were not found yet,
 * what is past has no place either. */
static struct side *next_side(struct page *page, bool newest_first)
{
    if (!page->live.here)
        return page->all && page->past.here ? &page->past : NULL;
    if (page->past.here && is_later(&page->past, &page->live) == newest_first)
        return &page->past;
    return &page->live;
}

static void pass(struct reader_walk *walk, const struct page *page,
                 const struct side *side)
{
    if (side == &page->live) {
        walk->live = side->seq;
    } else {
        walk->past_ms = side->ms;
        walk->past_seq = side->seq;
    }
}

/* What was gone over in vain is not gone over again. True when there is more
 * to come. */
static bool close_page(struct page *page, struct reader_walk *walk)
{
    sqlite3_reset(page->live.statement);
    sqlite3_reset(page->past.statement);
    if (!page->live.here)
        walk->live = page->edge;
    else
        walk->live = page->live.seq + (walk->newest_first ? 1 : -1);
    return page->live.here || page->past.here || !page->all;
}

/* ---- the walk ---- */

/* What was received since a time has no lower seq; 0: nothing was. */
static bool find_since(struct timeline *timeline, int64_t since_ms,
                       uint64_t *first, struct err *err)
{
    sqlite3_stmt *find = timeline->lowest;
    bool ok;

    sqlite3_bind_int64(find, 1, since_ms / CLOCK_HOUR_MS);
    ok = sqlite3_step(find) == SQLITE_ROW ||
         db_fail(timeline->db, err, "cannot read the journal");
    *first = (uint64_t)sqlite3_column_int64(find, 0);
    sqlite3_reset(find);
    return ok;
}

/* Below what there is no live event that the walk could find. */
static bool find_lowest(struct timeline *timeline, struct reader_walk *walk,
                        struct err *err)
{
    uint64_t first;

    if (!find_since(timeline, walk->since_ms ? walk->since_ms : INT64_MIN,
                    &first, err))
        return false;
    walk->lowest = first > 0 ? first - 1 : walk->upto; /* 0: none */
    return true;
}

/* The seq of the first live event that is not before that time and seq; above
 * walk->upto: there is none. A run of past ones is passed over in pieces, so
 * that no read lasts. */
static bool find_beside(struct timeline *timeline,
                        const struct reader_walk *walk, uint64_t *found,
                        struct err *err)
{
    sqlite3_stmt *find = timeline->beside;
    int result = SQLITE_DONE;
    uint64_t at;

    if (!find_since(timeline, walk->from.ms, &at, err))
        return false;
    *found = walk->upto + 1;
    for (; at && at <= walk->upto && result == SQLITE_DONE;
         at += TIMELINE_REACH) {
        bind_seq(find, 1, at);
        bind_seq(find, 2, at + TIMELINE_REACH);
        sqlite3_bind_int64(find, 3, walk->from.ms);
        bind_seq(find, 4, walk->from.seq);
        result = sqlite3_step(find);
        if (result == SQLITE_ROW)
            *found = (uint64_t)sqlite3_column_int64(find, 0);
        sqlite3_reset(find);
    }
    return result == SQLITE_ROW || result == SQLITE_DONE ||
           db_fail(timeline->db, err, "cannot read the journal");
}

/* A live event has its place by its seq among live ones; any other place is
 * found by time. */
static bool begin_beside(struct timeline *timeline, struct reader_walk *walk,
                         struct err *err)
{
    walk->past_ms = walk->from.ms;
    walk->past_seq = walk->from.seq;
    if (walk->from.seq && !walk->from.past) {
        walk->live = walk->from.seq;
        return true;
    }
    if (!find_beside(timeline, walk, &walk->live, err))
        return false;
    walk->live -= !walk->newest_first;
    return true;
}

static void begin_at_end(struct reader_walk *walk)
{
    walk->live = walk->newest_first ? walk->upto + 1 : walk->lowest;
    walk->past_seq = INT64_MAX;
    if (walk->newest_first)
        walk->past_ms = INT64_MAX;
    else
        walk->past_ms = walk->since_ms ? walk->since_ms - 1 : INT64_MIN;
}

static bool begin(struct timeline *timeline, struct reader_walk *walk,
                  struct err *err)
{
    if (walk->begun)
        return true;
    if (!find_lowest(timeline, walk, err))
        return false;
    if (!walk->from.seq && !walk->from.ms)
        begin_at_end(walk);
    else if (!begin_beside(timeline, walk, err))
        return false;
    walk->begun = true;
    return true;
}

static size_t page_limit(const struct reader_walk *walk)
{
    return walk->limit && walk->limit < LIMIT_PAGE_ROWS ? walk->limit
                                                        : LIMIT_PAGE_ROWS;
}

bool timeline_page(struct timeline *timeline, struct reader_walk *walk,
                   struct event_batch *batch, bool *more, struct err *err)
{
    int kind = (walk->newest_first ? DOWN : 0) | (walk->no_bodies ? 0 : WHOLE);
    struct page page = {.live.statement = page_statement(timeline, kind, err),
                        .past.statement =
                            page_statement(timeline, kind | PAST, err)};
    size_t count = 0, bytes = 0, limit = page_limit(walk);
    struct side *side;
    bool ok = page.live.statement && page.past.statement &&
              begin(timeline, walk, err) && open_live(&page, walk, err) &&
              open_past(&page, walk, err);

    while (ok && count < limit && bytes < LIMIT_PAGE_BYTES &&
           (side = next_side(&page, walk->newest_first))) {
        event_row_read(side->statement, timeline->id, &batch->arena,
                       &timeline->rows[count]);
        bytes += timeline->rows[count++].raw_len;
        pass(walk, &page, side);
        ok = step(side, err);
    }
    *more = close_page(&page, walk) && ok;
    event_rows_add(batch, timeline->rows, count);
    return ok;
}
