/* From capture to arrival: how long events were under way, counted in
 * buckets for ever and one by one for the newest. Pure. */
#ifndef TELLTALE_LAG_H
#define TELLTALE_LAG_H

#include <stddef.h>
#include <stdint.h>

#define LAG_BUCKETS 12
#define LAG_RECENT 512

/* Upper bounds of the buckets, ms, ascending; slower ones are in none. */
extern const int64_t lag_bounds[LAG_BUCKETS];

/* Zeroed: nothing came yet. */
struct lag {
    uint64_t counts[LAG_BUCKETS];
    uint64_t count;
    int64_t sum_ms;
    int64_t recent[LAG_RECENT]; /* a ring; the newest is at count - 1 */
};

/* A sender whose clock is ahead has no lag. */
void lag_add(struct lag *lag, int64_t ms);
/* What so many per cent of the newest were not slower than; 0: none. */
int64_t lag_percentile(const struct lag *lag, unsigned percent);

#endif
