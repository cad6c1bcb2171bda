/* The rooms that keep something in the journal's file, a row each. */
#include "app/rooms.h"

#include <stddef.h>

#include "mirror/room.h"
#include "signal/room.h"
#include "base/banned.h"

const struct journal_room *const app_rooms[] = {&mirror_room, &signal_room,
                                                NULL};
