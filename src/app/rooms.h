/* Whoever keeps something in the journal's file besides the journal: for
 * journal_options of all that prune or forget. */
#ifndef TELLTALE_ROOMS_H
#define TELLTALE_ROOMS_H

#include "journal/room.h"

extern const struct journal_room *const app_rooms[]; /* ended by NULL */

#endif
