/* Control sequences as keys. Terminals answer questions in the same form
 * (ECMA-48) in which they send keys, also questions that another program
 * asked: a sequence is a key only where all of it is as keys are sent. */
#include "ui/term/sequence.h"

#include <string.h>

#include <utf8proc.h>

#include "base/banned.h"

#define NUMBERS_MAX 8
#define SUBS_MAX 3
#define NUMBER_MOST 10000000
#define MOUSE_CELLS 10000
#define MOUSE_BYTES 3 /* behind ESC [ M */

/* 1 and the sum of these, as a parameter. */
enum { SHIFT = 1, ALT = 2, CTRL = 4, CAPS = 64, NUM_LOCK = 128 };
enum { RELEASED = 3 };

/* Numbers between `;`, each with up to three parts between `:`. */
struct numbers {
    unsigned at[NUMBERS_MAX][SUBS_MAX];
    unsigned count;
};

static bool is_parameter(char c)
{
    return c >= 0x30 && c <= 0x3f;
}

static bool is_intermediate(char c)
{
    return c >= 0x20 && c <= 0x2f;
}

static bool is_final(char c)
{
    return c >= 0x40 && c <= 0x7e;
}

/* The old mouse report: M and three bytes of any kind, but for ESC. */
static bool old_mouse_length(const char *at, size_t len, size_t *length)
{
    size_t i = 1;

    while (i < len && i <= MOUSE_BYTES && at[i] != '\033')
        i++;
    *length = i;
    return i > MOUSE_BYTES || i < len;
}

bool sequence_length(const char *at, size_t len, size_t *length)
{
    size_t i = 0;

    if (len && at[0] == 'M')
        return old_mouse_length(at, len, length);
    if (len && at[0] == '[') { /* F1 to F5 of the Linux console */
        *length = len > 1 && is_final(at[1]) ? 2 : 1;
        return len > 1;
    }
    while (i < len && is_parameter(at[i]))
        i++;
    while (i < len && is_intermediate(at[i]))
        i++;
    *length = i + (i < len && is_final(at[i]));
    return i < len;
}

bool keypad_length(const char *at, size_t len, size_t *length)
{
    size_t i = 0;

    while (i < len && is_parameter(at[i]))
        i++;
    *length = i + (i < len && at[i] >= 0x20 && at[i] < 0x7f);
    return i < len;
}

bool sequence_is_rxvt(const char *at, size_t len)
{
    return (len == 2 || len == 3) && at[len - 1] == '$' && at[0] >= '1' &&
           at[0] <= '9' && (len == 2 || (at[1] >= '0' && at[1] <= '9'));
}

/* False when anything but numbers stands in the len bytes. */
static bool read_numbers(const char *at, size_t len, struct numbers *out)
{
    unsigned sub = 0;

    memset(out, 0, sizeof *out);
    out->count = len > 0;
    for (size_t i = 0; i < len; i++) {
        unsigned *number;

        if (at[i] == ';') {
            if (out->count++ == NUMBERS_MAX)
                return false;
            sub = 0;
            continue;
        }
        if (at[i] == ':') {
            if (++sub == SUBS_MAX)
                return false;
            continue;
        }
        number = &out->at[out->count - 1][sub];
        if (at[i] < '0' || at[i] > '9' || *number > NUMBER_MOST)
            return false;
        *number = *number * 10 + (unsigned)(at[i] - '0');
    }
    return true;
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

/* Arrows; in small letters rxvt's, with Shift or Ctrl. */
static uint32_t letter_key(char letter)
{
    switch (letter) {
    case 'A':
    case 'a':
        return KEY_CODE_UP;
    case 'B':
    case 'b':
        return KEY_CODE_DOWN;
    case 'C':
    case 'c':
        return KEY_CODE_RIGHT;
    case 'D':
    case 'd':
        return KEY_CODE_LEFT;
    case 'F':
        return KEY_CODE_END;
    case 'H':
        return KEY_CODE_HOME;
    case 'Z':
        return KEY_CODE_BACK_TAB;
    default:
        return KEY_CODE_UNKNOWN;
    }
}

/* ---- with modifiers ---- */

/* What is held beside the key; the locks are not. */
static unsigned held(const struct numbers *numbers, unsigned at)
{
    unsigned sent = numbers->count > at ? numbers->at[at][0] : 0;

    return sent ? (sent - 1) & ~(unsigned)(CAPS | NUM_LOCK) : 0;
}

static bool is_release(const struct numbers *numbers, unsigned at)
{
    return numbers->count > at && numbers->at[at][1] == RELEASED;
}

/* Alt, Super, Hyper and Meta make another key of it; Shift and Ctrl move
 * what they are held with. */
static bool moves(const struct numbers *numbers, unsigned at)
{
    return !is_release(numbers, at) &&
           !(held(numbers, at) & ~(unsigned)(SHIFT | CTRL));
}

/* ESC [ A, ESC [ 1 ; 5 A and older ones' ESC [ 5 A. */
static uint32_t sent_letter(const struct numbers *numbers, char letter)
{
    unsigned at = numbers->count > 1 ? 1 : 0;

    if (numbers->count > 2 || (at && numbers->at[0][0] > 1) ||
        (numbers->count && letter >= 'a') || held(numbers, at) > 15)
        return KEY_CODE_UNKNOWN;
    return moves(numbers, at) ? letter_key(letter) : KEY_CODE_UNKNOWN;
}

/* Keys that kitty's protocol numbers in the private area: the keypad's. */
static uint32_t kitty_key(uint32_t code)
{
    static const uint32_t keypad[] = {
        KEY_CODE_ENTER,     '=',           ',',           KEY_CODE_LEFT,
        KEY_CODE_RIGHT,     KEY_CODE_UP,   KEY_CODE_DOWN, KEY_CODE_PAGE_UP,
        KEY_CODE_PAGE_DOWN, KEY_CODE_HOME, KEY_CODE_END,  KEY_CODE_INSERT,
        KEY_CODE_DELETE};
    static const char signs[] = "0123456789./*-+";
    const uint32_t first = 57399, enter = 57414;

    if (code >= first && code < first + sizeof signs - 1)
        return (unsigned char)signs[code - first];
    if (code >= enter && code < enter + sizeof keypad / sizeof *keypad)
        return keypad[code - enter];
    return KEY_CODE_UNKNOWN;
}

/* A key that has no letter; KEY_CODE_UNKNOWN: none of those. */
static uint32_t named_key(uint32_t code, unsigned with)
{
    switch (code) {
    case 27:
        return KEY_CODE_ESC;
    case 13:
        return KEY_CODE_ENTER;
    case 9:
        return with & SHIFT ? KEY_CODE_BACK_TAB : KEY_CODE_TAB;
    case 8:
    case 127:
        return KEY_CODE_BACKSPACE;
    default:
        return kitty_key(code);
    }
}

static bool is_text(uint32_t code)
{
    return code >= ' ' && (code < 0x7f || code >= 0xa0) && code < 0x110000 &&
           (code < 0xd800 || code > 0xf8ff);
}

static uint32_t control_of(uint32_t code)
{
    if (code >= 'a' && code <= 'z')
        return code & 0x1f;
    return code >= '[' && code <= '_' ? code & 0x1f : KEY_CODE_UNKNOWN;
}

/* A key by its character and what is held: shifted is the character that
 * Shift makes of it, 0 if the terminal did not say. */
static uint32_t character_key(uint32_t code, uint32_t shifted, unsigned with)
{
    uint32_t key;

    if (with & ~(unsigned)(SHIFT | CTRL))
        return KEY_CODE_UNKNOWN;
    key = named_key(code, with);
    if (key != KEY_CODE_UNKNOWN)
        return key;
    if (!is_text(code))
        return KEY_CODE_UNKNOWN;
    if (with & CTRL)
        return with & SHIFT ? KEY_CODE_UNKNOWN : control_of(code);
    if (!(with & SHIFT))
        return code;
    if (is_text(shifted))
        return shifted;
    return (uint32_t)utf8proc_toupper((utf8proc_int32_t)code);
}

/* kitty's ESC [ character:shifted:base ; held:event ; text u. */
static uint32_t kitty_sent(const struct numbers *numbers)
{
    unsigned with = held(numbers, 1);
    uint32_t text = numbers->at[2][0];

    if (!numbers->count || numbers->count > 3 || is_release(numbers, 1))
        return KEY_CODE_UNKNOWN;
    if (is_text(text) && !(with & ~(unsigned)SHIFT))
        return text;
    return character_key(numbers->at[0][0], numbers->at[0][1], with);
}

static uint32_t tilde_sent(const struct numbers *numbers)
{
    unsigned number = numbers->at[0][0];

    if (number == 27 && numbers->count == 3) /* xterm's modifyOtherKeys */
        return character_key(numbers->at[2][0], 0, held(numbers, 1));
    if (number == 200 && numbers->count == 1)
        return KEY_CODE_PASTE;
    if (numbers->count > 2 || !moves(numbers, 1))
        return KEY_CODE_UNKNOWN;
    return tilde_key(number);
}

/* ---- the mouse ---- */

/* Cells count from 1. released: the report says so by its end. */
static uint32_t mouse_key(unsigned button, unsigned x, unsigned y,
                          bool released, struct key *out)
{
    unsigned plain = button & ~28u; /* Shift, Alt, Ctrl */

    if (!x || !y || x > MOUSE_CELLS || y > MOUSE_CELLS)
        return KEY_CODE_UNKNOWN;
    out->x = (int)x - 1;
    out->y = (int)y - 1;
    if (plain == 64)
        return KEY_CODE_WHEEL_UP;
    if (plain == 65)
        return KEY_CODE_WHEEL_DOWN;
    if (released || plain == 3)
        return KEY_CODE_RELEASE;
    if (plain == 32)
        return KEY_CODE_DRAG;
    return plain == 0 ? KEY_CODE_CLICK : KEY_CODE_UNKNOWN;
}

/* Three bytes, each 32 more than it says. */
static uint32_t old_mouse_key(const char *at, struct key *out)
{
    unsigned char button = (unsigned char)at[0];
    unsigned char x = (unsigned char)at[1];
    unsigned char y = (unsigned char)at[2];

    if (button < 32 || x < 32 || y < 32)
        return KEY_CODE_UNKNOWN;
    return mouse_key(button - 32u, x - 32u, y - 32u, false, out);
}

/* SGR: ESC [ < button ; x ; y M, released with m. rxvt: without the <, the
 * button 32 more. */
static uint32_t mouse_sent(const char *at, size_t len, struct key *out)
{
    char end = at[len - 1];
    bool sgr = at[0] == '<';
    struct numbers numbers;
    unsigned button;

    if (!read_numbers(at + sgr, len - 1 - sgr, &numbers) || numbers.count != 3)
        return KEY_CODE_UNKNOWN;
    button = numbers.at[0][0];
    if (!sgr && (end == 'm' || button < 32))
        return KEY_CODE_UNKNOWN;
    return mouse_key(sgr ? button : button - 32, numbers.at[1][0],
                     numbers.at[2][0], end == 'm', out);
}

/* ---- */

void sequence_key(const char *at, size_t len, struct key *out)
{
    char end = len ? at[len - 1] : '\0';
    struct numbers numbers;

    out->code = KEY_CODE_UNKNOWN;
    if (!len)
        return;
    if (at[0] == 'M') {
        if (len == 1 + MOUSE_BYTES)
            out->code = old_mouse_key(at + 1, out);
    } else if (end == 'M' || end == 'm') {
        out->code = mouse_sent(at, len, out);
    } else if (read_numbers(at, len - 1, &numbers)) {
        if (end == 'u')
            out->code = kitty_sent(&numbers);
        else if (end == '~')
            out->code = tilde_sent(&numbers);
        else if (sequence_is_rxvt(at, len) || (end == '^' && len <= 3) ||
                 (end == '@' && len <= 3))
            out->code = tilde_key(numbers.at[0][0]); /* rxvt's Shift, Ctrl */
        else
            out->code = sent_letter(&numbers, end);
    }
}

/* The keypad in application mode; with a number in front, older terminals'
 * Shift and Ctrl. */
uint32_t keypad_key(const char *at, size_t len)
{
    static const char from[] = "jklmnopqrstuvwxyXM ";
    static const char to[] = "*+,-./0123456789=\r ";
    struct numbers numbers;
    const char *found;

    if (!len || !read_numbers(at, len - 1, &numbers))
        return KEY_CODE_UNKNOWN;
    if (at[len - 1] >= 'a' && at[len - 1] <= 'd')
        return len == 1 ? letter_key(at[0]) : KEY_CODE_UNKNOWN;
    found = len == 1 && at[0] ? strchr(from, at[0]) : NULL;
    if (!found)
        return sent_letter(&numbers, at[len - 1]);
    return to[found - from] == '\r' ? (uint32_t)KEY_CODE_ENTER
                                    : (uint32_t)to[found - from];
}
