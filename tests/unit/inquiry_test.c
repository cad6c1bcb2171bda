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
#include "posthog/inquiry.h"
#include "posthog/internal.h"

static char host[] = "https://us.posthog.com", project[] = "2",
            key[] = "phx_key";
static const struct posthog posthog = {.host = host,
                                       .project = project,
                                       .key = key};

static struct inquiry inquiry_of(const char *method, const char *path)
{
    struct question question = {.method = method, .path = path};
    struct inquiry inquiry;
    struct err err;

    assert_true(inquiry_open(&inquiry, &posthog, &question, false, &err));
    return inquiry;
}

static struct inquiry query_of(bool patient)
{
    struct question question = {.sql = "SELECT 1 LIMIT 1"};
    struct inquiry inquiry;
    struct err err;

    assert_true(inquiry_open(&inquiry, &posthog, &question, patient, &err));
    return inquiry;
}

static enum inquiry_step answer(struct inquiry *inquiry, int status,
                                const char *body, struct err *err)
{
    struct client_answer came = {.outcome = CLIENT_ANSWERED,
                                 .status = status,
                                 .retry_after_ms = -1,
                                 .body = body,
                                 .len = strlen(body),
                                 .error = ""};

    err->text[0] = '\0';
    return inquiry_take(inquiry, &came, err);
}

static enum inquiry_step lose(struct inquiry *inquiry,
                              enum client_outcome outcome, struct err *err)
{
    struct client_answer came = {.outcome = outcome,
                                 .retry_after_ms = -1,
                                 .body = "",
                                 .error = "cannot connect"};

    return inquiry_take(inquiry, &came, err);
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

static struct sent put(const struct inquiry *inquiry)
{
    struct sent sent;

    inquiry_put(inquiry, note, &sent);
    return sent;
}

static void a_request_names_project_key_and_body(void **state)
{
    struct inquiry inquiry = inquiry_of("GET", "/hog_functions/");
    struct sent sent = put(&inquiry);

    (void)state;
    assert_string_equal(sent.method, "GET");
    assert_string_equal(
        sent.url, "https://us.posthog.com/api/projects/2/hog_functions/");
    assert_string_equal(sent.authorization, "Authorization: Bearer phx_key");
    assert_string_equal(sent.body, "-");
    inquiry_close(&inquiry);
    inquiry = inquiry_of("GET", "/api/users/@me/");
    assert_string_equal(put(&inquiry).url,
                        "https://us.posthog.com/api/users/@me/");
    inquiry_close(&inquiry);
    inquiry = query_of(false);
    sent = put(&inquiry);
    assert_string_equal(sent.method, "POST");
    assert_non_null(strstr(sent.body, "\"kind\":\"HogQLQuery\""));
    inquiry_close(&inquiry);
}

static void without_a_project_only_what_is_above_one_is_asked(void **state)
{
    struct posthog nowhere = {.host = host, .key = key};
    struct question below = {.method = "GET", .path = "/hog_functions/"};
    struct question above = {.method = "GET", .path = "/api/users/@me/"};
    struct inquiry inquiry;
    struct err err;

    (void)state;
    assert_false(inquiry_open(&inquiry, &nowhere, &below, false, &err));
    assert_non_null(strstr(err.text, "which project?"));
    assert_true(inquiry_open(&inquiry, &nowhere, &above, false, &err));
    inquiry_close(&inquiry);
}

static void throttled_it_waits_as_long_as_it_is_told(void **state)
{
    static const char said[] =
        "{\"detail\":\"Request was throttled. Expected available in 62 "
        "seconds.\"}";
    struct inquiry inquiry = inquiry_of("POST", "/hog_functions/");
    struct err err;

    (void)state;
    assert_int_equal(answer(&inquiry, 429, said, &err), INQUIRY_AGAIN);
    assert_int_equal(inquiry_wait_ms(&inquiry), 62000);
    assert_true(inquiry_throttled(&inquiry));
    assert_int_equal(answer(&inquiry, 429, "{}", &err), INQUIRY_AGAIN);
    assert_int_equal(inquiry_wait_ms(&inquiry), 30000);
    assert_int_equal(answer(&inquiry, 201, "{\"id\":\"x\"}", &err),
                     INQUIRY_ANSWERED);
    assert_false(inquiry_throttled(&inquiry));
    inquiry_close(&inquiry);
}

static void a_quarter_of_an_hour_only_the_patient_wait(void **state)
{
    static const char said[] = "{\"detail\":\"Expected available in 3600 "
                               "seconds.\"}";
    struct inquiry inquiry = query_of(false);
    struct err err;

    (void)state;
    assert_int_equal(answer(&inquiry, 429, said, &err), INQUIRY_FAILED);
    assert_non_null(strstr(err.text, "asks to wait 3600 s"));
    inquiry_close(&inquiry);
    inquiry = query_of(true);
    for (int i = 0; i < 100; i++)
        assert_int_equal(answer(&inquiry, 429, said, &err), INQUIRY_AGAIN);
    assert_int_equal(inquiry_wait_ms(&inquiry), 3600000);
    inquiry_close(&inquiry);
}

static void a_stumbling_gateway_is_asked_four_times(void **state)
{
    struct inquiry inquiry = inquiry_of("GET", "/hog_functions/");
    struct err err;

    (void)state;
    for (unsigned wait = 1000; wait <= 4000; wait *= 2) {
        assert_int_equal(answer(&inquiry, 502, "<html>", &err), INQUIRY_AGAIN);
        assert_int_equal(inquiry_wait_ms(&inquiry), wait);
    }
    assert_int_equal(lose(&inquiry, CLIENT_DOUBT, &err), INQUIRY_FAILED);
    assert_string_equal(err.text, "cannot connect");
    inquiry_close(&inquiry);
}

static void what_changes_something_is_not_asked_for_twice(void **state)
{
    struct inquiry inquiry = inquiry_of("POST", "/hog_functions/");
    struct err err;

    (void)state;
    assert_int_equal(lose(&inquiry, CLIENT_DOUBT, &err), INQUIRY_FAILED);
    inquiry_close(&inquiry);
    inquiry = inquiry_of("PATCH", "/hog_functions/x/");
    assert_int_equal(answer(&inquiry, 502, "", &err), INQUIRY_FAILED);
    inquiry_close(&inquiry);
}

static void a_running_query_is_looked_at_until_it_is_done(void **state)
{
    static const char running[] =
        "{\"query_status\":{\"id\":\"0199f1\",\"complete\":false}}";
    struct inquiry inquiry = query_of(false);
    struct err err;

    (void)state;
    for (unsigned wait = 250; wait <= 1000; wait *= 2) {
        assert_int_equal(answer(&inquiry, 202, running, &err), INQUIRY_AGAIN);
        assert_int_equal(inquiry_wait_ms(&inquiry), wait);
    }
    assert_string_equal(put(&inquiry).url,
                        "https://us.posthog.com/api/projects/2/query/0199f1/");
    assert_string_equal(put(&inquiry).method, "GET");
    assert_int_equal(
        answer(&inquiry, 200,
               "{\"query_status\":{\"id\":\"0199f1\",\"complete\":true,"
               "\"results\":{\"columns\":[\"a\"],\"results\":[[1]]}}}",
               &err),
        INQUIRY_ANSWERED);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(
                         inquiry_answer(&inquiry), "results")),
                     1);
    inquiry_close(&inquiry);
}

static void an_id_that_is_no_id_does_not_get_into_an_address(void **state)
{
    struct inquiry inquiry = query_of(false);
    struct err err;

    (void)state;
    assert_int_equal(answer(&inquiry, 202,
                            "{\"query_status\":{\"id\":\"../../users/1\","
                            "\"complete\":false}}",
                            &err),
                     INQUIRY_FAILED);
    inquiry_close(&inquiry);
}

static void fail_query(int status, const char *body, const char *why)
{
    struct inquiry inquiry = query_of(false);
    struct err err;

    assert_int_equal(answer(&inquiry, status, body, &err), INQUIRY_FAILED);
    if (!strstr(err.text, why))
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
    inquiry_close(&inquiry);
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

static void half_a_character_does_not_cost_the_answer(void **state)
{
    struct inquiry inquiry = query_of(false);
    struct err err;
    size_t len;

    (void)state;
    assert_int_equal(answer(&inquiry, 200,
                            "{\"columns\":[\"a\"],\"results\":"
                            "[[\"\\ud83d\",9007199254740993]]}",
                            &err),
                     INQUIRY_ANSWERED);
    assert_non_null(strstr(inquiry_raw(&inquiry, &len), "9007199254740993"));
    inquiry_close(&inquiry);
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
        cmocka_unit_test(half_a_character_does_not_cost_the_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
