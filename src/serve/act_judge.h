/* What is told late by POST /act (doc/feed.md: ago) against what is known here
 * of the same: the newer of both stands. For the writer, inside its
 * transaction. */
#ifndef TELLTALE_ACT_JUDGE_H
#define TELLTALE_ACT_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/uuid.h"

struct act_row;
struct sqlite3;

/* When it was done, by the clock here. */
struct act_when {
    int64_t at; /* wall ms */
    bool late;  /* it was said how long ago that was */
};

struct act_verdict {
    int64_t act;       /* the id here of what stands; 0: not known yet */
    bool older;        /* something newer stands: nothing is to be done */
    struct buf stands; /* its line of the feed, when older */
};
/* Asks whether what was done then, by whom, stands; fills out in anew. What is
 * known of a time to come tells of a clock that was set back, and is no reason;
 * nor is what the same one did up to ACT_SAME_MS later: they tell in order, and
 * it took longer to come here. */
#define ACT_SAME_MS 10000
bool act_judge(struct sqlite3 *db, const struct uuid *ours,
               const char *subject, const struct act_when *when,
               const char *by, struct act_verdict *out, struct err *err);
/* *gone: the account was forgotten since. */
bool act_judge_account(struct sqlite3 *db, const char *account,
                       const struct act_when *when, bool *gone,
                       struct err *err);
/* It was done: it stands, under the id that it is given. */
bool act_stands(struct sqlite3 *db, struct act_row *row,
                struct act_verdict *verdict, struct err *err);
void act_verdict_free(struct act_verdict *verdict);

#endif
