/* The rig of the tests of Slack's messages. It tests nothing itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "mirror/slack.h"
#include "tests/unit/sample.h"
#include "tests/unit/slack_rig.h"

#include "base/banned.h"

const char *text_at(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* Events that a section speaks of. */
static unsigned spoken_of(const char *text)
{
    const char *dot = strstr(text, "* · ");
    const char *end = strchr(text, '\n');
    unsigned events;

    if (sscanf(text, "_and %u event", &events) == 1)
        return events;
    if (sscanf(text, "*%u event", &events) == 1)
        return 0; /* the heading of a digest */
    if (dot && (!end || dot < end) &&
        sscanf(dot + strlen("* · "), "%u event", &events) == 1)
        return events;
    return 1;
}

static void check_actions(const cJSON *block, size_t *total)
{
    const cJSON *element;

    cJSON_ArrayForEach(element,
                       cJSON_GetObjectItemCaseSensitive(block, "elements"))
    {
        const char *url = text_at(element, "url");

        assert_true(strlen(url) <= SLACK_URL);
        *total += strlen(url);
    }
}

unsigned check_limits(const struct buf *out)
{
    cJSON *object;
    const cJSON *blocks, *block;
    unsigned events = 0;
    size_t total = 0;

    object = cJSON_Parse(out->data);
    assert_non_null(object);
    assert_in_range(strlen(text_at(object, "text")), 1, SLACK_FALLBACK);
    blocks = cJSON_GetObjectItemCaseSensitive(object, "blocks");
    assert_in_range(cJSON_GetArraySize(blocks), 1, SLACK_BLOCKS);
    cJSON_ArrayForEach(block, blocks)
    {
        const char *text =
            text_at(cJSON_GetObjectItemCaseSensitive(block, "text"), "text");

        if (!text) {
            check_actions(block, &total);
            continue;
        }
        assert_in_range(strlen(text), 1, SLACK_SECTION);
        total += strlen(text);
        events += spoken_of(text);
        assert_null(strstr(text, "<!"));
        assert_null(strstr(text, "<@"));
    }
    assert_true(total <= SLACK_TOTAL);
    cJSON_Delete(object);
    return events;
}

char *hostile(uint64_t *state, char *out, size_t size)
{
    static const char *const pieces[] = {
        "<!channel>",  "<@U012>",
        "&",           "<https://evil.example|x>",
        "*b*",         "_",
        "~s~",         "`code`",
        "|",           ">",
        "<",           "&amp;",
        "株式会社",    "👩‍👩‍👧‍👦",
        "é",           "שלום",
        "plain words", "\"",
        "\\"};
    size_t len = 0, most = sample_random(state, (uint32_t)size);

    out[0] = '\0';
    for (;;) {
        const char *piece =
            pieces[sample_random(state, sizeof pieces / sizeof *pieces)];

        if (len + strlen(piece) >= most)
            return out;
        memcpy(out + len, piece, strlen(piece) + 1);
        len += strlen(piece);
    }
}
