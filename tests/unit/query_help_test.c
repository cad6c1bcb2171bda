/* query: what completes a word, and that the manual has all of the language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "event/accounts.h"
#include "event/signal_kind.h"
#include "live/ring.h"
#include "query/query.h"
#include "tests/unit/query_rig.h"
#include "tests/unit/sample.h"

#include "base/banned.h"

/* --- completion -------------------------------------------------------- */

static void collect(void *ctx, const char *word)
{
    buf_addf(ctx, "%s|", word);
}

static void known(void *ctx, const char *field, const char *prefix,
                  complete_offer *offer, void *offer_ctx)
{
    (void)ctx;
    if (strcmp(field, "person") == 0 && prefix[0] == 'o')
        offer(offer_ctx, "Omar");
    if (strcmp(field, "account") == 0 && strchr("Bb\"", prefix[0]))
        offer(offer_ctx, "Borealis Freight");
}

static void completes(const char *text, size_t from, const char *expected)
{
    struct complete_source source = {known, NULL};
    struct buf out;
    size_t start;

    buf_init(&out, 4096);
    query_complete(text, strlen(text), &source, collect, &out, &start);
    assert_string_equal(out.data, expected);
    assert_int_equal(start, from);
    buf_free(&out);
}

static void completion_offers_what_can_stand_there(void **state)
{
    (void)state;
    completes("ca", 0, "category:|");
    completes("flag -s", 6, "segment:|signal:|since:|source:|");
    completes("(a", 1, "account:|age<|amount>|");
    completes("category:b", 9, "billing|");
    completes("category:billing,a", 17, "ai|analytics|");
    completes("tone:", 5, "info|good|warn|bad|");
    completes("person:o", 7, "Omar|");
    completes("account:\"Bo", 8, "\"Borealis Freight\"|");
    completes("zzz", 0, "");
    completes("zzz:a", 0, "");
    completes("surv", 0, "category:surveys|");
    completes("-quiet", 1, "");
    completes("x going", 2, "signal:going-quiet|");
    completes("bo", 0, "body:|account:\"Borealis Freight\"|");
    completes("om", 0, "person:Omar|");
    completes("signal:c", 7, "champion-away|champion|");
}

/* --- the manual -------------------------------------------------------- */

static FILE *manual(void)
{
    struct buf path;
    FILE *file;

    buf_init(&path, 4096);
    buf_addf(&path, "%s/doc/query.md", getenv("TESTS_SRC"));
    file = fopen(path.data, "r");
    if (!file)
        fail_msg("%s", path.data);
    buf_free(&path);
    return file;
}

static void what_the_manual_shows_is_understood(void **state)
{
    FILE *file = manual();
    char line[400];
    bool code = false;
    int shown = 0;

    (void)state;
    query_set_me("csm@team.example");
    while (fgets(line, sizeof line, file)) {
        char *end = strstr(line, "   ");

        if (!strncmp(line, "```", 3)) {
            code = !code;
        } else if (code) {
            if (!end)
                fail_msg("no explanation: %s", line);
            *end = '\0';
            query_free(parse_query(line));
            shown++;
        }
    }
    fclose(file);
    query_set_me(NULL);
    assert_true(shown > 30);
}

/* Every field has its example there. */
static void every_field_is_in_the_manual(void **state)
{
    FILE *file = manual();
    char text[16 * 1024];
    size_t len = fread(text, 1, sizeof text - 1, file);
    struct query_error error = {0};
    char *field, *rest;

    (void)state;
    fclose(file);
    text[len] = '\0';
    assert_null(query_parse("zzz:a", &error));
    field = strstr(error.err.text, "There are ");
    assert_non_null(field);
    field = strtok_r(field + strlen("There are "), ", ", &rest);
    for (; field; field = strtok_r(NULL, ", ", &rest)) {
        char begin[40];
        const char *at;

        snprintf(begin, sizeof begin, "\n%s", field);
        at = strstr(text, begin);
        if (!at || !strchr(":=<>.~", at[strlen(begin)]))
            fail_msg("%s", field);
    }
}

/* --- more is asked behind it ------------------------------------------- */

static void behind(const char *text, const char *expected)
{
    static const char *const fields[] = {"account", "person", NULL};
    struct query *query = parse_query(text);
    struct buf out;

    buf_init(&out, 1024);
    assert_true(query_add_without(&out, query, fields));
    assert_string_equal(out.data, expected);
    query_free(parse_query(out.data));
    buf_free(&out);
    query_free(query);
}

static void more_can_be_asked_behind_a_query(void **state)
{
    struct buf out;

    (void)state;
    behind("", "");
    behind("flag category:ai", "flag category:ai");
    behind("account=\"Alder Freight\" flag person:omar,zoe", "flag");
    behind("account=alder", "");
    behind("account!=alder -person:omar", "account!=alder -person:omar");
    behind("billing | category:flags", "(billing | category:flags)");
    behind("account:a | account:b", "(account:a | account:b)");
    behind("account:a (x | account:b)", "(x | account:b)");
    buf_init(&out, 16);
    assert_true(query_add_without(&out, NULL, (const char *const[]){NULL}));
    assert_string_equal(out.data, "");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_manual_shows_is_understood),
        cmocka_unit_test(every_field_is_in_the_manual),
        cmocka_unit_test(completion_offers_what_can_stand_there),
        cmocka_unit_test(more_can_be_asked_behind_a_query),
    };

    setenv("TZ", "UTC0", 1);
    return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
