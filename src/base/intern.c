/* Interned strings: a hash table of ids over an array of entries. Ids are
 * given out in order of first use, so that they do not depend on the hash;
 * the hash is keyed (SipHash-1-3, Aumasson and Bernstein), so that strangers
 * cannot choose texts that collide. */
#include "base/intern.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/uuid.h"

#include "base/banned.h"

#define FIRST_SLOTS 1024
#define REMEMBER 16384 /* changes */

struct entry {
    char *text; /* NULL: free, refs is the next free id */
    uint32_t hash;
    uint32_t refs;
    uint32_t stamp;
};

struct intern {
    uint64_t key[2];
    struct entry *entries; /* entries[0] is the absent text */
    uint32_t limit, cap;   /* entries in use or free; room */
    uint32_t free;         /* first free id, 0: none */
    uint32_t *slots;       /* ids; 0: empty */
    uint32_t mask;         /* slots - 1, a power of two less one */
    uint32_t count;        /* texts there */
    size_t text_bytes;
    uint64_t changes;           /* ids given to another text */
    uint32_t changed[REMEMBER]; /* the last of them, by number */
};

/* --- SipHash ----------------------------------------------------------- */

static uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static uint32_t hash_text(const struct intern *pool, const char *text,
                          size_t len)
{
    uint64_t v[4] = {pool->key[0] ^ 0x736f6d6570736575u,
                     pool->key[1] ^ 0x646f72616e646f6du,
                     pool->key[0] ^ 0x6c7967656e657261u,
                     pool->key[1] ^ 0x7465646279746573u};
    uint64_t word = 0;
    size_t i, rest = len & 7;
    int round;

    for (i = 0; i + 8 <= len; i += 8) {
        memcpy(&word, text + i, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = 0;
    memcpy(&word, text + i, rest);
    word ^= (uint64_t)len << 56;
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    for (round = 0; round < 3; round++)
        sip_round(v);
    word = v[0] ^ v[1] ^ v[2] ^ v[3];
    return (uint32_t)(word ^ word >> 32);
}

/* --- the table --------------------------------------------------------- */

struct intern *intern_new(void)
{
    struct intern *pool = xcalloc(1, sizeof *pool);

    random_bytes(pool->key, sizeof pool->key);
    pool->cap = FIRST_SLOTS / 2;
    pool->entries = xcalloc(pool->cap, sizeof *pool->entries);
    pool->entries[0].stamp = 1;
    pool->limit = 1;
    pool->slots = xcalloc(FIRST_SLOTS, sizeof *pool->slots);
    pool->mask = FIRST_SLOTS - 1;
    return pool;
}

void intern_free(struct intern *pool)
{
    uint32_t id;

    if (!pool)
        return;
    for (id = 1; id < pool->limit; id++)
        free(pool->entries[id].text);
    free(pool->entries);
    free(pool->slots);
    free(pool);
}

/* The slot that holds text, or the empty one where it would go. */
static uint32_t find_slot(const struct intern *pool, const char *text,
                          uint32_t hash)
{
    uint32_t slot = hash & pool->mask, id;

    while ((id = pool->slots[slot]) != 0) {
        const struct entry *entry = &pool->entries[id];

        if (entry->hash == hash && strcmp(entry->text, text) == 0)
            break;
        slot = (slot + 1) & pool->mask;
    }
    return slot;
}

static void grow_slots(struct intern *pool)
{
    uint32_t size = (pool->mask + 1) * 2, id, slot;

    free(pool->slots);
    pool->slots = xcalloc(size, sizeof *pool->slots);
    pool->mask = size - 1;
    for (id = 1; id < pool->limit; id++) {
        if (!pool->entries[id].text)
            continue;
        slot = pool->entries[id].hash & pool->mask;
        while (pool->slots[slot])
            slot = (slot + 1) & pool->mask;
        pool->slots[slot] = id;
    }
}

static uint32_t new_id(struct intern *pool)
{
    uint32_t id = pool->free;

    if (id) {
        pool->free = pool->entries[id].refs;
        pool->changed[pool->changes++ % REMEMBER] = id;
        return id;
    }
    if (pool->limit == pool->cap) {
        pool->cap += pool->cap / 2;
        pool->entries =
            xreallocarray(pool->entries, pool->cap, sizeof *pool->entries);
    }
    id = pool->limit++;
    pool->entries[id].stamp = 0;
    return id;
}

/* What an allocation of len + 1 bytes costs, as usual allocators do it. */
static size_t text_cost(size_t len)
{
    return (len + 1 + 8 + 15) & ~(size_t)15;
}

uint32_t intern_take(struct intern *pool, const char *text)
{
    size_t len;
    uint32_t hash, slot, id;
    struct entry *entry;

    if (!text)
        return 0;
    len = strlen(text);
    hash = hash_text(pool, text, len);
    slot = find_slot(pool, text, hash);
    if (pool->slots[slot]) {
        pool->entries[pool->slots[slot]].refs++;
        return pool->slots[slot];
    }
    id = new_id(pool);
    entry = &pool->entries[id];
    entry->text = xstrndup(text, len);
    entry->hash = hash;
    entry->refs = 1;
    if (++entry->stamp == 0)
        entry->stamp = 1;
    pool->slots[slot] = id;
    pool->text_bytes += text_cost(len);
    if (++pool->count > pool->mask / 4 * 3)
        grow_slots(pool);
    return id;
}

uint32_t intern_find(const struct intern *pool, const char *text)
{
    if (!text)
        return 0;
    return pool
        ->slots[find_slot(pool, text, hash_text(pool, text, strlen(text)))];
}

/* Empties a slot and moves up those behind it that belong further ahead. */
static void empty_slot(struct intern *pool, uint32_t hole)
{
    uint32_t slot = hole, home;

    for (;;) {
        slot = (slot + 1) & pool->mask;
        if (!pool->slots[slot])
            break;
        home = pool->entries[pool->slots[slot]].hash & pool->mask;
        if (((slot - home) & pool->mask) >= ((slot - hole) & pool->mask)) {
            pool->slots[hole] = pool->slots[slot];
            hole = slot;
        }
    }
    pool->slots[hole] = 0;
}

void intern_release(struct intern *pool, uint32_t id)
{
    struct entry *entry = &pool->entries[id];

    if (!id || --entry->refs)
        return;
    empty_slot(pool, find_slot(pool, entry->text, entry->hash));
    pool->text_bytes -= text_cost(strlen(entry->text));
    free(entry->text);
    entry->text = NULL;
    entry->refs = pool->free;
    pool->free = id;
    pool->count--;
}

const char *intern_text(const struct intern *pool, uint32_t id)
{
    return pool->entries[id].text;
}

void intern_expect(const struct intern *pool, uint32_t id, bool near)
{
    if (near)
        __builtin_prefetch(pool->entries[id].text);
    else
        __builtin_prefetch(&pool->entries[id]);
}

uint32_t intern_stamp(const struct intern *pool, uint32_t id)
{
    return pool->entries[id].stamp;
}

uint64_t intern_changes(const struct intern *pool)
{
    return pool->changes;
}

uint32_t intern_changed(const struct intern *pool, uint64_t number)
{
    if (number >= pool->changes || pool->changes - number > REMEMBER)
        return 0;
    return pool->changed[number % REMEMBER];
}

uint32_t intern_limit(const struct intern *pool)
{
    return pool->limit;
}

size_t intern_bytes(const struct intern *pool)
{
    return sizeof *pool + pool->text_bytes +
           pool->cap * sizeof *pool->entries +
           ((size_t)pool->mask + 1) * sizeof *pool->slots;
}
