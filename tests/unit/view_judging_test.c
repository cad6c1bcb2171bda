/* live/view: however events are judged, in slices, by their bodies or by a
 * filter that costs much, a view comes to show the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/unit/sample.h"
#include "tests/unit/view_model.h"

#include "base/banned.h"

static void slices_and_late_history_come_to_the_same(void **state)
{
    struct ring *ring = ring_new(6000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 12, older = 4999, newer = 5001;
    struct event event = sample_event(&random, 5000);
    int i, left = 0;

    (void)state;
    ring_push(ring, &event);
    view_ask(view, "-category:ai");
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
    view_ask(view, "flag");
    assert_true(view_update(view, 1));
    assert_false(view_complete(view));
    assert_true(view_rows(view) > 5);
    assert_true(view_row(view, view_rows(view) - 1, &row));
    assert_true(row.number > ring_newest(ring) - 100);
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
    view_ask(view, "created b");
    view_update(view, LONG_US);
    view_ask(view, "created bor");
    view_update(view, 1);
    view_ask(view, "created borealis");
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
    view_ask(view, "hidden:yes");
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
    view_ask(view, "prop.plan:scale");
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
    view_ask(view, "prop.plan:scale -category:billing");
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
    view_ask(view, "prop.plan:other");
    view_update(view, LONG_US);
    assert_int_equal(view_wanted(view, numbers, 4), 4);
    view_ask(view, "flag");
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
    view_ask(view, "/(a|aa)*[;!]/");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_and_late_history_come_to_the_same),
        cmocka_unit_test(the_newest_are_judged_first),
        cmocka_unit_test(narrowing_comes_to_the_same_as_beginning_again),
        cmocka_unit_test(the_first_filter_of_a_view_finds_what_is_there),
        cmocka_unit_test(what_only_bodies_tell_is_known_of_what_arrives),
        cmocka_unit_test(older_events_wait_until_their_body_was_read),
        cmocka_unit_test(a_costly_filter_takes_many_short_turns),
    };

    setenv("TZ", "UTC0", 1);
    return cmocka_run_group_tests_name("view judging", tests, NULL, NULL);
}
