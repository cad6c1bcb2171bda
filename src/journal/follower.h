/* A follower goes through the journal behind whoever writes it, and comes
 * back to where it was: a name, a cursor, and pages of events and ticks in
 * order of seq. Pages are read, and conclusions drawn, on the reader's
 * thread; conclusions and cursor are written in one transaction, so that
 * nothing is concluded twice and nothing is left out, whenever the process
 * dies. What fails is tried again, later each time. Mirrors are followers,
 * and so is everything that draws conclusions from the journal. Retention
 * waits for them (prune.h).
 *
 * All functions are called on the loop's thread. At most one page is under
 * way; while it is, what read() and write() touch belongs to the threads. */
#ifndef TELLTALE_FOLLOWER_H
#define TELLTALE_FOLLOWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "event/event.h"
#include "journal/journal.h"

struct follower;
struct sqlite3;

/* A tick: time passed, between two events. */
struct follower_tick {
    uint64_t seq;
    int64_t at; /* wall ms */
};

/* What came since, in order of seq: a tick goes between the events whose
 * seqs are around its own. Valid while read() runs. */
struct follower_page {
    const struct event *events;
    size_t count;
    const struct follower_tick *ticks; /* none unless asked for */
    size_t tick_count;
};

struct follower_options {
    struct journal *journal;
    const char *name; /* of the cursor; borrowed */
    bool at_newest;   /* a new one begins behind what is there already */
    bool bodies;      /* events with their properties */
    bool ticks;
    size_t bytes;      /* of bodies in a page, about; 0: no bound */
    bool not_beyond;   /* pages end where follower_committed() says; else what
                          came since may be in them */
    int64_t gather_us; /* the first event waits so long for company */
    int64_t every_us;  /* between the beginnings of two pages, once it has
                          caught up */
    /* Calls follower_wake(), once, after so long; another call replaces it;
     * negative: not at all. */
    void (*arm)(void *ctx, int64_t us);

    /* READER's thread, may be NULL: what must be known before the page is
     * read, in slices like those of a reader_job. */
    enum reader_step (*prepare)(void *ctx, struct journal_reader *reader,
                                struct err *err);
    /* READER's thread: draws conclusions. Called again with the same page
     * when they could not be written. */
    bool (*read)(void *ctx, struct journal_reader *reader,
                 const struct follower_page *page, struct err *err);
    /* Loop, may be NULL: what was read is to be settled elsewhere before the
     * cursor may move. The page is under way until follower_settled(). */
    void (*settle)(void *ctx);
    /* WRITER's thread: writes them; the cursor moves in the same
     * transaction. NULL: there is nothing to write. */
    bool (*write)(void *ctx, struct sqlite3 *db, struct err *err);
    /* Loop: the page is done with; ok: written, else err says why (NULL: the
     * program ends), and the page will be read again. */
    void (*on_done)(void *ctx, bool ok, const struct err *err);
    /* Loop, may be NULL: it is open. Before the first page. */
    void (*on_open)(void *ctx);
    void *ctx;
};

/* Begins to open; never fails: what cannot be opened is tried again, and
 * told by on_done(). */
struct follower *follower_new(const struct follower_options *options);
/* The timer has come. */
void follower_wake(struct follower *follower);
/* The journal has events or ticks up to that seq. */
void follower_committed(struct follower *follower, uint64_t last_seq);
/* There is something to read besides events and ticks: a page is begun,
 * though it may have none of them. It goes on being wanted until one was
 * written. */
void follower_nudge(struct follower *follower);
/* After settle(): the page may be written; or (ok false) it is read again in a
 * while, or not at all once stopped. */
void follower_settled(struct follower *follower, bool ok,
                      const struct err *err);
/* In read(): the page ends at that seq, of an event or a tick in it. What is
 * behind it is read again, as the next, when there may be more to prepare. */
void follower_cut(struct follower *follower, uint64_t seq);
/* While held, no page is begun. */
void follower_hold(struct follower *follower, bool held);
/* Done up to and with this one. */
uint64_t follower_seq(const struct follower *follower);
/* Begins nothing more; follower_busy() while a page is under way. Before
 * journal_close(). */
void follower_stop(struct follower *follower);
bool follower_busy(const struct follower *follower);
/* After journal_close(): its jobs must be done. NULL is allowed. */
void follower_free(struct follower *follower);

#endif
