/* The machine behind a follower: open, then read a page, write what it gave,
 * and again. What pages mean is its owner's. */
#include "journal/follower.h"

#include <stdlib.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "journal/cursor.h"
#include "journal/db.h"

#include "base/banned.h"

#define RETRY_US INT64_C(1000000) /* then twice that, and so on */
#define RETRY_MAX_US INT64_C(60000000)

struct follower {
    struct follower_options options;
    bool opened, opening, held, stopping;
    bool paging;            /* a page is read or written */
    bool nudged;            /* one is wanted, whether or not a seq came */
    bool nudge_paged;       /* the one under way is that */
    uint64_t first;         /* where a new one begins */
    uint64_t seq, last_seq; /* done up to; there is up to */
    unsigned failures;      /* in a row */
    int64_t began_us;       /* monotonic: the last page; 0: none */

    /* The page under way: the threads' while paging. */
    uint64_t to, target;
    bool more;
    struct follower_tick *ticks;
    size_t tick_count;
};

/* ---- on the reader's thread ---- */

static bool read_ticks(struct follower *follower,
                       struct journal_reader *reader, struct err *err)
{
    static const char sql[] =
        "SELECT seq, at FROM ticks WHERE seq > ?1 AND seq <= ?2 ORDER BY seq";
    sqlite3_stmt *row = db_prepare(reader_db(reader), sql, false, err);
    int code;

    follower->tick_count = 0;
    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, (sqlite3_int64)follower->seq);
    sqlite3_bind_int64(row, 2, (sqlite3_int64)follower->to);
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        follower->ticks =
            xreallocarray(follower->ticks, follower->tick_count + 1,
                          sizeof *follower->ticks);
        follower->ticks[follower->tick_count++] =
            (struct follower_tick){.seq =
                                       (uint64_t)sqlite3_column_int64(row, 0),
                                   .at = sqlite3_column_int64(row, 1)};
    }
    sqlite3_finalize(row);
    return code == SQLITE_DONE || db_fail(reader_db(reader), err, "ticks");
}

/* Behind the last event there may be ticks: their seqs count. */
static uint64_t page_end(const struct follower *follower,
                         const struct event_batch *batch)
{
    uint64_t last = batch->count ? batch->events[batch->count - 1].seq : 0;

    if (follower->more || last > follower->target)
        return last;
    return follower->target;
}

static bool read_batch(struct follower *follower,
                       struct journal_reader *reader,
                       struct event_batch *batch, struct err *err)
{
    const struct follower_options *options = &follower->options;
    struct reader_range range = {.after = follower->seq,
                                 .before = options->not_beyond
                                               ? follower->target + 1
                                               : 0,
                                 .limit = LIMIT_PAGE_ROWS,
                                 .bytes = options->bytes,
                                 .no_bodies = !options->bodies};
    struct follower_page page;

    if (!reader_page(reader, &range, batch, &follower->more, err))
        return false;
    follower->to = page_end(follower, batch);
    if (options->ticks && !read_ticks(follower, reader, err))
        return false;
    page = (struct follower_page){.events = batch->events,
                                  .count = batch->count,
                                  .ticks = follower->ticks,
                                  .tick_count = follower->tick_count};
    return options->read(options->ctx, reader, &page, err);
}

static enum reader_step read_page(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    const struct follower_options *options =
        &((const struct follower *)ctx)->options;
    enum reader_step step = options->prepare
                                ? options->prepare(options->ctx, reader, err)
                                : READER_DONE;
    struct event_batch *batch;
    bool ok;

    if (step != READER_DONE)
        return step;
    batch = event_batch_new();
    ok = read_batch(ctx, reader, batch, err);

    event_batch_free(batch);
    return ok ? READER_DONE : READER_FAILED;
}

/* ---- on the writer's thread ---- */

static bool write_page(void *ctx, sqlite3 *db, struct err *err)
{
    struct follower *follower = ctx;
    const struct follower_options *options = &follower->options;

    return cursor_move(db, options->name, follower->seq, follower->to, err) &&
           (!options->write || options->write(options->ctx, db, err));
}

static bool write_open(void *ctx, sqlite3 *db, struct err *err)
{
    struct follower *follower = ctx;

    /* Where a new one begins: what came since it was made is not missed. */
    follower->to = follower->first;
    return cursor_open(db, follower->options.name, &follower->to, err);
}

/* ---- on the loop ---- */

static void arm(struct follower *follower, int64_t us)
{
    follower->options.arm(follower->options.ctx, us);
}

static bool may_page(const struct follower *follower)
{
    return follower->opened && !follower->paging && !follower->held &&
           !follower->stopping &&
           (follower->nudged || follower->seq < follower->last_seq);
}

/* The first event after a pause is looked at as soon as it had time to find
 * company; the pace begins with it. */
static void arm_page(struct follower *follower)
{
    int64_t since = clock_mono_us() - follower->began_us;
    int64_t every = follower->options.every_us;

    if (may_page(follower))
        arm(follower, follower->began_us && since < every
                          ? every - since
                          : follower->options.gather_us);
}

static void failed(struct follower *follower, const struct err *err)
{
    int64_t wait = RETRY_US
                   << (follower->failures < 6 ? follower->failures : 6);

    follower->failures++;
    follower->nudged |= follower->nudge_paged;
    follower->nudge_paged = false;
    follower->options.on_done(follower->options.ctx, false,
                              follower->stopping ? NULL : err);
    if (!follower->stopping)
        arm(follower, wait < RETRY_MAX_US ? wait : RETRY_MAX_US);
}

static void on_opened(void *ctx, bool ok, const struct err *err)
{
    struct follower *follower = ctx;

    follower->opening = false;
    if (!ok) {
        failed(follower, err);
        return;
    }
    follower->failures = 0;
    follower->opened = true;
    follower->seq = follower->to;
    if (follower->options.on_open)
        follower->options.on_open(follower->options.ctx);
    arm_page(follower);
}

static void open_cursor(struct follower *follower)
{
    follower->opening = true;
    journal_write(follower->options.journal, write_open, on_opened, follower);
}

static void on_written(void *ctx, bool ok, const struct err *err)
{
    struct follower *follower = ctx;

    follower->paging = false;
    if (!ok) {
        failed(follower, err);
        return;
    }
    follower->failures = 0;
    follower->nudge_paged = false;
    follower->seq = follower->to;
    follower->options.on_done(follower->options.ctx, true, NULL);
    if (follower->more && may_page(follower))
        arm(follower, 0);
    else
        arm_page(follower);
}

static void on_read(void *ctx, bool ok, const struct err *err)
{
    struct follower *follower = ctx;

    if (!ok || follower->stopping) {
        follower->paging = false;
        failed(follower, err);
    } else if (follower->options.settle) {
        follower->options.settle(follower->options.ctx);
    } else {
        follower_settled(follower, true, NULL);
    }
}

void follower_settled(struct follower *follower, bool ok,
                      const struct err *err)
{
    if (ok) {
        journal_write(follower->options.journal, write_page, on_written,
                      follower);
        return;
    }
    follower->paging = false;
    failed(follower, err);
}

static void begin_page(struct follower *follower)
{
    follower->paging = true;
    follower->began_us = clock_mono_us();
    follower->target = follower->last_seq;
    follower->nudge_paged = follower->nudged;
    follower->nudged = false;
    journal_read(follower->options.journal, read_page, on_read, follower);
}

struct follower *follower_new(const struct follower_options *options)
{
    struct follower *follower = xcalloc(1, sizeof *follower);

    follower->options = *options;
    follower->last_seq = journal_stats(options->journal).last_seq;
    follower->first = options->at_newest ? follower->last_seq : 0;
    journal_follow(options->journal, options->name);
    open_cursor(follower);
    return follower;
}

void follower_wake(struct follower *follower)
{
    if (follower->stopping || follower->opening)
        return;
    if (!follower->opened)
        open_cursor(follower);
    else if (may_page(follower))
        begin_page(follower);
}

void follower_committed(struct follower *follower, uint64_t last_seq)
{
    bool caught_up = follower->seq >= follower->last_seq;

    follower->last_seq = last_seq;
    if (caught_up)
        arm_page(follower);
}

void follower_nudge(struct follower *follower)
{
    follower->nudged = true;
    /* What failed is tried again in its own time. */
    if (!follower->failures)
        arm_page(follower);
}

void follower_cut(struct follower *follower, uint64_t seq)
{
    follower->more |= seq < follower->to;
    follower->to = seq;
}

void follower_hold(struct follower *follower, bool held)
{
    follower->held = held;
    arm_page(follower);
}

uint64_t follower_seq(const struct follower *follower)
{
    return follower->seq;
}

void follower_stop(struct follower *follower)
{
    follower->stopping = true;
    arm(follower, -1);
}

bool follower_busy(const struct follower *follower)
{
    return follower->paging;
}

void follower_free(struct follower *follower)
{
    if (!follower)
        return;
    free(follower->ticks);
    free(follower);
}
