/* What a journal says of mirrors, for `check` and `mirrors`. */
#ifndef TELLTALE_COMMAND_MIRROR_ROW_H
#define TELLTALE_COMMAND_MIRROR_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "journal/reader.h"

struct mirror_row {
    const char *name, *state;       /* "on", "paused", "off" */
    const char *reason;             /* why it is off; "": nothing is said */
    uint64_t sent, waiting, parked; /* events */
    uint64_t unread; /* events that it has not looked at: paused, off, late */
};

/* Calls each for the mirror of that name, or for all (NULL), by name; what the
 * row points to is its until each returns. *count: how many there are. False
 * with err: they could not be read, or not all. */
bool mirror_rows(struct journal_reader *reader, const char *name,
                 void (*each)(void *ctx, const struct mirror_row *row),
                 void *ctx, size_t *count, struct err *err);

#endif
