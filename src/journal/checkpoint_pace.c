/* Halves and doubles a length. The copying itself is writer.c. */
#include "journal/checkpoint_pace.h"

#include "base/limits.h"

#include "base/banned.h"

#define COPY_US 15000
#define COPY_LEAST (2 * MIB)

struct checkpoint_pace checkpoint_pace_new(void)
{
    return (struct checkpoint_pace){.limit = LIMIT_WAL / 2};
}

bool checkpoint_pace_is_due(struct checkpoint_pace *pace, size_t bytes)
{
    if (bytes < pace->at)
        pace->at = 0;
    if (bytes <= pace->limit || bytes - pace->at < LIMIT_WAL / 8)
        return false;
    pace->at = bytes;
    return true;
}

void checkpoint_pace_learn(struct checkpoint_pace *pace, int64_t us)
{
    if (us > COPY_US && pace->limit > COPY_LEAST)
        pace->limit /= 2;
    else if (us < COPY_US / 3 && pace->limit < LIMIT_WAL)
        pace->limit *= 2;
}
