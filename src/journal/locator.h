/* A locator: some events of another journal that are kept here, by the
 * number that each has there and by what it is known by. Who follows that
 * journal sends them, and its owner says where it has others by now, as it
 * does once it was restored from an older copy and has grown again.
 *
 * An event is known by its uuid; one without, by when it was received. */
#ifndef TELLTALE_LOCATOR_H
#define TELLTALE_LOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/uuid.h"

struct sqlite3;

struct locator_point {
    uint64_t seq; /* there, from 1 on */
    bool has_uuid;
    struct uuid uuid;
    int64_t received_at; /* without one: ms since 1970 */
};

/* Each seq is lower than the one before. */
struct locator {
    struct locator_point list[LIMIT_LOCATOR];
    size_t count;
};

/* "12:0198c1f0-…,11:1789373163942,…", as they go over the wire. False with
 * err. */
bool locator_read(const char *text, struct locator *out, struct err *err);
void locator_write(const struct locator *points, struct buf *out);

/* The events from that journal whose number there is above `above` and below
 * `below`: the last ones, ever fewer the further back, and some that are
 * spread over all. *all: there are no others. */
bool locator_find(struct sqlite3 *db, const struct uuid *there, uint64_t above,
                  uint64_t below, struct locator *out, bool *all,
                  struct err *err);

/* Where our own journal has another event, or none but a tick. What it has no
 * more, pruned or forgotten, tells nothing. */
struct locator_fork {
    uint64_t from; /* the lowest that is another here; 0: none is */
    uint64_t upto; /* the highest below that is the same; 0: none is */
};
bool locator_judge(struct sqlite3 *db, const struct locator *points,
                   struct locator_fork *out, struct err *err);

#endif
