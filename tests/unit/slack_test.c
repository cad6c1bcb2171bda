/* What Slack gets stays within Slack's limits, whatever customers are
 * called, and speaks of every event. Its digest is slack_digest_test.c, what
 * else is posted to like Slack slack_like_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "mirror/slack.h"
#include "tests/unit/sample.h"
#include "tests/unit/slack_rig.h"

#include "base/banned.h"

static unsigned render(const struct message *message,
                       const struct slack_style *style)
{
    unsigned events;
    struct buf out;

    buf_init(&out, MIB);
    assert_true(slack_render(&out, message, style));
    events = check_limits(&out);
    buf_free(&out);
    return events;
}

static void hostile_names_stay_within_every_limit(void **unused)
{
    static char name[3000], person[3000], sentence[3000], link[3600];
    uint64_t state = 5, seq = 0;

    (void)unused;
    for (int round = 0; round < 150; round++) {
        struct slack_style style = {
            .chat = {.digest = sample_random(&state, 2)}};
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
        struct slack_style style = {.chat = {.digest = i % 2}};
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
    chat_mrkdwn.escape(&out, "<!channel> & <@U1> `x`");
    assert_string_equal(out.data, "&lt;!channel&gt; &amp; &lt;@U1&gt; 'x'");
    buf_free(&out);
}

static void an_address_is_written_so_that_it_is_the_same(void **unused)
{
    struct buf out;

    (void)unused;
    buf_init(&out, KIB);
    chat_mrkdwn.link(&out, "https://x.example/a?b=1&c=(2)&d", "Replay");
    assert_string_equal(out.data,
                        "<https://x.example/a?b=1&amp;c=(2)&amp;d|Replay>");
    buf_clear(&out);
    chat_markdown.link(&out, "https://x.example/a?b=1&c=(2)&d", "Replay");
    assert_string_equal(out.data,
                        "[Replay](https://x.example/a?b=1&c=%282%29&d)");
    buf_free(&out);
}

static void a_name_from_right_to_left_is_kept_apart(void **unused)
{
    struct buf out;

    (void)unused;
    buf_init(&out, KIB);
    chat_escape_cut(&out, &chat_mrkdwn, "\u05e2\u05d5\u05de\u05e8 & <b>", 60);
    assert_string_equal(out.data, "\u2068\u05e2\u05d5\u05de\u05e8 &amp; "
                                  "&lt;b&gt;\u2069");
    buf_clear(&out);
    chat_escape_cut(&out, &chat_markdown, "Omar", 60);
    assert_string_equal(out.data, "Omar");
    buf_free(&out);
}

static void a_line_of_ones_own(void **unused)
{
    struct slack_style style = {
        .chat = {.line = "{category}: {sentence} ({account})"}};
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
    assert_true(chat_line_check(CHAT_LINE, &err));
    assert_true(chat_line_check("*{account}* {replay}", &err));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(chat_line_check(wrong[i], &err));
}

/* Slack must link or mention nothing of a stranger's. */
static void every_mrkdwn_is_verbatim(void **unused)
{
    struct slack_style style = {.chat = {.digest = true}};
    uint64_t state = 8;
    struct event event = sample_event(&state, 1);
    struct message *message = message_new();
    struct buf out;
    cJSON *object;
    const cJSON *block;
    int seen = 0;

    (void)unused;
    message_add(message, &event, NULL);
    buf_init(&out, MIB);
    assert_true(slack_render(&out, message, &style));
    object = cJSON_Parse(out.data);
    cJSON_ArrayForEach(block,
                       cJSON_GetObjectItemCaseSensitive(object, "blocks"))
    {
        const cJSON *text = cJSON_GetObjectItemCaseSensitive(block, "text");

        if (!text || strcmp(text_at(text, "type"), "mrkdwn"))
            continue;
        seen++;
        assert_true(
            cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(text, "verbatim")));
    }
    assert_int_equal(seen, 2);
    cJSON_Delete(object);
    buf_free(&out);
    message_free(message);
}

static void shortcodes_are_broken_up(void **unused)
{
    struct buf out;

    (void)unused;
    buf_init(&out, KIB);
    chat_mrkdwn.escape(&out, "at 10:45, :fire::+1: a:b");
    assert_null(strstr(out.data, ":fire:"));
    assert_null(strstr(out.data, ":+1:"));
    assert_non_null(strstr(out.data, "at 10:45,"));
    assert_non_null(strstr(out.data, " a:b"));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_names_stay_within_every_limit),
        cmocka_unit_test(forty_accounts_and_more_are_counted),
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(an_address_is_written_so_that_it_is_the_same),
        cmocka_unit_test(a_name_from_right_to_left_is_kept_apart),
        cmocka_unit_test(a_line_of_ones_own),
        cmocka_unit_test(a_line_with_a_wrong_field_is_refused),
        cmocka_unit_test(every_mrkdwn_is_verbatim),
        cmocka_unit_test(shortcodes_are_broken_up),
    };

    return cmocka_run_group_tests_name("slack", tests, NULL, NULL);
}
