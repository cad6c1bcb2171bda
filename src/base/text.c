/* Text from strangers: strict UTF-8, and making it harmless. It knows
 * Unicode's properties (by utf8proc) and nothing of locales or terminals: what
 * a libc or a terminal gets wrong is taken out here. How wide what is left is
 * says text_width.c; searching in it is text_find.c. */
#include "base/text.h"

#include <stdatomic.h>
#include <string.h>

#include <utf8proc.h>

#include "base/bytes.h"

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

static bool in(uint32_t code, uint32_t first, uint32_t last)
{
    return code >= first && code <= last;
}

/* A byte that goes on with a code point. */
static bool goes_on(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

static bool both_go_on(unsigned char a, unsigned char b)
{
    return (((a ^ 0x80) | (b ^ 0x80)) & 0xc0) == 0;
}

/* Of three and of four bytes; s[0] is 0xe0 or more. */
static int decode_long(const unsigned char *s, size_t len, uint32_t *code)
{
    uint32_t value;

    if (len < 3 || !both_go_on(s[1], s[2]))
        return -1;
    value = (s[0] & 0xfu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
    if (s[0] < 0xf0) {
        if (value < 0x800 || in(value, 0xd800, 0xdfff))
            return -1;
        *code = value;
        return 3;
    }
    value = (value & 0x7fff) << 6;
    if (s[0] > 0xf4 || len < 4 || !goes_on(s[3]) ||
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
    *code = REPLACEMENT;
    if (s[0] >= 0xe0)
        return decode_long(s, len, code);
    if (s[0] < 0xc2 || len < 2 || !goes_on(s[1]))
        return -1;
    *code = (s[0] & 0x1fu) << 6 | (s[1] & 0x3fu);
    return 2;
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

static bool is_printable(char c)
{
    return c >= 0x20 && c < 0x7f;
}

/* How many of the bytes at text are printable ASCII. */
static size_t ascii_run(const char *text, size_t len)
{
    uint64_t word, others;
    size_t i = 0;

    for (; i + 8 <= len; i += 8) {
        word = bytes_load(text + i);
        others = (word & BYTES_TOPS) | bytes_below(word, 0x20) |
                 bytes_equal(word, 0x7f);
        if (others)
            return i + bytes_first(others);
    }
    while (i < len && is_printable(text[i]))
        i++;
    return i;
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

/* --- what a code point is ---------------------------------------------- */

static bool is_hangul(uint32_t code)
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
static enum kind unassigned(uint32_t code)
{
    if ((code & 0xfffe) == 0xfffe || in(code, 0xfdd0, 0xfdef))
        return KIND_BAD;
    return in(code, 0x1f000, 0x1faff) ? KIND_PICTURE : KIND_BASE;
}

static enum kind kind_by_property(uint32_t code)
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

static enum kind find_kind(uint32_t code)
{
    enum kind kind;

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
static enum kind kind_of(uint32_t code)
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
    return (enum kind)(kind - 1);
}

/* --- sanitising -------------------------------------------------------- */

/* Output goes straight to where it stays; there is room until end. */
struct sanitiser {
    char *to, *end;
    char *cluster;  /* where the current grapheme began */
    uint32_t base;  /* what a mark would stand on; 0: nothing */
    int marks;      /* on it */
    bool picture;   /* the base is one */
    bool joined;    /* a ZWJ came after it */
    bool half_flag; /* one regional indicator, waiting for its second */
    bool full;      /* something had no room: stop */
};

/* The output ends before what has no room: whole graphemes only, so a mark
 * takes its base along. */
static void stop_full(struct sanitiser *s, bool extends)
{
    if (extends)
        s->to = s->cluster;
    s->full = true;
}

static bool fits(const struct sanitiser *s, size_t bytes)
{
    return bytes <= (size_t)(s->end - s->to);
}

static void add(struct sanitiser *s, const char *bytes, size_t len)
{
    memcpy(s->to, bytes, len);
    s->to += len;
}

/* A code point of two to four bytes. */
static void add_code(struct sanitiser *s, const char *p, size_t len)
{
    s->to[0] = p[0];
    s->to[1] = p[1];
    if (len > 2)
        s->to[2] = p[2];
    if (len > 3)
        s->to[3] = p[3];
    s->to += len;
}

/* A new grapheme starts at p. */
static void begin(struct sanitiser *s, char *p, uint32_t base)
{
    s->cluster = p;
    s->base = base;
    s->marks = 0;
    s->picture = s->joined = s->half_flag = false;
}

static void put_blank(struct sanitiser *s)
{
    if (!fits(s, 1)) {
        stop_full(s, false);
        return;
    }
    begin(s, s->to, 0);
    *s->to++ = ' ';
}

static void put_bad(struct sanitiser *s)
{
    if (!fits(s, 3)) {
        stop_full(s, false);
        return;
    }
    begin(s, s->to, REPLACEMENT);
    add(s, "\xef\xbf\xbd", 3);
}

/* A mark stays on its base; on nothing it is shown as unreadable; on
 * something unreadable it goes. */
static void put_mark(struct sanitiser *s, const char *p, size_t len,
                     bool homeless)
{
    if (s->base == REPLACEMENT || s->marks == MARKS_MAX)
        return;
    if (!s->base || homeless) {
        put_bad(s);
    } else if (!fits(s, len)) {
        stop_full(s, true);
    } else {
        add_code(s, p, len);
        s->marks++;
    }
}

static void put_base(struct sanitiser *s, const char *p, size_t len,
                     uint32_t code, enum kind kind)
{
    bool second = kind == KIND_FLAG && s->half_flag;

    if (kind == KIND_PICTURE && s->joined && s->picture) {
        s->joined = false;
        return;
    }
    if (!fits(s, len)) {
        stop_full(s, second);
        return;
    }
    if (!second) {
        begin(s, s->to, code);
        s->picture = kind == KIND_PICTURE;
        s->half_flag = kind == KIND_FLAG;
    } else {
        s->half_flag = false;
    }
    add_code(s, p, len);
}

/* One code point at p. */
static void sanitise_one(struct sanitiser *s, const char *p, size_t len,
                         uint32_t code)
{
    enum kind kind = kind_of(code);

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
        break;
    case KIND_DROP:
        break;
    case KIND_BLANK:
        put_blank(s);
        break;
    case KIND_BAD:
        put_bad(s);
        break;
    }
}

/* Bytes of the letter at p if it is one that needs no thought: Latin with
 * accents, Greek, Cyrillic, kana, common ideographs, Hangul. 0: look closer.
 */
static size_t letter_length(const unsigned char *p, size_t left,
                            uint32_t *code)
{
    uint32_t value;

    if (left >= 2 && in(p[0], 0xc3, 0xd1) && goes_on(p[1])) {
        value = (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
        if (!in(value, 0xc0, 0x23f) && !in(value, 0x3a3, 0x47f))
            return 0;
        *code = value;
        return 2;
    }
    if (left < 3 || !in(p[0], 0xe3, 0xed) || !both_go_on(p[1], p[2]))
        return 0;
    value = (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    if (!in(value, 0x4e00, 0x9ffc) && !in(value, 0x3041, 0x3096) &&
        !in(value, 0x30a1, 0x30fa) && !in(value, 0xac00, 0xd7a3))
        return 0;
    *code = value;
    return 3;
}

/* Text that stays as it is: its length, and the last grapheme in it. */
struct run {
    size_t len, cluster; /* where that begins */
    uint32_t base;       /* as in struct sanitiser */
    int marks;
};

static void run_base(struct run *run, size_t len, uint32_t base)
{
    run->cluster = run->len;
    run->base = base;
    run->marks = 0;
    run->len += len;
}

/* Letters and marks of other scripts, one after the other, below U+2000.
 * False: look closer. */
static bool run_script(struct run *run, const char *p, size_t left)
{
    enum kind kind = KIND_BAD;
    uint32_t code = 0;
    int len = 0;

    if (in((unsigned char)*p, 0xcc, 0xe1))
        len = utf8_decode(p, left, &code);
    if (len > 1)
        kind = kind_of(code);
    if (kind == KIND_BASE) {
        run_base(run, (size_t)len, code);
        return true;
    }
    if (kind != KIND_MARK || !run->base || run->marks == MARKS_MAX)
        return false;
    run->marks++;
    run->len += (size_t)len;
    return true;
}

/* Printable ASCII, plain letters, and letters with their marks, as far as
 * len goes. */
static struct run plain_run(const char *p, size_t len)
{
    struct run run = {0};
    uint32_t code;
    size_t step;

    while (run.len < len) {
        const char *at = p + run.len;
        size_t left = len - run.len;

        if (is_printable(*at)) {
            step = ascii_run(at, left);
            run.len += step - 1;
            run_base(&run, 1,
                     at[step - 1] == ' ' ? 0 : (unsigned char)at[step - 1]);
        } else if ((step = letter_length((const unsigned char *)at, left,
                                         &code))) {
            run_base(&run, step, code);
        } else if (!run_script(&run, at, left)) {
            break;
        }
    }
    return run;
}

/* Can such a run begin with it? */
static bool may_stay(unsigned char byte)
{
    return is_printable((char)byte) || in(byte, 0xc3, 0xe1) ||
           in(byte, 0xe3, 0xed);
}

/* Takes such a run, as far as there is room; returns its length. */
static size_t sanitise_plain(struct sanitiser *s, const char *p, size_t len)
{
    size_t room = (size_t)(s->end - s->to);
    struct run run = plain_run(p, len < room ? len : room);

    if (!run.len)
        return 0;
    add(s, p, run.len);
    begin(s, s->to - (run.len - run.cluster), run.base);
    s->marks = run.marks;
    return run.len;
}

static void sanitise(struct sanitiser *s, const char *p, const char *end)
{
    uint32_t code;
    int n;

    while (p < end && !s->full) {
        if (may_stay((unsigned char)*p))
            p += sanitise_plain(s, p, (size_t)(end - p));
        if (p == end)
            break;
        n = utf8_decode(p, (size_t)(end - p), &code);
        if (n < 0)
            put_bad(s);
        else
            sanitise_one(s, p, (size_t)n, code);
        p += n < 0 ? 1 : n;
    }
}

bool text_sanitise(struct buf *out, const char *text, size_t len, size_t max)
{
    size_t left = out->max - out->len, room = left < max ? left : max;
    struct sanitiser s = {0};

    if (!buf_ok(out))
        return false;
    /* A byte becomes three at most. */
    if (len < room / 3)
        room = len * 3;
    s.to = s.cluster = buf_room(out, room);
    s.end = s.to + room;
    sanitise(&s, text, text + len);
    out->overflow = s.full && left < max;
    buf_grew(out, s.to);
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
