/* Within this room: what a running mirror is. Two small machines each,
 * planning (plan.c) and sending (deliver.c), with at most one step under way;
 * the arguments of the step live in struct mirror, so whoever ends first
 * leaves nothing dangling. */
#ifndef TELLTALE_MIRROR_INTERNAL_H
#define TELLTALE_MIRROR_INTERNAL_H

#include "base/clock.h"
#include "mirror/batch.h"
#include "mirror/mirror.h"
#include "mirror/outbox.h"

#define MIRROR_DISK_RETRY_US 1000000 /* after a job of the journal failed */

/* A page being planned, on the reader's thread. */
struct mirror_page {
    uint64_t from, to, target;
    bool more;
};

struct mirror {
    struct mirrors *all;
    const struct mirror_settings *settings;
    enum mirror_state state;
    bool opened, planning;
    bool sending;    /* a message is taken, sent or settled */
    bool look_again; /* a plan was written meanwhile */
    bool unsettled;  /* the fate is known, but not yet on the disk */
    uint64_t cursor, last_seq;
    uint64_t sent, events, waiting, parked, pruned;
    uint64_t unjudged; /* events too costly for its queries, said so far */
    char trouble[200];
    int64_t trouble_since, next_try; /* wall ms */
    unsigned failures;               /* in a row */
    int64_t not_before;              /* monotonic us: pace and backoff */
    int64_t planned_us;              /* monotonic: when the last plan began */
    int64_t counted_us; /* monotonic: when the outbox was counted */
    struct loop_timer *plan_timer, *send_timer;
    struct cooldowns cooldowns;
    uint64_t transfer;
    struct mirror_page page;
    struct outbox_open open;
    struct outbox_plan plan;
    struct outbox_take take;
    struct outbox_settle settle;
};

struct mirrors {
    struct mirrors_options options;
    struct mirror *mirrors;
    size_t count;
    bool stopping;
    uint64_t random;
};

void mirror_changed(struct mirror *mirror);
void mirror_trouble(struct mirror *mirror, const char *text);

/* plan.c: plans what came since, at once or when the window ends. */
void mirror_arm_plan(struct mirror *mirror);
void mirror_plan_now(void *mirror); /* the plan timer */
void mirror_free_plan(struct mirror *mirror);

/* deliver.c: looks for a message that is due. */
void mirror_kick_send(struct mirror *mirror);
void mirror_send_now(void *mirror); /* the send timer */
void mirror_forget_taken(struct mirror *mirror);

#endif
