/* Slices of reader jobs. A job that wants another slice goes to the end of
 * the queue, so that a long search does not keep a short look-up waiting. */
#include "journal/reader_thread.h"

#include <sqlite3.h>

#include "journal/guard.h"

#include "base/banned.h"

static void finish(struct reader_thread *reading, struct task *task)
{
    queue_push(reading->out, task);
    if (reading->wake)
        reading->wake(reading->wake_ctx);
}

/* The writer looks closer, and mends. */
static void tell_damage(struct reader_thread *reading)
{
    if (guard_is_damage(sqlite3_extended_errcode(reader_db(reading->reader))))
        queue_push(reading->doubts, task_new(TASK_DOUBT, NULL));
}

static enum reader_step run_job(struct reader_thread *reading,
                                struct task *task)
{
    enum reader_step step = READER_FAILED;

    pthread_mutex_lock(&reading->swap);
    if (reading->reader)
        step = task->u.read.job(task->ctx, reading->reader, &task->err);
    else
        err_set(&task->err, "the journal cannot be opened");
    if (step == READER_FAILED && reading->reader)
        tell_damage(reading);
    pthread_mutex_unlock(&reading->swap);
    return step;
}

/* The job is done, failed or cancelled, or is queued again: then it is no
 * longer ours. */
static void run_slice(struct reader_thread *reading, struct task *task)
{
    enum reader_step step = READER_FAILED;
    bool again, cancelled = task->cancelled;

    if (!cancelled)
        step = run_job(reading, task);
    if (step == READER_DONE)
        syncer_wait(reading->syncer);
    again = step == READER_AGAIN;
    if (queue_finish(reading->in, again ? task : NULL))
        cancelled = step != READER_DONE;
    else if (again)
        return;
    task->ok = step == READER_DONE;
    if (cancelled)
        err_set(&task->err, "cancelled");
    finish(reading, task);
}

void *reader_thread_main(void *arg)
{
    struct reader_thread *reading = arg;
    struct task *task;

    while ((task = queue_take_read(reading->in)))
        run_slice(reading, task);
    return NULL;
}
