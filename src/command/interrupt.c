/* A handler that notes the signal and does nothing else. */
#include "command/interrupt.h"

#include <signal.h>
#include <stddef.h>

#include "base/banned.h"

static volatile sig_atomic_t came;

static void on_interrupt(int signal)
{
    (void)signal;
    came = 1;
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_interrupt}, before;

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, NULL, &before);
    if (before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
}

bool interrupt_came(void)
{
    return came;
}
