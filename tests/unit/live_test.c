/* live: the ring and its limits, views against a plain model, the tally. */
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

/* --- the ring ---------------------------------------------------------- */

static void fill(struct ring *ring, uint64_t *random, uint64_t from,
                 uint64_t to)
{
    for (; from <= to; from++) {
        struct event event = sample_event(random, from);

        ring_push(ring, &event);
    }
}

static void the_ring_keeps_the_newest_by_count(void **state)
{
    struct ring *ring = ring_new(10000, UNLIMITED);
    uint64_t random = 3;
    size_t i;

    (void)state;
    assert_null(ring_at(ring, 0));
    assert_int_equal(ring_newest(ring), 0);
    assert_null(ring_get(ring, 0));
    fill(ring, &random, 1, 25000);
    assert_int_equal(ring_count(ring), 10000);
    assert_int_equal(ring_evicted(ring), 15000);
    for (i = 0; i < 10000; i++)
        assert_int_equal(ring_at(ring, i)->seq, 15001 + i);
    assert_null(ring_at(ring, 10000));
    ring_free(ring);
}

static void the_ring_keeps_the_newest_by_bytes(void **state)
{
    enum { MAX = 2 << 20 };
    struct ring *ring = ring_new(1000000, MAX);
    char sentence[200];
    uint64_t random = 3, seq;
    size_t most = 0;

    (void)state;
    for (seq = 1; seq <= 30000; seq++) {
        struct event event = sample_event(&random, seq);

        snprintf(sentence, sizeof sentence, "did something %0100u",
                 (unsigned)seq);
        event.sentence = sentence;
        ring_push(ring, &event);
        if (ring_bytes(ring) > most)
            most = ring_bytes(ring);
    }
    assert_true(most <= MAX);
    assert_true(ring_count(ring) > 1000);
    assert_int_equal(ring_count(ring) + ring_evicted(ring), 30000);
    assert_int_equal(ring_at(ring, ring_count(ring) - 1)->seq, 30000);
    ring_free(ring);
}

/* Whatever their seqs are: history is not in the order of seq. */
static void a_number_finds_its_record_until_that_is_evicted(void **state)
{
    enum { COUNT = 6000 };
    struct ring *ring = ring_new(COUNT, UNLIMITED);
    uint64_t random = 5, number, seqs[COUNT], numbers[COUNT];
    struct event event;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT; i++) {
        seqs[i] = 1 + sample_random(&random, 1000000);
        event = sample_event(&random, seqs[i]);
        if (i % 2) {
            ring_push(ring, &event);
            numbers[i] = ring_newest(ring);
        } else {
            assert_true(ring_push_old(ring, &event));
            numbers[i] = ring_number(ring, 0);
        }
        assert_true(numbers[i] > 0);
    }
    for (i = 0; i < COUNT; i++) {
        assert_int_equal(ring_get(ring, numbers[i])->seq, seqs[i]);
        assert_int_equal(ring_number(ring, ring_index(ring, numbers[i])),
                         numbers[i]);
    }
    assert_null(ring_get(ring, ring_newest(ring) + 1));
    assert_int_equal(ring_index(ring, ring_newest(ring) + 1), COUNT);
    number = ring_number(ring, 0);
    fill(ring, &random, 2000001, 2000500);
    assert_null(ring_get(ring, number));
    assert_null(ring_get(ring, number + 499));
    assert_int_equal(ring_index(ring, number), 0);
    assert_ptr_equal(ring_get(ring, number + 500), ring_at(ring, 0));
    ring_free(ring);
}

static void history_fills_in_front_until_there_is_no_room(void **state)
{
    struct ring *ring = ring_new(9000, UNLIMITED);
    uint64_t random = 3, seq;
    struct event event;
    size_t i;

    (void)state;
    fill(ring, &random, 20001, 20010);
    for (seq = 20000;; seq--) {
        event = sample_event(&random, seq);
        if (!ring_push_old(ring, &event))
            break;
    }
    assert_int_equal(ring_count(ring), 9000);
    assert_int_equal(ring_evicted(ring), 0);
    fill(ring, &random, 20011, 20500);
    assert_int_equal(ring_count(ring), 9000);
    for (i = 0; i < 9000; i++)
        assert_int_equal(ring_at(ring, i)->seq, 11501 + i);
    ring_free(ring);
}

/* Bytes may be free again then, but the older events would leave a gap, and
 * their numbers would be those of others. */
static size_t hidden_in(const struct ring *ring)
{
    size_t hidden = 0;

    for (size_t i = 0; i < ring_count(ring); i++)
        hidden += ring_at(ring, i)->row.hidden != HIDDEN_NO;
    return hidden;
}

static void another_past_leaves_the_newest_under_other_numbers(void **state)
{
    struct ring *ring = ring_new(9000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 3, numbers[12000];
    size_t ever, i;

    (void)state;
    fill(ring, &random, 1, 10000); /* more than there is room for */
    for (i = 0; i < 9000; i++)
        numbers[i] = ring_number(ring, i);
    ever = ring_ever(ring);
    fill(ring, &random, 10001, 10003);
    while (view_update(view, 1000000))
        ;
    ring_keep_newest(ring, ring_ever(ring) - ever);
    assert_int_equal(ring_count(ring), 3);
    for (i = 0; i < 9000; i++)
        assert_null(ring_get(ring, numbers[i]));
    assert_int_equal(ring_at(ring, 2)->seq, 10003);
    for (i = 0; i < 8997; i++) {
        struct event event = sample_event(&random, 20000 - i);

        assert_true(ring_push_old(ring, &event));
    }
    assert_true(ring_number(ring, 0) > numbers[8999]);
    assert_int_equal(ring_at(ring, 8996)->seq, 20000);
    while (view_update(view, 1000000))
        ;
    assert_int_equal(view_events(view), 9000 - hidden_in(ring));
    view_free(view);
    ring_free(ring);
}

static void history_ends_where_something_was_evicted(void **state)
{
    enum { MAX = 1 << 20 };
    struct ring *ring = ring_new(1000000, MAX);
    char sentence[4000];
    uint64_t random = 3, seq, oldest;
    struct event event;

    (void)state;
    memset(sentence, 'x', sizeof sentence);
    sentence[sizeof sentence - 1] = '\0';
    for (seq = 10000; ring_evicted(ring) == 0; seq++) {
        event = sample_event(&random, seq);
        snprintf(sentence, 9, "%08u", (unsigned)seq);
        sentence[8] = 'x';
        event.sentence = sentence;
        ring_push(ring, &event);
    }
    assert_true(ring_bytes(ring) < MAX);
    oldest = ring_number(ring, 0);
    event = sample_event(&random, 9999);
    assert_false(ring_push_old(ring, &event));
    assert_int_equal(ring_number(ring, 0), oldest);
    ring_free(ring);
}

static void a_new_book_renames_what_is_there_and_what_comes(void **state)
{
    static const char csv[] =
        "organization_id,organization_name,owner,segment\n"
        "018f-borealis,Borealis AB,csm@team.example,enterprise\n";
    struct ring *ring = ring_new(100, UNLIMITED);
    struct book *book = book_read("book", csv, sizeof csv - 1, NULL, NULL);
    struct event event = {.seq = 1,
                          .name = "x",
                          .account = {"018f-borealis", "Borealis", false},
                          .raw = "{}"};
    const struct query_row *row;

    (void)state;
    ring_push(ring, &event);
    assert_string_equal(ring_text(ring, ring_at(ring, 0)->row.account),
                        "Borealis");
    ring_relabel(ring, book);
    event.seq = 2;
    ring_push(ring, &event);
    for (size_t i = 0; i < 2; i++) {
        row = &ring_at(ring, i)->row;
        assert_string_equal(ring_text(ring, row->account), "Borealis AB");
        assert_string_equal(ring_text(ring, row->owner), "csm@team.example");
        assert_string_equal(ring_text(ring, row->segment), "enterprise");
        assert_true(row->listed);
    }
    ring_relabel(ring, NULL);
    row = &ring_at(ring, 0)->row;
    assert_false(row->listed);
    assert_int_equal(row->owner, 0);
    ring_free(ring);
    book_free(book);
}

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
    fill(ring, &random, 1, 3000);
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
    fill(ring, &random, 1, 100000);
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
        fill(ring, &random, seq, seq + 99);
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
    fill(ring, &random, 1, 8000);
    for (round = 0; round < 6; round++)
        for (i = 0; i < sizeof typed / sizeof *typed; i++) {
            struct query *query = query_parse(typed[i], NULL);

            if (!query)
                continue;
            view_set_query(view, query);
            fill(ring, &random, seq, seq + 5);
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
    fill(ring, &random, 1, 1000);
    newest = ring_newest(ring);
    view_freeze(view, true);
    view_update(view, LONG_US);
    assert_true(view_frozen(view));
    rows = view_rows(view);
    events = view_events(view);
    assert_true(view_row(view, rows - 1, &before));
    fill(ring, &random, 1001, 1500);
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
    fill(ring, &random, 1, 2000);
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
    fill(ring, &random, 1, 1000);
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
    fill(ring, &random, 1, 1000);
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

/* --- the tally --------------------------------------------------------- */

static struct event at_minute(uint64_t seq, const char *org, int minute)
{
    struct event event = {.seq = seq,
                          .name = "x",
                          .category = CATEGORY_AI,
                          .account = {org, org, false},
                          .raw = "{}"};

    event.received_at = event.occurred_at =
        SAMPLE_START + (int64_t)minute * 60000;
    return event;
}

static void accounts_are_ordered_by_what_happened_last(void **state)
{
    static const char csv[] = "organization_id,organization_name\n"
                              "quiet,Quiet\nalder,Alder\ncobalt,Cobalt\n";
    static const char *const expected[] = {"alder", "cobalt", "quiet", NULL,
                                           "stranger"};
    struct book *book = book_read("book", csv, sizeof csv - 1, NULL, NULL);
    struct tally *tally;
    struct event event;
    size_t i;

    (void)state;
    clock_pin(SAMPLE_START + 60 * 60000);
    tally = tally_new();
    tally_set_book(tally, book);
    assert_int_equal(tally_accounts(tally), 3);
    assert_string_equal(tally_account(tally, 0)->name, "Quiet");
    event = at_minute(9, "cobalt", 30);
    tally_add(tally, &event, true);
    event = at_minute(8, "stranger", 50);
    tally_add(tally, &event, false);
    event = at_minute(7, NULL, 40);
    tally_add(tally, &event, true);
    event = at_minute(6, "alder", 45);
    tally_add(tally, &event, true);
    assert_int_equal(tally_accounts(tally), 5);
    for (i = 0; i < 5; i++) {
        const char *id = tally_account(tally, i)->id;

        if (expected[i])
            assert_string_equal(id, expected[i]);
        else
            assert_null(id);
    }
    event = at_minute(10, "alder", 55);
    event.person.id = "telltale-test";
    tally_add(tally, &event, true); /* counts for nothing */
    assert_int_equal(tally_today(tally), 4);
    assert_string_equal(tally_account(tally, 3)->name, "no account");
    assert_int_equal(tally_account(tally, 1)->unread, 1);
    assert_int_equal(tally_account(tally, 4)->unread, 0);
    tally_mark_read(tally, "cobalt");
    tally_mark_read(tally, NULL);
    tally_mark_read(tally, "nobody");
    assert_int_equal(tally_account(tally, 1)->unread, 0);
    assert_int_equal(tally_account(tally, 0)->unread, 1);
    tally_mark_all_read(tally);
    assert_int_equal(tally_account(tally, 0)->unread, 0);
    tally_set_book(tally, NULL);
    assert_int_equal(tally_accounts(tally), 4);
    tally_free(tally);
    book_free(book);
    clock_pin(CLOCK_NONE);
}

/* In whatever order they are added: history comes backwards. */
static void an_accounts_last_event_is_the_last_in_time(void **state)
{
    struct event events[] = {at_minute(1, "alder", 10),
                             at_minute(2, "alder", 30),
                             at_minute(3, "alder", 30),  /* the clock stood */
                             at_minute(4, "alder", 5),   /* of the past */
                             at_minute(5, "alder", 30)}; /* as well */
    struct tally *tally;

    (void)state;
    clock_pin(SAMPLE_START + 60 * 60000);
    events[3].flags = events[4].flags = EVENT_BACKFILLED;
    for (int backwards = 0; backwards <= 1; backwards++) {
        static const uint64_t last[2][5] = {{1, 2, 3, 3, 5}, {5, 5, 5, 5, 5}};

        tally = tally_new();
        for (int i = 0; i < 5; i++) {
            tally_add(tally, &events[backwards ? 4 - i : i], false);
            assert_int_equal(tally_account(tally, 0)->last_seq,
                             last[backwards][i]);
        }
        tally_free(tally);
    }
    tally = tally_new();
    tally_add(tally, &events[3], false);
    tally_add(tally, &events[2], true);
    tally_add(tally, &events[4], true);
    assert_int_equal(tally_account(tally, 0)->unread, 1);
    tally_mark_read(tally, "alder");
    events[0].seq = 6;
    tally_add(tally, &events[0], true);
    assert_int_equal(tally_account(tally, 0)->unread, 1);
    tally_free(tally);
    clock_pin(CLOCK_NONE);
}

static void bars_rate_and_day_move_with_the_clock(void **state)
{
    const int64_t noon = SAMPLE_START + 4 * 3600000;
    struct tally *tally;
    struct event event;
    const struct tally_account *alder;

    (void)state;
    clock_pin(noon);
    tally = tally_new();
    assert_int_equal(tally_next_tick(tally, noon), CLOCK_NONE);
    event = at_minute(1, "alder", 4 * 60);
    tally_add(tally, &event, true);
    event = at_minute(2, "alder", 4 * 60 - 15);
    tally_add(tally, &event, true);
    event = at_minute(3, "alder", 4 * 60 - 300);
    event.flags = EVENT_BACKFILLED;
    tally_add(tally, &event, false);
    event = at_minute(4, "alder", 4 * 60);
    event.hidden = HIDDEN_INTERNAL;
    tally_add(tally, &event, true);
    alder = tally_account(tally, 0);
    assert_int_equal(alder->bars[5], 1);
    assert_int_equal(alder->bars[3], 1);
    assert_int_equal(alder->last_at, noon);
    assert_int_equal(alder->last_seq, 2);
    assert_int_equal(tally_today(tally), 3);
    assert_int_equal(tally_category(tally, CATEGORY_AI), 3);
    assert_int_equal(tally_hidden(tally), 1);
    assert_int_equal(tally_rate_x10(tally, noon), 2);
    assert_int_equal(tally_last_at(tally), noon);
    assert_int_equal(tally_next_tick(tally, noon), noon + 30000);
    assert_false(tally_tick(tally, noon + 29999));
    assert_true(tally_tick(tally, noon + 600000));
    assert_int_equal(alder->bars[4], 1);
    assert_int_equal(alder->bars[5], 0);
    assert_int_equal(tally_rate_x10(tally, noon + 600000), 0);
    assert_int_equal(tally_next_tick(tally, noon + 600001), noon + 1200000);
    assert_true(tally_tick(tally, noon + 7200000));
    assert_int_equal(alder->bars[0], 0);
    assert_int_equal(tally_next_tick(tally, noon + 7200000),
                     noon + 12 * 3600000);
    assert_true(tally_tick(tally, noon + 12 * 3600000));
    assert_int_equal(tally_today(tally), 0);
    assert_int_equal(tally_category(tally, CATEGORY_AI), 0);
    assert_int_equal(tally_next_tick(tally, noon + 13 * 3600000), CLOCK_NONE);
    tally_free(tally);
    clock_pin(CLOCK_NONE);
}

/* A day ahead, and back: as if it had never been wrong. */
static void what_a_wrong_clock_counted_is_counted_again(void **state)
{
    const int64_t noon = SAMPLE_START + 4 * 3600000, day = 24 * 3600000;
    struct ring *ring = ring_new(100, UNLIMITED);
    struct tally *tally;
    struct event before = at_minute(1, "alder", 4 * 60 - 15), ahead, after;

    (void)state;
    clock_pin(noon);
    tally = tally_new();
    tally_set_ring(tally, ring);
    ring_push(ring, &before);
    tally_add(tally, &before, true);
    clock_pin(noon + day);
    ahead = at_minute(2, "alder", 4 * 60 + 24 * 60);
    assert_true(tally_tick(tally, noon + day));
    ring_push(ring, &ahead);
    tally_add(tally, &ahead, true);
    assert_int_equal(tally_today(tally), 1);
    assert_int_equal(tally_account(tally, 0)->last_at, noon + day);

    clock_pin(noon + 60000);
    assert_true(tally_tick(tally, noon + 60000));
    assert_int_equal(tally_today(tally), 1); /* what came before */
    assert_int_equal(tally_category(tally, CATEGORY_AI), 1);
    assert_int_equal(tally_account(tally, 0)->bars[3], 1);
    assert_int_equal(tally_account(tally, 0)->bars[5], 0);
    assert_int_equal(tally_account(tally, 0)->last_at, before.occurred_at);
    assert_int_equal(tally_last_at(tally), before.received_at);
    assert_int_equal(tally_rate_x10(tally, noon + 60000), 0);

    after = at_minute(3, "alder", 4 * 60 + 1);
    ring_push(ring, &after);
    tally_add(tally, &after, true);
    assert_int_equal(tally_today(tally), 2);
    assert_int_equal(tally_account(tally, 0)->bars[5], 1);
    assert_int_equal(tally_account(tally, 0)->last_at, noon + 60000);
    assert_int_equal(tally_last_at(tally), noon + 60000);
    assert_int_equal(tally_rate_x10(tally, noon + 60000), 2);
    assert_int_equal(tally_account(tally, 0)->unread, 3);
    tally_free(tally);

    /* a start after it: what is dated tomorrow is not today's */
    tally = tally_new();
    tally_add(tally, &ahead, false);
    assert_int_equal(tally_today(tally), 0);
    assert_int_equal(tally_account(tally, 0)->bars[5], 0);
    tally_add(tally, &after, false);
    assert_int_equal(tally_today(tally), 1);
    assert_int_equal(tally_account(tally, 0)->last_at, noon + 60000);
    tally_free(tally);
    ring_free(ring);
    clock_pin(CLOCK_NONE);
}

static void names_of_strangers_are_counted_in_bytes(void **state)
{
    struct tally *tally = tally_new();
    static char org[4096];
    struct event event;

    (void)state;
    memset(org, 'a', sizeof org - 1);
    for (int i = 0; i < 900; i++) {
        memcpy(org,
               (char[]){(char)('0' + i / 100), (char)('0' + i / 10 % 10),
                        (char)('0' + i % 10)},
               3);
        event = at_minute((uint64_t)i + 1, org, i);
        tally_add(tally, &event, true);
    }
    assert_in_range(tally_accounts(tally), 50, 200);
    assert_memory_equal(tally_account(tally, 0)->id, "899", 3);
    tally_free(tally);
}

static void strangers_cannot_fill_the_account_list(void **state)
{
    struct tally *tally = tally_new();
    struct event event;
    char org[32];
    int i;

    (void)state;
    for (i = 0; i < 3000; i++) {
        snprintf(org, sizeof org, "org-%d", i);
        event = at_minute((uint64_t)i + 1, org, i);
        tally_add(tally, &event, true);
    }
    assert_int_equal(tally_accounts(tally), 1000);
    assert_string_equal(tally_account(tally, 0)->id, "org-2999");
    tally_free(tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ring_keeps_the_newest_by_count),
        cmocka_unit_test(the_ring_keeps_the_newest_by_bytes),
        cmocka_unit_test(a_number_finds_its_record_until_that_is_evicted),
        cmocka_unit_test(history_fills_in_front_until_there_is_no_room),
        cmocka_unit_test(another_past_leaves_the_newest_under_other_numbers),
        cmocka_unit_test(history_ends_where_something_was_evicted),
        cmocka_unit_test(a_new_book_renames_what_is_there_and_what_comes),
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
        cmocka_unit_test(accounts_are_ordered_by_what_happened_last),
        cmocka_unit_test(an_accounts_last_event_is_the_last_in_time),
        cmocka_unit_test(bars_rate_and_day_move_with_the_clock),
        cmocka_unit_test(strangers_cannot_fill_the_account_list),
        cmocka_unit_test(what_a_wrong_clock_counted_is_counted_again),
        cmocka_unit_test(names_of_strangers_are_counted_in_bytes),
    };

    setenv("TZ", "UTC0", 1);
    return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
