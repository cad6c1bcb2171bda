/* What a code point is to the sanitiser: Unicode's properties (by utf8proc),
 * and what they do not say. */
#include "base/text_kind.h"

#include <stdatomic.h>
#include <stddef.h>

#include <utf8proc.h>

#include "base/banned.h"

static bool in(uint32_t code, uint32_t first, uint32_t last)
{
    return code >= first && code <= last;
}

bool text_is_hangul(uint32_t code)
{
    return in(code, 0x1100, 0x11ff) || in(code, 0xa960, 0xa97f) ||
           in(code, 0xac00, 0xd7ff);
}

/* Conjoining jamo that stand on another: vowels, and consonants under them. */
static bool is_vowel(uint32_t code)
{
    return in(code, 0x1161, 0x11ff) || in(code, 0xd7b0, 0xd7ff);
}

/* Invisible though Unicode calls them letters or marks: fillers, variation
 * selectors, the grapheme joiner, tags; and skin tones. */
static bool is_ignorable(uint32_t code)
{
    switch (code >> 8) {
    case 0x11:
        return in(code, 0x115f, 0x1160);
    case 0x17:
        return in(code, 0x17b4, 0x17b5);
    case 0x18:
        return in(code, 0x180b, 0x180f);
    case 0x31:
        return code == 0x3164;
    case 0xfe:
        return in(code, 0xfe00, 0xfe0f);
    case 0xff:
        return code == 0xffa0 || in(code, 0xfff0, 0xfffb);
    case 0x1f3:
        return in(code, 0x1f3fb, 0x1f3ff);
    default:
        return in(code, 0xe0000, 0xe0fff);
    }
}

/* No character at all, or one of a newer Unicode than the tables. */
static enum text_kind unassigned(uint32_t code)
{
    if ((code & 0xfffe) == 0xfffe || in(code, 0xfdd0, 0xfdef))
        return KIND_BAD;
    return in(code, 0x1f000, 0x1faff) ? KIND_PICTURE : KIND_BASE;
}

static enum text_kind kind_by_property(uint32_t code)
{
    const utf8proc_property_t *property =
        utf8proc_get_property((utf8proc_int32_t)code);

    switch (property->category) {
    case UTF8PROC_CATEGORY_CN:
        return unassigned(code);
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CS:
        return KIND_BAD;
    case UTF8PROC_CATEGORY_CF:
        return KIND_DROP;
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return KIND_BLANK;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return KIND_MARK;
    default:
        break;
    }
    if (property->boundclass == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR)
        return KIND_FLAG;
    if (property->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC)
        return KIND_PICTURE;
    return KIND_BASE;
}

static enum text_kind find_kind(uint32_t code)
{
    enum text_kind kind;

    if (code < 0x300) {
        if (code == '\t' || code == '\n' || code == '\r')
            return KIND_BLANK;
        if (code < 0x20 || in(code, 0x7f, 0x9f))
            return KIND_BAD;
        if (code == 0xa9 || code == 0xae)
            return KIND_PICTURE;
        return code == 0xad ? KIND_DROP : KIND_BASE;
    }
    if (code < 0x370)
        return code == 0x34f ? KIND_DROP : KIND_MARK;
    if (code == 0x200d)
        return KIND_JOINER;
    if (is_ignorable(code))
        return KIND_DROP;
    kind = kind_by_property(code);
    return kind != KIND_BAD && is_vowel(code) ? KIND_VOWEL : kind;
}

/* Of the scripts from Hebrew to Tibetan and beyond, where marks are every
 * second letter: each is looked up once. */
enum text_kind text_kind_of(uint32_t code)
{
    static atomic_uchar known[0x3000]; /* the kind + 1 */
    unsigned char kind;

    if (code >= sizeof known)
        return find_kind(code);
    kind = atomic_load_explicit(&known[code], memory_order_relaxed);
    if (!kind) {
        kind = (unsigned char)(find_kind(code) + 1);
        atomic_store_explicit(&known[code], kind, memory_order_relaxed);
    }
    return (enum text_kind)(kind - 1);
}
