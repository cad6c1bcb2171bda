/* live: views against a plain model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "event/accounts.h"
#include "live/ring.h"
#include "live/tally.h"
#include "live/view.h"
#include "tests/unit/sample.h"

#include "base/banned.h"

#define UNLIMITED ((size_t)1 << 40)
#define LONG_US 60000000

/* --- a view, and what it should show ----------------------------------- */

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

static void shows_the_model(struct view *view, struct ring *ring,
                            const char *text)
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

static void set(struct view *view, const char *text)
{
    struct query *query = query_parse(text, NULL);

    assert_non_null(query);
    view_set_query(view, query);
}

static void a_view_shows_what_matches_folded(void **state)
{
    struct ring *ring = ring_new(5000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 11;
    int i;

    (void)state;
    assert_false(view_update(view, LONG_US));
    assert_int_equal(view_rows(view), 0);
    sample_fill(ring, &random, 1, 3000);
    assert_false(view_update(view, LONG_US));
    shows_the_model(view, ring, "");
    for (i = 0; i < 60; i++) {
        const char *text = sample_query(&random);

        set(view, text);
        view_update(view, LONG_US);
        shows_the_model(view, ring, text);
    }
    view_free(view);
    ring_free(ring);
}

static void slices_and_late_history_come_to_the_same(void **state)
{
    struct ring *ring = ring_new(6000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 12, older = 4999, newer = 5001;
    struct event event = sample_event(&random, 5000);
    int i, left = 0;

    (void)state;
    ring_push(ring, &event);
    set(view, "-category:ai");
    while (older > 2000) {
        for (i = 0; i < 50; i++) {
            event = sample_event(&random, older--);
            ring_push_old(ring, &event);
        }
        for (i = 0; i < 20; i++) {
            event = sample_event(&random, newer++);
            ring_push(ring, &event);
        }
        /* often too little time to finish */
        left += view_update(view, sample_random(&random, 3) * 5);
    }
    assert_true(left > 0);
    view_update(view, LONG_US);
    shows_the_model(view, ring, "-category:ai");
    view_free(view);
    ring_free(ring);
}

static void the_newest_are_judged_first(void **state)
{
    struct ring *ring = ring_new(100000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 13;
    struct view_row row;

    (void)state;
    sample_fill(ring, &random, 1, 100000);
    set(view, "flag");
    assert_true(view_update(view, 1));
    assert_false(view_complete(view));
    assert_true(view_rows(view) > 5);
    assert_true(view_row(view, view_rows(view) - 1, &row));
    assert_true(row.number > ring_newest(ring) - 100);
    view_free(view);
    ring_free(ring);
}

static void evicted_events_leave_the_view(void **state)
{
    struct ring *ring = ring_new(1500, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 14, seq = 1;
    struct view_row row;

    (void)state;
    set(view, "category:billing");
    for (; seq <= 9000; seq += 100) {
        sample_fill(ring, &random, seq, seq + 99);
        view_update(view, LONG_US);
        assert_true(view_complete(view));
        if (view_row(view, 0, &row))
            assert_true(row.number >= ring_number(ring, 0));
    }
    assert_true(view_events(view) > 300);
    assert_int_equal(view_count_after(view, 0), view_events(view));
    view_free(view);
    ring_free(ring);
}

/* Typing, character by character, as fast as slices or slower. */
static void narrowing_comes_to_the_same_as_beginning_again(void **state)
{
    static const char *const typed[] = {
        "c",
        "cr",
        "cre",
        "crea",
        "created",
        "created b",
        "created bo",
        "created borealis",
        "created",
        "F",
        "Fe",
        "",
        "category:b",
        "category:bi",
        "category:bi -p",
        "category:bi -pay",
        "tone:bad,warn",
        "tone:bad",
        "tone:bad hidden:",
        "tone:bad hidden:yes",
        "docs | ai",
        "docs",
        "docs em",
    };
    struct ring *ring = ring_new(20000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 15, seq = 20001;
    size_t i;
    int round;

    (void)state;
    sample_fill(ring, &random, 1, 8000);
    for (round = 0; round < 6; round++)
        for (i = 0; i < sizeof typed / sizeof *typed; i++) {
            struct query *query = query_parse(typed[i], NULL);

            if (!query)
                continue;
            view_set_query(view, query);
            sample_fill(ring, &random, seq, seq + 5);
            seq += 6;
            if (sample_random(&random, 2)) {
                view_update(view, 30);
                continue;
            }
            view_update(view, LONG_US);
            if (sample_random(&random, 3) == 0)
                shows_the_model(view, ring, typed[i]);
        }
    set(view, "created b");
    view_update(view, LONG_US);
    set(view, "created bor");
    view_update(view, 1);
    set(view, "created borealis");
    view_update(view, LONG_US);
    shows_the_model(view, ring, "created borealis");
    view_free(view);
    ring_free(ring);
}

/* It shows little, so that its rows would be judged again rather than all:
 * but it had no filter that could have left the others out. */
static void the_first_filter_of_a_view_finds_what_is_there(void **state)
{
    struct ring *ring = ring_new(100, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 18, seq;

    (void)state;
    for (seq = 1; seq <= 20; seq++) {
        struct event event = sample_event(&random, seq);

        event.hidden = seq <= 15 ? HIDDEN_INTERNAL : HIDDEN_NO;
        ring_push(ring, &event);
    }
    view_update(view, LONG_US);
    assert_int_equal(view_events(view), 5);
    set(view, "hidden:yes");
    view_update(view, LONG_US);
    assert_int_equal(view_events(view), 15);
    view_free(view);
    ring_free(ring);
}

/* Every third event has plan scale in its body. */
static struct event with_plan(uint64_t *random, uint64_t seq)
{
    static const char scale[] = "{\"plan\":\"scale\"}";
    static const char other[] = "{\"plan\":\"other\"}";
    struct event event = sample_event(random, seq);

    event.raw = seq % 3 ? other : scale;
    event.raw_len = event.props_len = sizeof scale - 1;
    event.hidden = HIDDEN_NO;
    return event;
}

/* Answers what the view waits for; how many it was asked. */
static size_t read_wanted(struct view *view, struct ring *ring, size_t max)
{
    uint64_t numbers[64], random = 1;
    size_t count = view_wanted(view, numbers, max), i;

    for (i = 0; i < count; i++) {
        struct event event =
            with_plan(&random, ring_get(ring, numbers[i])->seq);

        view_learn(view, numbers[i],
                   query_match_deep(view_query(view), &event));
    }
    return count;
}

static void what_only_bodies_tell_is_known_of_what_arrives(void **state)
{
    struct ring *ring = ring_new(1000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 3, seq;

    (void)state;
    set(view, "prop.plan:scale");
    for (seq = 1; seq <= 30; seq++) {
        struct event event = with_plan(&random, seq);

        ring_push(ring, &event);
    }
    assert_false(view_update(view, LONG_US));
    assert_true(view_complete(view));
    assert_int_equal(view_events(view), 10);
    assert_int_equal(view_left(view), 0);
    view_free(view);
    ring_free(ring);
}

static void older_events_wait_until_their_body_was_read(void **state)
{
    struct ring *ring = ring_new(1000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 3, seq, numbers[4];
    size_t asked = 0, one;

    (void)state;
    for (seq = 1; seq <= 90; seq++) {
        struct event event = with_plan(&random, seq);

        ring_push(ring, &event);
    }
    assert_int_equal(view_wanted(view, numbers, 4), 0);
    set(view, "prop.plan:scale -category:billing");
    assert_false(view_update(view, LONG_US)); /* nothing to do but wait */
    assert_false(view_complete(view));
    assert_true(view_left(view) > 0);
    assert_true(view_wanted(view, numbers, 4) == 4);
    assert_true(numbers[0] > numbers[3]); /* the newest first */
    while ((one = read_wanted(view, ring, 7)) > 0) {
        asked += one;
        view_update(view, LONG_US);
    }
    assert_true(view_complete(view));
    assert_int_equal(view_left(view), 0);
    assert_true(asked < 90); /* of billing nobody needs to know */
    one = view_events(view);
    assert_true(one > 5);
    /* what arrives meanwhile is known, and goes behind */
    for (seq = 91; seq <= 120; seq++) {
        struct event event = with_plan(&random, seq);

        ring_push(ring, &event);
    }
    view_update(view, LONG_US);
    assert_true(view_complete(view));
    assert_true(view_events(view) > one);
    /* another query has asked nobody yet */
    set(view, "prop.plan:other");
    view_update(view, LONG_US);
    assert_int_equal(view_wanted(view, numbers, 4), 4);
    set(view, "flag");
    view_update(view, LONG_US);
    assert_int_equal(view_wanted(view, numbers, 4), 0);
    assert_true(view_complete(view));
    view_free(view);
    ring_free(ring);
}

static void push_costly(struct ring *ring, uint64_t from, uint64_t to)
{
    char sentence[512];
    uint64_t random = from;

    memset(sentence, 'a', sizeof sentence - 1);
    sentence[sizeof sentence - 1] = '\0';
    for (; from <= to; from++) {
        struct event event = sample_event(&random, from);

        snprintf(sentence, 9, "%08d", (int)from);
        sentence[8] = 'a';
        event.sentence = sentence;
        event.hidden = HIDDEN_NO;
        ring_push(ring, &event);
    }
}

/* Steps of one turn: what is new, then what is old, each up to a slice and
 * the row it ends in. */
static bool one_turn(struct view *view)
{
    uint64_t before = query_steps(view_query(view)), after;
    bool more = view_update(view, 1);

    after = query_steps(view_query(view));
    if (after - before > 2 * (LIMIT_SLICE_STEPS + LIMIT_ROW_STEPS))
        fail_msg("a turn of %llu steps", (unsigned long long)(after - before));
    return more;
}

static void a_costly_filter_takes_many_short_turns(void **state)
{
    struct ring *ring = ring_new(10000, UNLIMITED);
    struct view *view = view_new(ring);
    int turns = 0;

    (void)state;
    push_costly(ring, 1, 300);
    set(view, "/(a|aa)*[;!]/");
    while (one_turn(view))
        turns++;
    assert_true(turns > 10);
    assert_true(view_complete(view));
    assert_int_equal(query_unjudged(view_query(view)), 300);
    push_costly(ring, 301, 500);
    assert_true(one_turn(view));
    assert_false(view_complete(view));
    view_freeze(view, true);
    view_freeze(view, false);
    for (turns = 0; one_turn(view);)
        turns++;
    assert_true(turns > 10);
    assert_int_equal(query_unjudged(view_query(view)), 500);
    /* given up: what comes then costs next to nothing */
    push_costly(ring, 501, 3000);
    while (one_turn(view))
        ;
    assert_int_equal(query_unjudged(view_query(view)), 3000);
    assert_int_equal(view_events(view), 0);
    view_free(view);
    ring_free(ring);
}

static void a_frozen_view_stays_and_counts(void **state)
{
    struct ring *ring = ring_new(20000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 16, newest;
    struct view_row before, after;
    size_t rows, events;

    (void)state;
    set(view, "category:billing");
    sample_fill(ring, &random, 1, 1000);
    newest = ring_newest(ring);
    view_freeze(view, true);
    view_update(view, LONG_US);
    assert_true(view_frozen(view));
    rows = view_rows(view);
    events = view_events(view);
    assert_true(view_row(view, rows - 1, &before));
    sample_fill(ring, &random, 1001, 1500);
    view_update(view, LONG_US);
    assert_int_equal(view_rows(view), rows);
    assert_true(view_row(view, rows - 1, &after));
    assert_int_equal(after.number, before.number);
    assert_int_equal(after.times, before.times);
    assert_true(view_fresh(view) > 100);
    events += view_fresh(view);
    /* another filter while frozen still shows nothing newer */
    set(view, "");
    view_update(view, LONG_US);
    assert_true(view_row(view, view_rows(view) - 1, &after));
    assert_true(after.number <= newest);
    set(view, "category:billing");
    view_freeze(view, false);
    view_update(view, LONG_US);
    assert_int_equal(view_fresh(view), 0);
    assert_int_equal(view_events(view), events);
    shows_the_model(view, ring, "category:billing");
    view_free(view);
    ring_free(ring);
}

static void hidden_and_floor_leave_events_out(void **state)
{
    struct ring *ring = ring_new(2000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 17;
    size_t visible;

    (void)state;
    sample_fill(ring, &random, 1, 2000);
    view_update(view, LONG_US);
    visible = view_events(view);
    assert_true(visible < 2000);
    view_show_hidden(view, true);
    view_update(view, LONG_US);
    assert_int_equal(view_events(view), 2000);
    view_show_hidden(view, false);
    set(view, "hidden:yes");
    view_update(view, LONG_US);
    assert_int_equal(view_events(view), 2000 - visible);
    view_set_query(view, NULL);
    view_set_floor(view, ring_newest(ring) - 10);
    view_update(view, LONG_US);
    assert_in_range(view_events(view), 1, 10);
    assert_int_equal(view_count_after(view, ring_newest(ring)), 0);
    view_free(view);
    ring_free(ring);
}

static void a_new_book_is_noticed_even_when_frozen(void **state)
{
    static const char csv[] = "organization_id,organization_name,owner\n"
                              "018f-borealis,Borealis AB,csm@team.example\n";
    struct book *book = book_read("book", csv, sizeof csv - 1, NULL, NULL);
    struct ring *ring = ring_new(2000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 18;

    (void)state;
    sample_fill(ring, &random, 1, 1000);
    set(view, "owner:csm@");
    view_update(view, LONG_US);
    assert_int_equal(view_events(view), 0);
    view_freeze(view, true);
    ring_relabel(ring, book);
    view_update(view, LONG_US);
    assert_true(view_events(view) > 100);
    shows_the_model(view, ring, "owner:csm@");
    view_free(view);
    ring_free(ring);
    book_free(book);
}

static void events_grow_out_of_a_filter_by_age(void **state)
{
    struct ring *ring = ring_new(2000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 19;
    size_t young;

    (void)state;
    clock_pin(SAMPLE_START + 1000 * 5000);
    sample_fill(ring, &random, 1, 1000);
    set(view, "age<10m");
    view_update(view, LONG_US);
    young = view_events(view);
    assert_true(young > 50 && young < 200);
    shows_the_model(view, ring, "age<10m");
    clock_advance(300000);
    view_update(view, LONG_US);
    assert_true(view_events(view) < young - 20);
    shows_the_model(view, ring, "age<10m");
    clock_advance(3600000);
    view_update(view, LONG_US);
    assert_int_equal(view_events(view), 0);
    clock_pin(CLOCK_NONE);
    view_free(view);
    ring_free(ring);
}

/* The same thing, three times within a minute, once more later. */
static void the_same_within_a_minute_is_one_row(void **state)
{
    static const int seconds[] = {0, 30, 80, 90, 151};
    struct ring *ring = ring_new(100, UNLIMITED);
    struct view *view = view_new(ring);
    struct view_row row;
    uint64_t i;

    (void)state;
    for (i = 0; i < 5; i++) {
        struct event event = {
            .seq = i + 1,
            .name = i == 3 ? "something else" : "read docs",
            .fold = FOLD_SAME,
            .received_at = SAMPLE_START + seconds[i] * 1000,
            .person = {"tomas", NULL, NULL},
            .raw = "{}",
        };

        event.occurred_at = event.received_at;
        ring_push(ring, &event);
        view_update(view, i % 2 ? LONG_US : 0);
    }
    view_update(view, LONG_US);
    assert_int_equal(view_rows(view), 3);
    assert_true(view_row(view, 0, &row));
    assert_int_equal(row.number, ring_number(ring, 2));
    assert_int_equal(row.first, ring_number(ring, 0));
    assert_int_equal(row.times, 3);
    assert_int_equal(view_find(view, ring_number(ring, 1)), 0);
    assert_int_equal(view_find(view, ring_number(ring, 3)), 1);
    assert_int_equal(view_find(view, ring_newest(ring) + 90), 2);
    view_free(view);
    ring_free(ring);
}

static struct event by_person(uint64_t seq, const char *id, int second)
{
    struct event event = {.seq = seq,
                          .name = "read docs",
                          .fold = FOLD_SAME,
                          .person = {id, NULL, NULL},
                          .raw = "{}"};

    event.received_at = event.occurred_at =
        SAMPLE_START + (int64_t)second * 1000;
    return event;
}

/* Thousands of others, long before, do not make the view forget who was
 * there last. */
static void
what_comes_folds_with_the_newest_whatever_history_holds(void **state)
{
    struct ring *ring = ring_new(10000, UNLIMITED);
    struct view *view = view_new(ring);
    struct view_row row;
    struct event event;
    char id[24];
    int i;

    (void)state;
    for (i = 1; i <= 5000; i++) {
        snprintf(id, sizeof id, "person-%d", i);
        event = by_person((uint64_t)i, id, i);
        ring_push(ring, &event);
    }
    event = by_person(5001, "tomas", 5001);
    ring_push(ring, &event);
    view_update(view, LONG_US);
    event = by_person(5002, "tomas", 5002);
    ring_push(ring, &event);
    view_update(view, LONG_US);
    assert_int_equal(view_rows(view), 5001);
    assert_true(view_row(view, 5000, &row));
    assert_int_equal(row.times, 2);
    view_free(view);
    ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_shows_what_matches_folded),
        cmocka_unit_test(slices_and_late_history_come_to_the_same),
        cmocka_unit_test(the_newest_are_judged_first),
        cmocka_unit_test(evicted_events_leave_the_view),
        cmocka_unit_test(narrowing_comes_to_the_same_as_beginning_again),
        cmocka_unit_test(the_first_filter_of_a_view_finds_what_is_there),
        cmocka_unit_test(what_only_bodies_tell_is_known_of_what_arrives),
        cmocka_unit_test(older_events_wait_until_their_body_was_read),
        cmocka_unit_test(a_costly_filter_takes_many_short_turns),
        cmocka_unit_test(a_frozen_view_stays_and_counts),
        cmocka_unit_test(hidden_and_floor_leave_events_out),
        cmocka_unit_test(a_new_book_is_noticed_even_when_frozen),
        cmocka_unit_test(events_grow_out_of_a_filter_by_age),
        cmocka_unit_test(the_same_within_a_minute_is_one_row),
        cmocka_unit_test(
            what_comes_folds_with_the_newest_whatever_history_holds),
    };

    setenv("TZ", "UTC0", 1);
    return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
