/* posthog/recording: what an answer says of a moment, and asking a PostHog
 * that is a few routes of our own server, one question after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "config/config.h"
#include "net/server.h"
#include "posthog/recording.h"

#define PATIENCE_US 10000000
#define MOMENT "2026-09-14T10:45:40.000Z"
#define MINUTE INT64_C(60000)

static int64_t moment_ms(void)
{
    return clock_parse(MOMENT, strlen(MOMENT));
}

/* What an answer says. */

static enum recording said(const char *text, int64_t age_ms)
{
    cJSON *answer = cJSON_Parse(text);
    enum recording recording =
        recording_read(answer, moment_ms(), moment_ms() + age_ms);

    assert_non_null(answer);
    cJSON_Delete(answer);
    return recording;
}

static void one_that_reaches_the_moment_is_ready(void **state)
{
    (void)state;
    assert_int_equal(said("{\"end_time\":\"2026-09-14T10:45:40Z\","
                          "\"ongoing\":true}",
                          MINUTE),
                     RECORDING_READY);
    assert_int_equal(said("{\"end_time\":\"2026-09-14T10:45:37Z\","
                          "\"ongoing\":true}",
                          MINUTE),
                     RECORDING_READY);
    assert_int_equal(said("{\"end_time\":\"2026-09-14T10:45:36.999Z\","
                          "\"ongoing\":true}",
                          MINUTE),
                     RECORDING_SHORT);
}

/* It went quiet before the moment: more may come, until it is clear that
 * nothing came since. */
static void one_that_ended_before_is_ready_when_no_more_can_come(void **state)
{
    static const char over[] =
        "{\"end_time\":\"2026-09-14T10:20:00Z\",\"ongoing\":false}";

    (void)state;
    assert_int_equal(said(over, 5 * MINUTE - 1), RECORDING_SHORT);
    assert_int_equal(said(over, 5 * MINUTE), RECORDING_READY);
}

static void what_does_not_say_is_not_ready(void **state)
{
    static const char *const answers[] = {
        "{\"end_time\":\"2026-09-14T10:20:00Z\",\"ongoing\":null}",
        "{\"end_time\":\"2026-09-14T10:20:00Z\"}",
        "{\"end_time\":\"soon\",\"ongoing\":true}",
        "{\"end_time\":null}",
        "{}",
        "[]",
        "7",
    };

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        assert_int_equal(said(answers[i], 9 * MINUTE), RECORDING_SHORT);
}

/* Asking. */

struct told {
    uint64_t id;
    enum recording recording;
    char why[160];
};

static struct bench {
    struct loop *loop;
    struct loop_timer *patience;
    struct server *server;
    struct client *client;
    struct config *config;
    struct posthog *posthog;
    struct recordings *recordings;
    unsigned asked; /* requests that came */
    struct told told[8];
    size_t count, wanted; /* answers told, and how many end the loop */
    bool again;           /* the first that is told asks again */
    bool stopping;        /* stops when it is asked for "there" */
} bench;

static void give_up(void *ctx)
{
    (void)ctx;
    loop_stop(bench.loop);
    fail_msg("%zu of %zu answers came", bench.count, bench.wanted);
}

static void on_told(void *ctx, uint64_t id, enum recording recording,
                    const char *why)
{
    struct told *told = &bench.told[bench.count++];

    (void)ctx;
    told->id = id;
    told->recording = recording;
    snprintf(told->why, sizeof told->why, "%s", why);
    if (bench.again && bench.count == 1)
        assert_true(recordings_ask(bench.recordings, 9, "there", 0));
    if (bench.count == bench.wanted)
        loop_stop(bench.loop);
}

/* The last part of a path names the answer. */
static enum admission admit(void *ctx, const struct request *request,
                            struct answer *answer, void **note)
{
    static const struct {
        const char *name;
        int status;
        const char *body;
    } answers[] = {
        {"/there/", 200, "{\"end_time\":\"" MOMENT "\",\"ongoing\":true}"},
        {"/early/", 200, "{\"end_time\":null,\"ongoing\":true}"},
        {"/none/", 404, "{\"detail\":\"Recording not found\"}"},
        {"/scope/", 403,
         "{\"detail\":\"API key missing required scope "
         "'session_recording:read'\"}"},
        {"/busy/", 429,
         "{\"detail\":\"Request was throttled. Expected available in 62 "
         "seconds.\"}"},
    };

    (void)ctx;
    (void)note;
    bench.asked++;
    if (bench.stopping && strstr(request->path, "/there/"))
        recordings_stop(bench.recordings);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (strstr(request->path, answers[i].name)) {
            answer->status = answers[i].status;
            answer->body = answers[i].body;
            answer->len = strlen(answer->body);
        }
    return ADMIT_ANSWER;
}

static void open_server(void)
{
    static const struct route_ops ops = {.admit = admit};
    static const char *const paths[] = {
        "/api/projects/2/session_recordings/there/",
        "/api/projects/2/session_recordings/early/",
        "/api/projects/2/session_recordings/none/",
        "/api/projects/2/session_recordings/scope/",
        "/api/projects/2/session_recordings/busy/"};
    struct server_options options = {.listen = "127.0.0.1:0"};
    struct err err = {""};

    bench.server = server_new(bench.loop, &options, &err);
    assert_string_equal(err.text, "");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct route route = {.methods = "GET", .path = paths[i], .ops = &ops};

        server_route(bench.server, &route);
    }
}

static void open_posthog(void)
{
    struct err err = {""};
    char text[160];

    snprintf(text, sizeof text,
             "[posthog]\nhost = http://%s\nproject = 2\n"
             "api_key_command = echo phx_ofATest\n",
             server_address(bench.server));
    bench.config = config_read("config.ini", text, strlen(text), &err);
    assert_string_equal(err.text, "");
    bench.posthog = posthog_open(bench.config, NULL, NULL, &err);
    assert_string_equal(err.text, "");
}

static int set_up(void **state)
{
    bench = (struct bench){0};
    bench.loop = loop_new(NULL);
    if (!bench.loop)
        return -1;
    bench.patience = loop_timer_new(bench.loop, give_up, NULL);
    loop_timer_set(bench.patience, PATIENCE_US);
    open_server();
    open_posthog();
    bench.client = client_new(bench.loop);
    bench.recordings =
        recordings_new(bench.loop, bench.client, bench.posthog, on_told, NULL);
    *state = &bench;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    recordings_free(bench.recordings);
    client_free(bench.client);
    posthog_close(bench.posthog);
    config_free(bench.config);
    server_free(bench.server);
    loop_timer_free(bench.patience);
    loop_free(bench.loop);
    return 0;
}

static void ask(uint64_t id, const char *session_id)
{
    assert_true(recordings_ask(bench.recordings, id, session_id, moment_ms()));
}

static void run_until_told(size_t wanted)
{
    bench.wanted = wanted;
    loop_run(bench.loop);
    assert_int_equal(bench.count, wanted);
}

static void expect(size_t index, uint64_t id, enum recording recording,
                   const char *why)
{
    assert_int_equal(bench.told[index].id, id);
    assert_int_equal(bench.told[index].recording, recording);
    if (*why)
        assert_non_null(strstr(bench.told[index].why, why));
    else
        assert_string_equal(bench.told[index].why, "");
}

static void each_is_asked_for_in_its_turn(void **state)
{
    (void)state;
    ask(1, "there");
    ask(2, "none");
    ask(3, "early");
    assert_int_equal(bench.count, 0);
    run_until_told(3);
    expect(0, 1, RECORDING_READY, "");
    expect(1, 2, RECORDING_NONE, "");
    expect(2, 3, RECORDING_SHORT, "");
    assert_int_equal(bench.asked, 3);
}

static void a_refusal_is_everybodys(void **state)
{
    (void)state;
    ask(1, "scope");
    ask(2, "there");
    run_until_told(2);
    expect(0, 1, RECORDING_UNKNOWN, "lacks the scope session_recording:read");
    expect(1, 2, RECORDING_UNKNOWN, "lacks the scope session_recording:read");
    assert_int_equal(bench.asked, 1);
}

static void who_is_told_may_ask_again(void **state)
{
    (void)state;
    bench.again = true;
    ask(1, "scope");
    ask(2, "there");
    run_until_told(3);
    expect(1, 2, RECORDING_UNKNOWN, "scope");
    expect(2, 9, RECORDING_READY, "");
    assert_int_equal(bench.asked, 2);
}

static void a_throttle_is_not_waited_for(void **state)
{
    (void)state;
    ask(1, "busy");
    run_until_told(1);
    expect(0, 1, RECORDING_UNKNOWN, "asks to wait 62 s");
    ask(2, "there");
    run_until_told(2);
    expect(1, 2, RECORDING_READY, "");
}

static void only_session_ids_become_part_of_an_address(void **state)
{
    static const char *const bad[] = {"",    "a/b",  "..", "a b",
                                      "a?b", "a%2e", "ü"};
    char longest[LIMIT_SESSION_ID + 2];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(recordings_ask(bench.recordings, 1, bad[i], 0));
    memset(longest, 'a', sizeof longest);
    longest[LIMIT_SESSION_ID + 1] = '\0';
    assert_false(recordings_ask(bench.recordings, 1, longest, 0));
    longest[LIMIT_SESSION_ID] = '\0';
    assert_true(recordings_ask(bench.recordings, 1, longest, 0));
}

static void too_many_at_once_are_refused(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < RECORDINGS_MAX; i++)
        ask(i, "there");
    assert_false(recordings_ask(bench.recordings, 99, "there", 0));
}

/* Stopped while its request is under way; another one shows that time went
 * on. */
static void a_stopped_one_asks_and_tells_no_more(void **state)
{
    struct recordings *other;

    (void)state;
    ask(1, "there");
    ask(2, "there");
    bench.stopping = true;
    other =
        recordings_new(bench.loop, bench.client, bench.posthog, on_told, NULL);
    assert_true(recordings_ask(other, 7, "none", 0));
    run_until_told(1);
    expect(0, 7, RECORDING_NONE, "");
    assert_false(recordings_ask(bench.recordings, 3, "there", 0));
    recordings_free(other);
}

int main(void)
{
#define ASKING(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_reaches_the_moment_is_ready),
        cmocka_unit_test(one_that_ended_before_is_ready_when_no_more_can_come),
        cmocka_unit_test(what_does_not_say_is_not_ready),
        ASKING(each_is_asked_for_in_its_turn),
        ASKING(a_refusal_is_everybodys),
        ASKING(who_is_told_may_ask_again),
        ASKING(a_throttle_is_not_waited_for),
        ASKING(only_session_ids_become_part_of_an_address),
        ASKING(too_many_at_once_are_refused),
        ASKING(a_stopped_one_asks_and_tells_no_more),
    };

    return cmocka_run_group_tests_name("recording", tests, NULL, NULL);
}
