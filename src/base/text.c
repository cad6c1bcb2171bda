/* Text from strangers: strict UTF-8, and making it harmless. It knows
 * Unicode's properties (by utf8proc) and nothing of locales or terminals: what
 * a libc or a terminal gets wrong is taken out here. How wide what is left is
 * says text_width.c; searching in it is text_find.c. */
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

/* Bytes of the letter at p if it is one that needs no thought: Latin with
 * accents, kana, common ideographs. 0: look closer. */
static size_t letter_length(const unsigned char *p, size_t left,
                            uint32_t *code)
{
    uint32_t value;

    if (left >= 2 && in(p[0], 0xc3, 0xc8) && (p[1] & 0xc0) == 0x80) {
        *code = (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
        return 2;
    }
    if (left < 3 || !in(p[0], 0xe3, 0xe9) || (p[1] & 0xc0) != 0x80 ||
        (p[2] & 0xc0) != 0x80)
        return 0;
    value = (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    if (!in(value, 0x4e00, 0x9ffc) && !in(value, 0x3041, 0x3096) &&
        !in(value, 0x30a1, 0x30fa))
        return 0;
    *code = value;
    return 3;
}

/* Length of the run of printable ASCII and plain letters at p; *last is what
 * it ends with. */
static size_t plain_run(const char *p, size_t len, uint32_t *last)
{
    size_t i = 0, step;

    for (;;) {
        step = ascii_run(p + i, len - i);
        i += step;
        if (step)
            *last = (unsigned char)p[i - 1];
        step = letter_length((const unsigned char *)p + i, len - i, last);
        if (!step)
            return i;
        i += step;
    }
}

/* Takes such a run; returns its length. */
static size_t sanitise_plain(struct sanitiser *s, const char *p, size_t len)
{
    uint32_t last = 0;
    size_t run = plain_run(p, len, &last), room, back = 1;

    if (!run)
        return 0;
    room = s->max - s->copied - (size_t)(p - s->run);
    if (run > room) {
        while (room && (p[room] & 0xc0) == 0x80)
            room--;
        stop_full(s, p + room, false);
        return run;
    }
    while ((p[run - back] & 0xc0) == 0x80)
        back++;
    begin(s, p + run - back, last == ' ' ? 0 : last);
    return run;
}

bool text_sanitise(struct buf *out, const char *text, size_t len, size_t max)
{
    struct sanitiser s = {.out = out, .max = max, .run = text};
    const char *p = text, *end = text + len;
    uint32_t code;
    int n;

    while (p < end && !s.full) {
        p += sanitise_plain(&s, p, (size_t)(end - p));
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
