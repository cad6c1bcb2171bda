/* What is the same to who looks for it: one table of letters and signs for
 * every search. A character is taken apart into plain letters and the marks
 * on them (é is e and an acute, ł an l and a stroke, æ an a, an e and a mark
 * that says they are one), typographic signs become those of a keyboard. */
#include "base/text_fold.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/utf8.h"

#include "base/banned.h"

#define MARK_JOINED 0x338 /* a stroke through the letter: not a plain one */

static const struct letter {
    uint16_t code;
    char plain[5];
} letters[] = {
#include "base/letters.def"
};

static uint32_t lower(uint32_t code)
{
    if (code < 0x80)
        return code >= 'A' && code <= 'Z' ? code + 32 : code;
    return (uint32_t)utf8proc_tolower(
        utf8proc_toupper((utf8proc_int32_t)code));
}

static int compare(const void *key, const void *row)
{
    uint32_t code = *(const uint32_t *)key;
    const struct letter *letter = row;

    return (code > letter->code) - (code < letter->code);
}

/* The plain letters for one that does not decompose; NULL: it is plain. */
static const char *plain_of(uint32_t code)
{
    const struct letter *letter =
        code < 0xdf ? NULL
                    : bsearch(&code, letters, sizeof letters / sizeof *letters,
                              sizeof *letters, compare);

    return letter ? letter->plain : NULL;
}

uint32_t fold_sign(uint32_t code)
{
    switch (code) {
    case 0xab:
    case 0xbb:
    case 0x201c:
    case 0x201d:
    case 0x201e:
    case 0x201f:
        return '"';
    case 0x2018:
    case 0x2019:
    case 0x201a:
    case 0x201b:
    case 0x2bc:
        return '\'';
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2212:
        return '-';
    case 0xa0:
    case 0x202f:
    case 0x205f:
    case 0x3000:
        return ' ';
    default:
        return code >= 0x2000 && code <= 0x200a ? ' ' : code;
    }
}

bool fold_is_mark(uint32_t code)
{
    int class;

    if (code < 0x300)
        return false;
    class = utf8proc_get_property((utf8proc_int32_t)code)->combining_class;
    /* on or under a letter; kana's voicing; Hebrew and Arabic points */
    return class >= 200 || class == 1 || class == 8 ||
           (class >= 10 && class <= 36);
}

bool text_has_capital(const char *text)
{
    size_t len = strlen(text), at = 0;
    uint32_t code;
    int n;

    for (; (n = utf8_decode(text + at, len - at, &code)) != 0;
         at += n < 0 ? 1 : (size_t)n) {
        utf8proc_category_t is = utf8proc_category((utf8proc_int32_t)code);

        if (is == UTF8PROC_CATEGORY_LU || is == UTF8PROC_CATEGORY_LT)
            return true;
    }
    return false;
}

/* Adds one letter, taken apart by the table. */
static int add_letter(uint32_t code, bool fold, struct fold_piece *out)
{
    uint32_t small = (uint32_t)utf8proc_tolower((utf8proc_int32_t)code), one;
    const char *plain = plain_of(small);
    bool capital = !fold && small != code;
    int count = 0, n;

    if (fold_is_mark(code)) {
        *out = (struct fold_piece){code, false};
        return 1;
    }
    if (!plain) {
        *out = (struct fold_piece){fold ? lower(code) : code, false};
        return 1;
    }
    for (; (n = utf8_decode(plain, strlen(plain), &one)) > 0; plain += n) {
        if (capital)
            one = (uint32_t)utf8proc_toupper((utf8proc_int32_t)one);
        out[count] = (struct fold_piece){one, count > 0 && capital};
        count++;
    }
    /* ß is written ss, and ı is what I is without a dot: the same letters */
    if (small != 0xdf && small != 0x131 && small != 0x17f)
        out[count++] = (struct fold_piece){MARK_JOINED, false};
    return count;
}

int fold_pieces(uint32_t code, bool fold, struct fold_piece out[FOLD_PIECES])
{
    utf8proc_int32_t parts[8];
    int boundary = 0, i, count = 0, used = 0;

    if (code < 0x80) {
        *out = (struct fold_piece){fold ? lower(code) : code, false};
        return 1;
    }
    code = fold_sign(code);
    if (code >= 0xc0)
        count = (int)utf8proc_decompose_char((utf8proc_int32_t)code, parts, 8,
                                             UTF8PROC_DECOMPOSE, &boundary);
    if (count < 1 || count > 8) {
        *out = (struct fold_piece){code, false};
        return 1;
    }
    for (i = 0; i < count && used + 4 <= FOLD_PIECES; i++)
        used += add_letter((uint32_t)parts[i], fold, out + used);
    return used;
}

/* All pieces of a text; the caller frees. */
static char *take_apart(const char *text, bool fold)
{
    struct fold_piece pieces[FOLD_PIECES];
    size_t len = strlen(text), at = 0;
    struct buf out;
    uint32_t code;
    char bytes[4];
    int n, i, count;

    buf_init(&out, len * 12 + 16);
    while ((n = utf8_decode(text + at, len - at, &code)) != 0) {
        count = fold_pieces(code, fold, pieces);
        for (i = 0; i < count; i++)
            buf_add(&out, bytes, (size_t)utf8_encode(pieces[i].code, bytes));
        at += n < 0 ? 1 : (size_t)n;
    }
    buf_add(&out, "", 0);
    return buf_take(&out);
}

char *text_fold(const char *text)
{
    return take_apart(text, true);
}

char *text_plain(const char *text)
{
    return take_apart(text, false);
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if (*text & 0x80)
            return false;
    return true;
}

bool text_same(const char *a, const char *b)
{
    char *one, *other;
    bool same = strcmp(a, b) == 0;

    if (same || (is_ascii(a) && is_ascii(b)))
        return same;
    one = text_plain(a);
    other = text_plain(b);
    same = strcmp(one, other) == 0;
    free(one);
    free(other);
    return same;
}

/* Can it have marks of its own behind a letter, or letters in pieces? Their
 * first bytes; what only may is looked at closer by the library. */
static bool may_compose(const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == 0xcc || c == 0xcd || c == 0xe1 ||
            (c == 0xe3 && (unsigned char)text[1] == 0x82))
            return true;
    }
    return false;
}

char *text_compose(const char *text)
{
    utf8proc_uint8_t *out = NULL;

    if (!may_compose(text) ||
        utf8proc_map((const utf8proc_uint8_t *)text, 0, &out,
                     UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE) <
            0)
        return NULL;
    return (char *)out;
}
