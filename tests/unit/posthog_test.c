/* What is sent to PostHog, without a PostHog: filters, addresses and text in
 * queries, and the settings file that setup changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "config/edit.h"
#include "posthog/api.h"
#include "posthog/book.h"
#include "posthog/filters.h"

#define ALDER "77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8"
#define BOOK                                                                  \
    "organization_id,organization_name\n"                                     \
    "77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8,Alder & Finch Labs\n"               \
    "becccfc8-9252-4f2f-983e-4eeaaac45350,Borealis Freight\n"

static cJSON *filters_of(enum filters_kind kind, const char *text)
{
    static const char projects[] = "team_id,organization_id\n7," ALDER "\n";
    struct catalog *catalog = catalog_new();
    struct book *book = book_read("book", text, strlen(text), NULL, NULL);
    struct teams *teams =
        teams_read("teams", projects, sizeof projects - 1, NULL);
    struct filters_for whom = {catalog, book, 0, 100, 1, teams};
    cJSON *filters = filters_make(kind, &whom);

    assert_non_null(teams);
    teams_free(teams);
    book_free(book);
    catalog_free(catalog);
    return filters;
}

static const cJSON *rule_of(const cJSON *filters, int at)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItem(filters, "properties"), at);
}

static void filters_of_a_book_are_one_list_and_bare_names(void **state)
{
    cJSON *filters = filters_of(FILTERS_EVENTS, BOOK);
    const cJSON *events = cJSON_GetObjectItem(filters, "events"), *entry;
    struct err err = {""};

    (void)state;
    assert_true(filters_are_narrow(filters, &err));
    assert_int_equal(cJSON_GetArraySize(filters_listed(filters)), 2);
    assert_string_equal(posthog_text(rule_of(filters, 0), "key"), "$group_1");
    assert_string_equal(posthog_text(rule_of(filters, 0), "type"), "event");
    assert_null(rule_of(filters, 1));
    assert_true(cJSON_GetArraySize(events) > 50);
    cJSON_ArrayForEach(entry, events)
    {
        assert_int_equal(cJSON_GetArraySize(
                             cJSON_GetObjectItem(entry, "properties")),
                         0);
        assert_null(strchr(posthog_text(entry, "id"), '*'));
        assert_string_not_equal(posthog_text(entry, "id"), "$pageview");
    }
    cJSON_Delete(filters);
}

/* PostHog's machine says of an equation that false equals any text. */
static void the_only_organisation_is_in_a_list_of_two(void **state)
{
    static const enum filters_kind kinds[] = {FILTERS_EVENTS, FILTERS_DOCS};
    struct err err = {""};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        cJSON *filters = filters_of(kinds[i], "organization_id\n" ALDER "\n");
        const cJSON *list = filters_listed(filters);

        assert_true(filters_are_narrow(filters, &err));
        assert_int_equal(cJSON_GetArraySize(list), 2);
        assert_string_equal(cJSON_GetStringValue(cJSON_GetArrayItem(list, 0)),
                            ALDER);
        cJSON_Delete(filters);
    }
}

static void pageviews_and_projects_are_apart(void **state)
{
    cJSON *docs = filters_of(FILTERS_DOCS, BOOK);
    cJSON *projects = filters_of(FILTERS_TEAMS, BOOK);
    struct err err = {""};

    (void)state;
    assert_true(filters_are_narrow(docs, &err));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(docs, "events")),
                     1);
    assert_string_equal(posthog_text(rule_of(docs, 0), "type"), "person");
    assert_string_equal(posthog_text(rule_of(docs, 1), "value"), "/docs");
    assert_true(filters_are_narrow(projects, &err));
    assert_int_equal(cJSON_GetArraySize(
                         cJSON_GetObjectItem(projects, "events")),
                     2);
    assert_string_equal(posthog_text(rule_of(projects, 0), "key"), "team_id");
    assert_int_equal(cJSON_GetArraySize(filters_listed(projects)), 2);
    cJSON_Delete(projects);
    cJSON_Delete(docs);
}

static void filters_without_organisations_are_refused(void **state)
{
    cJSON *filters =
        filters_of(FILTERS_EVENTS, "organization_id,organization_name\n");
    struct err err = {""};

    (void)state;
    assert_false(filters_are_narrow(filters, &err));
    assert_non_null(strstr(err.text, "those of everybody"));
    cJSON_Delete(filters);
}

static void projects_are_read_or_refused_with_their_line(void **state)
{
    static const char good[] = "\xef\xbb\xbfteam_id;organization_id\r\n"
                               "\r\n\"12\" ; A-B \r\n7;c;more\n3\td";
    static const char *const bad[] = {"1,a\n2\n", "1,a\nx,b\n", "1,a\n2, \n",
                                      "1,a\n1,ab\n"};
    struct teams *teams = teams_read("t", good, sizeof good - 1, NULL);
    struct err err;

    (void)state;
    assert_int_equal(teams_count(teams), 3);
    assert_string_equal(teams_account(teams, 12), "a-b");
    assert_string_equal(teams_account(teams, 7), "c");
    assert_string_equal(teams_account(teams, 3), "d");
    assert_null(teams_account(teams, 4));
    teams_free(teams);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_null(teams_read("t.csv", bad[i], strlen(bad[i]), &err));
        assert_non_null(strstr(err.text, "t.csv:2: "));
    }
}

static void refuse(const char *text, const char *why)
{
    cJSON *filters = cJSON_Parse(text);
    struct err err = {""};

    assert_non_null(filters);
    assert_false(filters_are_narrow(filters, &err));
    assert_non_null(strstr(err.text, why));
    cJSON_Delete(filters);
}

static void filters_that_match_everything_are_refused(void **state)
{
    (void)state;
    refuse("{}", "would send everything");
    refuse("{\"events\":[]}", "would send everything");
    refuse("{\"events\":[{\"id\":null,\"properties\":[]}]}", "every name");
    refuse("{\"events\":[{\"id\":\"x\",\"properties\":[]}]}", "no organis");
    refuse("{\"events\":[{\"id\":\"x\",\"properties\":[{\"operator\":"
           "\"exact\",\"value\":[]}]}]}",
           "no organis");
    refuse("{\"events\":[{\"id\":\"x\",\"properties\":[{\"operator\":"
           "\"is_not\",\"value\":[\"a\"]}]}]}",
           "no organis");
}

static void only_plain_addresses_stand_in_a_query(void **state)
{
    static const char *const bad[] = {"",
                                      "x",
                                      "@team.example",
                                      "csm@",
                                      "csm@team",
                                      "a@b@c.d",
                                      "a'b@team.example",
                                      "a b@team.example",
                                      "csm@.team",
                                      "a\\@team.example",
                                      "csm@team.example'--"};

    (void)state;
    assert_true(book_email_valid("csm@team.example"));
    assert_true(book_email_valid("first.last+x_y-z@mail.team.example"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(book_email_valid(bad[i]));
}

static void quotes_and_backslashes_do_not_end_a_string(void **state)
{
    struct buf sql;

    (void)state;
    buf_init(&sql, KIB);
    posthog_quote(&sql, "a'b\\c");
    assert_string_equal(sql.data, "'a\\'b\\\\c'");
    buf_free(&sql);
}

static void edit(const char *before, enum option_id id, const char *value,
                 const char *after)
{
    struct buf text;

    buf_init(&text, 4 * KIB);
    buf_adds(&text, before);
    edit_setting(&text, id, value);
    assert_string_equal(text.data, after);
    buf_free(&text);
}

static void one_setting_changes_and_the_rest_stays(void **state)
{
    (void)state;
    edit("", OPTION_posthog_project, "2", "[posthog]\nproject = 2\n");
    edit("", OPTION_theme, "night", "theme = night\n");
    edit("; mine\n[posthog]\nhost = eu\n", OPTION_posthog_project, "2",
         "; mine\n[posthog]\nproject = 2\nhost = eu\n");
    edit("[posthog]\nproject = 1\n  9\n; x\n[screen]\nmouse = no",
         OPTION_posthog_project, "2",
         "[posthog]\nproject = 2\n; x\n[screen]\nmouse = no");
    edit("[screen]\nproject = 1\n", OPTION_posthog_project, "2",
         "[screen]\nproject = 1\n\n[posthog]\nproject = 2\n");
    edit("[main]\npublic-url=a\n", OPTION_public_url, "b",
         "[main]\npublic_url = b\n");
    edit("[screen]\n", OPTION_public_url, "b",
         "[screen]\n\n[main]\npublic_url = b\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_of_a_book_are_one_list_and_bare_names),
        cmocka_unit_test(the_only_organisation_is_in_a_list_of_two),
        cmocka_unit_test(pageviews_and_projects_are_apart),
        cmocka_unit_test(projects_are_read_or_refused_with_their_line),
        cmocka_unit_test(filters_without_organisations_are_refused),
        cmocka_unit_test(filters_that_match_everything_are_refused),
        cmocka_unit_test(only_plain_addresses_stand_in_a_query),
        cmocka_unit_test(quotes_and_backslashes_do_not_end_a_string),
        cmocka_unit_test(one_setting_changes_and_the_rest_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
