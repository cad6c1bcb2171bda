/* The outbox: planned messages in the journal, until they are known to be
 * taken. Everything here runs on the WRITER's thread, inside a transaction
 * (journal_write): writer_job functions and their arguments. Planning is in
 * outbox_plan.c, the rest in outbox.c. */
#ifndef TELLTALE_OUTBOX_H
#define TELLTALE_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "mirror/settings.h"

struct sqlite3;

/* Buckets: messages of one bucket may be merged while they wait. */
#define BUCKET_LIVE "live"
#define BUCKET_NOW "now" /* bypass, or sent by hand: never merged */
#define BUCKET_QUIET "quiet"
#define BUCKET_DIGEST "digest"
#define BUCKET_CATCH_UP "catch-up"
#define BUCKET_ACCOUNT "account:" /* + organisation id: its cool-down */

/* + id of a signal, which is the only one in it. Never merged either, and
 * not sent once it is done, snoozed or withdrawn; the second as BUCKET_NOW.
 * The journal's trigger signals_gone knows both. */
#define BUCKET_SIGNAL "signal:"
#define BUCKET_SIGNAL_NOW "now:"
/* That id; 0: the bucket is of events. */
int64_t bucket_signal(const char *bucket);

/* One planned message. */
struct planned {
    char *bucket;
    char *message; /* message_to_json(), or an array of events */
    unsigned events;
    uint64_t first_seq, last_seq;
    int64_t due; /* wall ms */
};

/* outbox_add: writes what is planned. */
struct outbox_plan {
    const struct mirror_settings *mirror;
    struct planned *planned;
    size_t count;
    int64_t now;
};
bool outbox_add(void *plan, struct sqlite3 *db, struct err *err);

/* Events of a mirror: in messages that wait, in parked ones, and deleted
 * before they were sent (ever). */
struct outbox_counts {
    uint64_t waiting, parked, pruned;
};

/* outbox_take: the next message that is due, marked as being sent: should
 * the program end before the answer comes, it is in doubt. */
struct outbox_take {
    const char *mirror;
    int64_t now;
    bool urgent_only; /* quiet hours: nothing but what is to be sent now */
    bool count;       /* counts is wanted */
    /* what it found; id 0: nothing is due */
    int64_t id, created;
    bool doubt; /* its answer was lost once already */
    unsigned events;
    char *bucket, *message; /* the caller frees them */
    int64_t next_due;       /* of the next one when none is; CLOCK_NONE */
    struct outbox_counts counts;
};
bool outbox_take(void *take, struct sqlite3 *db, struct err *err);

/* outbox_settle: what became of it. */
enum outbox_fate {
    FATE_SENT,
    FATE_RETRY,   /* certainly not taken: again at `next_try` */
    FATE_DOUBT,   /* perhaps taken: once more at `next_try`, then parked */
    FATE_PARKED,  /* given up: shown until the user acts */
    FATE_OFF,     /* the mirror is off; the message waits */
    FATE_NOTHING, /* there was nothing left to say: it goes unsent */
};
struct outbox_settle {
    const char *mirror;
    int64_t id, now, next_try;
    enum outbox_fate fate;
    bool doubt; /* FATE_OFF: it was in doubt before */
    int status;
    char error[200];
};
bool outbox_settle(void *settle, struct sqlite3 *db, struct err *err);

/* outbox_open: what is known of a mirror at the start; makes its row and its
 * cursor over signals on the first one, and parks what was being sent for the
 * second time when the program ended. */
struct outbox_open {
    const struct mirror_settings *mirror;
    int64_t now;
    uint64_t sent, events;
    struct outbox_counts counts;
    char state[16]; /* "on", "paused", "off" */
    char reason[200];
};
bool outbox_open(void *open, struct sqlite3 *db, struct err *err);

/* outbox_switch: on, paused or off; on also lets parked ones wait again and
 * tries at once what was refused. */
struct outbox_switch {
    const char *mirror, *state;
    int64_t now;
};
bool outbox_switch(void *change, struct sqlite3 *db, struct err *err);

#endif
