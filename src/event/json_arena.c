/* The hooks are cJSON's and hold for the whole program, so they are set once,
 * before main(), and do what malloc and free do wherever no arena is in use:
 * other threads never notice. */
#include "event/json_arena.h"

#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/banned.h"

static _Thread_local struct arena *active;

static void *hook_malloc(size_t size)
{
    return active ? arena_alloc(active, size) : malloc(size);
}

static void hook_free(void *memory)
{
    if (!active)
        free(memory);
}

__attribute__((constructor)) static void set_hooks(void)
{
    cJSON_Hooks hooks = {.malloc_fn = hook_malloc, .free_fn = hook_free};

    cJSON_InitHooks(&hooks);
}

void json_arena_begin(struct arena *arena)
{
    active = arena;
}

void json_arena_end(void)
{
    active = NULL;
}
