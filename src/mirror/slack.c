/* Rendering for Slack: one section an account, buttons where they lead
 * somewhere, a plain text for notifications and screen readers. */
#include "mirror/slack.h"

#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "base/text.h"

#include "base/banned.h"

#define LINE_URL 500 /* a longer address gets no link within a line */

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

/* Cut to so many cells, and to bytes in proportion: one cell may be a
 * cluster of many. */
static void escape_cut(struct buf *out, const char *text, int cells)
{
    size_t most = (size_t)cells * 5;
    struct buf cut, escaped;

    buf_init(&cut, 16 * KIB);
    buf_init(&escaped, 64 * KIB);
    do {
        buf_clear(&cut);
        buf_clear(&escaped);
        text_cut(&cut, text, cells, "…");
        slack_escape(&escaped, cut.data);
        cells /= 2;
    } while (escaped.len > most && cells);
    if (escaped.len <= most)
        buf_add(out, escaped.data, escaped.len);
    buf_free(&escaped);
    buf_free(&cut);
}

static const char *tone_mark(enum tone tone)
{
    if (tone == TONE_BAD)
        return ":red_circle:";
    return tone == TONE_WARN ? ":large_yellow_circle:" : "";
}

/* Between < and | nothing may end the address early. */
static void add_link(struct buf *out, const char *url, const char *title)
{
    if (!url || strlen(url) > LINE_URL || strpbrk(url, "<>| \t\n"))
        return;
    buf_addc(out, '<');
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

/* What a line is made of. */
struct line_parts {
    const struct message_group *group;
    const struct message_line *line;
    bool replay; /* there is no button for it */
};

static void add_mark(struct buf *out, const struct line_parts *parts)
{
    buf_adds(out, tone_mark(parts->line->tone));
}

static void add_clock(struct buf *out, const struct line_parts *parts)
{
    add_time(out, parts->line->at, false);
}

static void add_person(struct buf *out, const struct line_parts *parts)
{
    if (parts->line->person)
        escape_cut(out, parts->line->person, 60);
}

static void add_sentence(struct buf *out, const struct line_parts *parts)
{
    escape_cut(out, parts->line->sentence, 160);
}

static void add_category(struct buf *out, const struct line_parts *parts)
{
    buf_adds(out, category_name(parts->line->category));
}

static void add_account(struct buf *out, const struct line_parts *parts)
{
    if (parts->group->account)
        escape_cut(out, parts->group->account, 80);
}

static void add_replay(struct buf *out, const struct line_parts *parts)
{
    if (parts->replay)
        add_link(out, parts->line->replay, "Replay");
}

static const struct {
    const char *name;
    void (*add)(struct buf *out, const struct line_parts *parts);
} fields[] = {
    {"mark", add_mark},         {"time", add_clock},
    {"person", add_person},     {"sentence", add_sentence},
    {"category", add_category}, {"account", add_account},
    {"replay", add_replay},
};
#define FIELDS (sizeof fields / sizeof *fields)

/* The field at "{name}"; its length in text. FIELDS: none. */
static size_t field_at(const char *text, size_t *len)
{
    size_t i;

    *len = strcspn(text, "}") + 1;
    for (i = 0; i < FIELDS; i++)
        if (strlen(fields[i].name) == *len - 2 &&
            !strncmp(fields[i].name, text + 1, *len - 2))
            break;
    return i;
}

bool slack_line_check(const char *line, struct err *err)
{
    size_t len;

    if (strlen(line) > 200)
        return err_set(err, "line is longer than 200 bytes");
    for (; *line; line += len) {
        len = 1;
        if (*line == '}')
            return err_set(err, "line has a } without a {");
        if (*line == '{' &&
            (!strchr(line, '}') || field_at(line, &len) == FIELDS))
            return err_set(err,
                           "line knows {mark}, {time}, {person}, {sentence}, "
                           "{category}, {account} and {replay}, not %.20s",
                           line);
    }
    return true;
}

static void add_line(struct buf *out, const char *line,
                     const struct line_parts *parts)
{
    size_t len, before;

    buf_addc(out, '\n');
    for (; *line; line += len) {
        len = 1;
        if (*line != '{') {
            buf_addc(out, *line);
            continue;
        }
        before = out->len;
        fields[field_at(line, &len)].add(out, parts);
        if (out->len == before && line[len] == ' ')
            len++;
    }
    while (out->data[out->len - 1] == ' ')
        buf_truncate(out, out->len - 1);
}

/* A group's section: the heading, its lines, and how many have none. */
static void group_text(struct buf *out, const struct message_group *group,
                       const char *line, size_t lines)
{
    buf_addc(out, '*');
    escape_cut(out, group->account ? group->account : "No account", 80);
    buf_addc(out, '*');
    if (group->events > 1 || !lines) {
        buf_adds(out, " · ");
        message_summary(out, group->events, group->people_count);
    }
    for (size_t i = 0; i < lines; i++) {
        struct line_parts parts = {group, &group->lines[i], group->events > 1};

        add_line(out, line, &parts);
    }
    if (lines && group->events > lines)
        buf_addf(out, "\n_and %u more_", group->events - (unsigned)lines);
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

/* With fewer lines when they are too long for a section. */
static void fit_group(struct buf *out, const struct message_group *group,
                      const char *line)
{
    size_t lines = group->line_count;

    do {
        buf_clear(out);
        group_text(out, group, line, lines);
    } while (out->len > SLACK_SECTION && lines--);
}

/* What the addresses of its buttons add to the message. */
static size_t button_bytes(const struct message_group *group)
{
    const struct message_line *line = &group->lines[0];

    if (group->events != 1 || group->line_count != 1)
        return 0;
    return (line->replay ? strlen(line->replay) : 0) +
           (line->person_link ? strlen(line->person_link) : 0) +
           (group->account_link ? strlen(group->account_link) : 0);
}

/* Sections until blocks or bytes run out; what is left is a count. */
static void add_groups(cJSON *blocks, const struct message *message,
                       const struct slack_style *style)
{
    const char *line = style->line ? style->line : SLACK_LINE;
    unsigned left = message->other_events;
    size_t total = 0;
    struct buf text;

    buf_init(&text, 64 * KIB);
    if (style->digest) {
        digest_heading(&text, message);
        add_section(blocks, text.data);
        total += text.len;
    }
    for (size_t i = 0; i < message->group_count; i++) {
        const struct message_group *group = message->groups[i];

        size_t buttons = button_bytes(group);

        fit_group(&text, group, line);
        /* Room is kept for the buttons and for the last line. */
        if (total + text.len > SLACK_TOTAL - 200 ||
            cJSON_GetArraySize(blocks) > SLACK_BLOCKS - 3) {
            left += group->events;
            continue;
        }
        total += text.len;
        add_section(blocks, text.data);
        if (total + buttons > SLACK_TOTAL - 200)
            continue;
        total += buttons;
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
        if (out->len > SLACK_FALLBACK - 1600) {
            buf_adds(out, "and others");
            return;
        }
        fallback_group(out, message->groups[i]);
    }
}

bool slack_render(struct buf *out, const struct message *message,
                  const struct slack_style *style)
{
    cJSON *object = cJSON_CreateObject();
    struct buf text;
    char *json;
    bool ok;

    if (style->channel)
        cJSON_AddStringToObject(object, "channel", style->channel);
    buf_init(&text, 64 * KIB);
    fallback_text(&text, message);
    cJSON_AddStringToObject(object, "text", text.data);
    buf_free(&text);
    cJSON_AddBoolToObject(object, "unfurl_links", false);
    cJSON_AddBoolToObject(object, "unfurl_media", false);
    add_groups(cJSON_AddArrayToObject(object, "blocks"), message, style);
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
