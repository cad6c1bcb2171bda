/* Between the journal and the engine. A page is read, its events and ticks
 * are fed in order of seq, and what came of it is written. When that fails,
 * the engine has seen what is not kept: it is made anew from what is. So it is
 * when a clock goes back, and when one that was behind is set. */
#include "signal/follow.h"

#include <stdlib.h>

#include <sqlite3.h>

#include "base/limits.h"
#include "base/mem.h"
#include "journal/db.h"
#include "journal/follower.h"
#include "signal/seed.h"
#include "signal/table.h"

#include "base/banned.h"

#define GATHER_US 200000 /* a lone event waits so long for company */
#define EVERY_US 1000000

struct signals {
    struct signals_options options;
    struct follower *follower;
    /* The threads' while a page is under way. */
    struct engine *engine; /* NULL: to be made from what is kept */
    struct seed *seed;     /* what is missing is learnt; NULL: nothing is */
    bool anew;             /* after the page the engine is made anew */
    int64_t unlearnt;      /* as it was when the engine was made */
    uint64_t ticked;       /* seq of the page's last tick; 0: it has none */
    size_t concluded;
};

/* ---- on the reader's thread ---- */

/* Somebody was forgotten, and with them what was known of their account: so
 * often. */
static bool read_unlearnt(struct sqlite3 *db, int64_t *times, struct err *err)
{
    sqlite3_stmt *row = db_prepare(
        db, "SELECT coalesce(max(value), 0) FROM meta WHERE key = 'unlearnt'",
        false, err);
    bool ok = row && sqlite3_step(row) == SQLITE_ROW;

    if (ok)
        *times = sqlite3_column_int64(row, 0);
    else if (row)
        db_fail(db, err, "signals");
    sqlite3_finalize(row);
    return ok;
}

static bool load_rows(struct signals *signals, sqlite3_stmt *rows,
                      struct err *err, struct sqlite3 *db)
{
    int code;

    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        const char *key = (const char *)sqlite3_column_text(rows, 0);

        /* What another make wrote is as if it were not there. */
        engine_unpack(signals->engine, key ? key : "",
                      sqlite3_column_blob(rows, 1),
                      (size_t)sqlite3_column_bytes(rows, 1));
    }
    return code == SQLITE_DONE || db_fail(db, err, "signals");
}

static bool load(struct signals *signals, struct sqlite3 *db, struct err *err)
{
    sqlite3_stmt *rows =
        read_unlearnt(db, &signals->unlearnt, err)
            ? db_prepare(db,
                         "SELECT key, state FROM signal_memory ORDER BY id",
                         false, err)
            : NULL;
    bool ok;

    if (!rows)
        return false;
    signals->engine = engine_new(signals->options.settings);
    signals->seed = seed_new(signals->engine, follower_seq(signals->follower));
    ok = load_rows(signals, rows, err, db);
    sqlite3_finalize(rows);
    return ok;
}

static void forget_engine(struct signals *signals)
{
    seed_free(signals->seed);
    engine_free(signals->engine);
    signals->seed = NULL;
    signals->engine = NULL;
}

static enum reader_step learn(struct signals *signals,
                              struct journal_reader *reader, struct err *err)
{
    enum reader_step step = seed_slice(signals->seed, reader, err);

    if (step == READER_DONE) {
        seed_free(signals->seed);
        signals->seed = NULL;
    }
    return step;
}

/* The engine is there, and knows every account. Who is forgotten meanwhile
 * makes it begin anew. */
static enum reader_step prepare(void *ctx, struct journal_reader *reader,
                                struct err *err)
{
    struct signals *signals = ctx;
    int64_t unlearnt;

    if (!read_unlearnt(reader_db(reader), &unlearnt, err))
        return READER_FAILED;
    if (signals->engine && unlearnt != signals->unlearnt)
        forget_engine(signals);
    if (!signals->engine && !load(signals, reader_db(reader), err))
        return READER_FAILED;
    return signals->seed ? learn(signals, reader, err) : READER_DONE;
}

/* A clock was set, and what is known is not of the days that there are: the
 * page ends at that tick. All is learnt again before the next. */
static bool feed_tick(struct signals *signals, struct journal_reader *reader,
                      const struct follower_tick *tick, struct err *err)
{
    bool again;

    if (!seed_is_due(signals->engine, reader, tick->seq, tick->at, &again,
                     err))
        return false;
    if (!again)
        engine_tick(signals->engine, tick->seq, tick->at);
    signals->ticked = tick->seq;
    signals->anew = again || engine_is_lost(signals->engine);
    if (signals->anew)
        follower_cut(signals->follower, tick->seq);
    return true;
}

/* The ticks before that event. */
static bool feed_ticks(struct signals *signals, struct journal_reader *reader,
                       const struct follower_page *page, size_t *tick,
                       uint64_t before, struct err *err)
{
    for (; !signals->anew && *tick < page->tick_count &&
           page->ticks[*tick].seq < before;
         ++*tick)
        if (!feed_tick(signals, reader, &page->ticks[*tick], err))
            return false;
    return true;
}

static bool feed(struct signals *signals, struct journal_reader *reader,
                 const struct follower_page *page, struct err *err)
{
    size_t tick = 0;

    for (size_t i = 0; i < page->count; i++) {
        if (!feed_ticks(signals, reader, page, &tick, page->events[i].seq,
                        err))
            return false;
        if (signals->anew)
            return true;
        engine_event(signals->engine, &page->events[i]);
    }
    return feed_ticks(signals, reader, page, &tick, UINT64_MAX, err);
}

static bool read_page(void *ctx, struct journal_reader *reader,
                      const struct follower_page *page, struct err *err)
{
    struct signals *signals = ctx;

    signals->anew = false;
    signals->ticked = 0;
    return feed(signals, reader, page, err);
}

/* ---- on the writer's thread ---- */

static bool write_memory(struct signals *signals, struct sqlite3 *db,
                         struct err *err)
{
    struct buf state;
    const char *key;
    bool ok = true;

    if (signals->anew)
        return db_exec(db, "DELETE FROM signal_memory", err);
    buf_init(&state, 4 * MIB);
    for (size_t i = 0; ok && (key = engine_dirty(signals->engine, i)); i++) {
        buf_clear(&state);
        engine_pack(signals->engine, key, &state);
        ok = table_remember(db, key, &state, err);
    }
    buf_free(&state);
    return ok;
}

static bool write_page(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct signals *signals = ctx;
    const struct signal *list =
        engine_signals(signals->engine, &signals->concluded);
    int64_t unlearnt;

    /* What the page left behind still knows them: it is read once more. */
    if (!read_unlearnt(db, &unlearnt, err))
        return false;
    if (unlearnt != signals->unlearnt)
        return err_set(err, "somebody was forgotten meanwhile");
    for (size_t i = 0; i < signals->concluded; i++)
        if (!table_conclude(db, &list[i], err))
            return false;
    if (signals->ticked &&
        !table_let_go(db, signals->ticked, signals->options.settings->stays,
                      &signals->concluded, err))
        return false;
    return write_memory(signals, db, err);
}

/* ---- on the loop ---- */

static void on_page(void *ctx, bool ok, const struct err *err)
{
    struct signals *signals = ctx;

    if (ok) {
        engine_clean(signals->engine);
        engine_clear(signals->engine);
        if (signals->anew)
            forget_engine(signals);
    } else {
        forget_engine(signals);
        signals->concluded = 0;
    }
    signals->options.on_done(signals->options.ctx, ok, signals->concluded,
                             err);
    signals->concluded = 0;
}

static void arm(void *ctx, int64_t us)
{
    struct signals *signals = ctx;

    signals->options.arm(signals->options.ctx, us);
}

struct signals *signals_new(const struct signals_options *options)
{
    struct signals *signals = xcalloc(1, sizeof *signals);
    struct follower_options follow = {.journal = options->journal,
                                      .name = "signals",
                                      .ticks = true,
                                      .gather_us = GATHER_US,
                                      .every_us = EVERY_US,
                                      .arm = arm,
                                      .prepare = prepare,
                                      .read = read_page,
                                      .write = write_page,
                                      .on_done = on_page,
                                      .ctx = signals};

    signals->options = *options;
    signals->follower = follower_new(&follow);
    return signals;
}

void signals_wake(struct signals *signals)
{
    follower_wake(signals->follower);
}

void signals_committed(struct signals *signals, uint64_t last_seq)
{
    follower_committed(signals->follower, last_seq);
}

uint64_t signals_seq(const struct signals *signals)
{
    return follower_seq(signals->follower);
}

void signals_stop(struct signals *signals)
{
    follower_stop(signals->follower);
}

bool signals_busy(const struct signals *signals)
{
    return follower_busy(signals->follower);
}

void signals_free(struct signals *signals)
{
    if (!signals)
        return;
    follower_free(signals->follower);
    forget_engine(signals);
    free(signals);
}
