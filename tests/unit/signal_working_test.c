/* The signal "working now": bursts, and docs read before something is made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signal/area.h"
#include "tests/unit/signal_rig.h"

static void a_burst_where_little_happens_is_news(void **state)
{
    struct rig *rig = rig_settled(state);

    for (int i = 0; i < 4; i++)
        rig_use(rig, CATEGORY_FLAGS, rig_at(63, 10, 6 * i));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 1);
    assert_string_equal(rig_last(rig, SIGNAL_working_now)->sentence,
                        "4 events in Flags in 18 min");
    assert_int_equal(rig_last(rig, SIGNAL_working_now)->evidence_count, 4);
}

static void a_burst_says_how_many_did_it_and_how_fast(void **state)
{
    struct rig *rig = rig_settled(state);
    static const char *const who[] = {"a0-p0", "a0-p1", "a0-p0", "a0-p1"};

    for (int i = 0; i < 4; i++)
        rig_feed(rig,
                 rig_event("a0", who[i], CATEGORY_FLAGS, rig_at(63, 10, 0)));
    assert_string_equal(rig_last(rig, SIGNAL_working_now)->sentence,
                        "4 events in Flags in 1 min, several people");
    assert_string_equal(rig_last(rig, SIGNAL_working_now)->numbers,
                        "{\"events\":4,\"minutes\":1,\"people\":2}");
}

static void a_slow_series_is_no_burst(void **state)
{
    struct rig *rig = rig_settled(state);

    for (int i = 0; i < 8; i++)
        rig_use(rig, CATEGORY_FLAGS, rig_at(63, 10, 7 * i));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 0);
}

static void a_burst_where_the_account_always_works_is_none(void **state)
{
    struct rig *rig = rig_settled(state);

    for (int i = 0; i < 12; i++)
        rig_use(rig, CATEGORY_ANALYTICS, rig_at(63, 10, i));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 0);
}

static void a_burst_is_not_said_again_for_a_day(void **state)
{
    struct rig *rig = rig_settled(state);

    for (int i = 0; i < 4; i++)
        rig_use(rig, CATEGORY_FLAGS, rig_at(63, 10, i));
    for (int i = 0; i < 4; i++)
        rig_use(rig, CATEGORY_FLAGS, rig_at(64, 9, i));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 1);
    for (int i = 0; i < 4; i++)
        rig_use(rig, CATEGORY_FLAGS, rig_at(64, 11, i));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 2);
}

static void a_burst_of_the_past_or_heard_of_late_is_not_now(void **state)
{
    struct rig *rig = rig_settled(state);

    for (int i = 0; i < 8; i++) {
        struct event event =
            rig_event("a0", "a0-p0", CATEGORY_FLAGS, rig_at(63, 10, i));

        if (i < 4)
            event.flags |= EVENT_BACKFILLED;
        else
            event.received_at += RIG_HOUR;
        rig_feed(rig, event);
    }
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 0);
}

static void make(struct rig *rig, const char *person, int64_t at)
{
    struct event event = rig_event("a0", person, CATEGORY_FLAGS, at);

    event.tone = TONE_GOOD;
    event.sentence = "created a feature flag";
    rig_feed(rig, event);
}

static void docs_and_then_something_made_is_news(void **state)
{
    struct rig *rig = rig_settled(state);

    rig_read(rig, RIG_FLAG_DOCS, "a0-p0", rig_at(63, 10, 0));
    rig_read(rig, RIG_FLAG_DOCS "?x", "a0-p0", rig_at(63, 10, 5));
    make(rig, "a0-p0", rig_at(63, 11, 0));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 1);
    assert_string_equal(
        rig_last(rig, SIGNAL_working_now)->sentence,
        "2 docs pages on feature flags, then created a feature flag");
}

static void other_docs_other_people_or_too_late_are_not(void **state)
{
    struct rig *rig = rig_settled(state);

    rig_read(rig, "https://posthog.com/docs/surveys", "a0-p0",
             rig_at(63, 10, 0));
    make(rig, "a0-p0", rig_at(63, 10, 10));
    rig_read(rig, RIG_FLAG_DOCS, "a0-p1", rig_at(63, 12, 0));
    make(rig, "a0-p0", rig_at(63, 12, 10));
    rig_read(rig, RIG_FLAG_DOCS, "a0-p0", rig_at(63, 14, 0));
    make(rig, "a0-p0", rig_at(63, 16, 1));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 0);
}

/* The same rig with settings of its own. */
static void set_again(struct rig *rig)
{
    engine_free(rig->engine);
    rig->engine = engine_new(&rig->settings);
    rig_live(rig, 0, 63, RIG_OTHERS, RIG_PEOPLE, 0.7);
}

static void pages_of_ones_own_are_docs_too(void **state)
{
    struct rig *rig = *state;
    struct areas *areas = areas_new();
    struct err err;

    assert_true(areas_set(areas, "handbook/switches", "flags", &err));
    assert_true(areas_set(areas, "docs/feature-flags", "none", &err));
    rig->settings.areas = areas;
    set_again(rig);
    rig_read(rig, RIG_FLAG_DOCS, "a0-p0", rig_at(63, 9, 0));
    make(rig, "a0-p0", rig_at(63, 9, 10));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 0);
    rig_read(rig, "https://wiki.example/handbook/switches/first", "a0-p0",
             rig_at(63, 10, 0));
    make(rig, "a0-p0", rig_at(63, 10, 10));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 1);
    areas_free(areas);
    rig->settings.areas = NULL;
}

static void an_area_is_the_longest_path_of_whole_steps(void **state)
{
    static const struct {
        const char *url;
        int category;
    } cases[] = {
        {"https://posthog.com/docs/surveys", CATEGORY_SURVEYS},
        {"https://posthog.com/docs/surveys/", CATEGORY_SURVEYS},
        {"https://posthog.com/docs/surveys?x=/docs/logs", CATEGORY_SURVEYS},
        {"https://posthog.com/docs/surveys/creating#a", CATEGORY_SURVEYS},
        {"https://posthog.com/docs/surveysomething", -1},
        {"https://posthog.com/mydocs/surveys", -1},
        {"https://posthog.com/docs", -1},
        {"https://posthog.com/docs/surveys/deep/down", CATEGORY_REPLAY},
        {"https://posthog.com/?docs/surveys", -1},
        {"docs/surveys", -1},
        {"", -1},
        {NULL, -1},
    };
    struct areas *areas = areas_new();
    struct err err;

    (void)state;
    assert_true(areas_set(areas, "docs/surveys/deep", "replay", &err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(areas_find(areas, cases[i].url), cases[i].category);
    assert_false(areas_set(areas, "/docs/x", "flags", &err));
    assert_string_equal(err.text, "\"/docs/x\" is no path, like docs/surveys");
    assert_false(areas_set(areas, "docs/x", "flag", &err));
    assert_string_equal(err.text,
                        "\"flag\" is no category; none takes it away");
    areas_free(areas);
}

static void the_thresholds_of_working_now_can_be_set(void **state)
{
    struct rig *rig = *state;

    rig->settings.docs_within_s = 4 * 3600;
    rig->settings.burst_events = 2;
    set_again(rig);
    rig_read(rig, RIG_FLAG_DOCS, "a0-p0", rig_at(63, 8, 0));
    make(rig, "a0-p0", rig_at(63, 11, 0));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 1);
    rig_use(rig, CATEGORY_SURVEYS, rig_at(63, 12, 0));
    rig_use(rig, CATEGORY_SURVEYS, rig_at(63, 12, 5));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 2);
    assert_string_equal(rig_last(rig, SIGNAL_working_now)->sentence,
                        "2 events in Surveys in 5 min");
}

static void docs_read_while_signed_out_are_of_the_account(void **state)
{
    struct rig *rig = rig_settled(state);
    struct event event =
        rig_event(NULL, "a0-p0", CATEGORY_ENGAGEMENT, rig_at(63, 10, 0));

    event.account.listed = false;
    event.name = "$pageview";
    event.url = RIG_FLAG_DOCS;
    rig_feed(rig, event);
    make(rig, "a0-p0", rig_at(63, 10, 20));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 1);
}

#define TEST(name)                                                            \
    cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_burst_where_little_happens_is_news),
        TEST(a_burst_says_how_many_did_it_and_how_fast),
        TEST(a_slow_series_is_no_burst),
        TEST(a_burst_where_the_account_always_works_is_none),
        TEST(a_burst_is_not_said_again_for_a_day),
        TEST(a_burst_of_the_past_or_heard_of_late_is_not_now),
        TEST(docs_and_then_something_made_is_news),
        TEST(other_docs_other_people_or_too_late_are_not),
        TEST(pages_of_ones_own_are_docs_too),
        TEST(an_area_is_the_longest_path_of_whole_steps),
        TEST(the_thresholds_of_working_now_can_be_set),
        TEST(docs_read_while_signed_out_are_of_the_account),
    };

    return cmocka_run_group_tests_name("signal, working now", tests, NULL,
                                       NULL);
}
