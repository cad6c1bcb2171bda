/* Making text from strangers harmless. It knows nothing of locales or
 * terminals: what a libc or a terminal gets wrong is taken out here. What a
 * code point is says text_kind.c; how wide what is left is, text_width.c. */
#include "base/text.h"

#include <string.h>

#include "base/bytes.h"
#include "base/text_kind.h"
#include "base/utf8.h"

#include "base/banned.h"

#define MARKS_MAX 4 /* on one base: what a curses cell can hold */

static bool in(uint32_t code, uint32_t first, uint32_t last)
{
    return code >= first && code <= last;
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
    begin(s, s->to, UTF8_REPLACEMENT);
    add(s, "\xef\xbf\xbd", 3);
}

/* A mark stays on its base; on nothing it is shown as unreadable; on
 * something unreadable it goes. */
static void put_mark(struct sanitiser *s, const char *p, size_t len,
                     bool homeless)
{
    if (s->base == UTF8_REPLACEMENT || s->marks == MARKS_MAX)
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
                     uint32_t code, enum text_kind kind)
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
    enum text_kind kind = text_kind_of(code);

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
        put_mark(s, p, len, !text_is_hangul(s->base));
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

    if (left >= 2 && in(p[0], 0xc3, 0xd1) && utf8_goes_on(p[1])) {
        value = (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
        if (!in(value, 0xc0, 0x23f) && !in(value, 0x3a3, 0x47f))
            return 0;
        *code = value;
        return 2;
    }
    if (left < 3 || !in(p[0], 0xe3, 0xed) || !utf8_both_go_on(p[1], p[2]))
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
    enum text_kind kind = KIND_BAD;
    uint32_t code = 0;
    int len = 0;

    if (in((unsigned char)*p, 0xcc, 0xe1))
        len = utf8_decode(p, left, &code);
    if (len > 1)
        kind = text_kind_of(code);
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
