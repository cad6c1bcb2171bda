/* Reading a journal: pages of events by key, one event, counts. Blocking;
 * used on the reader's thread of an owner and directly by commands. No
 * transaction is open between two calls. */
#ifndef TELLTALE_READER_H
#define TELLTALE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "event/event.h"

struct journal_reader;
struct sqlite3;

/* Events that are read know which signals rest on them (event.signals). */

/* Opens read-only. NULL with err when there is none, or it is not ours, or
 * of a newer version. */
struct journal_reader *reader_open(const char *path, struct err *err);
void reader_close(struct journal_reader *reader);
const struct uuid *reader_journal_id(const struct journal_reader *reader);
/* Its connection, for queries of other rooms (reports, signals, cursors). */
struct sqlite3 *reader_db(struct journal_reader *reader);

/* Which events of a page are wanted; zero-initialised means all. */
struct reader_range {
    uint64_t after;  /* seq > after */
    uint64_t before; /* seq < before; 0: no bound */
    bool newest_first;
    bool no_bodies; /* leave raw out: display records only */
    size_t limit;   /* at most LIMIT_PAGE_ROWS; 0 means that */
    size_t bytes;   /* ends with the event whose raw text makes so many; 0:
                       LIMIT_PAGE_BYTES */
};
/* Adds at most range->limit events to batch (which may hold some already),
 * fewer where their bodies are long, one at least if there is one.
 * Returns false with err on a database error. *more says whether the range
 * goes on; the next page starts after (before) the last seq. */
bool reader_page(struct journal_reader *reader,
                 const struct reader_range *range, struct event_batch *batch,
                 bool *more, struct err *err);
/* A walk in the order of time, which is how people read: live events as they
 * came, by seq, and between them, by when they were received, those of the
 * past (EVENT_BACKFILLED). These came later than they were received, so their
 * seqs are too high; where the clock was set, the order of seq holds among
 * live events. Zero-initialised means all, oldest first. */
struct reader_walk {
    /* Where it begins; all zero: at its end. Beside an event, which is not of
     * the walk: its seq, when it was received, and is it of the past? Or, of
     * seq 0, at a time: oldest first with what was received then, else with
     * what was before. The event need not be there any more. */
    struct reader_place {
        uint64_t seq;
        int64_t ms;
        bool past;
    } from;
    uint64_t upto;    /* seq <= upto; 0: what is there at the first page */
    int64_t since_ms; /* received_at >= since; 0: no bound */
    bool newest_first;
    bool no_bodies; /* as in a range */
    size_t limit;   /* of a page: at most LIMIT_PAGE_ROWS, and fewer as of a
                       range; 0 means that */

    /* Its place, the walk's own. */
    bool begun;
    uint64_t lowest; /* no live event of it at or below */
    uint64_t live;   /* seq that the next live event is beyond */
    int64_t past_ms; /* the next of the past is beyond this time and seq */
    uint64_t past_seq;
};
/* Adds the next page to batch and moves the walk on; *more says whether it
 * goes on. Then a page may be empty all the same: there is only so much that
 * one read transaction goes over. False with err on a database error. */
bool reader_walk(struct journal_reader *reader, struct reader_walk *walk,
                 struct event_batch *batch, bool *more, struct err *err);
/* One event with its body. False and an empty err: not there. */
bool reader_event(struct journal_reader *reader, uint64_t seq,
                  struct event_batch *batch, struct err *err);

/* Nothing received since that time has a seq up to *after. */
bool reader_since(struct journal_reader *reader, int64_t since_ms,
                  uint64_t *after, struct err *err);
/* The newest seq given out. */
bool reader_last_seq(struct journal_reader *reader, uint64_t *seq,
                     struct err *err);
/* Changes whenever another connection commits: PRAGMA data_version. */
bool reader_version(struct journal_reader *reader, int64_t *version,
                    struct err *err);

struct reader_totals {
    uint64_t events, accounts, persons, hidden, rejects;
    uint64_t forgotten;        /* came again and were not kept */
    int64_t first_ms, last_ms; /* received; CLOCK_NONE: no events */
};
bool reader_totals(struct journal_reader *reader, struct reader_totals *totals,
                   struct err *err);

#endif
