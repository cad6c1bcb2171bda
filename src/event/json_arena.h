/* cJSON's memory while one body is read: from an arena that is thrown away
 * whole, instead of two calls to malloc and free for every value. */
#ifndef TELLTALE_JSON_ARENA_H
#define TELLTALE_JSON_ARENA_H

#include "base/mem.h"

/* From here to the end, what cJSON makes in this thread lies in arena, and
 * deleting it does nothing. Nothing that was made before may be deleted, and
 * nothing made in between be used after arena_free(). */
void json_arena_begin(struct arena *arena);
void json_arena_end(void);

#endif
