/* What is dropped at the border, before anything is written anywhere, and
 * who is hidden. Dropping works on the raw text, so that all else stays as it
 * came; hiding is only a mark. */
#include "event/redact.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/mem.h"
#include "base/text.h"
#include "event/json_char.h"
#include "event/json_tree.h"

#include "base/banned.h"

/* JSON in a string in JSON: looked into this deep. Each wrapping doubles
 * the backslashes, so nobody gets much deeper. */
#define MAX_WRAPS 8
/* A byte order mark may stand in front of it. */
#define BOM_FIRST '\xef'

struct redaction {
    char *list;
    const char **names; /* into list */
    size_t count;
    bool globs;       /* one of the names has a '*' */
    bool first[256];  /* the characters names begin with; '*' for all */
    bool second[256]; /* and those they go on with, NUL among them */
};

static void note_name(struct redaction *redaction, const char *name)
{
    redaction->first[(unsigned char)name[0]] = true;
    redaction->second[(unsigned char)name[1]] = true;
}

struct redaction *redaction_new(const char *list)
{
    struct redaction *redaction = xcalloc(1, sizeof *redaction);
    char *at;

    redaction->list = xstrdup(list);
    redaction->names = xcalloc(strlen(list) / 2 + 1, sizeof *redaction->names);
    redaction->globs = strchr(list, '*');
    for (at = redaction->list; *(at += strspn(at, " \t\r\n,"));) {
        redaction->names[redaction->count++] = at;
        at += strcspn(at, " \t\r\n,");
        if (*at)
            *at++ = '\0';
        note_name(redaction, redaction->names[redaction->count - 1]);
    }
    return redaction;
}

void redaction_free(struct redaction *redaction)
{
    if (!redaction)
        return;
    free(redaction->names);
    free(redaction->list);
    free(redaction);
}

static bool covers(const struct redaction *redaction, const char *key)
{
    for (size_t i = 0; i < redaction->count; i++) {
        const char *name = redaction->names[i];

        if (*name == *key && strcmp(name, key) == 0)
            return true;
        if (redaction->globs && strchr(name, '*') && text_glob(name, key))
            return true;
    }
    return false;
}

/* key is escaped and without quotes, as slice_next() gives it. */
static bool covers_slice(const struct redaction *redaction, struct slice key)
{
    struct slice quoted = {key.at - 1, key.len + 2};
    struct buf plain;
    bool covered;

    if (!redaction->globs && !memchr(key.at, '\\', key.len)) {
        for (size_t i = 0; key.len && i < redaction->count; i++) {
            const char *name = redaction->names[i];

            if (*name == *key.at && strncmp(name, key.at, key.len) == 0 &&
                !name[key.len])
                return true;
        }
        return false;
    }
    buf_init(&plain, key.len);
    slice_string(quoted, &plain);
    covered = covers(redaction, plain.data);
    buf_free(&plain);
    return covered;
}

/* Where the walk stands: everything before `done` is in out. */
struct walk {
    const struct redaction *redaction;
    struct buf *out;
    const char *done;
    int wraps;
    bool dropped;
};

static void put_quoted(struct buf *out, const char *text)
{
    buf_addc(out, '"');
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20)
            buf_addf(out, "\\u%04x", (unsigned)*text);
        else if (*text == '"' || *text == '\\')
            buf_addf(out, "\\%c", *text);
        else
            buf_addc(out, *text);
    }
    buf_addc(out, '"');
}

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
 * hiding place. */
static void look_into_string(struct walk *walk, struct slice value)
{
    struct buf plain, inner;

    if (walk->wraps == MAX_WRAPS || !memchr(value.at, '\\', value.len))
        return; /* a key in it would have escaped quotes */
    buf_init(&plain, value.len);
    buf_init(&inner, 4 * value.len);
    if (slice_string(value, &plain) &&
        slice_holds_json(plain.data, plain.len) &&
        apply(walk->redaction, walk->wraps + 1,
              (struct slice){plain.data, plain.len}, &inner)) {
        replace(walk, value);
        put_quoted(walk->out, inner.data);
    }
    buf_free(&plain);
    buf_free(&inner);
}

/* The value of a covered key, behind at, goes. Returns where the walk goes on. */
static const char *visit_value(struct walk *walk, struct slice key,
                               const char *at, const char *end)
{
    static const char null[] = "null";
    struct slice value;

    if (!covers_slice(walk->redaction, key))
        return at;
    value = slice_value(at, end);
    if (value.len != 4 || memcmp(value.at, null, 4) != 0) {
        replace(walk, value);
        buf_adds(walk->out, null);
    }
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

/* Most keys are none of the names, as their first two characters show. */
static bool may_be_covered(const struct redaction *redaction, const char *key)
{
    return redaction->globs ||
           (redaction->first[(unsigned char)key[0]] && key[0] &&
            redaction->second[(unsigned char)key[1]]);
}

/* JSON in a string may have keys of its own. */
static bool may_hold_json(const char *text)
{
    while (json_blank(*text))
        text++;
    return *text == '{' || *text == '[' || *text == '"' || *text == BOM_FIRST;
}

bool redaction_concerns(const struct redaction *redaction, const cJSON *root)
{
    for (; root; root = json_after(root)) {
        if (root->string && may_be_covered(redaction, root->string) &&
            covers(redaction, root->string))
            return true;
        if (cJSON_IsString(root) && may_hold_json(root->valuestring))
            return true;
    }
    return false;
}

/* True if the text at `at` begins like a covered name. */
static bool begins_name(const struct redaction *redaction, const char *at,
                        const char *end)
{
    for (size_t i = 0; i < redaction->count; i++) {
        const char *name = redaction->names[i];
        size_t len = 0;

        while (at + len < end && name[len] && name[len] == at[len])
            len++;
        if (!name[len] || name[len] == '*')
            return true;
    }
    return false;
}

/* A quick look: false if no key can be covered, in JSON in a string either,
 * where the quote in front of a name has a backslash. Escapes in names are
 * left to the walk. */
static bool may_cover(const struct redaction *redaction, struct slice json)
{
    const char *end = json.at + json.len;
    const char *at = json.at;

    if (redaction->first['*'])
        return true;
    while ((at = memchr(at, '"', (size_t)(end - at))) && ++at < end)
        if (redaction->first[(unsigned char)*at] &&
            begins_name(redaction, at, end))
            return true;
    at = json.at;
    while ((at = memchr(at, '\\', (size_t)(end - at))) && ++at < end)
        if (*at == 'u' || *at == '/')
            return true;
    return false;
}

bool redaction_apply(const struct redaction *redaction, struct slice json,
                     struct buf *out)
{
    return may_cover(redaction, json) && apply(redaction, 0, json, out);
}

/* Where the len bytes at word first stand in text, or NULL. */
static const char *find(const char *text, size_t text_len, const char *word,
                        size_t len)
{
    const char *end = text + text_len;

    for (; len && (size_t)(end - text) >= len; text++) {
        text = memchr(text, *word, (size_t)(end - text) - len + 1);
        if (!text)
            return NULL;
        if (memcmp(text, word, len) == 0)
            return text;
    }
    return NULL;
}

size_t redaction_cut(const struct redaction *redaction, const char *text,
                     size_t len)
{
    for (size_t i = 0; redaction && i < redaction->count; i++) {
        /* '$' may be written as %24 or \u0024 */
        const char *word =
            redaction->names[i] + strspn(redaction->names[i], "$*");
        size_t word_len = strcspn(word, "*");
        const char *found = find(text, len, word, word_len);

        if (!word_len)
            return 0; /* "*" covers all */
        if (found)
            len = (size_t)(found - text);
    }
    return len;
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
