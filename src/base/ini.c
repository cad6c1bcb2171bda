/* The one reader of INI text. inih splits lines into section, key and value;
 * this file hands it the lines, and so knows their numbers, refuses what
 * inih would silently cut, and joins continuation lines. What the keys mean
 * is the caller's. */
#include "base/ini.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/banned.h"

#define NAME_MAX_BYTES 49 /* inih's INI_MAX_NAME less its NUL */

struct ini {
    const char *name;
    const char *rest, *end; /* lines not handed out yet */
    unsigned line, section_line;
    bool indented; /* the current line starts with a blank */
    ini_each *each;
    void *ctx;
    struct err *err;
    unsigned failed; /* line of the first error of ours; 0: none */
    /* The setting being read: it ends where the next one begins. */
    char *section, *key;
    unsigned key_line, key_section_line;
    struct buf value;
};

/* What inih takes for a blank. */
static bool blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void fail(struct ini *ini, const char *what)
{
    if (!ini->failed) {
        err_set(ini->err, "%s:%u: %s", ini->name, ini->line, what);
        ini->failed = ini->line;
    }
}

/* A comment begins at ';' after a blank. inih's releases disagree about
 * comments on continuation lines, so it never gets to see one. */
static size_t without_comment(const char *line, size_t len)
{
    for (size_t i = 1; i < len; i++)
        if (line[i] == ';' && blank(line[i - 1]))
            return i;
    return len;
}

/* Names that inih would cut. `line` has no leading blanks. */
static bool names_fit(const char *line, size_t len)
{
    const char *stops = line[0] == '[' ? "]" : "=:";
    size_t start = line[0] == '[', end = start;

    while (end < len && !strchr(stops, line[end]))
        end++;
    while (end > start && blank(line[end - 1]))
        end--;
    return end - start <= NAME_MAX_BYTES;
}

/* Hands the finished setting to the caller. */
static void flush(struct ini *ini)
{
    char where[512];
    struct ini_entry entry = {
        .section = ini->section,
        .section_line = ini->key_section_line,
        .key = ini->key,
        .value = ini->value.data,
        .line = ini->key_line,
        .where = where,
    };

    if (!ini->key)
        return;
    snprintf(where, sizeof where, "%s:%u", ini->name, ini->key_line);
    if (!ini->failed && !ini->each(ini->ctx, &entry, ini->err))
        ini->failed = ini->key_line;
    free(ini->section);
    free(ini->key);
    ini->section = ini->key = NULL;
    buf_clear(&ini->value);
}

/* inih takes a section and drops what follows it, a setting for one. */
static bool ends_section(const char *line, size_t len)
{
    const char *end = memchr(line, ']', len);
    size_t at = end ? (size_t)(end - line) + 1 : len;

    while (at < len && blank(line[at]))
        at++;
    return at == len || line[at] == ';' || line[at] == '#';
}

/* Looks at a line before inih does. */
static bool line_check(struct ini *ini, const char *line, size_t len)
{
    size_t lead = 0;

    if (len > LIMIT_CONFIG_LINE) {
        fail(ini, "line is longer than 190 bytes; go on in an indented line");
        return false;
    }
    if (memchr(line, '\0', len)) {
        fail(ini, "NUL byte in the line");
        return false;
    }
    if (!utf8_valid(line, len, NULL)) {
        fail(ini, "line is not UTF-8");
        return false;
    }
    while (lead < len && blank(line[lead]))
        lead++;
    ini->indented = lead > 0;
    if (lead == len || line[lead] == ';' || line[lead] == '#')
        return true;
    if (ini->indented && ini->key)
        return true;
    if (line[lead] == '[') {
        flush(ini);
        ini->section_line = ini->line;
        if (!ends_section(line + lead, len - lead)) {
            fail(ini, "text behind the \"]\"; a setting has a line of its "
                      "own");
            return false;
        }
    }
    if (!names_fit(line + lead, len - lead)) {
        fail(ini, "name is longer than 49 bytes");
        return false;
    }
    return true;
}

/* A line ends with LF, CRLF or CR. Returns its length without that; *next is
 * where the next one begins. */
static size_t line_len(const char *line, const char *end, const char **next)
{
    const char *at = line;

    while (at < end && *at != '\n' && *at != '\r')
        at++;
    *next = at < end ? at + 1 : end;
    if (*next < end && *at == '\r' && **next == '\n')
        ++*next;
    return (size_t)(at - line);
}

/* inih's reader: the next line, or NULL at the end. */
static char *next_line(char *out, int size, void *stream)
{
    struct ini *ini = stream;
    const char *start = ini->rest;
    size_t len;

    if (ini->failed || start == ini->end)
        return NULL;
    len = line_len(start, ini->end, &ini->rest);
    ini->line++;
    if (len > LIMIT_CONFIG_LINE || (int)len + 2 > size)
        len = LIMIT_CONFIG_LINE + 1;
    if (!line_check(ini, start, len))
        return NULL;
    len = without_comment(start, len);
    memcpy(out, start, len);
    out[len] = '\n';
    out[len + 1] = '\0';
    return out;
}

static void begin(struct ini *ini, const char *section, const char *key,
                  const char *value)
{
    flush(ini);
    if (ini->failed)
        return;
    if (!*key)
        fail(ini, "a name is missing before the \"=\"");
    else if (ini->indented)
        fail(ini, "a setting starts in the first column");
    ini->section = xstrdup(section);
    ini->key = xstrdup(key);
    ini->key_line = ini->line;
    ini->key_section_line = ini->section_line;
    buf_adds(&ini->value, value);
}

/* inih's handler. It calls a continuation with the key of the line above. */
static int handle(void *user, const char *section, const char *key,
                  const char *value)
{
    struct ini *ini = user;

    if (ini->key && ini->indented) {
        if (ini->value.len > 0)
            buf_addc(&ini->value, ' ');
        buf_adds(&ini->value, value);
    } else {
        begin(ini, section, key, value);
    }
    return 1;
}

/* What inih could not split: only it knows the line, only we the words. */
static bool syntax_error(const struct ini *ini, const char *text,
                         unsigned line)
{
    for (unsigned n = 1; n < line; n++)
        line_len(text, ini->end, &text);
    while (blank(*text))
        text++;
    return err_set(ini->err, "%s:%u: %s", ini->name, line,
                   *text == '[' ? "\"]\" is missing after the section"
                                : "expected \"key = value\"");
}

bool ini_read(const char *name, const char *text, size_t len, ini_each *each,
              void *ctx, struct err *err)
{
    struct ini ini = {.name = name, .each = each, .ctx = ctx, .err = err};
    int bad;

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }
    ini.rest = text;
    ini.end = text + len;
    buf_init(&ini.value, LIMIT_CONFIG_FILE);
    bad = ini_parse_stream(next_line, &ini, handle, &ini);
    flush(&ini);
    free(ini.section);
    free(ini.key);
    buf_free(&ini.value);
    if (bad > 0 && (!ini.failed || (unsigned)bad < ini.failed))
        return syntax_error(&ini, text, (unsigned)bad);
    return !ini.failed;
}

bool ini_load(const char *path, ini_each *each, void *ctx, struct err *err)
{
    size_t len;
    char *text = file_slurp(path, LIMIT_CONFIG_FILE, &len, err);
    bool ok;

    if (!text)
        return false;
    ok = ini_read(path, text, len, each, ctx, err);
    free(text);
    return ok;
}
