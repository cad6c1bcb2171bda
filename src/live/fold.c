/* Fold keys and the table that remembers them. What is too long ago to fold
 * with is forgotten when the table would grow. */
#include "live/fold.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#include "base/banned.h"

#define FIRST_SIZE 256
#define DAY_MS 86400000

/* Mixes one more number into a key (the finaliser of MurmurHash3). */
static uint64_t mix(uint64_t key, uint64_t more)
{
    key ^= more + 0x9e3779b97f4a7c15u + (key << 6) + (key >> 2);
    key ^= key >> 33;
    key *= 0xff51afd7ed558ccdu;
    key ^= key >> 33;
    key *= 0xc4ceb9fe1a85ec53u;
    return key ^ key >> 33;
}

static uint32_t person_of(const struct query_row *row)
{
    return row->person_id ? row->person_id
           : row->email   ? row->email
                          : row->person;
}

struct fold_key fold_key_of(const struct ring *ring,
                            const struct record *record)
{
    const struct query_row *row = &record->row;
    const char *fold = ring_text(ring, record->fold);
    struct fold_key key = {0};

    if (!fold)
        return key;
    key.at = row->source == SOURCE_POSTHOG || row->source == SOURCE_FILE
                 ? row->occurred_at
                 : row->received_at;
    key.day = strcmp(fold, FOLD_DAY) == 0;
    key.key = mix(record->fold, row->account_id);
    if (key.day) {
        /* a bad one is not hidden by a later one that is not */
        key.key = mix(mix(key.key, row->name), row->tone);
        key.key = mix(key.key, (uint64_t)clock_day(key.at));
    } else {
        key.key = mix(key.key, person_of(row));
        if (strcmp(fold, FOLD_SAME) == 0)
            key.key = mix(key.key, row->name);
    }
    key.key |= 1;
    return key;
}

void fold_map_free(struct fold_map *map)
{
    free(map->slots);
    *map = (struct fold_map){0};
}

static bool is_near(const struct fold_slot *slot, struct fold_key key)
{
    int64_t apart = slot->at > key.at ? slot->at - key.at : key.at - slot->at;

    return key.day || apart <= FOLD_WITHIN_MS;
}

static struct fold_slot *slot_of(const struct fold_map *map, uint64_t key)
{
    size_t i = key & (map->size - 1);

    while (map->slots[i].key && map->slots[i].key != key)
        i = (i + 1) & (map->size - 1);
    return &map->slots[i];
}

/* Makes the table anew, without what is too far from now to fold with. */
static void rebuild(struct fold_map *map, int64_t now)
{
    struct fold_map old = *map;
    size_t i, kept = 0;

    for (i = 0; i < old.size; i++) {
        struct fold_slot *slot = &old.slots[i];
        int64_t reach = slot->day ? DAY_MS : FOLD_WITHIN_MS;

        if (slot->key && (slot->at < now - reach || slot->at > now + reach))
            slot->key = 0;
        kept += slot->key != 0;
    }
    map->size = FIRST_SIZE;
    while (map->size < kept * 4)
        map->size *= 2;
    map->slots = xcalloc(map->size, sizeof *map->slots);
    map->used = kept;
    for (i = 0; i < old.size; i++)
        if (old.slots[i].key)
            *slot_of(map, old.slots[i].key) = old.slots[i];
    free(old.slots);
}

uint64_t fold_map_find(const struct fold_map *map, struct fold_key key)
{
    const struct fold_slot *slot;

    if (!map->size)
        return 0;
    slot = slot_of(map, key.key);
    return slot->key && is_near(slot, key) ? slot->number : 0;
}

bool fold_map_has(const struct fold_map *map, struct fold_key key)
{
    return map->size && slot_of(map, key.key)->key != 0;
}

void fold_map_put(struct fold_map *map, struct fold_key key, uint64_t number)
{
    struct fold_slot *slot;

    if (map->used >= map->size / 2)
        rebuild(map, key.at);
    slot = slot_of(map, key.key);
    if (!slot->key)
        map->used++;
    *slot = (struct fold_slot){key.key, number, key.at, key.day};
}
