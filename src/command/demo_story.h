/* What happens in the demo's book: three months of the past, and what goes on
 * now. Most accounts have ordinary months; one goes quiet, one loses its
 * champion, two explore something new, one has billing trouble, one grows, one
 * is stuck, and in the first minute one reads about flags and then makes some.
 * Everything is drawn from a seed, so the same seed tells the same story,
 * relative to now. It only writes webhook bodies; sending them is demo.c's. */
#ifndef TELLTALE_DEMO_STORY_H
#define TELLTALE_DEMO_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "journal/zone.h"

struct story;

#define STORY_DAYS 91 /* of the past, before today */

/* The accounts, as the CSV that `telltale accounts` reads; the caller frees
 * it. */
char *story_book(void);

/* now_ms is when the story begins. Days are those of the zone, which is
 * borrowed until the past is told (NULL: the process's). */
struct story *story_new(uint64_t seed, int64_t now_ms,
                        const struct zone_days *zone);
void story_free(struct story *story); /* NULL is allowed */

/* Appends the events of the next day of the past, the oldest first, as one
 * JSON array, and says when that day began; appends nothing for a day on which
 * nothing happened. False when all of it is told, today until now with it. */
bool story_day(struct story *story, struct buf *out, int64_t *began_ms);

/* Appends what happens next, at now_ms: the beats of the first minute in
 * their order, then ordinary work. */
void story_next(struct story *story, int64_t now_ms, struct buf *out);
/* The wait before the next event at a rate per minute: irregular, as people
 * are. */
int64_t story_wait_us(struct story *story, double per_minute);

#endif
