/* The connection commits with synchronous = NORMAL, which writes the log and
 * leaves its sync to us; it is the same call on the same file that FULL would
 * make, but beside the writer. What a crash of the machine may take from the
 * log was not acknowledged, nor handed to anybody who reads. */
#include "journal/syncer.h"

#include <stdlib.h>

#include <sqlite3.h>

#include "base/clock.h"

#include "base/banned.h"

/* A disk that syncs in less is waited for by the writer itself: to hand a
 * group to another thread, and groups of half the size, cost more than they
 * save then. */
#define QUICK_US 500
#define WEIGHT 8 /* of one sync in the time they take: an eighth */

void syncer_init(struct syncer *syncer)
{
    *syncer = (struct syncer){.waiting = NULL};
    pthread_mutex_init(&syncer->mutex, NULL);
    pthread_cond_init(&syncer->filled, NULL);
    pthread_cond_init(&syncer->moved, NULL);
}

void syncer_destroy(struct syncer *syncer)
{
    pthread_cond_destroy(&syncer->filled);
    pthread_cond_destroy(&syncer->moved);
    pthread_mutex_destroy(&syncer->mutex);
}

void syncer_close(struct syncer *syncer)
{
    pthread_mutex_lock(&syncer->mutex);
    syncer->closed = true;
    pthread_cond_broadcast(&syncer->filled);
    pthread_mutex_unlock(&syncer->mutex);
}

static bool sync_log(struct sqlite3_file *log)
{
    return log && log->pMethods &&
           log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) == SQLITE_OK;
}

/* The lock is held. */
static struct task *take(struct syncer *syncer, struct sqlite3_file **log)
{
    struct task *group;

    while (!syncer->waiting && !syncer->closed)
        pthread_cond_wait(&syncer->filled, &syncer->mutex);
    group = syncer->waiting;
    *log = syncer->log;
    syncer->waiting = NULL;
    syncer->busy = group != NULL;
    return group;
}

/* A TASK_REPORT is first. */
static void settle(struct task *group, bool ok)
{
    static const struct err why = {"the journal's log cannot be synced"};

    group->u.report.commit_us = clock_mono_us() - group->u.report.begun_us;
    for (struct task *task = group; !ok && task; task = task->next)
        task_fail(task, &why);
}

static void hand_back(struct syncer *syncer, struct task *group)
{
    queue_push_list(syncer->out, group);
    if (syncer->wake)
        syncer->wake(syncer->wake_ctx);
}

/* The lock is held, and is not meanwhile: busy is set. */
static void sync_group(struct syncer *syncer, struct task *group,
                       struct sqlite3_file *log)
{
    bool ok = !syncer->failed;
    int64_t began, took;

    pthread_mutex_unlock(&syncer->mutex);
    began = clock_mono_us();
    ok = ok && sync_log(log);
    took = clock_mono_us() - began;
    settle(group, ok);
    hand_back(syncer, group);
    pthread_mutex_lock(&syncer->mutex);
    syncer->took_us += (took - syncer->took_us) / WEIGHT;
    syncer->failed = !ok;
    syncer->busy = false;
    syncer->over = syncer->begun;
    pthread_cond_broadcast(&syncer->moved);
}

void *syncer_main(void *arg)
{
    struct syncer *syncer = arg;
    struct sqlite3_file *log;
    struct task *group;

    pthread_mutex_lock(&syncer->mutex);
    while ((group = take(syncer, &log))) {
        sync_group(syncer, group, log);
        pthread_mutex_unlock(&syncer->mutex);
        queue_poke(syncer->in);
        pthread_mutex_lock(&syncer->mutex);
    }
    pthread_mutex_unlock(&syncer->mutex);
    return NULL;
}

/* The lock is held. */
static bool is_idle(const struct syncer *syncer)
{
    return !syncer->waiting && !syncer->busy;
}

/* The lock is held. */
static void wait_idle(struct syncer *syncer)
{
    while (!is_idle(syncer))
        pthread_cond_wait(&syncer->moved, &syncer->mutex);
}

bool syncer_is_idle(void *arg)
{
    struct syncer *syncer = arg;
    bool idle;

    pthread_mutex_lock(&syncer->mutex);
    idle = is_idle(syncer);
    pthread_mutex_unlock(&syncer->mutex);
    return idle;
}

void syncer_begin(struct syncer *syncer)
{
    pthread_mutex_lock(&syncer->mutex);
    wait_idle(syncer);
    syncer->begun++;
    pthread_mutex_unlock(&syncer->mutex);
}

void syncer_give(struct syncer *syncer, struct task *group, struct sqlite3 *db)
{
    struct sqlite3_file *log = NULL;

    sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    pthread_mutex_lock(&syncer->mutex);
    if (syncer->took_us < QUICK_US) {
        syncer->busy = true;
        sync_group(syncer, group, log);
    } else {
        syncer->log = log;
        syncer->waiting = group;
        pthread_cond_signal(&syncer->filled);
    }
    pthread_mutex_unlock(&syncer->mutex);
}

void syncer_skip(struct syncer *syncer, struct task *group)
{
    syncer_drain(syncer);
    settle(group, true);
    hand_back(syncer, group);
    pthread_mutex_lock(&syncer->mutex);
    syncer->over = syncer->begun;
    pthread_cond_broadcast(&syncer->moved);
    pthread_mutex_unlock(&syncer->mutex);
}

void syncer_drain(struct syncer *syncer)
{
    pthread_mutex_lock(&syncer->mutex);
    wait_idle(syncer);
    pthread_mutex_unlock(&syncer->mutex);
}

bool syncer_has_failed(struct syncer *syncer)
{
    bool failed;

    pthread_mutex_lock(&syncer->mutex);
    failed = syncer->failed;
    pthread_mutex_unlock(&syncer->mutex);
    return failed;
}

void syncer_forgive(struct syncer *syncer)
{
    pthread_mutex_lock(&syncer->mutex);
    wait_idle(syncer);
    syncer->failed = false;
    pthread_mutex_unlock(&syncer->mutex);
}

void syncer_wait(struct syncer *syncer)
{
    uint64_t begun;

    pthread_mutex_lock(&syncer->mutex);
    begun = syncer->begun;
    while (syncer->over < begun)
        pthread_cond_wait(&syncer->moved, &syncer->mutex);
    pthread_mutex_unlock(&syncer->mutex);
}
