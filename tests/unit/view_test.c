/* live/view: what a view shows, against a plain model. How it comes to know is
 * view_judging_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "event/accounts.h"
#include "tests/unit/sample.h"
#include "tests/unit/view_model.h"

#include "base/banned.h"

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

        view_ask(view, text);
        view_update(view, LONG_US);
        shows_the_model(view, ring, text);
    }
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
    view_ask(view, "category:billing");
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

static void a_frozen_view_stays_and_counts(void **state)
{
    struct ring *ring = ring_new(20000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 16, newest;
    struct view_row before, after;
    size_t rows, events;

    (void)state;
    view_ask(view, "category:billing");
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
    view_ask(view, "");
    view_update(view, LONG_US);
    assert_true(view_row(view, view_rows(view) - 1, &after));
    assert_true(after.number <= newest);
    view_ask(view, "category:billing");
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
    view_ask(view, "hidden:yes");
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

/* So little shows that judging what matched before would pay; nothing was
 * asked before, though. */
static void the_first_filter_may_come_where_most_is_hidden(void **state)
{
    struct ring *ring = ring_new(2000, UNLIMITED);
    struct view *view = view_new(ring);
    uint64_t random = 18;

    (void)state;
    for (uint64_t seq = 1; seq <= 1000; seq++) {
        struct event event = sample_event(&random, seq);

        if (seq % 4)
            event.hidden = HIDDEN_INTERNAL;
        ring_push(ring, &event);
    }
    assert_false(view_update(view, LONG_US));
    assert_in_range(view_events(view), 1, 250);
    view_ask(view, "category:billing");
    view_update(view, LONG_US);
    shows_the_model(view, ring, "category:billing");
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
    view_ask(view, "owner:csm@");
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
    view_ask(view, "age<10m");
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
        cmocka_unit_test(evicted_events_leave_the_view),
        cmocka_unit_test(a_frozen_view_stays_and_counts),
        cmocka_unit_test(hidden_and_floor_leave_events_out),
        cmocka_unit_test(the_first_filter_may_come_where_most_is_hidden),
        cmocka_unit_test(a_new_book_is_noticed_even_when_frozen),
        cmocka_unit_test(events_grow_out_of_a_filter_by_age),
        cmocka_unit_test(the_same_within_a_minute_is_one_row),
        cmocka_unit_test(
            what_comes_folds_with_the_newest_whatever_history_holds),
    };

    setenv("TZ", "UTC0", 1);
    return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
