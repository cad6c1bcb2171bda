/* The filter language: any text is either refused with a place inside it and
 * one line of reason, or understood; then its normal text means the same, it
 * narrows itself, and completion stays inside it. */
#include <string.h>

#include "base/utf8.h"
#include "query/query.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/sample.h"

#include "base/banned.h"

#define EVENTS 8

static void check_error(const struct query_error *error, const char *text)
{
    REQUIRE(error->err.text[0] && !strchr(error->err.text, '\n'));
    REQUIRE(utf8_valid(error->err.text, strlen(error->err.text), NULL));
    REQUIRE(error->column >= 0 && error->offset <= 3 * strlen(text) + 1);
}

static const char props[] =
    "{\"plan\":\"scale\",\"seats\":3,\"a\":{\"b\":[1,\"x\"]},"
    "\"amount\":7.5,\"$t\":null,\"e\":\"\\u00e9\"}";

static void check_same(const struct query *one, const struct query *other)
{
    uint64_t random = 1, i;

    REQUIRE(strcmp(query_text(one), query_text(other)) == 0);
    for (i = 0; i < EVENTS; i++) {
        struct event event = sample_event(&random, i);

        event.raw = props;
        event.raw_len = event.props_len = sizeof props - 1;
        REQUIRE(query_match_deep(one, &event) ==
                query_match_deep(other, &event));
        REQUIRE(query_match(one, &event, SAMPLE_START) ==
                query_match(other, &event, SAMPLE_START));
    }
}

static void check_query(const struct query *query)
{
    static const char *const fields[] = {"account", NULL};
    struct query_error error;
    struct query *again = query_parse(query_text(query), &error);
    struct buf out;

    REQUIRE(again);
    check_same(query, again);
    REQUIRE(query_ages(query) || query_narrows(query, again));
    buf_init(&out, 1 << 20);
    REQUIRE(query_add_with_categories(&out, query, 6));
    buf_clear(&out);
    REQUIRE(query_add_without(&out, query, fields));
    query_free(again);
    again = query_parse(out.data, &error);
    REQUIRE(again);
    query_free(again);
    buf_free(&out);
}

static void ignore(void *ctx, const char *word)
{
    (void)ctx;
    REQUIRE(word[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct query_error error = {0};
    struct query *query;
    char *text = xstrndup((const char *)data, size);
    size_t from = 0;

    query = query_parse(text, &error);
    if (query)
        check_query(query);
    else
        check_error(&error, text);
    query_complete(text, size ? data[0] : 0, NULL, ignore, NULL, &from);
    REQUIRE(from <= strlen(text));
    query_free(query);
    free(text);
    return 0;
}
