/* The lag of arrivals. */
#include "serve/lag.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

const int64_t lag_bounds[LAG_BUCKETS] = {100,   250,    500,    1000,
                                         2500,  5000,   10000,  30000,
                                         60000, 300000, 900000, 3600000};

void lag_add(struct lag *lag, int64_t ms)
{
    if (ms < 0)
        ms = 0;
    for (size_t i = 0; i < LAG_BUCKETS; i++)
        if (ms <= lag_bounds[i]) {
            lag->counts[i]++;
            break;
        }
    lag->recent[lag->count++ % LAG_RECENT] = ms;
    lag->sum_ms += ms;
}

static int by_length(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

int64_t lag_percentile(const struct lag *lag, unsigned percent)
{
    int64_t sorted[LAG_RECENT];
    size_t count = lag->count < LAG_RECENT ? (size_t)lag->count : LAG_RECENT;
    size_t at = (count * percent + 99) / 100;

    if (!count)
        return 0;
    memcpy(sorted, lag->recent, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_length);
    return sorted[at ? at - 1 : 0];
}
