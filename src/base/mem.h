/* Memory that is there or the program ends: a receiver that limps on after
 * a failed malloc loses more than one that stops and is started again.
 * Bodies from strangers never come from here unbounded: limits.h. */
#ifndef TELLTALE_MEM_H
#define TELLTALE_MEM_H

#include <stddef.h>

/* None returns NULL; a size of zero is a bug and ends the program too. */
void *xmalloc(size_t size)
    __attribute__((malloc, returns_nonnull, alloc_size(1)));
void *xcalloc(size_t count, size_t size)
    __attribute__((malloc, returns_nonnull, alloc_size(1, 2)));
void *xrealloc(void *old, size_t size)
    __attribute__((returns_nonnull, alloc_size(2)));
/* Room for count elements of size bytes; overflow ends the program. */
void *xreallocarray(void *old, size_t count, size_t size)
    __attribute__((returns_nonnull, alloc_size(2, 3)));
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *text, size_t len)
    __attribute__((malloc, returns_nonnull));

/* An arena: many small pieces that die together (the strings of a batch of
 * events). Zero-initialise it, or use ARENA_INIT. Pieces are aligned for
 * any type and stay where they are until arena_free. */
struct arena_block;
struct arena {
    struct arena_block *head;
    size_t used; /* bytes handed out since the last free */
};
#define ARENA_INIT                                                            \
    {                                                                         \
        0                                                                     \
    }

void *arena_alloc(struct arena *arena, size_t size)
    __attribute__((returns_nonnull, alloc_size(2)));
/* A NUL-terminated copy of the len bytes at text. */
char *arena_strndup(struct arena *arena, const char *text, size_t len)
    __attribute__((returns_nonnull));
/* The same for a C string; NULL stays NULL. */
char *arena_strdup(struct arena *arena, const char *text);
/* A copy without the blanks and tabs at both ends. */
char *arena_trimmed(struct arena *arena, const char *text, size_t len)
    __attribute__((returns_nonnull));
/* Gives back everything; the arena is empty and usable again. */
void arena_free(struct arena *arena);

#endif
