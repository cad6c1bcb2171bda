/* Tasks handed between the loop and the journal's threads: a list, a mutex
 * and a condition, the only lock the loop has to do with. The threads have two
 * more among them: the syncer's mutex (syncer.h), and the reader's swap
 * (reader_thread.h). */
#ifndef TELLTALE_QUEUE_H
#define TELLTALE_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "journal/journal.h"

enum task_kind {
    TASK_APPEND,
    TASK_REJECT,
    TASK_TICK,
    TASK_WRITE,
    TASK_TRUNCATE,
    TASK_DOUBT, /* from the reader: the file cannot be read */
    TASK_READ,
    TASK_REPORT, /* from the writer: how a group went */
};

/* Owned by whoever holds it; freed by task_free(). */
struct task {
    struct task *next;
    enum task_kind kind;
    uint64_t id;        /* of a read */
    size_t rows, bytes; /* for the limits of a group */
    void *ctx;
    void (*drop)(void *ctx); /* frees ctx if nobody is told; may be NULL */
    union {
        struct {
            struct event_batch *batch;
            append_done *done;
            uint64_t token;
            size_t held; /* bytes of memory, until it is given back */
            size_t fresh, duplicates, forgotten;
        } append;
        struct {
            int64_t at;
            int status;
            char *why, *peer, *content_type, *webhook_id, *body;
            size_t kept, size;
        } reject;
        struct {
            int64_t at, since;
            bool once; /* only where the last one is from before since */
        } tick;
        struct {
            writer_job *job;
            job_done *done;
        } write;
        struct {
            reader_job *job;
            job_done *done;
        } read;
        struct {
            bool committed; /* the group was; ok says whether one can be */
            uint64_t last_seq;
            int64_t begun_us;  /* of the monotonic clock */
            int64_t commit_us; /* from then until it was on the disk */
            size_t rejects;
            struct err notice; /* of what was mended; "": nothing */
        } report;
    } u;
    bool ok;        /* once it was done */
    bool cancelled; /* a read */
    struct err err; /* why not ok */
};

struct task *task_new(enum task_kind kind, void *ctx);
/* Of a group that is not kept: not ok, and without seqs. */
void task_fail(struct task *task, const struct err *why);
/* With what it carries: batch, copies. */
void task_free(struct task *task);

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    struct task *head, **tail;
    uint64_t running; /* id of the read that is being done, 0: none */
    bool running_cancelled;
    bool closed;
};

void queue_init(struct queue *queue);
/* Frees the tasks that are left. */
void queue_destroy(struct queue *queue);
void queue_push(struct queue *queue, struct task *task);
/* Appends a whole list. */
void queue_push_list(struct queue *queue, struct task *list);
/* No waiting for more: what is there is still taken. */
void queue_close(struct queue *queue);

/* Takes everything, at once; NULL when there is nothing. */
struct task *queue_take_all(struct queue *queue);
/* Takes the first tasks that fit a group commit, at least one. Waits for at
 * most wait_ms (negative: until there is one or the queue is closed). NULL
 * after the time, or when the queue is closed and empty: *closed says. */
struct task *queue_take_group(struct queue *queue, int wait_ms, bool *closed);

/* What fits on top of a group that has that many rows and bytes, which are
 * counted up. Waits for some until ready() says that the group is not to wait
 * any longer: NULL then, or when it is full, or the queue closed. */
struct task *queue_take_more(struct queue *queue, size_t *rows, size_t *bytes,
                             bool (*ready)(void *ctx), void *ctx);
/* ready() may say something else now. */
void queue_poke(struct queue *queue);
/* The reader's side: takes one, waiting; its id is the running one until
 * queue_finish(), which says whether it was cancelled meanwhile. What is not,
 * and wants another slice (again, or NULL), is queued anew under the same
 * lock: at no moment is it neither running nor waiting, where a cancel would
 * miss it. */
struct task *queue_take_read(struct queue *queue);
bool queue_finish(struct queue *queue, struct task *again);
/* Marks a read, waiting or running. */
void queue_cancel(struct queue *queue, uint64_t id);

#endif
