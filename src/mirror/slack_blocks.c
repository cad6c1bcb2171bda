/* Rendering for Slack: one section an account, buttons where they lead
 * somewhere, a plain text for notifications and screen readers. */
#include "mirror/slack.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "base/limits.h"

#include "base/banned.h"

static cJSON *text_object(const char *type, const char *text)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "type", type);
    cJSON_AddStringToObject(object, "text", text);
    return object;
}

/* verbatim: Slack turns no name, channel or address of a stranger's text
 * into a link or a mention; our own links are written out. */
static cJSON *mrkdwn_object(const char *text)
{
    cJSON *object = text_object("mrkdwn", text);

    cJSON_AddBoolToObject(object, "verbatim", true);
    return object;
}

static void add_section(cJSON *blocks, const char *text)
{
    cJSON *block = cJSON_CreateObject();

    cJSON_AddStringToObject(block, "type", "section");
    cJSON_AddItemToObject(block, "text", mrkdwn_object(text));
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
    const struct chat_style *chat = &style->chat;
    unsigned left = message->other_events;
    size_t total = 0;
    struct buf text;

    buf_init(&text, 64 * KIB);
    if (chat->digest) {
        chat_heading(&text, &chat_mrkdwn, message);
        add_section(blocks, text.data);
        total += text.len;
    }
    for (size_t i = 0; i < message->group_count; i++) {
        const struct message_group *group = message->groups[i];
        size_t buttons = button_bytes(group);

        buf_clear(&text);
        chat_group(&text, &chat_mrkdwn, group, chat->line, SLACK_SECTION);
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
        chat_rest(&text, &chat_mrkdwn, left);
        add_section(blocks, text.data);
    }
    buf_free(&text);
}

/* The object around the blocks; text is for notifications. */
static cJSON *message_object(const char *channel, const char *text)
{
    cJSON *object = cJSON_CreateObject();

    if (channel)
        cJSON_AddStringToObject(object, "channel", channel);
    cJSON_AddStringToObject(object, "text", text);
    cJSON_AddBoolToObject(object, "unfurl_links", false);
    cJSON_AddBoolToObject(object, "unfurl_media", false);
    return object;
}

static bool print(struct buf *out, cJSON *object)
{
    char *json = cJSON_PrintUnformatted(object);
    bool ok = json && buf_adds(out, json);

    cJSON_free(json);
    cJSON_Delete(object);
    return ok;
}

bool slack_render(struct buf *out, const struct message *message,
                  const struct slack_style *style)
{
    struct buf text;
    cJSON *object;

    buf_init(&text, 64 * KIB);
    chat_summary(&text, &chat_mrkdwn, message, SLACK_FALLBACK);
    object = message_object(style->channel, text.data);
    buf_free(&text);
    add_groups(cJSON_AddArrayToObject(object, "blocks"), message, style);
    return print(out, object);
}

static void put_section(void *ctx, const char *text)
{
    add_section(ctx, text);
}

bool slack_report(struct buf *out, const struct report *report,
                  const char *channel)
{
    static const struct chat_room room = {.all = SLACK_TOTAL,
                                          .part = SLACK_SECTION,
                                          .parts = SLACK_BLOCKS};
    struct buf text;
    cJSON *object;

    buf_init(&text, 64 * KIB);
    chat_report_summary(&text, &chat_mrkdwn, report, SLACK_FALLBACK);
    object = message_object(channel, text.data);
    buf_free(&text);
    chat_report(&chat_mrkdwn, report, &room, put_section,
                cJSON_AddArrayToObject(object, "blocks"));
    return print(out, object);
}
