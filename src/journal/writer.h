/* The writer's thread: takes what waits, commits it as one group, hands it
 * back. */
#ifndef TELLTALE_WRITER_H
#define TELLTALE_WRITER_H

#include <stdbool.h>

#include "base/err.h"
#include "journal/queue.h"
#include "journal/store.h"

struct writer {
    struct store *store;
    struct queue *in, *out;
    void (*wake)(void *ctx); /* may be NULL */
    void *wake_ctx;
};

/* The thread's function; argument is a struct writer. Ends when in is closed
 * and empty, after a last checkpoint. */
void *writer_main(void *writer);

#endif
