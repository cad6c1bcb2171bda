/* The plain model of a view. It tests nothing itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/unit/view_model.h"

#include "base/banned.h"

/* The model: all records in order, each fold found by looking at every
 * earlier event of the same key. */
struct model {
    struct view_row rows[30000];
    size_t count, events;
};

static bool folds(struct ring *ring, const struct record *a,
                  const struct record *b)
{
    const char *fold = ring_text(ring, a->fold);
    int64_t at, bt;

    if (!fold || a->fold != b->fold || a->row.account_id != b->row.account_id)
        return false;
    at = a->row.source == SOURCE_POSTHOG || a->row.source == SOURCE_FILE
             ? a->row.occurred_at
             : a->row.received_at;
    bt = b->row.source == SOURCE_POSTHOG || b->row.source == SOURCE_FILE
             ? b->row.occurred_at
             : b->row.received_at;
    if (strcmp(fold, FOLD_DAY) == 0)
        return a->row.name == b->row.name && a->row.tone == b->row.tone &&
               clock_day(at) == clock_day(bt);
    if (a->row.person_id != b->row.person_id ||
        (strcmp(fold, FOLD_SAME) == 0 && a->row.name != b->row.name))
        return false;
    if (*fold == '=' && strchr(fold, '/'))
        return at - bt <= 90000000 && bt - at <= 90000000;
    return at - bt <= 60000 && bt - at <= 60000;
}

/* Same key, near or not: only the last such event may be folded with. */
static bool same_key(struct ring *ring, const struct record *a,
                     const struct record *b)
{
    struct record near = *a;

    near.row.received_at = b->row.received_at;
    near.row.occurred_at = b->row.occurred_at;
    near.row.source = b->row.source;
    return folds(ring, &near, b);
}

static void model_add(struct model *model, struct ring *ring, uint64_t number)
{
    const struct record *record = ring_get(ring, number);
    struct view_row row = {number, number, 1, (enum tone)record->row.tone};
    size_t i;

    model->events++;
    for (i = model->count; i-- > 0;) {
        const struct record *other = ring_get(ring, model->rows[i].number);

        if (!same_key(ring, record, other))
            continue;
        if (folds(ring, record, other)) {
            row.first = model->rows[i].first;
            row.times += model->rows[i].times;
            if (model->rows[i].tone > row.tone)
                row.tone = model->rows[i].tone;
            model->count--;
            memmove(&model->rows[i], &model->rows[i + 1],
                    (model->count - i) * sizeof model->rows[0]);
        }
        break;
    }
    model->rows[model->count++] = row;
}

static void model_fill(struct model *model, struct ring *ring,
                       const char *text, bool hidden)
{
    struct query *query = query_parse(text, NULL);
    struct query_bound *bound = query_bind(query, ring_texts(ring));
    size_t i;

    model->count = model->events = 0;
    for (i = 0; i < ring_count(ring); i++) {
        const struct record *record = ring_at(ring, i);

        if ((!record->row.hidden || hidden || query_asks_hidden(query)) &&
            query_match_row(bound, &record->row, clock_now_ms()))
            model_add(model, ring, ring_number(ring, i));
    }
    query_unbind(bound);
    query_free(query);
}

/* All of them, newest first, one of the worst tone among them. */
static void lists_its_members(struct view *view, struct ring *ring,
                              size_t index, const struct view_row *row)
{
    static uint64_t numbers[30000];
    size_t count = view_members(view, index, numbers, 30000);
    bool worst = false;

    assert_int_equal(count, row->times);
    assert_int_equal(numbers[0], row->number);
    assert_int_equal(numbers[count - 1], row->first);
    for (size_t i = 0; i < count; i++) {
        assert_true(!i || numbers[i] < numbers[i - 1]);
        assert_int_equal(view_find(view, numbers[i]), index);
        worst |= ring_get(ring, numbers[i])->row.tone == row->tone;
    }
    assert_true(worst);
}

void shows_the_model(struct view *view, struct ring *ring, const char *text)
{
    static struct model model;
    struct view_row row;
    size_t i;

    model_fill(&model, ring, text, false);
    assert_true(view_complete(view));
    assert_int_equal(view_events(view), model.events);
    if (view_rows(view) != model.count)
        fail_msg("%s: %zu rows, not %zu", text, view_rows(view), model.count);
    for (i = 0; i < model.count; i++) {
        assert_true(view_row(view, i, &row));
        if (row.number != model.rows[i].number ||
            row.first != model.rows[i].first ||
            row.times != model.rows[i].times || row.tone != model.rows[i].tone)
            fail_msg("%s: row %zu is %llu to %llu x%u", text, i,
                     (unsigned long long)row.first,
                     (unsigned long long)row.number, row.times);
        assert_int_equal(view_find(view, row.number), i);
        assert_int_equal(view_find(view, row.first), i);
        lists_its_members(view, ring, i, &row);
    }
    assert_false(view_row(view, model.count, &row));
}

void view_ask(struct view *view, const char *text)
{
    struct query *query = query_parse(text, NULL);

    assert_non_null(query);
    view_set_query(view, query);
}
