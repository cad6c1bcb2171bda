/* The people of an account: who was active on which of the last 64 days, in
 * 16 bytes each, sorted by key. Names are not kept. */
#ifndef TELLTALE_SIGNAL_PEOPLE_H
#define TELLTALE_SIGNAL_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DAYS 64

struct person {
    uint64_t days; /* bit i: active on `last` - i */
    uint32_t low;  /* of the key */
    uint16_t high;
    uint16_t last; /* day since 1970 */
};
struct people {
    struct person *list;
    uint32_t count, cap;
};

/* 48 bits of a hash, never 0. */
uint64_t people_key(const char *id);
uint64_t person_key48(const struct person *person);
/* Marks the day; true when it was not marked before. *first: the person was
 * not known. Nobody is added beyond LIMIT_SIGNAL_PEOPLE: false then. */
bool people_mark(struct people *people, uint64_t key, int32_t day,
                 bool *first);
const struct person *people_find(const struct people *people, uint64_t key);
/* Active days from that one back: bit i is day - i. */
uint64_t person_days(const struct person *person, int32_t day);
/* Forgets who was not active on that day or after it. */
void people_drop(struct people *people, int32_t before);
void people_free(struct people *people);

#endif
