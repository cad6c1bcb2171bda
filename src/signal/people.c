/* A sorted list per account: looking somebody up is a binary search over 16
 * bytes each, and a new person moves what is behind; accounts have people by
 * the dozen, seldom by the thousand. */
#include "signal/people.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

uint64_t people_key(const char *id)
{
    uint64_t hash = hash_text(HASH_START, id);

    hash ^= hash >> 32;
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    hash >>= 16;
    return hash ? hash : 1;
}

uint64_t person_key48(const struct person *person)
{
    return (uint64_t)person->high << 32 | person->low;
}

/* Where the key is, or would be. */
static uint32_t place_of(const struct people *people, uint64_t key)
{
    uint32_t low = 0, high = people->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (person_key48(&people->list[middle]) < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct person *people_find(const struct people *people, uint64_t key)
{
    uint32_t place = place_of(people, key);

    return place < people->count && person_key48(&people->list[place]) == key
               ? &people->list[place]
               : NULL;
}

/* Grows by little: with many people the slack would be most of it. */
static void insert(struct people *people, uint32_t place, uint64_t key,
                   int32_t day)
{
    if (people->count == people->cap) {
        people->cap += people->cap / 16 + 4;
        people->list =
            xreallocarray(people->list, people->cap, sizeof *people->list);
    }
    memmove(&people->list[place + 1], &people->list[place],
            (people->count - place) * sizeof *people->list);
    people->list[place] = (struct person){.days = 1,
                                          .low = (uint32_t)key,
                                          .high = (uint16_t)(key >> 32),
                                          .last = (uint16_t)day};
    people->count++;
}

static bool mark(struct person *person, int32_t day)
{
    int32_t ahead = day - person->last;
    uint64_t bit;

    if (ahead > 0) {
        person->days = ahead < DAYS ? person->days << ahead : 0;
        person->last = (uint16_t)day;
        ahead = 0;
    }
    if (ahead <= -DAYS)
        return false;
    bit = UINT64_C(1) << -ahead;
    if (person->days & bit)
        return false;
    person->days |= bit;
    return true;
}

bool people_mark(struct people *people, uint64_t key, int32_t day, bool *first)
{
    uint32_t place = place_of(people, key);

    *first = false;
    if (place < people->count && person_key48(&people->list[place]) == key)
        return mark(&people->list[place], day);
    if (people->count >= LIMIT_SIGNAL_PEOPLE)
        return false;
    insert(people, place, key, day);
    *first = true;
    return true;
}

uint64_t person_days(const struct person *person, int32_t day)
{
    int32_t ahead = day - person->last;

    if (ahead >= DAYS || ahead <= -DAYS)
        return 0;
    return ahead >= 0 ? person->days << ahead : person->days >> -ahead;
}

/* What a day that brought many left over, or those who were dropped. */
static void shrink(struct people *people)
{
    uint32_t cap = people->count + people->count / 128 + 4;

    if (people->cap <= cap)
        return;
    people->cap = cap;
    people->list = xreallocarray(people->list, cap, sizeof *people->list);
}

void people_drop(struct people *people, int32_t before)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < people->count; i++)
        if (people->list[i].last >= before)
            people->list[kept++] = people->list[i];
    people->count = kept;
    shrink(people);
}

void people_free(struct people *people)
{
    free(people->list);
    *people = (struct people){0};
}
