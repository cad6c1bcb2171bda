/* Finding text in text, as a person means it: without regard to case, and
 * with a plain letter also finding the accented one. No locale, no collation
 * order, no regular expressions. */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/bytes.h"
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

#define STEPS_A_LETTER 16 /* what a letter that is not ASCII costs */

/* Does hay start with needle? An accent that needle does not have is passed
 * over, but only after a plain letter of it. */
static bool starts_slowly(const char *hay, size_t hay_len, const char *needle,
                          size_t len, bool fold, size_t *steps)
{
    size_t h = 0, i = 0;
    bool plain = false;
    uint32_t a, b;
    int n, m;

    while (i < len) {
        n = utf8_decode(hay + h, hay_len - h, &a);
        if (!n)
            return false;
        *steps += STEPS_A_LETTER;
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
                   size_t len, bool fold, size_t *steps)
{
    size_t i;

    for (i = 0; i < len; i++, ++*steps) {
        if (i == hay_len)
            return false;
        if ((hay[i] | needle[i]) & 0x80)
            return starts_slowly(hay, hay_len, needle, len, fold, steps);
        if ((fold ? ascii_lower(hay[i]) : (unsigned char)hay[i]) !=
            (unsigned char)needle[i])
            return false;
    }
    return true;
}

/* How a match begins, eight times over: the needle's first byte, and the one
 * after it, so that few places need a closer look. Or the first one twice,
 * where the second is not ASCII or not there. */
struct opening {
    uint64_t first, second; /* bytes | 0x20 */
    size_t apart;
};

static struct opening opening_of(const char *needle)
{
    bool two = needle[0] && needle[1] && !(needle[1] & 0x80);
    struct opening opening = {.apart = two};

    opening.first = BYTES_ONES * ((unsigned char)needle[0] | 0x20u);
    opening.second =
        BYTES_ONES * ((unsigned char)needle[opening.apart] | 0x20u);
    return opening;
}

/* False if a match begins at none of the eight bytes at hay: they and those
 * after them are ASCII, and the needle's in no case. */
static bool may_open(const char *hay, const struct opening *opening)
{
    uint64_t word = bytes_load(hay), after = bytes_load(hay + opening->apart);
    uint64_t differs = ((word | BYTES_ONES * 0x20) ^ opening->first) |
                       ((after | BYTES_ONES * 0x20) ^ opening->second);

    return (word | after | ((differs - BYTES_ONES) & ~differs)) & BYTES_TOPS;
}

/* How many of the bytes at hay begin no match: one of two bytes does not
 * begin with the last. The last eight are looked at together, too, though
 * some of them again. */
static size_t skip(const char *hay, size_t len, const struct opening *opening)
{
    size_t i = 0, last;

    if (len < 8 + opening->apart)
        return 0;
    last = len - 8 - opening->apart;
    while (!may_open(hay + i, opening)) {
        if (i == last)
            return len;
        i = i + 8 < last ? i + 8 : last;
    }
    return i;
}

/* Can what is at hay, not ASCII, be an ASCII character with something on it,
 * or in another case? Accented Latin can, and a few signs (the Kelvin sign,
 * an unequal sign); punctuation, emoji and all above cannot. */
static bool may_be_plain(const char *hay)
{
    unsigned char c = (unsigned char)hay[0];

    return (c >= 0xc3 && c <= 0xcd) || c == 0xe1 ||
           (c == 0xe2 && (unsigned char)hay[1] != 0x80);
}

/* Can a match begin with the byte at hay? */
static bool may_begin(const char *hay, unsigned char first, bool fold)
{
    unsigned char c = (unsigned char)hay[0];

    if (c < 0x80)
        return (fold ? ascii_lower(hay[0]) : c) == first;
    return first < 0x80 ? may_be_plain(hay) : (c & 0xc0) != 0x80;
}

/* Takes steps off *left; false, with 0 there, if it has not so many. */
static bool pay(size_t *left, size_t steps)
{
    bool enough = steps < *left;

    *left = enough ? *left - steps : 0;
    return enough;
}

bool text_find(const char *hay, const char *needle, bool fold, size_t *left)
{
    size_t hay_len = strlen(hay), len = strlen(needle), i = 0, end;
    size_t steps = 1 + hay_len / 8;
    struct opening opening = opening_of(needle);
    bool found = !len;

    while (i < hay_len && !found && steps < *left) {
        i += skip(hay + i, hay_len - i, &opening);
        end = i + 8 < hay_len ? i + 8 : hay_len;
        for (; i < end && !found; i++)
            found = may_begin(hay + i, (unsigned char)needle[0], fold) &&
                    starts(hay + i, hay_len - i, needle, len, fold, &steps);
    }
    return pay(left, steps) && found;
}

bool text_contains_folded(const char *hay, const char *needle)
{
    size_t left = SIZE_MAX;

    return text_find(hay, needle, true, &left);
}

bool text_contains(const char *hay, const char *needle)
{
    size_t left = SIZE_MAX;

    return text_find(hay, needle, false, &left);
}

bool text_find_glob(const char *pattern, const char *text, size_t *left)
{
    const char *star = NULL, *resume = NULL;
    size_t steps = 1;

    for (; *text && steps < *left; steps++) {
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
            break;
        }
    }
    while (*pattern == '*')
        pattern++;
    return pay(left, steps) && !*text && !*pattern;
}

bool text_glob(const char *pattern, const char *text)
{
    size_t left = SIZE_MAX;

    return text_find_glob(pattern, text, &left);
}

int text_casecmp(const char *a, const char *b)
{
    while (*a && ascii_lower(*a) == ascii_lower(*b)) {
        a++;
        b++;
    }
    return ascii_lower(*a) - ascii_lower(*b);
}
