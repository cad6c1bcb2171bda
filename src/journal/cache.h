/* Ids of dictionary rows that the writer met lately, so that an event costs
 * no look-up for what it shares with others. Bounded: when it is full it
 * forgets everything and learns again. */
#ifndef TELLTALE_CACHE_H
#define TELLTALE_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

#define CACHE_IDS 3

struct cache_slot;
struct cache {
    struct cache_slot *slots;
    struct arena keys;
    size_t count;
};

void cache_init(struct cache *cache);
void cache_free(struct cache *cache);
/* Forgets everything: after a rollback, or when rows were deleted. */
void cache_clear(struct cache *cache);
/* The ids kept for this key, or NULL; valid until the next cache_put(). */
const int64_t *cache_get(const struct cache *cache, const void *key,
                         size_t len);
void cache_put(struct cache *cache, const void *key, size_t len,
               const int64_t ids[CACHE_IDS]);

#endif
