/* Search in a view, judged through a query: a million rows cost a million
 * table look-ups, not a million searches. */
#include "ui/finder.h"

#include "query/query.h"
#include "base/banned.h"

#define MEMBERS_MAX 1000 /* of one fold, that are looked at */

/* Any event of the row: a fold hides none. */
static bool row_matches(const struct ring *ring, const struct view *view,
                        struct query_bound *bound, int64_t now_ms, size_t row)
{
    uint64_t numbers[MEMBERS_MAX];
    struct view_row found;
    size_t count = 1;

    if (!view_row(view, row, &found))
        return false;
    numbers[0] = found.number;
    if (found.times > 1)
        count = view_members(view, row, numbers, MEMBERS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct record *record = ring_get(ring, numbers[i]);

        if (record && query_match_row(bound, &record->row, now_ms))
            return true;
    }
    return false;
}

static bool search(const struct ring *ring, const struct view *view,
                   struct query_bound *bound, int64_t now_ms, bool down,
                   size_t *row)
{
    size_t rows = view_rows(view);
    size_t at = *row;

    for (size_t left = rows; left; left--) {
        at = down ? (at + 1) % rows : (at ? at : rows) - 1;
        if (row_matches(ring, view, bound, now_ms, at)) {
            *row = at;
            return true;
        }
    }
    return false;
}

bool finder_next(const struct ring *ring, const struct view *view,
                 const char *text, int64_t now_ms, bool down, size_t *row)
{
    struct query_error error;
    struct query *query = query_parse(text, &error);
    struct query_bound *bound;
    bool found;

    if (!query)
        return false;
    bound = query_bind(query, ring_texts(ring));
    found = search(ring, view, bound, now_ms, down, row);
    query_unbind(bound);
    query_free(query);
    return found;
}
