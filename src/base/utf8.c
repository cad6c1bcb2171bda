/* UTF-8: is it, and from bytes to code points and back. What a code point is,
 * it does not know. */
#include "base/utf8.h"

#include "base/bytes.h"

#include "base/banned.h"

static bool in(uint32_t code, uint32_t first, uint32_t last)
{
    return code >= first && code <= last;
}

/* Of three and of four bytes; s[0] is 0xe0 or more. */
static int decode_long(const unsigned char *s, size_t len, uint32_t *code)
{
    uint32_t value;

    if (len < 3 || !utf8_both_go_on(s[1], s[2]))
        return -1;
    value = (s[0] & 0xfu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
    if (s[0] < 0xf0) {
        if (value < 0x800 || in(value, 0xd800, 0xdfff))
            return -1;
        *code = value;
        return 3;
    }
    value = (value & 0x7fff) << 6;
    if (s[0] > 0xf4 || len < 4 || !utf8_goes_on(s[3]) ||
        !in(value, 0x10000, 0x10ffff))
        return -1;
    *code = value | (s[3] & 0x3fu);
    return 4;
}

int utf8_decode(const char *text, size_t len, uint32_t *code)
{
    const unsigned char *s = (const unsigned char *)text;

    *code = 0;
    if (!len)
        return 0;
    if (s[0] < 0x80) {
        *code = s[0];
        return 1;
    }
    *code = UTF8_REPLACEMENT;
    if (s[0] >= 0xe0)
        return decode_long(s, len, code);
    if (s[0] < 0xc2 || len < 2 || !utf8_goes_on(s[1]))
        return -1;
    *code = (s[0] & 0x1fu) << 6 | (s[1] & 0x3fu);
    return 2;
}

int utf8_encode(uint32_t code, char out[4])
{
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        code = UTF8_REPLACEMENT;
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* How many of the bytes at text are ASCII. */
static size_t seven_bit_run(const char *text, size_t len)
{
    uint64_t marks;
    size_t i = 0;

    for (; i + 8 <= len; i += 8) {
        marks = bytes_load(text + i) & BYTES_TOPS;
        if (marks)
            return i + bytes_first(marks);
    }
    while (i < len && !(text[i] & 0x80))
        i++;
    return i;
}

bool utf8_valid(const char *text, size_t len, size_t *at)
{
    size_t i = 0;
    uint32_t code;
    int n;

    while (i < len) {
        i += seven_bit_run(text + i, len - i);
        if (i == len)
            break;
        n = utf8_decode(text + i, len - i, &code);
        if (n < 0) {
            if (at)
                *at = i;
            return false;
        }
        i += (size_t)n;
    }
    return true;
}
