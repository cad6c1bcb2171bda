/* What is dropped at the border, before anything is written anywhere, and
 * who is hidden. Dropping works on the raw text, so that all else stays as it
 * came; hiding is only a mark. */
#include "event/redact.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "event/cover.h"
#include "event/json_char.h"
#include "event/json_tree.h"
#include "event/prompt.h"

#include "base/banned.h"

/* JSON in a string in JSON: looked into this deep. Each wrapping doubles
 * the backslashes, so nobody gets much deeper. */
#define MAX_WRAPS 8
/* A byte order mark may stand in front of it. */
#define BOM_FIRST '\xef'

struct redaction {
    struct cover *cover;
};

static struct redaction *make(const char *list, bool prompts)
{
    struct redaction *redaction = xcalloc(1, sizeof *redaction);

    redaction->cover = cover_new(list, prompts);
    return redaction;
}

struct redaction *redaction_new(const char *list)
{
    return make(list, false);
}

struct redaction *redaction_new_prompts(const char *list)
{
    return make(list ? list : "", true);
}

void redaction_free(struct redaction *redaction)
{
    if (!redaction)
        return;
    cover_free(redaction->cover);
    free(redaction);
}

/* JSON in a string may have keys of its own. */
static bool may_hold_json(const char *text)
{
    while (json_blank(*text))
        text++;
    return *text == '{' || *text == '[' || *text == '"' || *text == BOM_FIRST;
}

/* ---- addresses and forms ---- */

static bool ends_key(char c)
{
    return c == '?' || c == '&' || c == '#' || c == ';' || c == '/' ||
           c == ' ' || c == '\n';
}

/* Where in text the value of a covered parameter begins ("…?prompt=" is in
 * front of it), or NULL. */
static const char *covered_parameter(const struct cover *cover,
                                     const char *text)
{
    const char *key, *equals = strchr(text, '=');

    for (; equals; equals = strchr(equals + 1, '=')) {
        for (key = equals; key > text && !ends_key(key[-1]);)
            key--;
        if (equals > key && cover_may(cover, key, (size_t)(equals - key)) &&
            cover_judge(cover, key, (size_t)(equals - key)) != COVERED_NO)
            return equals[1] ? equals + 1 : NULL;
    }
    return NULL;
}

/* How much of a string that is no JSON may stay. */
static size_t string_cut(const struct cover *cover, const char *text,
                         size_t len)
{
    const char *value = covered_parameter(cover, text);

    if (value)
        len = (size_t)(value - text);
    if (strchr("{[", text[strspn(text, " \t\r\n")]))
        return cover_cut(cover, text, len, true); /* JSON, but for a fault */
    return len;
}

/* Where the walk stands: everything before `done` is in out. */
struct walk {
    const struct redaction *redaction;
    struct buf *out;
    const char *done;
    int wraps;
    bool dropped;
};

/* Replaces value, a range behind walk->done, by text. */
static void replace(struct walk *walk, struct slice value)
{
    buf_add(walk->out, walk->done, (size_t)(value.at - walk->done));
    walk->done = value.at + value.len;
    walk->dropped = true;
}

static bool apply(const struct redaction *redaction, int wraps,
                  struct slice json, struct buf *out);

/* A string that is JSON itself (properties are sometimes sent so) is no
 * hiding place, nor is one that almost is. */
static void look_into_plain(struct walk *walk, struct slice value,
                            const struct buf *plain)
{
    struct slice text = {plain->data, plain->len};
    struct buf inner;
    size_t cut;

    buf_init(&inner, 4 * plain->len + 8);
    if (!slice_holds_json(text.at, text.len)) {
        cut = string_cut(walk->redaction->cover, text.at, text.len);
        if (cut < text.len) {
            buf_add(&inner, text.at, cut);
            replace(walk, value);
            buf_add_json(walk->out, inner.data, inner.len);
        }
    } else if (walk->wraps == MAX_WRAPS) {
        replace(walk, value);
        buf_adds(walk->out, "null");
    } else if (apply(walk->redaction, walk->wraps + 1, text, &inner)) {
        replace(walk, value);
        buf_add_json(walk->out, inner.data, inner.len);
    }
    buf_free(&inner);
}

static void look_into_string(struct walk *walk, struct slice value)
{
    struct buf plain;

    if (!memchr(value.at, '\\', value.len) &&
        !memchr(value.at, '=', value.len) && value.len > 1 &&
        !strchr("{[", value.at[1 + strspn(value.at + 1, " ")]))
        return; /* a key in it would have escaped quotes */
    buf_init(&plain, value.len);
    if (slice_string(value, &plain))
        look_into_plain(walk, value, &plain);
    buf_free(&plain);
}

static bool is_number_text(struct slice value)
{
    for (size_t i = 1; i + 1 < value.len; i++)
        if (!json_digit(value.at[i]) && !strchr(".-+eE", value.at[i]))
            return false;
    return value.len < 32;
}

/* A text that is JSON, or begins like it. */
static bool begins_json(struct slice value)
{
    struct buf plain;
    bool json;

    buf_init(&plain, value.len);
    slice_string(value, &plain);
    json = may_hold_json(plain.data);
    buf_free(&plain);
    return json;
}

static bool must_go(enum covered covered, struct slice value)
{
    char kind = value.len ? *value.at : 'n';

    if (covered == COVERED_ALL)
        return kind != 'n';
    if (kind == '{' || kind == '[')
        return covered >= COVERED_NESTED;
    if (kind != '"')
        return false;
    if (covered == COVERED_TEXT)
        return value.len > 2 && !is_number_text(value);
    return value.len > COVER_TEXT_MAX + 2 || begins_json(value);
}

/* key is escaped and without quotes. */
static enum covered judge_key(const struct redaction *redaction,
                              struct slice key)
{
    struct slice quoted = {key.at - 1, key.len + 2};
    enum covered covered;
    struct buf plain;

    if (!memchr(key.at, '\\', key.len))
        return cover_may(redaction->cover, key.at, key.len)
                   ? cover_judge(redaction->cover, key.at, key.len)
                   : COVERED_NO;
    buf_init(&plain, key.len);
    slice_string(quoted, &plain);
    covered = cover_judge(redaction->cover, plain.data, plain.len);
    buf_free(&plain);
    return covered;
}

/* The value of a covered key, behind at, goes. Returns where the walk goes on:
 * in a value that stays, something may still be covered. */
static const char *visit_value(struct walk *walk, struct slice key,
                               const char *at, const char *end)
{
    enum covered covered = judge_key(walk->redaction, key);
    struct slice value;

    if (covered == COVERED_NO)
        return at;
    value = slice_value(at, end);
    if (!must_go(covered, value))
        return covered == COVERED_ALL ? value.at + value.len : at;
    replace(walk, value);
    buf_adds(walk->out, "null");
    return value.at + value.len;
}

/* Goes from string to string. In JSON that passed the check, a string is a
 * key exactly when a ':' follows it. */
static bool apply(const struct redaction *redaction, int wraps,
                  struct slice json, struct buf *out)
{
    struct walk walk = {redaction, out, json.at, wraps, false};
    const char *end = json.at + json.len;
    const char *at = json.at;

    while (at < end && (at = memchr(at, '"', (size_t)(end - at)))) {
        struct slice text = slice_value(at, end);
        struct slice next = slice_value(text.at + text.len, end);

        if (next.at < end && *next.at == ':') {
            struct slice key = {text.at + 1, text.len - 2};

            at = visit_value(&walk, key, next.at + 1, end);
        } else {
            look_into_string(&walk, text);
            at = text.at + text.len;
        }
    }
    if (walk.dropped)
        buf_add(out, walk.done, (size_t)(end - walk.done));
    return walk.dropped;
}

bool redaction_concerns(const struct redaction *redaction, const cJSON *root)
{
    const struct cover *cover = redaction->cover;

    for (; root; root = json_after(root)) {
        size_t len = root->string ? strlen(root->string) : 0;

        if (len && cover_may(cover, root->string, len) &&
            cover_judge(cover, root->string, len))
            return true;
        if (cJSON_IsString(root) &&
            (may_hold_json(root->valuestring) ||
             covered_parameter(cover, root->valuestring)))
            return true;
    }
    return false;
}

bool redaction_apply(const struct redaction *redaction, struct slice json,
                     struct buf *out)
{
    return apply(redaction, 0, json, out);
}

void redaction_conceal(const struct redaction *redaction, struct event *event,
                       struct arena *arena)
{
    struct slice all = {event->raw, event->raw_len};
    struct slice given = {event->raw ? event->raw + event->props_at : NULL,
                          event->props_len};
    struct buf raw, props;
    const char *found = NULL;

    if (!redaction)
        return;
    event->sentence = prompt_unquoted(event, arena);
    buf_init(&raw, 8 * LIMIT_BODY);
    buf_init(&props, 8 * LIMIT_BODY);
    if (event->raw && redaction_apply(redaction, all, &raw)) {
        if (given.len && !redaction_apply(redaction, given, &props))
            buf_add(&props, given.at, given.len);
        event->raw = arena_strndup(arena, raw.data, raw.len);
        event->raw_len = raw.len;
        if (props.len)
            found = strstr(event->raw, props.data);
        event->props_at = found ? (size_t)(found - event->raw) : 0;
        event->props_len = found ? props.len : 0;
    }
    buf_free(&raw);
    buf_free(&props);
}

size_t redaction_cut(const struct redaction *redaction, const char *text,
                     size_t len)
{
    return redaction ? cover_cut(redaction->cover, text, len, false) : len;
}

/* ---- who is hidden ---- */

static bool is_listed(const char *const *list, const char *word)
{
    for (; list && *list; list++)
        if (text_casecmp(*list, word) == 0)
            return true;
    return false;
}

/* The domain itself and what is below it. */
static bool is_internal(const char *const *domains, const char *email)
{
    const char *domain = email ? strrchr(email, '@') : NULL;

    for (; domain; domain = strchr(domain + 1, '.'))
        if (is_listed(domains, domain + 1))
            return true;
    return false;
}

/* true, and what senders write for it. */
static bool is_true(const cJSON *value)
{
    return cJSON_IsTrue(value) ||
           (cJSON_IsString(value) &&
            text_casecmp(value->valuestring, "true") == 0);
}

enum hidden hide_judge(const struct hide_rules *rules, const char *email,
                       const struct cJSON *props)
{
    const cJSON *source = json_member(props, "source");

    if (!rules)
        return HIDDEN_NO;
    if (rules->impersonated && is_true(json_member(props, "was_impersonated")))
        return HIDDEN_IMPERSONATED;
    if (is_internal(rules->internal_domains, email))
        return HIDDEN_INTERNAL;
    if (cJSON_IsString(source) &&
        is_listed(rules->machine_sources, source->valuestring))
        return HIDDEN_MACHINE;
    return HIDDEN_NO;
}
