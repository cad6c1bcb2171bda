/* What a terminal of this type can do, asked by TERM and COLORTERM. */
#ifndef TELLTALE_TERMINFO_H
#define TELLTALE_TERMINFO_H

#include <stdbool.h>

#include "base/err.h"

/* False with err, what to do: terminals of this type (TERM) are not known, or
 * cannot place text. fd is the terminal. */
bool terminfo_can_draw(int fd, struct err *err);
bool terminfo_wants_truecolor(void); /* COLORTERM says 24 bit */
/* A capability as bytes to write, as curses has read the entry; "" when the
 * terminal has none. */
const char *terminfo_text(const char *name);

#endif
