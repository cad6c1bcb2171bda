/* mirror/signal_page: signals on their way to a mirror: each is planned once,
 * while it is news, for whoever asks for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "journal/db.h"
#include "mirror/batch.h"
#include "mirror/signal_page.h"
#include "signal/table.h"
#include "tests/unit/outbox_rig.h"
#include "tests/unit/sample.h"

#include "base/banned.h"

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
    assert_int_equal(ask_db(db, "SELECT value FROM counters WHERE name = "
                                "'signals not sent'"),
                     1);
    assert_int_equal(page_at(db, &settings, now, &page), 0);
    assert_int_equal(
        ask_db(db, "SELECT count(*) FROM outbox WHERE bucket = 'signal:2'"),
        1);
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
    assert_int_equal(ask_db(db, "SELECT count(*) FROM outbox WHERE events = 1 "
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
        assert_int_equal(ask_db(db, "SELECT count(*) FROM outbox"), 0);
    }
    /* Its id is given out again: that one is another, and is told. */
    conclude(db, SIGNAL_billing, 99, now);
    assert_int_equal(ask_db(db, "SELECT max(id) FROM signals"), 1);
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
    settings.bypass = parse_query("signal:billing");
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
        cmocka_unit_test(a_signal_is_planned_once_and_no_old_one),
        cmocka_unit_test(many_signals_are_pages_and_never_merge),
        cmocka_unit_test(who_does_not_ask_for_signals_gets_none),
        cmocka_unit_test(a_signal_that_is_no_news_any_more_is_not_taken),
        cmocka_unit_test(what_is_urgent_passes_quiet_hours),
    };

    return cmocka_run_group_tests_name("signal pages", tests, NULL, NULL);
}
