/* Is it JSON? One strict pass by RFC 8259, without recursion; it builds
 * nothing and finds nothing. slice.c finds things in what passed here. */
#include "event/slice.h"

#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "event/json_char.h"

#include "base/banned.h"

struct scan {
    const char *text;
    size_t at, len;
    const char *why; /* of a failure, at `at` */
};

enum expect {
    EXPECT_VALUE,
    EXPECT_VALUE_OR_END, /* right after '[' */
    EXPECT_KEY,
    EXPECT_KEY_OR_END, /* right after '{' */
    EXPECT_COMMA_OR_END,
    EXPECT_NOTHING,
};

static bool fail(struct scan *scan, const char *why)
{
    scan->why = why;
    return false;
}

static void skip_blank(struct scan *scan)
{
    while (scan->at < scan->len && json_blank(scan->text[scan->at]))
        scan->at++;
}

/* The character at `at`, or NUL at the end (a NUL byte is never valid). */
static char peek(const struct scan *scan)
{
    return scan->at < scan->len ? scan->text[scan->at] : '\0';
}

/* at stands on the character after a backslash. */
static bool scan_escape(struct scan *scan)
{
    char c = peek(scan);

    if (c && strchr("\"\\/bfnrt", c)) {
        scan->at++;
        return true;
    }
    if (c != 'u')
        return fail(scan, "a bad escape in a string");
    scan->at++;
    for (int i = 0; i < 4; i++, scan->at++)
        if (hex_digit(peek(scan)) < 0)
            return fail(scan, "a bad \\u escape in a string");
    return true;
}

/* True if one of the eight bytes at text is a quote, a backslash or a control
 * character: the usual tricks with a word, see "Bit Twiddling Hacks". */
static bool has_special(const unsigned char *text)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word, quote, slash;

    memcpy(&word, text, sizeof word);
    quote = word ^ ones * '"';
    slash = word ^ ones * '\\';
    return (((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
            ((word - ones * 0x20) & ~word)) &
           ones * 0x80;
}

/* at stands on the opening quote. */
static bool scan_string(struct scan *scan)
{
    const unsigned char *text = (const unsigned char *)scan->text;
    size_t at = scan->at + 1;

    for (;;) {
        while (scan->len - at >= 8 && !has_special(text + at))
            at += 8;
        while (at < scan->len && text[at] != '"' && text[at] != '\\' &&
               text[at] >= 0x20)
            at++;
        scan->at = at;
        if (at == scan->len)
            return fail(scan, "it ends in the middle of a string");
        if (text[at] == '"') {
            scan->at++;
            return true;
        }
        if (text[at] != '\\')
            return fail(scan, "a raw control character in a string");
        scan->at++;
        if (!scan_escape(scan))
            return false;
        at = scan->at;
    }
}

static bool scan_digits(struct scan *scan)
{
    if (!json_digit(peek(scan)))
        return fail(scan, "a bad number");
    while (json_digit(peek(scan)))
        scan->at++;
    return true;
}

static bool scan_number(struct scan *scan)
{
    if (peek(scan) == '-')
        scan->at++;
    if (peek(scan) == '0')
        scan->at++;
    else if (!scan_digits(scan))
        return false;
    if (peek(scan) == '.') {
        scan->at++;
        if (!scan_digits(scan))
            return false;
    }
    if (peek(scan) == 'e' || peek(scan) == 'E') {
        scan->at++;
        if (peek(scan) == '+' || peek(scan) == '-')
            scan->at++;
        return scan_digits(scan);
    }
    return true;
}

static bool scan_word(struct scan *scan, const char *word)
{
    size_t len = strlen(word);

    if (scan->len - scan->at < len ||
        memcmp(scan->text + scan->at, word, len) != 0)
        return fail(scan, "an unexpected character");
    scan->at += len;
    return true;
}

static bool scan_scalar(struct scan *scan)
{
    switch (peek(scan)) {
    case '"':
        return scan_string(scan);
    case 't':
        return scan_word(scan, "true");
    case 'f':
        return scan_word(scan, "false");
    case 'n':
        return scan_word(scan, "null");
    default:
        if (peek(scan) != '-' && !json_digit(peek(scan)))
            return fail(scan, "an unexpected character");
        return scan_number(scan);
    }
}

static bool scan_key(struct scan *scan)
{
    if (peek(scan) != '"')
        return fail(scan, "a key in quotes is missing");
    if (!scan_string(scan))
        return false;
    skip_blank(scan);
    if (peek(scan) != ':')
        return fail(scan, "a ':' is missing");
    scan->at++;
    return true;
}

/* What is open around the scanner, as closing brackets. */
struct nest {
    char closers[LIMIT_JSON_DEPTH];
    size_t depth;
};

static bool nest_open(struct scan *scan, struct nest *nest, char opener)
{
    if (nest->depth == LIMIT_JSON_DEPTH)
        return fail(scan, "nested deeper than 1,000");
    nest->closers[nest->depth++] = opener == '{' ? '}' : ']';
    scan->at++;
    return true;
}

static enum expect nest_after(const struct nest *nest)
{
    return nest->depth ? EXPECT_COMMA_OR_END : EXPECT_NOTHING;
}

static bool scan_step(struct scan *scan, struct nest *nest,
                      enum expect *expect)
{
    char c = peek(scan);
    char closer = nest->depth ? nest->closers[nest->depth - 1] : '\0';

    if (*expect != EXPECT_VALUE && *expect != EXPECT_KEY && closer &&
        c == closer) {
        scan->at++;
        nest->depth--;
        *expect = nest_after(nest);
        return true;
    }
    switch (*expect) {
    case EXPECT_COMMA_OR_END:
        if (c != ',')
            return fail(scan, "a ',' is missing");
        scan->at++;
        *expect = closer == '}' ? EXPECT_KEY : EXPECT_VALUE;
        return true;
    case EXPECT_KEY:
    case EXPECT_KEY_OR_END:
        *expect = EXPECT_VALUE;
        return scan_key(scan);
    case EXPECT_NOTHING:
        return fail(scan, "something follows the JSON");
    default:
        break;
    }
    if (c == '{' || c == '[') {
        *expect = c == '{' ? EXPECT_KEY_OR_END : EXPECT_VALUE_OR_END;
        return nest_open(scan, nest, c);
    }
    *expect = nest_after(nest);
    return scan_scalar(scan);
}

static bool scan_all(struct scan *scan)
{
    struct nest nest = {.depth = 0};
    enum expect expect = EXPECT_VALUE;

    for (;;) {
        skip_blank(scan);
        if (scan->at == scan->len)
            return expect == EXPECT_NOTHING || fail(scan, "it ends too early");
        if (!scan_step(scan, &nest, &expect))
            return false;
    }
}

bool slice_check(const char *text, size_t len, struct err *err)
{
    struct scan scan = {.text = text, .len = len};
    size_t bad;

    scan.at = json_bom(text, len);
    skip_blank(&scan);
    if (scan.at == len)
        return err_set(err, "the body is empty");
    if (!utf8_valid(text, len, &bad))
        return err_set(err, "invalid UTF-8 at byte %zu", bad);
    if (!scan_all(&scan))
        return err_set(err, "not JSON: %s at byte %zu", scan.why, scan.at);
    return true;
}
