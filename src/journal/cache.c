/* A bounded table from bytes to row ids, with open addressing. It is a cache:
 * the database is asked for what is not here. */
#include "journal/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"

#include "base/banned.h"

#define SLOTS ((size_t)16384) /* a power of two */
#define MAX_COUNT (SLOTS / 4 * 3)

struct cache_slot {
    const void *key; /* NULL: free */
    size_t len;
    uint64_t hash;
    int64_t ids[CACHE_IDS];
};

static uint64_t hash_of(const void *key, size_t len)
{
    uint64_t hash = hash_bytes(HASH_START, key, len);

    return hash ^ hash >> 32;
}

void cache_init(struct cache *cache)
{
    *cache = (struct cache){.slots = xcalloc(SLOTS, sizeof *cache->slots)};
}

void cache_free(struct cache *cache)
{
    arena_free(&cache->keys);
    free(cache->slots);
    cache->slots = NULL;
}

void cache_clear(struct cache *cache)
{
    if (!cache->count)
        return;
    memset(cache->slots, 0, SLOTS * sizeof *cache->slots);
    arena_free(&cache->keys);
    cache->count = 0;
}

/* The slot that holds the key, or the free one where it belongs. */
static struct cache_slot *find(const struct cache *cache, const void *key,
                               size_t len, uint64_t hash)
{
    size_t at = hash & (SLOTS - 1);

    for (;; at = (at + 1) & (SLOTS - 1)) {
        struct cache_slot *slot = &cache->slots[at];

        if (!slot->key || (slot->hash == hash && slot->len == len &&
                           !memcmp(slot->key, key, len)))
            return slot;
    }
}

const int64_t *cache_get(const struct cache *cache, const void *key,
                         size_t len)
{
    const struct cache_slot *slot = find(cache, key, len, hash_of(key, len));

    return slot->key ? slot->ids : NULL;
}

void cache_put(struct cache *cache, const void *key, size_t len,
               const int64_t ids[CACHE_IDS])
{
    uint64_t hash = hash_of(key, len);
    struct cache_slot *slot;

    if (cache->count >= MAX_COUNT || cache->keys.used >= LIMIT_CACHE_KEYS)
        cache_clear(cache);
    slot = find(cache, key, len, hash);
    if (!slot->key) {
        slot->key = arena_strndup(&cache->keys, key, len);
        slot->len = len;
        slot->hash = hash;
        cache->count++;
    }
    memcpy(slot->ids, ids, sizeof slot->ids);
}
