/* What a regular expression costs: the first line is one, the rest a text
 * from a stranger, shorter and repeated until it is as long as the record
 * allows. Whatever both are, judging takes no more steps than a row may, and
 * what could not be judged does not match, whether it is denied or not. */
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "query/query.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/sample.h"

#include "base/banned.h"

/* "/pattern/", or denied "-(/pattern/)". */
static struct query *parse_pattern(const char *pattern, bool denied)
{
    struct query_error error = {0};
    struct query *query;
    struct buf text;

    buf_init(&text, 4 * KIB);
    buf_adds(&text, denied ? "-(/" : "/");
    for (; *pattern; pattern++)
        buf_addc(&text, *pattern == '/' ? '.' : *pattern);
    buf_adds(&text, denied ? "/)" : "/");
    query = buf_ok(&text) ? query_parse(text.data, &error) : NULL;
    buf_free(&text);
    return query;
}

/* True if it matches. */
static bool judge(const struct query *query, const struct event *event)
{
    uint64_t before = query_steps(query), unjudged = query_unjudged(query);
    bool matches = query_match(query, event, SAMPLE_START);

    REQUIRE(query_steps(query) - before <= LIMIT_ROW_STEPS);
    REQUIRE(!matches || query_unjudged(query) == unjudged);
    return matches;
}

static void check(const struct query *query, const struct query *denied,
                  const char *text)
{
    uint64_t random = 1;
    struct event event = sample_event(&random, 1);
    bool so, not ;

    event.sentence = event.url = text;
    so = judge(query, &event);
    not = judge(denied, &event);
    REQUIRE(!so || !not );
    REQUIRE(so || not || query_unjudged(query) || query_unjudged(denied));
}

static void check_text(const char *pattern, const char *text, size_t len)
{
    struct query *query = parse_pattern(pattern, false);
    struct query *denied = query ? parse_pattern(pattern, true) : NULL;
    struct arena arena = ARENA_INIT;
    struct buf longer;

    if (query && denied) {
        check(query, denied, text_sanitised(&arena, text, len, LIMIT_TEXT));
        buf_init(&longer, 4 * LIMIT_TEXT);
        while (len && longer.len < LIMIT_TEXT)
            buf_add(&longer, text, len < LIMIT_TEXT ? len : LIMIT_TEXT);
        if (len)
            check(query, denied,
                  text_sanitised(&arena, longer.data, longer.len, LIMIT_TEXT));
        buf_free(&longer);
    }
    query_free(query);
    query_free(denied);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t len = end ? (size_t)(end - data) : size;
    char *pattern = xstrndup((const char *)data, len);

    if (*pattern)
        check_text(pattern, end ? (const char *)end + 1 : "aaaaaaaa",
                   end ? size - len - 1 : 8);
    free(pattern);
    return 0;
}
