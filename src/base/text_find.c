/* Finding text in text, as a person means it: without regard to case, and
 * with a plain letter also finding the accented one; which is which, says
 * text_fold.c. No locale, no collation order, no regular expressions. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "base/text_fold.h"
#include "base/utf8.h"

#include "base/banned.h"

static unsigned char ascii_lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

#define STEPS_A_LETTER 16 /* what a letter that is not ASCII costs */

/* A place in the hay, in pieces of characters. */
struct pieces {
    const char *text;
    size_t len, at; /* bytes; at is behind the character in hand */
    struct fold_piece list[FOLD_PIECES];
    int count, next;
};

/* The next piece, NULL at the end. */
static const struct fold_piece *next_piece(struct pieces *pieces, bool fold)
{
    uint32_t code;
    int n;

    if (pieces->next == pieces->count) {
        n = utf8_decode(pieces->text + pieces->at, pieces->len - pieces->at,
                        &code);
        if (!n)
            return NULL;
        pieces->at += n < 0 ? 1 : (size_t)n;
        pieces->count = fold_pieces(code, fold, pieces->list);
        pieces->next = 0;
    }
    return &pieces->list[pieces->next++];
}

static bool is_piece(const struct fold_piece *piece, uint32_t code)
{
    return piece->code == code ||
           (piece->any_case && piece->code < 0x80 && code < 0x80 &&
            (piece->code | 0x20) == (code | 0x20));
}

/* Does the rest of hay start with needle, which is in pieces already? Marks
 * that needle does not have are passed over. */
static bool pieces_start(struct pieces *hay, const char *needle, size_t len,
                         bool fold, size_t *steps)
{
    const struct fold_piece *piece;
    size_t i = 0;
    uint32_t code;
    int m;

    while ((m = utf8_decode(needle + i, len - i, &code)) != 0) {
        piece = next_piece(hay, fold);
        if (!piece)
            return false;
        *steps += STEPS_A_LETTER;
        if (is_piece(piece, code))
            i += m < 0 ? 1 : (size_t)m;
        else if (!i || !fold_is_mark(piece->code))
            return false;
    }
    return true;
}

/* *used is how much of hay that takes. Does hay start with needle, or does
 * what is in its first character (the e of æ)? */
static bool starts_slowly(const char *hay, size_t hay_len, const char *needle,
                          size_t len, bool fold, size_t *steps, size_t *used)
{
    struct pieces pieces = {.text = hay, .len = hay_len};
    bool started = false;

    do {
        struct pieces tried = pieces;

        started = pieces_start(&tried, needle, len, fold, steps);
        *used = tried.at;
        if (started || !next_piece(&pieces, fold))
            break;
    } while (pieces.next < pieces.count);
    return started;
}

/* Plain bytes are compared in place; an accent, which only a byte above 0x7f
 * can begin, goes the long way from the start. */
static bool starts(const char *hay, size_t hay_len, const char *needle,
                   size_t len, bool fold, size_t *steps, size_t *used)
{
    size_t i;

    *used = len;
    for (i = 0; i < len; i++, ++*steps) {
        if (i == hay_len)
            return false;
        if ((hay[i] | needle[i]) & 0x80)
            return starts_slowly(hay, hay_len, needle, len, fold, steps, used);
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

/* Can what is at hay, not ASCII, be an ASCII letter with something on it, or
 * a sign of the keyboard? Letters are Latin, with a few signs among them (the
 * Kelvin sign); common punctuation, emoji and other scripts are none. */
static bool may_be_plain(const char *hay, unsigned char first)
{
    unsigned char c = (unsigned char)hay[0];

    if (first == '"' || first == '\'' || first == '-' || first == ' ')
        return true;
    return (c >= 0xc3 && c <= 0xcd) || c == 0xe1 || c == 0xea || c == 0xef ||
           (c == 0xe2 && (unsigned char)hay[1] != 0x80);
}

/* Can a match begin with the byte at hay? */
static bool may_begin(const char *hay, unsigned char first, bool fold)
{
    unsigned char c = (unsigned char)hay[0];

    if (c < 0x80)
        return (fold ? ascii_lower(hay[0]) : c) == first;
    return first < 0x80 ? may_be_plain(hay, first) : (c & 0xc0) != 0x80;
}

/* Takes steps off *left; false, with 0 there, if it has not so many. */
static bool pay(size_t *left, size_t steps)
{
    bool enough = steps < *left;

    *left = enough ? *left - steps : 0;
    return enough;
}

/* Where needle is in hay, and how much of it that is; NULL: nowhere, or *steps
 * came to most. */
static const char *search(const char *hay, const char *needle, bool fold,
                          size_t most, size_t *steps, size_t *used)
{
    size_t hay_len = strlen(hay), len = strlen(needle), i = 0, end;
    struct opening opening = opening_of(needle);

    *steps = 1 + hay_len / 8;
    while (i < hay_len && *steps < most) {
        i += skip(hay + i, hay_len - i, &opening);
        end = i + 8 < hay_len ? i + 8 : hay_len;
        for (; i < end; i++)
            if (may_begin(hay + i, (unsigned char)needle[0], fold) &&
                starts(hay + i, hay_len - i, needle, len, fold, steps, used))
                return hay + i;
    }
    return NULL;
}

bool text_find(const char *hay, const char *needle, bool fold, size_t *left)
{
    size_t steps = 0, used;
    bool found = !*needle || search(hay, needle, fold, *left, &steps, &used);

    return pay(left, steps) && found;
}

bool text_starts(const char *text, const char *needle, bool fold, size_t *left)
{
    size_t len = strlen(text), steps = 1 + len / 8, used;
    bool yes = starts(text, len, needle, strlen(needle), fold, &steps, &used);

    return pay(left, steps) && yes;
}

/* Bytes of the mark at text that a pattern need not have; 0: none. */
static size_t mark_length(const char *text)
{
    uint32_t code;
    int n = *text & 0x80 ? utf8_decode(text, strlen(text), &code) : 0;

    return n > 0 && fold_is_mark(code) ? (size_t)n : 0;
}

const char *text_find_folded(const char *hay, const char *needle, size_t *len)
{
    size_t steps, mark;
    const char *found =
        *needle ? search(hay, needle, true, SIZE_MAX, &steps, len) : NULL;

    while (found && (mark = mark_length(found + *len)) != 0)
        *len += mark;
    return found;
}

bool text_contains_folded(const char *hay, const char *needle)
{
    size_t left = SIZE_MAX;

    return text_find(hay, needle, true, &left);
}

static bool glob_bytes(const char *pattern, const char *text, size_t *left)
{
    const char *star = NULL, *resume = NULL;
    size_t steps = 1, mark;

    for (; *text && steps < *left; steps++) {
        if (*pattern == '*') {
            star = pattern++;
            resume = text;
        } else if (*pattern && ascii_lower(*pattern) == ascii_lower(*text)) {
            pattern++;
            text++;
        } else if ((mark = mark_length(text)) != 0) {
            text += mark;
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

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if (*text & 0x80)
            return false;
    return true;
}

bool text_find_glob(const char *pattern, const char *text, size_t *left)
{
    char *folded_pattern, *folded;
    bool matches;

    if (is_ascii(pattern) && is_ascii(text))
        return glob_bytes(pattern, text, left);
    folded_pattern = text_fold(pattern);
    folded = text_fold(text);
    matches = glob_bytes(folded_pattern, folded, left);
    free(folded_pattern);
    free(folded);
    return matches;
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
