/* rule: what is refused, what is told, and what rests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/rule.h"
#include "base/limits.h"
#include "event/signal_kind.h"
#include "live/display.h"

#include "base/banned.h"

#define NOON INT64_C(1789387200000) /* 14 September 2026, 12:00 UTC */
#define MINUTE INT64_C(60000)

static struct config *config_of(const char *text)
{
    struct err err;
    struct config *config =
        config_read("config.ini", text, strlen(text), &err);

    if (!config)
        fail_msg("%s", err.text);
    return config;
}

static struct rule_list load(const char *text)
{
    struct config *config = config_of(text);
    struct rule_list list;
    struct err err;

    if (!rule_list_load(&list, config, &err))
        fail_msg("%s", err.text);
    config_free(config);
    return list;
}

static void refuses(const char *text, const char *says)
{
    struct config *config = config_of(text);
    struct rule_list list;
    struct err err = {""};

    if (rule_list_load(&list, config, &err) || !strstr(err.text, says))
        fail_msg("%s: %s", text, err.text);
    assert_int_equal(list.count, 0);
    config_free(config);
}

static void a_rule_says_what_and_how(void **state)
{
    struct rule_list list = load("[rule money]\nquery = tone:bad\n"
                                 "do = notify bell title mirror slack\n"
                                 "quiet_hours = 19:00-08:00\n"
                                 "per_account_cooldown = 30m\n");

    (void)state;
    assert_int_equal(list.count, 1);
    assert_string_equal(list.rules[0].name, "money");
    assert_int_equal(list.rules[0].how,
                     ALERT_NOTIFY | ALERT_BELL | ALERT_TITLE);
    assert_string_equal(list.rules[0].mirror, "slack");
    assert_int_equal(list.rules[0].quiet_from, 19 * 60);
    assert_int_equal(list.rules[0].quiet_to, 8 * 60);
    assert_int_equal(list.rules[0].cooldown_ms, 30 * MINUTE);
    rule_list_free(&list);
}

static void what_is_no_rule_is_refused_with_its_place(void **state)
{
    (void)state;
    refuses("[rule x]\ndo = bell\n", "[rule x] needs a query");
    refuses("[rule x]\nquery = tone:bad\n", "[rule x] needs do = bell");
    refuses("[rule x]\nquery = amount>lots\ndo = bell\n",
            "config.ini:2: [rule x] query, column 8: a number is needed");
    refuses("[rule x]\nquery = owner:ann\ndo = bell\n",
            "a rule does not know owners and segments");
    refuses("[rule x]\nquery = a\ndo = shout\n",
            "config.ini:3: [rule x] do is bell, notify, title, highlight or");
    refuses("[rule x]\nquery = a\ndo = mirror\n", "which mirror?");
    refuses("[rule x]\nquery = a\ndo = bell\nquiet_hours = night\n",
            "quiet_hours is like 19:00-08:00");
    refuses("[rule x]\nquery = a\ndo = bell\nper_account_cooldown = 9d\n",
            "a time up to 24h");
    refuses("[rule x]\nquery = a\ndo = bell\ncolour = red\n",
            "there is no colour; there are query, do");
}

static void highlighting_alone_tells_nobody(void **state)
{
    struct rule_list list =
        load("[rule money]\nquery = tone:bad\ndo = highlight\n"
             "[rule loud]\nquery = tone:bad\ndo = highlight bell\n");

    (void)state;
    assert_int_equal(list.rules[0].how, ALERT_HIGHLIGHT);
    assert_false(rule_tells(&list.rules[0]));
    assert_true(rule_tells(&list.rules[1]));
    rule_list_free(&list);
    refuses("[rule x]\nquery = prop.plan:scale\ndo = highlight\n",
            "goes by what rows show");
}

static struct event event_at(uint64_t seq, int64_t at, const char *account)
{
    return (struct event){
        .seq = seq,
        .name = "billing invoice payment failed",
        .category = CATEGORY_BILLING,
        .tone = TONE_BAD,
        .sentence = "had a payment fail",
        .occurred_at = at,
        .received_at = at,
        .account = {account, "Borealis Freight", true},
        .person = {"p", "lucia@borealis.example", "Lucía Marín"},
        .raw = "{}",
    };
}

/* How many events of a page a rule tells. */
static size_t told(const struct rule_list *list, struct rule_memory *memory,
                   const struct event *events, size_t count)
{
    struct rule_firing firings[LIMIT_RULES];
    size_t fired = rule_judge(list, memory, events, count, firings);
    size_t first = fired ? firings[0].events : 0;

    rule_firings_free(firings, fired);
    return first;
}

static void what_matches_is_told_once_a_page(void **state)
{
    struct rule_list list =
        load("[rule money]\nquery = tone:bad\ndo = bell\n");
    struct rule_memory memory = {NULL, 0, 0};
    struct rule_firing firings[LIMIT_RULES];
    struct event events[3] = {event_at(1, NOON, "a"), event_at(2, NOON, "b"),
                              event_at(3, NOON, "a")};

    (void)state;
    events[1].tone = TONE_GOOD;
    assert_int_equal(rule_judge(&list, &memory, events, 3, firings), 1);
    assert_int_equal(firings[0].events, 2);
    assert_int_equal(firings[0].which[0], 0);
    assert_int_equal(firings[0].which[1], 2);
    assert_string_equal(firings[0].text,
                        "Borealis Freight · Lucía Marín had a payment fail");
    rule_firings_free(firings, 1);
    events[0].hidden = HIDDEN_INTERNAL;
    events[2].flags = EVENT_BACKFILLED;
    assert_int_equal(told(&list, &memory, events, 3), 0);
    rule_memory_free(&memory);
    rule_list_free(&list);
}

static void an_account_rests_by_its_own(void **state)
{
    struct rule_list list = load("[rule money]\nquery = tone:bad\ndo = bell\n"
                                 "per_account_cooldown = 30m\n");
    struct rule_memory memory = {NULL, 0, 0}, again = {NULL, 0, 0};
    struct event events[4] = {event_at(1, NOON, "a"),
                              event_at(2, NOON + 10 * MINUTE, "a"),
                              event_at(3, NOON + 11 * MINUTE, "b"),
                              event_at(4, NOON + 31 * MINUTE, "a")};

    (void)state;
    assert_int_equal(told(&list, &memory, events, 1), 1);
    assert_int_equal(told(&list, &memory, events + 1, 1), 0);
    assert_int_equal(told(&list, &memory, events + 2, 1), 1);
    assert_int_equal(told(&list, &memory, events + 3, 1), 1);
    /* gone over again after a restart, the same rests */
    assert_int_equal(told(&list, &again, events, 2), 1);
    assert_int_equal(told(&list, &again, events + 2, 2), 2);
    rule_memory_free(&memory);
    rule_memory_free(&again);
    rule_list_free(&list);
}

/* What was told of in time to come, a clock that was ahead said. */
static void a_clock_that_was_ahead_lets_no_account_rest_till_then(void **state)
{
    struct rule_list list = load("[rule money]\nquery = tone:bad\ndo = bell\n"
                                 "per_account_cooldown = 30m\n");
    struct rule_memory memory = {NULL, 0, 0};
    struct event ahead = event_at(1, NOON + 900 * MINUTE, "a");
    struct event right = event_at(2, NOON, "a");
    struct event next = event_at(3, NOON - 1 * MINUTE, "a");

    (void)state;
    assert_int_equal(told(&list, &memory, &ahead, 1), 1);
    assert_int_equal(told(&list, &memory, &right, 1), 1);
    assert_int_equal(told(&list, &memory, &next, 1), 0);
    rule_memory_free(&memory);
    rule_list_free(&list);
}

static void quiet_hours_are_of_when_it_came(void **state)
{
    struct rule_list list = load("[rule money]\nquery = tone:bad\ndo = bell\n"
                                 "quiet_hours = 19:00-08:00\n");
    struct rule_memory memory = {NULL, 0, 0};
    struct event noon = event_at(1, NOON, "a");
    struct event evening = event_at(2, NOON + 8 * 60 * MINUTE, "a");
    struct event morning = event_at(3, NOON + 19 * 60 * MINUTE, "a");
    struct event day = event_at(4, NOON + 20 * 60 * MINUTE, "a");

    (void)state;
    assert_int_equal(told(&list, &memory, &noon, 1), 1);
    assert_int_equal(told(&list, &memory, &evening, 1), 0);
    assert_int_equal(told(&list, &memory, &morning, 1), 0);
    assert_int_equal(told(&list, &memory, &day, 1), 1);
    rule_memory_free(&memory);
    rule_list_free(&list);
}

static void a_signal_can_be_told(void **state)
{
    struct rule_list list =
        load("[rule calm]\nquery = signal:quiet\ndo = title\n");
    struct rule_memory memory = {NULL, 0, 0};
    struct event event = event_at(1, NOON, "a");

    (void)state;
    assert_int_equal(told(&list, &memory, &event, 1), 0);
    event.signals = 1u << SIGNAL_going_quiet;
    assert_int_equal(told(&list, &memory, &event, 1), 1);
    rule_memory_free(&memory);
    rule_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_says_what_and_how),
        cmocka_unit_test(what_is_no_rule_is_refused_with_its_place),
        cmocka_unit_test(highlighting_alone_tells_nobody),
        cmocka_unit_test(what_matches_is_told_once_a_page),
        cmocka_unit_test(an_account_rests_by_its_own),
        cmocka_unit_test(
            a_clock_that_was_ahead_lets_no_account_rest_till_then),
        cmocka_unit_test(quiet_hours_are_of_when_it_came),
        cmocka_unit_test(a_signal_can_be_told),
    };

    setenv("TZ", "UTC0", 1);
    return cmocka_run_group_tests_name("rule", tests, NULL, NULL);
}
