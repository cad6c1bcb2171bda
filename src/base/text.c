/* Text from strangers: strict UTF-8, making it harmless, and its width in
 * cells. It knows Unicode's properties (by utf8proc) and nothing of locales
 * or terminals: what a libc or a terminal gets wrong, the sanitiser takes
 * out beforehand. Searching in text is text_find.c. */
#include "base/text.h"

#include <string.h>

#include <utf8proc.h>

#include "base/banned.h"

#define REPLACEMENT 0xfffdu
#define MARKS_MAX 4 /* on one base: what a curses cell can hold */

/* What the sanitiser does with a code point. */
enum kind {
    KIND_BASE,    /* stays, and marks may stand on it */
    KIND_PICTURE, /* the same; a ZWJ may join another one to it */
    KIND_FLAG,    /* regional indicator: two make one flag */
    KIND_MARK,    /* stays only on a base */
    KIND_VOWEL,   /* conjoining jamo: stays only on a Hangul base */
    KIND_JOINER,
    KIND_DROP,
    KIND_BLANK,
    KIND_BAD
};

static bool ambiguous_wide;

/* --- UTF-8 ------------------------------------------------------------- */

int utf8_decode(const char *text, size_t len, uint32_t *code)
{
    const unsigned char *s = (const unsigned char *)text;
    uint32_t value, lowest;
    size_t i, more;

    if (!len)
        return 0;
    *code = REPLACEMENT;
    if (s[0] < 0x80) {
        *code = s[0];
        return 1;
    }
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return -1;
    more = s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : 3;
    if (len <= more)
        return -1;
    value = s[0] & (0x3fu >> more);
    for (i = 1; i <= more; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return -1;
        value = value << 6 | (s[i] & 0x3f);
    }
    lowest = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
    if (value < lowest || value > 0x10ffff ||
        (value >= 0xd800 && value < 0xe000))
        return -1;
    *code = value;
    return (int)more + 1;
}

int utf8_encode(uint32_t code, char out[4])
{
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        code = REPLACEMENT;
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

/* How many of the bytes at text are printable ASCII. Eight at a time: a byte
 * outside 0x20…0x7e shows in its top bit of one of the three sums. */
static size_t ascii_run(const char *text, size_t len)
{
    const uint64_t ones = 0x0101010101010101u, tops = ones * 0x80;
    uint64_t word;
    size_t i = 0;

    for (; i + 8 <= len; i += 8) {
        memcpy(&word, text + i, 8);
        if ((word | (word - ones * 0x20) |
             (((word ^ ones * 0x7f) - ones) & ~(word ^ ones * 0x7f))) &
            tops)
            break;
    }
    while (i < len && text[i] >= 0x20 && text[i] < 0x7f)
        i++;
    return i;
}

bool utf8_valid(const char *text, size_t len, size_t *at)
{
    size_t i = 0;
    uint32_t code;
    int n;

    while (i < len) {
        i += ascii_run(text + i, len - i);
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

/* --- what a code point is ---------------------------------------------- */

static bool in(uint32_t code, uint32_t first, uint32_t last)
{
    return code >= first && code <= last;
}

static bool is_hangul(uint32_t code)
{
    return in(code, 0x1100, 0x11ff) || in(code, 0xa960, 0xa97f) ||
           in(code, 0xac00, 0xd7ff);
}

/* Invisible though Unicode calls them letters or marks: fillers, variation
 * selectors, the grapheme joiner, tags; and skin tones. */
static bool is_ignorable(uint32_t code)
{
    return code == 0x034f || in(code, 0x115f, 0x1160) ||
           in(code, 0x17b4, 0x17b5) || in(code, 0x180b, 0x180f) ||
           code == 0x3164 || in(code, 0xfe00, 0xfe0f) || code == 0xffa0 ||
           in(code, 0xfff0, 0xfffb) || in(code, 0x1f3fb, 0x1f3ff) ||
           in(code, 0xe0000, 0xe0fff);
}

static enum kind kind_by_property(uint32_t code)
{
    const utf8proc_property_t *property =
        utf8proc_get_property((utf8proc_int32_t)code);

    switch (property->category) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
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

static enum kind kind_of(uint32_t code)
{
    if (code < 0x300) {
        if (code == '\t' || code == '\n' || code == '\r')
            return KIND_BLANK;
        if (code < 0x20 || in(code, 0x7f, 0x9f))
            return KIND_BAD;
        if (code == 0xa9 || code == 0xae)
            return KIND_PICTURE;
        return code == 0xad ? KIND_DROP : KIND_BASE;
    }
    if (in(code, 0x4e00, 0x9ffc) || in(code, 0xac00, 0xd7a3))
        return KIND_BASE;
    if (code == 0x200d)
        return KIND_JOINER;
    if (is_ignorable(code))
        return KIND_DROP;
    if (in(code, 0x1161, 0x11ff) || in(code, 0xd7b0, 0xd7ff))
        return kind_by_property(code) == KIND_BAD ? KIND_BAD : KIND_VOWEL;
    return kind_by_property(code);
}

/* --- sanitising -------------------------------------------------------- */

/* Bytes that stay are copied in runs; positions count output bytes. */
struct sanitiser {
    struct buf *out;
    size_t max;
    const char *run; /* first byte not copied yet */
    size_t copied;   /* output bytes before it */
    size_t cluster;  /* output position where the current grapheme began */
    uint32_t base;   /* what a mark would stand on; 0: nothing */
    int marks;       /* on it */
    bool picture;    /* the base is one */
    bool joined;     /* a ZWJ came after it */
    bool half_flag;  /* one regional indicator, waiting for its second */
    bool full;       /* max is reached: stop */
};

static void copy_run(struct sanitiser *s, const char *end)
{
    size_t len = (size_t)(end - s->run);

    buf_add(s->out, s->run, len);
    s->copied += len;
    s->run = end;
}

/* The output ends before bytes more, that would start at p: whole graphemes
 * only, so a mark that does not fit takes its base along. */
static void stop_full(struct sanitiser *s, const char *p, bool extends)
{
    size_t here;

    copy_run(s, p);
    here = s->copied;
    if (extends)
        buf_truncate(s->out, s->out->len - (here - s->cluster));
    s->full = true;
}

static bool fits(const struct sanitiser *s, const char *p, size_t bytes)
{
    return s->copied + (size_t)(p - s->run) + bytes <= s->max;
}

/* A new grapheme starts at p. */
static void begin(struct sanitiser *s, const char *p, uint32_t base)
{
    s->cluster = s->copied + (size_t)(p - s->run);
    s->base = base;
    s->marks = 0;
    s->picture = s->joined = s->half_flag = false;
}

/* Writes other in the place of the len bytes at p. */
static void put(struct sanitiser *s, const char *p, size_t len,
                const char *other, uint32_t base)
{
    size_t bytes = strlen(other);

    if (!fits(s, p, bytes)) {
        stop_full(s, p, false);
        return;
    }
    begin(s, p, base);
    copy_run(s, p);
    buf_add(s->out, other, bytes);
    s->copied += bytes;
    s->run = p + len;
}

static void drop(struct sanitiser *s, const char *p, size_t len)
{
    copy_run(s, p);
    s->run = p + len;
}

/* A mark stays on its base; on nothing it is shown as unreadable; on
 * something unreadable it goes. */
static void put_mark(struct sanitiser *s, const char *p, size_t len,
                     bool homeless)
{
    if (s->base == REPLACEMENT || s->marks == MARKS_MAX)
        drop(s, p, len);
    else if (!s->base || homeless)
        put(s, p, len, "\xef\xbf\xbd", REPLACEMENT);
    else if (!fits(s, p, len))
        stop_full(s, p, true);
    else
        s->marks++;
}

static void put_base(struct sanitiser *s, const char *p, size_t len,
                     uint32_t code, enum kind kind)
{
    bool second = kind == KIND_FLAG && s->half_flag;

    if (kind == KIND_PICTURE && s->joined && s->picture) {
        drop(s, p, len);
        s->joined = false;
        return;
    }
    if (!fits(s, p, len)) {
        stop_full(s, p, second);
        return;
    }
    if (second) {
        s->half_flag = false;
        return;
    }
    begin(s, p, code);
    s->picture = kind == KIND_PICTURE;
    s->half_flag = kind == KIND_FLAG;
}

/* One code point (or malformed byte) at p. */
static void sanitise_one(struct sanitiser *s, const char *p, size_t len,
                         uint32_t code, enum kind kind)
{
    switch (kind) {
    case KIND_BASE:
    case KIND_PICTURE:
    case KIND_FLAG:
        put_base(s, p, len, code, kind);
        break;
    case KIND_MARK:
        put_mark(s, p, len, false);
        break;
    case KIND_VOWEL:
        put_mark(s, p, len, !is_hangul(s->base));
        break;
    case KIND_JOINER:
        s->joined = true;
        drop(s, p, len);
        break;
    case KIND_DROP:
        drop(s, p, len);
        break;
    case KIND_BLANK:
        put(s, p, len, " ", 0);
        break;
    case KIND_BAD:
        put(s, p, len, "\xef\xbf\xbd", REPLACEMENT);
        break;
    }
}

/* Takes a run of printable ASCII at p; returns its length. */
static size_t sanitise_ascii(struct sanitiser *s, const char *p, size_t len)
{
    size_t run = ascii_run(p, len), room;

    if (!run)
        return 0;
    room = s->max - s->copied - (size_t)(p - s->run);
    if (run > room) {
        stop_full(s, p + room, false);
        return run;
    }
    begin(s, p + run - 1, p[run - 1] == ' ' ? 0 : (uint32_t)p[run - 1]);
    return run;
}

bool text_sanitise(struct buf *out, const char *text, size_t len, size_t max)
{
    struct sanitiser s = {.out = out, .max = max, .run = text};
    const char *p = text, *end = text + len;
    uint32_t code;
    int n;

    while (p < end && !s.full) {
        p += sanitise_ascii(&s, p, (size_t)(end - p));
        if (p == end || s.full)
            break;
        n = utf8_decode(p, (size_t)(end - p), &code);
        if (n < 0)
            sanitise_one(&s, p, 1, code, KIND_BAD);
        else
            sanitise_one(&s, p, (size_t)n, code, kind_of(code));
        p += n < 0 ? 1 : n;
    }
    if (!s.full)
        copy_run(&s, end);
    return buf_ok(out);
}

char *text_sanitised(struct arena *arena, const char *text, size_t len,
                     size_t max)
{
    struct buf out;
    char *copy;

    if (!text)
        return NULL;
    if (len <= max && ascii_run(text, len) == len)
        return arena_strndup(arena, text, len);
    buf_init(&out, max);
    text_sanitise(&out, text, len, max);
    copy = arena_strndup(arena, out.data, out.len);
    buf_free(&out);
    return copy;
}

/* --- width ------------------------------------------------------------- */

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
        size_t run = ascii_run(text + i, len - i);

        width += (int)run;
        i += run;
        if (i < len) {
            uint32_t code;
            int n = utf8_decode(text + i, len - i, &code);

            width += n < 0 ? 1 : code_width(code);
            i += n < 0 ? 1 : (size_t)n;
        }
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
    while (used && text[used - 1] == ' ') {
        used--;
        width--;
    }
    buf_add(out, text, used);
    buf_adds(out, ellipsis);
    return width + tail;
}
