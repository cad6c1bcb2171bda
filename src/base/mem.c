/* Allocation that ends the program when it fails, and arenas on top of it:
 * a list of blocks, the one in use first. Not thread-safe per arena. */
#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define ARENA_BLOCK 8192

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    max_align_t data[];
};

static _Noreturn void out_of_memory(size_t size)
{
    fprintf(stderr, "telltale: out of memory (%zu bytes)\n", size);
    abort();
}

static void *checked(void *memory, size_t size)
{
    if (!memory || !size)
        out_of_memory(size);
    return memory;
}

void *xmalloc(size_t size)
{
    return checked(size ? malloc(size) : NULL, size);
}

void *xcalloc(size_t count, size_t size)
{
    return checked(count && size ? calloc(count, size) : NULL, size);
}

void *xrealloc(void *old, size_t size)
{
    return checked(size ? realloc(old, size) : NULL, size);
}

void *xreallocarray(void *old, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        out_of_memory(SIZE_MAX);
    return xrealloc(old, count * size);
}

char *xstrndup(const char *text, size_t len)
{
    char *copy = xmalloc(len + 1);

    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *xstrdup(const char *text)
{
    return xstrndup(text, strlen(text));
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->head;
    size_t step = sizeof(max_align_t);
    size_t want;

    if (size > SIZE_MAX / 2)
        out_of_memory(size);
    want = (size + step - 1) / step * step + (size ? 0 : step);
    if (!block || block->size - block->used < want) {
        size_t room = want > ARENA_BLOCK ? want : ARENA_BLOCK;

        block = xmalloc(sizeof *block + room);
        block->used = 0;
        block->size = room;
        /* A large piece gets a block of its own behind the one in use. */
        if (want > ARENA_BLOCK && arena->head) {
            block->next = arena->head->next;
            arena->head->next = block;
        } else {
            block->next = arena->head;
            arena->head = block;
        }
    }
    block->used += want;
    arena->used += want;
    return (char *)block->data + block->used - want;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);

    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

char *arena_trimmed(struct arena *arena, const char *text, size_t len)
{
    for (; len && is_blank(*text); len--)
        text++;
    while (len && is_blank(text[len - 1]))
        len--;
    return arena_strndup(arena, text, len);
}

void arena_free(struct arena *arena)
{
    while (arena->head) {
        struct arena_block *next = arena->head->next;

        free(arena->head);
        arena->head = next;
    }
    arena->used = 0;
}
