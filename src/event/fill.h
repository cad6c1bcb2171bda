/* One shape → one event. */
#ifndef TELLTALE_FILL_H
#define TELLTALE_FILL_H

#include "base/mem.h"
#include "event/decode.h"
#include "event/event.h"
#include "event/shapes.h"

/* What filling needs to know; all of it borrowed. */
struct filling {
    const struct decoder *decoder;
    const struct arrival *arrival;
    struct arena *arena; /* of the batch */
    struct arena *trees; /* gone after the body */
    bool many;           /* the body may hold several events */
    size_t index;        /* of this one among them */
};

/* Fills in all but raw, raw_len and source, which are set; shape is of raw. */
void fill_event(const struct filling *fill, struct shape *shape,
                struct event *event);

#endif
