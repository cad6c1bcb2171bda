/* The table of signals that end a process; some are only on some systems. */
#define _DEFAULT_SOURCE /* those that POSIX does not name */

#include "base/fatal_signals.h"

#include <signal.h>

#include "base/banned.h"

static const int named[] = {
    SIGHUP,    SIGINT,  SIGQUIT, SIGILL,    SIGTRAP, SIGABRT, SIGBUS,
    SIGFPE,    SIGUSR1, SIGSEGV, SIGUSR2,   SIGPIPE, SIGALRM, SIGTERM,
    SIGXCPU,   SIGXFSZ, SIGSYS,  SIGVTALRM, SIGPROF,
#ifdef SIGPOLL
    SIGPOLL,
#endif
#ifdef SIGSTKFLT
    SIGSTKFLT,
#endif
#ifdef SIGPWR
    SIGPWR,
#endif
#ifdef SIGEMT
    SIGEMT,
#endif
};

size_t fatal_signals(int *out, size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof named / sizeof *named && count < most; i++)
        out[count++] = named[i];
#ifdef SIGRTMIN
    for (int number = SIGRTMIN; number <= SIGRTMAX && count < most; number++)
        out[count++] = number;
#endif
    return count;
}
