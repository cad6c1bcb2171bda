/* Text for the terminal to copy, as the bytes it is asked with. */
#ifndef TELLTALE_OSC52_H
#define TELLTALE_OSC52_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends them, for tmux and GNU screen if TMUX or STY say that they lie in
 * between. False: it is too much for a terminal, and nothing was appended. */
bool osc52_write(struct buf *out, const char *text, size_t len);

#endif
