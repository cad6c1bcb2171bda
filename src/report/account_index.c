/* Accounts by their id: a page of events asks for each of its events. */
#include <stdlib.h>

#include "base/intern.h"
#include "report/gathering.h"

#include "base/banned.h"

#define NOWHERE ((size_t)-1)

void account_index_free(struct account_index *index)
{
    if (index->ids)
        intern_free(index->ids);
    free(index->places);
    *index = (struct account_index){NULL, NULL, 0};
}

void account_index_add(struct account_index *index, const char *id,
                       size_t place)
{
    uint32_t at;

    if (!index->ids)
        index->ids = intern_new();
    at = intern_take(index->ids, id);
    if (at >= index->count) {
        size_t count = 2 * (size_t)at + 32;

        index->places =
            xreallocarray(index->places, count, sizeof *index->places);
        for (size_t i = index->count; i < count; i++)
            index->places[i] = NOWHERE;
        index->count = count;
    }
    index->places[at] = place;
}

struct report_account *account_index_find(const struct account_index *index,
                                          const struct report *report,
                                          const char *id)
{
    uint32_t at = id && index->ids ? intern_find(index->ids, id) : 0;

    return at && index->places[at] != NOWHERE
               ? &report->accounts[index->places[at]]
               : NULL;
}
