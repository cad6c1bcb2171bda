/* Bytes from a terminal → keys. Knows the sequences that terminals send for
 * keys, mouse reports and bracketed paste, in 7 and 8 bits; what else they
 * send, answers above all, is swallowed to its end. Never blocks: a lone ESC
 * is a key once nothing followed it for KEYS_ESC_US; of anything longer the
 * rest is waited for KEYS_REST_US, then it is given up. And the names of
 * keys. */
#ifndef TELLTALE_KEYS_H
#define TELLTALE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define KEYS_ESC_US 25000
#define KEYS_REST_US 1000000

/* Code points stand for themselves; controls too ('\r', 0x0c for ^L). */
enum key_code {
    KEY_CODE_UP = 0x110000,
    KEY_CODE_DOWN,
    KEY_CODE_LEFT,
    KEY_CODE_RIGHT,
    KEY_CODE_HOME,
    KEY_CODE_END,
    KEY_CODE_PAGE_UP,
    KEY_CODE_PAGE_DOWN,
    KEY_CODE_INSERT,
    KEY_CODE_DELETE,
    KEY_CODE_BACK_TAB,
    KEY_CODE_ENTER,
    KEY_CODE_ESC,
    KEY_CODE_BACKSPACE, /* 0x7f and ^H */
    KEY_CODE_TAB,
    KEY_CODE_WHEEL_UP,
    KEY_CODE_WHEEL_DOWN,
    KEY_CODE_CLICK, /* left button pressed */
    KEY_CODE_DRAG,  /* moved with it held */
    KEY_CODE_RELEASE,
    KEY_CODE_BACKGROUND, /* the terminal's answer to OSC 11: x is 1 when it
                            is light, else 0 */
    KEY_CODE_PASTE,      /* text is what was pasted, sanitised, one line */
    KEY_CODE_UNKNOWN,    /* no key, or one that has no name here: ignored */
};

struct key {
    uint32_t code;
    int y, x;         /* mouse: cell, from 0 */
    const char *text; /* paste; valid until the next call */
    bool cut;         /* more was pasted than that */
};

struct keys;
struct keys *keys_new(void);
void keys_free(struct keys *keys);
/* Where tty_read() puts bytes. */
struct buf *keys_buffer(struct keys *keys);
/* The next key; false when none is complete. late says that keys_wait_us()
 * has passed since the last byte; it is said once, not again for the keys
 * behind the one that waited. */
bool keys_next(struct keys *keys, bool late, struct key *out);
/* After keys_next() was false: how long the rest is waited for, 0 when
 * nothing is. */
int64_t keys_wait_us(const struct keys *keys);

/* "Up", "PgDn", "Tab", "S-Tab", "Enter", "Esc", "Space", "^L", "q" ↔ code;
 * the names that actions.def and [keys] use. 0: no such key. */
uint32_t key_parse(const char *name);
void key_name(uint32_t code, char out[16]);

#endif
