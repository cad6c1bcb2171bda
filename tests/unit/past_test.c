/* past and scan: a window into a journal that is a list here, read by pieces
 * that come when the test lets them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "live/display.h"
#include "live/past.h"
#include "live/scan.h"
#include "base/banned.h"

#define EVENTS 10000
#define IN_RING 100
#define BUDGET_US 1000000
#define START INT64_C(1789000000000)

/* Event i, from 0, has seq i + 1 and was received i seconds after START. */
struct rig {
    struct display_host host;
    struct event events[EVENTS];
    char names[EVENTS][24];
    struct ring *ring;
    struct view *view;
    struct asked {
        struct past_piece *piece;
        void (*came)(void *screen, struct past_piece *piece);
        void *screen;
    } asked[8]; /* one each way, and those nobody waits for */
    size_t asked_count;
    size_t pieces, judged, changes;
    bool broken;
};

static const struct book *no_book(void *ctx)
{
    (void)ctx;
    return NULL;
}

static bool ask(void *ctx, struct past_piece *piece,
                void (*came)(void *screen, struct past_piece *piece),
                void *screen)
{
    struct rig *rig = ctx;

    assert_true(piece->walk.no_bodies);
    assert_true(rig->asked_count < 8);
    rig->asked[rig->asked_count++] = (struct asked){piece, came, screen};
    return true;
}

/* The index the walk comes to next is kept in walk.live, and one more. */
static void begin_walk(struct reader_walk *walk)
{
    int64_t at = walk->from.seq ? (int64_t)walk->from.seq - 1
                                : (walk->from.ms - START + 999) / 1000;

    if (walk->from.seq && !walk->newest_first)
        at++;
    if (!walk->from.seq && !walk->from.ms)
        at = walk->newest_first ? EVENTS : 0;
    at = at < 0 ? 0 : at > EVENTS ? EVENTS : at;
    walk->live = (uint64_t)at + 1;
    walk->begun = true;
}

static void give(struct rig *rig)
{
    struct asked first = rig->asked[0];
    struct past_piece *piece = first.piece;
    struct reader_walk *walk = &piece->walk;
    size_t at;

    if (!walk->begun)
        begin_walk(walk);
    at = walk->live - 1;
    piece->batch = event_batch_new();
    piece->batch->events =
        arena_alloc(&piece->batch->arena, piece->want * sizeof(struct event));
    while (piece->batch->count < piece->want &&
           (walk->newest_first ? at > 0 : at < EVENTS)) {
        at -= walk->newest_first;
        piece->batch->events[piece->batch->count++] = rig->events[at];
        at += !walk->newest_first;
    }
    walk->live = at + 1;
    piece->more = walk->newest_first ? at > 0 : at < EVENTS;
    piece->ok = !rig->broken;
    rig->asked[0] = rig->asked[--rig->asked_count];
    rig->pieces++;
    first.came(first.screen, piece);
}

/* Bodies say the plan of every hundredth: 100, 200 … */
static bool judge(void *ctx, const char *query, const uint64_t *seqs,
                  size_t count, void (*judged)(void *screen, const int *bits),
                  void *screen)
{
    struct rig *rig = ctx;
    struct query *asked = query_parse(query, NULL);
    int *bits = xcalloc(count, sizeof *bits);

    for (size_t i = 0; i < count; i++) {
        struct event event = rig->events[seqs[i] - 1];
        static const char body[] = "{\"properties\":{\"plan\":\"scale\"}}";

        event.raw = seqs[i] % 100 ? "{}" : body;
        event.raw_len = strlen(event.raw);
        event.props_at = seqs[i] % 100 ? 0 : 14;
        event.props_len = seqs[i] % 100 ? 0 : 16;
        bits[i] = query_match_deep(asked, &event);
    }
    rig->judged += count;
    judged(screen, bits);
    free(bits);
    query_free(asked);
    return true;
}

static void changed(void *ctx)
{
    ((struct rig *)ctx)->changes++;
}

static int set_up(void **state)
{
    struct rig *rig = xcalloc(1, sizeof *rig);

    rig->ring = ring_new(IN_RING, SIZE_MAX);
    rig->host = (struct display_host){.ctx = rig,
                                      .ring = rig->ring,
                                      .book = no_book,
                                      .judge = judge,
                                      .read_past = ask};
    for (size_t i = 0; i < EVENTS; i++) {
        snprintf(rig->names[i], sizeof rig->names[i], "event %zu", i + 1);
        rig->events[i] = (struct event){
            .seq = i + 1,
            .name = rig->names[i],
            .sentence = i % 1000 == 499 ? "was rare" : "was usual",
            .category = i % 2 ? CATEGORY_BILLING : CATEGORY_AI,
            .occurred_at = START + (int64_t)i * 1000,
            .received_at = START + (int64_t)i * 1000,
            .hidden = i % 1000 == 7 ? HIDDEN_MACHINE : HIDDEN_NO,
        };
        ring_push(rig->ring, &rig->events[i]);
    }
    rig->view = view_new(rig->ring);
    while (view_update(rig->view, BUDGET_US))
        ;
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;

    while (rig->asked_count)
        give(rig); /* to nobody */
    view_free(rig->view);
    ring_free(rig->ring);
    free(rig);
    return 0;
}

/* Until it has what was asked for at one end. */
static void update_end(struct rig *rig, struct past *past, size_t older,
                       size_t newer)
{
    for (int i = 0; i < 200; i++) {
        size_t had = ring_count(past_ring(past));
        bool more = past_update(past, older, newer, BUDGET_US);
        size_t came = ring_count(past_ring(past)) - had;

        older -= came < older ? came : older;
        newer -= came < newer ? came : newer;
        if (!more && past_older(past) != PAST_READING &&
            past_newer(past) != PAST_READING)
            return;
        if (rig->asked_count)
            give(rig);
    }
    fail_msg("it does not come to an end");
}

static void update(struct rig *rig, struct past *past, size_t older,
                   size_t newer)
{
    if (older)
        update_end(rig, past, older, 0);
    if (newer)
        update_end(rig, past, 0, newer);
}

static uint64_t seq_at(const struct past *past, size_t index)
{
    return ring_at(past_ring(past), index)->seq;
}

static size_t count_of(const struct past *past)
{
    return ring_count(past_ring(past));
}

/* Every thousandth, from 8 on. */
static bool rig_is_hidden(uint64_t seq)
{
    return seq % 1000 == 8;
}

static void assert_run(const struct past *past, uint64_t first, uint64_t last)
{
    uint64_t seq = first;

    for (size_t i = 0; i < count_of(past); i++, seq++) {
        seq += rig_is_hidden(seq);
        assert_int_equal(seq_at(past, i), seq);
    }
    assert_int_equal(seq - 1, last);
    assert_int_equal(view_events(past_view(past)), count_of(past));
}

static void it_begins_with_what_the_ring_shows(void **state)
{
    struct rig *rig = *state;
    struct past *past = past_new(&rig->host, NULL, false, changed, rig);

    past_join(past, rig->view, 30);
    assert_int_equal(count_of(past), 30);
    assert_int_equal(seq_at(past, 0), EVENTS - IN_RING + 1);
    update(rig, past, 200, 0);
    assert_int_equal(count_of(past), 230);
    assert_run(past, EVENTS - IN_RING - 199, EVENTS - IN_RING + 30);
    update(rig, past, 0, 70);
    assert_run(past, EVENTS - IN_RING - 199, EVENTS);
    past_free(past);
}

/* To the oldest and to the newest again, in a window that never grows. */
static void it_goes_all_the_way_and_back(void **state)
{
    struct rig *rig = *state;
    struct past *past = past_new(&rig->host, NULL, false, changed, rig);
    int turns = 0;

    past_join(past, rig->view, 30);
    while (past_older(past) != PAST_END) {
        update(rig, past, 700, 0);
        assert_true(count_of(past) <= PAST_EVENTS);
        assert_true(++turns < 100);
    }
    assert_int_equal(seq_at(past, 0), 1);
    assert_run(past, 1, seq_at(past, count_of(past) - 1));
    while (past_newer(past) != PAST_END) {
        update(rig, past, 0, 700);
        assert_true(count_of(past) <= PAST_EVENTS);
        assert_true(++turns < 100);
    }
    assert_run(past, seq_at(past, 0), EVENTS);
    assert_int_equal(past_older(past), PAST_MORE);
    update(rig, past, 10, 0);
    assert_run(past, seq_at(past, 0), seq_at(past, count_of(past) - 1));
    past_free(past);
}

static void it_begins_at_a_time(void **state)
{
    struct rig *rig = *state;
    struct past *past = past_new(&rig->host, NULL, false, changed, rig);

    past_go(past, START + 500 * 1000 - 1);
    update(rig, past, 5, 5);
    assert_run(past, 496, 505);
    past_free(past);
    past = past_new(&rig->host, "", false, changed, rig);
    past_go_oldest(past);
    update(rig, past, 5, 3);
    assert_run(past, 1, 3);
    assert_int_equal(past_older(past), PAST_END);
    past_free(past);
}

static void it_begins_with_an_event(void **state)
{
    struct rig *rig = *state;
    struct past *past = past_new(&rig->host, NULL, false, changed, rig);

    past_show(past, &rig->events[299]);
    update(rig, past, 2, 2);
    assert_run(past, 298, 302);
    past_free(past);
}

static void a_filter_is_what_it_shows(void **state)
{
    struct rig *rig = *state;
    struct past *past = past_new(&rig->host, "rare", false, changed, rig);

    past_go(past, START + 5000 * 1000);
    update(rig, past, 100, 100);
    assert_int_equal(count_of(past), 10);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(seq_at(past, i), 500 + i * 1000);
    assert_int_equal(past_older(past), PAST_END);
    assert_int_equal(past_newer(past), PAST_END);
    assert_int_equal(past_seen(past), 5000);
    assert_true(past_reached(past) == START);
    past_free(past);
}

/* Only those whose row leaves it open are read: half of them. */
static void a_deep_filter_asks_few_bodies(void **state)
{
    struct rig *rig = *state;
    struct past *past =
        past_new(&rig->host, "category:billing prop.plan:scale", false,
                 changed, rig);

    past_go(past, START + 1000 * 1000);
    update(rig, past, 100, 0);
    assert_int_equal(count_of(past), 10);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(seq_at(past, i), 100 + i * 100);
    assert_true(rig->judged <= 500);
    past_free(past);
}

static void what_is_hidden_is_shown_when_asked_for(void **state)
{
    struct rig *rig = *state;
    struct past *past = past_new(&rig->host, NULL, true, changed, rig);

    past_go_oldest(past);
    update(rig, past, 0, 10);
    assert_int_equal(seq_at(past, 7), 8);
    past_free(past);
    past = past_new(&rig->host, "hidden:machine", false, changed, rig);
    past_go_oldest(past);
    update(rig, past, 0, 10);
    assert_int_equal(seq_at(past, 0), 8);
    assert_int_equal(seq_at(past, 1), 1008);
    past_free(past);
}

static void what_is_to_come_is_kept_out(void **state)
{
    struct rig *rig = *state;
    struct past *past = past_new(&rig->host, NULL, false, changed, rig);

    past_go(past, START + 500 * 1000);
    past_until(past, START + 502 * 1000);
    update(rig, past, 3, 100);
    assert_run(past, 498, 503);
    assert_true(past_next(past) == START + 503 * 1000);
    past_until(past, START + 503 * 1000);
    update(rig, past, 0, 100);
    assert_run(past, 498, 504);
    past_cut(past, ring_number(past_ring(past), 2));
    assert_int_equal(seq_at(past, count_of(past) - 1), 500);
    past_until(past, CLOCK_NONE);
    update(rig, past, 0, 5);
    assert_run(past, 498, 505);
    past_free(past);
}

static void a_journal_that_cannot_be_read_is_told(void **state)
{
    struct rig *rig = *state;
    struct past *past = past_new(&rig->host, NULL, false, changed, rig);

    past_join(past, rig->view, 30);
    rig->broken = true;
    update(rig, past, EVENTS, 0);
    assert_int_equal(past_older(past), PAST_FAILED);
    past_free(past);
}

/* What is on its way to a window that was closed is dropped. */
static void it_may_be_closed_at_any_time(void **state)
{
    struct rig *rig = *state;
    struct past *past = past_new(&rig->host, NULL, false, changed, rig);

    past_join(past, rig->view, 30);
    assert_false(past_update(past, 5, 0, BUDGET_US));
    assert_int_equal(past_older(past), PAST_READING);
    assert_int_equal(rig->asked_count, 1);
    past_free(past);
}

static void a_scan_needs_both_queries(void **state)
{
    struct rig *rig = *state;
    struct scan_plan plan = {.filter = "category:billing", .find = "rare"};
    struct scan *scan = scan_new(&rig->host, &plan, changed, rig);
    const struct event *event;
    enum scan_result result;
    size_t found = 0;

    while ((result = scan_next(scan, INT64_MAX, &event)) != SCAN_END) {
        if (result == SCAN_WAITS) {
            give(rig);
            continue;
        }
        assert_int_equal(result, SCAN_FOUND);
        assert_int_equal(event->seq, 9500 - 1000 * found++);
        scan_pass(scan);
    }
    assert_int_equal(found, 10);
    assert_int_equal(scan_seen(scan), EVENTS);
    assert_true(rig->changes == rig->pieces);
    scan_free(scan);
}

/* ---- what a window needs of a ring ---- */

static void a_ring_lets_go_at_either_end(void **state)
{
    struct rig *rig = *state;
    struct ring *ring = ring_new(20000, SIZE_MAX);
    struct view *view = view_new(ring);
    struct event event;

    for (size_t i = 0; i < 9000; i++)
        ring_push(ring, &rig->events[i]);
    while (view_update(view, BUDGET_US))
        ;
    ring_drop_newest(ring, 4500);
    ring_drop_oldest(ring, 4400);
    assert_int_equal(ring_count(ring), 100);
    assert_int_equal(ring_evicted(ring), 0);
    while (view_update(view, BUDGET_US))
        ;
    assert_int_equal(view_events(view), 100);
    assert_int_equal(ring_get(ring, view_event(view, 0))->seq, 4401);
    event = ring_event(ring, ring_at(ring, 0));
    assert_string_equal(event.name, "event 4401");
    for (size_t i = 4400; i-- > 0;)
        assert_true(ring_push_old(ring, &rig->events[i]));
    for (size_t i = 4500; i < 9000; i++)
        ring_push(ring, &rig->events[i]);
    for (size_t i = 0; i < 9000; i++)
        assert_int_equal(ring_at(ring, i)->seq, i + 1);
    ring_drop_newest(ring, SIZE_MAX);
    assert_int_equal(ring_newest(ring), 0);
    ring_push(ring, &rig->events[0]);
    assert_int_equal(ring_count(ring), 1);
    view_free(view);
    ring_free(ring);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_begins_with_what_the_ring_shows),
        CASE(it_goes_all_the_way_and_back),
        CASE(it_begins_at_a_time),
        CASE(it_begins_with_an_event),
        CASE(a_filter_is_what_it_shows),
        CASE(a_deep_filter_asks_few_bodies),
        CASE(what_is_hidden_is_shown_when_asked_for),
        CASE(what_is_to_come_is_kept_out),
        CASE(a_journal_that_cannot_be_read_is_told),
        CASE(it_may_be_closed_at_any_time),
        CASE(a_scan_needs_both_queries),
        CASE(a_ring_lets_go_at_either_end),
    };

    return cmocka_run_group_tests_name("past", tests, NULL, NULL);
}
