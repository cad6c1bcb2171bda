/* Search in a view, judged through a query: a million rows cost a million
 * table look-ups, not a million searches. Where it is, is kept as an event's
 * number: rows come and go between two slices. */
#include "ui/pane/finder.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "query/query.h"
#include "base/banned.h"

#define SLICE 128        /* rows between two looks at the clock */
#define MEMBERS_MAX 1000 /* of one fold, that are looked at */

struct finder {
    const struct ring *ring;
    const struct view *view;
    struct query *query;
    struct query_bound *bound;
    bool down;
    uint64_t number; /* of the row it stands at */
    size_t member;   /* and of its fold, when that takes longer; 0: none */
    size_t left;     /* rows not yet looked at */

    /* Once it was found: all rows are counted, from the oldest. */
    bool found;
    size_t counted, which, all;
};

static uint64_t number_at(const struct view *view, size_t row)
{
    struct view_row found;

    return view_row(view, row, &found) ? found.number : 0;
}

struct finder *finder_new(const struct ring *ring, const struct view *view,
                          const char *text, bool down, bool round, size_t row,
                          struct query_error *error)
{
    size_t rows = view_rows(view);
    struct query *query = query_parse(text, error);
    struct finder *finder;

    if (!query)
        return NULL;
    finder = xcalloc(1, sizeof *finder);
    finder->ring = ring;
    finder->view = view;
    finder->query = query;
    finder->bound = query_bind(query, ring_texts(ring));
    finder->down = down;
    finder->number = number_at(view, row);
    finder->left = rows;
    if (!round && rows)
        finder->left = down ? rows - 1 - row : row;
    return finder;
}

bool finder_down(const struct finder *finder)
{
    return finder->down;
}

void finder_free(struct finder *finder)
{
    if (!finder)
        return;
    query_unbind(finder->bound);
    query_free(finder->query);
    free(finder);
}

/* One row on, round the end. */
static size_t next_row(const struct finder *finder, size_t row, size_t rows)
{
    if (finder->down)
        return row + 1 < rows ? row + 1 : 0;
    return (row && row <= rows ? row : rows) - 1;
}

static bool is_costly(const struct finder *finder, uint64_t from)
{
    return query_steps(finder->query) - from > LIMIT_SLICE_STEPS;
}

/* Any event of the row: a fold hides none. Goes on at member, and leaves off
 * there when it costs much. */
static bool matches(struct finder *finder, size_t row, int64_t now_ms,
                    uint64_t from)
{
    uint64_t numbers[MEMBERS_MAX];
    struct view_row found;
    size_t count = 1, i = finder->member;

    finder->member = 0;
    if (!view_row(finder->view, row, &found))
        return false;
    numbers[0] = found.number;
    if (found.times > 1)
        count = view_members(finder->view, row, numbers, MEMBERS_MAX);
    for (; i < count; i++) {
        const struct record *record = ring_get(finder->ring, numbers[i]);

        if (record && query_match_row(finder->bound, &record->row, now_ms))
            return true;
        if (i + 1 < count && is_costly(finder, from)) {
            finder->member = i + 1;
            break;
        }
    }
    return false;
}

/* Up to SLICE rows, fewer when they cost much. */
static bool look(struct finder *finder, int64_t now_ms, size_t *row)
{
    size_t rows = view_rows(finder->view), count;
    uint64_t from = query_steps(finder->query);

    for (count = 0; count < SLICE && rows; count++) {
        if (!finder->member) {
            if (!finder->left)
                break;
            finder->left--;
            *row = next_row(finder, *row, rows);
        }
        if (matches(finder, *row, now_ms, from))
            return true;
        if (is_costly(finder, from))
            break;
    }
    if (!rows)
        finder->left = finder->member = 0;
    return false;
}

void finder_count(const struct finder *finder, size_t *which, size_t *all)
{
    *which = finder->which;
    *all = finder->all;
}

/* Up to SLICE rows, fewer when they cost much. */
static void count_rows(struct finder *finder, int64_t now_ms, size_t found)
{
    size_t rows = view_rows(finder->view), count;
    uint64_t from = query_steps(finder->query);

    for (count = 0; count < SLICE && finder->counted < rows; count++) {
        bool is = matches(finder, finder->counted, now_ms, from);

        if (finder->member)
            return; /* the rest of a fold, next time */
        finder->all += is;
        finder->which += is && finder->counted <= found;
        finder->counted++;
        if (is_costly(finder, from))
            return;
    }
}

static enum finder_result step_count(struct finder *finder, int64_t now_ms,
                                     int64_t deadline_us)
{
    size_t found = view_find(finder->view, finder->number);

    do {
        count_rows(finder, now_ms, found);
        if (finder->counted >= view_rows(finder->view))
            return FINDER_COUNTED;
    } while (clock_mono_us() < deadline_us);
    return FINDER_MORE;
}

enum finder_result finder_step(struct finder *finder, int64_t now_ms,
                               int64_t budget_us, size_t *row, struct err *err)
{
    int64_t deadline_us = clock_mono_us() + budget_us;

    if (finder->found)
        return step_count(finder, now_ms, deadline_us);
    *row = view_find(finder->view, finder->number);
    do {
        if (look(finder, now_ms, row)) {
            finder->found = true;
            finder->member = 0;
            finder->number = number_at(finder->view, *row);
            return FINDER_FOUND;
        }
    } while ((finder->left || finder->member) &&
             clock_mono_us() < deadline_us);
    finder->number = number_at(finder->view, *row);
    if (finder->left || finder->member)
        return FINDER_MORE;
    return query_explain_unjudged(finder->query, err) ? FINDER_NOWHERE
                                                      : FINDER_COSTLY;
}
