/* ui/pane/reading: what only bodies tell is asked for a handful at a time, and
 * an answer that nobody waits for any more comes to nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "live/display.h"
#include "tests/unit/sample.h"
#include "tests/unit/view_model.h"
#include "ui/pane/reading.h"
#include "ui/pane/screen.h"

#include "base/banned.h"

#define EVENTS 600

/* In place of the screen: what the journal is asked stays until a test
 * answers. */
struct screen {
    struct display_host host;
    unsigned dirty, asked;
    char query[64];
    uint64_t seqs[EVENTS];
    size_t count;
    void (*judged)(void *reading, const int *bits);
    void *reading;
};

const struct display_host *screen_host(const struct screen *screen)
{
    return &screen->host;
}

void screen_dirty(struct screen *screen)
{
    screen->dirty++;
}

static bool judge(void *ctx, const char *query, const uint64_t *seqs,
                  size_t count, void (*judged)(void *reading, const int *bits),
                  void *reading)
{
    struct screen *screen = ctx;

    assert_true(count <= EVENTS);
    screen->asked++;
    snprintf(screen->query, sizeof screen->query, "%s", query);
    memcpy(screen->seqs, seqs, count * sizeof *seqs);
    screen->count = count;
    screen->judged = judged;
    screen->reading = reading;
    return true;
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

static void reply(struct screen *screen, const int *bits)
{
    void *asking = screen->reading;

    screen->reading = NULL;
    screen->judged(asking, bits);
}

static void answer(struct screen *screen)
{
    struct query *query = query_parse(screen->query, NULL);
    int bits[EVENTS];
    uint64_t random = 1;

    for (size_t i = 0; i < screen->count; i++) {
        struct event event = with_plan(&random, screen->seqs[i]);

        bits[i] = query_match_deep(query, &event);
    }
    query_free(query);
    reply(screen, bits);
}

static struct screen screen;
static struct view *view;
static struct reading *reading;

static int setup(void **state)
{
    struct ring *ring = ring_new(1000, UNLIMITED);
    uint64_t random = 3;

    (void)state;
    for (uint64_t seq = 1; seq <= EVENTS; seq++) {
        struct event event = with_plan(&random, seq);

        ring_push(ring, &event);
    }
    screen = (struct screen){
        .host = {.ctx = &screen, .ring = ring, .judge = judge}};
    view = view_new(ring);
    reading = reading_new(&screen, view);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ring_free(screen.host.ring);
    return 0;
}

static void ask(const char *query)
{
    view_ask(view, query);
    view_update(view, LONG_US);
    reading_go_on(reading);
}

/* Nobody here knows it any more, so that a sanitizer says what it leaves. */
static void leave(void)
{
    struct reading *left = reading;

    reading = NULL;
    reading_free(left);
    view_free(view);
    view = NULL;
}

static void all_is_read_one_answer_after_the_other(void **state)
{
    (void)state;
    ask("prop.plan:scale");
    reading_go_on(reading);
    assert_int_equal(screen.asked, 1);
    for (unsigned asked = 1; screen.asked == asked; asked++) {
        assert_true(screen.count < EVENTS);
        assert_true(screen.seqs[0] > screen.seqs[screen.count - 1]);
        answer(&screen);
        assert_int_equal(screen.dirty, asked);
        view_update(view, LONG_US);
        reading_go_on(reading);
    }
    assert_true(view_complete(view));
    assert_int_equal(view_events(view), EVENTS / 3);
    leave();
}

static void an_answer_to_what_was_asked_before_is_not_learnt(void **state)
{
    (void)state;
    ask("prop.plan:scale");
    ask("prop.plan:other");
    assert_int_equal(screen.asked, 1);
    answer(&screen);
    view_update(view, LONG_US);
    assert_int_equal(view_events(view), 0);
    reading_go_on(reading);
    assert_string_equal(screen.query, "prop.plan:other");
    answer(&screen);
    view_update(view, LONG_US);
    assert_true(view_events(view) > 0);
    leave();
}

static void an_answer_to_who_is_gone_comes_to_nothing(void **state)
{
    (void)state;
    ask("prop.plan:scale");
    leave();
    answer(&screen);
    assert_int_equal(screen.dirty, 0);
}

static void no_answer_is_asked_for_again(void **state)
{
    (void)state;
    ask("prop.plan:scale");
    reply(&screen, NULL);
    assert_int_equal(screen.dirty, 0);
    reading_go_on(reading);
    assert_int_equal(screen.asked, 2);
    leave();
    reply(&screen, NULL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(all_is_read_one_answer_after_the_other),
        CASE(an_answer_to_what_was_asked_before_is_not_learnt),
        CASE(an_answer_to_who_is_gone_comes_to_nothing),
        CASE(no_answer_is_asked_for_again),
    };

    return cmocka_run_group_tests_name("reading", tests, NULL, NULL);
}
