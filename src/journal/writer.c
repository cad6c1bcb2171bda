/* Group commit. A group is one transaction: it is kept whole or not at all,
 * but for writer jobs, each of which fails for itself. What is in a row the
 * store knows; this file knows when. */
#include "journal/writer.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "journal/checkpoint_pace.h"
#include "journal/renew.h"

#include "base/banned.h"

/* A quiet writer copies its log into the database after this time, and looks
 * as often whether what waits to be put back can be. */
#define IDLE_MS 1000

static bool run_reject(struct store *store, const struct task *task,
                       struct err *err)
{
    return store_reject(store,
                        &(struct reject){
                            .at = task->u.reject.at,
                            .status = task->u.reject.status,
                            .why = task->u.reject.why,
                            .peer = task->u.reject.peer,
                            .content_type = task->u.reject.content_type,
                            .webhook_id = task->u.reject.webhook_id,
                            .body = task->u.reject.body,
                            .kept = task->u.reject.kept,
                            .size = task->u.reject.size,
                        },
                        err);
}

static bool run_tick(struct store *store, const struct task *task,
                     struct err *err)
{
    return task->u.tick.once ? store_tick_once(store, task->u.tick.at,
                                               task->u.tick.since, err)
                             : store_tick(store, task->u.tick.at, err);
}

static bool run_append(struct store *store, struct task *task, struct err *err)
{
    struct appended appended;

    if (!store_append(store, task->u.append.batch, &appended, err))
        return false;
    task->u.append.fresh = appended.fresh;
    task->u.append.duplicates = appended.duplicates;
    task->u.append.forgotten = appended.forgotten;
    return true;
}

/* False: the whole group is lost. A job that failed alone says so in its
 * task. */
static bool run_task(struct store *store, struct task *task, struct err *err)
{
    bool broken = false;

    switch (task->kind) {
    case TASK_APPEND:
        return run_append(store, task, err);
    case TASK_REJECT:
        return run_reject(store, task, err);
    case TASK_TICK:
        return run_tick(store, task, err);
    case TASK_WRITE:
        task->ok = store_nested(store, task->u.write.job, task->ctx, &broken,
                                &task->err);
        if (broken)
            *err = task->err;
        return !broken;
    case TASK_DOUBT:
        store_doubt(store);
        return true;
    default:
        return true;
    }
}

/* What a failed sync left in doubt goes into the database itself. */
static bool save_doubtful(struct writer *writer, struct err *err)
{
    if (!syncer_has_failed(writer->syncer))
        return true;
    if (!store_copy_all(writer->store, err))
        return false;
    syncer_forgive(writer->syncer);
    return true;
}

static bool run_tasks(struct store *store, struct task *tasks, struct err *err)
{
    for (struct task *task = tasks; task; task = task->next) {
        task->ok = true;
        if (!run_task(store, task, err))
            return false;
    }
    return true;
}

/* What came meanwhile, while the disk is busy with the group before. */
static struct task *join(struct writer *writer, struct task *group)
{
    size_t rows = 0, bytes = 0;
    struct task *last = group;

    for (;; last = last->next) {
        rows += last->rows;
        bytes += last->bytes;
        if (!last->next)
            break;
    }
    last->next = queue_take_more(writer->in, &rows, &bytes, syncer_is_idle,
                                 writer->syncer);
    return last->next;
}

static bool run_group(struct writer *writer, struct task *group,
                      struct err *err)
{
    struct store *store = writer->store;

    if (!save_doubtful(writer, err) || !store_begin(store, err))
        return false;
    for (struct task *next = group; next; next = join(writer, group))
        if (!run_tasks(store, next, err)) {
            store_rollback(store);
            return false;
        }
    syncer_begin(writer->syncer);
    return store_commit(store, err);
}

/* How the group went, in front of it. sound: the next one can be taken. */
static struct task *report(struct writer *writer, struct task *group, bool ok,
                           bool sound, int64_t begun_us, const struct err *err)
{
    struct task *task = task_new(TASK_REPORT, NULL);

    task->ok = sound;
    task->err = *err;
    task->u.report.committed = ok;
    if (writer->store)
        task->u.report.last_seq = store_seq(writer->store);
    else
        task->u.report.last_seq = writer->facts.seq;
    task->u.report.begun_us = begun_us;
    for (struct task *each = group; each; each = each->next) {
        task->u.report.rejects += ok && each->kind == TASK_REJECT;
        if (!ok)
            task_fail(each, err);
    }
    if (writer->noticed)
        task->u.report.notice = writer->notice;
    writer->noticed = false;
    task->next = group;
    return task;
}

/* A group that met a doubt is not acknowledged; what comes after it goes to
 * whatever is in place then. True: that is a journal again. */
static bool mend(struct writer *writer, const struct err *why)
{
    enum guard_state state = store_state(writer->store);

    if (state == GUARD_OURS || state == GUARD_UNSURE)
        return false;
    syncer_drain(writer->syncer);
    return renew_after(writer, state, why);
}

static void commit_group(struct writer *writer, struct task *group)
{
    int64_t start = clock_mono_us();
    struct err err = {""};
    bool ok = (writer->store || renew_open(writer, &err)) &&
              renew_owned(writer, &err) && run_group(writer, group, &err);
    bool sound = ok || (writer->store && mend(writer, &err));

    for (struct task *task = group; ok && task; task = task->next)
        if (task->kind == TASK_TRUNCATE)
            task->ok = store_truncate(writer->store, &task->err);
    group = report(writer, group, ok, sound, start, &err);
    if (ok)
        syncer_give(writer->syncer, group, store_db(writer->store));
    else
        syncer_skip(writer->syncer, group);
}

static void copy_log(struct writer *writer)
{
    struct err err = {""};
    bool sound;

    if (store_checkpoint(writer->store, &err))
        return;
    sound = mend(writer, &err);
    if (writer->noticed)
        syncer_skip(writer->syncer,
                    report(writer, NULL, false, sound, clock_mono_us(), &err));
}

/* While events come. */
static void copy_part(struct writer *writer, struct checkpoint_pace *pace)
{
    int64_t start = clock_mono_us();

    copy_log(writer);
    checkpoint_pace_learn(pace, clock_mono_us() - start);
}

void *writer_main(void *arg)
{
    struct writer *writer = arg;
    struct checkpoint_pace pace = checkpoint_pace_new();
    bool closed = false, clean = true;

    while (!closed) {
        struct task *group =
            queue_take_group(writer->in, clean ? -1 : IDLE_MS, &closed);

        if (group)
            commit_group(writer, group);
        if (writer->store && !group)
            copy_log(writer);
        else if (writer->store &&
                 checkpoint_pace_is_due(&pace, store_wal_bytes(writer->store)))
            copy_part(writer, &pace);
        clean = !group && !writer->again_us;
    }
    if (writer->again_us) { /* the last time that it can be put back */
        writer->again_us = 0;
        copy_log(writer);
    }
    return NULL;
}
