/* The ways out that nobody chose: a signal that ends the process. Only
 * write(2), tcsetattr(3), tcflush(3) and raise(3) may be called then, so
 * what they need lies ready. */
#include "ui/term/rescue.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal_signals.h"
#include "base/banned.h"

#define ENDS_MAX 128
#define RESET_TRIES 100

static struct {
    volatile sig_atomic_t armed;
    int out;
    struct termios modes;
    char reset[RESCUE_RESET_MAX];
    size_t reset_len;
} rescue;

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/* Those that would have ended us, and end us still. */
static struct {
    int list[ENDS_MAX];
    size_t count;
} ends;

/* A terminal that takes nothing loses what it has not shown: the reset must
 * reach it. */
void rescue_reset(void)
{
    const char *at = rescue.reset;
    size_t left = rescue.reset_len;

    for (int tries = 0; left && tries < RESET_TRIES; tries++) {
        ssize_t put = write(rescue.out, at, left);

        if (put > 0) {
            at += put;
            left -= (size_t)put;
        } else if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            tcflush(rescue.out, TCOFLUSH);
        } else if (put < 0 && errno != EINTR) {
            break;
        }
    }
}

void rescue_now(void)
{
    rescue_reset();
    tcsetattr(rescue.out, TCSANOW, &rescue.modes);
}

/* SA_RESETHAND: the default action is back, so raise() ends the process
 * with the signal it had, and a core if the user wants one. */
static void ended(int signal)
{
    if (rescue.armed) {
        rescue.armed = 0;
        rescue_now();
    }
    raise(signal);
}

static bool is_crash(int signal)
{
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        if (crashes[i] == signal)
            return true;
    return false;
}

/* Whoever handles a signal or ignores it goes on doing so; but for a crash,
 * which is nobody's own. */
static void watch_ends(void)
{
    static char stack[16384];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = ended}, before;
    int deadly[ENDS_MAX];
    size_t count = fatal_signals(deadly, ENDS_MAX);

    sigaltstack(&alternate, NULL);
    action.sa_flags = (int)(SA_RESETHAND | SA_ONSTACK | SA_NODEFER);
    ends.count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_crash(deadly[i]) && (sigaction(deadly[i], NULL, &before) < 0 ||
                                     before.sa_handler != SIG_DFL))
            continue;
        if (sigaction(deadly[i], &action, NULL) == 0)
            ends.list[ends.count++] = deadly[i];
    }
}

/* Not those that somebody else has taken since. */
static void unwatch_ends(void)
{
    struct sigaction now;

    for (size_t i = 0; i < ends.count; i++)
        if (sigaction(ends.list[i], NULL, &now) == 0 &&
            now.sa_handler == ended)
            signal(ends.list[i], SIG_DFL);
}

void rescue_open(int out, const struct termios *modes, const char *reset,
                 size_t len)
{
    rescue.out = out;
    rescue.modes = *modes;
    memcpy(rescue.reset, reset, len);
    rescue.reset_len = len;
    rescue.armed = 1;
    watch_ends();
}

void rescue_arm(bool on)
{
    rescue.armed = on;
}

void rescue_close(void)
{
    rescue.armed = 0;
    unwatch_ends();
}
