/* The queues between the loop and the journal's threads. Nothing is done
 * under the lock but moving list heads. */
#include "journal/queue.h"

#include <stdlib.h>
#include <time.h>

#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

struct task *task_new(enum task_kind kind, void *ctx)
{
    struct task *task = xcalloc(1, sizeof *task);

    task->kind = kind;
    task->ctx = ctx;
    task->rows = 1;
    return task;
}

static void undo_batch(struct event_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        batch->events[i].seq = 0;
        batch->events[i].flags &=
            ~(unsigned)(EVENT_DUPLICATE | EVENT_FORGOTTEN);
    }
}

void task_fail(struct task *task, const struct err *why)
{
    task->ok = false;
    task->err = *why;
    if (task->kind == TASK_APPEND)
        undo_batch(task->u.append.batch);
    else if (task->kind == TASK_REPORT)
        task->u.report.rejects = 0;
}

void task_free(struct task *task)
{
    if (!task)
        return;
    if (task->kind == TASK_APPEND) {
        event_batch_free(task->u.append.batch);
    } else if (task->kind == TASK_REJECT) {
        free(task->u.reject.why);
        free(task->u.reject.peer);
        free(task->u.reject.content_type);
        free(task->u.reject.webhook_id);
        free(task->u.reject.body);
    }
    if (task->drop)
        task->drop(task->ctx);
    free(task);
}

void queue_init(struct queue *queue)
{
    *queue = (struct queue){.head = NULL};
    queue->tail = &queue->head;
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->filled, NULL);
}

void queue_destroy(struct queue *queue)
{
    struct task *next;

    for (struct task *task = queue->head; task; task = next) {
        next = task->next;
        task_free(task);
    }
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->mutex);
}

void queue_push_list(struct queue *queue, struct task *list)
{
    struct task *last = list;

    if (!list)
        return;
    while (last->next)
        last = last->next;
    pthread_mutex_lock(&queue->mutex);
    *queue->tail = list;
    queue->tail = &last->next;
    pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
}

void queue_push(struct queue *queue, struct task *task)
{
    task->next = NULL;
    queue_push_list(queue, task);
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    queue->running_cancelled = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
}

/* Takes the list up to and with last; the lock is held. */
static struct task *cut_after(struct queue *queue, struct task *last)
{
    struct task *first = queue->head;

    queue->head = last->next;
    if (!queue->head)
        queue->tail = &queue->head;
    last->next = NULL;
    return first;
}

struct task *queue_take_all(struct queue *queue)
{
    struct task *list;

    pthread_mutex_lock(&queue->mutex);
    list = queue->head;
    queue->head = NULL;
    queue->tail = &queue->head;
    pthread_mutex_unlock(&queue->mutex);
    return list;
}

/* The last that fits with those rows and bytes, which are counted up; NULL:
 * none does. */
static struct task *last_that_fits(struct task *head, size_t *rows,
                                   size_t *bytes)
{
    struct task *last = NULL;

    for (; head && *rows + head->rows <= LIMIT_BATCH_ROWS &&
           *bytes + head->bytes <= LIMIT_BATCH_BYTES;
         head = head->next) {
        *rows += head->rows;
        *bytes += head->bytes;
        last = head;
    }
    return last;
}

/* At least one, however large. */
static struct task *last_of_group(struct task *head)
{
    size_t rows = head->rows, bytes = head->bytes;
    struct task *last = last_that_fits(head->next, &rows, &bytes);

    return last ? last : head;
}

static struct timespec after_ms(int ms)
{
    struct timespec when;

    clock_gettime(CLOCK_REALTIME, &when);
    when.tv_sec += ms / 1000;
    when.tv_nsec += (long)(ms % 1000) * 1000000;
    if (when.tv_nsec >= 1000000000) {
        when.tv_sec++;
        when.tv_nsec -= 1000000000;
    }
    return when;
}

/* The lock is held. False when wait_ms went by. */
static bool wait_filled(struct queue *queue, int wait_ms)
{
    struct timespec until;
    int result = 0;

    if (wait_ms >= 0)
        until = after_ms(wait_ms);
    while (!queue->head && !queue->closed && !result) {
        if (wait_ms < 0)
            pthread_cond_wait(&queue->filled, &queue->mutex);
        else
            result =
                pthread_cond_timedwait(&queue->filled, &queue->mutex, &until);
    }
    return !result;
}

struct task *queue_take_group(struct queue *queue, int wait_ms, bool *closed)
{
    struct task *list = NULL;

    pthread_mutex_lock(&queue->mutex);
    wait_filled(queue, wait_ms);
    if (queue->head)
        list = cut_after(queue, last_of_group(queue->head));
    *closed = queue->closed && !list;
    pthread_mutex_unlock(&queue->mutex);
    return list;
}

struct task *queue_take_more(struct queue *queue, size_t *rows, size_t *bytes,
                             bool (*ready)(void *ctx), void *ctx)
{
    struct task *list = NULL, *last;

    pthread_mutex_lock(&queue->mutex);
    while (!queue->head && !queue->closed && !ready(ctx))
        pthread_cond_wait(&queue->filled, &queue->mutex);
    if (!ready(ctx)) {
        last = last_that_fits(queue->head, rows, bytes);
        list = last ? cut_after(queue, last) : NULL;
    }
    pthread_mutex_unlock(&queue->mutex);
    return list;
}

void queue_poke(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    pthread_cond_broadcast(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
}

struct task *queue_take_read(struct queue *queue)
{
    struct task *task = NULL;

    pthread_mutex_lock(&queue->mutex);
    wait_filled(queue, -1);
    if (queue->head) {
        task = cut_after(queue, queue->head);
        queue->running = task->id;
        queue->running_cancelled = task->cancelled || queue->closed;
        task->cancelled = queue->running_cancelled;
    }
    pthread_mutex_unlock(&queue->mutex);
    return task;
}

bool queue_finish(struct queue *queue, struct task *again)
{
    bool cancelled;

    pthread_mutex_lock(&queue->mutex);
    cancelled = queue->running_cancelled;
    queue->running = 0;
    if (again && !cancelled) {
        again->next = NULL;
        *queue->tail = again;
        queue->tail = &again->next;
    }
    pthread_mutex_unlock(&queue->mutex);
    return cancelled;
}

void queue_cancel(struct queue *queue, uint64_t id)
{
    pthread_mutex_lock(&queue->mutex);
    if (queue->running == id)
        queue->running_cancelled = true;
    for (struct task *task = queue->head; task; task = task->next)
        if (task->id == id)
            task->cancelled = true;
    pthread_mutex_unlock(&queue->mutex);
}
