/* One shape → one event. */
#ifndef TELLTALE_EXTRACT_H
#define TELLTALE_EXTRACT_H

#include "base/mem.h"
#include "event/decoder.h"
#include "event/event.h"
#include "event/shapes.h"

/* What extracting needs to know; all of it borrowed. */
struct extraction {
    const struct decoder *decoder;
    const struct arrival *arrival;
    struct arena *arena; /* of the batch */
    struct arena *trees; /* gone after the body */
    bool many;           /* the body may hold several events */
    size_t index;        /* of this one among them */
};

/* Fills in all but raw, raw_len and source, which are set; shape is of raw. */
void extract_event(const struct extraction *extract, struct shape *shape,
                   struct event *event);

#endif
