/* Bits by number, in blocks: the numbers that are asked for lie side by side,
 * and grow at both ends. */
#include "live/learnt.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "query/query.h"

#include "base/banned.h"

#define KNOWN 0x8000

/* Index of the first block at or behind that number. */
static size_t find_block(const struct learnt *learnt, uint64_t first)
{
    size_t low = 0, high = learnt->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (learnt->blocks[middle].first < first)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool holds(const struct learnt *learnt, size_t index, uint64_t first)
{
    return index < learnt->count && learnt->blocks[index].first == first;
}

static struct learnt_block *block_of(struct learnt *learnt, uint64_t number)
{
    uint64_t first = number - number % LEARNT_BLOCK;

    if (!holds(learnt, learnt->last, first))
        learnt->last = find_block(learnt, first);
    return holds(learnt, learnt->last, first) ? &learnt->blocks[learnt->last]
                                              : NULL;
}

static struct learnt_block *add_block(struct learnt *learnt, uint64_t number)
{
    uint64_t first = number - number % LEARNT_BLOCK;
    size_t index = find_block(learnt, first);
    struct learnt_block *block;

    if (learnt->count == learnt->cap) {
        learnt->cap = learnt->cap ? 2 * learnt->cap : 8;
        learnt->blocks =
            xreallocarray(learnt->blocks, learnt->cap, sizeof *learnt->blocks);
    }
    block = &learnt->blocks[index];
    memmove(block + 1, block, (learnt->count++ - index) * sizeof *block);
    block->first = first;
    block->bits = xcalloc(LEARNT_BLOCK, sizeof *block->bits);
    return block;
}

void learnt_put(struct learnt *learnt, uint64_t number, int bits)
{
    struct learnt_block *block = block_of(learnt, number);

    if (!block)
        block = add_block(learnt, number);
    block->bits[number % LEARNT_BLOCK] = (uint16_t)(bits | KNOWN);
}

int learnt_get(struct learnt *learnt, uint64_t number)
{
    const struct learnt_block *block = block_of(learnt, number);
    unsigned bits = block ? block->bits[number % LEARNT_BLOCK] : 0;

    return bits & KNOWN ? (int)(bits & ~(unsigned)KNOWN) : QUERY_UNREAD;
}

void learnt_drop(struct learnt *learnt, uint64_t oldest)
{
    size_t gone = 0, i;

    while (gone < learnt->count &&
           learnt->blocks[gone].first + LEARNT_BLOCK <= oldest)
        gone++;
    if (!gone)
        return;
    for (i = 0; i < gone; i++)
        free(learnt->blocks[i].bits);
    learnt->count -= gone;
    memmove(learnt->blocks, learnt->blocks + gone,
            learnt->count * sizeof *learnt->blocks);
}

void learnt_free(struct learnt *learnt)
{
    learnt_drop(learnt, UINT64_MAX);
    free(learnt->blocks);
    *learnt = (struct learnt){.count = 0};
}
