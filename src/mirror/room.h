/* The mirrors' part in pruning and forgetting. */
#ifndef TELLTALE_MIRROR_ROOM_H
#define TELLTALE_MIRROR_ROOM_H

#include "journal/room.h"

extern const struct journal_room mirror_room;

#endif
