/* net/http_rules: which heads are understood, and how the rest is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/http_rules.h"

#include "base/limits.h"

#define LINE "POST /hook HTTP/1.1\r\nHost: a\r\n"

static struct http_head head;

/* The status that a whole head is refused with; 0: taken. */
static int parse(const char *text)
{
    const char *why = "";
    size_t at = 0;
    long end = http_head_end(text, strlen(text), &at);

    if (end <= 0)
        return end < 0 ? -1 : 1;
    return http_head_parse(&head, text, (size_t)end, &why);
}

static int parse_bytes(const char *text, size_t len)
{
    size_t at = 0;
    const char *why = "";
    long end = http_head_end(text, len, &at);

    return end <= 0 ? (int)end
                    : http_head_parse(&head, text, (size_t)end, &why);
}

static void a_plain_request_is_understood(void **state)
{
    const struct http_field *field;

    (void)state;
    assert_int_equal(parse("POST /hook/a%20b?x=1&y HTTP/1.1\r\n"
                           "hOST:  a.example \r\n"
                           "Content-Length: 12\r\n"
                           "X-Empty:\r\n\r\n"),
                     0);
    assert_string_equal(head.method, "POST");
    assert_string_equal(head.path, "/hook/a b");
    assert_int_equal(head.query_len, 5);
    assert_memory_equal(head.query, "x=1&y", 5);
    assert_int_equal(head.content_length, 12);
    assert_int_equal(head.field_count, 3);
    assert_true(head.keep_alive);
    assert_false(head.chunked);
    field = http_head_field(&head, "host");
    assert_non_null(field);
    assert_int_equal(field->value_len, 9);
    assert_memory_equal(field->value, "a.example", 9);
    assert_null(http_head_field(&head, "x-other"));
}

static void an_escaped_slash_separates_nothing(void **state)
{
    (void)state;
    assert_int_equal(parse("GET /hook/a%2Fb%2fc%20d?q=a%2Fb HTTP/1.1\r\n"
                           "Host: a.example\r\n\r\n"),
                     0);
    assert_string_equal(head.path, "/hook/a%2Fb%2fc d");
    assert_memory_equal(head.query, "q=a%2Fb", 7);
}

static void a_head_ends_at_its_empty_line_however_it_is_cut(void **state)
{
    const char text[] = LINE "\r\nbody\r\n\r\n";
    size_t head_len = strlen(LINE) + 2, at = 0;

    (void)state;
    for (size_t len = 0; len < head_len; len++)
        assert_int_equal(http_head_end(text, len, &at), 0);
    assert_int_equal(http_head_end(text, head_len, &at), head_len);
    at = 0;
    assert_int_equal(http_head_end(text, strlen(text), &at), head_len);
}

static void lines_end_in_crlf_and_hold_no_nul(void **state)
{
    (void)state;
    assert_int_equal(parse("POST / HTTP/1.1\nHost: a\n\n"), -1);
    assert_int_equal(parse("\n"), -1);
    assert_int_equal(parse(LINE "X: a\nY: b\r\n\r\n"), -1);
    assert_int_equal(parse_bytes(LINE "X: a\0b\r\n\r\n", 40), -1);
    assert_int_equal(parse(LINE "X: a\rb\r\n\r\n"), 400);
}

static void bad_request_lines_are_refused(void **state)
{
    static const char *const lines[] = {
        "POST /hook\r\n",
        " POST / HTTP/1.1\r\n",
        "POST  / HTTP/1.1\r\n",
        "POST / HTTP/1.1 \r\n",
        "POST / http/1.1\r\n",
        "POST / HTTP/11\r\n",
        "POST hook HTTP/1.1\r\n",
        "P:ST / HTTP/1.1\r\n",
        "POST /#top HTTP/1.1\r\n",
        "POST /%4 HTTP/1.1\r\n",
        "POST /%00 HTTP/1.1\r\n",
        "POST /\t HTTP/1.1\r\n",
        "POST /\xc3\xa9 HTTP/1.1\r\n",
        "SEVENTEEN-LETTERS / HTTP/1.1\r\n",
        "CONNECT a.example:443 HTTP/1.1\r\n",
    };
    char text[200];

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        snprintf(text, sizeof text, "%sHost: a\r\n\r\n", lines[i]);
        assert_int_equal(parse(text), 400);
    }
    assert_int_equal(parse("PRI * HTTP/2.0\r\n\r\n"), 505);
    assert_int_equal(parse("GET / HTTP/0.9\r\n\r\n"), 505);
    assert_int_equal(parse("GET / HTTP/1.0\r\n\r\n"), 0);
}

static void the_absolute_form_names_the_same_path(void **state)
{
    (void)state;
    assert_int_equal(parse("POST http://a.example:8420/hook HTTP/1.1\r\n"
                           "Host: a\r\n\r\n"),
                     0);
    assert_string_equal(head.path, "/hook");
    assert_int_equal(parse("POST http://a.example HTTP/1.1\r\n"
                           "Host: a\r\n\r\n"),
                     400);
}

static void bad_header_lines_are_refused(void **state)
{
    static const char *const lines[] = {
        "X a",     ": a",           "X : a",    " folded: a",
        "\tX: a",  "X: a\x01",      "X: a\x7f", "X\x80: a",
        "Host: b", "Expect tea: x", "(X): a",
    };
    char text[200];

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        snprintf(text, sizeof text, LINE "%s\r\n\r\n", lines[i]);
        assert_int_equal(parse(text), 400);
    }
    assert_int_equal(parse("POST / HTTP/1.1\r\n\r\n"), 400);
    assert_int_equal(parse(LINE "X: caf\xc3\xa9\r\n\r\n"), 0);
}

static void only_one_run_of_digits_is_a_length(void **state)
{
    static const char *const bad[] = {"-5",  "+5",  "12abc", "0x10", "5, 5",
                                      "5 5", "1e3", "",      "5.0",  "\xb2"};
    char text[200];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, LINE "Content-Length: %s\r\n\r\n", bad[i]);
        assert_int_equal(parse(text), 400);
    }
    assert_int_equal(parse(LINE "Content-Length: 00012\r\n\r\n"), 0);
    assert_int_equal(head.content_length, 12);
    assert_int_equal(parse(LINE "Content-Length: 2\r\n"
                                "Content-Length: 2\r\n\r\n"),
                     400);
}

static void a_length_too_large_to_hold_is_too_large(void **state)
{
    const char *why;

    (void)state;
    assert_int_equal(
        parse(LINE "Content-Length: 184467440737095516160000005\r\n\r\n"), 0);
    assert_int_equal(http_body_check(&head, 1000, &why), 413);
    assert_int_equal(parse(LINE "Content-Length: 1001\r\n\r\n"), 0);
    assert_int_equal(http_body_check(&head, 1000, &why), 413);
    assert_int_equal(parse(LINE "Content-Length: 1000\r\n\r\n"), 0);
    assert_int_equal(http_body_check(&head, 1000, &why), 0);
}

static void transfer_encoding_is_chunked_alone(void **state)
{
    (void)state;
    assert_int_equal(parse(LINE "Transfer-Encoding: CHUNKED\r\n\r\n"), 0);
    assert_true(head.chunked);
    assert_int_equal(parse(LINE "Transfer-Encoding: chunked\r\n"
                                "Content-Length: 2\r\n\r\n"),
                     400);
    assert_int_equal(parse(LINE "Transfer-Encoding: gzip, chunked\r\n\r\n"),
                     501);
    assert_int_equal(parse(LINE "Transfer-Encoding: chunked\r\n"
                                "Transfer-Encoding: chunked\r\n\r\n"),
                     400);
    assert_int_equal(
        parse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

static void a_body_is_asked_for_by_its_length(void **state)
{
    const char *why;

    (void)state;
    assert_int_equal(parse(LINE "\r\n"), 0);
    assert_int_equal(http_body_check(&head, 1000, &why), 411);
    assert_int_equal(parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
    assert_int_equal(http_body_check(&head, 1000, &why), 0);
    assert_int_equal(parse(LINE "Content-Length: 2\r\n"
                                "Content-Encoding: gzip\r\n\r\n"),
                     0);
    assert_int_equal(http_body_check(&head, 1000, &why), 415);
    assert_int_equal(parse(LINE "Content-Length: 2\r\n"
                                "Content-Encoding: Identity\r\n\r\n"),
                     0);
    assert_int_equal(http_body_check(&head, 1000, &why), 0);
}

static void connection_says_whether_to_stay(void **state)
{
    (void)state;
    parse(LINE "Connection: TE, Close\r\n\r\n");
    assert_false(head.keep_alive);
    parse(LINE "Connection: closed\r\n\r\n");
    assert_true(head.keep_alive);
    parse("GET / HTTP/1.0\r\n\r\n");
    assert_false(head.keep_alive);
    parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_true(head.keep_alive);
}

static void only_100_continue_can_be_expected(void **state)
{
    (void)state;
    assert_int_equal(parse(LINE "Expect: 100-Continue\r\n\r\n"), 0);
    assert_true(head.expect_continue);
    assert_int_equal(parse(LINE "Expect: tea\r\n\r\n"), 417);
}

static void too_many_headers_and_too_long_addresses_are_refused(void **state)
{
    char *text = malloc(20000);
    size_t used = 0;

    (void)state;
    used += (size_t)snprintf(text, 20000, "%s", LINE);
    for (int i = 0; i < LIMIT_HTTP_FIELDS; i++)
        used += (size_t)snprintf(text + used, 20000 - used, "X: a\r\n");
    snprintf(text + used, 20000 - used, "\r\n");
    assert_int_equal(parse(text), 431);
    memcpy(text, "GET /", 5);
    memset(text + 5, 'a', LIMIT_HTTP_TARGET);
    snprintf(text + 5 + LIMIT_HTTP_TARGET, 100,
             " HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(parse(text), 414);
    snprintf(text + 4 + LIMIT_HTTP_TARGET, 100,
             " HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(parse(text), 0);
    assert_int_equal(strlen(head.path), LIMIT_HTTP_TARGET);
    free(text);
}

static void parameters_are_decoded(void **state)
{
    const char *query = "q=a+b%3Dc&limit=5&empty=&bad=%zz&long=12345";
    char out[6];

    (void)state;
    assert_true(http_query_param(query, strlen(query), "q", out, 6));
    assert_string_equal(out, "a b=c");
    assert_true(http_query_param(query, strlen(query), "limit", out, 6));
    assert_string_equal(out, "5");
    assert_true(http_query_param(query, strlen(query), "empty", out, 6));
    assert_string_equal(out, "");
    assert_false(http_query_param(query, strlen(query), "bad", out, 6));
    assert_false(http_query_param(query, strlen(query), "lim", out, 6));
    assert_true(http_query_param(query, strlen(query), "long", out, 6));
    assert_false(http_query_param(query, strlen(query), "long", out, 5));
}

static bool has_param(const char *query, const char *name)
{
    return http_query_has(query, strlen(query), name);
}

static void a_parameter_is_there_whether_it_can_be_read_or_not(void **state)
{
    char out[6] = "x";

    (void)state;
    assert_true(has_param("a=%zz&b", "a"));
    assert_true(has_param("a=%zz&b", "b"));
    assert_false(has_param("ab=1&b", "a"));
    assert_false(has_param("", "a"));
    assert_true(http_query_param("b&a=1", 5, "b", out, sizeof out));
    assert_string_equal(out, "");
    assert_true(http_query_param("b&a=1", 5, "a", out, sizeof out));
    assert_string_equal(out, "1");
}

static bool whole(const char *query)
{
    return http_query_whole(query, strlen(query));
}

static void a_query_string_is_whole_where_each_escape_is_one(void **state)
{
    (void)state;
    assert_true(whole(""));
    assert_true(whole("q=a+b%3Dc&x=%c3%A9"));
    assert_false(whole("q=%zz"));
    assert_false(whole("q=1&other=%"));
    assert_false(whole("q=%4"));
    assert_false(whole("q=%00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_request_is_understood),
        cmocka_unit_test(an_escaped_slash_separates_nothing),
        cmocka_unit_test(a_head_ends_at_its_empty_line_however_it_is_cut),
        cmocka_unit_test(lines_end_in_crlf_and_hold_no_nul),
        cmocka_unit_test(bad_request_lines_are_refused),
        cmocka_unit_test(the_absolute_form_names_the_same_path),
        cmocka_unit_test(bad_header_lines_are_refused),
        cmocka_unit_test(only_one_run_of_digits_is_a_length),
        cmocka_unit_test(a_length_too_large_to_hold_is_too_large),
        cmocka_unit_test(transfer_encoding_is_chunked_alone),
        cmocka_unit_test(a_body_is_asked_for_by_its_length),
        cmocka_unit_test(connection_says_whether_to_stay),
        cmocka_unit_test(only_100_continue_can_be_expected),
        cmocka_unit_test(too_many_headers_and_too_long_addresses_are_refused),
        cmocka_unit_test(parameters_are_decoded),
        cmocka_unit_test(a_parameter_is_there_whether_it_can_be_read_or_not),
        cmocka_unit_test(a_query_string_is_whole_where_each_escape_is_one),
    };

    return cmocka_run_group_tests_name("http_rules", tests, NULL, NULL);
}
