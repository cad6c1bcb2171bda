/* Starting a thread. */
#include "base/thread.h"

#include <errno.h>
#include <signal.h>

#include "base/banned.h"

bool thread_start(pthread_t *thread, void *(*run)(void *), void *arg,
                  struct err *err)
{
    sigset_t all, before;
    int result;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    result = pthread_create(thread, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!result)
        return true;
    errno = result;
    return err_errno(err, "cannot start a thread");
}
