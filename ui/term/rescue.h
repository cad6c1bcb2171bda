/* Gives the terminal back when a signal ends the process: any that would,
 * unless somebody handles or ignores it. There is one terminal. */
#ifndef TELLTALE_RESCUE_H
#define TELLTALE_RESCUE_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#define RESCUE_RESET_MAX 256

/* From now on: those bytes (at most RESCUE_RESET_MAX, copied) to out, which
 * may be non-blocking, and those modes. */
void rescue_open(int out, const struct termios *modes, const char *reset,
                 size_t len);
void rescue_close(void);
/* Off while the terminal is not ours. */
void rescue_arm(bool on);
/* Does it, now; rescue_reset() without the modes. */
void rescue_now(void);
void rescue_reset(void);

#endif
