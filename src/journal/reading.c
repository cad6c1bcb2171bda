/* Slices of reader jobs. A job that wants another slice goes to the end of
 * the queue, so that a long search does not keep a short look-up waiting. */
#include "journal/reading.h"

#include "base/banned.h"

static void finish(struct reading *reading, struct task *task)
{
    queue_push(reading->out, task);
    if (reading->wake)
        reading->wake(reading->wake_ctx);
}

/* True when the job wants another slice. */
static bool run_slice(struct reading *reading, struct task *task)
{
    enum reader_step step = READER_FAILED;

    if (!task->cancelled) {
        step = task->u.read.job(task->ctx, reading->reader, &task->err);
        task->cancelled = queue_finish(reading->in) && step != READER_DONE;
    } else {
        queue_finish(reading->in);
    }
    if (task->cancelled) {
        task->ok = err_set(&task->err, "cancelled");
        return false;
    }
    task->ok = step == READER_DONE;
    return step == READER_AGAIN;
}

void *reading_main(void *arg)
{
    struct reading *reading = arg;
    struct task *task;

    while ((task = queue_take_read(reading->in))) {
        if (run_slice(reading, task))
            queue_push(reading->in, task);
        else
            finish(reading, task);
    }
    return NULL;
}
