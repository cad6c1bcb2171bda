/* An id has to be the one that events carry, to the letter: what a
 * spreadsheet, a CRM or a word processor put around it is taken away, and what
 * cannot be an id is said rather than kept. */
#include "event/book_id.h"

#include <stdint.h>
#include <string.h>

#include "base/hex.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "base/banned.h"

#define ID_MAX 128

/* Blanks, and what shows nothing. */
static bool is_blank(uint32_t code)
{
    return code <= ' ' || (code >= 0x7f && code <= 0xa0) || code == 0xad ||
           code == 0x1680 || code == 0x180e ||
           (code >= 0x2000 && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202f) ||
           (code >= 0x205f && code <= 0x2064) || code == 0x3000 ||
           code == 0xfeff;
}

/* What stands around an id: quotes, also curled ones, braces, and the "=" of
 * ="…" that keeps a spreadsheet from reading a number. */
static bool is_wrapping(uint32_t code)
{
    return code < 0x80 ? code && strchr("{}[]()<>\"'`=", (int)code) != NULL
                       : (code >= 0x2018 && code <= 0x201f) || code == 0xab ||
                             code == 0xbb;
}

static bool is_dash(uint32_t code)
{
    return (code >= 0x2010 && code <= 0x2015) || code == 0x2212;
}

/* The bytes of the code point at the end of len bytes. */
static size_t last_size(const char *text, size_t len)
{
    size_t size = 1;

    while (size < len && size < 4 &&
           ((unsigned char)text[len - size] & 0xc0) == 0x80)
        size++;
    return size;
}

static bool goes(const char *text, size_t len)
{
    uint32_t code;

    utf8_decode(text, len, &code);
    return is_blank(code) || is_wrapping(code);
}

/* Cuts what is around the id in place; returns where it begins. */
static char *cut_around(char *text)
{
    size_t len = strlen(text), size;
    uint32_t code;

    while (len > 0 && goes(text, len)) {
        int n = utf8_decode(text, len, &code);

        text += n < 0 ? 1 : n;
        len -= n < 0 ? 1 : (size_t)n;
    }
    while (len > 0) {
        size = last_size(text, len);
        if (!goes(text + len - size, size))
            break;
        len -= size;
    }
    text[len] = '\0';
    return text;
}

/* Copies the hexadecimal digits of text, and nothing of what may stand
 * between them; false if there is anything else, or not 32 of them. */
static bool read_digits(const char *text, char digits[33])
{
    size_t len = strlen(text), count = 0;

    for (size_t i = 0; i < len;) {
        uint32_t code;
        int n = utf8_decode(text + i, len - i, &code);

        i += n < 0 ? 1 : (size_t)n;
        if (is_blank(code) || is_wrapping(code) || is_dash(code) ||
            code == '-')
            continue;
        if (code >= 0x80 || hex_digit((char)code) < 0 || count == 32)
            return false;
        digits[count++] = (char)code;
    }
    digits[count] = '\0';
    return count == 32;
}

bool book_id_to_uuid(const char *text, char out[UUID_TEXT_SIZE])
{
    char digits[33], dashed[UUID_TEXT_SIZE];
    struct uuid uuid;
    size_t at = 0;

    if (strncmp(text, "urn:uuid:", 9) == 0)
        text += 9;
    if (!read_digits(text, digits))
        return false;
    for (size_t i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            dashed[at++] = '-';
        dashed[at++] = digits[i];
    }
    dashed[at] = '\0';
    if (!uuid_parse(dashed, at, &uuid))
        return false;
    uuid_format(&uuid, out);
    return true;
}

bool book_id_is_uuid(const char *cell)
{
    char uuid[UUID_TEXT_SIZE];

    return book_id_to_uuid(cell, uuid);
}

enum book_id_form book_id_form(const char *id)
{
    if (book_id_is_uuid(id))
        return BOOK_ID_UUID;
    return *id && !id[strspn(id, "0123456789")] ? BOOK_ID_DIGITS
                                                : BOOK_ID_OTHER;
}

/* What people, spreadsheets and CRMs write where there is nothing. */
static bool is_nothing(const char *id)
{
    static const char *const words[] = {
        "",        "-",    "--",    "—",     "–",    ".",
        "?",       "0",    "n/a",   "na",    "n.a.", "nan",
        "none",    "nil",  "null",  "tbd",   "todo", "undefined",
        "unknown", "true", "false", "empty", "blank"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(id, words[i]) == 0)
            return true;
    return id[0] == '#' || strncmp(id, "loading", 7) == 0;
}

/* Lines that a report or a sheet adds up in: "Total", "Grand Totals (12
 * records)". */
static bool is_sum(const char *id)
{
    static const char *const words[] = {"total",   "totals", "subtotal",
                                        "count",   "sum",    "average",
                                        "avg",     "median", "grand total",
                                        "records", "rows",   NULL};

    for (size_t i = 0; words[i]; i++) {
        size_t len = strlen(words[i]);

        if (strncmp(id, words[i], len) == 0 &&
            (!id[len] || strchr(" :s(", id[len])))
            return true;
    }
    return false;
}

/* A UUID that lost or gained some characters. */
static bool is_broken_uuid(const char *id)
{
    size_t len = strlen(id), dashes = 0;

    if (strspn(id, "0123456789abcdef-") != len)
        return false;
    for (const char *at = id; *at; at++)
        dashes += *at == '-';
    return dashes == 4 && len > 28;
}

static bool has_blank(const char *id)
{
    size_t len = strlen(id);

    for (size_t i = 0; i < len;) {
        uint32_t code;
        int n = utf8_decode(id + i, len - i, &code);

        if (n < 0 || is_blank(code) || code == 0xfffd)
            return true;
        i += (size_t)n;
    }
    return false;
}

static bool has_capitals(const char *text)
{
    for (; *text; text++)
        if (*text >= 'A' && *text <= 'Z')
            return true;
    return false;
}

static char *to_small(char *text)
{
    for (char *at = text; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return text;
}

/* A UUID in capitals, as some systems have them, keeps them in *written. */
static void read_uuid(const char *cell, const char *uuid, struct arena *arena,
                      const char **id, const char **written)
{
    char *text, *small;

    *id = *written = arena_strdup(arena, uuid);
    if (!has_capitals(cell))
        return;
    text = cut_around(text_sanitised(arena, cell, strlen(cell), LIMIT_TEXT));
    small = to_small(arena_strdup(arena, text));
    if (!strcmp(small, uuid))
        *written = text;
}

const char *book_id_read(const char *cell, struct arena *arena,
                         const char **id, const char **written)
{
    char uuid[UUID_TEXT_SIZE], *text;

    *id = *written = NULL;
    if (book_id_to_uuid(cell, uuid)) {
        read_uuid(cell, uuid, arena, id, written);
        return NULL;
    }
    text = cut_around(text_sanitised(arena, cell, strlen(cell), LIMIT_TEXT));
    *written = text;
    if (has_capitals(text))
        text = to_small(arena_strdup(arena, text));
    if (is_nothing(text))
        return "no organisation id";
    if (is_sum(text))
        return "a sum, no account";
    if (text[strcspn(text, ",;/\\\"'<>@")] || strlen(text) > ID_MAX ||
        has_blank(text))
        return "this is no organisation id";
    if (is_broken_uuid(text))
        return "the organisation id is no UUID";
    *id = text;
    return NULL;
}
