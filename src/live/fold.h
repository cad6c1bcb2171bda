/* Which event folds with which: the same person did the same
 * again within a minute or went on with one thing (a conversation) within a
 * day, or an account had the same on one day. Remembers,
 * for each such key, the last event seen at one end of a list. Private to
 * the view. */
#ifndef TELLTALE_FOLD_H
#define TELLTALE_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live/ring.h"

#define FOLD_WITHIN_MS 60000

/* What two events must share; key 0: it never folds. */
struct fold_key {
    uint64_t key;
    int64_t at; /* arrival or occurrence, by source */
    bool day;   /* any time within a day will do */
};
struct fold_key fold_key_of(const struct ring *ring,
                            const struct record *record);

struct fold_map {
    struct fold_slot {
        uint64_t key;
        uint64_t number; /* in the ring */
        int64_t at;
        bool day;
    } * slots;
    size_t size, used;
    int64_t at; /* of the event at this end */
};

void fold_map_free(struct fold_map *map);
/* Remembers the event at this end of the list. Returns the number remembered
 * for its key until now if it is near enough in time to fold with, else 0. */
uint64_t fold_map_put(struct fold_map *map, struct fold_key key,
                      uint64_t number);
/* The same for an event at the other end: of use only while none nearer to
 * this one has its key, and if what comes here may fold with it. */
void fold_map_put_far(struct fold_map *map, struct fold_key key,
                      uint64_t number);

#endif
