/* The signals' part in forgetting. */
#ifndef TELLTALE_SIGNAL_ROOM_H
#define TELLTALE_SIGNAL_ROOM_H

#include "journal/room.h"

extern const struct journal_room signal_room;

#endif
