/* The themes as a terminal shows them, for `telltale themes`. No screen is
 * opened: it writes lines. */
#ifndef TELLTALE_SWATCHES_H
#define TELLTALE_SWATCHES_H

#include "base/buf.h"

/* The contract is display_ops.examine_themes's. */
void swatches_examine(const char *in_use,
                      void (*say)(void *ctx, char mark, const char *text),
                      void *ctx);

/* Each built-in theme, a name and its roles, every role in its own look; the
 * one that is in use is marked. A theme of the user's that is in use comes
 * last. colours as terminfo says, 1 << 24 for 24 bits, 0: names only. */
void swatches_write(struct buf *out, const char *in_use, int colours);
/* What the terminal of standard output has, by the environment; 0 when it is
 * none, or NO_COLOR is set. */
int swatches_colours(void);

#endif
