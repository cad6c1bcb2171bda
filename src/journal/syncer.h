/* The thread that waits for the disk, where that is slow: what the writer
 * committed is handed back once the log is synced, while the writer goes on
 * with the next group. */
#ifndef TELLTALE_SYNCER_H
#define TELLTALE_SYNCER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "journal/queue.h"

struct sqlite3;
struct sqlite3_file;

struct syncer {
    pthread_mutex_t mutex;
    pthread_cond_t filled, moved;
    struct task *waiting;     /* a group that is not being synced yet */
    struct sqlite3_file *log; /* where it was written */
    uint64_t begun, over;     /* commits, ever; those that are over */
    int64_t took_us;          /* a sync, of late */
    bool busy;                /* syncing, or handing back */
    bool failed;              /* until syncer_forgive() */
    bool closed;
    struct queue *in; /* the writer's: told when it is idle */
    struct queue *out;
    void (*wake)(void *ctx); /* may be NULL */
    void *wake_ctx;
};

void syncer_init(struct syncer *syncer);
void syncer_destroy(struct syncer *syncer);

/* The thread's function; argument is a struct syncer. Ends when it is closed
 * and nothing waits. */
void *syncer_main(void *syncer);
void syncer_close(struct syncer *syncer);

/* ---- the writer's side ---- */

/* Nothing is being synced. As queue_take_more() asks: until then a group
 * takes in what comes, so that on a slow disk groups grow, not their
 * number. */
bool syncer_is_idle(void *syncer);
/* Before the commit of a group; waits until it is idle. */
void syncer_begin(struct syncer *syncer);
/* After its commit to db: group, a TASK_REPORT first, goes out when the log
 * is synced: by the caller's thread, while the disk is quick. What cannot be
 * synced goes out as failed, and so does all that comes after it. */
void syncer_give(struct syncer *syncer, struct task *group,
                 struct sqlite3 *db);
/* Instead, where that failed or was not tried: goes out after those before
 * it. */
void syncer_skip(struct syncer *syncer, struct task *group);
/* Waits until nothing is being synced: before the log's file is closed. */
void syncer_drain(struct syncer *syncer);
/* A sync failed, so the log is not to be trusted: what was committed must
 * reach the disk in another way before anything is given again. */
bool syncer_has_failed(struct syncer *syncer);
void syncer_forgive(struct syncer *syncer);

/* ---- the reader's side ---- */

/* Waits until all that can be read by now is on the disk. */
void syncer_wait(struct syncer *syncer);

#endif
