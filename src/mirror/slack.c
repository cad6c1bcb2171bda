/* Mirrors of type slack: Slack's incoming webhooks, a bot's
 * chat.postMessage, and those that take Slack's messages at an address of
 * their own. What the answers mean was read in docs.slack.dev, Mattermost's
 * and Discord's documentation; only a plain "ok" is one. */
#include "mirror/slack.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "mirror/outbox.h"
#include "mirror/settings.h"

#include "base/banned.h"

#define PACE_MS 1000 /* one message a second and channel */
/* What they take of a text: Discord 2,000 characters, Mattermost 4,000 in
 * its older versions. */
#define DISCORD_TEXT 1900
#define MATTERMOST_TEXT 3800
#define PARAGRAPH "\n\n"

/* ---- who reads it ---- */

static bool is_host(const char *host, size_t len, const char *name)
{
    size_t most = strlen(name);

    return (len == most || (len > most && host[len - most - 1] == '.')) &&
           !strncasecmp(host + len - most, name, most);
}

/* /hooks/ and an id of 26: mattermost, also below a path. */
static bool is_mattermost(const char *path)
{
    const char *hooks = strstr(path, "/hooks/");
    size_t len;

    if (!hooks)
        return false;
    hooks += strlen("/hooks/");
    len = strspn(hooks, "abcdefghijklmnopqrstuvwxyz0123456789");
    return len == 26 && (!hooks[len] || strchr("/?#", hooks[len]));
}

enum slack_flavour slack_flavour(const char *url, bool token)
{
    const char *host = strstr(url, "://");
    size_t len;

    if (token || !host)
        return token ? FLAVOUR_BOT : FLAVOUR_SLACK;
    host += 3;
    len = strcspn(host, ":/?#");
    if ((is_host(host, len, "discord.com") ||
         is_host(host, len, "discordapp.com")) &&
        !strncmp(host + len + strcspn(host + len, "/"), "/api/", 5))
        return FLAVOUR_DISCORD;
    return is_mattermost(host + len) ? FLAVOUR_MATTERMOST : FLAVOUR_SLACK;
}

/* Discord takes Slack's messages behind /slack. */
static void add_slack(char **url)
{
    size_t path = strcspn(*url, "?#");
    struct buf longer;

    while (path && (*url)[path - 1] == '/')
        path--;
    if (path > 6 && !strncmp(*url + path - 6, "/slack", 6))
        return;
    buf_init(&longer, strlen(*url) + 8);
    buf_add(&longer, *url, path);
    buf_adds(&longer, "/slack");
    buf_adds(&longer, *url + strcspn(*url, "?#"));
    secret_free(*url);
    *url = buf_take(&longer);
}

static bool check(struct mirror_settings *settings, struct err *err)
{
    if (settings->token && !settings->channel)
        return err_set(err, "has a bot token but no channel");
    if (settings->token && !settings->url)
        settings->url = xstrdup("https://slack.com/api/chat.postMessage");
    if (settings->url &&
        slack_flavour(settings->url, settings->token) == FLAVOUR_DISCORD)
        add_slack(&settings->url);
    return true;
}

/* ---- rendering ---- */

static bool is_digest(const char *bucket)
{
    return !strcmp(bucket, BUCKET_QUIET) || !strcmp(bucket, BUCKET_DIGEST) ||
           !strcmp(bucket, BUCKET_CATCH_UP);
}

/* {"text": …} and nothing else: no blocks, nobody pinged. */
static bool text_object(struct buf *out, const char *text)
{
    cJSON *object = cJSON_CreateObject();
    char *json;
    bool ok;

    cJSON_AddStringToObject(object, "text", text);
    json = cJSON_PrintUnformatted(object);
    ok = json && buf_adds(out, json);
    cJSON_free(json);
    cJSON_Delete(object);
    return ok;
}

static bool render_text(struct buf *out, const struct message *message,
                        const struct chat_style *style, size_t most)
{
    struct buf text;
    bool ok;

    buf_init(&text, 64 * KIB);
    chat_render(&text, &chat_markdown, message, style, most);
    ok = text_object(out, text.data);
    buf_free(&text);
    return ok;
}

static void put_paragraph(void *ctx, const char *text)
{
    struct buf *out = ctx;

    buf_addf(out, "%s%s", out->len ? PARAGRAPH : "", text);
}

static bool render_report_text(struct buf *out, const struct report *report,
                               size_t most)
{
    struct chat_room room = {.all = most,
                             .part = most / 2,
                             .parts = (size_t)-1,
                             .between = strlen(PARAGRAPH)};
    struct buf text;
    bool ok;

    buf_init(&text, 64 * KIB);
    chat_report(&chat_markdown, report, &room, put_paragraph, &text);
    ok = text_object(out, text.data);
    buf_free(&text);
    return ok;
}

static bool render_report(const struct mirror_settings *settings,
                          const struct report *report, struct buf *body)
{
    switch (slack_flavour(settings->url, settings->token)) {
    case FLAVOUR_DISCORD:
        return render_report_text(body, report, DISCORD_TEXT);
    case FLAVOUR_MATTERMOST:
        return render_report_text(body, report, MATTERMOST_TEXT);
    case FLAVOUR_SLACK:
    case FLAVOUR_BOT:
        break;
    }
    return slack_report(body, report,
                        settings->token ? settings->channel : NULL);
}

static bool render_message(const struct mirror_settings *settings,
                           const struct mirror_content *content,
                           struct buf *body)
{
    struct message *message =
        message_from_json(content->message, strlen(content->message));
    struct slack_style style = {.channel =
                                    settings->token ? settings->channel : NULL,
                                .chat = {.line = settings->line,
                                         .digest =
                                             is_digest(content->bucket)}};
    bool ok = message != NULL;

    if (ok)
        switch (slack_flavour(settings->url, settings->token)) {
        case FLAVOUR_DISCORD:
            ok = render_text(body, message, &style.chat, DISCORD_TEXT);
            break;
        case FLAVOUR_MATTERMOST:
            ok = render_text(body, message, &style.chat, MATTERMOST_TEXT);
            break;
        case FLAVOUR_SLACK:
        case FLAVOUR_BOT:
            ok = slack_render(body, message, &style);
        }
    message_free(message);
    return ok;
}

static bool render(const struct mirror_settings *settings,
                   const struct mirror_content *content, struct buf *body)
{
    return content->report ? render_report(settings, content->report, body)
                           : render_message(settings, content, body);
}

/* ---- answers ---- */

static bool listed(const char *const *words, const char *word)
{
    for (; *words; words++)
        if (!strcmp(*words, word))
            return true;
    return false;
}

/* The error of {"ok":false,"error":"…"}. */
static enum mirror_verdict judge_error(const char *error, struct err *why)
{
    static const char *const later[] = {"rate_limited", "ratelimited",
                                        "internal_error", "fatal_error",
                                        "request_timeout",
                                        "service_unavailable",
                                        /* It moves to another organisation,
                                         * and comes back. */
                                        "team_added_to_org",
                                        "org_login_required", NULL};
    static const char *const park[] = {
        "invalid_blocks",    "invalid_blocks_format",
        "invalid_payload",   "no_text",
        "invalid_arguments", "msg_blocks_too_long",
        "msg_too_long",      NULL};
    struct buf said;

    buf_init(&said, KIB);
    text_sanitise(&said, error, strlen(error), 80);
    err_set(why, "Slack says %s", said.data);
    buf_free(&said);
    if (listed(later, error))
        return VERDICT_LATER;
    return listed(park, error) ? VERDICT_PARK : VERDICT_OFF;
}

/* "ok" alone, whatever blanks are around it. */
static bool is_ok(const char *body)
{
    while (isspace((unsigned char)*body))
        body++;
    if (strncasecmp(body, "ok", 2))
        return false;
    for (body += 2; isspace((unsigned char)*body);)
        body++;
    return !*body;
}

/* Something else than ok: a gate's page is certainly not Slack; of a broken
 * or an empty answer nobody knows. */
static enum mirror_verdict judge_other(const struct mirror_answer *answer,
                                       struct err *why)
{
    struct buf said;

    if (mirror_answer_is_page(answer)) {
        err_set(why,
                "it answered %d with a web page, not ok: is there a sign-in "
                "or a proxy in front?",
                answer->status);
        return VERDICT_LATER;
    }
    buf_init(&said, KIB);
    text_sanitise(&said, answer->told, strlen(answer->told), 60);
    err_set(why, "it answered %d, but not ok%s%s", answer->status,
            said.len ? ": " : "", said.data);
    buf_free(&said);
    return VERDICT_DOUBT;
}

static enum mirror_verdict judge_success(enum slack_flavour flavour,
                                         const struct mirror_answer *answer,
                                         struct err *why)
{
    cJSON *object = cJSON_Parse(answer->body);
    const cJSON *ok = cJSON_GetObjectItemCaseSensitive(object, "ok");
    const char *error = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(object, "error"));
    enum mirror_verdict verdict;

    if (cJSON_IsTrue(ok) || (flavour != FLAVOUR_BOT && is_ok(answer->body)) ||
        (answer->status == 204 && flavour != FLAVOUR_BOT))
        verdict = VERDICT_SENT;
    else if (ok || error)
        verdict = judge_error(error ? error : "nothing we know", why);
    else
        verdict = judge_other(answer, why);
    cJSON_Delete(object);
    return verdict;
}

static enum mirror_verdict judge(const struct mirror_settings *settings,
                                 const struct mirror_answer *answer,
                                 struct err *why)
{
    if (answer->status < 200 || answer->status > 299)
        return mirror_judge_status(answer, why);
    return judge_success(slack_flavour(settings->url, settings->token), answer,
                         why);
}

const struct mirror_type mirror_slack = {.name = "slack",
                                         .pace_ms = PACE_MS,
                                         .merges = true,
                                         .check = check,
                                         .render = render,
                                         .judge = judge};
