/* Adding events to a journal's tables, inside the transaction of the store
 * that lends it what it needs. */
#ifndef TELLTALE_APPENDER_H
#define TELLTALE_APPENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "event/event.h"

struct sqlite3;
struct dict;
struct sums;
struct forgotten;
struct appender;

/* All are borrowed and outlive it. */
struct appender_lent {
    struct dict *dict;
    struct sums *sums;
    struct forgotten *forgotten;
    const struct uuid *journal; /* whose own events are known by their seq */
};

/* NULL with err. */
struct appender *appender_new(struct sqlite3 *db,
                              const struct appender_lent *lent,
                              struct err *err);
void appender_free(struct appender *appender); /* NULL is allowed */

/* Gives each event its seq, or marks it EVENT_DUPLICATE with the seq of the
 * first one; or also EVENT_FORGOTTEN, with 0, when it is of somebody forgotten
 * and from before that. *seq is the last one given out, before and after. */
struct appended {
    size_t fresh, duplicates, forgotten;
};
bool appender_append(struct appender *appender, struct event_batch *batch,
                     uint64_t *seq, struct appended *out, struct err *err);

#endif
