/* The signals, one by one: what makes them speak, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "signal/area.h"
#include "signal/baseline.h"
#include "tests/unit/signal_rig.h"

#define USUAL 5 /* people of an account */
#define BOOK 8  /* other accounts */

static int set_up(void **state)
{
    *state = rig_new();
    return 0;
}

static int tear_down(void **state)
{
    rig_free(*state);
    return 0;
}

/* Two months of the book, and nothing out of the ordinary. */
static struct rig *settled(void **state)
{
    struct rig *rig = *state;

    rig_live(rig, 0, 63, BOOK, USUAL, 0.7);
    return rig;
}

static uint64_t use(struct rig *rig, enum category category, int64_t at)
{
    return rig_feed(rig, rig_event("a0", "a0-p0", category, at));
}

/* ---- first touch ---- */

static void a_first_touch_names_event_and_age(void **state)
{
    struct rig *rig = settled(state);
    uint64_t seq = use(rig, CATEGORY_SURVEYS, rig_at(63, 9, 0));
    const struct signal *said = rig_last(rig, SIGNAL_first_touch);

    assert_non_null(said);
    assert_string_equal(said->sentence,
                        "first Surveys event in 63 days of journal: "
                        "did a thing");
    assert_string_equal(said->numbers, "{\"days\":63}");
    assert_int_equal(said->evidence_count, 1);
    assert_int_equal(said->evidence[0], seq);
    assert_string_equal(said->account, "a0");
    assert_string_equal(said->person, "a0-p0");
}

static void a_touch_is_first_once(void **state)
{
    struct rig *rig = settled(state);

    use(rig, CATEGORY_SURVEYS, rig_at(63, 9, 0));
    use(rig, CATEGORY_SURVEYS, rig_at(64, 9, 0));
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, "a0"), 1);
}

static void nothing_is_first_while_an_account_is_young(void **state)
{
    struct rig *rig = *state;

    rig_work(rig, "a0", "a0-p0", rig_at(0, 9, 0));
    use(rig, CATEGORY_SURVEYS, rig_at(13, 9, 0));
    use(rig, CATEGORY_AI, rig_at(14, 9, 0));
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, NULL), 1);
    assert_int_equal(rig_last(rig, SIGNAL_first_touch)->category, CATEGORY_AI);
}

static void an_earlier_event_of_the_past_takes_a_first_touch_back(void **state)
{
    struct rig *rig = settled(state);
    uint64_t tick = rig->seq;
    struct event past =
        rig_event("a0", "a0-p1", CATEGORY_SURVEYS, rig_at(20, 9, 0));

    use(rig, CATEGORY_SURVEYS, rig_at(63, 9, 0));
    past.flags |= EVENT_BACKFILLED;
    rig_feed(rig, past);
    assert_int_equal(rig_withdrawn(rig, SIGNAL_first_touch), 1);
    assert_int_equal(rig->list[rig->count - 1].signal.seq, tick + 1);
}

static void the_past_itself_is_no_first_touch(void **state)
{
    struct rig *rig = settled(state);
    struct event past =
        rig_event("a0", "a0-p1", CATEGORY_SURVEYS, rig_at(60, 9, 0));

    past.flags |= EVENT_BACKFILLED;
    rig_feed(rig, past);
    use(rig, CATEGORY_SURVEYS, rig_at(63, 9, 0));
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, "a0"), 0);
}

/* ---- what does not count ---- */

static void hidden_people_and_tests_count_for_nothing(void **state)
{
    struct rig *rig = settled(state);
    struct event event =
        rig_event("a0", "a0-p0", CATEGORY_SURVEYS, rig_at(63, 9, 0));

    for (int hidden = HIDDEN_INTERNAL; hidden < HIDDEN_COUNT; hidden++) {
        event.hidden = (enum hidden)hidden;
        rig_feed(rig, event);
    }
    event.hidden = HIDDEN_NO;
    event.person.id = "telltale-test";
    rig_feed(rig, event);
    event.person.id = "a0-p0";
    event.flags = EVENT_UNRENDERED;
    rig_feed(rig, event);
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, "a0"), 0);
}

static void with_a_book_only_its_accounts_count(void **state)
{
    struct rig *rig = settled(state);
    struct event event =
        rig_event("elsewhere", "x", CATEGORY_ANALYTICS, rig_at(1, 9, 0));

    event.account.listed = false;
    rig_feed(rig, event);
    event.category = CATEGORY_SURVEYS;
    event.occurred_at = event.received_at = rig_at(63, 9, 0);
    rig_feed(rig, event);
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, "elsewhere"), 0);
}

static void without_a_book_every_account_counts(void **state)
{
    struct rig *rig = *state;
    struct event event =
        rig_event("elsewhere", "x", CATEGORY_ANALYTICS, rig_at(1, 9, 0));

    event.account.listed = false;
    rig_feed(rig, event);
    event.category = CATEGORY_SURVEYS;
    event.occurred_at = event.received_at = rig_at(63, 9, 0);
    rig_feed(rig, event);
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, "elsewhere"), 1);
}

/* ---- working now ---- */

static void a_burst_where_little_happens_is_news(void **state)
{
    struct rig *rig = settled(state);

    for (int i = 0; i < 4; i++)
        use(rig, CATEGORY_FLAGS, rig_at(63, 10, 6 * i));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 1);
    assert_string_equal(rig_last(rig, SIGNAL_working_now)->sentence,
                        "4 events in Flags in 18 min");
    assert_int_equal(rig_last(rig, SIGNAL_working_now)->evidence_count, 4);
}

static void a_burst_says_how_many_did_it_and_how_fast(void **state)
{
    struct rig *rig = settled(state);
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
    struct rig *rig = settled(state);

    for (int i = 0; i < 8; i++)
        use(rig, CATEGORY_FLAGS, rig_at(63, 10, 7 * i));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 0);
}

static void a_burst_where_the_account_always_works_is_none(void **state)
{
    struct rig *rig = settled(state);

    for (int i = 0; i < 12; i++)
        use(rig, CATEGORY_ANALYTICS, rig_at(63, 10, i));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 0);
}

static void a_burst_is_not_said_again_for_a_day(void **state)
{
    struct rig *rig = settled(state);

    for (int i = 0; i < 4; i++)
        use(rig, CATEGORY_FLAGS, rig_at(63, 10, i));
    for (int i = 0; i < 4; i++)
        use(rig, CATEGORY_FLAGS, rig_at(64, 9, i));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 1);
    for (int i = 0; i < 4; i++)
        use(rig, CATEGORY_FLAGS, rig_at(64, 11, i));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 2);
}

static void a_burst_of_the_past_or_heard_of_late_is_not_now(void **state)
{
    struct rig *rig = settled(state);

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

static void read(struct rig *rig, const char *url, const char *person,
                 int64_t at)
{
    struct event event = rig_event("a0", person, CATEGORY_ENGAGEMENT, at);

    event.name = "$pageview";
    event.url = url;
    rig_feed(rig, event);
}

static void make(struct rig *rig, const char *person, int64_t at)
{
    struct event event = rig_event("a0", person, CATEGORY_FLAGS, at);

    event.tone = TONE_GOOD;
    event.sentence = "created a feature flag";
    rig_feed(rig, event);
}

#define FLAG_DOCS "https://posthog.com/docs/feature-flags/creating"

static void docs_and_then_something_made_is_news(void **state)
{
    struct rig *rig = settled(state);

    read(rig, FLAG_DOCS, "a0-p0", rig_at(63, 10, 0));
    read(rig, FLAG_DOCS "?x", "a0-p0", rig_at(63, 10, 5));
    make(rig, "a0-p0", rig_at(63, 11, 0));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 1);
    assert_string_equal(
        rig_last(rig, SIGNAL_working_now)->sentence,
        "2 docs pages on feature flags, then created a feature flag");
}

static void other_docs_other_people_or_too_late_are_not(void **state)
{
    struct rig *rig = settled(state);

    read(rig, "https://posthog.com/docs/surveys", "a0-p0", rig_at(63, 10, 0));
    make(rig, "a0-p0", rig_at(63, 10, 10));
    read(rig, FLAG_DOCS, "a0-p1", rig_at(63, 12, 0));
    make(rig, "a0-p0", rig_at(63, 12, 10));
    read(rig, FLAG_DOCS, "a0-p0", rig_at(63, 14, 0));
    make(rig, "a0-p0", rig_at(63, 16, 1));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 0);
}

/* The same rig with settings of its own. */
static void set_again(struct rig *rig)
{
    engine_free(rig->engine);
    rig->engine = engine_new(&rig->settings);
    rig_live(rig, 0, 63, BOOK, USUAL, 0.7);
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
    read(rig, FLAG_DOCS, "a0-p0", rig_at(63, 9, 0));
    make(rig, "a0-p0", rig_at(63, 9, 10));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 0);
    read(rig, "https://wiki.example/handbook/switches/first", "a0-p0",
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
    read(rig, FLAG_DOCS, "a0-p0", rig_at(63, 8, 0));
    make(rig, "a0-p0", rig_at(63, 11, 0));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 1);
    use(rig, CATEGORY_SURVEYS, rig_at(63, 12, 0));
    use(rig, CATEGORY_SURVEYS, rig_at(63, 12, 5));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 2);
    assert_string_equal(rig_last(rig, SIGNAL_working_now)->sentence,
                        "2 events in Surveys in 5 min");
}

static void docs_read_while_signed_out_are_of_the_account(void **state)
{
    struct rig *rig = settled(state);
    struct event event =
        rig_event(NULL, "a0-p0", CATEGORY_ENGAGEMENT, rig_at(63, 10, 0));

    event.account.listed = false;
    event.name = "$pageview";
    event.url = FLAG_DOCS;
    rig_feed(rig, event);
    make(rig, "a0-p0", rig_at(63, 10, 20));
    assert_int_equal(rig_said(rig, SIGNAL_working_now, "a0"), 1);
}

/* ---- billing ---- */

static void bill(struct rig *rig, const char *name, enum tone tone, int day)
{
    struct event event =
        rig_event("a0", "a0-p0", CATEGORY_BILLING, rig_at(day, 9, 0));

    event.name = name;
    event.tone = tone;
    event.sentence = name;
    rig_feed(rig, event);
}

static void trouble_with_bills_is_said_once_in_two_weeks(void **state)
{
    struct rig *rig = settled(state);

    bill(rig, "billing invoice payment failed", TONE_BAD, 63);
    bill(rig, "billing invoice payment failed", TONE_BAD, 66);
    bill(rig, "hit billing limit", TONE_BAD, 66);
    bill(rig, "billing limits updated", TONE_INFO, 67);
    bill(rig, "billing subscription paid", TONE_GOOD, 67);
    assert_int_equal(rig_said(rig, SIGNAL_billing, "a0"), 2);
    bill(rig, "billing invoice payment failed", TONE_BAD, 80);
    assert_int_equal(rig_said(rig, SIGNAL_billing, "a0"), 3);
    assert_int_equal(rig_last(rig, SIGNAL_billing)->tone, TONE_BAD);
}

static void something_bought_is_good_news_and_no_first_touch(void **state)
{
    struct rig *rig = settled(state);

    bill(rig, "billing product activated", TONE_GOOD, 63);
    assert_int_equal(rig_said(rig, SIGNAL_billing, "a0"), 1);
    assert_int_equal(rig_last(rig, SIGNAL_billing)->tone, TONE_GOOD);
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, "a0"), 0);
}

/* ---- stuck ---- */

static void go_wrong(struct rig *rig, int64_t at)
{
    struct event event = rig_event("a0", NULL, CATEGORY_ERRORS, at);

    event.tone = TONE_WARN;
    rig_feed(rig, event);
}

static void docs_an_error_and_docs_again_is_stuck(void **state)
{
    struct rig *rig = settled(state);

    read(rig, FLAG_DOCS, "a0-p0", rig_at(63, 10, 0));
    go_wrong(rig, rig_at(63, 10, 10));
    read(rig, FLAG_DOCS, "a0-p0", rig_at(63, 10, 25));
    assert_int_equal(rig_said(rig, SIGNAL_stuck, "a0"), 1);
    assert_string_equal(rig_last(rig, SIGNAL_stuck)->sentence,
                        "docs, an error, docs again on feature flags in 25 "
                        "min");
    assert_int_equal(rig_last(rig, SIGNAL_stuck)->evidence_count, 3);
}

static void docs_of_something_else_or_by_another_is_not_stuck(void **state)
{
    struct rig *rig = settled(state);

    read(rig, "https://posthog.com/docs/surveys", "a0-p0", rig_at(63, 10, 0));
    go_wrong(rig, rig_at(63, 10, 10));
    read(rig, FLAG_DOCS, "a0-p0", rig_at(63, 10, 25));
    read(rig, "https://posthog.com/docs/surveys", "a0-p1", rig_at(63, 10, 26));
    assert_int_equal(rig_said(rig, SIGNAL_stuck, "a0"), 0);
}

static void docs_without_an_error_is_reading(void **state)
{
    struct rig *rig = settled(state);

    go_wrong(rig, rig_at(63, 9, 0));
    read(rig, FLAG_DOCS, "a0-p0", rig_at(63, 10, 0));
    read(rig, FLAG_DOCS, "a0-p0", rig_at(63, 10, 25));
    assert_int_equal(rig_said(rig, SIGNAL_stuck, "a0"), 0);
}

static void two_visits_to_the_billing_page_in_a_week_are_said(void **state)
{
    struct rig *rig = settled(state);
    static const char page[] = "https://us.posthog.com/organization/billing";

    read(rig, page, "a0-p0", rig_at(63, 9, 0));
    read(rig, page, "a0-p0", rig_at(63, 9, 5));
    assert_int_equal(rig_said(rig, SIGNAL_stuck, "a0"), 0);
    read(rig, page, "a0-p1", rig_at(66, 9, 0));
    assert_int_equal(rig_said(rig, SIGNAL_stuck, "a0"), 1);
}

/* ---- who carries it ---- */

/* One person does most of the work on workdays. */
static void carry(struct rig *rig, int from, int to, const char *who)
{
    for (int day = from; day < to; day++) {
        for (int i = 0; rig_is_workday(day) && who && i < 9; i++)
            rig_work(rig, "a0", who, rig_at(day, 11, i));
        rig_live(rig, day, day + 1, BOOK, 3, 0.5);
    }
}

static void a_champion_is_named_with_share(void **state)
{
    struct rig *rig = *state;

    carry(rig, 0, 40, "ann");
    assert_int_equal(rig_said(rig, SIGNAL_champion, "a0"), 1);
    assert_string_equal(rig_last(rig, SIGNAL_champion)->person, "ann");
    assert_non_null(
        strstr(rig_last(rig, SIGNAL_champion)->sentence, "events in 30 days"));
    assert_int_equal(rig_said(rig, SIGNAL_one_person, "a0"), 1);
}

static void a_new_champion_is_news(void **state)
{
    struct rig *rig = *state;

    carry(rig, 0, 40, "ann");
    carry(rig, 40, 90, "bob");
    assert_int_equal(rig_said(rig, SIGNAL_champion, "a0"), 2);
    assert_string_equal(rig_last(rig, SIGNAL_champion)->person, "bob");
}

static void a_champion_who_stays_away_is_missed_and_comes_back(void **state)
{
    struct rig *rig = *state;

    carry(rig, 0, 63, "ann");
    carry(rig, 63, 70, NULL);
    assert_int_equal(rig_said(rig, SIGNAL_champion_away, "a0"), 1);
    assert_string_equal(rig_last(rig, SIGNAL_champion_away)->person, "ann");
    assert_string_equal(rig_last(rig, SIGNAL_champion_away)->sentence,
                        "nothing for 5 workdays, usually there on 10 of 10");
    assert_int_equal(rig_withdrawn(rig, SIGNAL_champion_away), 0);
    carry(rig, 70, 71, "ann");
    assert_int_equal(rig_withdrawn(rig, SIGNAL_champion_away), 1);
}

static void holidays_of_the_calendar_are_not_missed(void **state)
{
    static int32_t holidays[7];
    struct rig *rig = *state;

    for (int i = 0; i < 7; i++)
        holidays[i] = (int32_t)(RIG_START / RIG_DAY) + 63 + i;
    engine_free(rig->engine);
    rig->settings.holidays = holidays;
    rig->settings.holiday_count = 7;
    rig->engine = engine_new(&rig->settings);
    carry(rig, 0, 63, "ann");
    carry(rig, 63, 70, NULL);
    assert_int_equal(rig_said(rig, SIGNAL_champion_away, "a0"), 0);
}

/* ---- going quiet, growing ---- */

/* The book goes on; of a0 only so many people come. */
static void live_with(struct rig *rig, int from, int to, int people)
{
    for (int day = from; day < to; day++) {
        for (int p = 0; p < people && rig_is_workday(day); p++) {
            char person[32];

            snprintf(person, sizeof person, "a0-p%d", p);
            rig_work(rig, "a0", person, rig_at(day, 9, p));
        }
        for (int a = 1; a <= BOOK && rig_is_workday(day); a++)
            for (int p = 0; p < USUAL; p++) {
                char account[24], person[48];

                snprintf(account, sizeof account, "a%d", a);
                snprintf(person, sizeof person, "a%d-p%d", a, p);
                rig_work(rig, account, person, rig_at(day, 9, p));
            }
        rig_end(rig, day);
    }
}

static void half_as_many_people_is_going_quiet(void **state)
{
    struct rig *rig = *state;
    const struct signal *said;

    live_with(rig, 0, 63, 8);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, NULL), 0);
    live_with(rig, 63, 70, 3);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, "a0"), 1);
    said = rig_last(rig, SIGNAL_going_quiet);
    assert_int_equal(said->tone, TONE_WARN);
    assert_non_null(strstr(said->sentence, " people-days this week, usually"));
    assert_true(said->evidence_count > 0);
}

static void the_account_that_comes_back_is_taken_back(void **state)
{
    struct rig *rig = *state;

    live_with(rig, 0, 63, 8);
    live_with(rig, 63, 70, 3);
    live_with(rig, 70, 84, 8);
    assert_int_equal(rig_withdrawn(rig, SIGNAL_going_quiet), 1);
    assert_int_equal(rig_said(rig, SIGNAL_growing, NULL), 0);
}

/* What it does itself is not what the book does. */
static void the_only_account_of_a_book_goes_quiet_too(void **state)
{
    struct rig *rig = *state;

    rig_live(rig, 0, 63, 0, 30, 0.5);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, NULL), 0);
    rig_live(rig, 63, 77, 0, 30, 0.3);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, "a0"), 1);
}

/* Not before a week has passed, but long before it may be said once more of
 * one that stayed quiet. */
static void who_came_back_may_go_quiet_again(void **state)
{
    struct rig *rig = *state;

    live_with(rig, 0, 63, 8);
    live_with(rig, 63, 70, 3);
    live_with(rig, 70, 80, 8);
    assert_int_equal(rig_withdrawn(rig, SIGNAL_going_quiet), 1);
    live_with(rig, 80, 90, 3);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, "a0"), 2);
}

/* What is of the year 2090 says nothing of this one. */
static void a_clock_that_was_wrong_is_forgiven(void **state)
{
    struct rig *rig = *state;
    size_t said;

    live_with(rig, 0, 63, 8);
    for (int i = 0; i < 4; i++)
        rig_work(rig, "a0", "a0-p1", rig_at(25000, 9, i));
    rig_end(rig, 25000);
    said = rig->count;
    live_with(rig, 63, 84, 8);
    assert_int_equal(rig->count, said);
    live_with(rig, 84, 91, 3);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, "a0"), 1);
    assert_int_equal(rig->count, said + 1);
}

static void nobody_at_all_is_said_as_that(void **state)
{
    struct rig *rig = *state;

    live_with(rig, 0, 63, 1);
    live_with(rig, 63, 72, 0);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, "a0"), 1);
    assert_non_null(strstr(rig_last(rig, SIGNAL_going_quiet)->sentence,
                           "nobody for 5 working days, usually 5 "));
}

/* Said between these days. */
static int said_within(const struct rig *rig, enum signal_kind kind, int from,
                       int to)
{
    int said = 0;

    for (size_t i = 0; i < rig->count; i++) {
        const struct signal *signal = &rig->list[i].signal;

        said += signal->kind == kind && !signal->withdrawn &&
                signal->fired_at >= rig_at(from, 0, 0) &&
                signal->fired_at < rig_at(to, 0, 0);
    }
    return said;
}

static void what_the_whole_book_does_is_nobodys_news(void **state)
{
    struct rig *rig = *state;

    rig_live(rig, 0, 63, 20, USUAL, 0.8);
    rig_live(rig, 63, 77, 20, USUAL, 0.35); /* a slow fortnight */
    rig_live(rig, 77, 91, 20, USUAL, 0.8);
    rig_live(rig, 91, 98, 20, USUAL, 0); /* nothing came at all */
    rig_live(rig, 98, 112, 20, USUAL, 0.8);
    /* All 21 would be said, were it not for the book; one in that time is
     * chance. */
    assert_in_range(said_within(rig, SIGNAL_going_quiet, 63, 78), 0, 2);
    assert_int_equal(said_within(rig, SIGNAL_going_quiet, 91, 101), 0);
    assert_int_equal(rig_said(rig, SIGNAL_champion_away, NULL), 0);
    assert_int_equal(rig_said(rig, SIGNAL_growing, NULL), 0);
}

static void new_people_make_an_account_grow(void **state)
{
    struct rig *rig = *state;

    live_with(rig, 0, 63, 4);
    for (int i = 0; i < 3; i++) {
        char person[16];

        snprintf(person, sizeof person, "new-%d", i);
        rig_work(rig, "a0", person, rig_at(63 + i, 9, 0));
    }
    live_with(rig, 66, 67, 4);
    assert_int_equal(rig_said(rig, SIGNAL_growing, "a0"), 1);
    assert_non_null(strstr(rig_last(rig, SIGNAL_growing)->sentence,
                           "3 new people within 14 days"));
}

static void who_comes_back_after_months_is_not_new(void **state)
{
    struct rig *rig = *state;

    live_with(rig, 0, 63, 8);
    live_with(rig, 63, 238, 0);
    rig_live(rig, 238, 266, 0, 8, 0.3); /* one after the other */
    assert_int_equal(rig_said(rig, SIGNAL_growing, "a0"), 0);
}

static void a_kind_that_is_off_says_nothing(void **state)
{
    struct rig *rig = *state;

    engine_free(rig->engine);
    rig->settings.off[SIGNAL_going_quiet] = true;
    rig->engine = engine_new(&rig->settings);
    live_with(rig, 0, 63, 8);
    live_with(rig, 63, 77, 2);
    assert_int_equal(rig_said(rig, SIGNAL_going_quiet, NULL), 0);
}

/* ---- the rest of the machine ---- */

static void days_of_rest_are_the_accounts_own(void **state)
{
    struct day_counts active = {{0}};
    int32_t monday = 20584;

    (void)state;
    for (int back = 1; back < DAYS; back++) {
        int weekday = baseline_weekday(monday - back);

        active.counts[(monday - back) % DAYS] =
            weekday == 5 || weekday == 6 ? 0 : 6;
    }
    assert_int_equal(baseline_rest_days(&active, monday, monday - DAYS),
                     1 << 5 | 1 << 6);
}

static void a_hundred_thousand_people_fit_in_two_mebibytes(void **state)
{
    struct rig *rig = *state;
    char account[24], person[48];

    for (int a = 0; a < 100; a++)
        for (int p = 0; p < 1000; p++) {
            struct event event;

            snprintf(account, sizeof account, "account-%d", a);
            snprintf(person, sizeof person, "person-%d-of-%d", p, a);
            event = rig_event(account, person, CATEGORY_FLAGS,
                              rig_at(p % 40, 9, 0));
            rig_feed(rig, event);
        }
    assert_in_range(engine_bytes(rig->engine), 1, 2 << 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_first_touch_names_event_and_age),
        TEST(a_touch_is_first_once),
        TEST(nothing_is_first_while_an_account_is_young),
        TEST(an_earlier_event_of_the_past_takes_a_first_touch_back),
        TEST(the_past_itself_is_no_first_touch),
        TEST(hidden_people_and_tests_count_for_nothing),
        TEST(with_a_book_only_its_accounts_count),
        TEST(without_a_book_every_account_counts),
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
        TEST(trouble_with_bills_is_said_once_in_two_weeks),
        TEST(something_bought_is_good_news_and_no_first_touch),
        TEST(docs_an_error_and_docs_again_is_stuck),
        TEST(docs_of_something_else_or_by_another_is_not_stuck),
        TEST(docs_without_an_error_is_reading),
        TEST(two_visits_to_the_billing_page_in_a_week_are_said),
        TEST(a_champion_is_named_with_share),
        TEST(a_new_champion_is_news),
        TEST(a_champion_who_stays_away_is_missed_and_comes_back),
        TEST(holidays_of_the_calendar_are_not_missed),
        TEST(half_as_many_people_is_going_quiet),
        TEST(the_account_that_comes_back_is_taken_back),
        TEST(the_only_account_of_a_book_goes_quiet_too),
        TEST(who_came_back_may_go_quiet_again),
        TEST(a_clock_that_was_wrong_is_forgiven),
        TEST(nobody_at_all_is_said_as_that),
        TEST(what_the_whole_book_does_is_nobodys_news),
        TEST(new_people_make_an_account_grow),
        TEST(who_comes_back_after_months_is_not_new),
        TEST(a_kind_that_is_off_says_nothing),
        TEST(days_of_rest_are_the_accounts_own),
        TEST(a_hundred_thousand_people_fit_in_two_mebibytes),
    };

    return cmocka_run_group_tests_name("signal", tests, NULL, NULL);
}
