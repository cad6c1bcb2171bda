/* One question to a PostHog that is not there: what is sent, when it is asked
 * again and after how long, what is an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "posthog/api_request.h"
#include "posthog/internal.h"

static char host[] = "https://us.posthog.com", project[] = "2",
            key[] = "phx_key";
static const struct posthog posthog = {.host = host,
                                       .project = project,
                                       .key = key};

static struct api_request request_of(const char *method, const char *path)
{
    struct question question = {.method = method, .path = path};
    struct api_request request;
    struct err err;

    assert_true(api_request_open(&request, &posthog, &question, false, &err));
    return request;
}

static struct api_request query_of(bool patient)
{
    struct question question = {.sql = "SELECT 1 LIMIT 1"};
    struct api_request request;
    struct err err;

    assert_true(
        api_request_open(&request, &posthog, &question, patient, &err));
    return request;
}

static enum api_step answer(struct api_request *request, int status,
                            const char *body, struct err *err)
{
    struct client_answer came = {.outcome = CLIENT_ANSWERED,
                                 .status = status,
                                 .retry_after_ms = -1,
                                 .body = body,
                                 .len = strlen(body),
                                 .error = ""};

    err->text[0] = '\0';
    return api_request_take(request, &came, err);
}

static enum api_step lose(struct api_request *request,
                          enum client_outcome outcome, struct err *err)
{
    struct client_answer came = {.outcome = outcome,
                                 .retry_after_ms = -1,
                                 .body = "",
                                 .error = "cannot connect"};

    return api_request_take(request, &came, err);
}

struct sent {
    char method[16], url[256], body[256], authorization[64];
};

static void note(void *ctx, const struct client_request *request)
{
    struct sent *sent = ctx;

    snprintf(sent->method, sizeof sent->method, "%s", request->method);
    snprintf(sent->url, sizeof sent->url, "%s", request->url);
    snprintf(sent->body, sizeof sent->body, "%s",
             request->body ? request->body : "-");
    snprintf(sent->authorization, sizeof sent->authorization, "%s",
             request->headers[0]);
    assert_false(request->allow_http);
}

static struct sent put(const struct api_request *request)
{
    struct sent sent;

    api_request_put(request, note, &sent);
    return sent;
}

static void a_request_names_project_key_and_body(void **state)
{
    struct api_request request = request_of("GET", "/hog_functions/");
    struct sent sent = put(&request);

    (void)state;
    assert_string_equal(sent.method, "GET");
    assert_string_equal(
        sent.url, "https://us.posthog.com/api/projects/2/hog_functions/");
    assert_string_equal(sent.authorization, "Authorization: Bearer phx_key");
    assert_string_equal(sent.body, "-");
    api_request_close(&request);
    request = request_of("GET", "/api/users/@me/");
    assert_string_equal(put(&request).url,
                        "https://us.posthog.com/api/users/@me/");
    api_request_close(&request);
    request = query_of(false);
    sent = put(&request);
    assert_string_equal(sent.method, "POST");
    assert_non_null(strstr(sent.body, "\"kind\":\"HogQLQuery\""));
    api_request_close(&request);
}

static void without_a_project_only_what_is_above_one_is_asked(void **state)
{
    struct posthog nowhere = {.host = host, .key = key};
    struct question below = {.method = "GET", .path = "/hog_functions/"};
    struct question above = {.method = "GET", .path = "/api/users/@me/"};
    struct api_request request;
    struct err err;

    (void)state;
    assert_false(api_request_open(&request, &nowhere, &below, false, &err));
    assert_non_null(strstr(err.text, "which project?"));
    assert_true(api_request_open(&request, &nowhere, &above, false, &err));
    api_request_close(&request);
}

static void throttled_it_waits_as_long_as_it_is_told(void **state)
{
    static const char said[] =
        "{\"detail\":\"Request was throttled. Expected available in 62 "
        "seconds.\"}";
    struct api_request request = request_of("POST", "/hog_functions/");
    struct err err;

    (void)state;
    assert_int_equal(answer(&request, 429, said, &err), API_AGAIN);
    assert_int_equal(api_request_wait_ms(&request), 62000);
    assert_true(api_request_throttled(&request));
    assert_int_equal(answer(&request, 429, "{}", &err), API_AGAIN);
    assert_int_equal(api_request_wait_ms(&request), 30000);
    assert_int_equal(answer(&request, 201, "{\"id\":\"x\"}", &err),
                     API_ANSWERED);
    assert_false(api_request_throttled(&request));
    api_request_close(&request);
}

static void a_quarter_of_an_hour_only_the_patient_wait(void **state)
{
    static const char said[] = "{\"detail\":\"Expected available in 3600 "
                               "seconds.\"}";
    struct api_request request = query_of(false);
    struct err err;

    (void)state;
    assert_int_equal(answer(&request, 429, said, &err), API_FAILED);
    assert_non_null(strstr(err.text, "asks to wait 3600 s"));
    api_request_close(&request);
    request = query_of(true);
    for (int i = 0; i < 100; i++)
        assert_int_equal(answer(&request, 429, said, &err), API_AGAIN);
    assert_int_equal(api_request_wait_ms(&request), 3600000);
    api_request_close(&request);
}

static void a_stumbling_gateway_is_asked_four_times(void **state)
{
    struct api_request request = request_of("GET", "/hog_functions/");
    struct err err;

    (void)state;
    for (unsigned wait = 1000; wait <= 4000; wait *= 2) {
        assert_int_equal(answer(&request, 502, "<html>", &err), API_AGAIN);
        assert_int_equal(api_request_wait_ms(&request), wait);
    }
    assert_int_equal(lose(&request, CLIENT_DOUBT, &err), API_FAILED);
    assert_string_equal(err.text, "cannot connect");
    api_request_close(&request);
}

static void what_changes_something_is_not_asked_for_twice(void **state)
{
    struct api_request request = request_of("POST", "/hog_functions/");
    struct err err;

    (void)state;
    assert_int_equal(lose(&request, CLIENT_DOUBT, &err), API_FAILED);
    api_request_close(&request);
    request = request_of("PATCH", "/hog_functions/x/");
    assert_int_equal(answer(&request, 502, "", &err), API_FAILED);
    api_request_close(&request);
}

static void a_running_query_is_looked_at_until_it_is_done(void **state)
{
    static const char running[] =
        "{\"query_status\":{\"id\":\"0199f1\",\"complete\":false}}";
    struct api_request request = query_of(false);
    struct err err;

    (void)state;
    for (unsigned wait = 250; wait <= 1000; wait *= 2) {
        assert_int_equal(answer(&request, 202, running, &err), API_AGAIN);
        assert_int_equal(api_request_wait_ms(&request), wait);
    }
    assert_string_equal(put(&request).url,
                        "https://us.posthog.com/api/projects/2/query/0199f1/");
    assert_string_equal(put(&request).method, "GET");
    assert_int_equal(
        answer(&request, 200,
               "{\"query_status\":{\"id\":\"0199f1\",\"complete\":true,"
               "\"results\":{\"columns\":[\"a\"],\"results\":[[1]]}}}",
               &err),
        API_ANSWERED);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(
                         api_request_answer(&request), "results")),
                     1);
    api_request_close(&request);
}

static void an_id_that_is_no_id_does_not_get_into_an_address(void **state)
{
    struct api_request request = query_of(false);
    struct err err;

    (void)state;
    assert_int_equal(answer(&request, 202,
                            "{\"query_status\":{\"id\":\"../../users/1\","
                            "\"complete\":false}}",
                            &err),
                     API_FAILED);
    api_request_close(&request);
}

static void fail_query(int status, const char *body, const char *why)
{
    struct api_request request = query_of(false);
    struct err err;

    assert_int_equal(answer(&request, status, body, &err), API_FAILED);
    if (!strstr(err.text, why))
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
    api_request_close(&request);
}

static void a_query_that_fails_says_why(void **state)
{
    (void)state;
    fail_query(200, "{\"columns\":null,\"results\":[],\"error\":\"no table\"}",
               "refuses the query: no table");
    fail_query(200,
               "{\"query_status\":{\"id\":\"1\",\"complete\":true,\"error\":"
               "true,\"error_message\":\"too much memory\"}}",
               "too much memory");
    fail_query(200, "{\"query_status\":{\"id\":\"1\",\"complete\":true}}",
               "gives no rows");
    fail_query(200, "{\"columns\":[\"a\"]}", "no rows in it");
    fail_query(200, "<html>hello</html>", "not in JSON");
    fail_query(302, "", "sends elsewhere");
    fail_query(401, "{}", "does not know this API key");
    fail_query(404, "{}", "is project 2 the right one");
    fail_query(403,
               "{\"detail\":\"API key missing required scope "
               "'query:read'\"}",
               "lacks the scope query:read");
    fail_query(402, "{}", "add-on");
    fail_query(400, "{\"detail\":\"Unknown table\",\"attr\":null}",
               "PostHog refuses: Unknown table");
}

/* The same would be stopped again. */
static void a_query_that_was_too_much_is_not_asked_again(void **state)
{
    (void)state;
    fail_query(504,
               "{\"type\":\"server_error\",\"code\":\"error\",\"detail\":"
               "\"Query has hit the max execution time before completing.\"}",
               "max execution time");
    fail_query(512,
               "{\"detail\":\"Estimated query execution time is too long. Try "
               "reducing its scope by changing the time range.\"}",
               "execution time");
    fail_query(513,
               "{\"code\":\"clickhouse_memory_limit_exceeded\",\"detail\":"
               "\"This query ran out of memory before it could finish\"}",
               "out of memory");
}

/* It must not be told as what a destination lacks: asking by query is what it
 * forbids. */
static void a_month_of_queries_that_is_used_up_is_told_as_that(void **state)
{
    struct api_request request = query_of(true);
    struct err err;

    (void)state;
    assert_int_equal(answer(&request, 402,
                            "{\"type\":\"server_error\",\"code\":"
                            "\"api_queries_quota_exceeded\",\"detail\":\"Your "
                            "organization has read more query data over the "
                            "API than its free allowance for this month.\"}",
                            &err),
                     API_FAILED);
    assert_non_null(strstr(err.text, "free allowance for this month"));
    assert_null(strstr(err.text, "add-on"));
    api_request_close(&request);
}

static void half_a_character_does_not_cost_the_answer(void **state)
{
    struct api_request request = query_of(false);
    struct err err;
    size_t len;

    (void)state;
    assert_int_equal(answer(&request, 200,
                            "{\"columns\":[\"a\"],\"results\":"
                            "[[\"\\ud83d\",9007199254740993]]}",
                            &err),
                     API_ANSWERED);
    assert_non_null(
        strstr(api_request_raw(&request, &len), "9007199254740993"));
    api_request_close(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_names_project_key_and_body),
        cmocka_unit_test(without_a_project_only_what_is_above_one_is_asked),
        cmocka_unit_test(throttled_it_waits_as_long_as_it_is_told),
        cmocka_unit_test(a_quarter_of_an_hour_only_the_patient_wait),
        cmocka_unit_test(a_stumbling_gateway_is_asked_four_times),
        cmocka_unit_test(what_changes_something_is_not_asked_for_twice),
        cmocka_unit_test(a_running_query_is_looked_at_until_it_is_done),
        cmocka_unit_test(an_id_that_is_no_id_does_not_get_into_an_address),
        cmocka_unit_test(a_query_that_fails_says_why),
        cmocka_unit_test(a_query_that_was_too_much_is_not_asked_again),
        cmocka_unit_test(a_month_of_queries_that_is_used_up_is_told_as_that),
        cmocka_unit_test(half_a_character_does_not_cost_the_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
