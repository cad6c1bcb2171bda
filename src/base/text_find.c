/* Finding text in text, as a person means it: without regard to case, and
 * with a plain letter also finding the accented one. No locale, no collation
 * order, no regular expressions. */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/text.h"

#include "base/banned.h"

static unsigned char ascii_lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Simple folding: the lower case of the upper case, so that ς, σ and Σ (and
 * ſ, s and S) are one. */
static uint32_t fold_code(uint32_t code)
{
    if (code < 0x80)
        return ascii_lower((char)code);
    return (uint32_t)utf8proc_tolower(
        utf8proc_toupper((utf8proc_int32_t)code));
}

char *text_fold(const char *text)
{
    size_t len = strlen(text), at = 0, used = 0;
    char *out = xmalloc(len * 3 + 1);
    uint32_t code;
    int n;

    while ((n = utf8_decode(text + at, len - at, &code)) != 0) {
        used += (size_t)utf8_encode(fold_code(code), out + used);
        at += n < 0 ? 1 : (size_t)n;
    }
    out[used] = '\0';
    return out;
}

/* The letter under the accents: é is e, ǻ is a. */
static uint32_t bare_letter(uint32_t code)
{
    utf8proc_int32_t parts[8];
    int boundary = 0;

    if (code < 0xc0 ||
        utf8proc_decompose_char((utf8proc_int32_t)code, parts, 8,
                                UTF8PROC_DECOMPOSE, &boundary) < 1)
        return code;
    return (uint32_t)parts[0];
}

static bool is_accent(uint32_t code)
{
    return code >= 0x300 && code < 0x370;
}

/* Does hay start with needle? An accent that needle does not have is passed
 * over, but only after a plain letter of it. */
static bool starts_slowly(const char *hay, size_t hay_len, const char *needle,
                          size_t len, bool fold)
{
    size_t h = 0, i = 0;
    bool plain = false;
    uint32_t a, b;
    int n, m;

    while (i < len) {
        n = utf8_decode(hay + h, hay_len - h, &a);
        if (!n)
            return false;
        h += n < 0 ? 1 : (size_t)n;
        m = utf8_decode(needle + i, len - i, &b);
        if (fold)
            a = fold_code(a);
        if (plain && is_accent(a) && a != b)
            continue;
        if (a != b && !(b < 0x80 && bare_letter(a) == b))
            return false;
        plain = b < 0x80;
        i += m < 0 ? 1 : (size_t)m;
    }
    return true;
}

/* Plain bytes are compared in place; an accent, which only a byte above 0x7f
 * can begin, goes the long way from the start. */
static bool starts(const char *hay, size_t hay_len, const char *needle,
                   size_t len, bool fold)
{
    size_t i;

    for (i = 0; i < len; i++) {
        if (i == hay_len)
            return false;
        if ((hay[i] | needle[i]) & 0x80)
            return starts_slowly(hay, hay_len, needle, len, fold);
        if ((fold ? ascii_lower(hay[i]) : (unsigned char)hay[i]) !=
            (unsigned char)needle[i])
            return false;
    }
    return true;
}

/* How many of the bytes at hay cannot begin a match: eight at a time, those
 * that are ASCII and in no case the first byte of the needle. */
static size_t skip(const char *hay, size_t len, unsigned char first)
{
    const uint64_t ones = 0x0101010101010101u, tops = ones * 0x80;
    const uint64_t sought = ones * (first | 0x20u);
    uint64_t word, differs;
    size_t i = 0;

    for (; i + 8 <= len; i += 8) {
        memcpy(&word, hay + i, 8);
        differs = (word | ones * 0x20) ^ sought;
        if ((word | ((differs - ones) & ~differs)) & tops)
            break;
    }
    return i;
}

static bool contains(const char *hay, const char *needle, bool fold)
{
    size_t hay_len = strlen(hay), len = strlen(needle), i = 0, end;
    unsigned char first = (unsigned char)needle[0], c;

    if (!len)
        return true;
    while (i < hay_len) {
        i += skip(hay + i, hay_len - i, first);
        end = i + 8 < hay_len ? i + 8 : hay_len;
        for (; i < end; i++) {
            c = (unsigned char)hay[i];
            if (c < 0x80 ? (fold ? ascii_lower(hay[i]) : c) != first
                         : (c & 0xc0) == 0x80)
                continue;
            if (starts(hay + i, hay_len - i, needle, len, fold))
                return true;
        }
    }
    return false;
}

bool text_contains_folded(const char *hay, const char *needle)
{
    return contains(hay, needle, true);
}

bool text_contains(const char *hay, const char *needle)
{
    return contains(hay, needle, false);
}

bool text_glob(const char *pattern, const char *text)
{
    const char *star = NULL, *resume = NULL;

    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            resume = text;
        } else if (*pattern && ascii_lower(*pattern) == ascii_lower(*text)) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

int text_casecmp(const char *a, const char *b)
{
    while (*a && ascii_lower(*a) == ascii_lower(*b)) {
        a++;
        b++;
    }
    return ascii_lower(*a) - ascii_lower(*b);
}
