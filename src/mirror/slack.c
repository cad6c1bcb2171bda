/* Rendering for Slack: one section an account, buttons where they lead
 * somewhere, a plain text for notifications and screen readers. */
#include "mirror/slack.h"

#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "base/text.h"

#include "base/banned.h"

/* Beside a formatting character, it keeps Slack from formatting. */
#define WORD_JOINER "\xe2\x81\xa0"

void slack_escape(struct buf *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            buf_adds(out, "&amp;");
            break;
        case '<':
            buf_adds(out, "&lt;");
            break;
        case '>':
            buf_adds(out, "&gt;");
            break;
        case '`':
            buf_addc(out, '\'');
            break;
        case '*':
        case '_':
        case '~':
            buf_addc(out, *text);
            buf_adds(out, WORD_JOINER);
            break;
        default:
            buf_addc(out, *text);
        }
}

static void escape_cut(struct buf *out, const char *text, int cells)
{
    struct buf cut;

    buf_init(&cut, 16 * KIB);
    text_cut(&cut, text, cells, "…");
    slack_escape(out, cut.data);
    buf_free(&cut);
}

static const char *tone_mark(enum tone tone)
{
    if (tone == TONE_BAD)
        return ":red_circle: ";
    return tone == TONE_WARN ? ":large_yellow_circle: " : "";
}

/* Between < and | nothing may end the address early. */
static void add_link(struct buf *out, const char *url, const char *title)
{
    if (!url || strlen(url) > SLACK_URL || strpbrk(url, "<>| \t\n"))
        return;
    buf_adds(out, " <");
    for (; *url; url++)
        if (*url == '&')
            buf_adds(out, "&amp;");
        else
            buf_addc(out, *url);
    buf_addf(out, "|%s>", title);
}

static void add_time(struct buf *out, int64_t at, bool with_day)
{
    time_t seconds = (time_t)(at / 1000);
    struct tm tm;
    char text[40] = "";

    if (!localtime_r(&seconds, &tm))
        return;
    if (with_day)
        strftime(text, sizeof text, "%a %d %b %H:%M", &tm);
    else
        strftime(text, sizeof text, "%H:%M", &tm);
    buf_adds(out, text);
}

static void add_line(struct buf *out, const struct message_line *line,
                     bool replay)
{
    buf_addf(out, "\n%s`", tone_mark(line->tone));
    add_time(out, line->at, false);
    buf_adds(out, "` ");
    if (line->person) {
        escape_cut(out, line->person, 60);
        buf_addc(out, ' ');
    }
    escape_cut(out, line->sentence, 160);
    if (replay)
        add_link(out, line->replay, "Replay");
}

/* A group's section: the heading, its lines, and how many have none. */
static void group_text(struct buf *out, const struct message_group *group)
{
    buf_addc(out, '*');
    escape_cut(out, group->account ? group->account : "No account", 80);
    buf_addc(out, '*');
    if (group->events > 1) {
        buf_adds(out, " · ");
        message_summary(out, group->events, group->people_count);
    }
    for (size_t i = 0; i < group->line_count; i++)
        add_line(out, &group->lines[i], group->events > 1);
    if (group->events > group->line_count)
        buf_addf(out, "\n_and %u more_",
                 group->events - (unsigned)group->line_count);
}

static cJSON *text_object(const char *type, const char *text)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "type", type);
    cJSON_AddStringToObject(object, "text", text);
    return object;
}

static void add_section(cJSON *blocks, const char *text)
{
    cJSON *block = cJSON_CreateObject();

    cJSON_AddStringToObject(block, "type", "section");
    cJSON_AddItemToObject(block, "text", text_object("mrkdwn", text));
    cJSON_AddItemToArray(blocks, block);
}

static void add_button(cJSON *elements, const char *title, const char *url)
{
    cJSON *button;

    if (!url || strlen(url) > SLACK_URL)
        return;
    button = cJSON_CreateObject();
    cJSON_AddStringToObject(button, "type", "button");
    cJSON_AddItemToObject(button, "text", text_object("plain_text", title));
    cJSON_AddStringToObject(button, "url", url);
    cJSON_AddItemToArray(elements, button);
}

/* Buttons of a single event: what one person did has one replay. */
static void add_buttons(cJSON *blocks, const struct message_group *group)
{
    cJSON *block, *elements;

    if (group->events != 1 || group->line_count != 1)
        return;
    block = cJSON_CreateObject();
    cJSON_AddStringToObject(block, "type", "actions");
    elements = cJSON_AddArrayToObject(block, "elements");
    add_button(elements, "Replay", group->lines[0].replay);
    add_button(elements, "Person", group->lines[0].person_link);
    add_button(elements, "Account", group->account_link);
    if (cJSON_GetArraySize(elements))
        cJSON_AddItemToArray(blocks, block);
    else
        cJSON_Delete(block);
}

static void digest_heading(struct buf *out, const struct message *message)
{
    buf_addf(out, "*%u event%s from %zu%s account%s*, ", message->events,
             message->events == 1 ? "" : "s", message->group_count,
             message->other_events ? " and more" : "",
             message->group_count == 1 ? "" : "s");
    add_time(out, message->first_at, true);
    buf_adds(out, " to ");
    add_time(out, message->last_at,
             message->last_at - message->first_at > 12 * 3600000LL);
}

/* Sections until blocks or bytes run out; what is left is a count. */
static void add_groups(cJSON *blocks, const struct message *message,
                       bool digest)
{
    unsigned left = message->other_events;
    size_t total = 0;
    struct buf text;

    buf_init(&text, 64 * KIB);
    if (digest) {
        digest_heading(&text, message);
        add_section(blocks, text.data);
        total += text.len;
    }
    for (size_t i = 0; i < message->group_count; i++) {
        const struct message_group *group = message->groups[i];

        buf_clear(&text);
        group_text(&text, group);
        /* Room is kept for the buttons and for the last line. */
        if (text.len > SLACK_SECTION || total + text.len > SLACK_TOTAL - 200 ||
            cJSON_GetArraySize(blocks) > SLACK_BLOCKS - 3) {
            left += group->events;
            continue;
        }
        total += text.len;
        add_section(blocks, text.data);
        add_buttons(blocks, group);
    }
    if (left) {
        buf_clear(&text);
        buf_addf(&text, "_and %u event%s of other accounts_", left,
                 left == 1 ? "" : "s");
        add_section(blocks, text.data);
    }
    buf_free(&text);
}

static void fallback_group(struct buf *out, const struct message_group *group)
{
    const struct message_line *line = &group->lines[0];

    escape_cut(out, group->account ? group->account : "No account", 80);
    buf_adds(out, ": ");
    if (group->events != 1 || group->line_count != 1) {
        message_summary(out, group->events, group->people_count);
        return;
    }
    if (line->person) {
        escape_cut(out, line->person, 60);
        buf_addc(out, ' ');
    }
    escape_cut(out, line->sentence, 160);
}

/* What a notification or a screen reader says. */
static void fallback_text(struct buf *out, const struct message *message)
{
    for (size_t i = 0; i < message->group_count; i++) {
        if (i)
            buf_adds(out, "; ");
        if (out->len > SLACK_FALLBACK - 1500) {
            buf_adds(out, "and others");
            return;
        }
        fallback_group(out, message->groups[i]);
    }
}

bool slack_render(struct buf *out, const struct message *message,
                  const char *channel, bool digest)
{
    cJSON *object = cJSON_CreateObject();
    struct buf text;
    char *json;
    bool ok;

    if (channel)
        cJSON_AddStringToObject(object, "channel", channel);
    buf_init(&text, 64 * KIB);
    fallback_text(&text, message);
    cJSON_AddStringToObject(object, "text", text.data);
    buf_free(&text);
    cJSON_AddBoolToObject(object, "unfurl_links", false);
    cJSON_AddBoolToObject(object, "unfurl_media", false);
    add_groups(cJSON_AddArrayToObject(object, "blocks"), message, digest);
    json = cJSON_PrintUnformatted(object);
    ok = json && buf_adds(out, json);
    cJSON_free(json);
    cJSON_Delete(object);
    return ok;
}

static bool listed(const char *const *words, const char *word)
{
    for (; *words; words++)
        if (!strcmp(*words, word))
            return true;
    return false;
}

/* chat.postMessage answers 200 with {"ok":false,"error":"…"}. */
static enum slack_verdict judge_bot(const char *body, struct err *why)
{
    static const char *const later[] = {"rate_limited",
                                        "ratelimited",
                                        "internal_error",
                                        "fatal_error",
                                        "request_timeout",
                                        "service_unavailable",
                                        NULL};
    static const char *const park[] = {"invalid_blocks",
                                       "invalid_blocks_format",
                                       "no_text",
                                       "invalid_arguments",
                                       "msg_blocks_too_long",
                                       "msg_too_long",
                                       NULL};
    cJSON *object = cJSON_Parse(body);
    const char *error = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(object, "error"));
    enum slack_verdict verdict = SLACK_OFF;

    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "ok"))) {
        verdict = SLACK_SENT;
    } else {
        err_set(why, "Slack says %.80s", error ? error : "nothing we know");
        if (!error || listed(later, error))
            verdict = SLACK_LATER;
        else if (listed(park, error))
            verdict = SLACK_PARK;
    }
    cJSON_Delete(object);
    return verdict;
}

enum slack_verdict slack_judge(int status, const char *body, bool bot,
                               struct err *why)
{
    struct buf said;

    if (status >= 200 && status < 300)
        return bot ? judge_bot(body, why) : SLACK_SENT;
    buf_init(&said, KIB);
    text_sanitise(&said, body, strlen(body), 80);
    err_set(why, "it answered %d%s%s", status, said.len ? " " : "", said.data);
    buf_free(&said);
    if (status == 429 || status == 408 || status >= 500)
        return SLACK_LATER;
    return status == 400 || status == 413 ? SLACK_PARK : SLACK_OFF;
}
