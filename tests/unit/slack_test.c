/* What Slack gets stays within Slack's limits, whatever customers are
 * called, and speaks of every event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "mirror/slack.h"
#include "tests/unit/sample.h"

#include "base/banned.h"

static const char *text_at(const cJSON *object, const char *key)
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

/* Renders, checks every limit, and gives the events that it speaks of. */
static unsigned render(const struct message *message,
                       const struct slack_style *style)
{
    struct buf out;
    cJSON *object;
    const cJSON *blocks, *block;
    unsigned events = 0;
    size_t total = 0;

    buf_init(&out, MIB);
    assert_true(slack_render(&out, message, style));
    object = cJSON_Parse(out.data);
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
    buf_free(&out);
    return events;
}

/* A hostile name of so many bytes, at most. */
static char *hostile(uint64_t *state, char *out, size_t size)
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

static void hostile_names_stay_within_every_limit(void **unused)
{
    static char name[3000], person[3000], sentence[3000], link[3600];
    uint64_t state = 5, seq = 0;

    (void)unused;
    for (int round = 0; round < 150; round++) {
        struct slack_style style = {.digest = sample_random(&state, 2)};
        struct message *message = message_new();
        uint32_t accounts = 1 + sample_random(&state, 70);
        unsigned events = 1 + sample_random(&state, 150);

        for (unsigned i = 0; i < events; i++) {
            struct event event = sample_event(&state, ++seq);
            char id[24];

            snprintf(id, sizeof id, "%u", sample_random(&state, accounts));
            event.account.id = id;
            event.account.name = hostile(&state, name, sizeof name);
            event.person.name = hostile(&state, person, sizeof person);
            event.sentence = hostile(&state, sentence, sizeof sentence);
            memset(link, 'a', sizeof link - 1);
            memcpy(link, "https://us.posthog.com/", 23);
            link[100 + sample_random(&state, sizeof link - 101)] = '\0';
            event.links.replay = event.links.person = link;
            message_add(message, &event, NULL);
        }
        assert_int_equal(render(message, &style), events);
        message_free(message);
    }
}

static void forty_accounts_and_more_are_counted(void **unused)
{
    static const unsigned counts[] = {1, 23, 24, 25, 39, 40, 41, 49, 50, 51};
    uint64_t state = 9, seq = 0;

    (void)unused;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct slack_style style = {.digest = i % 2};
        struct message *message = message_new();

        for (unsigned account = 0; account < counts[i]; account++) {
            struct event event = sample_event(&state, ++seq);
            char id[24];

            snprintf(id, sizeof id, "%u", account);
            event.account.id = id;
            event.account.name = "Borealis Freight";
            event.links.replay = "https://us.posthog.com/replay/1";
            message_add(message, &event, NULL);
        }
        assert_int_equal(render(message, &style), counts[i]);
        message_free(message);
    }
}

static void text_is_escaped(void **unused)
{
    struct buf out;

    (void)unused;
    buf_init(&out, KIB);
    slack_escape(&out, "<!channel> & <@U1> `x`");
    assert_string_equal(out.data, "&lt;!channel&gt; &amp; &lt;@U1&gt; 'x'");
    buf_free(&out);
}

static void a_line_of_ones_own(void **unused)
{
    struct slack_style style = {.line = "{category}: {sentence} ({account})"};
    uint64_t state = 2;
    struct event event = sample_event(&state, 1);
    struct message *message = message_new();
    struct buf out;

    (void)unused;
    event.account.id = "a";
    event.account.name = "Alder & Finch Labs";
    event.sentence = "did <it>";
    event.category = CATEGORY_BILLING;
    message_add(message, &event, NULL);
    buf_init(&out, MIB);
    assert_true(slack_render(&out, message, &style));
    assert_non_null(strstr(out.data, "billing: did &lt;it&gt; (Alder &amp; "
                                     "Finch Labs)"));
    buf_free(&out);
    message_free(message);
}

static void a_line_with_a_wrong_field_is_refused(void **unused)
{
    static const char *const wrong[] = {"{who}", "{",  "{person",
                                        "}",     "{}", "{person}}"};
    struct err err;

    (void)unused;
    assert_true(slack_line_check(SLACK_LINE, &err));
    assert_true(slack_line_check("*{account}* {replay}", &err));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(slack_line_check(wrong[i], &err));
}

static void answers_are_judged(void **unused)
{
    static const struct {
        int status;
        const char *body;
        bool bot;
        enum slack_verdict verdict;
    } cases[] = {
        {200, "ok", false, SLACK_SENT},
        {400, "invalid_payload", false, SLACK_PARK},
        {403, "action_prohibited", false, SLACK_OFF},
        {404, "channel_not_found", false, SLACK_OFF},
        {410, "channel_is_archived", false, SLACK_OFF},
        {302, "", false, SLACK_OFF},
        {429, "", false, SLACK_LATER},
        {500, "rollup_error", false, SLACK_LATER},
        {503, "", true, SLACK_LATER},
        {200, "{\"ok\":true}", true, SLACK_SENT},
        {200, "{\"ok\":false,\"error\":\"ratelimited\"}", true, SLACK_LATER},
        {200, "{\"ok\":false,\"error\":\"msg_too_long\"}", true, SLACK_PARK},
        {200, "{\"ok\":false,\"error\":\"invalid_auth\"}", true, SLACK_OFF},
        {200, "{\"ok\":false,\"error\":\"not_in_channel\"}", true, SLACK_OFF},
        {200, "not json", true, SLACK_LATER},
        {200, "", true, SLACK_LATER},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err why = {""};

        assert_int_equal(slack_judge(cases[i].status, cases[i].body,
                                     cases[i].bot, &why),
                         cases[i].verdict);
        assert_int_equal(*why.text == '\0', cases[i].verdict == SLACK_SENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_names_stay_within_every_limit),
        cmocka_unit_test(forty_accounts_and_more_are_counted),
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(a_line_of_ones_own),
        cmocka_unit_test(a_line_with_a_wrong_field_is_refused),
        cmocka_unit_test(answers_are_judged),
    };

    return cmocka_run_group_tests_name("slack", tests, NULL, NULL);
}
