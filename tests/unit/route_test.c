/* route: which route a request is for, and what the route is shown of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/conn.h"

#include "base/banned.h"

#define TEXT "GET /a HTTP/1.1\r\nhost: x\r\nx-word: four\r\n\r\n"

static struct server server;

static struct http_head head_of(const char *method, const char *path)
{
    struct http_head head = {.content_length = -1};

    memcpy(head.method, method, strlen(method));
    memcpy(head.path, path, strlen(path));
    return head;
}

static const struct route *find(const char *method, const char *path,
                                struct route_miss *miss)
{
    struct http_head head = head_of(method, path);

    memset(miss, 0, sizeof *miss);
    return route_find(server.routes, &head, miss);
}

static int make_routes(void **state)
{
    static const struct route routes[] = {
        {.methods = "GET", .path = "/events"},
        {.methods = "POST PUT", .path = "/hook/*"},
        {.methods = "DELETE", .path = "/hook/*"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        server_route(&server, &routes[i]);
    return 0;
}

static int drop_routes(void **state)
{
    (void)state;
    routes_free(server.routes);
    return 0;
}

static void a_route_is_found_by_method_and_path(void **state)
{
    struct route_miss miss;

    (void)state;
    assert_string_equal(find("GET", "/events", &miss)->path, "/events");
    assert_string_equal(find("HEAD", "/events", &miss)->path, "/events");
    assert_string_equal(find("PUT", "/hook/x", &miss)->methods, "POST PUT");
    assert_string_equal(find("DELETE", "/hook/x", &miss)->methods, "DELETE");
}

static void what_misses_is_told_why(void **state)
{
    static const char *const nowhere[] = {"/",     "/event", "/events/",
                                          "/hook", "/hook/", "/hook/a/b"};
    struct route_miss miss;

    (void)state;
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        assert_null(find("GET", nowhere[i], &miss));
        assert_int_equal(miss.status, 404);
        assert_string_equal(miss.headers, "");
    }
    assert_null(find("GET", "/hook/x", &miss));
    assert_int_equal(miss.status, 405);
    assert_string_equal(miss.headers, "Allow: POST, PUT, DELETE\r\n");
    assert_null(find("PO", "/hook/x", &miss));
    assert_int_equal(miss.status, 405);
}

/* Whoever asks must not take what was in its memory before for a header. */
static void a_header_is_given_whole_or_not_at_all(void **state)
{
    struct http_head head;
    const struct request request = {.query = "", .impl = &head};
    const char *why;
    char out[8] = "before";

    (void)state;
    assert_int_equal(http_head_parse(&head, TEXT, sizeof TEXT - 1, &why), 0);
    assert_true(request_header(&request, "x-word", out, 5));
    assert_string_equal(out, "four");
    assert_false(request_header(&request, "x-word", out, 4));
    assert_false(request_header(&request, "x-other", out, sizeof out));
    assert_true(request_has_header(&request, "x-word"));
    assert_false(request_has_header(&request, "x-other"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_is_found_by_method_and_path),
        cmocka_unit_test(what_misses_is_told_why),
        cmocka_unit_test(a_header_is_given_whole_or_not_at_all),
    };

    return cmocka_run_group_tests_name("route", tests, make_routes,
                                       drop_routes);
}
