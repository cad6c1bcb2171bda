/* The events of a fold, as the detail lists them, the newest at the bottom: a
 * snapshot of their numbers in the ring. */
#ifndef TELLTALE_MEMBERS_H
#define TELLTALE_MEMBERS_H

#include <stdint.h>

#include "live/view.h"
#include "ui/term/draw.h"

#define MEMBERS_SHOWN 200 /* of the newest */

struct members {
    uint64_t numbers[MEMBERS_SHOWN]; /* newest first */
    size_t count;                    /* 0: no fold */
    unsigned times; /* of all, also those that are not listed */
};

/* Those of the row that holds this event; none when it stands alone. */
void members_load(struct members *members, const struct view *view,
                  uint64_t number);
/* How many lines they take: one each, and one if there are more. */
size_t members_lines(const struct members *members);
/* The number in the ring of what stands in a line; 0: nothing to open. */
uint64_t members_number(const struct members *members, size_t line);
/* The line of that event; 0 if it is in none. */
size_t members_line(const struct members *members, uint64_t number);
void members_draw(const struct members *members, const struct ring *ring,
                  struct draw *draw, struct rect row, size_t line);

#endif
