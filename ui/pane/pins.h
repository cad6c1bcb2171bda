/* The pinned events. */
#ifndef TELLTALE_PINS_H
#define TELLTALE_PINS_H

#include <stdbool.h>
#include <stdint.h>

struct screen;

/* Is that event pinned? */
bool pins_has(const struct screen *screen, uint64_t seq);

#endif
