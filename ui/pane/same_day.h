/* What else the person of an event did on its day, as far as it is in memory:
 * a snapshot of numbers in the ring, newest first. */
#ifndef TELLTALE_SAME_DAY_H
#define TELLTALE_SAME_DAY_H

#include <stdbool.h>
#include <stdint.h>

#include "live/ring.h"

#define SAME_DAY_SHOWN 200

struct same_day {
    uint64_t numbers[SAME_DAY_SHOWN];
    size_t count;       /* of those */
    size_t all;         /* of all that day */
    int64_t from, upto; /* the first and the last of them, wall ms */
};

/* Of the event with that number in the ring; without it, and without what is
 * hidden. Nothing for nobody, or when the event is not there. */
void same_day_load(struct same_day *day, const struct ring *ring,
                   uint64_t number);

#endif
