/* What stands behind ESC [ (a control sequence) and ESC O (a keypad's): how
 * long it is and which key it says. Pure: no state, no time, no input. */
#ifndef TELLTALE_SEQUENCE_H
#define TELLTALE_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/term/keys.h"

/* at: what follows the introducer. True with the length once the end is
 * there, or once a byte shows that none will come: length is then what is in
 * front of that byte, 0 perhaps. */
bool sequence_length(const char *at, size_t len, size_t *length);
bool keypad_length(const char *at, size_t len, size_t *length);

/* The rxvt keys that end in `$`: whole if nothing follows at once, but the
 * middle of an answer if something does. */
bool sequence_is_rxvt(const char *at, size_t len);

/* The key of a whole sequence into code and the mouse's cell; KEY_CODE_PASTE
 * where a paste begins, KEY_CODE_UNKNOWN for what no key sends. */
void sequence_key(const char *at, size_t len, struct key *out);
uint32_t keypad_key(const char *at, size_t len);

#endif
