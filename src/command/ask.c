/* A prompt and a line, nothing more: what is asked is setup's affair. */
#include "command/ask.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/banned.h"

bool ask_possible(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static bool set_echo(bool on)
{
    struct termios settings;

    if (tcgetattr(STDIN_FILENO, &settings))
        return false;
    if (on)
        settings.c_lflag |= ECHO;
    else
        settings.c_lflag &= ~(tcflag_t)ECHO;
    return !tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings);
}

bool ask_line(const char *prompt, const char *standard, bool hidden, char *out,
              size_t size)
{
    bool quiet = hidden && set_echo(false), ok;

    if (standard)
        printf("%s [%s]: ", prompt, standard);
    else
        printf("%s: ", prompt);
    fflush(stdout);
    ok = fgets(out, (int)size, stdin) != NULL;
    if (quiet) {
        set_echo(true);
        putchar('\n');
    }
    if (!ok) {
        out[0] = '\0';
        return false;
    }
    out[strcspn(out, "\r\n")] = '\0';
    if (!*out && standard)
        snprintf(out, size, "%s", standard);
    return true;
}
