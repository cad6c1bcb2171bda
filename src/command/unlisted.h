/* `telltale accounts unlisted`. */
#ifndef TELLTALE_UNLISTED_H
#define TELLTALE_UNLISTED_H

#include "config/config.h"

/* Prints the organisations of the journal that are not in the book, the
 * busiest first: events, day of the last one, id, name. Returns an exit
 * code. */
int unlisted_print(const struct config *config);

#endif
