/* slice and json_tree: strict JSON, the raw ranges in it, its tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "base/limits.h"
#include "base/mem.h"
#include "event/json_tree.h"
#include "event/slice.h"

#include "base/banned.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static bool check(const char *text, struct err *err)
{
    return slice_check(text, strlen(text), err);
}

static struct slice all(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static void assert_slice(struct slice value, const char *text)
{
    assert_int_equal(value.len, strlen(text));
    assert_memory_equal(value.at, text, value.len);
}

static void json_passes_in_every_form(void **state)
{
    static const char *const good[] = {
        "{}",
        "[]",
        " [ ] ",
        "0",
        "-0.5e+10",
        "1E400",
        "\"\"",
        "true",
        "null",
        "\xef\xbb\xbf{\"a\":1}",
        "\r\n\t{ \"a\" : [ 1 , { } , \"\\u00e9\\n\" ] , \"a\" : false }\n",
        "\"\\ud83d\"",
        "{\"\":{\"\":[]}}",
        "\"\x7f \xc2\x9b \xf0\x9f\x8d\xb3\"",
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(check(good[i], &err));
}

static void what_is_no_json_is_refused_with_the_byte(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"", "the body is empty"},
        {" \n", "the body is empty"},
        {"hello", "not JSON: an unexpected character at byte 0"},
        {"{\"a\":NaN}", "not JSON: an unexpected character at byte 5"},
        {"{\"a\":1", "not JSON: it ends too early at byte 6"},
        {"{\"a\":\"b",
         "not JSON: it ends in the middle of a string at byte 7"},
        {"{\"a\" 1}", "not JSON: a ':' is missing at byte 5"},
        {"{\"a\":1,}", "not JSON: a key in quotes is missing at byte 7"},
        {"[1,]", "not JSON: an unexpected character at byte 3"},
        {"[,1]", "not JSON: an unexpected character at byte 1"},
        {"[1 2]", "not JSON: a ',' is missing at byte 3"},
        {"{a:1}", "not JSON: a key in quotes is missing at byte 1"},
        {"{\"a\":1}{}", "not JSON: something follows the JSON at byte 7"},
        {"0123", "not JSON: something follows the JSON at byte 1"},
        {"1.", "not JSON: a bad number at byte 2"},
        {"-", "not JSON: a bad number at byte 1"},
        {"1e", "not JSON: a bad number at byte 2"},
        {"\"\\x\"", "not JSON: a bad escape in a string at byte 2"},
        {"\"\\u12g4\"", "not JSON: a bad \\u escape in a string at byte 5"},
        {"\"a\nb\"",
         "not JSON: a raw control character in a string at byte 2"},
        {"[\"\xc3\x28\"]", "invalid UTF-8 at byte 2"},
        {"]", "not JSON: an unexpected character at byte 0"},
        {"[}", "not JSON: an unexpected character at byte 1"},
        {"truest", "not JSON: something follows the JSON at byte 4"},
        {"tru", "not JSON: an unexpected character at byte 0"},
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(check(bad[i].text, &err));
        assert_string_equal(err.text, bad[i].says);
    }
}

static void a_nul_byte_is_never_json(void **state)
{
    struct err err;

    (void)state;
    assert_false(slice_check("[1]\0", 4, &err));
    assert_false(slice_check("\"a\0b\"", 5, &err));
    assert_false(slice_check("[\0]", 3, &err));
}

static void nesting_ends_at_a_thousand(void **state)
{
    char *text = xmalloc(4 * LIMIT_JSON_DEPTH);
    struct err err;

    (void)state;
    memset(text, '[', LIMIT_JSON_DEPTH);
    memset(text + LIMIT_JSON_DEPTH, ']', LIMIT_JSON_DEPTH);
    assert_true(slice_check(text, 2 * LIMIT_JSON_DEPTH, &err));
    memset(text, '[', LIMIT_JSON_DEPTH + 1);
    assert_false(slice_check(text, 2 * LIMIT_JSON_DEPTH, &err));
    assert_string_equal(err.text,
                        "not JSON: nested deeper than 1,000 at byte 1000");
    free(text);
}

static void members_are_found_as_they_stand(void **state)
{
    static const char text[] =
        "{ \"n\" : 9007199254740993 , \"s\":\"a \\\"} b\", "
        "\"\\u0061b\":[1, 2 ,{\"x\":1.50}], \"n\":2, \"\":true }";
    struct slice value;

    (void)state;
    assert_true(slice_member(all(text), "n", &value));
    assert_slice(value, "9007199254740993");
    assert_true(slice_member(all(text), "s", &value));
    assert_slice(value, "\"a \\\"} b\"");
    assert_true(slice_member(all(text), "ab", &value));
    assert_slice(value, "[1, 2 ,{\"x\":1.50}]");
    assert_true(slice_member(all(text), "", &value));
    assert_slice(value, "true");
    assert_false(slice_member(all(text), "x", &value));
    assert_false(slice_member(all("[1]"), "0", &value));
    assert_false(slice_member(all("7"), "a", &value));
}

static void paths_go_into_objects_and_lists(void **state)
{
    static const char text[] =
        "{\"a\":{\"b.c\":1,\"b\":{\"c\":2}},\"l\":[10,{\"x\":[true]}],"
        "\"$groups\":{\"organization\":\"o\"}}";
    struct slice value;

    (void)state;
    assert_true(slice_path(all(text), "a.b.c", &value));
    assert_slice(value, "1"); /* the longest key wins */
    assert_true(slice_path(all(text), "a.b", &value));
    assert_slice(value, "{\"c\":2}");
    assert_true(slice_path(all(text), "l.1.x.0", &value));
    assert_slice(value, "true");
    assert_true(slice_path(all(text), "$groups.organization", &value));
    assert_slice(value, "\"o\"");
    assert_false(slice_path(all(text), "l.2", &value));
    assert_false(slice_path(all(text), "l.x", &value));
    assert_false(slice_path(all(text), "a.b.c.d", &value));
    assert_false(slice_path(all(text), "org", &value));
}

static void strings_are_unescaped_and_never_cut(void **state)
{
    static const struct {
        const char *json, *plain;
    } cases[] = {
        {"\"a\\n\\t\\\"\\\\\\/\\b\\f\\r\"", "a\n\t\"\\/\b\f\r"},
        {"\"\\u00e9\\u20ac\\ud83c\\udf73\"", "\xc3\xa9\xe2\x82\xac"
                                             "\xf0\x9f\x8d\xb3"},
        {"\"x\\ud83dy\"", "x\xef\xbf\xbdy"},
        {"\"x\\udc00y\"", "x\xef\xbf\xbdy"},
        {"\"\\ud83d\\ud83c\\udf73\"", "\xef\xbf\xbd\xf0\x9f\x8d\xb3"},
        {"\"a\\u0000b\"", "a\xef\xbf\xbd"
                          "b"},
        {"\"\\ud83d\\n\"", "\xef\xbf\xbd\n"},
    };
    struct buf out;

    (void)state;
    buf_init(&out, 100);
    for (size_t i = 0; i < COUNT(cases); i++) {
        buf_clear(&out);
        assert_true(slice_string(all(cases[i].json), &out));
        assert_string_equal(out.data, cases[i].plain);
    }
    assert_false(slice_string(all("12"), &out));
    buf_free(&out);
}

static void compact_text_keeps_numbers_and_clean_strings(void **state)
{
    static const char text[] =
        "{ \"a b\" : 1.50 , \"n\":\r\n[ 12345678901234567890, 1e400 ],\t"
        "\"s\":\"x  \\u00e9 \xc3\xa9\" }";
    struct buf out;

    (void)state;
    buf_init(&out, 200);
    assert_true(slice_compact(&out, all(text)));
    assert_string_equal(out.data,
                        "{\"a b\":1.50,\"n\":[12345678901234567890,1e400],"
                        "\"s\":\"x  \\u00e9 \xc3\xa9\"}");
    buf_free(&out);
}

static void compact_text_escapes_what_could_fool_a_terminal(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 200);
    slice_compact(&out, all("{\"\xc2\x9b"
                            "2J\":\"\x7f \xe2\x80\xae \xd8\x9c "
                            "\xe2\x81\xa6 \xe2\x82\xac\"}"));
    assert_string_equal(out.data, "{\"\\u009b2J\":\"\\u007f \\u202e \\u061c "
                                  "\\u2066 \xe2\x82\xac\"}");
    buf_free(&out);
}

static bool raw_is(const cJSON *node, const char *expected)
{
    struct slice raw = json_raw(node);

    return raw.len == strlen(expected) &&
           memcmp(raw.at, expected, raw.len) == 0;
}

static void what_cannot_be_seen_is_escaped(void **state)
{
    static const char json[] = "\"a\xe2\x80\x8b"   /* zero-width space */
                               "b\xf3\xa0\x81\x81" /* tag A */
                               "c\xee\x80\x80"     /* private use */
                               "d\xf4\x8f\xbf\xbd" /* private, plane 16 */
                               "e\xef\xbb\xbf"     /* byte order mark */
                               "f\xe3\x83\xac\xe2\x82\xac"
                               "\xf0\x9f\x98\x80\xef\xbc\xa1\"";
    struct slice value = {json, sizeof json - 1};
    struct buf out;

    (void)state;
    buf_init(&out, 1000);
    assert_true(slice_compact(&out, value));
    assert_string_equal(out.data,
                        "\"a\\u200bb\\udb40\\udc41c\\ue000d\\udbff\\udffde"
                        "\\ufefff\xe3\x83\xac\xe2\x82\xac"
                        "\xf0\x9f\x98\x80\xef\xbc\xa1\"");
    buf_free(&out);
}

static void a_tree_says_what_the_text_says(void **state)
{
    static const char text[] = "\xef\xbb\xbf {\"a\" : {}, \"b\\n\\\"\":[ "
                               "1,-2.5e1 ,[],true],\"a\":null,"
                               "\"\":\"x\\u00e9\\/\\ud83d\\ude00\\\\\"} ";
    struct arena arena = ARENA_INIT;
    const cJSON *root = json_tree(all(text), &arena, NULL), *list, *node;

    (void)state;
    assert_true(cJSON_IsObject(root) && !root->string);
    assert_int_equal(json_raw(root).len, strlen(text) - 5);
    assert_int_equal(cJSON_GetArraySize(root), 4);
    assert_true(cJSON_IsObject(cJSON_GetObjectItem(root, "a")));
    list = cJSON_GetObjectItemCaseSensitive(root, "b\n\"");
    assert_true(raw_is(list, "[ 1,-2.5e1 ,[],true]"));
    assert_true(cJSON_GetArrayItem(list, 0)->valuedouble == 1);
    assert_true(cJSON_GetArrayItem(list, 1)->valuedouble == -25);
    assert_true(raw_is(cJSON_GetArrayItem(list, 1), "-2.5e1"));
    assert_true(cJSON_IsArray(cJSON_GetArrayItem(list, 2)));
    assert_true(cJSON_IsTrue(cJSON_GetArrayItem(list, 3)));
    assert_string_equal(
        cJSON_GetObjectItemCaseSensitive(root, "")->valuestring, "xé/😀\\");
    for (node = root; json_after(node); node = json_after(node))
        assert_true(json_raw(json_after(node)).at > json_raw(node).at);
    assert_string_equal(node->string, "");
    arena_free(&arena);
}

static double number(const char *text)
{
    struct arena arena = ARENA_INIT;
    double value = json_tree(all(text), &arena, NULL)->valuedouble;

    arena_free(&arena);
    return value;
}

/* As cJSON reads them, and those too that are too long for it. */
static void a_tree_reads_what_cjson_trips_over(void **state)
{
    static const char text[] =
        "\"\\ud83d \\ud83d\\ude00 \\u0000 \\\\u0000 \\udc00\"";
    struct arena arena = ARENA_INIT;

    (void)state;
    assert_string_equal(json_tree(all(text), &arena, NULL)->valuestring,
                        "\xef\xbf\xbd 😀 \xef\xbf\xbd \\u0000 "
                        "\xef\xbf\xbd");
    arena_free(&arena);
    assert_true(number("0") == 0 && !signbit(number("0")));
    assert_true(number("-0") == 0 && signbit(number("-0")));
    assert_true(number("999999999999999") == 999999999999999.0);
    assert_true(number("-123456789012345") == -123456789012345.0);
    assert_true(number("9007199254740993") == 9007199254740992.0);
    assert_true(number("0.1") == 0.1);
    assert_true(number("1E3") == 1000);
    assert_true(
        number("3.14159265358979323846264338327950288419716939937510582097494"
               "4592307816406286") == 3.14159265358979323846);
}

static void strings_that_are_no_keys_are_walked(void **state)
{
    static const char text[] = "{\"a\" : \"1\",\"b\":[\"2\",{\"c\":\"3\"}]}";
    const char *cursor = NULL;
    struct slice value;

    (void)state;
    for (char expected = '1'; expected <= '3'; expected++) {
        assert_true(slice_next_string(all(text), &cursor, &value));
        assert_int_equal(value.at[1], expected);
    }
    assert_false(slice_next_string(all(text), &cursor, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_passes_in_every_form),
        cmocka_unit_test(what_is_no_json_is_refused_with_the_byte),
        cmocka_unit_test(a_nul_byte_is_never_json),
        cmocka_unit_test(nesting_ends_at_a_thousand),
        cmocka_unit_test(members_are_found_as_they_stand),
        cmocka_unit_test(paths_go_into_objects_and_lists),
        cmocka_unit_test(strings_are_unescaped_and_never_cut),
        cmocka_unit_test(what_cannot_be_seen_is_escaped),
        cmocka_unit_test(compact_text_keeps_numbers_and_clean_strings),
        cmocka_unit_test(compact_text_escapes_what_could_fool_a_terminal),
        cmocka_unit_test(a_tree_says_what_the_text_says),
        cmocka_unit_test(a_tree_reads_what_cjson_trips_over),
        cmocka_unit_test(strings_that_are_no_keys_are_walked),
    };

    return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
