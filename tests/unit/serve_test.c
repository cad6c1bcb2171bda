/* serve: who is let in, health, metrics, and reports that cannot be made. The
 * journal and its reader's thread are real; the server's side is played. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "config.h"
#include "serve/access.h"
#include "serve/health.h"
#include "serve/metrics.h"
#include "serve/report.h"
#include "tests/unit/journal_rig.h"
#include "tests/unit/serve_rig.h"

#include "base/banned.h"

static struct viewers viewers;

static bool granted(const char *name, const char *value)
{
    const char *words[] = {name, value, NULL};
    struct request request = {.impl = words};

    return access_granted(&viewers, &request, NULL);
}

static void the_token_is_taken_from_two_headers(void **state)
{
    (void)state;
    assert_true(granted("authorization", "Bearer only-to-look"));
    assert_true(granted("authorization", "bearer only-to-look"));
    assert_true(granted("x-telltale-token", "only-to-look"));
    assert_false(granted("authorization", "Bearer only-to-loo"));
    assert_false(granted("authorization", "Bearer  only-to-look"));
    assert_false(granted("authorization", "Basic only-to-look"));
    assert_false(granted("authorization", "only-to-look"));
    assert_false(granted("x-telltale-token", "Bearer only-to-look"));
    assert_false(granted("x-telltale-token", ""));
    assert_false(granted("x-other", "only-to-look"));
}

static void a_wrong_bearer_does_not_hide_a_right_token(void **state)
{
    const char *words[] = {"authorization", "Bearer of-the-proxy",
                           "x-telltale-token", "only-to-look", NULL};
    struct request request = {.impl = words};

    (void)state;
    assert_true(access_granted(&viewers, &request, NULL));
}

static void without_a_token_nobody_gets_in_and_is_told_why(void **state)
{
    static const struct viewers none;
    const char *words[] = {"x-telltale-token", "", NULL};
    struct request request = {.impl = words};
    struct answer answer = {0};

    (void)state;
    assert_false(access_granted(&none, &request, NULL));
    access_refuse(&none, &answer);
    assert_int_equal(answer.status, 401);
    assert_non_null(strstr(answer.body, "telltale viewers add"));
    assert_int_equal(answer.len, strlen(answer.body));
    access_refuse(&viewers, &answer);
    assert_non_null(strstr(answer.body, "the viewer token is needed"));
    assert_string_equal(answer.headers, "WWW-Authenticate: Bearer\r\n");
}

static struct lag lag;
static const struct loop_turns turns = {.counts = {3, 2},
                                        .count = 6,
                                        .sum_us = 5003200,
                                        .max_us = 5001000};

static void fill(void *ctx, struct figures *out)
{
    assert_ptr_equal(ctx, &lag);
    assert_true(out->last_event_ms == CLOCK_NONE);
    *out = (struct figures){.events = 101,
                            .duplicates = 102,
                            .not_json = 103,
                            .unauthorised = 104,
                            .unavailable = 105,
                            .lag = &lag,
                            .turns = &turns,
                            .last_event_ms = NOW,
                            .silence = "quiet",
                            .habit_hours = 106,
                            .ring_bytes = 3,
                            .forgotten = 107,
                            .mirror_count = 2,
                            .mirrors = {{.name = "team",
                                         .type = "slack",
                                         .state = "ok",
                                         .trouble = "",
                                         .on = true,
                                         .sent = 201,
                                         .events = 202,
                                         .waiting = 203,
                                         .parked = 204,
                                         .unread = 206,
                                         .pruned = 205},
                                        {.name = "other",
                                         .type = "json",
                                         .state = "off",
                                         .trouble = "410",
                                         .on = false}}};
}

static void has(const char *part)
{
    if (!strstr(served_answers[0].body, part))
        fail_msg("not in the answer: %s\n%s", part, served_answers[0].body);
}

static void anybody_is_told_that_it_is_well_and_no_more(void **state)
{
    struct rig *rig = *state;
    struct figures_source source = {rig->journal, &viewers, fill, &lag};
    struct health *health = health_new(&source);

    health_serve(health, SERVED);
    serve_get(NULL, 0);
    assert_int_equal(served_answers[0].status, 200);
    assert_string_equal(served_answers[0].body, "{\"ok\":true}");
    assert_string_equal(served_answers[0].headers, "");
    health_free(health);
}

static void who_has_the_token_is_told_everything(void **state)
{
    struct rig *rig = *state;
    struct figures_source source = {rig->journal, &viewers, fill, &lag};
    struct health *health = health_new(&source);

    append_one(rig, sample("a"));
    health_serve(health, SERVED);
    serve_get(serve_let_in, 0);
    has("{\"ok\":true,\"version\":\"" PACKAGE_VERSION "\",");
    has("\"source\":{\"events\":101,\"duplicates\":102,"
        "\"forgotten\":107,\"not_json\":103,"
        "\"unauthorised\":104,\"unavailable\":105,"
        "\"last_event_at\":\"2026-09-14T08:06:03.942Z\","
        "\"silence\":\"quiet\",\"late\":0,\"late_since\":null}");
    has("\"lag\":{\"events\":2,\"p50_ms\":40,\"p99_ms\":5000}");
    has("\"last_seq\":1,\"events\":1,\"duplicates\":0,"
        "\"forgotten\":0,\"rejects\":0,"
        "\"commits\":");
    has("\"trouble\":null}");
    has("\"server\":{\"requests\":11,\"answered\":10,\"refused\":9,"
        "\"lost\":8,\"timeouts\":7,\"connections\":5,\"bytes_in_flight\":3,"
        "\"bytes_unsent\":2,\"evicted\":6}");
    has("{\"name\":\"team\",\"type\":\"slack\",\"state\":\"ok\","
        "\"messages\":201,\"events\":202,\"waiting\":203,\"parked\":204,"
        "\"pruned\":205,\"unread\":206,\"trouble\":null}");
    has("\"state\":\"off\",\"messages\":0,\"events\":0,\"waiting\":0,"
        "\"parked\":0,\"pruned\":0,\"unread\":0,\"trouble\":\"410\"}]}");
    health_free(health);
}

static void metrics_are_for_the_token_and_say_the_same(void **state)
{
    struct rig *rig = *state;
    struct figures_source source = {rig->journal, &viewers, fill, &lag};
    struct metrics *metrics = metrics_new(&source);

    metrics_serve(metrics, SERVED);
    serve_get(NULL, 1);
    assert_int_equal(served_answers[1].status, 401);
    append_one(rig, sample("a"));
    serve_get(serve_let_in, 0);
    assert_int_equal(served_answers[0].status, 200);
    assert_string_equal(served_answers[0].content_type,
                        "text/plain; version=0.0.4; charset=utf-8");
    has("telltale_build_info{version=\"" PACKAGE_VERSION "\"} 1\n");
    has("# TYPE telltale_events_total counter\ntelltale_events_total 101\n");
    has("telltale_duplicates_total 102\n");
    has("telltale_refused_total{reason=\"not_json\"} 103\n");
    has("telltale_refused_total{reason=\"secret\"} 104\n");
    has("telltale_refused_total{reason=\"journal\"} 105\n");
    has("telltale_refused_total{reason=\"http\"} 9\n");
    has("telltale_arrival_lag_seconds_bucket{le=\"+Inf\"} 2\n");
    has("telltale_arrival_lag_seconds_sum 5.040\n");
    has("telltale_arrival_lag_seconds_count 2\n");
    has("telltale_loop_turn_seconds_bucket{le=\"0.000100\"} 3\n");
    has("telltale_loop_turn_seconds_bucket{le=\"1.000000\"} 5\n");
    has("telltale_loop_turn_seconds_bucket{le=\"+Inf\"} 6\n");
    has("telltale_loop_turn_seconds_sum 5.003200\n");
    has("telltale_loop_turn_max_seconds 5.001000\n");
    has("telltale_last_event_timestamp_seconds 1789373163.942\n");
    has("telltale_silence 1\n");
    has("telltale_habit_hours 106\n");
    has("telltale_journal_up 1\n");
    has("telltale_journal_last_seq 1\n");
    has("telltale_http_timeouts_total 7\n");
    has("telltale_http_evicted_total 6\n");
    has("telltale_http_lost_total 8\n");
    has("telltale_http_connections 5\n");
    has("telltale_http_waiting 4\n");
    has("telltale_http_in_flight_bytes 3\n");
    has("telltale_http_unsent_bytes 2\n");
    has("telltale_memory_ring_bytes 3\n");
    has("telltale_memory_journal_bytes ");
    has("telltale_mirror_up{mirror=\"team\",type=\"slack\"} 1\n");
    has("telltale_mirror_up{mirror=\"other\",type=\"json\"} 0\n");
    has("telltale_mirror_messages_total{mirror=\"team\",type=\"slack\"} 201");
    has("telltale_mirror_events_total{mirror=\"team\",type=\"slack\"} 202\n");
    has("telltale_mirror_waiting_events{mirror=\"team\",type=\"slack\"} 203");
    has("telltale_mirror_parked_events{mirror=\"team\",type=\"slack\"} 204\n");
    has("telltale_mirror_pruned_events_total{mirror=\"team\","
        "type=\"slack\"} 205\n");
    has("telltale_mirror_unread_events{mirror=\"team\",type=\"slack\"} 206\n");
    metrics_free(metrics);
}

/* One more GET /report; waits for its answer. */
static struct served *ask_report(struct rig *rig, const char *name,
                                 const char *value)
{
    const char *words[] = {"x-telltale-token", "only-to-look", name, value,
                           NULL};
    struct reports *reports = reports_new(rig->journal, &viewers, NULL);

    reports_serve(reports, SERVED);
    served_forget();
    serve_get(words, 0);
    rig_drain_until(rig, &served_answers[0].done);
    if (served_answers[0].status == 200)
        while (served_stream.on_gone)
            journal_drain(rig->journal);
    reports_free(reports);
    return &served_answers[0];
}

static void what_a_report_is_asked_in_vain_is_explained(void **state)
{
    char long_word[80];
    struct rig *rig = *state;

    memset(long_word, '1', sizeof long_word - 1);
    long_word[sizeof long_word - 1] = '\0';
    assert_int_equal(ask_report(rig, "?since", "2d")->status, 200);
    assert_int_equal(ask_report(rig, "?since", "some time")->status, 400);
    assert_int_equal(ask_report(rig, "?since", long_word)->status, 400);
    assert_int_equal(ask_report(rig, "?format", long_word)->status, 400);
    assert_int_equal(ask_report(rig, "?account", "nobody")->status, 404);
}

/* That nobody has the account would be a lie. */
static void a_journal_that_cannot_be_read_is_no_unknown_account(void **state)
{
    struct rig *rig = *state;

    change(rig, "ALTER TABLE accounts RENAME TO gone");
    assert_int_equal(ask_report(rig, "?account", "nobody")->status, 500);
    assert_int_equal(ask_report(rig, "?since", "2d")->status, 500);
    change(rig, "ALTER TABLE gone RENAME TO accounts");
}

/* The stop comes between the first read and the loop's hearing of it. */
static void a_report_asked_for_at_the_end_is_to_be_asked_again(void **state)
{
    struct rig *rig = *state;
    struct reports *reports = reports_new(rig->journal, &viewers, NULL);
    unsigned woken;

    reports_serve(reports, SERVED);
    pthread_mutex_lock(&rig->mutex);
    woken = rig->wakes;
    pthread_mutex_unlock(&rig->mutex);
    serve_get(serve_let_in, 0);
    pthread_mutex_lock(&rig->mutex);
    while (rig->wakes == woken)
        pthread_cond_wait(&rig->woken, &rig->mutex);
    pthread_mutex_unlock(&rig->mutex);
    reports_stop(reports);
    rig_drain_until(rig, &served_answers[0].done);
    assert_int_equal(served_answers[0].status, 503);
    reports_free(reports);
}

static void
who_goes_before_a_report_is_sent_makes_room_for_others(void **state)
{
    struct rig *rig = *state;
    struct reports *reports = reports_new(rig->journal, &viewers, NULL);

    reports_serve(reports, SERVED);
    served_stuck.on = true;
    for (uint32_t slot = 0; slot < LIMIT_REPORTS; slot++) {
        served_stuck.seen = false;
        serve_get(serve_let_in, slot);
        rig_drain_until(rig, &served_stuck.seen);
        served_stream.on_gone(served_stream.ctx, "they went");
    }
    served_stuck.on = false;
    serve_get(serve_let_in, LIMIT_REPORTS);
    rig_drain_until(rig, &served_answers[LIMIT_REPORTS].done);
    assert_int_equal(served_answers[LIMIT_REPORTS].status, 200);
    while (served_stream.on_gone)
        journal_drain(rig->journal);
    reports_free(reports);
}

#define CASE(test)                                                            \
    cmocka_unit_test_setup_teardown(test, serve_setup, serve_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_token_is_taken_from_two_headers),
        cmocka_unit_test(a_wrong_bearer_does_not_hide_a_right_token),
        cmocka_unit_test(without_a_token_nobody_gets_in_and_is_told_why),
        CASE(anybody_is_told_that_it_is_well_and_no_more),
        CASE(who_has_the_token_is_told_everything),
        CASE(metrics_are_for_the_token_and_say_the_same),
        CASE(what_a_report_is_asked_in_vain_is_explained),
        CASE(a_journal_that_cannot_be_read_is_no_unknown_account),
        CASE(a_report_asked_for_at_the_end_is_to_be_asked_again),
        CASE(who_goes_before_a_report_is_sent_makes_room_for_others),
    };
    struct err err;
    int failed;

    lag_add(&lag, 40);
    lag_add(&lag, 5000);
    if (!secret_set_add(&viewers.tokens, "only-to-look", &err))
        return 1;
    failed = cmocka_run_group_tests_name("serve", tests, NULL, NULL);
    viewers_free(&viewers);
    return failed;
}
