/* Colours of 24 bits for a curses that knows 256: a palette index that has
 * an entry in the table is rewritten to that colour in the bytes curses made.
 * (No terminfo entry for direct colour need be installed.) */
#ifndef TELLTALE_SGR_H
#define TELLTALE_SGR_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Appends len bytes, with `38;5;N` and `48;5;N` in SGR sequences replaced
 * where table[N] is not TTY_NO_COLOUR (ui/term/tty.h). */
void sgr_true_colours(struct buf *out, const char *bytes, size_t len,
                      const uint32_t table[256]);

#endif
