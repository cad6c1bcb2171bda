/* The key decoder. Not curses': its input can wait a second for a lone ESC,
 * knows mouse reports only as terminfo has them and draws behind our back. */
#include "ui/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/banned.h"

#define SEQUENCE_MAX 64

struct keys {
    struct buf bytes;
    struct buf paste;
    bool pasting;
};

struct keys *keys_new(void)
{
    struct keys *keys = xcalloc(1, sizeof *keys);

    buf_init(&keys->bytes, LIMIT_TYPED);
    buf_init(&keys->paste, LIMIT_TYPED);
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

bool keys_pending(const struct keys *keys)
{
    return keys->bytes.len > 0;
}

static uint32_t tilde_key(unsigned number)
{
    switch (number) {
    case 1:
    case 7:
        return KEY_CODE_HOME;
    case 2:
        return KEY_CODE_INSERT;
    case 3:
        return KEY_CODE_DELETE;
    case 4:
    case 8:
        return KEY_CODE_END;
    case 5:
        return KEY_CODE_PAGE_UP;
    case 6:
        return KEY_CODE_PAGE_DOWN;
    default:
        return KEY_CODE_UNKNOWN;
    }
}

static uint32_t letter_key(char final)
{
    switch (final) {
    case 'A':
        return KEY_CODE_UP;
    case 'B':
        return KEY_CODE_DOWN;
    case 'C':
        return KEY_CODE_RIGHT;
    case 'D':
        return KEY_CODE_LEFT;
    case 'F':
        return KEY_CODE_END;
    case 'H':
        return KEY_CODE_HOME;
    case 'M':
        return KEY_CODE_ENTER; /* keypad */
    case 'Z':
        return KEY_CODE_BACK_TAB;
    default:
        return KEY_CODE_UNKNOWN;
    }
}

/* SGR report: button; column; row, M pressed or m released. */
static uint32_t mouse_key(const char *text, char final, struct key *out)
{
    char *end;
    unsigned long button = strtoul(text, &end, 10);
    unsigned long x = *end == ';' ? strtoul(end + 1, &end, 10) : 0;
    unsigned long y = *end == ';' ? strtoul(end + 1, &end, 10) : 0;

    if (!x || !y || x > 10000 || y > 10000)
        return KEY_CODE_UNKNOWN;
    out->x = (int)x - 1;
    out->y = (int)y - 1;
    if ((button & ~28ul) == 64)
        return KEY_CODE_WHEEL_UP;
    if ((button & ~28ul) == 65)
        return KEY_CODE_WHEEL_DOWN;
    if (final == 'm')
        return KEY_CODE_RELEASE;
    if ((button & ~28ul) == 32)
        return KEY_CODE_DRAG;
    return (button & ~28ul) == 0 ? KEY_CODE_CLICK : KEY_CODE_UNKNOWN;
}

/* A control sequence behind `ESC [`: its length, 0 if it is not complete. */
static size_t sequence_length(const char *at, size_t len)
{
    for (size_t i = 0; i < len && i < SEQUENCE_MAX; i++) {
        if (at[i] >= 0x40 && at[i] <= 0x7e)
            return i + 1;
        if ((unsigned char)at[i] < 0x20 || (unsigned char)at[i] > 0x7e)
            return i ? i : 1; /* no sequence after all */
    }
    return len >= SEQUENCE_MAX ? SEQUENCE_MAX : 0;
}

static void decode_sequence(struct keys *keys, const char *text, size_t len,
                            struct key *out)
{
    char copy[SEQUENCE_MAX + 1];
    char final = text[len - 1];

    memcpy(copy, text, len);
    copy[len] = '\0';
    if (!strcmp(copy, "200~")) {
        keys->pasting = true;
        buf_clear(&keys->paste);
        out->code = KEY_CODE_UNKNOWN;
    } else if (copy[0] == '<' && (final == 'M' || final == 'm')) {
        out->code = mouse_key(copy + 1, final, out);
    } else if (final == '~') {
        out->code = tilde_key((unsigned)strtoul(copy, NULL, 10));
    } else {
        out->code = letter_key(final);
    }
}

/* ESC and what follows it: the bytes it takes; 0: wait for more. */
static size_t take_escape(struct keys *keys, bool late, struct key *out)
{
    const char *at = keys->bytes.data;
    size_t len = keys->bytes.len;
    size_t more;

    out->code = KEY_CODE_ESC;
    if (len == 1)
        return late ? 1 : 0;
    if (at[1] == 'O') {
        if (len == 2)
            return late ? 1 : 0;
        out->code = letter_key(at[2]);
        return 3;
    }
    if (at[1] != '[')
        return 1; /* ESC, and then another key */
    more = sequence_length(at + 2, len - 2);
    if (!more)
        return late ? 1 : 0;
    decode_sequence(keys, at + 2, more, out);
    return 2 + more;
}

/* What was pasted, sanitised, on one line and not longer than a prompt could
 * use. */
static void clean_paste(struct buf *paste)
{
    size_t len = paste->len;
    char *raw = buf_take(paste);

    buf_init(paste, LIMIT_TYPED);
    text_sanitise(paste, raw, len, LIMIT_PASTE);
    free(raw);
}

/* Pasted bytes up to the closing mark. True when it is there. */
static bool take_paste(struct keys *keys, struct key *out)
{
    static const char close[] = "\033[201~";
    size_t mark = sizeof close - 1;
    struct buf *bytes = &keys->bytes;
    size_t at = 0;

    while (at < bytes->len &&
           (bytes->len - at < mark
                ? memcmp(bytes->data + at, close, bytes->len - at)
                : memcmp(bytes->data + at, close, mark)))
        at++;
    buf_add(&keys->paste, bytes->data, at);
    buf_consume(bytes, at);
    if (bytes->len < mark)
        return false;
    buf_consume(bytes, mark);
    keys->pasting = false;
    clean_paste(&keys->paste);
    out->code = KEY_CODE_PASTE;
    out->text = keys->paste.data;
    return true;
}

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

static size_t take_plain(struct keys *keys, bool late, struct key *out)
{
    unsigned char first = (unsigned char)keys->bytes.data[0];
    size_t need = first < 0xc2 || first > 0xf4 ? 1
                  : first < 0xe0               ? 2
                  : first < 0xf0               ? 3
                                               : 4;
    int len;

    if (first < 0x20 || first == 0x7f) {
        out->code = control_key(first);
        return 1;
    }
    if (keys->bytes.len < need && !late)
        return 0;
    len = utf8_decode(keys->bytes.data, keys->bytes.len, &out->code);
    if (len <= 0) {
        out->code = KEY_CODE_UNKNOWN;
        return 1;
    }
    if (out->code < 0xa0 && out->code >= 0x80)
        out->code = KEY_CODE_UNKNOWN; /* C1 */
    return (size_t)len;
}

bool keys_next(struct keys *keys, bool late, struct key *out)
{
    size_t taken;

    memset(out, 0, sizeof *out);
    if (keys->pasting)
        return keys->bytes.len && take_paste(keys, out);
    if (!keys->bytes.len)
        return false;
    if (keys->bytes.data[0] == '\033')
        taken = take_escape(keys, late, out);
    else
        taken = take_plain(keys, late, out);
    buf_consume(&keys->bytes, taken);
    return taken > 0;
}

static const struct {
    const char *name;
    uint32_t code;
} names[] = {
    {"Up", KEY_CODE_UP},
    {"Down", KEY_CODE_DOWN},
    {"Left", KEY_CODE_LEFT},
    {"Right", KEY_CODE_RIGHT},
    {"Home", KEY_CODE_HOME},
    {"End", KEY_CODE_END},
    {"PgUp", KEY_CODE_PAGE_UP},
    {"PgDn", KEY_CODE_PAGE_DOWN},
    {"Ins", KEY_CODE_INSERT},
    {"Del", KEY_CODE_DELETE},
    {"Tab", KEY_CODE_TAB},
    {"S-Tab", KEY_CODE_BACK_TAB},
    {"Enter", KEY_CODE_ENTER},
    {"Esc", KEY_CODE_ESC},
    {"Backspace", KEY_CODE_BACKSPACE},
    {"Space", ' '},
};

uint32_t key_parse(const char *name)
{
    uint32_t code;
    int len;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!text_casecmp(names[i].name, name))
            return names[i].code;
    if (name[0] == '^' && name[1] >= '@' && name[1] <= '_' && !name[2])
        return (uint32_t)(name[1] & 0x1f);
    len = utf8_decode(name, strlen(name), &code);
    if (len <= 0 || name[len] || code <= ' ')
        return 0;
    return code;
}

void key_name(uint32_t code, char out[16])
{
    int len;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == code) {
            memcpy(out, names[i].name, strlen(names[i].name) + 1);
            return;
        }
    if (code < 0x20) {
        out[0] = '^';
        out[1] = (char)(code | 0x40);
        out[2] = '\0';
        return;
    }
    len = code < 0x110000 ? utf8_encode(code, out) : 0;
    out[len] = '\0';
}
