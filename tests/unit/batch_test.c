/* Plans and the outbox: every event that matches is in exactly one message,
 * from the plan to the row that is taken, and rows change as they may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/limits.h"
#include "journal/db.h"
#include "mirror/batch.h"
#include "mirror/message.h"
#include "mirror/outbox.h"
#include "mirror/signal_page.h"
#include "signal/table.h"
#include "tests/unit/sample.h"

#include "base/banned.h"

#define SECOND INT64_C(1000)
#define EVENTS 200

static struct query *parse(const char *text)
{
    struct query_error error;
    struct query *query = query_parse(text, &error);

    assert_non_null(query);
    return query;
}

static struct mirror_settings settings_of(const struct mirror_type *type,
                                          const char *query)
{
    return (struct mirror_settings){.name = (char *)"team",
                                    .type = type,
                                    .query = parse(query),
                                    .quiet = {-1, -1},
                                    .digest_at = -1};
}

static void settings_end(struct mirror_settings *settings)
{
    query_free(settings->query);
    query_free(settings->bypass);
}

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
        settings.bypass = parse("tone:bad");
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

static sqlite3 *open_db(char *path)
{
    struct err err;
    sqlite3 *db;
    int fd;

    memcpy(path, "/tmp/telltale-batch-XXXXXX", 27);
    fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    db = db_open(path, &err);
    assert_non_null(db);
    return db;
}

static void close_db(sqlite3 *db, const char *path)
{
    char side[80];

    db_close(db);
    unlink(path);
    snprintf(side, sizeof side, "%s-wal", path);
    unlink(side);
    snprintf(side, sizeof side, "%s-shm", path);
    unlink(side);
}

static int64_t ask(sqlite3 *db, const char *sql)
{
    struct err err;
    sqlite3_stmt *row = db_prepare(db, sql, false, &err);
    int64_t answer;

    assert_non_null(row);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    answer = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return answer;
}

static struct outbox_open open_mirror(sqlite3 *db, int64_t now)
{
    struct mirror_settings settings = settings_of(&mirror_slack, "");
    struct outbox_open open = {.mirror = &settings, .now = now};
    struct err err = {""};

    if (!outbox_open(&open, db, &err))
        fail_msg("%s", err.text);
    settings_end(&settings);
    return open;
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

static struct outbox_take take_at(sqlite3 *db, int64_t now)
{
    struct outbox_take take = {.mirror = "team", .now = now};
    struct err err = {""};

    if (!outbox_take(&take, db, &err))
        fail_msg("%s", err.text);
    free(take.bucket);
    free(take.message);
    return take;
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
                ask(db, "SELECT (SELECT coalesce(sum(events), 0) FROM outbox)"
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
    assert_int_equal(ask(db, "SELECT first_seq FROM outbox WHERE state = "
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
    assert_int_equal(ask(db, "SELECT events FROM outbox WHERE attempts > 0"),
                     1);
    assert_int_equal(ask(db, "SELECT count(*) FROM outbox"), 3);
    assert_int_equal(ask(db, "SELECT sum(events) FROM outbox"), 50);
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
    assert_int_equal(ask(db, "SELECT count(*) FROM outbox"), 50);
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
    assert_int_equal(ask(db, "SELECT count(*) FROM outbox"), 4000);
    assert_int_equal(ask(db, "SELECT min(first_seq) FROM outbox"), 101);
    assert_int_equal(ask(db, "SELECT pruned FROM mirrors"), 100);
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
    assert_int_equal(ask(db, "SELECT count(*) FROM outbox"), 3);
    assert_int_equal(ask(db,
                         "SELECT sum(json_array_length(message)) FROM outbox"),
                     20);
    settings_end(&settings);
    close_db(db, path);
}

static void an_account_is_spoken_of_once_in_its_cool_down(void **unused)
{
    struct mirror_settings settings = settings_of(&mirror_slack, "");
    struct cooldowns cooldowns = {NULL, 0};
    struct uuid id = uuid_random();
    uint64_t state = 4;
    struct event event = sample_event(&state, 1);
    static const int64_t at[] = {0, 10, 50, 61, 100, 121};
    static const int64_t due[] = {0, 60, 60, 120, 120, 180};

    (void)unused;
    settings.cooldown_ms = 60 * SECOND;
    event.account.id = "a";
    event.hidden = HIDDEN_NO;
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        int64_t now = SAMPLE_START + at[i] * SECOND;
        struct planned *planned;
        size_t count;

        event.received_at = now;
        planned =
            batch_plan(&settings, &cooldowns, &id, &event, 1, now, &count);
        assert_int_equal(count, 1);
        assert_int_equal(planned->due, SAMPLE_START + due[i] * SECOND);
        batch_free(planned, count);
    }
    cooldowns_free(&cooldowns);
    settings_end(&settings);
}

/* ---- signals ---- */

static void conclude(sqlite3 *db, enum signal_kind kind, uint64_t seq,
                     int64_t fired_at)
{
    struct signal signal = {.kind = kind,
                            .category = CATEGORY_BILLING,
                            .seq = seq,
                            .fired_at = fired_at,
                            .tone = TONE_BAD,
                            .sentence = "had a payment fail",
                            .opener = "Who is the right person?"};
    struct err err = {""};

    if (!table_conclude(db, &signal, &err))
        fail_msg("%s", err.text);
}

static void run_sql(sqlite3 *db, const char *sql)
{
    struct err err = {""};

    if (!db_exec(db, sql, &err))
        fail_msg("%s", err.text);
}

/* A page as a mirror's follower has it; how many messages it planned. */
static size_t page_at(sqlite3 *db, const struct mirror_settings *settings,
                      int64_t now, struct signal_page *page)
{
    struct outbox_plan plan = {.mirror = settings, .now = now};
    struct err err = {""};
    size_t count;

    if (!signal_page_read(page, &plan, db, &err) ||
        !outbox_add(&plan, db, &err) ||
        !signal_page_write(page, settings, db, &err))
        fail_msg("%s", err.text);
    count = plan.count;
    batch_free(plan.planned, plan.count);
    return count;
}

static void open_page(sqlite3 *db, const struct mirror_settings *settings)
{
    struct err err = {""};

    open_mirror(db, SAMPLE_START);
    if (!signal_page_open(settings, db, &err))
        fail_msg("%s", err.text);
}

static void a_signal_is_planned_once_and_no_old_one(void **unused)
{
    struct mirror_settings settings =
        settings_of(&mirror_slack, "signal:billing");
    struct signal_page page;
    char path[64];
    sqlite3 *db = open_db(path);
    int64_t now = SAMPLE_START;

    (void)unused;
    conclude(db, SIGNAL_billing, 1, now);
    open_page(db, &settings);
    assert_int_equal(page_at(db, &settings, now, &page), 0);
    conclude(db, SIGNAL_billing, 2, now - SIGNAL_NEWS_MS);
    conclude(db, SIGNAL_billing, 3, now - SIGNAL_NEWS_MS - 1);
    conclude(db, SIGNAL_stuck, 4, now);
    conclude(db, SIGNAL_billing, 5, now);
    run_sql(db, "UPDATE signals SET state = 'withdrawn' WHERE seq = 5");
    assert_int_equal(page_at(db, &settings, now, &page), 1);
    assert_int_equal(page.old, 1);
    assert_int_equal(ask(db, "SELECT value FROM counters WHERE name = "
                             "'signals not sent'"),
                     1);
    assert_int_equal(page_at(db, &settings, now, &page), 0);
    assert_int_equal(
        ask(db, "SELECT count(*) FROM outbox WHERE bucket = 'signal:2'"), 1);
    settings_end(&settings);
    close_db(db, path);
}

static void many_signals_are_pages_and_never_merge(void **unused)
{
    struct mirror_settings settings = settings_of(&mirror_json, "signal:*");
    struct signal_page page;
    char path[64];
    sqlite3 *db = open_db(path);
    size_t pages = 0, total = 0;

    (void)unused;
    open_page(db, &settings);
    for (uint64_t seq = 1; seq <= 250; seq++)
        conclude(db, SIGNAL_billing, seq, SAMPLE_START);
    do {
        total += page_at(db, &settings, SAMPLE_START, &page);
        pages++;
    } while (page.more);
    assert_int_equal(total, 250);
    assert_int_equal(pages, 3);
    assert_int_equal(ask(db, "SELECT count(*) FROM outbox WHERE events = 1 "
                             "AND json_array_length(message) = 1"),
                     250);
    settings_end(&settings);
    close_db(db, path);
}

static void who_does_not_ask_for_signals_gets_none(void **unused)
{
    struct mirror_settings asks = settings_of(&mirror_slack, "signal:*");
    struct mirror_settings not = settings_of(&mirror_slack, "tone:bad");
    struct signal_page page;
    char path[64];
    sqlite3 *db = open_db(path);

    (void)unused;
    open_page(db, &not );
    conclude(db, SIGNAL_billing, 1, SAMPLE_START);
    assert_int_equal(page_at(db, &not, SAMPLE_START, &page), 0);
    open_page(db, &asks); /* from now on */
    assert_int_equal(page_at(db, &asks, SAMPLE_START, &page), 0);
    conclude(db, SIGNAL_billing, 2, SAMPLE_START);
    open_page(db, &not );
    open_page(db, &asks);
    assert_int_equal(page_at(db, &asks, SAMPLE_START, &page), 0);
    settings_end(&asks);
    settings_end(&not );
    close_db(db, path);
}

static void a_signal_that_is_no_news_any_more_is_not_taken(void **unused)
{
    static const char *const mute[] = {
        "UPDATE signals SET state = 'done'",
        "UPDATE signals SET state = 'withdrawn'",
        "UPDATE signals SET state = 'snoozed', until = 9223372036854775807",
        "DELETE FROM signals",
    };
    struct mirror_settings settings = settings_of(&mirror_slack, "signal:*");
    struct signal_page page;
    char path[64];
    sqlite3 *db = open_db(path);
    int64_t now = SAMPLE_START;

    (void)unused;
    open_page(db, &settings);
    for (size_t i = 0; i < sizeof mute / sizeof *mute; i++) {
        conclude(db, SIGNAL_billing, i + 1, now);
        assert_int_equal(page_at(db, &settings, now, &page), 1);
        run_sql(db, mute[i]);
        assert_int_equal(take_at(db, now).id, 0);
        assert_int_equal(ask(db, "SELECT count(*) FROM outbox"), 0);
    }
    /* Its id is given out again: that one is another, and is told. */
    conclude(db, SIGNAL_billing, 99, now);
    assert_int_equal(ask(db, "SELECT max(id) FROM signals"), 1);
    assert_int_equal(page_at(db, &settings, now, &page), 1);
    run_sql(db, "UPDATE signals SET state = 'snoozed', until = 0");
    assert_int_not_equal(take_at(db, now).id, 0);
    settings_end(&settings);
    close_db(db, path);
}

static void what_is_urgent_passes_quiet_hours(void **unused)
{
    struct mirror_settings settings = settings_of(&mirror_slack, "signal:*");
    struct outbox_take take = {.mirror = "team", .urgent_only = true};
    struct signal_page page;
    struct err err = {""};
    char path[64];
    sqlite3 *db = open_db(path);

    (void)unused;
    settings.bypass = parse("signal:billing");
    open_page(db, &settings);
    conclude(db, SIGNAL_stuck, 1, SAMPLE_START);
    conclude(db, SIGNAL_billing, 2, SAMPLE_START);
    assert_int_equal(page_at(db, &settings, SAMPLE_START, &page), 2);
    take.now = SAMPLE_START;
    assert_true(outbox_take(&take, db, &err));
    assert_string_equal(take.bucket, "now:2");
    free(take.bucket);
    free(take.message);
    take.bucket = take.message = NULL;
    run_sql(db, "DELETE FROM outbox WHERE bucket = 'now:2'");
    assert_true(outbox_take(&take, db, &err));
    assert_int_equal(take.id, 0);
    settings_end(&settings);
    close_db(db, path);
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
        cmocka_unit_test(a_signal_is_planned_once_and_no_old_one),
        cmocka_unit_test(many_signals_are_pages_and_never_merge),
        cmocka_unit_test(who_does_not_ask_for_signals_gets_none),
        cmocka_unit_test(a_signal_that_is_no_news_any_more_is_not_taken),
        cmocka_unit_test(what_is_urgent_passes_quiet_hours),
    };

    return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
