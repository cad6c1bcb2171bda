/* The search. Names are kept as folded characters; a text is read character
 * by character only where a first one may stand, and there in each notation
 * that is possible. */
#include "journal/trace.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/utf8.h"
#include "journal/unescape.h"

#include "base/banned.h"

#define NAME_MAX_CODES 512
#define STEPS 4096    /* to decide on one name at one place */
#define BASE64_MIN 16 /* characters; shorter runs are words */
#define BUCKETS 64

struct name {
    uint32_t *codes;
    size_t count;
    bool hint, address, number;
    struct name *next; /* of the bucket */
};

struct traces {
    struct name names[LIMIT_TRACES];
    size_t count;
    bool starts[256]; /* bytes where one may begin */
    struct name *buckets[BUCKETS];
};

/* A text that is looked through. */
struct hay {
    const char *text;
    size_t len;
};

/* ---- the names ---- */

static uint32_t folded(uint32_t code)
{
    char text[5] = "";
    uint32_t out = code;
    char *fold;

    if (code < 0x80)
        return (uint32_t)tolower((int)code);
    if (code > 0x10ffff)
        return code;
    text[utf8_encode(code, text)] = '\0';
    fold = text_fold(text);
    if (utf8_decode(fold, strlen(fold), &out) < 1)
        out = code;
    free(fold);
    return out;
}

static bool is_blank(uint32_t code)
{
    return code <= ' ' || code == 0xa0;
}

static void read_name(struct name *name, const char *text)
{
    size_t len = strlen(text), at = 0;

    name->codes = xcalloc(NAME_MAX_CODES, sizeof *name->codes);
    name->number = true;
    while (at < len && name->count < NAME_MAX_CODES) {
        struct unit unit = unescape_at(text, len, at, 0);

        name->codes[name->count++] = folded(unit.code);
        name->address = name->address || unit.code == '@';
        name->number = name->number && unit.code >= '0' && unit.code <= '9';
        at += unit.len;
    }
}

static bool same_name(const struct name *a, const struct name *b)
{
    return a->count == b->count &&
           !memcmp(a->codes, b->codes, a->count * sizeof *a->codes);
}

static void note_start(struct traces *traces, uint32_t first)
{
    static const char escapes[] = "%=\\&";

    for (const char *at = escapes; *at; at++)
        traces->starts[(unsigned char)*at] = true;
    if (first < 0x80) {
        traces->starts[first] = true;
        traces->starts[(unsigned char)toupper((int)first)] = true;
    } else {
        for (int byte = 0x80; byte < 0x100; byte++)
            traces->starts[byte] = true;
    }
}

struct traces *traces_new(void)
{
    return xcalloc(1, sizeof(struct traces));
}

void traces_free(struct traces *traces)
{
    for (size_t i = 0; traces && i < traces->count; i++)
        free(traces->names[i].codes);
    free(traces);
}

static struct name *find_name(struct traces *traces, const struct name *name)
{
    for (size_t i = 0; i < traces->count; i++)
        if (same_name(&traces->names[i], name))
            return &traces->names[i];
    return NULL;
}

bool traces_add(struct traces *traces, enum trace_kind kind, const char *text)
{
    struct name new = {.hint = kind == TRACE_HINT}, *name;
    bool full = traces->count == LIMIT_TRACES;

    while (text && *text == ' ')
        text++;
    if (!text || !*text)
        return true;
    read_name(&new, text);
    name = find_name(traces, &new);
    if (name || full) {
        if (name)
            name->hint = name->hint && new.hint;
        free(new.codes);
        return name != NULL;
    }
    name = &traces->names[traces->count++];
    *name = new;
    name->next = traces->buckets[name->codes[0] % BUCKETS];
    traces->buckets[name->codes[0] % BUCKETS] = name;
    note_start(traces, name->codes[0]);
    return true;
}

/* ---- one name at one place ---- */

/* Mail breaks lines with "=" at their end; in JSON that end is escaped. */
static size_t after_break(const struct hay *hay, size_t at)
{
    struct unit unit;

    if (at >= hay->len || hay->text[at++] != '=')
        return 0;
    unit = unescape_at(hay->text, hay->len, at, UNESCAPE_DEPTH);
    if (unit.len && unit.code == '\r') {
        at += unit.len;
        unit = unescape_at(hay->text, hay->len, at, UNESCAPE_DEPTH);
    }
    return unit.len && unit.code == '\n' ? at + unit.len : 0;
}

static bool stands_for(uint32_t code, uint32_t wanted)
{
    if (is_blank(wanted))
        return is_blank(code) || code == '+' || code == '_';
    return folded(code) == wanted;
}

/* Where name ends that goes on with its character i at position at; 0: it
 * does not. */
static size_t match(const struct hay *hay, const struct name *name, size_t i,
                    size_t at, unsigned *steps)
{
    struct unit before = {0, 0};
    size_t end;

    if (i == name->count)
        return at;
    for (int depth = 0; depth <= UNESCAPE_DEPTH; depth++) {
        struct unit unit = unescape_at(hay->text, hay->len, at, depth);

        if (!unit.len || !*steps)
            return 0;
        --*steps;
        if (depth && unit.len == before.len && unit.code == before.code)
            continue;
        before = unit;
        if (stands_for(unit.code, name->codes[i]) &&
            (end = match(hay, name, i + 1, at + unit.len, steps)))
            return end;
        if (unit.len == 1 && !strchr("%=\\&", hay->text[at]))
            break;
    }
    at = i ? after_break(hay, at) : 0;
    return at ? match(hay, name, i, at, steps) : 0;
}

/* ---- what is around it ---- */

static bool is_of_word(uint32_t code)
{
    if (code < 0x80)
        return isalnum((int)code) || code == '_';
    return code >= 0xc0 && code < 0x200000 &&
           !(code >= 0x2000 && code <= 0x206f) &&
           !(code >= 0x3000 && code <= 0x303f);
}

/* The character that ends at position end, in the longest notation there is;
 * len 0: the text begins there. */
static struct unit unit_before(const struct hay *hay, size_t end)
{
    size_t most = end < UNESCAPE_MAX ? end : UNESCAPE_MAX;

    for (size_t back = most; back > 1; back--)
        for (int depth = 1; depth <= UNESCAPE_DEPTH; depth++) {
            struct unit unit =
                unescape_at(hay->text, hay->len, end - back, depth);

            if (unit.len == back)
                return unit;
        }
    if (!end)
        return (struct unit){0, 0};
    most = end < 4 ? end : 4;
    for (size_t back = 1; back <= most; back++) {
        struct unit unit = unescape_at(hay->text, hay->len, end - back, 0);

        if (unit.len == back)
            return unit;
    }
    return unescape_at(hay->text, hay->len, end - 1, 0);
}

static struct unit unit_after(const struct hay *hay, size_t at)
{
    return unescape_at(hay->text, hay->len, at, UNESCAPE_DEPTH);
}

/* "\nora": the n is none of the word. */
static bool is_inside_escape(const struct hay *hay, size_t at)
{
    size_t slashes = 0;

    while (slashes < at && hay->text[at - 1 - slashes] == '\\')
        slashes++;
    if (slashes % 2 && hay->text[at] && strchr("ntrbfux", hay->text[at]))
        return true;
    for (size_t back = 1; back <= 2 && back <= at; back++)
        if (hay->text[at - back] == '%') {
            struct unit unit = unescape_at(hay->text, hay->len, at - back, 1);

            return unit.len > back;
        }
    return false;
}

/* A dot or a hyphen between two letters goes on with an address. */
static bool joins(uint32_t code)
{
    return code == '.' || code == '-';
}

static bool is_whole(const struct hay *hay, const struct name *name,
                     size_t start, size_t end)
{
    struct unit before = unit_before(hay, start), after = unit_after(hay, end);

    if ((before.len && is_of_word(before.code)) ||
        (after.len && is_of_word(after.code)))
        return false;
    if (!name->address)
        return true;
    if (before.len && joins(before.code)) {
        before = unit_before(hay, start - before.len);
        if (before.len && is_of_word(before.code))
            return false;
    }
    if (after.len && joins(after.code)) {
        after = unit_after(hay, end + after.len);
        if (after.len && is_of_word(after.code))
            return false;
    }
    return true;
}

static bool ends_value(struct unit unit)
{
    return !unit.len ||
           (unit.code < 0x80 && strchr("\"'=&<>,:;[]{}\r\n", (int)unit.code));
}

/* A short name is theirs only where it is all that is said. */
static bool is_all_said(const struct hay *hay, size_t start, size_t end)
{
    return ends_value(unit_before(hay, start)) &&
           ends_value(unit_after(hay, end));
}

/* ---- all names, all places ---- */

static size_t try_name(const struct hay *hay, const struct name *name,
                       size_t at, bool hints)
{
    unsigned steps = STEPS;
    size_t end = match(hay, name, 0, at, &steps);

    /* In what is no JSON a backslash need not mean anything. */
    if (!end || (!hints && is_inside_escape(hay, at)) ||
        !is_whole(hay, name, at, end) ||
        (name->hint && !is_all_said(hay, at, end)))
        return 0;
    return end;
}

/* The end of a name that begins at position at; 0: none does. */
static size_t find_at(const struct traces *traces, const struct hay *hay,
                      size_t at, bool hints, const struct name **found)
{
    struct unit before = {0, 0};

    for (int depth = 0; depth <= UNESCAPE_DEPTH; depth++) {
        struct unit unit = unescape_at(hay->text, hay->len, at, depth);
        struct name *name = traces->buckets[folded(unit.code) % BUCKETS];

        if (depth && unit.len == before.len && unit.code == before.code)
            continue;
        before = unit;
        for (; name; name = name->next) {
            size_t end = 0;

            /* Others share the bucket. */
            if (stands_for(unit.code, *name->codes) && (hints || !name->hint))
                end = try_name(hay, name, at, hints);
            if (end) {
                *found = name;
                return end;
            }
        }
        if (!strchr("%=\\&", hay->text[at]))
            break;
    }
    return 0;
}

/* Nines, where a number may be. */
static size_t look_plain(const struct traces *traces, const struct hay *hay,
                         bool hints, char *blot)
{
    size_t count = 0, at = 0;

    while (at < hay->len) {
        const struct name *name;
        size_t end = traces->starts[(unsigned char)hay->text[at]]
                         ? find_at(traces, hay, at, hints, &name)
                         : 0;

        if (!end) {
            at++;
            continue;
        }
        count++;
        if (!blot)
            return count;
        memset(blot + at, name->number ? '9' : '*', end - at);
        at = end;
    }
    return count;
}

/* ---- base64 ---- */

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

static size_t unpack(const char *text, size_t len, char *out)
{
    uint32_t bits = 0;
    size_t count = 0;
    unsigned held = 0;

    for (size_t i = 0; i < len; i++) {
        bits = bits << 6 | (uint32_t)value_of(text[i]);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[count++] = (char)(bits >> held & 0xff);
        }
    }
    return count;
}

/* Only the groups that hold a byte that changed. */
static void pack(const char *was, const char *is, size_t count, char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl"
                                  "mnopqrstuvwxyz0123456789";

    for (size_t i = 0; i < count; i++) {
        size_t group = i / 3 * 3;
        uint32_t bits = 0;

        if (was[i] == is[i])
            continue;
        for (size_t j = 0; j < 3; j++)
            bits = bits << 8 |
                   (group + j < count ? (unsigned char)is[group + j] : 0u);
        for (size_t j = 0; j < 4 && group + (j ? j - 1 : 0) < count; j++) {
            uint32_t value = bits >> (18 - 6 * j) & 63;
            char *at = text + group / 3 * 4 + j;

            if (value < 62)
                *at = letters[value];
            else if (value_of(*at) != (int)value)
                *at = value == 62 ? '+' : '/';
        }
    }
}

static size_t look_run(const struct traces *traces, const struct hay *run,
                       bool hints, char *blot)
{
    char *bytes = xmalloc(run->len + 1), *clean = xmalloc(run->len + 1);
    size_t found = 0;

    for (size_t skip = 0; skip < 4 && !found; skip++) {
        size_t count = unpack(run->text + skip, run->len - skip, bytes);
        const struct hay inner = {bytes, count};

        memcpy(clean, bytes, count);
        found = look_plain(traces, &inner, hints, blot ? clean : NULL);
        if (found && blot)
            pack(bytes, clean, count, blot + skip);
    }
    free(bytes);
    free(clean);
    return found;
}

static size_t look_packed(const struct traces *traces, const struct hay *hay,
                          bool hints, char *blot)
{
    size_t count = 0, at = 0;

    while (at < hay->len) {
        size_t end = at;

        while (end < hay->len && value_of(hay->text[end]) >= 0)
            end++;
        if (end - at >= BASE64_MIN) {
            const struct hay run = {hay->text + at, end - at};

            count += look_run(traces, &run, hints, blot ? blot + at : NULL);
            if (count && !blot)
                return count;
        }
        at = end + 1;
    }
    return count;
}

bool traces_find(const struct traces *traces, const char *text, size_t len,
                 bool hints)
{
    const struct hay hay = {text, len};

    return look_plain(traces, &hay, hints, NULL) ||
           look_packed(traces, &hay, hints, NULL);
}

size_t traces_blot(const struct traces *traces, char *text, size_t len)
{
    char *copy = xmalloc(len + 1);
    const struct hay hay = {copy, len};
    size_t count;

    memcpy(copy, text, len);
    count = look_plain(traces, &hay, false, text);
    memcpy(copy, text, len);
    count += look_packed(traces, &hay, false, text);
    free(copy);
    return count;
}

/* ---- SQL ---- */

static void sql_find(sqlite3_context *call, sqlite3_value **values, bool hints)
{
    const char *text = sqlite3_value_blob(values[0]);
    size_t len = (size_t)sqlite3_value_bytes(values[0]);

    sqlite3_result_int(call, text && traces_find(sqlite3_user_data(call), text,
                                                 len, hints));
}

static void sql_in(sqlite3_context *call, int count, sqlite3_value **values)
{
    (void)count;
    sql_find(call, values, false);
}

static void sql_hint(sqlite3_context *call, int count, sqlite3_value **values)
{
    (void)count;
    sql_find(call, values, true);
}

static void sql_blot(sqlite3_context *call, int count, sqlite3_value **values)
{
    const void *text = sqlite3_value_text(values[0]);
    size_t len = (size_t)sqlite3_value_bytes(values[0]);
    char *copy;

    (void)count;
    if (!text)
        return;
    copy = sqlite3_malloc64(len + 1);
    if (!copy) {
        sqlite3_result_error_nomem(call);
        return;
    }
    memcpy(copy, text, len);
    traces_blot(sqlite3_user_data(call), copy, len);
    sqlite3_result_text64(call, copy, len, sqlite3_free, SQLITE_UTF8);
}

bool traces_teach(const struct traces *traces, sqlite3 *db, struct err *err)
{
    static const struct {
        const char *name;
        void (*call)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {{"trace_in", sql_in},
                     {"trace_hint", sql_hint},
                     {"trace_blot", sql_blot}};

    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (sqlite3_create_function(db, functions[i].name, 1, SQLITE_UTF8,
                                    (void *)traces,
                                    traces ? functions[i].call : NULL, NULL,
                                    NULL))
            return err_set(err, "the journal: %s", sqlite3_errmsg(db));
    return true;
}
