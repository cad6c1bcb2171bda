/* Finding a prompt, and quoting its first line. Chats are lists of messages
 * with a role; what they hold is a text or a list of parts, and all of it
 * may be JSON in a text. */
#include "event/prompt.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "event/cover.h"

#include "base/banned.h"

#define MAX_DEPTH 12 /* of texts in messages in texts */
#define QUOTE_CELLS 60

static const char *said(const cJSON *node, int depth, struct arena *arena);

/* A text, or what the JSON in it says. */
static const char *said_in_text(const char *text, int depth,
                                struct arena *arena)
{
    struct slice raw = {text, strlen(text)};
    const cJSON *held;
    struct err err;

    if (!slice_holds_json(raw.at, raw.len))
        return text[strspn(text, " \t\r\n")] ? text : NULL;
    held = json_tree(raw, arena, &err);
    return held ? said(held, depth + 1, arena) : NULL;
}

static bool is_user(const cJSON *message)
{
    const cJSON *role = json_member(message, "role");

    if (!role)
        role = json_member(message, "type");
    return cJSON_IsString(role) && (!strcmp(role->valuestring, "user") ||
                                    !strcmp(role->valuestring, "human"));
}

static bool has_role(const cJSON *message)
{
    return cJSON_IsString(json_member(message, "role"));
}

/* The last message of a user; else the last part that says something. */
static const char *said_last(const cJSON *list, int depth, struct arena *arena)
{
    const char *users = NULL, *others = NULL, *text;

    for (const cJSON *item = list->child; item; item = item->next) {
        text = said(item, depth + 1, arena);
        if (text && is_user(item))
            users = text;
        else if (text && !has_role(item))
            others = text;
    }
    return users ? users : others;
}

static const char *said_by_member(const cJSON *object, int depth,
                                  struct arena *arena)
{
    static const char *const names[] = {"content", "text",  "messages",
                                        "prompt",  "query", "question",
                                        "input",   "parts", "message"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const cJSON *member = json_member(object, names[i]);
        const char *text = member ? said(member, depth + 1, arena) : NULL;

        if (text)
            return text;
    }
    return NULL;
}

static const char *said(const cJSON *node, int depth, struct arena *arena)
{
    if (depth > MAX_DEPTH)
        return NULL;
    if (cJSON_IsString(node))
        return said_in_text(node->valuestring, depth, arena);
    if (cJSON_IsArray(node))
        return said_last(node, depth, arena);
    return cJSON_IsObject(node) ? said_by_member(node, depth, arena) : NULL;
}

static const char *find_named(const cJSON *root, const struct cover *name,
                              int depth, struct arena *arena);

/* Properties given as text, whether shape_unfold() has read them or not. */
static const char *find_in_text(const cJSON *node, const struct cover *name,
                                int depth, struct arena *arena)
{
    const char *text = NULL;
    struct slice raw;
    struct err err;

    if (cJSON_IsString(node) && *node->valuestring == '{') {
        raw = (struct slice){node->valuestring, strlen(node->valuestring)};
        node = json_tree(raw, arena, &err);
        return node ? find_named(node, name, depth + 1, arena) : NULL;
    }
    if (!cJSON_IsObject(node) || *json_raw(node).at != '"')
        return NULL;
    for (node = node->child; node && !text; node = node->next)
        text = find_named(node, name, depth + 1, arena);
    return text;
}

/* The value of the first key that a place of name is written as, at any
 * depth. */
static const char *find_named(const cJSON *root, const struct cover *name,
                              int depth, struct arena *arena)
{
    const char *text = NULL;
    struct slice all = json_raw(root);

    for (const cJSON *node = root;
         node && !text && json_raw(node).at < all.at + all.len;
         node = json_after(node)) {
        const char *key = node->string;

        if (key && cover_may(name, key, strlen(key)) &&
            cover_judge(name, key, strlen(key)))
            text = said(node, 0, arena);
        else if (depth < 4)
            text = find_in_text(node, name, depth, arena);
    }
    return text;
}

const char *prompt_find(const cJSON *root, struct arena *arena)
{
    static const char *const names[] = {"prompt", "$ai_input",
                                        "$ai_input_state"};
    const char *text = NULL;

    for (size_t i = 0; root && !text && i < sizeof names / sizeof *names;
         i++) {
        struct cover *name = cover_new(names[i], false);

        text = find_named(root, name, 0, arena);
        cover_free(name);
    }
    return text;
}

void prompt_quote(const char *prompt, struct event *event, struct arena *arena)
{
    struct buf clean, sentence;
    size_t len;

    prompt += strspn(prompt, " \t\r\n");
    len = strcspn(prompt, "\r\n");
    buf_init(&clean, 4 * LIMIT_TEXT);
    buf_init(&sentence, 8 * LIMIT_TEXT + LIMIT_SENTENCE);
    text_sanitise(&clean, prompt, len, LIMIT_TEXT);
    if (clean.len && strlen(event->sentence) < LIMIT_SENTENCE / 2) {
        buf_addf(&sentence, "%s “", event->sentence);
        text_cut(&sentence, clean.data, QUOTE_CELLS, "…");
        buf_adds(&sentence, "”");
        if (sentence.len <= LIMIT_SENTENCE) {
            event->sentence =
                arena_strndup(arena, sentence.data, sentence.len);
            event->flags |= EVENT_QUOTED;
        }
    }
    buf_free(&clean);
    buf_free(&sentence);
}

const char *prompt_unquoted(const struct event *event, struct arena *arena)
{
    const char *quote = event->flags & EVENT_QUOTED && event->sentence
                            ? strstr(event->sentence, " “")
                            : NULL;

    return quote ? arena_strndup(arena, event->sentence,
                                 (size_t)(quote - event->sentence))
                 : event->sentence;
}
