/* Where values stand in raw JSON text that passed slice_check(): these trust
 * it and only look for the end of things. They build no tree, convert no
 * number and never recurse: what needs a tree uses cJSON on the same text. */
#include "event/slice.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "event/json_char.h"

#include "base/banned.h"

/* ---- finding things ---- */

/* Of nothing, at may be NULL. */
static const char *end_of(struct slice slice)
{
    return slice.len ? slice.at + slice.len : slice.at;
}

static const char *after_blank(const char *at, const char *end)
{
    if (end - at >= 3 && json_bom(at, 3))
        at += 3;
    while (at < end && json_blank(*at))
        at++;
    return at;
}

/* True if an odd number of backslashes stands in front of at. */
static bool is_escaped(const char *at, const char *start)
{
    const char *back = at;

    while (back > start && back[-1] == '\\')
        back--;
    return (at - back) % 2;
}

/* at stands on an opening quote; returns what follows the closing one. */
static const char *after_string(const char *at, const char *end)
{
    const char *start = at + 1;

    for (at = start; at < end; at++) {
        at = memchr(at, '"', (size_t)(end - at));
        if (!at)
            return end;
        if (!is_escaped(at, start))
            return at + 1;
    }
    return end;
}

static const char *after_value(const char *at, const char *end)
{
    size_t depth = 0;

    do {
        char c = *at;

        if (c == '"') {
            at = after_string(at, end);
            continue;
        }
        if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']')
            depth--;
        at++;
    } while (at < end && depth);
    return at;
}

static bool ends_scalar(char c)
{
    return c == ',' || c == '}' || c == ']' || c == ':' || json_blank(c);
}

struct slice slice_value(const char *at, const char *end)
{
    const char *stop;

    at = after_blank(at, end);
    stop = at;
    if (at < end && (*at == '{' || *at == '[' || *at == '"'))
        stop = after_value(at, end);
    else
        while (stop < end && !ends_scalar(*stop))
            stop++;
    return (struct slice){at, (size_t)(stop - at)};
}

struct slice slice_trim(const char *text, size_t len)
{
    const char *end = end_of((struct slice){text, len});
    const char *at = after_blank(text, end);

    while (end > at && json_blank(end[-1]))
        end--;
    return (struct slice){at, (size_t)(end - at)};
}

char slice_kind(struct slice value)
{
    const char *end = end_of(value);
    const char *at = after_blank(value.at, end);

    return at < end ? *at : '\0';
}

bool slice_holds_json(const char *text, size_t len)
{
    char kind = slice_kind((struct slice){text, len});

    return (kind == '{' || kind == '[' || kind == '"') &&
           slice_check(text, len, NULL);
}

bool slice_next(struct slice container, const char **cursor, struct slice *key,
                struct slice *value)
{
    const char *end = end_of(container);
    const char *at = *cursor;

    *key = (struct slice){container.at, 0};
    if (!at) {
        at = after_blank(container.at, end);
        if (at == end || (*at != '{' && *at != '['))
            return false;
        at++;
    }
    at = after_blank(at, end);
    if (at < end && *at == ',')
        at = after_blank(at + 1, end);
    if (at >= end || *at == '}' || *at == ']')
        return false;
    if (slice_kind(container) == '{') {
        const char *stop = after_string(at, end);

        *key = (struct slice){at + 1, (size_t)(stop - at) - 2};
        at = after_blank(stop, end);
        at = at < end ? after_blank(at + 1, end) : end;
    }
    *value = slice_value(at, end);
    *cursor = value->at + value->len;
    return value->len > 0;
}

bool slice_next_string(struct slice json, const char **cursor,
                       struct slice *out)
{
    const char *end = end_of(json);
    const char *at = *cursor ? *cursor : json.at;

    while (at < end && (at = memchr(at, '"', (size_t)(end - at)))) {
        struct slice text = slice_value(at, end);
        const char *next;

        at = text.at + text.len;
        next = after_blank(at, end);
        if (next == end || *next != ':') {
            *out = text;
            *cursor = at;
            return true;
        }
    }
    return false;
}

/* How many bytes of path the (escaped) key matches, if it ends at a dot of
 * the path or at its end; 0: no match. */
static size_t key_matches(struct slice key, const char *path)
{
    struct buf plain;
    size_t len = 0;

    if (!memchr(key.at, '\\', key.len)) {
        if (key.len && *path == *key.at &&
            strncmp(path, key.at, key.len) == 0 &&
            (path[key.len] == '.' || !path[key.len]))
            return key.len;
        return 0;
    }
    buf_init(&plain, key.len);
    slice_string((struct slice){key.at - 1, key.len + 2}, &plain);
    if (strncmp(path, plain.data, plain.len) == 0 &&
        (path[plain.len] == '.' || !path[plain.len]))
        len = plain.len;
    buf_free(&plain);
    return len;
}

/* A key as it stands in the text, and whether something in it is escaped. */
struct name {
    struct slice text;
    bool escaped;
};

static struct name name_of(struct slice text)
{
    return (struct name){text, memchr(text.at, '\\', text.len) != NULL};
}

static bool is_key(const struct name *name, const char *key)
{
    size_t len = name->text.len;

    if (!name->escaped)
        return !strncmp(key, name->text.at, len) && !key[len];
    len = strlen(key);
    return len && key_matches(name->text, key) == len;
}

bool slice_member(struct slice object, const char *key, struct slice *out)
{
    struct slice text, value;
    const char *cursor = NULL;

    if (slice_kind(object) != '{')
        return false;
    while (slice_next(object, &cursor, &text, &value)) {
        struct name name = name_of(text);

        if (is_key(&name, key)) {
            *out = value;
            return true;
        }
    }
    return false;
}

void slice_members(struct slice object, const char *const *keys, size_t count,
                   struct slice *out)
{
    struct slice text, value;
    const char *cursor = NULL;
    size_t found = 0;

    memset(out, 0, count * sizeof *out);
    if (slice_kind(object) != '{')
        return;
    while (found < count && slice_next(object, &cursor, &text, &value)) {
        struct name name = name_of(text);

        for (size_t i = 0; i < count; i++)
            if (!out[i].len && is_key(&name, keys[i])) {
                out[i] = value;
                found++;
                break;
            }
    }
}

/* One step of a path: the longest key that is there, or an array's index.
 * Returns the bytes of path it used, 0 for none. */
static size_t path_step(struct slice value, const char *path,
                        struct slice *out)
{
    struct slice name, member;
    const char *cursor = NULL;
    size_t best = 0, index = 0, len = 0, count = 0;
    bool array = slice_kind(value) == '[';

    for (; len < 6 && json_digit(path[len]); len++)
        index = index * 10 + (size_t)(path[len] - '0');
    if (array && (!len || (path[len] && path[len] != '.')))
        return 0;
    while (slice_next(value, &cursor, &name, &member)) {
        size_t used =
            array ? (count++ == index ? len : 0) : key_matches(name, path);

        if (used > best) {
            best = used;
            *out = member;
        }
        if (used && !path[used])
            break; /* nothing is longer */
    }
    return best;
}

bool slice_path(struct slice value, const char *path, struct slice *out)
{
    while (*path) {
        size_t used = path_step(value, path, &value);

        if (!used)
            return false;
        path += used;
        if (*path == '.')
            path++;
    }
    *out = value;
    return true;
}

/* ---- strings ---- */

/* The four digits behind "\u" at text; text has at least 6 bytes. */
static uint32_t unit_at(const char *text)
{
    uint32_t unit = 0;

    for (int i = 2; i < 6; i++)
        unit = unit << 4 | (uint32_t)hex_digit(text[i]);
    return unit;
}

static bool is_unit(const char *at, const char *end)
{
    return end - at >= 6 && at[0] == '\\' && at[1] == 'u';
}

/* Reads the code point of a \u escape at `at`; returns what follows. */
static const char *read_unit(const char *at, const char *end, uint32_t *code)
{
    uint32_t high = unit_at(at), low;

    at += 6;
    *code = high ? high : 0xfffd;
    if (high < 0xd800 || high > 0xdfff)
        return at;
    *code = 0xfffd;
    if (high > 0xdbff || !is_unit(at, end))
        return at;
    low = unit_at(at);
    if (low < 0xdc00 || low > 0xdfff)
        return at;
    *code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    return at + 6;
}

const char *json_unescape(const char *at, const char *end, char **to)
{
    static const char from[] = "bfnrt", meant[] = "\b\f\n\r\t";
    const char *found;
    uint32_t code;

    if (is_unit(at, end)) {
        at = read_unit(at, end, &code);
        *to += utf8_encode(code, *to);
        return at;
    }
    if (end - at < 2)
        return end;
    found = strchr(from, at[1]);
    *(*to)++ = found && *found ? meant[found - from] : at[1];
    return at + 2;
}

bool slice_string(struct slice value, struct buf *out)
{
    const char *end = end_of(value);
    const char *at = after_blank(value.at, end);
    char bytes[4], *to;

    if (at == end || *at != '"')
        return false;
    end = after_string(at, end) - 1;
    for (at++; at < end;) {
        const char *run = memchr(at, '\\', (size_t)(end - at));

        if (!run)
            run = end;
        buf_add(out, at, (size_t)(run - at));
        to = bytes;
        at = run < end ? json_unescape(run, end, &to) : end;
        buf_add(out, bytes, (size_t)(to - bytes));
    }
    return buf_ok(out);
}

/* Code points that a terminal or a reader could be fooled by, ascending:
 * controls, what has no width, what changes the direction, tags, private
 * use. */
static const struct {
    uint32_t from, to;
} hostile[] = {{0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},
               {0x61c, 0x61c},     {0x115f, 0x1160},   {0x17b4, 0x17b5},
               {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
               {0x2060, 0x206f},   {0x3164, 0x3164},   {0xe000, 0xf8ff},
               {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
               {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff}};

static bool is_hostile(uint32_t code)
{
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
        if (code <= hostile[i].to)
            return code >= hostile[i].from;
    return false;
}

/* The first bytes of those in UTF-8. */
static bool may_be_hostile(unsigned char lead)
{
    switch (lead) {
    case 0x7f:
    case 0xc2:
    case 0xcd:
    case 0xd8:
    case 0xe1:
    case 0xe2:
    case 0xe3:
    case 0xee:
    case 0xef:
    case 0xf3:
    case 0xf4:
        return true;
    default:
        return false;
    }
}

/* Length of the hostile character at `at`, its code in *code; 0: harmless. */
static size_t hostile_at(const char *at, const char *end, uint32_t *code)
{
    int len;

    if (!may_be_hostile((unsigned char)*at))
        return 0;
    len = utf8_decode(at, (size_t)(end - at), code);
    return len > 0 && is_hostile(*code) ? (size_t)len : 0;
}

static void add_escaped(struct buf *out, uint32_t code)
{
    if (code > 0xffff) {
        buf_addf(out, "\\u%04x", (unsigned)(0xd7c0 + (code >> 10)));
        code = 0xdc00 + (code & 0x3ff);
    }
    buf_addf(out, "\\u%04x", (unsigned)code);
}

static const char *compact_string(const char *at, const char *end,
                                  struct buf *out)
{
    const char *stop = after_string(at, end);
    const char *run = at;
    uint32_t code;

    while (at < stop) {
        size_t len = hostile_at(at, stop, &code);

        if (!len) {
            at++;
            continue;
        }
        buf_add(out, run, (size_t)(at - run));
        add_escaped(out, code);
        at += len;
        run = at;
    }
    buf_add(out, run, (size_t)(stop - run));
    return stop;
}

bool slice_compact(struct buf *out, struct slice value)
{
    const char *end = end_of(value);
    const char *at = after_blank(value.at, end);

    while (at < end) {
        const char *run = at;

        if (*at == '"') {
            at = compact_string(at, end, out);
            continue;
        }
        while (at < end && *at != '"' && !json_blank(*at))
            at++;
        buf_add(out, run, (size_t)(at - run));
        while (at < end && json_blank(*at))
            at++;
    }
    return buf_ok(out);
}

void slice_defuse(const char *text, size_t len, char *out)
{
    const char *end = out + len;
    char *at = out;

    memcpy(out, text, len);
    while ((at = memchr(at, '\\', (size_t)(end - at)))) {
        const char *next;
        uint32_t code;

        if (!is_unit(at, end)) {
            at += end - at < 2 ? 1 : 2;
            continue;
        }
        next = read_unit(at, end, &code);
        if (code == 0xfffd)
            memcpy(at, "\\ufffd", 6);
        at += next - at;
    }
}
