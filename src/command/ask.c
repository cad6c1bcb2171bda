/* A prompt and a line, nothing more: what is asked is setup's affair. The
 * terminal is read byte by byte, so that what is typed ahead stays there for
 * whoever reads next. While a question is open signals are only noted: the
 * echo is restored first (the model is BSD's readpassphrase). */
#include "command/ask.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#include "base/banned.h"

static const int noted[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
#define NOTED (sizeof noted / sizeof *noted)

/* What signals did before the question. */
struct signals {
    struct sigaction actions[NOTED];
    sigset_t mask;
};

static volatile sig_atomic_t caught;

static void note_signal(int signal)
{
    caught = signal;
}

/* They come only while read_line() waits; one that is ignored stays so. */
static void note_signals(struct signals *before)
{
    struct sigaction action = {.sa_handler = note_signal};
    sigset_t held;

    caught = 0;
    sigemptyset(&action.sa_mask);
    sigemptyset(&held);
    for (size_t i = 0; i < NOTED; i++)
        sigaddset(&held, noted[i]);
    sigprocmask(SIG_BLOCK, &held, &before->mask);
    for (size_t i = 0; i < NOTED; i++)
        if (!sigaction(noted[i], NULL, &before->actions[i]) &&
            before->actions[i].sa_handler != SIG_IGN)
            sigaction(noted[i], &action, NULL);
}

static void restore_signals(const struct signals *before)
{
    for (size_t i = 0; i < NOTED; i++)
        sigaction(noted[i], &before->actions[i], NULL);
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

bool ask_possible(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* *before is what restores it. */
static bool stop_echo(struct termios *before)
{
    struct termios quiet;

    if (tcgetattr(STDIN_FILENO, before))
        return false;
    quiet = *before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    return !tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
}

/* False when a signal came instead. Nothing else interrupts the wait, and who
 * it was may be known a little later: ThreadSanitizer calls handlers when the
 * next function of the library is called, not while this one waits. */
static bool await_input(const sigset_t *mask)
{
    fd_set input;

    FD_ZERO(&input);
    FD_SET(STDIN_FILENO, &input);
    return pselect(STDIN_FILENO + 1, &input, NULL, NULL, NULL, mask) >= 0 ||
           errno != EINTR; /* read() says what is wrong */
}

/* Up to the end of the line; what does not fit is left out. False at the end
 * of input, and when a signal came. */
static bool read_line(const sigset_t *mask, char *out, size_t size)
{
    size_t len = 0;
    char c = '\0';

    while (await_input(mask) && read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
        if (len + 1 < size)
            out[len++] = c;
    out[len] = '\0';
    return c == '\n';
}

static void trim(char *text)
{
    size_t skip = strspn(text, " \t\r"), len = strlen(text + skip);

    memmove(text, text + skip, len + 1);
    while (len && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
}

/* One try; a signal that came meanwhile is raised when all is restored. True
 * when it stopped us and the question is to be asked again. */
static bool ask_once(const char *prompt, const char *standard, bool hidden,
                     char *out, size_t size, bool *ok)
{
    struct signals before;
    struct termios echoing;
    bool quiet;

    note_signals(&before);
    quiet = hidden && stop_echo(&echoing);
    if (standard)
        printf("%s [%s]: ", prompt, standard);
    else
        printf("%s: ", prompt);
    fflush(stdout);
    *ok = read_line(&before.mask, out, size);
    if (quiet)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &echoing);
    if (quiet || !*ok)
        putchar('\n');
    fflush(stdout);
    restore_signals(&before);
    if (!caught)
        return false;
    raise(caught);
    return true;
}

bool ask_line(const char *prompt, const char *standard, bool hidden, char *out,
              size_t size)
{
    bool ok;

    while (ask_once(prompt, standard, hidden, out, size, &ok))
        ;
    if (!ok) {
        out[0] = '\0';
        return false;
    }
    trim(out);
    if (!*out && standard)
        snprintf(out, size, "%s", standard);
    return true;
}

bool ask_yes(const char *prompt)
{
    char answer[16];

    while (ask_line(prompt, "yes", false, answer, sizeof answer)) {
        if (!strcasecmp(answer, "yes") || !strcasecmp(answer, "y"))
            return true;
        if (!strcasecmp(answer, "no") || !strcasecmp(answer, "n"))
            return false;
        printf("yes or no?\n");
    }
    return false;
}
