/* What the terminal can do and cannot, said line by line, for `telltale
 * check`. Reads terminfo, the environment and what tmux says of itself; the
 * terminal's modes stay as they are. */
#ifndef TELLTALE_EXAMINE_H
#define TELLTALE_EXAMINE_H

/* The contract is display_ops.examine's. */
void terminal_examine(const char *browser,
                      void (*say)(void *ctx, char mark, const char *text),
                      void *ctx);

#endif
