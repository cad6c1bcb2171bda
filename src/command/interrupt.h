/* Ctrl-C, or a terminal that is closed, for a command that reads or waits
 * without a loop: it ends where it is, and says how far it came. */
#ifndef TELLTALE_INTERRUPT_H
#define TELLTALE_INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT, SIGTERM and SIGHUP (unless nohup is in front) are noted
 * only; what sleeps returns (EINTR). */
void interrupt_catch(void);
/* One has come. */
bool interrupt_came(void);

#endif
