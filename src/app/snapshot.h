/* A list of the journal's that is read whole, at the start and behind every
 * change of it: pins, notes. It is read on the reader's thread; the one of
 * before stays until the next is there. */
#ifndef TELLTALE_SNAPSHOT_H
#define TELLTALE_SNAPSHOT_H

#include <stdbool.h>

#include "base/err.h"

struct journal_reader;
struct service_host;
struct snapshot;

/* All of a constant. */
struct snapshot_ops {
    const char *what; /* they are, in the log: "pins" */
    void *(*new)(void);
    void (*free)(void *list);
    /* On the reader's thread, once, into what new() made. */
    bool (*read)(void *list, struct journal_reader *reader, struct err *err);
};

/* Reads nothing yet. host and ops are borrowed. */
struct snapshot *snapshot_new(const struct service_host *host,
                              const struct snapshot_ops *ops);
/* Once the journal is closed. NULL is allowed. */
void snapshot_free(struct snapshot *snapshot);

/* Reads it anew, once more where that is under way, and says `changed` when
 * it is there. What cannot be read is logged, and the old one stays. */
void snapshot_reread(struct snapshot *snapshot);

/* The list that was read last, until the next is there; NULL: none yet. */
const void *snapshot_list(const struct snapshot *snapshot);

#endif
