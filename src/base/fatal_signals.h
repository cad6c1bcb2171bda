/* Which signals end a process that does nothing about them. */
#ifndef TELLTALE_FATAL_SIGNALS_H
#define TELLTALE_FATAL_SIGNALS_H

#include <stddef.h>

/* Their numbers into out, at most that many; how many there are. SIGKILL,
 * which nobody can catch, is not among them. */
size_t fatal_signals(int *out, size_t most);

#endif
