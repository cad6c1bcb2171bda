/* Reading for a feed. Each step is a page of the journal: few rows, since
 * each may be as large as a body, and as many steps as it takes to have
 * something to tell. */
#include "serve/feed_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <sqlite3.h>

#include "base/clock.h"
#include "base/limits.h"
#include "event/archive.h"
#include "journal/acts.h"
#include "journal/db.h"
#include "journal/forgotten.h"
#include "signal/act_text.h"

#include "serve/concealed.h"
#include "base/banned.h"

#define ROWS 128

void feed_page_init(struct feed_page *page)
{
    buf_init(&page->out, LIMIT_ANSWER - KIB);
}

void feed_page_free(struct feed_page *page)
{
    query_free(page->query);
    free(page->at);
    buf_free(&page->out);
}

void feed_page_json(struct buf *out, bool kept, const struct event *event,
                    const struct redaction *conceal,
                    const struct uuid *journal)
{
    struct arena arena = ARENA_INIT;
    struct event shown = *event;

    redaction_conceal(conceal, &shown, &arena);
    if (!(kept ? archive_event : event_to_json)(out, &shown, journal))
        buf_clear(out);
    arena_free(&arena);
}

void feed_page_add(struct buf *out, enum feed_form form,
                   const struct event *event, const char *json, size_t len)
{
    if (!len || !feed_line_event(out, form, event->seq, json, len))
        feed_line_say(out, form, "too-long", event->seq, "");
}

/* ---- what is another ---- */

static bool judge_locator(struct feed_page *page, sqlite3 *db, struct err *err)
{
    struct locator_fork fork;
    char rest[64];

    if (!page->at)
        return true;
    if (!locator_judge(db, page->at, &fork, err))
        return false;
    free(page->at);
    page->at = NULL;
    page->forked = fork.from > 0;
    if (!page->forked)
        return true;
    snprintf(rest, sizeof rest, ",\"upto\":%llu,\"from\":%llu",
             (unsigned long long)fork.upto, (unsigned long long)fork.from);
    return feed_line_say(&page->out, page->form, "fork", 0, rest);
}

/* ---- what is no longer there ---- */

static bool one_number(sqlite3 *db, const char *sql, int64_t from, int64_t to,
                       int64_t *out, struct err *err)
{
    sqlite3_stmt *row = db_prepare(db, sql, false, err);

    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, from);
    sqlite3_bind_int64(row, 2, to);
    return db_number_of(row, out, err);
}

/* The first event that is still there, or the end where none is, and whether
 * all before it, behind `after`, were ticks. It is looked for in each piece:
 * what waits for somebody who is slow may be pruned meanwhile. */
static bool look_for_gap(struct feed_page *page, sqlite3 *db, struct err *err)
{
    int64_t after = (int64_t)page->after, oldest = after, ticks = 0;
    char rest[64];

    if (!one_number(db,
                    "SELECT min(?2, coalesce((SELECT seq FROM events ORDER BY "
                    "seq LIMIT 1), ?2))",
                    after, (int64_t)page->upto + 1, &oldest, err))
        return false;
    if (oldest <= after + 1)
        return true;
    if (!one_number(db,
                    "SELECT count(*) FROM ticks WHERE seq > ?1 AND seq < ?2",
                    after, oldest, &ticks, err))
        return false;
    if (oldest - after - 1 <= ticks)
        return true;
    snprintf(rest, sizeof rest, ",\"after\":%llu,\"oldest\":%lld",
             (unsigned long long)page->after, (long long)oldest);
    feed_line_say(&page->out, page->form, "gap", 0, rest);
    return true;
}

/* ---- who is forgotten ---- */

static bool add_forgotten(void *ctx, const struct uuid *salt, const char *kind,
                          const unsigned char *hash, int64_t at)
{
    struct feed_page *page = ctx;
    char iso[CLOCK_ISO_SIZE];
    struct buf rest;

    clock_format_iso(at, iso);
    buf_init(&rest, KIB);
    buf_addf(&rest, ",\"kind\":\"%s\",\"at\":\"%s\",\"salt\":\"", kind, iso);
    buf_add_hex(&rest, salt->bytes, sizeof salt->bytes);
    buf_adds(&rest, "\",\"hash\":\"");
    buf_add_hex(&rest, hash, FORGOTTEN_HASH);
    buf_adds(&rest, "\"");
    feed_line_say(&page->out, page->form, "forgotten", 0, rest.data);
    buf_free(&rest);
    memcpy(page->forgotten, hash, FORGOTTEN_HASH);
    page->goes_on = true;
    page->tell_forgotten = page->out.len >= LIMIT_FEED_PIECE;
    return !page->tell_forgotten;
}

static bool tell_forgotten(struct feed_page *page, sqlite3 *db,
                           struct err *err)
{
    if (!page->tell_forgotten)
        return true;
    page->tell_forgotten = false;
    return forgotten_each(db, page->goes_on ? page->forgotten : NULL,
                          add_forgotten, page, err);
}

/* ---- what was said ---- */

/* One of which nothing is left is passed over. */
struct saying {
    struct feed_page *page;
    struct journal_reader *reader;
    struct err *err;
    bool failed;
};

static bool say_act(void *ctx, const struct act_row *row)
{
    struct saying *saying = ctx;
    struct feed_page *page = saying->page;
    struct buf rest;
    bool there;

    buf_init(&rest, MIB);
    saying->failed = !act_text_line(&rest, reader_db(saying->reader),
                                    reader_journal_id(saying->reader), row,
                                    page->now_ms, &there, saying->err);
    if (!saying->failed && there && buf_ok(&rest))
        feed_line_say(&page->out, page->form, "act", 0, rest.data);
    buf_free(&rest);
    page->acts = (uint64_t)row->id;
    page->tell_acts = page->out.len >= LIMIT_FEED_PIECE;
    return !saying->failed && !page->tell_acts;
}

static bool tell_acts(struct feed_page *page, struct journal_reader *reader,
                      struct err *err)
{
    struct saying saying = {.page = page, .reader = reader, .err = err};

    page->tell_acts = false;
    return acts_each(reader_db(reader), (int64_t)page->acts, say_act, &saying,
                     err) &&
           !saying.failed;
}

/* ---- one page ---- */

static void add_event(struct feed_page *page, const struct event *event,
                      const struct uuid *journal)
{
    struct concealed concealed;
    struct buf json;
    bool matches;

    concealed_begin(&concealed, page->conceal, event);
    matches = concealed_match(&concealed, page->query, page->now_ms);
    concealed_end(&concealed);
    if (!matches)
        return;
    buf_init(&json, LIMIT_ANSWER);
    feed_page_json(&json, page->kept, event, page->conceal, journal);
    feed_page_add(&page->out, page->form, event, json.data, json.len);
    buf_free(&json);
}

static void add_tick(struct feed_page *page, uint64_t seq, int64_t at)
{
    char iso[CLOCK_ISO_SIZE], rest[64];

    clock_format_iso(at, iso);
    snprintf(rest, sizeof rest, ",\"at\":\"%s\"", iso);
    feed_line_say(&page->out, page->form, "tick", seq, rest);
}

/* Ticks before a seq, as far as they were not told. */
static void add_ticks(struct feed_page *page, sqlite3_stmt *ticks, bool *there,
                      uint64_t before)
{
    while (*there && (uint64_t)sqlite3_column_int64(ticks, 0) < before) {
        add_tick(page, (uint64_t)sqlite3_column_int64(ticks, 0),
                 sqlite3_column_int64(ticks, 1));
        *there = sqlite3_step(ticks) == SQLITE_ROW;
    }
}

/* False: there is enough in one piece, and `after` says how far it went. */
static bool add_rows(struct feed_page *page, const struct event_batch *batch,
                     sqlite3_stmt *ticks, uint64_t end,
                     const struct uuid *journal)
{
    bool there = sqlite3_step(ticks) == SQLITE_ROW;

    for (size_t i = 0; i < batch->count; i++) {
        const struct event *event = &batch->events[i];

        if (page->out.len >= LIMIT_FEED_PIECE)
            return false;
        add_ticks(page, ticks, &there, event->seq);
        add_event(page, event, journal);
        page->after = event->seq;
    }
    add_ticks(page, ticks, &there, end + 1);
    page->after = end;
    return true;
}

static sqlite3_stmt *find_ticks(sqlite3 *db, uint64_t after, uint64_t upto,
                                struct err *err)
{
    sqlite3_stmt *ticks =
        db_prepare(db,
                   "SELECT seq, at FROM ticks WHERE seq > ?1 AND seq <= ?2 "
                   "ORDER BY seq",
                   false, err);

    if (!ticks)
        return NULL;
    sqlite3_bind_int64(ticks, 1, (int64_t)after);
    sqlite3_bind_int64(ticks, 2, (int64_t)upto);
    return ticks;
}

/* Reads a page and tells it; *more says whether there is more to look at. */
static bool read_rows(struct feed_page *page, struct journal_reader *reader,
                      struct event_batch *batch, bool *more, struct err *err)
{
    struct reader_range range = {.after = page->after,
                                 .before = page->upto + 1,
                                 .limit = ROWS};
    uint64_t end = page->upto;
    sqlite3_stmt *ticks;

    if (!reader_page(reader, &range, batch, more, err))
        return false;
    if (*more && batch->count)
        end = batch->events[batch->count - 1].seq;
    ticks = find_ticks(reader_db(reader), page->after, end, err);
    if (!ticks)
        return false;
    *more =
        !add_rows(page, batch, ticks, end, reader_journal_id(reader)) || *more;
    sqlite3_finalize(ticks);
    return true;
}

enum reader_step feed_page_read(struct feed_page *page,
                                struct journal_reader *reader, struct err *err)
{
    struct event_batch *batch;
    bool more = false, ok;

    if (!judge_locator(page, reader_db(reader), err))
        return READER_FAILED;
    if (page->forked)
        return READER_DONE;
    if (!tell_forgotten(page, reader_db(reader), err))
        return READER_FAILED;
    if (page->tell_forgotten)
        return READER_DONE; /* a piece is full of them */
    if (!look_for_gap(page, reader_db(reader), err))
        return READER_FAILED;
    batch = event_batch_new();
    ok = read_rows(page, reader, batch, &more, err);
    event_batch_free(batch);
    if (!ok || (!more && page->tell_acts && !tell_acts(page, reader, err)))
        return READER_FAILED;
    return more && page->out.len < LIMIT_FEED_PIECE &&
                   !query_unjudged(page->query) &&
                   clock_mono_us() < page->deadline_us
               ? READER_AGAIN
               : READER_DONE;
}
