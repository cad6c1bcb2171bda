/* What of a report's events is worth a line. That nothing is kept of those
 * that are not, is the sanitizer's to see: what is not freed has leaked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "report/gathering.h"

#include "base/banned.h"

#define MANY 5000

static void take(struct report_account *account, int number, enum tone tone,
                 const char *replay)
{
    char sentence[64], person[64];
    struct event event = {.occurred_at = 1000 + number,
                          .tone = tone,
                          .sentence = sentence,
                          .links = {.replay = replay}};

    snprintf(sentence, sizeof sentence, "did %d", number);
    snprintf(person, sizeof person, "somebody %d", number);
    report_take_event(account, &event, person);
    /* What was given is gone. */
    memset(sentence, 'x', sizeof sentence - 1);
    memset(person, 'x', sizeof person - 1);
}

static void the_newest_of_most_weight_are_kept_as_they_were_said(void **state)
{
    struct report_account account = {.event_count = 0};

    (void)state;
    for (int i = 0; i < MANY; i++)
        take(&account, i, i % 100 ? TONE_WARN : TONE_BAD, NULL);
    assert_int_equal(account.event_count, REPORT_EVENTS);
    assert_int_equal(account.replay_count, 0);
    for (int i = 0; i < REPORT_EVENTS; i++) {
        char wanted[64];

        snprintf(wanted, sizeof wanted, "did %d", MANY - 100 * (i + 1));
        assert_string_equal(account.events[i].sentence, wanted);
        assert_int_equal(account.events[i].tone, TONE_BAD);
        assert_int_equal(account.events[i].at, 1000 + MANY - 100 * (i + 1));
    }
    assert_string_equal(account.events[0].person, "somebody 4900");
    report_drop_events(&account);
    assert_int_equal(account.event_count, 0);
}

static void of_one_moment_what_came_first_is_said_first(void **state)
{
    struct report_account account = {.event_count = 0};

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct event event = {.occurred_at = 1000,
                              .tone = TONE_GOOD,
                              .sentence = (const char *[]){"a", "b", "c"}[i]};

        report_take_event(&account, &event, NULL);
    }
    assert_int_equal(account.event_count, 3);
    assert_string_equal(account.events[0].sentence, "a");
    assert_string_equal(account.events[1].sentence, "b");
    assert_string_equal(account.events[2].sentence, "c");
    report_drop_events(&account);
}

static void each_is_said_once_and_each_replay_shown_once(void **state)
{
    struct report_account account = {.event_count = 0};

    (void)state;
    for (int i = 0; i < 20; i++) {
        char link[64];

        snprintf(link, sizeof link, "https://p.example/replay/%d?t=%d", i % 2,
                 i);
        take(&account, 7, TONE_GOOD, link);
    }
    assert_int_equal(account.event_count, 1);
    assert_int_equal(account.replay_count, 2);
    assert_string_equal(account.events[0].sentence, "did 7");
    take(&account, 8, TONE_INFO, NULL);
    assert_int_equal(account.event_count, 1);
    report_drop_events(&account);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_of_most_weight_are_kept_as_they_were_said),
        cmocka_unit_test(of_one_moment_what_came_first_is_said_first),
        cmocka_unit_test(each_is_said_once_and_each_replay_shown_once),
    };

    return cmocka_run_group_tests_name("pick", tests, NULL, NULL);
}
