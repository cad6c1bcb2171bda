/* Layers of notations: each reads the characters of the one below it. What is
 * no escape is itself, so a layer too many does no harm. */
#include "journal/unescape.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

#include "base/banned.h"

#define NO_UTF8 0x200000u /* plus the byte */
#define ENTITY_MAX 9

struct text {
    const char *bytes;
    size_t len;
};

static struct unit below(const struct text *text, size_t at, int depth)
{
    return unescape_at(text->bytes, text->len, at, depth - 1);
}

static int digit_of(uint32_t code, bool lower)
{
    if (code >= '0' && code <= '9')
        return (int)code - '0';
    if (code >= 'A' && code <= 'F')
        return (int)code - 'A' + 10;
    return lower && code >= 'a' && code <= 'f' ? (int)code - 'a' + 10 : -1;
}

/* count hex digits at *at, which moves behind them; -1: they are none. */
static int32_t read_hex(const struct text *text, size_t *at, int depth,
                        int count, bool lower)
{
    int32_t value = 0;
    size_t now = *at;

    for (int i = 0; i < count; i++) {
        struct unit unit = below(text, now, depth);
        int digit = unit.len ? digit_of(unit.code, lower) : -1;

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
        now += unit.len;
    }
    *at = now;
    return value;
}

/* %40, =40: bytes, as many as a character has. */
static struct unit read_bytes(const struct text *text, size_t at, int depth,
                              struct unit lead)
{
    size_t now = at;
    char bytes[4];
    uint32_t code;

    for (size_t i = 0; i < sizeof bytes; i++) {
        struct unit next = below(text, now, depth);
        int32_t byte;
        int used;

        if (!next.len || next.code != lead.code)
            break;
        now += next.len;
        byte = read_hex(text, &now, depth, 2, lead.code == '%');
        if (byte < 0)
            break;
        bytes[i] = (char)byte;
        used = utf8_decode(bytes, i + 1, &code);
        if (used == (int)i + 1)
            return (struct unit){code, now - at};
    }
    return lead;
}

/* \u0040, and two of them for what is beyond 16 bits. */
static struct unit read_u(const struct text *text, size_t at, size_t now,
                          int depth, struct unit lead)
{
    int32_t high = read_hex(text, &now, depth, 4, true), low = -1;
    size_t then = now;
    struct unit next;

    if (high < 0)
        return lead;
    if (high < 0xd800 || high > 0xdbff)
        return (struct unit){(uint32_t)high, now - at};
    next = below(text, then, depth);
    then += next.len;
    if (next.len && next.code == '\\') {
        next = below(text, then, depth);
        then += next.len;
        if (next.len && next.code == 'u')
            low = read_hex(text, &then, depth, 4, true);
    }
    if (low < 0xdc00 || low > 0xdfff)
        return (struct unit){(uint32_t)high, now - at};
    return (struct unit){0x10000u + ((uint32_t)(high - 0xd800) << 10) +
                             (uint32_t)(low - 0xdc00),
                         then - at};
}

static struct unit read_backslash(const struct text *text, size_t at,
                                  int depth, struct unit lead)
{
    static const char letters[] = "ntrbf", mean[] = "\n\t\r\b\f";
    size_t now = at + lead.len;
    struct unit next = below(text, now, depth);
    const char *letter;
    int32_t byte;

    if (!next.len || next.code > 0x7f)
        return lead;
    now += next.len;
    if (next.code == 'u')
        return read_u(text, at, now, depth, lead);
    if (next.code == 'x' && (byte = read_hex(text, &now, depth, 2, true)) >= 0)
        return (struct unit){(uint32_t)byte, now - at};
    if (strchr("\"\\/'", (int)next.code))
        return (struct unit){next.code, now - at};
    letter = strchr(letters, (int)next.code);
    return letter ? (struct unit){(uint32_t)mean[letter - letters], now - at}
                  : lead;
}

static uint32_t entity_code(const char *name)
{
    static const struct {
        const char *name;
        uint32_t code;
    } known[] = {{"amp", '&'},    {"lt", '<'},     {"gt", '>'},
                 {"quot", '"'},   {"apos", '\''},  {"commat", '@'},
                 {"period", '.'}, {"lowbar", '_'}, {"plus", '+'},
                 {"nbsp", ' '},   {"hyphen", '-'}, {"num", '#'}};
    uint32_t code = 0;
    bool hex = name[0] == '#' && (name[1] == 'x' || name[1] == 'X');
    const char *digits = name + 1 + hex;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(name, known[i].name))
            return known[i].code;
    if (*name != '#' || !*digits)
        return 0;
    for (; *digits; digits++) {
        int digit = digit_of((uint32_t)(unsigned char)*digits, true);

        if (digit < 0 || (!hex && digit > 9) || code > 0x10ffff)
            return 0;
        code = code * (hex ? 16 : 10) + (uint32_t)digit;
    }
    return code <= 0x10ffff ? code : 0;
}

static bool is_of_entity(uint32_t code)
{
    return code == '#' || (code >= '0' && code <= '9') ||
           ((code | 32) >= 'a' && (code | 32) <= 'z');
}

static struct unit read_entity(const struct text *text, size_t at, int depth,
                               struct unit lead)
{
    size_t now = at + lead.len;
    char name[ENTITY_MAX + 1];

    for (size_t i = 0; i <= ENTITY_MAX; i++) {
        struct unit next = below(text, now, depth);
        uint32_t code;

        if (!next.len || next.code > 0x7f)
            return lead;
        now += next.len;
        if (next.code == ';') {
            name[i] = '\0';
            code = entity_code(name);
            return code ? (struct unit){code, now - at} : lead;
        }
        if (i == ENTITY_MAX || !is_of_entity(next.code))
            return lead;
        name[i] = (char)next.code;
    }
    return lead;
}

static struct unit as_it_stands(const char *text, size_t len, size_t at)
{
    struct unit unit = {0, 0};
    int used;

    if (at >= len)
        return unit;
    used = utf8_decode(text + at, len - at, &unit.code);
    unit.len = used > 0 ? (size_t)used : 1;
    if (used < 1)
        unit.code = NO_UTF8 + (unsigned char)text[at];
    return unit;
}

struct unit unescape_at(const char *bytes, size_t len, size_t at, int depth)
{
    const struct text text = {bytes, len};
    struct unit lead;

    if (!depth || at >= len || !bytes[at] || !strchr("%=\\&", bytes[at]))
        return as_it_stands(bytes, len, at);
    lead = unescape_at(bytes, len, at, depth - 1);
    if (lead.len > UNESCAPE_MAX)
        return lead;
    switch (lead.code) {
    case '%':
    case '=':
        return read_bytes(&text, at, depth, lead);
    case '\\':
        return read_backslash(&text, at, depth, lead);
    case '&':
        return read_entity(&text, at, depth, lead);
    default:
        return lead;
    }
}
