/* Fold keys and the table that remembers them. What is too long ago to fold
 * with is forgotten when the table would grow. */
#include "live/fold.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#include "base/banned.h"

#define FIRST_SIZE 256

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

static uint64_t pair(uint32_t a, uint32_t b)
{
    return (uint64_t)a << 32 | b;
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
    bool same, daily;

    if (!fold)
        return key;
    key.at = row->source == SOURCE_POSTHOG || row->source == SOURCE_FILE
                 ? row->occurred_at
                 : row->received_at;
    same = strcmp(fold, FOLD_SAME) == 0;
    daily = !same && strcmp(fold, FOLD_DAY) == 0;
    key.day = daily || (!same && *fold == *FOLD_SAME);
    key.key = mix(0, pair(record->fold, row->account_id));
    if (daily) {
        /* a bad one is not hidden by a later one that is not */
        key.key = mix(key.key, pair(row->name, row->tone));
        key.key = mix(key.key, (uint64_t)clock_day(key.at));
    } else {
        key.key = mix(key.key, pair(person_of(row), same ? row->name : 0));
    }
    key.key |= 1;
    return key;
}

void fold_map_free(struct fold_map *map)
{
    free(map->slots);
    *map = (struct fold_map){0};
}

static bool is_within(int64_t a, int64_t b, int64_t reach)
{
    return (a > b ? a - b : b - a) <= reach;
}

/* How far from an event what folds with it may be. */
static int64_t reach_of(bool day)
{
    return day ? CLOCK_LONGEST_DAY_MS : FOLD_WITHIN_MS;
}

static struct fold_slot *slot_of(const struct fold_map *map, uint64_t key)
{
    size_t i = key & (map->size - 1);

    while (map->slots[i].key && map->slots[i].key != key)
        i = (i + 1) & (map->size - 1);
    return &map->slots[i];
}

/* Makes the table anew, without what is too far from its end to fold with
 * what comes there. */
static void rebuild(struct fold_map *map)
{
    struct fold_map old = *map;
    size_t i, kept = 0;

    for (i = 0; i < old.size; i++) {
        struct fold_slot *slot = &old.slots[i];

        if (slot->key && !is_within(slot->at, map->at, reach_of(slot->day)))
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

/* Where the key is or may be written to. */
static struct fold_slot *slot_for(struct fold_map *map, uint64_t key)
{
    if (map->used >= map->size / 2)
        rebuild(map);
    return slot_of(map, key);
}

static void fill_slot(struct fold_map *map, struct fold_slot *slot,
                      struct fold_key key, uint64_t number)
{
    map->used += !slot->key;
    *slot = (struct fold_slot){key.key, number, key.at, key.day};
}

uint64_t fold_map_put(struct fold_map *map, struct fold_key key,
                      uint64_t number)
{
    struct fold_slot *slot;
    uint64_t before = 0;

    map->at = key.at;
    slot = slot_for(map, key.key);
    if (slot->key && is_within(slot->at, key.at, reach_of(key.day)))
        before = slot->number;
    fill_slot(map, slot, key, number);
    return before;
}

void fold_map_put_far(struct fold_map *map, struct fold_key key,
                      uint64_t number)
{
    struct fold_slot *slot;

    if (!map->size)
        map->at = key.at;
    if (!is_within(key.at, map->at, reach_of(key.day)))
        return;
    slot = slot_for(map, key.key);
    if (!slot->key)
        fill_slot(map, slot, key, number);
}
