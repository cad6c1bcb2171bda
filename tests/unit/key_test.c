/* What is read from PostHog's answer about a key, where a key is looked for,
 * and the queries for accounts that are known by a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "posthog/book_source.h"
#include "posthog/key.h"

static struct key_facts facts_of(const char *text)
{
    struct key_facts facts;

    assert_true(key_read(&facts, cJSON_Parse(text)));
    return facts;
}

static void misses(const char *scopes, size_t count, const char *wanted)
{
    struct key_facts facts;
    struct buf text, missing;

    buf_init(&text, KIB);
    buf_init(&missing, KIB);
    buf_addf(&text, "{\"scopes\":[%s]}", scopes);
    facts = facts_of(text.data);
    assert_int_equal(key_missing(&facts, &missing), count);
    assert_string_equal(missing.data, wanted);
    key_free(&facts);
    buf_free(&missing);
    buf_free(&text);
}

static void all_missing_scopes_are_named_at_once(void **state)
{
    (void)state;
    misses("", 4,
           "user:read, query:read, hog_function:read and "
           "hog_function:write");
    misses("\"user:read\",\"query:read\"", 2,
           "hog_function:read and hog_function:write");
    misses("\"user:read\",\"hog_function:write\",1,null", 1, "query:read");
    misses("\"user:read\",\"query:read\",\"hog_function:read\"", 1,
           "hog_function:write");
}

static void write_includes_read_and_a_star_everything(void **state)
{
    struct key_facts facts =
        facts_of("{\"scopes\":[\"hog_function:write\",\"user:read\","
                 "\"query_extra:write\"]}");

    (void)state;
    assert_true(key_has(&facts, "hog_function:read"));
    assert_true(key_has(&facts, "user:read"));
    assert_false(key_has(&facts, "user:write"));
    assert_false(key_has(&facts, "query:read"));
    assert_false(key_has(&facts, "hog:read"));
    key_free(&facts);
    misses("\"*\"", 0, "");
    misses("\"user:write\",\"query:write\",\"hog_function:write\"", 0, "");
}

static void a_limited_key_sees_its_projects_only(void **state)
{
    struct key_facts facts =
        facts_of("{\"label\":\"x\",\"scopes\":[],\"scoped_teams\":[3,71]}");
    struct buf projects;

    (void)state;
    buf_init(&projects, KIB);
    assert_true(key_allows(&facts, "3"));
    assert_true(key_allows(&facts, "71"));
    assert_false(key_allows(&facts, "7"));
    assert_false(key_allows(&facts, "2"));
    assert_int_equal(key_projects(&facts, &projects), 2);
    assert_string_equal(projects.data, "3, 71");
    buf_clear(&projects);
    key_label(&facts, &projects);
    assert_string_equal(projects.data, "\"x\" ");
    key_free(&facts);
    buf_free(&projects);
}

static void the_name_of_a_key_is_made_harmless(void **state)
{
    struct key_facts facts =
        facts_of("{\"label\":\"a\\u001b[2Jb\\nc\",\"scopes\":[]}");
    struct buf label;

    (void)state;
    buf_init(&label, KIB);
    key_label(&facts, &label);
    assert_null(strpbrk(label.data, "\033\n"));
    assert_non_null(strchr(label.data, 'b'));
    key_free(&facts);
    buf_free(&label);
}

static void a_key_without_limits_sees_every_project(void **state)
{
    static const char *const texts[] = {
        "{\"scopes\":[]}", "{\"scopes\":[],\"scoped_teams\":null}",
        "{\"scopes\":[],\"scoped_teams\":[]}"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct key_facts facts = facts_of(texts[i]);

        assert_true(key_allows(&facts, "2"));
        key_free(&facts);
    }
}

static void an_answer_about_something_else_tells_nothing(void **state)
{
    struct key_facts facts;
    struct buf label;

    (void)state;
    buf_init(&label, KIB);
    assert_false(key_read(&facts, cJSON_Parse("{\"scopes\":\"*\"}")));
    assert_false(key_read(&facts, cJSON_Parse("[]")));
    assert_null(facts.answer);
    key_label(&facts, &label);
    assert_string_equal(label.data, "");
    buf_free(&label);
    assert_true(key_allows(&facts, "2"));
    key_free(&facts);
}

static void
a_key_unknown_in_us_is_looked_for_in_eu_and_nowhere_else(void **state)
{
    (void)state;
    assert_string_equal(key_next_host("us"), "eu");
    assert_null(key_next_host("eu"));
    assert_null(key_next_host("https://posthog.example.com"));
}

static void a_word_names_a_place_and_anything_else_is_a_query(void **state)
{
    (void)state;
    assert_null(book_source_named("SELECT 1 AS organization_id"));
    assert_null(book_source_named(NULL));
    assert_ptr_equal(book_source_named("customer_analytics"),
                     &book_sources[0]);
    assert_ptr_equal(book_source_named("vitally"), &book_sources[1]);
    assert_ptr_equal(book_source_named("salesforce"), &book_sources[2]);
}

static void filled(const char *sql, const struct book_terms *terms,
                   const char *expected)
{
    struct buf out;
    struct err err = {""};

    buf_init(&out, 4 * KIB);
    assert_true(book_source_fill(sql, terms, &out, &err));
    assert_string_equal(out.data, expected);
    buf_free(&out);
}

static void marks_are_filled_in_and_nothing_gets_out_of_them(void **state)
{
    struct book_terms terms = {"csm@team.example", "178",
                               "CSM,  O'Hara's \\ ,", "", "eu_"};
    struct buf out;
    struct err err = {""};

    (void)state;
    filled("a = {email} ;\n ", &terms, "a = 'csm@team.example'");
    filled("a = '{email}'", &terms, "a = 'csm@team.example'");
    filled("{user}{roles}{mrr} {prefix}x", &terms,
           "178 AND lower(d.name) IN ('csm', 'o\\'hara\\'s \\\\') eu_x");
    terms.roles = "any";
    terms.mrr = "m1";
    filled("x{roles}{mrr}", &terms,
           "x, toFloat(a.custom_properties.values.`m1`) AS mrr, "
           "toFloat(a.custom_properties.values.`m1`) * 12 AS arr");
    terms.user = NULL;
    buf_init(&out, KIB);
    assert_false(book_source_fill("{user}", &terms, &out, &err));
    assert_non_null(strstr(err.text, "who csm@team.example is"));
    buf_free(&out);
}

/* Paging adds its own order and limit, and reads these columns. */
static void queries_known_by_a_word_can_be_paged(void **state)
{
    (void)state;
    for (size_t i = 0; i < BOOK_SOURCES; i++) {
        const char *sql = book_sources[i].sql;

        assert_null(strstr(sql, "ORDER BY"));
        assert_null(strstr(sql, "LIMIT"));
        assert_non_null(strstr(sql, "organization_id"));
        assert_non_null(strstr(sql, "organization_name"));
        assert_non_null(strstr(sql, "{email}"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_missing_scopes_are_named_at_once),
        cmocka_unit_test(write_includes_read_and_a_star_everything),
        cmocka_unit_test(a_limited_key_sees_its_projects_only),
        cmocka_unit_test(the_name_of_a_key_is_made_harmless),
        cmocka_unit_test(a_key_without_limits_sees_every_project),
        cmocka_unit_test(an_answer_about_something_else_tells_nothing),
        cmocka_unit_test(
            a_key_unknown_in_us_is_looked_for_in_eu_and_nowhere_else),
        cmocka_unit_test(a_word_names_a_place_and_anything_else_is_a_query),
        cmocka_unit_test(marks_are_filled_in_and_nothing_gets_out_of_them),
        cmocka_unit_test(queries_known_by_a_word_can_be_paged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
