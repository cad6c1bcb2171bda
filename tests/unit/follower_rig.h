/* What the tests of the follower share: one that writes every seq it was shown
 * into a table, over the journal of journal_rig.h. */
#ifndef TELLTALE_FOLLOWER_RIG_H
#define TELLTALE_FOLLOWER_RIG_H

#include "journal/follower.h"
#include "tests/unit/journal_rig.h"

#define COUNTER_NAME "counts"
#define GATHER_US 20000
#define KEPT 4096

struct counter {
    struct rig *rig;
    struct follower *follower;
    int64_t armed; /* as arm() was last called; -1: not at all */
    bool opened;

    /* Of the last page, as read() was shown it. */
    uint64_t seqs[KEPT];
    size_t count, ticks, bytes;
    struct follower_tick tick[8];
    unsigned reads, writes;
    unsigned slices; /* that prepare() asks for */
    uint64_t cut;    /* the next page ends at that seq; 0: where it does */
    bool early;      /* a page was read before the last of them */
    bool fail_read, fail_write, fail_prepare;

    bool settles;        /* settle() was called */
    bool done, ok, told; /* told: done() was given a reason */
    struct err why;

    /* write() waits here while gated. */
    bool gated, in_write;
};

/* Over the rig of *state, whose journal gets the table. */
struct counter *counter_new(void **state);
/* As most cases have them; a case may change some before it begins. */
struct follower_options counter_options(struct counter *counter);
/* Makes the follower, and waits until it is open. */
void counter_begin(struct counter *counter,
                   const struct follower_options *options);
/* As the program ends: stopped, then the journal closed, then freed. */
void counter_end(struct counter *counter);
/* The same, and the counter is freed. */
void counter_finish(struct counter *counter);

/* The timer comes, and a page is done with. */
void counter_turn(struct counter *counter);
/* Of the journal, and the follower is told. */
void counter_add_event(struct counter *counter, uint32_t number);
void counter_add_tick(struct counter *counter, int64_t at);
/* How many seqs are in the table; the follower's cursor. */
int64_t counter_written(struct counter *counter);
int64_t counter_cursor(struct counter *counter);

#endif
