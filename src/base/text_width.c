/* Cells: how wide sanitised text is on a terminal, by grapheme, and cutting it
 * to fit. Widths are those of the Unicode tables of utf8proc, where terminals
 * and libc agree with it; where they do not, theirs. */
#include <string.h>

#include <utf8proc.h>

#include "base/text.h"
#include "base/utf8.h"

#include "base/banned.h"

static bool ambiguous_wide;

static bool in(uint32_t code, uint32_t first, uint32_t last)
{
    return code >= first && code <= last;
}

/* East Asian Ambiguous: one cell, or two where the user says so. */
static const struct range {
    uint32_t first, last;
} ambiguous[] = {
    {0xa1, 0xa1},       {0xa4, 0xa4},       {0xa7, 0xa8},
    {0xaa, 0xaa},       {0xae, 0xae},       {0xb0, 0xb4},
    {0xb6, 0xba},       {0xbc, 0xbf},       {0xc6, 0xc6},
    {0xd0, 0xd0},       {0xd7, 0xd8},       {0xde, 0xe1},
    {0xe6, 0xe6},       {0xe8, 0xea},       {0xec, 0xed},
    {0xf0, 0xf0},       {0xf2, 0xf3},       {0xf7, 0xfa},
    {0xfc, 0xfc},       {0xfe, 0xfe},       {0x101, 0x101},
    {0x111, 0x111},     {0x113, 0x113},     {0x11b, 0x11b},
    {0x126, 0x127},     {0x12b, 0x12b},     {0x131, 0x133},
    {0x138, 0x138},     {0x13f, 0x142},     {0x144, 0x144},
    {0x148, 0x14b},     {0x14d, 0x14d},     {0x152, 0x153},
    {0x166, 0x167},     {0x16b, 0x16b},     {0x1ce, 0x1ce},
    {0x1d0, 0x1d0},     {0x1d2, 0x1d2},     {0x1d4, 0x1d4},
    {0x1d6, 0x1d6},     {0x1d8, 0x1d8},     {0x1da, 0x1da},
    {0x1dc, 0x1dc},     {0x251, 0x251},     {0x261, 0x261},
    {0x2c4, 0x2c4},     {0x2c7, 0x2c7},     {0x2c9, 0x2cb},
    {0x2cd, 0x2cd},     {0x2d0, 0x2d0},     {0x2d8, 0x2db},
    {0x2dd, 0x2dd},     {0x2df, 0x2df},     {0x391, 0x3a1},
    {0x3a3, 0x3a9},     {0x3b1, 0x3c1},     {0x3c3, 0x3c9},
    {0x401, 0x401},     {0x410, 0x44f},     {0x451, 0x451},
    {0x2010, 0x2010},   {0x2013, 0x2016},   {0x2018, 0x2019},
    {0x201c, 0x201d},   {0x2020, 0x2022},   {0x2024, 0x2027},
    {0x2030, 0x2030},   {0x2032, 0x2033},   {0x2035, 0x2035},
    {0x203b, 0x203b},   {0x203e, 0x203e},   {0x2074, 0x2074},
    {0x207f, 0x207f},   {0x2081, 0x2084},   {0x20ac, 0x20ac},
    {0x2103, 0x2103},   {0x2105, 0x2105},   {0x2109, 0x2109},
    {0x2113, 0x2113},   {0x2116, 0x2116},   {0x2121, 0x2122},
    {0x2126, 0x2126},   {0x212b, 0x212b},   {0x2153, 0x2154},
    {0x215b, 0x215e},   {0x2160, 0x216b},   {0x2170, 0x2179},
    {0x2189, 0x2189},   {0x2190, 0x2199},   {0x21b8, 0x21b9},
    {0x21d2, 0x21d2},   {0x21d4, 0x21d4},   {0x21e7, 0x21e7},
    {0x2200, 0x2200},   {0x2202, 0x2203},   {0x2207, 0x2208},
    {0x220b, 0x220b},   {0x220f, 0x220f},   {0x2211, 0x2211},
    {0x2215, 0x2215},   {0x221a, 0x221a},   {0x221d, 0x2220},
    {0x2223, 0x2223},   {0x2225, 0x2225},   {0x2227, 0x222c},
    {0x222e, 0x222e},   {0x2234, 0x2237},   {0x223c, 0x223d},
    {0x2248, 0x2248},   {0x224c, 0x224c},   {0x2252, 0x2252},
    {0x2260, 0x2261},   {0x2264, 0x2267},   {0x226a, 0x226b},
    {0x226e, 0x226f},   {0x2282, 0x2283},   {0x2286, 0x2287},
    {0x2295, 0x2295},   {0x2299, 0x2299},   {0x22a5, 0x22a5},
    {0x22bf, 0x22bf},   {0x2312, 0x2312},   {0x2460, 0x24e9},
    {0x24eb, 0x254b},   {0x2550, 0x2573},   {0x2580, 0x258f},
    {0x2592, 0x2595},   {0x25a0, 0x25a1},   {0x25a3, 0x25a9},
    {0x25b2, 0x25b3},   {0x25b6, 0x25b7},   {0x25bc, 0x25bd},
    {0x25c0, 0x25c1},   {0x25c6, 0x25c8},   {0x25cb, 0x25cb},
    {0x25ce, 0x25d1},   {0x25e2, 0x25e5},   {0x25ef, 0x25ef},
    {0x2605, 0x2606},   {0x2609, 0x2609},   {0x260e, 0x260f},
    {0x261c, 0x261c},   {0x261e, 0x261e},   {0x2640, 0x2640},
    {0x2642, 0x2642},   {0x2660, 0x2661},   {0x2663, 0x2665},
    {0x2667, 0x266a},   {0x266c, 0x266d},   {0x266f, 0x266f},
    {0x269e, 0x269f},   {0x26bf, 0x26bf},   {0x26c6, 0x26cd},
    {0x26cf, 0x26d3},   {0x26d5, 0x26e1},   {0x26e3, 0x26e3},
    {0x26e8, 0x26e9},   {0x26eb, 0x26f1},   {0x26f4, 0x26f4},
    {0x26f6, 0x26f9},   {0x26fb, 0x26fc},   {0x26fe, 0x26ff},
    {0x273d, 0x273d},   {0x2776, 0x277f},   {0x2b56, 0x2b59},
    {0x3248, 0x324f},   {0xfffd, 0xfffd},   {0x1f100, 0x1f10a},
    {0x1f110, 0x1f12d}, {0x1f130, 0x1f169}, {0x1f170, 0x1f18d},
    {0x1f18f, 0x1f190}, {0x1f19b, 0x1f1ac},
};

static bool is_ambiguous(uint32_t code)
{
    size_t low = 0, high = sizeof ambiguous / sizeof *ambiguous;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (code > ambiguous[middle].last)
            low = middle + 1;
        else if (code < ambiguous[middle].first)
            high = middle;
        else
            return true;
    }
    return false;
}

void text_set_ambiguous_wide(bool wide)
{
    ambiguous_wide = wide;
}

/* Cells of one code point. Where utf8proc and terminals part: spacing marks
 * take a cell, conjoining vowels none, hexagrams two. */
static int code_width(uint32_t code)
{
    const utf8proc_property_t *property;

    if (code < 0x300 && !ambiguous_wide)
        return 1;
    if (in(code, 0x4e00, 0x9fff) || in(code, 0xac00, 0xd7a3) ||
        in(code, 0x4dc0, 0x4dff))
        return 2;
    if (in(code, 0x1160, 0x11ff) || in(code, 0xd7b0, 0xd7ff))
        return 0;
    property = utf8proc_get_property((utf8proc_int32_t)code);
    if (property->category == UTF8PROC_CATEGORY_MN ||
        property->category == UTF8PROC_CATEGORY_ME)
        return 0;
    if (property->category == UTF8PROC_CATEGORY_CN &&
        in(code, 0x1f900, 0x1faff))
        return 2; /* a picture of a newer Unicode */
    if (property->charwidth == 2 || (ambiguous_wide && is_ambiguous(code)))
        return 2;
    return 1;
}

static bool is_regional(uint32_t code)
{
    return in(code, 0x1f1e6, 0x1f1ff);
}

static bool is_spacing_mark(uint32_t code)
{
    return code >= 0x900 &&
           utf8proc_category((utf8proc_int32_t)code) == UTF8PROC_CATEGORY_MC;
}

/* Terminals know nothing of grapheme clusters: a character is a base and
 * what stands on it without a cell of its own, a flag, or a base with one
 * spacing mark. In sanitised text that is what readers perceive, too. */
struct grapheme text_grapheme(const char *text, size_t len)
{
    struct grapheme result = {0, 0};
    uint32_t first = 0, code;
    int n = utf8_decode(text, len, &first), width;

    if (!n)
        return result;
    result.bytes = n < 0 ? 1 : (size_t)n;
    result.width = n < 0 ? 1 : code_width(first);
    while (result.bytes < len) {
        /* nothing below U+0300 joins what is before it */
        if ((unsigned char)text[result.bytes] < 0xcc)
            break;
        n = utf8_decode(text + result.bytes, len - result.bytes, &code);
        if (n <= 0)
            break;
        width = code_width(code);
        if (width && !(is_spacing_mark(code) && result.width + width <= 2) &&
            !(is_regional(first) && is_regional(code) && result.width == 1))
            break;
        result.width += width;
        result.bytes += (size_t)n;
    }
    return result;
}

int text_width_n(const char *text, size_t len)
{
    int width = 0;
    size_t i = 0;

    while (i < len) {
        uint32_t code;
        int n = utf8_decode(text + i, len - i, &code);

        width += n < 0 ? 1 : code_width(code);
        i += n < 0 ? 1 : (size_t)n;
    }
    return width;
}

int text_width(const char *text)
{
    return text_width_n(text, strlen(text));
}

size_t text_fit(const char *text, size_t len, int cells, int *width)
{
    size_t used = 0;
    int filled = 0;

    while (used < len) {
        struct grapheme next = text_grapheme(text + used, len - used);

        if (filled + next.width > cells)
            break;
        filled += next.width;
        used += next.bytes;
    }
    if (width)
        *width = filled;
    return used;
}

int text_cut(struct buf *out, const char *text, int cells,
             const char *ellipsis)
{
    size_t len = strlen(text), used;
    int width, tail;

    used = text_fit(text, len, cells, &width);
    if (used == len) {
        buf_add(out, text, len);
        return width;
    }
    if (!ellipsis)
        ellipsis = "…";
    tail = text_width(ellipsis);
    if (tail > cells) {
        buf_add(out, text, used);
        return width;
    }
    used = text_fit(text, len, cells - tail, &width);
    while (used && strchr(" ,;", text[used - 1])) {
        used--;
        width--;
    }
    buf_add(out, text, used);
    buf_adds(out, ellipsis);
    return width + tail;
}
