/* The pinned events. */
#ifndef TELLTALE_PINS_H
#define TELLTALE_PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

struct display_host;

/* The events that are pinned, for who draws many rows. */
struct pinned {
    uint64_t seqs[LIMIT_PINS];
    size_t count;
};
void pinned_read(struct pinned *pinned, const struct display_host *host);
bool pinned_has(const struct pinned *pinned, uint64_t seq);

#endif
