/* Chats that are posted to like Slack: how they are known, what they can show,
 * and what an answer of theirs means. */
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
#include "base/mem.h"
#include "mirror/mirror.h"
#include "mirror/slack.h"
#include "tests/unit/sample.h"
#include "tests/unit/slack_rig.h"

#include "base/banned.h"

/* What telltale makes of an answer, for whom it was sent to. */
static enum mirror_verdict verdict_of(const char *url, bool bot, int status,
                                      const char *body, struct err *why)
{
    struct mirror_settings settings = {.type = &mirror_slack,
                                       .url = (char *)url,
                                       .token = bot ? (char *)"xoxb" : NULL};

    return mirror_judge(&settings, status, body, why);
}

#define SLACK_URL_OF "https://hooks.slack.com/services/T0/B0/x"
#define MATTERMOST_URL                                                        \
    "https://chat.alder.example/hooks/abcdefghijklmnopqrstuvwx12"
#define DISCORD_URL "https://discord.com/api/webhooks/1/tok/slack"

static void answers_are_judged(void **unused)
{
    static const struct {
        int status;
        const char *body;
        bool bot;
        enum mirror_verdict verdict;
    } cases[] = {
        {200, "ok", false, VERDICT_SENT},
        {200, "OK\n", false, VERDICT_SENT},
        {204, "", false, VERDICT_SENT},
        {200, "", false, VERDICT_DOUBT},
        {200, "o", false, VERDICT_DOUBT},
        {200, "okay then", false, VERDICT_DOUBT},
        {200, "{\"ok\":false,\"error\":\"not_authed\"}", false, VERDICT_OFF},
        {200, "{\"ok\":false,\"error\":\"ratelimited\"}", false,
         VERDICT_LATER},
        {200, "{\"ok\":false}", false, VERDICT_OFF},
        {200, "<!DOCTYPE html><title>Sign in</title>", false, VERDICT_LATER},
        {200, "\xef\xbb\xbf \n<HTML>", false, VERDICT_LATER},
        {200, "Webhook message delivery failed with error: 429", false,
         VERDICT_DOUBT},
        {400, "invalid_payload", false, VERDICT_PARK},
        {422, "", false, VERDICT_PARK},
        {403, "action_prohibited", false, VERDICT_OFF},
        {404, "channel_not_found", false, VERDICT_OFF},
        {410, "channel_is_archived", false, VERDICT_OFF},
        {302, "", false, VERDICT_OFF},
        {429, "", false, VERDICT_LATER},
        {500, "rollup_error", false, VERDICT_LATER},
        {503, "", true, VERDICT_LATER},
        {200, "{\"ok\":true}", true, VERDICT_SENT},
        {200, "ok", true, VERDICT_DOUBT},
        {204, "", true, VERDICT_DOUBT},
        {200, "{\"ok\":tr", true, VERDICT_DOUBT},
        {200, "{\"ok\":false,\"error\":\"ratelimited\"}", true, VERDICT_LATER},
        {200, "{\"ok\":false,\"error\":\"team_added_to_org\"}", true,
         VERDICT_LATER},
        {200, "{\"ok\":false,\"error\":\"org_login_required\"}", true,
         VERDICT_LATER},
        {200, "{\"ok\":false,\"error\":\"msg_too_long\"}", true, VERDICT_PARK},
        {200, "{\"ok\":false,\"error\":\"invalid_auth\"}", true, VERDICT_OFF},
        {200, "{\"ok\":false,\"error\":\"not_in_channel\"}", true,
         VERDICT_OFF},
        {200, "not json", true, VERDICT_DOUBT},
        {200, "", true, VERDICT_DOUBT},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err why = {""};

        assert_int_equal(verdict_of(SLACK_URL_OF, cases[i].bot,
                                    cases[i].status, cases[i].body, &why),
                         cases[i].verdict);
        assert_int_equal(*why.text == '\0', cases[i].verdict == VERDICT_SENT);
    }
}

static void a_json_mirror_reads_what_a_success_says(void **unused)
{
    static const struct {
        const char *body;
        enum mirror_verdict verdict;
    } cases[] = {
        {"", VERDICT_SENT},
        {"1", VERDICT_SENT},
        {"{\"status\":\"success\",\"id\":\"x\"}", VERDICT_SENT},
        {"{\"ok\":false,\"error\":\"not_authed\"}", VERDICT_LATER},
        {"{\"success\":false}", VERDICT_LATER},
        {"{\"status\":\"Error\"}", VERDICT_LATER},
        {"Webhook message delivery failed with error: Microsoft Teams "
         "endpoint returned HTTP error 429",
         VERDICT_LATER},
        {" <!doctype HTML><form>", VERDICT_DOUBT},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mirror_settings settings = {
            .type = &mirror_json, .url = (char *)"https://x.example/hook"};
        struct err why = {""};

        assert_int_equal(mirror_judge(&settings, 200, cases[i].body, &why),
                         cases[i].verdict);
        assert_int_equal(*why.text == '\0', cases[i].verdict == VERDICT_SENT);
    }
}

static void chats_like_slack_are_known_by_their_addresses(void **unused)
{
    static const struct {
        const char *url;
        enum slack_flavour flavour;
    } cases[] = {
        {SLACK_URL_OF, FLAVOUR_SLACK},
        {"https://hooks.slack-gov.com/services/T0/B0/x", FLAVOUR_SLACK},
        {MATTERMOST_URL, FLAVOUR_MATTERMOST},
        {"https://alder.example/chat/hooks/abcdefghijklmnopqrstuvwx12?a=b",
         FLAVOUR_MATTERMOST},
        {"https://alder.example/hooks/short", FLAVOUR_SLACK},
        {DISCORD_URL, FLAVOUR_DISCORD},
        {"https://canary.discord.com/api/v10/webhooks/1/t", FLAVOUR_DISCORD},
        {"https://discordapp.com:443/api/webhooks/1/t", FLAVOUR_DISCORD},
        {"https://notdiscord.com/api/webhooks/1/t", FLAVOUR_SLACK},
        {"https://x.example/?u=https://discord.com/api/webhooks/",
         FLAVOUR_SLACK},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(slack_flavour(cases[i].url, false), cases[i].flavour);
    assert_int_equal(slack_flavour(SLACK_URL_OF, true), FLAVOUR_BOT);
}

static void discord_is_posted_to_where_it_takes_slacks_messages(void **unused)
{
    static const char *const cases[][2] = {
        {DISCORD_URL, DISCORD_URL},
        {DISCORD_URL "/", DISCORD_URL "/"},
        {"https://discord.com/api/webhooks/1/tok", DISCORD_URL},
        {"https://discord.com/api/webhooks/1/tok/", DISCORD_URL},
        {"https://discord.com/api/webhooks/1/tok//", DISCORD_URL},
        {"https://discord.com/api/webhooks/1/tok?thread_id=2",
         DISCORD_URL "?thread_id=2"},
        {"https://discord.com/api/webhooks/1/tok/?thread_id=/slack",
         DISCORD_URL "?thread_id=/slack"},
        {MATTERMOST_URL, MATTERMOST_URL},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mirror_settings settings = {.type = &mirror_slack,
                                           .url = xstrdup(cases[i][0])};
        struct err err;

        assert_true(mirror_slack.check(&settings, &err));
        assert_string_equal(settings.url, cases[i][1]);
        free(settings.url);
    }
}

/* The body of one message for that address; the caller frees it. */
static char *body_for(const char *url, struct message *message)
{
    struct mirror_settings settings = {.type = &mirror_slack,
                                       .url = (char *)url};
    struct mirror_content content = {.bucket = "live", .id = "msg_1"};
    struct buf planned, body;

    buf_init(&planned, MIB);
    buf_init(&body, MIB);
    assert_true(message_to_json(&planned, message));
    content.message = planned.data;
    assert_true(mirror_slack.render(&settings, &content, &body));
    buf_free(&planned);
    return buf_take(&body);
}

static void others_get_text_that_they_can_show(void **unused)
{
    uint64_t state = 4;
    struct event event = sample_event(&state, 1);
    struct message *message = message_new();
    char *body;
    cJSON *object;

    (void)unused;
    event.account.id = "a";
    event.account.name = "Alder *Labs* @channel";
    event.person.name = "<@U1> [x](http://evil.example) #general ~town";
    event.sentence = "wrote :smile: `code` on www.evil.example";
    event.links.replay = "https://us.posthog.com/replay/1?a=(2)";
    message_add(message, &event, NULL);
    body = body_for(MATTERMOST_URL, message);
    object = cJSON_Parse(body);
    assert_non_null(object);
    assert_int_equal(cJSON_GetArraySize(object), 1);
    assert_non_null(strstr(text_at(object, "text"), "**Alder \\*Labs\\*"));
    assert_non_null(strstr(text_at(object, "text"),
                           "[Replay](https://us.posthog.com/replay/"
                           "1?a=%282%29)"));
    assert_null(strstr(text_at(object, "text"), "@channel"));
    assert_null(strstr(text_at(object, "text"), "@U1"));
    assert_null(strstr(text_at(object, "text"), "](http://evil"));
    assert_null(strstr(text_at(object, "text"), "http://"));
    assert_null(strstr(text_at(object, "text"), "www.evil"));
    assert_null(strstr(text_at(object, "text"), "#general"));
    assert_null(strstr(text_at(object, "text"), ":smile:"));
    cJSON_Delete(object);
    free(body);
    message_free(message);
}

/* Discord refuses a text of over 2,000 characters. */
static void text_for_discord_fits_and_counts_the_rest(void **unused)
{
    static char name[3000], sentence[3000];
    uint64_t state = 6, seq = 0;

    (void)unused;
    for (int round = 0; round < 60; round++) {
        struct message *message = message_new();
        unsigned events = 1 + sample_random(&state, 120);
        char *body;
        cJSON *object;

        for (unsigned i = 0; i < events; i++) {
            struct event event = sample_event(&state, ++seq);
            char id[24];

            snprintf(id, sizeof id, "%u", sample_random(&state, 50));
            event.account.id = id;
            event.account.name = hostile(&state, name, sizeof name);
            event.sentence = hostile(&state, sentence, sizeof sentence);
            message_add(message, &event, NULL);
        }
        body = body_for(DISCORD_URL, message);
        object = cJSON_Parse(body);
        assert_in_range(strlen(text_at(object, "text")), 1, 2000);
        assert_null(strstr(text_at(object, "text"), "@U"));
        cJSON_Delete(object);
        free(body);
        message_free(message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(a_json_mirror_reads_what_a_success_says),
        cmocka_unit_test(chats_like_slack_are_known_by_their_addresses),
        cmocka_unit_test(discord_is_posted_to_where_it_takes_slacks_messages),
        cmocka_unit_test(others_get_text_that_they_can_show),
        cmocka_unit_test(text_for_discord_fits_and_counts_the_rest),
    };

    return cmocka_run_group_tests_name("like slack", tests, NULL, NULL);
}
