/* Finding without hiding: the next row of a view that holds a text. */
#ifndef TELLTALE_FINDER_H
#define TELLTALE_FINDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live/ring.h"
#include "live/view.h"

/* From *row on (not itself), down or up, round the end; text is a query.
 * False: nowhere, or it is no query. */
bool finder_next(const struct ring *ring, const struct view *view,
                 const char *text, int64_t now_ms, bool down, size_t *row);

#endif
