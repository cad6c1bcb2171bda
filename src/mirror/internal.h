/* Within this room: what a running mirror is. Two small machines each,
 * planning (plan.c) and sending (deliver.c), with at most one step under way;
 * the arguments of the step live in struct mirror, so whoever ends first
 * leaves nothing dangling. */
#ifndef TELLTALE_MIRROR_INTERNAL_H
#define TELLTALE_MIRROR_INTERNAL_H

#include "base/clock.h"
#include "journal/follower.h"
#include "mirror/batch.h"
#include "mirror/mirror.h"
#include "mirror/outbox.h"
#include "mirror/signal_page.h"
#include "report/digest.h"

#define MIRROR_DISK_RETRY_US 1000000 /* after a job of the journal failed */

/* What a digest is of, for the reader's thread. */
struct telling {
    const struct mirror_settings *settings;
    struct message *told; /* as the outbox keeps it; NULL: all there is */
    int64_t now;
};

/* Of a mirror that is not on. While busy, upto and events are the reader's. */
struct unread_count {
    struct mirror *mirror;
    bool busy, again;     /* again: more came meanwhile */
    uint64_t after, upto; /* counted is from the one to the other: seqs */
    uint64_t events;      /* between them */
    int64_t began_us;     /* monotonic: the last one; 0: none yet */
    int64_t whole_us;     /* that of all of it; 0: none yet */
};

struct mirror {
    struct mirrors *all;
    const struct mirror_settings *settings;
    enum mirror_state state;
    bool opened, following; /* following: its place is known */
    bool sending;           /* a message is taken, sent or settled */
    bool look_again;        /* a plan was written meanwhile */
    bool unsettled;         /* the fate is known, but not yet on the disk */
    uint64_t sent, events, waiting, parked, pruned;
    uint64_t unread;   /* as last counted, of one that is not on */
    uint64_t unjudged; /* events too costly for its queries, said so far */
    char trouble[200];
    int64_t trouble_since, next_try; /* wall ms */
    unsigned failures;               /* in a row */
    int64_t not_before;              /* monotonic us: pace and backoff */
    int64_t counted_us;        /* monotonic: when the outbox was counted */
    char reader[80];           /* the follower's name */
    struct follower *follower; /* held until opened, and while not on */
    struct loop_timer *plan_timer, *send_timer, *open_timer, *unread_timer;
    struct cooldowns cooldowns;
    struct unread_count unread_count;
    uint64_t transfer;
    struct outbox_open open;
    struct outbox_plan plan;
    struct signal_page signals; /* of the page under way */
    struct outbox_take take;
    struct outbox_settle settle;
    struct digest *digest; /* being gathered, or sent; or NULL */
    struct telling telling;
};

struct mirrors {
    struct mirrors_options options;
    struct mirror *mirrors;
    size_t count;
    bool stopping;
    uint64_t random;
};

/* status.c: the screen is to be drawn again; something is wrong, told and
 * logged. */
void mirror_changed(struct mirror *mirror);
void mirror_trouble(struct mirror *mirror, const char *text);
/* Says in the log how it is switched on again. */
void mirror_say_off(const struct mirror *mirror);

/* plan.c: follows the journal and plans what came since, at once or when the
 * window ends. */
void mirror_follow(struct mirror *mirror);
void mirror_free_plan(struct mirror *mirror);

/* unread.c: pauses and resumes: nothing is planned but while it is on. */
void mirror_set_state(struct mirror *mirror, enum mirror_state state);
/* More may wait for a mirror that is not on, or its place is another one; also
 * the timer's. */
void mirror_count_unread(void *mirror);

/* digest.c: gathers the report of what was taken, and says to on_gathered,
 * with the mirror, whether it is whole. False: what was taken is no digest. */
bool mirror_gather(struct mirror *mirror, job_done *on_gathered);
void mirror_forget_digest(struct mirror *mirror);

/* deliver.c: looks for a message that is due. */
void mirror_kick_send(struct mirror *mirror);
void mirror_send_now(void *mirror); /* the send timer */
void mirror_forget_taken(struct mirror *mirror);

#endif
