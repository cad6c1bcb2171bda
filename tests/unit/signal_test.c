/* The signals, one by one: what makes them speak, and what does not. "Working
 * now" is signal_working_test.c, those of days are signal_days_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/signal_rig.h"

static void a_first_touch_names_event_and_age(void **state)
{
    struct rig *rig = rig_settled(state);
    uint64_t seq = rig_use(rig, CATEGORY_SURVEYS, rig_at(63, 9, 0));
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
    struct rig *rig = rig_settled(state);

    rig_use(rig, CATEGORY_SURVEYS, rig_at(63, 9, 0));
    rig_use(rig, CATEGORY_SURVEYS, rig_at(64, 9, 0));
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, "a0"), 1);
}

static void nothing_is_first_while_an_account_is_young(void **state)
{
    struct rig *rig = *state;

    rig_work(rig, "a0", "a0-p0", rig_at(0, 9, 0));
    rig_use(rig, CATEGORY_SURVEYS, rig_at(13, 9, 0));
    rig_use(rig, CATEGORY_AI, rig_at(14, 9, 0));
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, NULL), 1);
    assert_int_equal(rig_last(rig, SIGNAL_first_touch)->category, CATEGORY_AI);
}

static void an_earlier_event_of_the_past_takes_a_first_touch_back(void **state)
{
    struct rig *rig = rig_settled(state);
    uint64_t tick = rig->seq;
    struct event past =
        rig_event("a0", "a0-p1", CATEGORY_SURVEYS, rig_at(20, 9, 0));

    rig_use(rig, CATEGORY_SURVEYS, rig_at(63, 9, 0));
    past.flags |= EVENT_BACKFILLED;
    rig_feed(rig, past);
    assert_int_equal(rig_withdrawn(rig, SIGNAL_first_touch), 1);
    assert_int_equal(rig->list[rig->count - 1].signal.seq, tick + 1);
}

static void the_past_itself_is_no_first_touch(void **state)
{
    struct rig *rig = rig_settled(state);
    struct event past =
        rig_event("a0", "a0-p1", CATEGORY_SURVEYS, rig_at(60, 9, 0));

    past.flags |= EVENT_BACKFILLED;
    rig_feed(rig, past);
    rig_use(rig, CATEGORY_SURVEYS, rig_at(63, 9, 0));
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, "a0"), 0);
}

/* Whoever does that has not touched it yet: what is done then is the first. */
static void pages_strange_names_and_the_rest_are_no_first_touch(void **state)
{
    struct rig *rig = rig_settled(state);
    struct event event =
        rig_event("a0", "a0-p0", CATEGORY_SURVEYS, rig_at(63, 9, 0));

    event.name = "$pageview";
    rig_feed(rig, event);
    event.name = "thing done";
    event.flags = EVENT_UNKNOWN;
    rig_feed(rig, event);
    event.flags = 0;
    event.category = CATEGORY_OTHER;
    rig_feed(rig, event);
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, "a0"), 0);
    event.category = CATEGORY_SURVEYS;
    rig_feed(rig, event);
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, "a0"), 1);
}

static void hidden_people_and_tests_count_for_nothing(void **state)
{
    struct rig *rig = rig_settled(state);
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
    struct rig *rig = rig_settled(state);
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

static void bill_as(struct rig *rig, const char *name, enum tone tone, int day,
                    const char *sentence)
{
    struct event event =
        rig_event("a0", "a0-p0", CATEGORY_BILLING, rig_at(day, 9, 0));

    event.name = name;
    event.tone = tone;
    event.sentence = sentence;
    rig_feed(rig, event);
}

static void bill(struct rig *rig, const char *name, enum tone tone, int day)
{
    bill_as(rig, name, tone, day, name);
}

static void trouble_with_bills_is_said_once_in_two_weeks(void **state)
{
    struct rig *rig = rig_settled(state);

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

/* It comes by itself, every month: nobody touched anything. */
static void a_payment_that_went_through_is_no_first_touch(void **state)
{
    struct rig *rig = rig_settled(state);

    bill(rig, "billing subscription paid", TONE_GOOD, 63);
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, "a0"), 0);
    assert_int_equal(rig_said(rig, SIGNAL_billing, "a0"), 0);
}

static void what_somebody_set_of_bills_is_a_first_touch(void **state)
{
    struct rig *rig = rig_settled(state);

    bill(rig, "billing limits updated", TONE_INFO, 63);
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, "a0"), 1);
}

static void each_limit_and_each_product_rests_by_itself(void **state)
{
    static const char *const limits[] = {
        "hit the recordings limit · 15,001 used of 15,000",
        "hit the events limit · 1,000,001 used of 1,000,000",
        "hit the rows limit · 9 used of 8",
        "hit the exceptions limit",
        "hit the surveys limit · 251 used",
        "hit the recordings limit · 15,420 used of 15,000",
    };
    struct rig *rig = rig_settled(state);

    for (int day = 63; day < 66; day++)
        for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
            bill_as(rig, "hit billing limit", TONE_BAD, day, limits[i]);
    assert_int_equal(rig_said(rig, SIGNAL_billing, "a0"), 5);
    bill_as(rig, "product unsubscribed", TONE_WARN, 66,
            "removed group analytics");
    bill_as(rig, "product unsubscribed", TONE_WARN, 66,
            "removed session replay");
    bill_as(rig, "trial", TONE_GOOD, 66, "started a trial · boost");
    bill_as(rig, "trial", TONE_GOOD, 66, "started a trial · scale");
    assert_int_equal(rig_said(rig, SIGNAL_billing, "a0"), 9);
    assert_string_equal(rig_last(rig, SIGNAL_billing)->sentence,
                        "started a trial · scale");
}

static void amounts_and_attempts_make_no_other_matter(void **state)
{
    static const char name[] = "billing invoice payment failed";
    struct rig *rig = rig_settled(state);

    bill_as(rig, name, TONE_BAD, 63, "had a payment fail");
    bill_as(rig, name, TONE_BAD, 64, "had a payment fail · $742.13");
    bill_as(rig, name, TONE_BAD, 65,
            "had a payment fail · $742.13, attempt 2");
    bill_as(rig, name, TONE_BAD, 66, "had a payment fail, attempt 3");
    assert_int_equal(rig_said(rig, SIGNAL_billing, "a0"), 1);
    bill_as(rig, "credit", TONE_GOOD, 67, "bought $24,000 of annual credit");
    bill_as(rig, "credit", TONE_GOOD, 68, "bought $500 of annual credit");
    assert_int_equal(rig_said(rig, SIGNAL_billing, "a0"), 2);
}

static void something_bought_is_good_news_and_no_first_touch(void **state)
{
    struct rig *rig = rig_settled(state);

    bill(rig, "billing product activated", TONE_GOOD, 63);
    assert_int_equal(rig_said(rig, SIGNAL_billing, "a0"), 1);
    assert_int_equal(rig_last(rig, SIGNAL_billing)->tone, TONE_GOOD);
    assert_int_equal(rig_said(rig, SIGNAL_first_touch, "a0"), 0);
}

static void go_wrong(struct rig *rig, int64_t at)
{
    struct event event = rig_event("a0", NULL, CATEGORY_ERRORS, at);

    event.tone = TONE_WARN;
    rig_feed(rig, event);
}

static void docs_an_error_and_docs_again_is_stuck(void **state)
{
    struct rig *rig = rig_settled(state);

    rig_read(rig, RIG_FLAG_DOCS, "a0-p0", rig_at(63, 10, 0));
    go_wrong(rig, rig_at(63, 10, 10));
    rig_read(rig, RIG_FLAG_DOCS, "a0-p0", rig_at(63, 10, 25));
    assert_int_equal(rig_said(rig, SIGNAL_stuck, "a0"), 1);
    assert_string_equal(rig_last(rig, SIGNAL_stuck)->sentence,
                        "docs, an error, docs again on feature flags in 25 "
                        "min");
    assert_int_equal(rig_last(rig, SIGNAL_stuck)->evidence_count, 3);
}

static void docs_of_something_else_or_by_another_is_not_stuck(void **state)
{
    struct rig *rig = rig_settled(state);

    rig_read(rig, "https://posthog.com/docs/surveys", "a0-p0",
             rig_at(63, 10, 0));
    go_wrong(rig, rig_at(63, 10, 10));
    rig_read(rig, RIG_FLAG_DOCS, "a0-p0", rig_at(63, 10, 25));
    rig_read(rig, "https://posthog.com/docs/surveys", "a0-p1",
             rig_at(63, 10, 26));
    assert_int_equal(rig_said(rig, SIGNAL_stuck, "a0"), 0);
}

static void docs_without_an_error_is_reading(void **state)
{
    struct rig *rig = rig_settled(state);

    go_wrong(rig, rig_at(63, 9, 0));
    rig_read(rig, RIG_FLAG_DOCS, "a0-p0", rig_at(63, 10, 0));
    rig_read(rig, RIG_FLAG_DOCS, "a0-p0", rig_at(63, 10, 25));
    assert_int_equal(rig_said(rig, SIGNAL_stuck, "a0"), 0);
}

#define BILLING_PAGE "https://us.posthog.com/organization/billing"

static void two_visits_to_the_billing_page_in_a_week_are_said(void **state)
{
    struct rig *rig = rig_settled(state);
    const struct signal *said;

    rig_read(rig, BILLING_PAGE, "a0-p0", rig_at(63, 9, 0));
    rig_read(rig, BILLING_PAGE, "a0-p0", rig_at(63, 9, 5));
    assert_int_equal(rig_said(rig, SIGNAL_stuck, "a0"), 0);
    rig_read(rig, BILLING_PAGE, "a0-p0", rig_at(66, 9, 0));
    assert_int_equal(rig_said(rig, SIGNAL_stuck, "a0"), 1);
    said = rig_last(rig, SIGNAL_stuck);
    assert_string_equal(said->person, "a0-p0");
    assert_non_null(strstr(said->sentence, "opened 2 times in "));
}

static void visits_of_two_people_name_neither(void **state)
{
    struct rig *rig = rig_settled(state);
    const struct signal *said;

    rig_read(rig, BILLING_PAGE, "a0-p0", rig_at(63, 9, 0));
    rig_read(rig, BILLING_PAGE, "a0-p1", rig_at(66, 9, 0));
    assert_int_equal(rig_said(rig, SIGNAL_stuck, "a0"), 1);
    said = rig_last(rig, SIGNAL_stuck);
    assert_null(said->person);
    assert_non_null(strstr(said->sentence, "opened by 2 people in "));
    assert_int_equal(said->evidence_count, 2);
}

static void a_visit_of_nobody_known_is_not_somebodys(void **state)
{
    struct rig *rig = rig_settled(state);

    rig_read(rig, BILLING_PAGE, NULL, rig_at(63, 9, 0));
    rig_read(rig, BILLING_PAGE, "a0-p1", rig_at(66, 9, 0));
    assert_null(rig_last(rig, SIGNAL_stuck)->person);
    assert_non_null(
        strstr(rig_last(rig, SIGNAL_stuck)->sentence, "opened 2 times in "));
}

/* One person does most of the work on workdays. */
static void carry(struct rig *rig, int from, int to, const char *who)
{
    for (int day = from; day < to; day++) {
        for (int i = 0; rig_is_workday(day) && who && i < 9; i++)
            rig_work(rig, "a0", who, rig_at(day, 11, i));
        rig_live(rig, day, day + 1, RIG_OTHERS, 3, 0.5);
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

#define TEST(name)                                                            \
    cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_first_touch_names_event_and_age),
        TEST(a_touch_is_first_once),
        TEST(nothing_is_first_while_an_account_is_young),
        TEST(an_earlier_event_of_the_past_takes_a_first_touch_back),
        TEST(the_past_itself_is_no_first_touch),
        TEST(pages_strange_names_and_the_rest_are_no_first_touch),
        TEST(hidden_people_and_tests_count_for_nothing),
        TEST(with_a_book_only_its_accounts_count),
        TEST(without_a_book_every_account_counts),
        TEST(trouble_with_bills_is_said_once_in_two_weeks),
        TEST(a_payment_that_went_through_is_no_first_touch),
        TEST(what_somebody_set_of_bills_is_a_first_touch),
        TEST(each_limit_and_each_product_rests_by_itself),
        TEST(amounts_and_attempts_make_no_other_matter),
        TEST(something_bought_is_good_news_and_no_first_touch),
        TEST(docs_an_error_and_docs_again_is_stuck),
        TEST(docs_of_something_else_or_by_another_is_not_stuck),
        TEST(docs_without_an_error_is_reading),
        TEST(two_visits_to_the_billing_page_in_a_week_are_said),
        TEST(visits_of_two_people_name_neither),
        TEST(a_visit_of_nobody_known_is_not_somebodys),
        TEST(a_champion_is_named_with_share),
        TEST(a_new_champion_is_news),
        TEST(a_champion_who_stays_away_is_missed_and_comes_back),
        TEST(holidays_of_the_calendar_are_not_missed),
    };

    return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
