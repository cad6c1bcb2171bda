/* Plans and the outbox: every event that matches is in exactly one message,
 * from the plan to the row that is taken, and rows change as they may. What is
 * planned of signals is signal_page_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "journal/db.h"
#include "mirror/batch.h"
#include "mirror/message.h"
#include "tests/unit/outbox_rig.h"
#include "tests/unit/sample.h"

#include "base/banned.h"

#define SECOND INT64_C(1000)
#define EVENTS 200

static size_t make_events(uint64_t *state, struct event *events, uint64_t seq)
{
    size_t count = 1 + sample_random(state, EVENTS);

    for (size_t i = 0; i < count; i++) {
        events[i] = sample_event(state, seq + i);
        events[i].raw = "{}";
        events[i].raw_len = 2;
        if (!sample_random(state, 20))
            events[i].flags |= EVENT_BACKFILLED;
    }
    return count;
}

static unsigned matching(const struct mirror_settings *settings,
                         const struct event *events, size_t count, int64_t now)
{
    unsigned total = 0;

    for (size_t i = 0; i < count; i++)
        total += events[i].hidden == HIDDEN_NO &&
                 !(events[i].flags & EVENT_BACKFILLED) &&
                 events[i].source != SOURCE_FILE &&
                 query_match(settings->query, &events[i], now);
    return total;
}

static unsigned planned_events(const struct planned *planned, size_t count)
{
    unsigned total = 0;

    for (size_t i = 0; i < count; i++) {
        struct message *message =
            message_from_json(planned[i].message, strlen(planned[i].message));

        if (message)
            assert_int_equal(message->events, planned[i].events);
        message_free(message);
        total += planned[i].events;
    }
    return total;
}

static struct mirror_settings random_settings(uint64_t *state)
{
    struct mirror_settings settings =
        settings_of(sample_random(state, 2) ? &mirror_slack : &mirror_json,
                    sample_query(state));

    if (sample_random(state, 2))
        settings.bypass = parse_query("tone:bad");
    if (sample_random(state, 2))
        settings.cooldown_ms = 60 * SECOND;
    if (!sample_random(state, 3)) {
        settings.quiet.from = (int)sample_random(state, 1440);
        settings.quiet.to = (settings.quiet.from + 300) % 1440;
    }
    if (!sample_random(state, 4))
        settings.digest_at = (int)sample_random(state, 1440);
    settings.catch_up_all = sample_random(state, 2);
    return settings;
}

static void write_plan(sqlite3 *db, const struct mirror_settings *settings,
                       struct planned *planned, size_t count, int64_t now)
{
    struct outbox_plan plan = {.mirror = settings,
                               .planned = planned,
                               .count = count,
                               .now = now};
    struct err err = {""};

    if (!outbox_add(&plan, db, &err))
        fail_msg("%s", err.text);
}

static void settle_at(sqlite3 *db, const struct outbox_take *take,
                      enum outbox_fate fate, int64_t now, int64_t next)
{
    struct outbox_settle settle = {.mirror = "team",
                                   .id = take->id,
                                   .now = now,
                                   .next_try = next,
                                   .fate = fate,
                                   .doubt = take->doubt};
    struct err err = {""};

    if (!outbox_settle(&settle, db, &err))
        fail_msg("%s", err.text);
}

/* Random settings, events, times, answers: in the end, all are accounted
 * for. */
static void every_event_is_accounted_for(void **unused)
{
    static struct event events[EVENTS];
    uint64_t state = 21;

    (void)unused;
    for (int round = 0; round < 40; round++) {
        struct mirror_settings settings = random_settings(&state);
        struct cooldowns cooldowns = {NULL, 0};
        struct uuid id = uuid_random();
        char path[64];
        sqlite3 *db = open_db(path);
        int64_t now = SAMPLE_START, expected = 0;
        uint64_t seq = 1;

        open_mirror(db, now);
        for (int page = 0; page < 25; page++) {
            size_t count = make_events(&state, events, seq), messages;
            struct planned *planned =
                batch_plan(&settings, &cooldowns, &id, events, count, now,
                           &messages);
            unsigned wanted = matching(&settings, events, count, now);
            struct outbox_take take;

            assert_int_equal(planned_events(planned, messages), wanted);
            write_plan(db, &settings, planned, messages, now);
            batch_free(planned, messages);
            expected += wanted;
            seq += count;
            now += sample_random(&state, 4 * 3600000);
            take = take_at(db, now);
            if (take.id)
                settle_at(db, &take,
                          (enum outbox_fate)sample_random(&state, 4), now,
                          now + 5000);
            assert_int_equal(
                ask_db(db,
                       "SELECT (SELECT coalesce(sum(events), 0) FROM outbox)"
                       " + events + pruned FROM mirrors"),
                expected);
        }
        cooldowns_free(&cooldowns);
        settings_end(&settings);
        close_db(db, path);
    }
}

static struct planned one_planned(uint64_t seq, const char *bucket,
                                  int64_t due)
{
    static char text[2][600];
    char *message = text[seq % 2];

    snprintf(message, sizeof text[0],
             "{\"events\":1,\"other_events\":0,\"first_seq\":%llu,\"last_seq\""
             ":%llu,\"first_at\":1,\"last_at\":1,\"groups\":[{\"account_id\":"
             "\"a\",\"events\":1,\"people\":[],\"lines\":[]}]}",
             (unsigned long long)seq, (unsigned long long)seq);
    return (struct planned){.bucket = (char *)bucket,
                            .message = message,
                            .events = 1,
                            .first_seq = seq,
                            .last_seq = seq,
                            .due = due};
}

static void add_one(sqlite3 *db, const struct mirror_settings *settings,
                    uint64_t seq, const char *bucket, int64_t due, int64_t now)
{
    struct planned planned = one_planned(seq, bucket, due);

    write_plan(db, settings, &planned, 1, now);
}

static void a_row_for_later_hides_none_for_now(void **unused)
{
    struct mirror_settings settings = settings_of(&mirror_slack, "");
    char path[64];
    sqlite3 *db = open_db(path);
    struct outbox_take take;

    (void)unused;
    open_mirror(db, 1000);
    add_one(db, &settings, 1, "digest", 9000000, 1000);
    add_one(db, &settings, 2, "live", 1000, 1000);
    add_one(db, &settings, 3, "now", 1000, 1000);
    take = take_at(db, 1000);
    assert_int_equal(ask_db(db, "SELECT first_seq FROM outbox WHERE state = "
                                "'doubt'"),
                     3);
    settle_at(db, &take, FATE_SENT, 1000, 1000);
    take = take_at(db, 1000);
    assert_int_not_equal(take.id, 0);
    settle_at(db, &take, FATE_SENT, 1000, 1000);
    take = take_at(db, 1000);
    assert_int_equal(take.id, 0);
    assert_int_equal(take.next_due, 9000000);
    settings_end(&settings);
    close_db(db, path);
}

static void quiet_hours_let_only_the_urgent_out(void **unused)
{
    struct mirror_settings settings = settings_of(&mirror_slack, "");
    char path[64];
    sqlite3 *db = open_db(path);
    struct outbox_take take = {.mirror = "team",
                               .now = 2000,
                               .urgent_only = true};
    struct err err = {""};

    (void)unused;
    open_mirror(db, 1000);
    add_one(db, &settings, 1, "live", 1000, 1000);
    assert_true(outbox_take(&take, db, &err));
    assert_int_equal(take.id, 0);
    assert_int_equal(take.next_due, CLOCK_NONE);
    add_one(db, &settings, 2, "now", 1000, 1000);
    assert_true(outbox_take(&take, db, &err));
    assert_int_not_equal(take.id, 0);
    free(take.bucket);
    free(take.message);
    settings_end(&settings);
    close_db(db, path);
}

static void a_tried_row_is_never_added_to(void **unused)
{
    struct mirror_settings settings = settings_of(&mirror_slack, "");
    char path[64];
    sqlite3 *db = open_db(path);
    struct outbox_take take;

    (void)unused;
    open_mirror(db, 1000);
    add_one(db, &settings, 1, "live", 1000, 1000);
    take = take_at(db, 1000);
    settle_at(db, &take, FATE_RETRY, 1000, 2000);
    for (uint64_t seq = 2; seq <= 50; seq++)
        add_one(db, &settings, seq, "live", 1000, 1500);
    assert_int_equal(ask_db(db,
                            "SELECT events FROM outbox WHERE attempts > 0"),
                     1);
    assert_int_equal(ask_db(db, "SELECT count(*) FROM outbox"), 3);
    assert_int_equal(ask_db(db, "SELECT sum(events) FROM outbox"), 50);
    settings_end(&settings);
    close_db(db, path);
}

static void who_wants_all_gets_all(void **unused)
{
    struct mirror_settings settings = settings_of(&mirror_slack, "");
    char path[64];
    sqlite3 *db = open_db(path);

    (void)unused;
    settings.catch_up_all = true;
    open_mirror(db, 1000);
    for (uint64_t seq = 1; seq <= 50; seq++)
        add_one(db, &settings, seq, "live", 1000, 1000);
    assert_int_equal(ask_db(db, "SELECT count(*) FROM outbox"), 50);
    settings_end(&settings);
    close_db(db, path);
}

static void a_lost_answer_is_tried_once_more_then_parked(void **unused)
{
    struct mirror_settings settings = settings_of(&mirror_slack, "");
    char path[64];
    sqlite3 *db = open_db(path);
    struct outbox_take take;
    struct outbox_open open;

    (void)unused;
    open_mirror(db, 1000);
    add_one(db, &settings, 1, "live", 1000, 1000);
    assert_false(take_at(db, 1000).doubt);
    open = open_mirror(db, 1000); /* the program ended, and came back */
    assert_int_equal(open.counts.waiting, 1);
    take = take_at(db, 1000);
    assert_true(take.doubt);
    open = open_mirror(db, 1000); /* and ended again */
    assert_int_equal(open.counts.waiting, 0);
    assert_int_equal(open.counts.parked, 1);
    assert_int_equal(take_at(db, 1000).id, 0);
    settings_end(&settings);
    close_db(db, path);
}

static void the_user_lets_parked_ones_go_again(void **unused)
{
    struct mirror_settings settings = settings_of(&mirror_slack, "");
    char path[64];
    sqlite3 *db = open_db(path);
    struct outbox_switch on = {"team", "on", 3000};
    struct outbox_take take;
    struct err err;

    (void)unused;
    open_mirror(db, 1000);
    add_one(db, &settings, 1, "live", 1000, 1000);
    take = take_at(db, 1000);
    settle_at(db, &take, FATE_PARKED, 1000, 1000);
    assert_int_equal(take_at(db, 2000).id, 0);
    assert_true(outbox_switch(&on, db, &err));
    assert_int_equal(take_at(db, 3000).id, take.id);
    settings_end(&settings);
    close_db(db, path);
}

static void an_outage_of_weeks_has_an_end(void **unused)
{
    struct mirror_settings settings = settings_of(&mirror_slack, "");
    char path[64];
    sqlite3 *db = open_db(path);
    struct err err;

    (void)unused;
    settings.catch_up_all = true;
    open_mirror(db, 1000);
    assert_true(db_exec(db, "BEGIN", &err));
    for (uint64_t seq = 1; seq <= 4100; seq++)
        add_one(db, &settings, seq, "live", 1000, 1000);
    assert_true(db_exec(db, "COMMIT", &err));
    assert_int_equal(ask_db(db, "SELECT count(*) FROM outbox"), 4000);
    assert_int_equal(ask_db(db, "SELECT min(first_seq) FROM outbox"), 101);
    assert_int_equal(ask_db(db, "SELECT pruned FROM mirrors"), 100);
    settings_end(&settings);
    close_db(db, path);
}

static void arrays_are_joined_while_they_wait(void **unused)
{
    struct mirror_settings settings = settings_of(&mirror_json, "");
    char path[64];
    sqlite3 *db = open_db(path);

    (void)unused;
    open_mirror(db, 1000);
    for (uint64_t seq = 1; seq <= 20; seq++) {
        struct planned planned = one_planned(seq, "live", 1000);

        planned.message = (char *)"[{\"seq\":1}]";
        write_plan(db, &settings, &planned, 1, 1000);
    }
    assert_int_equal(ask_db(db, "SELECT count(*) FROM outbox"), 3);
    assert_int_equal(
        ask_db(db, "SELECT sum(json_array_length(message)) FROM outbox"), 20);
    settings_end(&settings);
    close_db(db, path);
}

/* An event at each of these seconds is sent at those. */
static void assert_due(const int64_t *at, const int64_t *due, size_t count)
{
    struct mirror_settings settings = settings_of(&mirror_slack, "");
    struct cooldowns cooldowns = {NULL, 0};
    struct uuid id = uuid_random();
    uint64_t state = 4;
    struct event event = sample_event(&state, 1);

    settings.cooldown_ms = 60 * SECOND;
    event.account.id = "a";
    event.hidden = HIDDEN_NO;
    for (size_t i = 0; i < count; i++) {
        int64_t now = SAMPLE_START + at[i] * SECOND;
        struct planned *planned;
        size_t messages;

        event.received_at = now;
        planned =
            batch_plan(&settings, &cooldowns, &id, &event, 1, now, &messages);
        assert_int_equal(messages, 1);
        assert_int_equal(planned->due, SAMPLE_START + due[i] * SECOND);
        batch_free(planned, messages);
    }
    cooldowns_free(&cooldowns);
    settings_end(&settings);
}

static void an_account_is_spoken_of_once_in_its_cool_down(void **unused)
{
    static const int64_t at[] = {0, 10, 50, 61, 100, 121};
    static const int64_t due[] = {0, 60, 60, 120, 120, 180};

    (void)unused;
    assert_due(at, due, sizeof at / sizeof *at);
}

static void a_cool_down_of_a_clock_that_was_ahead_is_none(void **unused)
{
    static const int64_t at[] = {9000, 0, 10};
    static const int64_t due[] = {9000, 0, 60};

    (void)unused;
    assert_due(at, due, sizeof at / sizeof *at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_accounted_for),
        cmocka_unit_test(a_row_for_later_hides_none_for_now),
        cmocka_unit_test(quiet_hours_let_only_the_urgent_out),
        cmocka_unit_test(a_tried_row_is_never_added_to),
        cmocka_unit_test(who_wants_all_gets_all),
        cmocka_unit_test(a_lost_answer_is_tried_once_more_then_parked),
        cmocka_unit_test(the_user_lets_parked_ones_go_again),
        cmocka_unit_test(an_outage_of_weeks_has_an_end),
        cmocka_unit_test(arrays_are_joined_while_they_wait),
        cmocka_unit_test(an_account_is_spoken_of_once_in_its_cool_down),
        cmocka_unit_test(a_cool_down_of_a_clock_that_was_ahead_is_none),
    };

    return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
