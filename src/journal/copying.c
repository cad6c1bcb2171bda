#include "journal/copying.h"

#include "base/limits.h"

#include "base/banned.h"

#define COPY_US 15000
#define COPY_LEAST (2 * MIB)

struct copying copying_new(void)
{
    return (struct copying){.limit = LIMIT_WAL / 2};
}

bool copying_is_due(struct copying *copying, size_t bytes)
{
    if (bytes < copying->at)
        copying->at = 0;
    if (bytes <= copying->limit || bytes - copying->at < LIMIT_WAL / 8)
        return false;
    copying->at = bytes;
    return true;
}

void copying_learn(struct copying *copying, int64_t us)
{
    if (us > COPY_US && copying->limit > COPY_LEAST)
        copying->limit /= 2;
    else if (us < COPY_US / 3 && copying->limit < LIMIT_WAL)
        copying->limit *= 2;
}
