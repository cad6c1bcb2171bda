/* report/digest: which hours are set beside which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "journal/reader.h"
#include "journal_rig.h"
#include "report/digest.h"

#include "base/banned.h"

#define WEEK_MS (7 * DAY_MS)

static bool each_event(void *ctx, struct event *event, struct arena *arena)
{
    (void)ctx;
    (void)event;
    (void)arena;
    return true;
}

static bool each_signal(void *ctx, const struct signal_row *row)
{
    (void)ctx;
    (void)row;
    return true;
}

static struct digest_choice last(const struct rig *rig, int64_t ms)
{
    return (struct digest_choice){.from_ms = NOW - ms,
                                  .to_ms = NOW,
                                  .days = journal_days(rig->journal),
                                  .event = each_event,
                                  .signal = each_signal,
                                  .now_ms = NOW};
}

static void what_is_compared_with_ended_before_the_hours_began(void **state)
{
    static const struct {
        int64_t ms;
        unsigned weeks;
    } cases[] = {
        {3600000, 1},         {DAY_MS, 1},      {WEEK_MS, 1},
        {WEEK_MS + 1, 2},     {10 * DAY_MS, 2}, {2 * WEEK_MS, 2},
        {2 * WEEK_MS + 1, 3},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct digest_choice choice = last(*state, cases[i].ms);
        struct digest *digest = digest_new(&choice);

        assert_int_equal(digest_report(digest)->weeks_before, cases[i].weeks);
        digest_free(digest);
    }
}

static uint64_t keep(struct rig *rig, uint32_t number, int64_t ms_ago)
{
    struct event event = with_uuid("feature flag created", number);

    event.occurred_at = event.received_at = NOW - ms_ago;
    return append_one(rig, event);
}

static void gather(struct rig *rig, struct digest *digest)
{
    struct journal_reader *reader = rig_reader(rig);
    enum reader_step step = READER_AGAIN;
    struct err err = {""};

    while (step == READER_AGAIN)
        step = digest_step(digest, reader, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(step, READER_DONE);
    reader_close(reader);
}

/* As after an outage, when a digest of a day has become one of ten. */
static void
hours_of_more_than_a_week_are_not_compared_with_their_own(void **state)
{
    static const unsigned days_ago[] = {25, 23, 20, 15, 13, 12, 9, 8, 1};
    struct rig *rig = *state;
    struct digest_choice choice = last(rig, 10 * DAY_MS);
    const struct report *report;
    struct digest *digest;

    for (uint32_t i = 0; i < sizeof days_ago / sizeof *days_ago; i++) {
        choice.last_seq = keep(rig, i + 1, days_ago[i] * DAY_MS);
        if (days_ago[i] == 9)
            choice.first_seq = choice.last_seq;
    }
    digest = digest_new(&choice);
    gather(rig, digest);
    report = digest_report(digest);
    assert_int_equal(report->now.events, 3);
    assert_int_equal(report->before.events, 3);
    assert_int_equal(report->count, 1);
    assert_int_equal(report->now.people, 1);
    assert_int_equal(report->now.person_days, 3);
    assert_int_equal(report->before.person_days, 3);
    digest_free(digest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(what_is_compared_with_ended_before_the_hours_began),
        RIG_CASE(hours_of_more_than_a_week_are_not_compared_with_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
