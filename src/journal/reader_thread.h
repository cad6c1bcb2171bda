/* The reader's thread: jobs in slices, one behind the other. */
#ifndef TELLTALE_READER_THREAD_H
#define TELLTALE_READER_THREAD_H

#include "journal/queue.h"
#include "journal/reader.h"
#include "journal/syncer.h"

struct reader_thread {
    struct journal_reader *reader; /* NULL: it cannot be opened now */
    pthread_mutex_t
        swap; /* held in a slice, and to put another reader there */
    struct queue *in, *out;
    struct syncer *syncer; /* what was read is handed on once it is on disk */
    struct queue *doubts; /* the writer's queue: told of damage that was met */
    void (*wake)(void *ctx); /* may be NULL */
    void *wake_ctx;
};

/* The thread's function; argument is a struct reader_thread. Ends when in is
 * closed; what waits then is cancelled. */
void *reader_thread_main(void *reading);

#endif
