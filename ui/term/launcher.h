/* Other programs, started without a shell: the browser, the clipboard. What
 * they are given is one argument or their standard input; their own output
 * goes nowhere, since the terminal is ours. */
#ifndef TELLTALE_LAUNCHER_H
#define TELLTALE_LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* True when this process can show a browser: a command is configured, or a
 * desktop is there (not a bare ssh session) and has an opener. */
bool launcher_has_browser(const char *configured);
/* Starts `configured` (split at blanks) or the desktop's opener with url as
 * its last argument. The url must have passed links_allowed(). False with
 * err when it could not be started. */
bool launcher_browse(const char *configured, const char *url, struct err *err);
/* The name of the program that reaches the clipboard from here: the
 * desktop's ("wl-copy"), or "tmux" inside it; NULL: the terminal is left. */
const char *launcher_clipboard(void);
/* Starts it with the text. Whether it did its work launcher_clipped() says. */
bool launcher_clip(const char *program, const char *text, size_t len,
                   struct err *err);
/* Of the last one started: it still runs, ended well, or did not. */
enum launcher_end { LAUNCHER_RUNS, LAUNCHER_DONE, LAUNCHER_FAILED };
enum launcher_end launcher_clipped(void);
/* Collects those that ended, so that no zombie stays. */
void launcher_reap(void);

#endif
