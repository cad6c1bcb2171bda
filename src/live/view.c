/* A view: which events of the ring match a query, folded into rows. New ones
 * are judged as they come, older ones newest first in slices; a narrower
 * query judges only what matched before. Draws nothing, selects nothing. */
#include "live/view.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "live/fold.h"
#include "live/learnt.h"
#include "live/rows.h"

#include "base/banned.h"

#define SLICE 128           /* events between two looks at the clock */
#define AHEAD 8             /* records */
#define RESTART_ABOVE 50000 /* so many new ones are judged as old ones */
#define AGES_EVERY_MS 30000

struct view {
    struct ring *ring;
    struct query *query; /* NULL: everything */
    struct query_bound *bound;
    struct learnt learnt; /* of a deep query */
    struct ring_watch watch;
    bool waits; /* for what an older event's body says */
    bool show_hidden;
    uint64_t floor;

    struct rows rows;
    struct fold_map newest, oldest; /* at either end of rows */
    bool started;
    uint64_t judged_from, judged_to; /* numbers; all between were judged */
    struct rows candidates; /* of them, to be judged by a narrower query */
    int64_t started_ms;
    unsigned relabels; /* of the ring when started */
    unsigned marks;    /* the same, of signals */

    bool frozen;
    uint64_t frozen_to;
    uint64_t fresh_to; /* counted up to here */
    size_t fresh;
};

struct view *view_new(struct ring *ring)
{
    struct view *view = xcalloc(1, sizeof *view);

    view->ring = ring;
    return view;
}

/* Forgets what was judged. */
static void restart(struct view *view)
{
    rows_free(&view->rows);
    rows_free(&view->candidates);
    fold_map_free(&view->newest);
    fold_map_free(&view->oldest);
    view->started = false;
    view->fresh = 0;
    view->fresh_to = view->frozen_to;
}

static void drop_query(struct view *view)
{
    ring_unwatch(view->ring, &view->watch);
    learnt_free(&view->learnt);
    query_unbind(view->bound);
    query_free(view->query);
    view->bound = NULL;
    view->query = NULL;
}

void view_free(struct view *view)
{
    if (!view)
        return;
    restart(view);
    drop_query(view);
    free(view);
}

/* --- judging ----------------------------------------------------------- */

static bool is_deep(const struct view *view)
{
    return view->bound && query_deep(view->query) > 0;
}

/* record may be NULL: it was evicted. */
static enum query_answer answer_on(struct view *view, uint64_t number,
                                   const struct record *record, int64_t now_ms)
{
    if (!record || number <= view->floor)
        return QUERY_NO;
    if (record->row.hidden && !view->show_hidden &&
        !(view->query && query_asks_hidden(view->query)))
        return QUERY_NO;
    if (!view->bound)
        return QUERY_YES;
    return query_judge_row(view->bound, &record->row,
                           is_deep(view) ? learnt_get(&view->learnt, number)
                                         : QUERY_UNREAD,
                           now_ms);
}

/* Does it match? False, and the view waits, when that is not known yet. */
static bool judge(struct view *view, uint64_t number,
                  const struct record *record, int64_t now_ms)
{
    enum query_answer answer = answer_on(view, number, record, now_ms);

    view->waits |= answer == QUERY_OPEN;
    return answer == QUERY_YES;
}

/* The index of the row that stands for number; false: it is not there (0), or
 * not any more. */
static bool find_row(const struct view *view, uint64_t number, size_t *row)
{
    size_t index = number ? rows_index(&view->rows, number) : view->rows.count;

    if (index >= view->rows.count || rows_number(&view->rows, index) != number)
        return false;
    *row = rows_stands_for(&view->rows, index);
    return true;
}

static void add_newest(struct view *view, uint64_t number,
                       const struct record *record)
{
    struct fold_key key = fold_key_of(view->ring, record);
    uint64_t before;
    size_t row;

    rows_append(&view->rows, number, record->row.tone);
    if (!key.key)
        return;
    before = fold_map_put(&view->newest, key, number);
    if (find_row(view, before, &row))
        rows_join(&view->rows, row, view->rows.count - 1);
    fold_map_put_far(&view->oldest, key, number);
}

static void add_oldest(struct view *view, uint64_t number,
                       const struct record *record)
{
    struct fold_key key = fold_key_of(view->ring, record);
    uint64_t after;
    size_t row;

    if (!rows_can_hold(&view->rows, number))
        return;
    rows_prepend(&view->rows, number, record->row.tone);
    if (!key.key)
        return;
    after = fold_map_put(&view->oldest, key, number);
    if (find_row(view, after, &row))
        rows_join(&view->rows, 0, row);
    fold_map_put_far(&view->newest, key, number);
}

static void start(struct view *view, int64_t now_ms)
{
    view->judged_to = view->frozen ? view->frozen_to : ring_newest(view->ring);
    view->judged_from = view->judged_to + 1;
    rows_init(&view->rows, view->judged_to);
    rows_init(&view->candidates, view->judged_to);
    view->started = true;
    view->started_ms = now_ms;
    view->relabels = ring_relabels(view->ring);
    view->marks = ring_marks(view->ring);
}

static void drop_evicted(struct view *view)
{
    uint64_t oldest = ring_number(view->ring, 0);

    while (view->rows.count && rows_number(&view->rows, 0) < oldest)
        rows_drop_first(&view->rows);
    learnt_drop(&view->learnt, oldest);
}

/* What the query has cost until now. */
static uint64_t steps_of(const struct view *view)
{
    return view->bound ? query_steps(view->query) : 0;
}

/* Rows cost little but for long texts and regular expressions: has it been
 * enough since *from to look at the clock? */
static bool has_cost(const struct view *view, uint64_t *from)
{
    uint64_t steps = steps_of(view);

    if (steps - *from < LIMIT_SLICE_STEPS)
        return false;
    *from = steps;
    return true;
}

static void judge_new(struct view *view, int64_t now_ms, int64_t deadline_us)
{
    size_t index = ring_index(view->ring, view->judged_to + 1);
    size_t count = ring_count(view->ring);
    uint64_t from = steps_of(view);

    for (; index < count; index++) {
        const struct record *record = ring_at(view->ring, index);
        uint64_t number = ring_number(view->ring, index);

        if (judge(view, number, record, now_ms))
            add_newest(view, number, record);
        if (view->waits)
            return;
        view->judged_to = number;
        if (has_cost(view, &from) && clock_mono_us() >= deadline_us)
            return;
    }
}

/* While frozen, what comes is counted only. */
static void count_fresh(struct view *view, int64_t now_ms, int64_t deadline_us)
{
    size_t index = ring_index(view->ring, view->fresh_to + 1);
    size_t count = ring_count(view->ring), steps = 0;
    uint64_t from = steps_of(view);

    for (; index < count; index++) {
        view->fresh_to = ring_number(view->ring, index);
        view->fresh +=
            answer_on(view, view->fresh_to, ring_at(view->ring, index),
                      now_ms) == QUERY_YES;
        if ((++steps % SLICE == 0 || has_cost(view, &from)) &&
            clock_mono_us() >= deadline_us)
            return;
    }
}

/* One slice of what matched before. */
static void judge_candidates(struct view *view, int64_t now_ms)
{
    struct rows *candidates = &view->candidates;
    uint64_t from = steps_of(view);
    size_t steps;

    for (steps = 0;
         steps < SLICE && candidates->count && !has_cost(view, &from);
         steps++) {
        uint64_t number = rows_number(candidates, candidates->count - 1);
        const struct record *record = ring_get(view->ring, number);

        rows_drop_last(candidates);
        if (judge(view, number, record, now_ms))
            add_oldest(view, number, record);
    }
}

/* One slice of the ring; false when there is none. Texts are fetched while
 * other records are judged. */
static bool judge_older(struct view *view, int64_t now_ms)
{
    const struct record *piece;
    size_t index = ring_index(view->ring, view->judged_from);
    size_t left = ring_piece(view->ring, index, &piece);
    size_t end = left > SLICE ? left - SLICE : 0;
    uint64_t from = steps_of(view);

    if (!left)
        return false;
    while (left > end && !has_cost(view, &from)) {
        uint64_t number = ring_number(view->ring, index - 1);
        const struct record *record = &piece[left - 1];

        if (view->bound && left > 2 * AHEAD)
            query_expect_rows(view->bound, &piece[left - 1 - AHEAD].row,
                              &piece[left - 1 - 2 * AHEAD].row);
        if (judge(view, number, record, now_ms))
            add_oldest(view, number, record);
        if (view->waits)
            break;
        index--;
        left--;
    }
    view->judged_from = ring_number(view->ring, index);
    return !view->waits;
}

/* At least one slice, however slow the machine is. */
static void judge_old(struct view *view, int64_t now_ms, int64_t deadline_us)
{
    do {
        if (view->candidates.count)
            judge_candidates(view, now_ms);
        else if (!judge_older(view, now_ms))
            return;
    } while (clock_mono_us() < deadline_us);
}

/* Too much is new, or what matched then does not now? */
static bool is_stale(const struct view *view, int64_t now_ms)
{
    if (ring_relabels(view->ring) != view->relabels)
        return true;
    if (view->query && query_asks_signals(view->query) &&
        ring_marks(view->ring) != view->marks)
        return true;
    if (view->frozen)
        return false;
    if (view->query && query_ages(view->query) &&
        now_ms - view->started_ms >= AGES_EVERY_MS)
        return true;
    return ring_count(view->ring) -
                   ring_index(view->ring, view->judged_to + 1) >
               RESTART_ABOVE ||
           !rows_can_hold(&view->rows, ring_newest(view->ring));
}

bool view_update(struct view *view, int64_t budget_us)
{
    int64_t now_ms = clock_now_ms();
    int64_t deadline_us = clock_mono_us() + budget_us;

    if (!ring_count(view->ring))
        return false;
    if (view->started && is_stale(view, now_ms))
        restart(view);
    if (!view->started)
        start(view, now_ms);
    drop_evicted(view);
    view->waits = false;
    if (view->frozen)
        count_fresh(view, now_ms, deadline_us);
    else
        judge_new(view, now_ms, deadline_us);
    if (budget_us > 0 && !view->waits)
        judge_old(view, now_ms, deadline_us);
    return (!view_complete(view) && !view->waits) ||
           (view->frozen && view->fresh_to < ring_newest(view->ring));
}

bool view_complete(const struct view *view)
{
    if (!ring_count(view->ring))
        return true;
    return view->started && !view->candidates.count &&
           (view->frozen || view->judged_to == ring_newest(view->ring)) &&
           ring_index(view->ring, view->judged_from) == 0;
}

/* --- what is looked for ------------------------------------------------ */

/* Judging what matched pays when that is not nearly everything. */
static bool can_narrow(const struct view *view, const struct query *query)
{
    if (!view->started || !view->query || !query ||
        view->rows.count + view->candidates.count > ring_count(view->ring) / 2)
        return false;
    /* what bodies said is another query's */
    if (query_deep(query))
        return false;
    return query_asks_hidden(query) == query_asks_hidden(view->query) &&
           query_narrows(view->query, query);
}

/* What matched so far waits to be judged again, behind what still waited. */
static void make_candidates(struct view *view)
{
    size_t i;

    if (!view->candidates.count) {
        rows_free(&view->candidates);
        view->candidates = view->rows;
    } else {
        for (i = 0; i < view->rows.count; i++)
            rows_append(&view->candidates, rows_number(&view->rows, i), 0);
        rows_free(&view->rows);
    }
    rows_init(&view->rows, view->judged_to);
    fold_map_free(&view->newest);
    fold_map_free(&view->oldest);
    view->fresh = 0;
    view->fresh_to = view->frozen_to;
}

static void on_pushed(void *ctx, uint64_t number, const struct event *event)
{
    struct view *view = ctx;

    learnt_put(&view->learnt, number, query_match_deep(view->query, event));
}

void view_set_query(struct view *view, struct query *query)
{
    if (can_narrow(view, query))
        make_candidates(view);
    else
        restart(view);
    drop_query(view);
    view->query = query;
    view->bound = query && !query_is_empty(query)
                      ? query_bind(query, ring_texts(view->ring))
                      : NULL;
    view->watch = (struct ring_watch){.on_push = on_pushed, .ctx = view};
    if (is_deep(view))
        ring_watch(view->ring, &view->watch);
}

/* --- bodies ------------------------------------------------------------ */

#define LOOK_AHEAD 20000 /* events gone over for those that are wanted */

static bool is_wanted(struct view *view, size_t index, int64_t now_ms)
{
    return answer_on(view, ring_number(view->ring, index),
                     ring_at(view->ring, index), now_ms) == QUERY_OPEN;
}

size_t view_wanted(struct view *view, uint64_t *numbers, size_t max)
{
    size_t newest = view->frozen ? ring_index(view->ring, view->frozen_to + 1)
                                 : ring_count(view->ring);
    size_t judged = ring_index(view->ring, view->judged_to + 1);
    size_t older = ring_index(view->ring, view->judged_from);
    int64_t now_ms = clock_now_ms();
    size_t count = 0, looked = 0, i;

    if (!view->waits)
        return 0;
    for (i = newest; i > judged && count < max && looked < LOOK_AHEAD;
         i--, looked++)
        if (is_wanted(view, i - 1, now_ms))
            numbers[count++] = ring_number(view->ring, i - 1);
    for (i = older; i && count < max && looked < LOOK_AHEAD; i--, looked++)
        if (is_wanted(view, i - 1, now_ms))
            numbers[count++] = ring_number(view->ring, i - 1);
    return count;
}

void view_learn(struct view *view, uint64_t number, int bits)
{
    learnt_put(&view->learnt, number, bits);
}

size_t view_left(const struct view *view)
{
    if (!view->started)
        return ring_count(view->ring);
    return ring_index(view->ring, view->judged_from) + view->candidates.count +
           (view->frozen ? 0
                         : ring_count(view->ring) -
                               ring_index(view->ring, view->judged_to + 1));
}

const struct query *view_query(const struct view *view)
{
    return view->query;
}

void view_show_hidden(struct view *view, bool show)
{
    if (show == view->show_hidden)
        return;
    view->show_hidden = show;
    restart(view);
}

void view_set_floor(struct view *view, uint64_t floor)
{
    if (floor == view->floor)
        return;
    view->floor = floor;
    restart(view);
}

void view_freeze(struct view *view, bool on)
{
    if (on == view->frozen)
        return;
    if (on && ring_count(view->ring)) {
        view_update(view, 0);
        view->frozen_to = view->judged_to;
    } else {
        view->frozen_to = 0;
    }
    view->frozen = on;
    view->fresh = 0;
    view->fresh_to = view->frozen_to;
}

bool view_frozen(const struct view *view)
{
    return view->frozen;
}

size_t view_fresh(const struct view *view)
{
    return view->fresh;
}

/* --- rows -------------------------------------------------------------- */

size_t view_rows(const struct view *view)
{
    return view->rows.shown;
}

bool view_row(const struct view *view, size_t index, struct view_row *out)
{
    const struct rows *rows = &view->rows;
    const struct rows_item *item;

    if (index >= rows->shown)
        return false;
    item = rows_at(rows, rows_select(rows, index));
    *out = (struct view_row){.number = rows->base + item->number,
                             .first = rows->base + item->other,
                             .times = item->times,
                             .tone = (enum tone)item->tone};
    return true;
}

size_t view_members(const struct view *view, size_t index, uint64_t *numbers,
                    size_t max)
{
    if (index >= view->rows.shown)
        return 0;
    return rows_members(&view->rows, rows_select(&view->rows, index), numbers,
                        max);
}

static bool is_among(const uint32_t *names, size_t count, uint32_t name)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] == name)
            return true;
    return false;
}

struct view_fold view_fold(const struct view *view, size_t index)
{
    uint64_t numbers[VIEW_FOLD_LOOK];
    uint32_t names[VIEW_FOLD_LOOK], sentence = 0;
    struct view_fold fold = {0, false};
    size_t count = view_members(view, index, numbers, VIEW_FOLD_LOOK);

    for (size_t i = 0; i < count; i++) {
        const struct record *record = ring_get(view->ring, numbers[i]);

        if (!record)
            break;
        if (!i)
            sentence = record->row.sentence;
        fold.differ |= record->row.sentence != sentence;
        if (!is_among(names, fold.names, record->row.name))
            names[fold.names++] = record->row.name;
    }
    return fold;
}

size_t view_find(const struct view *view, uint64_t number)
{
    const struct rows *rows = &view->rows;
    size_t index = rows_index(rows, number), before;

    if (index < rows->count && rows_number(rows, index) == number)
        return rows_rank(rows, rows_stands_for(rows, index));
    before = rows_rank(rows, index);
    return before ? before - 1 : 0;
}

size_t view_events(const struct view *view)
{
    return view->rows.count;
}

uint64_t view_event(const struct view *view, size_t index)
{
    return index < view->rows.count ? rows_number(&view->rows, index) : 0;
}

size_t view_count_after(const struct view *view, uint64_t number)
{
    return view->rows.count - rows_index(&view->rows, number + 1);
}
