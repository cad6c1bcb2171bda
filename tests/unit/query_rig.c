/* An event to ask about, and whether a query takes it. */
#include "tests/unit/query_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/banned.h"

struct event tomas_creates_a_flag(void)
{
    return (struct event){
        .seq = 1,
        .name = "feature flag created",
        .category = CATEGORY_FLAGS,
        .tone = TONE_GOOD,
        .sentence = "created a feature flag · 3 variants",
        .occurred_at = SAMPLE_START,
        .received_at = SAMPLE_START + 1200,
        .account = {"018f-borealis", "Borealis Freight", true},
        .person = {"rtVRElpu", "tomas@borealis.example", "Tomás Herrera"},
        .source = SOURCE_WEBHOOK,
        .url = "https://us.posthog.com/project/1877/feature_flags/new",
        .links = {.replay = "https://us.posthog.com/project/2/replay/x"},
        .raw = "{}",
    };
}

struct query *parse_query(const char *text)
{
    struct query_error error = {0};
    struct query *query = query_parse(text, &error);

    if (!query)
        fail_msg("%s: %d: %s", text, error.column, error.err.text);
    return query;
}

bool finds_event(const char *text, const struct event *event)
{
    struct query *query = parse_query(text);
    bool found = query_match(query, event, NOW);

    query_free(query);
    return found;
}

void refuses_query(const char *text, int column, const char *says)
{
    struct query_error error = {0};

    if (query_parse(text, &error))
        fail_msg("%s: taken", text);
    if (error.column != column || !strstr(error.err.text, says))
        fail_msg("%s: %d: %s", text, error.column, error.err.text);
    assert_null(query_parse(text, NULL));
}
