/* Made-up events for the tests of query and live: the fixtures' cast doing
 * things in a fixed order, the same each time. */
#ifndef TELLTALE_SAMPLE_H
#define TELLTALE_SAMPLE_H

#include <stdint.h>

#include "event/event.h"
#include "live/ring.h"

/* Mon 14 Sep 2026 08:00 UTC */
#define SAMPLE_START 1789372800000

/* A random number from 0 to below - 1; the state is any number but 0. */
uint32_t sample_random(uint64_t *state, uint32_t below);
/* Event number seq: texts live for ever, times go forward by about 5 s. */
struct event sample_event(uint64_t *state, uint64_t seq);
/* A query that parses, of a few terms. */
const char *sample_query(uint64_t *state);

/* Pushes those of seq from to to, both of them among it. */
void sample_fill(struct ring *ring, uint64_t *random, uint64_t from,
                 uint64_t to);

#endif
