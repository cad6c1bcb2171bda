/* The journal in the order of time: the pages of struct reader_walk, which
 * reader.h explains. Private to the journal. */
#ifndef TELLTALE_TIMELINE_H
#define TELLTALE_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "event/event.h"

struct reader_walk;
struct sqlite3;
struct timeline;

/* Seqs that one page goes over in search of live events: a run of past ones
 * may be as long as it likes, a transaction may not. */
#define TIMELINE_REACH ((uint64_t)20000)

/* Both are borrowed: the connection is closed after it. NULL with err. */
struct timeline *timeline_new(struct sqlite3 *db,
                              const struct uuid *journal_id, struct err *err);
void timeline_free(struct timeline *timeline); /* NULL is allowed */
/* As reader_walk(), but that walk->upto must be given. */
bool timeline_page(struct timeline *timeline, struct reader_walk *walk,
                   struct event_batch *batch, bool *more, struct err *err);

#endif
