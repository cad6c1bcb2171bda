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
#include "mirror/mirror.h"
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

/* Checks every limit of what was rendered, and gives the events that it
 * speaks of. */
static unsigned check_limits(const struct buf *out)
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

/* ---- a digest ---- */

static const char *random_text(uint64_t *state, struct report *report)
{
    static char text[900];

    return arena_strdup(&report->arena, hostile(state, text, sizeof text));
}

static void random_lines(uint64_t *state, struct report *report,
                         struct report_account *account)
{
    account->event_count = sample_random(state, REPORT_EVENTS + 1);
    account->replay_count = sample_random(state, REPORT_REPLAYS + 1);
    account->person_count = sample_random(state, REPORT_PEOPLE + 1);
    for (size_t i = 0; i < account->event_count; i++)
        account->events[i] = (struct report_event){
            .tone = (enum tone)sample_random(state, TONE_COUNT),
            .person =
                sample_random(state, 4) ? random_text(state, report) : NULL,
            .sentence = random_text(state, report)};
    for (size_t i = 0; i < account->replay_count; i++)
        account->replays[i] =
            (struct report_event){.sentence = random_text(state, report),
                                  .replay = "https://x.example/replay/1"};
    for (size_t i = 0; i < account->person_count; i++)
        account->people[i] =
            (struct report_person){random_text(state, report), 1, 1};
}

static void random_signals(uint64_t *state, struct report *report,
                           struct report_account *account)
{
    for (uint32_t i = sample_random(state, 4); i > 0; i--) {
        struct report_signal *signal =
            arena_alloc(&report->arena, sizeof *signal);

        *signal = (struct report_signal){
            .next = account->signals,
            .tone = (enum tone)sample_random(state, TONE_COUNT),
            .title = "billing",
            .person = random_text(state, report),
            .sentence = random_text(state, report),
            .opener = random_text(state, report)};
        account->signals = signal;
    }
}

static void random_report(uint64_t *state, struct report *report)
{
    *report = (struct report){.count = 1 + sample_random(state, 120),
                              .day_count = 1,
                              .to_ms = SAMPLE_START};
    report->accounts = xcalloc(report->count, sizeof *report->accounts);
    for (size_t i = 0; i < report->count; i++) {
        struct report_account *account = &report->accounts[i];

        account->id = "";
        account->name = random_text(state, report);
        account->now.events = sample_random(state, 3) ? 1 + i : 0;
        account->before.events = sample_random(state, 30);
        if (!sample_random(state, 3))
            random_signals(state, report, account);
        if (account->now.events)
            random_lines(state, report, account);
        report->now.events += account->now.events;
    }
}

/* Accounts that a report speaks of: by name, or as a count. */
static size_t accounts_told(const struct buf *out)
{
    cJSON *object = cJSON_Parse(out->data);
    const cJSON *block;
    size_t told = 0;
    bool heading = true;

    cJSON_ArrayForEach(block,
                       cJSON_GetObjectItemCaseSensitive(object, "blocks"))
    {
        const char *text =
            text_at(cJSON_GetObjectItemCaseSensitive(block, "text"), "text");
        unsigned more;

        if (sscanf(text, "_and %u more account", &more) == 1)
            told += more;
        else if (!heading && strncmp(text, "No events: ", 11) != 0)
            told++;
        heading = false;
    }
    cJSON_Delete(object);
    return told;
}

static void a_report_stays_within_every_limit(void **unused)
{
    uint64_t state = 77;

    (void)unused;
    for (int round = 0; round < 60; round++) {
        struct report report;
        struct buf out;
        size_t loud = 0;

        random_report(&state, &report);
        for (size_t i = 0; i < report.count; i++)
            loud += !report_is_quiet(&report.accounts[i]);
        buf_init(&out, MIB);
        assert_true(slack_report(&out, &report, NULL));
        check_limits(&out);
        assert_int_equal(accounts_told(&out), loud);
        buf_free(&out);
        report_free(&report);
    }
}

static size_t text_length(const struct mirror_settings *settings,
                          const struct report *report)
{
    struct mirror_content content = {.bucket = "digest", .report = report};
    struct buf out;
    cJSON *object;
    size_t len;

    buf_init(&out, MIB);
    assert_true(mirror_slack.render(settings, &content, &out));
    object = cJSON_Parse(out.data);
    len = strlen(text_at(object, "text"));
    cJSON_Delete(object);
    buf_free(&out);
    return len;
}

static void a_report_for_others_is_text_that_fits(void **unused)
{
    struct mirror_settings discord = {
        .type = &mirror_slack,
        .url = (char *)"https://discord.com/api/webhooks/1/x/slack"};
    struct mirror_settings mattermost = {
        .type = &mirror_slack,
        .url = (char *)"https://m.example/hooks/abcdefghijklmnopqrstuvwxyz"};
    uint64_t state = 78;

    (void)unused;
    for (int round = 0; round < 40; round++) {
        struct report report;

        random_report(&state, &report);
        assert_in_range(text_length(&discord, &report), 100, 1900);
        assert_in_range(text_length(&mattermost, &report), 100, 3800);
        report_free(&report);
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
        cmocka_unit_test(a_report_stays_within_every_limit),
        cmocka_unit_test(a_report_for_others_is_text_that_fits),
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(a_name_from_right_to_left_is_kept_apart),
        cmocka_unit_test(a_line_of_ones_own),
        cmocka_unit_test(a_line_with_a_wrong_field_is_refused),
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(a_json_mirror_reads_what_a_success_says),
        cmocka_unit_test(chats_like_slack_are_known_by_their_addresses),
        cmocka_unit_test(others_get_text_that_they_can_show),
        cmocka_unit_test(text_for_discord_fits_and_counts_the_rest),
        cmocka_unit_test(every_mrkdwn_is_verbatim),
        cmocka_unit_test(shortcodes_are_broken_up),
    };

    return cmocka_run_group_tests_name("slack", tests, NULL, NULL);
}
