/* The two encodings that are not UTF-8 and still come out of a spreadsheet.
 * Small enough to be here: what iconv() calls them differs between systems. */
#include "base/charset.h"

#include <stdint.h>

#include "base/utf8.h"
#include "base/banned.h"

#define LOOKED_AT 64 /* bytes, for NULs */

static unsigned unit_at(const unsigned char *bytes, bool big)
{
    return big ? (unsigned)bytes[0] << 8 | bytes[1]
               : (unsigned)bytes[1] << 8 | bytes[0];
}

/* Without a mark: a header is Latin letters, and every one of them has a NUL
 * on the same side. */
static bool has_nuls(const unsigned char *bytes, size_t len, bool big)
{
    size_t most = len < LOOKED_AT ? len : LOOKED_AT;

    for (size_t i = 0; i + 1 < most; i += 2)
        if (bytes[i + !big] || !bytes[i + big])
            return false;
    return most >= 4;
}

static bool find_order(const unsigned char *bytes, size_t len, bool *big,
                       size_t *skip)
{
    *skip = 2;
    if (len >= 2 &&
        (unit_at(bytes, false) == 0xfeff || unit_at(bytes, true) == 0xfeff)) {
        *big = unit_at(bytes, true) == 0xfeff;
        return true;
    }
    *skip = 0;
    *big = has_nuls(bytes, len, true);
    return *big || has_nuls(bytes, len, false);
}

static bool is_high(unsigned unit)
{
    return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(unsigned unit)
{
    return unit >= 0xdc00 && unit < 0xe000;
}

bool charset_add_utf16(struct buf *out, const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at;
    bool big;

    if (!find_order(bytes, len, &big, &at))
        return false;
    for (; at + 1 < len; at += 2) {
        uint32_t code = unit_at(bytes + at, big);
        unsigned next = at + 3 < len ? unit_at(bytes + at + 2, big) : 0;
        char utf8[4];

        if (is_high(code) && is_low(next)) {
            code = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
            at += 2;
        } else if (is_high(code) || is_low(code)) {
            code = 0xfffd;
        }
        buf_add(out, utf8, (size_t)utf8_encode(code, utf8));
    }
    return true;
}

void charset_add_1252(struct buf *out, const char *bytes, size_t len)
{
    /* 0x80 to 0x9f; the five that mean nothing stay what they are. */
    static const uint16_t marks[32] = {0x20ac, 0x81,   0x201a, 0x192,  0x201e,
                                       0x2026, 0x2020, 0x2021, 0x2c6,  0x2030,
                                       0x160,  0x2039, 0x152,  0x8d,   0x17d,
                                       0x8f,   0x90,   0x2018, 0x2019, 0x201c,
                                       0x201d, 0x2022, 0x2013, 0x2014, 0x2dc,
                                       0x2122, 0x161,  0x203a, 0x153,  0x9d,
                                       0x17e,  0x178};

    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        char utf8[4];

        buf_add(out, utf8,
                (size_t)utf8_encode(byte >= 0x80 && byte < 0xa0
                                        ? marks[byte - 0x80]
                                        : byte,
                                    utf8));
    }
}
