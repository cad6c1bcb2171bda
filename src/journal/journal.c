/* The loop's side of the journal: hands tasks to the threads, and gives back
 * what they did. Nothing here touches the disk but open and close. */
#include "journal/journal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/thread.h"
#include "config/path.h"
#include "journal/db.h"
#include "journal/mend.h"
#include "journal/owner.h"
#include "journal/queue.h"
#include "journal/reader_thread.h"
#include "journal/renew.h"
#include "journal/writer.h"
#include "journal/zone.h"

#include "base/banned.h"

static const struct journal_room *const nobody[] = {NULL};

struct journal {
    char *path;
    const struct journal_room *const *rooms;
    struct owner *owner;
    struct uuid id;
    char zone[64];
    struct queue writes, reads, done;
    struct writer writer;
    struct reader_thread reading;
    struct syncer syncer;
    pthread_t writer_thread, reader_thread, syncer_thread;
    bool writer_runs, reader_runs, syncer_runs;
    uint64_t last_read; /* id of the newest read job */
    size_t rejects_waiting, reject_bytes;
    char **followers;
    size_t follower_count;
    struct journal_stats stats;
    struct err trouble; /* "": none */
    struct err notice;  /* "": none */
};

/* One of an earlier day that nobody has looked after. */
static void note_damaged(struct journal *journal)
{
    char *aside = mend_find_damaged(journal->path);

    if (aside)
        err_set(&journal->notice,
                "%s holds events of a damaged journal: telltale check "
                "--journal saves what can be read.",
                aside);
    free(aside);
}

static bool start(struct journal *journal, struct err *err)
{
    if (!renew_open(&journal->writer, err))
        return false;
    note_damaged(journal);
    journal->writer.days = zone_days_new(journal->writer.facts.zone);
    store_set_days(journal->writer.store, journal->writer.days);
    memcpy(journal->zone, journal->writer.facts.zone, sizeof journal->zone);
    journal->id = journal->writer.facts.id;
    journal->stats.last_seq = journal->writer.facts.seq;
    if (journal->writer.noticed)
        journal->notice = journal->writer.notice;
    journal->writer.noticed = false;
    journal->writer_runs = thread_start(&journal->writer_thread, writer_main,
                                        &journal->writer, err);
    journal->reader_runs =
        journal->writer_runs &&
        thread_start(&journal->reader_thread, reader_thread_main,
                     &journal->reading, err);
    journal->syncer_runs = journal->reader_runs &&
                           thread_start(&journal->syncer_thread, syncer_main,
                                        &journal->syncer, err);
    return journal->syncer_runs;
}

struct journal *journal_open(const struct journal_options *options,
                             long *owner_pid, struct err *err)
{
    struct journal *journal = xcalloc(1, sizeof *journal);

    /* SQLite keeps the log beside the file that a link leads to. */
    journal->path = path_real(options->path);
    journal->rooms = options->rooms ? options->rooms : nobody;
    queue_init(&journal->writes);
    queue_init(&journal->reads);
    queue_init(&journal->done);
    journal->writer = (struct writer){.path = journal->path,
                                      .reading = &journal->reading,
                                      .in = &journal->writes,
                                      .syncer = &journal->syncer};
    syncer_init(&journal->syncer);
    journal->syncer.in = &journal->writes;
    journal->syncer.out = &journal->done;
    journal->syncer.wake = options->wake;
    journal->syncer.wake_ctx = options->wake_ctx;
    journal->reading = (struct reader_thread){.doubts = &journal->writes,
                                              .syncer = &journal->syncer,
                                              .in = &journal->reads,
                                              .out = &journal->done,
                                              .wake = options->wake,
                                              .wake_ctx = options->wake_ctx};
    pthread_mutex_init(&journal->reading.swap, NULL);
    if (path_make_parents(journal->path, err))
        journal->owner = owner_take(journal->path, owner_pid, err);
    else if (owner_pid)
        *owner_pid = 0;
    journal->writer.owner = journal->owner;
    if (journal->owner && start(journal, err))
        return journal;
    journal_close(journal);
    return NULL;
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    queue_close(&journal->writes);
    queue_close(&journal->reads);
    if (journal->reader_runs)
        pthread_join(journal->reader_thread, NULL);
    if (journal->writer_runs)
        pthread_join(journal->writer_thread, NULL);
    syncer_close(&journal->syncer);
    if (journal->syncer_runs)
        pthread_join(journal->syncer_thread, NULL);
    reader_close(journal->reading.reader);
    store_free(journal->writer.store);
    zone_days_free(journal->writer.days);
    queue_destroy(&journal->writes);
    queue_destroy(&journal->reads);
    queue_destroy(&journal->done);
    pthread_mutex_destroy(&journal->reading.swap);
    syncer_destroy(&journal->syncer);
    owner_release(journal->owner);
    for (size_t i = 0; i < journal->follower_count; i++)
        free(journal->followers[i]);
    free(journal->followers);
    free(journal->path);
    free(journal);
}

const struct uuid *journal_id(const struct journal *journal)
{
    return &journal->id;
}

const char *journal_zone(const struct journal *journal)
{
    return journal->zone;
}

const struct zone_days *journal_days(const struct journal *journal)
{
    return journal->writer.days;
}

bool journal_zone_differs(const struct journal *journal)
{
    return journal->writer.days != NULL;
}

const struct journal_room *const *journal_rooms(const struct journal *journal)
{
    return journal->rooms;
}

const char *journal_path(const struct journal *journal)
{
    return journal->path;
}

void journal_append(struct journal *journal, struct event_batch *batch,
                    append_done *done, void *ctx, uint64_t token)
{
    struct task *task = task_new(TASK_APPEND, ctx);

    task->rows = batch->count;
    task->bytes = batch->bytes;
    task->u.append.batch = batch;
    task->u.append.done = done;
    task->u.append.token = token;
    journal->stats.waiting += batch->count;
    task->u.append.held = batch->arena.used + batch->bytes;
    journal->stats.waiting_bytes += task->u.append.held;
    queue_push(&journal->writes, task);
}

static char *copy_of(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

void journal_reject(struct journal *journal, int status, const char *why,
                    const struct reject_from *from, const char *body,
                    size_t len)
{
    size_t kept = len < LIMIT_REJECT_BODY ? len : LIMIT_REJECT_BODY;
    struct task *task;

    /* Nobody waits for it, so nobody else would ever slow it down. */
    if (journal->rejects_waiting >= LIMIT_REJECTS ||
        journal->reject_bytes + kept > LIMIT_REJECTS_WAITING) {
        journal->stats.rejects_dropped++;
        return;
    }
    journal->rejects_waiting++;
    journal->reject_bytes += kept;
    task = task_new(TASK_REJECT, NULL);
    task->bytes = kept;
    task->u.reject.at = clock_now_ms();
    task->u.reject.status = status;
    task->u.reject.why = xstrdup(why);
    task->u.reject.peer = copy_of(from->peer);
    task->u.reject.content_type = copy_of(from->content_type);
    task->u.reject.webhook_id = copy_of(from->webhook_id);
    task->u.reject.body = xstrndup(kept ? body : "", kept);
    task->u.reject.kept = kept;
    task->u.reject.size = len;
    queue_push(&journal->writes, task);
}

void journal_tick(struct journal *journal, int64_t wall_ms)
{
    struct task *task = task_new(TASK_TICK, NULL);

    task->u.tick.at = wall_ms;
    queue_push(&journal->writes, task);
}

void journal_tick_once(struct journal *journal, int64_t wall_ms,
                       int64_t since_ms)
{
    struct task *task = task_new(TASK_TICK, NULL);

    task->u.tick.at = wall_ms;
    task->u.tick.once = true;
    task->u.tick.since = since_ms;
    queue_push(&journal->writes, task);
}

void journal_write(struct journal *journal, writer_job *job, job_done *done,
                   void *ctx)
{
    journal_write_owned(journal, job, done, ctx, NULL);
}

void journal_write_owned(struct journal *journal, writer_job *job,
                         job_done *done, void *ctx, void (*drop)(void *ctx))
{
    struct task *task = task_new(TASK_WRITE, ctx);

    task->drop = drop;
    task->u.write.job = job;
    task->u.write.done = done;
    queue_push(&journal->writes, task);
}

void journal_truncate(struct journal *journal, job_done *done, void *ctx)
{
    journal_truncate_owned(journal, done, ctx, NULL);
}

void journal_truncate_owned(struct journal *journal, job_done *done, void *ctx,
                            void (*drop)(void *ctx))
{
    struct task *task = task_new(TASK_TRUNCATE, ctx);

    task->drop = drop;
    task->u.write.done = done;
    queue_push(&journal->writes, task);
}

uint64_t journal_read(struct journal *journal, reader_job *job, job_done *done,
                      void *ctx)
{
    return journal_read_owned(journal, job, done, ctx, NULL);
}

uint64_t journal_read_owned(struct journal *journal, reader_job *job,
                            job_done *done, void *ctx, void (*drop)(void *ctx))
{
    struct task *task = task_new(TASK_READ, ctx);
    uint64_t id = ++journal->last_read;

    task->drop = drop;
    task->id = id;
    task->u.read.job = job;
    task->u.read.done = done;
    queue_push(&journal->reads, task);
    return id;
}

void journal_cancel(struct journal *journal, uint64_t job)
{
    queue_cancel(&journal->reads, job);
}

static void note_group(struct journal *journal, const struct task *task)
{
    struct journal_stats *stats = &journal->stats;

    if (*task->u.report.notice.text)
        journal->notice = task->u.report.notice;
    if (!task->ok) {
        journal->trouble = task->err;
        return;
    }
    journal->trouble.text[0] = '\0';
    if (!task->u.report.committed)
        return;
    stats->last_seq = task->u.report.last_seq;
    stats->rejects += task->u.report.rejects;
    stats->commits++;
    if (task->u.report.commit_us > stats->commit_us_max)
        stats->commit_us_max = task->u.report.commit_us;
}

static void give_append(struct journal *journal, struct task *task)
{
    struct append_result result = {.ok = task->ok,
                                   .batch = task->u.append.batch};

    journal->stats.waiting -= task->rows;
    journal->stats.waiting_bytes -= task->u.append.held;
    if (task->ok) {
        event_batch_fresh(result.batch);
        result.fresh = task->u.append.fresh;
        result.duplicates = task->u.append.duplicates;
        result.forgotten = task->u.append.forgotten;
        journal->stats.events += result.fresh;
        journal->stats.duplicates += result.duplicates;
        journal->stats.forgotten += result.forgotten;
    }
    task->u.append.batch = NULL;
    task->u.append.done(task->ctx, task->u.append.token, &result);
}

static void give(struct journal *journal, struct task *task)
{
    switch (task->kind) {
    case TASK_REPORT:
        note_group(journal, task);
        break;
    case TASK_REJECT:
        journal->rejects_waiting--;
        journal->reject_bytes -= task->bytes;
        break;
    case TASK_APPEND:
        give_append(journal, task);
        break;
    case TASK_WRITE:
    case TASK_TRUNCATE:
        task->drop = NULL;
        if (task->u.write.done)
            task->u.write.done(task->ctx, task->ok, &task->err);
        break;
    case TASK_READ:
        task->drop = NULL;
        if (task->u.read.done)
            task->u.read.done(task->ctx, task->ok, &task->err);
        break;
    default:
        break;
    }
}

void journal_drain(struct journal *journal)
{
    struct task *task = queue_take_all(&journal->done), *next;

    for (; task; task = next) {
        next = task->next;
        give(journal, task);
        task_free(task);
    }
}

void journal_follow(struct journal *journal, const char *reader)
{
    for (size_t i = 0; i < journal->follower_count; i++)
        if (!strcmp(journal->followers[i], reader))
            return;
    journal->followers =
        xreallocarray(journal->followers, journal->follower_count + 1,
                      sizeof *journal->followers);
    journal->followers[journal->follower_count++] = xstrdup(reader);
}

const char *const *journal_followers(const struct journal *journal,
                                     size_t *count)
{
    *count = journal->follower_count;
    return (const char *const *)journal->followers;
}

struct journal_stats journal_stats(const struct journal *journal)
{
    struct journal_stats stats = journal->stats;

    stats.memory = (size_t)sqlite3_memory_used();
    return stats;
}

const char *journal_trouble(const struct journal *journal)
{
    return *journal->trouble.text ? journal->trouble.text : NULL;
}

const char *journal_notice(const struct journal *journal)
{
    return *journal->notice.text ? journal->notice.text : NULL;
}
