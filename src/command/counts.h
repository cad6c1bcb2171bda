/* The one line of counts after a list of events. */
#ifndef TELLTALE_COUNTS_H
#define TELLTALE_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "event/event.h"

struct intern;
struct counts {
    uint64_t events, hidden, duplicates, forgotten, refused;
    uint64_t rejects;          /* refused bodies that can be read */
    int64_t first_ms, last_ms; /* CLOCK_NONE: no event yet */
    struct intern *accounts, *people;
};

void counts_init(struct counts *counts);
void counts_free(struct counts *counts);
/* An event that was printed. */
void counts_add(struct counts *counts, const struct event *event);
/* "39 events, 6 accounts, 17 people, 08:06 to 10:48; 2 hidden, …" */
void counts_line(const struct counts *counts, struct buf *out);

#endif
