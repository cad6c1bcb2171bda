/* A handler that notes the signal. Between a look at what it noted and a
 * read() that waits for ever a signal would be missed, so an alarm comes each
 * second from then on. */
#include "command/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "base/banned.h"

static volatile sig_atomic_t came;
static int told[2] = {-1, -1}; /* a pipe, for a loop; of the process */

static void on_interrupt(int signal)
{
    int saved = errno;

    (void)signal;
    came = 1;
    alarm(1);
    if (told[1] >= 0)
        (void)!write(told[1], "", 1);
    errno = saved;
}

static void catch_unless_ignored(int signal, const struct sigaction *action)
{
    struct sigaction before;

    sigaction(signal, NULL, &before);
    if (before.sa_handler != SIG_IGN)
        sigaction(signal, action, NULL);
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};

    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    catch_unless_ignored(SIGINT, &action);
    catch_unless_ignored(SIGHUP, &action);
}

bool interrupt_came(void)
{
    return came;
}

static bool open_pipe(struct err *err)
{
    int ends[2];

    if (told[0] >= 0)
        return true;
    if (pipe(ends))
        return err_errno(err, "pipe");
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
        told[i] = ends[i];
    }
    return true;
}

struct loop_fd *interrupt_watch(struct loop *loop, void (*call)(void *ctx),
                                void *ctx, struct err *err)
{
    if (!open_pipe(err))
        return NULL;
    interrupt_catch();
    if (came) /* maybe before there was a pipe */
        (void)!write(told[1], "", 1);
    return loop_watch(loop, told[0], call, NULL, ctx, err);
}
