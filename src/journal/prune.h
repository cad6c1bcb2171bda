/* Upkeep: events are kept only for so long, their bodies perhaps for less, in
 * a file of such a size; and what is freed is given back to the disk.
 *
 * What is deleted does not come back, and a clock can be wrong. So the
 * journal has a clock of its own (meta: 'clock'), which no reading moves on
 * by more than a day: it goes with the newest events and with the time that
 * the process runs. While the machine's is further ahead, what only that
 * calls old is held back, until somebody says that it is right. */
#ifndef TELLTALE_PRUNE_H
#define TELLTALE_PRUNE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "journal/journal.h"

/* From here on it is asked about; below, the journal's clock catches up by
 * an hour in an hour, so that weekends are nobody's affair. */
#define PRUNE_ASK_MS INT64_C(604800000)

struct prune_options {
    int64_t now_ms;         /* by the machine's clock */
    int64_t ran_ms;         /* since the last call in this process; 0: first */
    int64_t keep_ms;        /* of events */
    int64_t keep_bodies_ms; /* 0: as long as the events */
    uint64_t max_bytes;     /* of the file, less what is free; 0: any */
    /* What somebody who follows the journal in this process has not read yet
     * stays, though it be old; of a file that is too large, up to a quarter
     * more than its size. */
    bool wait;
};
struct prune_result {
    uint64_t events;  /* deleted by age */
    uint64_t surplus; /* deleted for the size */
    uint64_t bodies;  /* deleted without their events */
    uint64_t pages;   /* given back */
    uint64_t unread;  /* events deleted before all that follow had read them */
    bool waits;       /* something was left for them */
    int64_t held_ms;  /* the machine's clock is so far ahead; 0: it is not */
};
typedef void prune_done(void *ctx, bool ok, const struct prune_result *result,
                        const struct err *err);

/* Deletes oldest first, a little in each transaction so that events are taken
 * in meanwhile; with the events refused bodies, ticks, pins, and the names of
 * persons of whom nothing is left. The daily counts stay. What a mirror had
 * not sent yet is counted there, and all of it in counters ('pruned events',
 * 'pruned bodies', 'unread events'). options are copied. done may be NULL, and
 * is not called when the journal is closed before. */
void journal_prune(struct journal *journal,
                   const struct prune_options *options, prune_done *done,
                   void *ctx);

/* Inside a transaction of the owner: the machine's clock is right. */
bool prune_trust_clock(struct sqlite3 *db, int64_t now_ms, struct err *err);
/* A journal that was begun while the machine's clock was ahead has a clock of
 * its own that is: when that is set, only the times of who sends tell it from
 * one that is behind. Where they bear it out, the journal's goes back to it;
 * also one that was never noted. *clock: what it says then; 0: nothing. */
bool prune_put_clock_back(struct sqlite3 *db, int64_t now_ms, int64_t *clock,
                          struct err *err);
/* How far it is ahead of the journal's; 0 when that is less than a day. */
bool prune_clock_lead(struct sqlite3 *db, int64_t now_ms, int64_t *lead_ms,
                      struct err *err);

#endif
