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
    struct sigaction action = {.sa_handler = on_interrupt};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool interrupt_came(void)
{
    return came;
}
