/* Each question is one function. In a script, where there is no terminal,
 * only that is said. */
#include "ui/term/examine.h"

#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include "ui/term/launcher.h"
#include "ui/term/terminfo.h"
#include "ui/term/tmux.h"
#include "base/banned.h"

#define COLS_WANTED 80
#define ROWS_WANTED 24
#define COLOURS_WANTED 256
#define ESCAPE_MS_MAX 100

struct examination {
    void (*say)(void *ctx, char mark, const char *text);
    void *ctx;
};

static void say(const struct examination *examination, char mark,
                const char *text)
{
    examination->say(examination->ctx, mark, text);
}

static int colours(int fd)
{
    int found = 0, count = -1;

    if (setupterm(NULL, fd, &found) == OK && found == 1) {
        count = tigetnum("colors");
        del_curterm(cur_term);
    }
    return count;
}

static void examine_colours(const struct examination *examination, int fd)
{
    int count = colours(fd);
    char text[160];

    if (count >= COLOURS_WANTED)
        return;
    snprintf(text, sizeof text,
             "the terminal says it has %d colours, so categories look much "
             "the same: if it has more, TERM=xterm-256color",
             count > 0 ? count : 0);
    say(examination, '~', text);
}

static void examine_size(const struct examination *examination, int fd)
{
    struct winsize size = {0};
    char text[160];

    if (ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col || !size.ws_row)
        return;
    if (size.ws_col < COLS_WANTED || size.ws_row < ROWS_WANTED)
        snprintf(text, sizeof text,
                 "the terminal is %dx%d: from %dx%d on there is room for "
                 "accounts and panes",
                 size.ws_col, size.ws_row, COLS_WANTED, ROWS_WANTED);
    else
        snprintf(text, sizeof text, "%.40s, %dx%d%s", getenv("TERM"),
                 size.ws_col, size.ws_row,
                 terminfo_wants_truecolor() ? ", 24-bit colours" : "");
    say(examination,
        size.ws_col < COLS_WANTED || size.ws_row < ROWS_WANTED ? '~' : ' ',
        text);
}

/* What a tmux of its defaults does to keys, colours and the clipboard. */
static void examine_tmux(const struct examination *examination)
{
    const char *term = getenv("TERM");
    char value[64], text[200];

    if (!getenv("TMUX"))
        return;
    if (tmux_option("escape-time", value, sizeof value) &&
        strtol(value, NULL, 10) > ESCAPE_MS_MAX) {
        snprintf(text, sizeof text,
                 "tmux holds Esc back for %.10s ms: set -sg escape-time 10 "
                 "in ~/.tmux.conf",
                 value);
        say(examination, '~', text);
    }
    if (tmux_option("set-clipboard", value, sizeof value) &&
        !strcmp(value, "off"))
        say(examination, '~',
            "y copies no further than tmux: set -s set-clipboard on in "
            "~/.tmux.conf");
    if (term && strncmp(term, "tmux", 4) && strncmp(term, "screen", 6))
        say(examination, '~',
            "TERM is not tmux's own, so that lines may be drawn wrong: set "
            "-g default-terminal tmux-256color in ~/.tmux.conf, and do not "
            "set TERM in your shell");
}

static int terminal(void)
{
    return isatty(STDIN_FILENO)    ? STDIN_FILENO
           : isatty(STDOUT_FILENO) ? STDOUT_FILENO
                                   : -1;
}

void terminal_examine(const char *browser,
                      void (*say_to)(void *ctx, char mark, const char *text),
                      void *ctx)
{
    const struct examination examination = {say_to, ctx};
    struct err err = {""};
    int fd = terminal();

    if (fd < 0) {
        say(&examination, ' ', "none here: watch prints lines");
        return;
    }
    if (!terminfo_can_draw(fd, &err)) {
        say(&examination, '!', err.text);
        return;
    }
    examine_colours(&examination, fd);
    examine_size(&examination, fd);
    examine_tmux(&examination);
    if (!launcher_has_browser(browser))
        say(&examination, ' ',
            "no browser can be started from here: o copies the link");
}
