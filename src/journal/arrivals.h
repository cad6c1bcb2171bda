/* When events arrived, hour by hour, without reading all of them: enough to
 * know how long an hour was silent at most. Blocking, like all of reader.h;
 * each call is a few hundred short look-ups. */
#ifndef TELLTALE_ARRIVALS_H
#define TELLTALE_ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "journal/reader.h"

#define ARRIVALS_TIMES 1024

/* Wall times are ms. */
struct arrivals {
    int64_t hour_ms; /* when it began */
    uint64_t events; /* in it, all of them */
    size_t count;    /* of times: the first, the last, and enough between */
    int64_t times[ARRIVALS_TIMES]; /* ascending */
};

/* The first hour that begins at from_ms or later and had events, received
 * live or of the past. False with err, or, with err empty, when there is
 * none. */
bool arrivals_next(struct journal_reader *reader, int64_t from_ms,
                   struct arrivals *out, struct err *err);

#endif
