/* Is it JSON? One strict pass; it builds nothing and converts nothing. */
#include "event/json_scan.h"

#include <string.h>

#include "base/bytes.h"
#include "base/utf8.h"
#include "event/json_char.h"

#include "base/banned.h"

static bool fail(struct json_scan *scan, const char *why)
{
    scan->why = why;
    return false;
}

static void skip_blank(struct json_scan *scan)
{
    while (scan->at < scan->end && json_blank(*scan->at))
        scan->at++;
}

/* The character at `at`, or NUL at the end (a NUL byte is never valid). */
static char peek(const struct json_scan *scan)
{
    return scan->at < scan->end ? *scan->at : '\0';
}

/* ---- strings ---- */

/* at stands on the character after a backslash. */
static bool scan_escape(struct json_scan *scan)
{
    char c = peek(scan);

    scan->escaped = true;
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

static bool is_special(char c)
{
    return c == '"' || c == '\\' || (unsigned char)c < 0x20;
}

/* To the next quote, backslash or control character. */
static const char *after_plain(const char *at, const char *end)
{
    uint64_t word, special;

    for (; end - at >= 8; at += 8) {
        word = bytes_load(at);
        special = bytes_equal(word, '"') | bytes_equal(word, '\\') |
                  bytes_below(word, 0x20);
        if (special)
            return at + bytes_first(special);
    }
    while (at < end && !is_special(*at))
        at++;
    return at;
}

/* at stands on the opening quote. */
static bool scan_string(struct json_scan *scan)
{
    scan->at++;
    for (;;) {
        scan->at = after_plain(scan->at, scan->end);
        if (scan->at == scan->end)
            return fail(scan, "it ends in the middle of a string");
        if (*scan->at == '"') {
            scan->at++;
            return true;
        }
        if (*scan->at != '\\')
            return fail(scan, "a raw control character in a string");
        scan->at++;
        if (!scan_escape(scan))
            return false;
    }
}

/* ---- numbers and words ---- */

static bool scan_digits(struct json_scan *scan)
{
    if (!json_digit(peek(scan)))
        return fail(scan, "a bad number");
    while (json_digit(peek(scan)))
        scan->at++;
    return true;
}

static bool scan_number(struct json_scan *scan)
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

static bool scan_word(struct json_scan *scan, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(scan->end - scan->at) < len ||
        memcmp(scan->at, word, len) != 0)
        return fail(scan, "an unexpected character");
    scan->at += len;
    return true;
}

/* ---- tokens ---- */

static enum json_expect expect_after(const struct json_scan *scan)
{
    return scan->depth ? EXPECT_COMMA_OR_END : EXPECT_NOTHING;
}

static enum json_token bad(struct json_scan *scan, const char *why)
{
    fail(scan, why);
    return JSON_BAD;
}

/* The token that began at start ends here. */
static enum json_token token(struct json_scan *scan, enum json_token kind,
                             const char *start, bool good)
{
    scan->token = (struct slice){start, (size_t)(scan->at - start)};
    return good ? kind : JSON_BAD;
}

static enum json_token take_scalar(struct json_scan *scan)
{
    const char *start = scan->at;

    scan->expect = expect_after(scan);
    switch (peek(scan)) {
    case '"':
        return token(scan, JSON_STRING, start, scan_string(scan));
    case 't':
        return token(scan, JSON_WORD, start, scan_word(scan, "true"));
    case 'f':
        return token(scan, JSON_WORD, start, scan_word(scan, "false"));
    case 'n':
        return token(scan, JSON_WORD, start, scan_word(scan, "null"));
    default:
        if (peek(scan) != '-' && !json_digit(peek(scan)))
            return bad(scan, "an unexpected character");
        return token(scan, JSON_NUMBER, start, scan_number(scan));
    }
}

static bool scan_colon(struct json_scan *scan)
{
    skip_blank(scan);
    if (peek(scan) != ':')
        return fail(scan, "a ':' is missing");
    scan->at++;
    return true;
}

static enum json_token take_key(struct json_scan *scan)
{
    const char *start = scan->at;
    enum json_token kind;

    scan->expect = EXPECT_VALUE;
    if (peek(scan) != '"')
        return bad(scan, "a key in quotes is missing");
    kind = token(scan, JSON_KEY, start, scan_string(scan));
    return kind == JSON_KEY && !scan_colon(scan) ? JSON_BAD : kind;
}

static enum json_token take_open(struct json_scan *scan, char opener)
{
    if (scan->depth == LIMIT_JSON_DEPTH)
        return bad(scan, "nested deeper than 1,000");
    scan->closers[scan->depth++] = opener == '{' ? '}' : ']';
    scan->expect = opener == '{' ? EXPECT_KEY_OR_END : EXPECT_VALUE_OR_END;
    scan->at++;
    return token(scan, JSON_OPEN, scan->at - 1, true);
}

static enum json_token take_close(struct json_scan *scan)
{
    scan->at++;
    scan->depth--;
    scan->expect = expect_after(scan);
    return token(scan, JSON_CLOSE, scan->at - 1, true);
}

static enum json_token take_end(struct json_scan *scan)
{
    return scan->expect == EXPECT_NOTHING ? JSON_END
                                          : bad(scan, "it ends too early");
}

/* Past the comma that must be here. */
static bool take_comma(struct json_scan *scan, char closer)
{
    if (peek(scan) != ',')
        return fail(scan, "a ',' is missing");
    scan->at++;
    skip_blank(scan);
    scan->expect = closer == '}' ? EXPECT_KEY : EXPECT_VALUE;
    return true;
}

enum json_token json_scan_next(struct json_scan *scan)
{
    char closer = scan->depth ? scan->closers[scan->depth - 1] : '\0';

    scan->escaped = false;
    skip_blank(scan);
    if (scan->at == scan->end)
        return take_end(scan);
    if (scan->expect == EXPECT_NOTHING)
        return bad(scan, "something follows the JSON");
    if (*scan->at == closer && scan->expect != EXPECT_VALUE)
        return take_close(scan);
    if (scan->expect == EXPECT_COMMA_OR_END && !take_comma(scan, closer))
        return JSON_BAD;
    if (scan->at == scan->end)
        return take_end(scan);
    if (scan->expect == EXPECT_KEY || scan->expect == EXPECT_KEY_OR_END)
        return take_key(scan);
    if (*scan->at == '{' || *scan->at == '[')
        return take_open(scan, *scan->at);
    return take_scalar(scan);
}

bool json_scan_begin(struct json_scan *scan, struct slice text,
                     struct err *err)
{
    size_t bad;

    scan->text = text.at;
    scan->at = text.at + json_bom(text.at, text.len);
    scan->end = text.at + text.len;
    scan->why = NULL;
    scan->expect = EXPECT_VALUE;
    scan->depth = 0;
    skip_blank(scan);
    if (scan->at == scan->end)
        return err_set(err, "the body is empty");
    if (!utf8_valid(text.at, text.len, &bad))
        return err_set(err, "invalid UTF-8 at byte %zu", bad);
    return true;
}

bool json_scan_why(const struct json_scan *scan, struct err *err)
{
    return err_set(err, "not JSON: %s at byte %zu", scan->why,
                   (size_t)(scan->at - scan->text));
}

bool slice_check(const char *text, size_t len, struct err *err)
{
    struct json_scan scan;
    enum json_token kind;

    if (!json_scan_begin(&scan, (struct slice){text, len}, err))
        return false;
    do
        kind = json_scan_next(&scan);
    while (kind > JSON_END);
    return kind == JSON_END || json_scan_why(&scan, err);
}
