/* Finding without hiding: the next row of a view that holds a text. A large
 * view is looked through in slices, so that the loop is never held up. */
#ifndef TELLTALE_FINDER_H
#define TELLTALE_FINDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live/ring.h"
#include "live/view.h"

struct finder;
enum finder_result {
    FINDER_FOUND,   /* it goes on to count: ask again */
    FINDER_COUNTED, /* finder_count() is known */
    FINDER_NOWHERE,
    FINDER_MORE,  /* time is up: ask again */
    FINDER_COSTLY /* nowhere, but some rows were too costly to judge; err */
};

/* From row on (not itself), down or up, round the end if so told; text is a
 * query. NULL with error when it is none. ring and view are borrowed. */
struct finder *finder_new(const struct ring *ring, const struct view *view,
                          const char *text, bool down, bool round, size_t row,
                          struct query_error *error);
void finder_free(struct finder *finder); /* NULL is allowed */
bool finder_down(const struct finder *finder);
/* Of the rows that match, which one was found, the oldest being the first,
 * and how many there are. */
void finder_count(const struct finder *finder, size_t *which, size_t *all);
/* Looks on for up to budget_us; *row is where it was found. */
enum finder_result finder_step(struct finder *finder, int64_t now_ms,
                               int64_t budget_us, size_t *row,
                               struct err *err);

#endif
