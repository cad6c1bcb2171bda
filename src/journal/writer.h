/* The writer's thread: takes what waits, commits it as one group, hands it
 * to the syncer. */
#ifndef TELLTALE_WRITER_H
#define TELLTALE_WRITER_H

#include <stdbool.h>

#include "base/err.h"
#include "journal/queue.h"
#include "journal/reader_thread.h"
#include "journal/salvage.h"
#include "journal/store.h"
#include "journal/syncer.h"

struct writer {
    const char *path;
    struct owner *owner;
    bool lost;           /* another telltale was the owner, at the last look */
    struct store *store; /* NULL: it cannot be opened now (renew.h) */
    struct reader_thread *reading;
    struct salvage_facts facts; /* of the journal that is or was open */
    struct zone_days *days;     /* of the journal's zone; see zone.h */
    bool knows;                 /* facts is filled in */
    bool noticed;               /* notice was not handed on yet */
    struct err notice;
    int64_t again_us; /* monotonic; the journal's file waits to be put back
                         and is not tried before; 0: it does not */
    struct queue *in;
    struct syncer *syncer; /* hands back what was committed */
};

/* The thread's function; argument is a struct writer. Ends when in is closed
 * and empty, after a last checkpoint. */
void *writer_main(void *writer);

#endif
