/* The key decoder. Not curses': its input can wait a second for a lone ESC,
 * knows mouse reports only as terminfo has them and draws behind our back.
 *
 * Not all that comes is typed: terminals answer questions, some of them late
 * or asked by whoever ran before. What is no key is swallowed to its end, in
 * whatever pieces it comes, and never becomes keys. */
#include "ui/term/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/utf8.h"
#include "ui/term/background.h"
#include "ui/term/sequence.h"
#include "base/banned.h"

#define ESC '\033'
#define SEQUENCE_MAX 512 /* longer ones are no keys */
#define ANSWER_MAX 40    /* "11;rgba:ffff/ffff/ffff/ffff", its end, more */

/* 8-bit controls: C1 of ECMA-48. */
enum { SS3 = 0x8f, DCS = 0x90, SOS = 0x98, CSI = 0x9b, ST = 0x9c, OSC = 0x9d };
enum { PM = 0x9e, APC = 0x9f };

/* What is swallowed until its end comes. */
enum skipping { SKIP_NOTHING, SKIP_STRING, SKIP_SEQUENCE, SKIP_PASTE };

struct keys {
    struct buf bytes;
    struct buf paste;
    bool pasting;
    enum skipping skip;
    unsigned char lead;      /* in a string: of a character not yet whole */
    unsigned char inside;    /* … whose bytes still to come */
    char answer[ANSWER_MAX]; /* the string's first bytes, terminated */
    size_t answered;
    bool stale; /* what waits did so for KEYS_ESC_US already */
    bool split; /* ESC was a key, but what comes may say otherwise */
    int64_t wait;
};

struct keys *keys_new(void)
{
    struct keys *keys = xcalloc(1, sizeof *keys);

    buf_init(&keys->bytes, LIMIT_TYPED);
    buf_init(&keys->paste, LIMIT_PASTE_RAW);
    return keys;
}

void keys_free(struct keys *keys)
{
    buf_free(&keys->bytes);
    buf_free(&keys->paste);
    free(keys);
}

struct buf *keys_buffer(struct keys *keys)
{
    return &keys->bytes;
}

int64_t keys_wait_us(const struct keys *keys)
{
    return keys->wait;
}

static size_t wait_for(struct keys *keys, int64_t us)
{
    keys->wait = us;
    return 0;
}

/* ---- what is swallowed ---- */

/* A character of a string may hold the byte that ends it elsewhere: “ is
 * E2 80 9C. */
static bool ends_string(struct keys *keys, unsigned char byte)
{
    bool ends = byte == 0x07 || byte == 0x18 || byte == 0x1a ||
                (byte == ST && (!keys->inside || keys->lead == 0xc2));

    if (byte >= 0xc2 && byte <= 0xf4) {
        keys->lead = byte;
        keys->inside = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    } else if ((byte & 0xc0) == 0x80 && keys->inside) {
        keys->inside--;
    } else {
        keys->inside = 0;
    }
    return ends;
}

/* The bytes of a string up to its end: ST, BEL, or what breaks it off. An
 * ESC as the last byte stays: what follows it decides. */
static size_t skip_string(struct keys *keys, bool *ended)
{
    const char *at = keys->bytes.data;
    size_t len = keys->bytes.len;

    for (size_t i = 0; i < len; i++) {
        if (at[i] == ESC) {
            *ended = i + 1 < len;
            return *ended && at[i + 1] == '\\' ? i + 2 : i;
        }
        if (ends_string(keys, (unsigned char)at[i])) {
            *ended = true;
            return i + 1;
        }
    }
    return len;
}

static size_t skip_sequence(struct keys *keys, bool *ended)
{
    const char *at = keys->bytes.data;
    size_t len = keys->bytes.len, i = 0;

    while (i < len && at[i] >= 0x20 && at[i] < 0x40)
        i++;
    *ended = i < len;
    return *ended && at[i] >= 0x40 && at[i] < 0x7f ? i + 1 : i;
}

static const char paste_end[] = "\033[201~";
#define PASTE_END_LEN (sizeof paste_end - 1)

/* Up to the mark that ends a paste, or to what may be its beginning. */
static size_t find_paste_end(const struct buf *bytes, bool *ended)
{
    size_t at = 0;

    for (; at < bytes->len; at++) {
        size_t rest = bytes->len - at;

        if (!memcmp(bytes->data + at, paste_end,
                    rest < PASTE_END_LEN ? rest : PASTE_END_LEN))
            break;
    }
    *ended = bytes->len - at >= PASTE_END_LEN;
    return at;
}

static size_t skip_paste(struct keys *keys, bool *ended)
{
    size_t len = find_paste_end(&keys->bytes, ended);

    return *ended ? len + PASTE_END_LEN : len;
}

static void begin_skip(struct keys *keys, enum skipping what, size_t from)
{
    buf_consume(&keys->bytes, from);
    keys->skip = what;
    keys->inside = 0;
    keys->stale = false;
    keys->answered = 0;
    keys->answer[0] = '\0';
}

static void keep_answer(struct keys *keys, size_t len)
{
    size_t room = sizeof keys->answer - 1 - keys->answered;

    if (len > room)
        len = room;
    memcpy(keys->answer + keys->answered, keys->bytes.data, len);
    keys->answered += len;
    keys->answer[keys->answered] = '\0';
}

static bool take_background(struct keys *keys, struct key *out)
{
    bool light;

    if (!background_parse(keys->answer, &light))
        return false;
    out->code = KEY_CODE_BACKGROUND;
    out->x = light;
    return true;
}

/* True when nothing is to be swallowed any more. */
static bool skip_rest(struct keys *keys, bool late)
{
    static size_t (*const skips[])(struct keys *,
                                   bool *) = {[SKIP_STRING] = skip_string,
                                              [SKIP_SEQUENCE] = skip_sequence,
                                              [SKIP_PASTE] = skip_paste};
    bool string = keys->skip == SKIP_STRING, ended = false;
    size_t len;

    len = skips[keys->skip](keys, &ended);
    if (string)
        keep_answer(keys, len);
    buf_consume(&keys->bytes, len);
    if (!ended && late)
        buf_clear(&keys->bytes);
    if (ended || late)
        keys->skip = SKIP_NOTHING;
    else
        wait_for(keys, KEYS_REST_US);
    return ended || late;
}

/* ---- pasting ---- */

/* What was pasted, sanitised, on one line and not longer than a prompt could
 * use. False: it was longer. */
static bool clean_paste(struct buf *paste)
{
    size_t len = paste->len;
    char *raw = buf_take(paste);
    bool whole;

    buf_init(paste, LIMIT_PASTE_RAW);
    text_sanitise(paste, raw, len, LIMIT_PASTE_RAW);
    whole = paste->len <= LIMIT_PASTE;
    buf_clear(paste);
    text_sanitise(paste, raw, len, LIMIT_PASTE);
    free(raw);
    return whole;
}

static bool end_paste(struct keys *keys, struct key *out)
{
    keys->pasting = false;
    out->cut = !clean_paste(&keys->paste) || keys->skip == SKIP_PASTE;
    out->code = KEY_CODE_PASTE;
    out->text = keys->paste.data;
    return true;
}

/* Of a mark that was cut off, ESC alone would be a key. */
static void keep_cut_mark(struct keys *keys)
{
    if (keys->bytes.len != 1)
        return;
    buf_clear(&keys->bytes);
    keys->split = true;
}

/* Pasted bytes up to the closing mark, or as many as a paste may have: then
 * the rest is swallowed. True when the paste is whole, or nothing came for
 * so long that its end is lost. */
static bool take_paste(struct keys *keys, bool late, struct key *out)
{
    struct buf *bytes = &keys->bytes;
    bool ended;
    size_t len = find_paste_end(bytes, &ended);
    size_t room = LIMIT_PASTE_RAW - keys->paste.len;

    buf_add(&keys->paste, bytes->data, len < room ? len : room);
    buf_consume(bytes, ended ? len + PASTE_END_LEN : len);
    if (ended)
        return end_paste(keys, out);
    if (len >= room) {
        begin_skip(keys, SKIP_PASTE, 0);
        return end_paste(keys, out);
    }
    if (late) {
        keep_cut_mark(keys);
        return end_paste(keys, out);
    }
    return wait_for(keys, KEYS_REST_US);
}

/* ---- keys ---- */

static uint32_t control_key(unsigned char byte)
{
    switch (byte) {
    case '\r':
    case '\n':
        return KEY_CODE_ENTER;
    case '\t':
        return KEY_CODE_TAB;
    case 0x08:
    case 0x7f:
        return KEY_CODE_BACKSPACE;
    default:
        return byte;
    }
}

/* The bytes of the character at from: as many as there are of it where it is
 * cut off, which is told by whole. */
static size_t character_length(const struct buf *bytes, size_t from,
                               bool *whole)
{
    unsigned char first = (unsigned char)bytes->data[from];
    size_t need = first < 0xc2 || first > 0xf4 ? 1
                  : first < 0xe0               ? 2
                  : first < 0xf0               ? 3
                                               : 4;
    size_t len = 1;

    while (len < need && from + len < bytes->len &&
           (bytes->data[from + len] & 0xc0) == 0x80)
        len++;
    *whole = len == need || from + len < bytes->len;
    return len;
}

/* The sequence behind an introducer of intro bytes. */
static size_t take_sequence(struct keys *keys, size_t intro, bool late,
                            struct key *out)
{
    const char *at = keys->bytes.data + intro;
    size_t len = keys->bytes.len - intro, length;

    out->code = KEY_CODE_UNKNOWN;
    if (!sequence_length(at, len, &length)) {
        bool rxvt = sequence_is_rxvt(at, len);

        if (len > SEQUENCE_MAX) {
            begin_skip(keys, SKIP_SEQUENCE, intro);
            return wait_for(keys, KEYS_REST_US);
        }
        if (!late)
            return wait_for(keys, rxvt ? KEYS_ESC_US : KEYS_REST_US);
        length = len;
    }
    sequence_key(at, length, out);
    if (out->code == KEY_CODE_PASTE) {
        out->code = KEY_CODE_UNKNOWN;
        keys->pasting = true;
        buf_clear(&keys->paste);
    }
    return intro + length;
}

/* ESC O may be Alt-O: nothing behind it for KEYS_ESC_US makes that likely,
 * and then only what Alt-O and a letter would not run is a key. */
static size_t take_keypad(struct keys *keys, size_t intro, bool late,
                          struct key *out)
{
    const char *at = keys->bytes.data + intro;
    size_t len = keys->bytes.len - intro, length;

    out->code = KEY_CODE_UNKNOWN;
    if (!keypad_length(at, len, &length)) {
        if (late && (keys->stale || len > SEQUENCE_MAX))
            return intro + len;
        keys->stale |= late;
        return wait_for(keys, keys->stale ? KEYS_REST_US : KEYS_ESC_US);
    }
    if (!keys->stale || strchr("ABCD", at[0]))
        out->code = keypad_key(at, length);
    return intro + length;
}

/* What answers begin with. */
static bool begins_answer(unsigned char kind, char next)
{
    switch (kind) {
    case CSI:
        return true;
    case SS3:
        return next && strchr("ABCDFHPQRS", next);
    case DCS:
        return next && strchr("0123456789;>!=?+$|", next);
    case OSC:
        return next && strchr("0123456789lLI", next);
    case APC:
        return next == 'G';
    default:
        return false;
    }
}

/* ESC P and the like may be Alt-P: if nothing follows at once, and then
 * something that no answer begins with. */
static size_t take_string(struct keys *keys, unsigned char kind, size_t intro,
                          bool late, struct key *out)
{
    out->code = KEY_CODE_UNKNOWN;
    if (keys->bytes.len == intro) {
        if (late && keys->stale)
            return intro;
        keys->stale |= late;
        return wait_for(keys, keys->stale ? KEYS_REST_US : KEYS_ESC_US);
    }
    if (keys->stale && !begins_answer(kind, keys->bytes.data[intro]))
        return intro;
    begin_skip(keys, SKIP_STRING, intro);
    return 0;
}

/* The 8-bit control that ESC and this byte stand for; 0: none that has a
 * rest. */
static unsigned char control_of_escape(char byte)
{
    switch ((unsigned char)byte + 0x40) {
    case SS3:
    case DCS:
    case SOS:
    case CSI:
    case OSC:
    case PM:
    case APC:
        return (unsigned char)(byte + 0x40);
    default:
        return 0;
    }
}

/* A control and its rest; intro is its own length. */
static size_t take_control(struct keys *keys, unsigned char control,
                           size_t intro, bool late, struct key *out)
{
    out->code = KEY_CODE_UNKNOWN;
    switch (control) {
    case CSI:
        return take_sequence(keys, intro, late, out);
    case SS3:
        return take_keypad(keys, intro, late, out);
    case DCS:
    case SOS:
    case OSC:
    case PM:
    case APC:
        return take_string(keys, control, intro, late, out);
    default:
        return intro;
    }
}

/* ESC ESC: Alt with a key that has a sequence, or Esc and then something. */
static size_t take_two_escapes(struct keys *keys, bool late, struct key *out)
{
    const char *at = keys->bytes.data + 3;
    size_t len = keys->bytes.len, length;
    struct key key = {.code = KEY_CODE_UNKNOWN};

    if (len == 2 && !late)
        return wait_for(keys, KEYS_ESC_US);
    out->code = KEY_CODE_ESC;
    if (len < 3 || (at[-1] != '[' && at[-1] != 'O'))
        return 1;
    if (at[-1] == '[' ? !sequence_length(at, len - 3, &length)
                      : !keypad_length(at, len - 3, &length))
        return late ? 1 : wait_for(keys, KEYS_REST_US);
    if (at[-1] == '[')
        sequence_key(at, length, &key);
    else
        key.code = keypad_key(at, length);
    if (key.code == KEY_CODE_UNKNOWN || key.code >= KEY_CODE_WHEEL_UP)
        return 1;
    out->code = KEY_CODE_UNKNOWN;
    return 3 + length;
}

/* Alt and a key are neither Esc nor that key. ESC, blanks to slashes and a
 * byte are a sequence of three or more (ESC ( B). */
static size_t take_alt(struct keys *keys, bool late, struct key *out)
{
    const struct buf *bytes = &keys->bytes;
    size_t at = 1;
    bool whole = true;

    out->code = KEY_CODE_UNKNOWN;
    while (at < bytes->len && bytes->data[at] >= 0x20 &&
           bytes->data[at] < 0x30)
        at++;
    if (at == bytes->len)
        return late ? at : wait_for(keys, KEYS_ESC_US);
    if (at > 1)
        return bytes->data[at] > 0x2f && bytes->data[at] < 0x7f ? at + 1 : at;
    at += character_length(bytes, 1, &whole);
    return whole || late ? at : wait_for(keys, KEYS_REST_US);
}

/* ESC and what follows it: the bytes it takes; 0: wait for more. */
static size_t take_escape(struct keys *keys, bool late, struct key *out)
{
    const char *at = keys->bytes.data;
    unsigned char control;

    if (keys->bytes.len == 1) {
        if (!late)
            return wait_for(keys, KEYS_ESC_US);
        out->code = KEY_CODE_ESC;
        keys->split = true;
        return 1;
    }
    if (at[1] == ESC)
        return take_two_escapes(keys, late, out);
    control = control_of_escape(at[1]);
    return control ? take_control(keys, control, 2, late, out)
                   : take_alt(keys, late, out);
}

/* A character, or an 8-bit control: as one byte, or as UTF-8 has it. */
static size_t take_plain(struct keys *keys, bool late, struct key *out)
{
    unsigned char first = (unsigned char)keys->bytes.data[0];
    bool whole;
    size_t len = character_length(&keys->bytes, 0, &whole);

    if (first < 0x20 || first == 0x7f) {
        out->code = control_key(first);
        return 1;
    }
    if (first >= 0x80 && first < 0xa0)
        return take_control(keys, first, 1, late, out);
    out->code = KEY_CODE_UNKNOWN;
    if (!whole)
        return late ? len : wait_for(keys, KEYS_REST_US);
    if (utf8_decode(keys->bytes.data, len, &out->code) != (int)len) {
        out->code = KEY_CODE_UNKNOWN;
        return len;
    }
    if (out->code >= 0x80 && out->code < 0xa0)
        return take_control(keys, (unsigned char)out->code, len, late, out);
    return len;
}

/* The rest of a sequence whose ESC came so much earlier that it was taken
 * for a key: what nobody types at once behind one. False: wait for more. */
static bool join_split(struct keys *keys, bool late)
{
    unsigned char control = control_of_escape(keys->bytes.data[0]);
    size_t len = keys->bytes.len;
    char *rest;

    if (control && control != CSI && control != OSC && len == 1 && !late) {
        wait_for(keys, KEYS_ESC_US);
        return false;
    }
    keys->split = false;
    if (control != OSC && control != CSI &&
        (len == 1 || !begins_answer(control, keys->bytes.data[1])))
        return true;
    rest = buf_take(&keys->bytes);
    buf_init(&keys->bytes, LIMIT_TYPED);
    buf_addc(&keys->bytes, ESC);
    buf_add(&keys->bytes, rest, len);
    free(rest);
    return true;
}

/* Nothing is there: an ESC that was a key is one for good by then. */
static bool nothing_left(struct keys *keys, bool late)
{
    keys->split = keys->split && !late;
    if (keys->split)
        wait_for(keys, KEYS_REST_US);
    return false;
}

bool keys_next(struct keys *keys, bool late, struct key *out)
{
    size_t taken;

    do {
        bool string = keys->skip == SKIP_STRING;

        memset(out, 0, sizeof *out);
        keys->wait = 0;
        if (keys->skip && !skip_rest(keys, late))
            return false;
        if (string && take_background(keys, out))
            return true;
        if (keys->pasting)
            return take_paste(keys, late, out);
        if (!keys->bytes.len)
            return nothing_left(keys, late);
        if (keys->split && !join_split(keys, late))
            return false;
        taken = keys->bytes.data[0] == ESC ? take_escape(keys, late, out)
                                           : take_plain(keys, late, out);
    } while (!taken && keys->skip);
    if (taken)
        keys->stale = false;
    buf_consume(&keys->bytes, taken);
    return taken > 0;
}
