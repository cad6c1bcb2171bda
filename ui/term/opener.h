/* Other programs, started without a shell: the browser, the clipboard. What
 * they are given is one argument or their standard input; their own output
 * goes nowhere, since the terminal is ours. */
#ifndef TELLTALE_OPENER_H
#define TELLTALE_OPENER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* True when this process can show a browser: a command is configured, or a
 * desktop is there (not a bare ssh session) and has an opener. */
bool opener_has_browser(const char *configured);
/* Starts `configured` (split at blanks) or the desktop's opener with url as
 * its last argument. The url must have passed links_allowed(). False with
 * err when it could not be started. */
bool opener_browse(const char *configured, const char *url, struct err *err);
/* The name of the program that reaches the clipboard from here: the
 * desktop's ("wl-copy"), or "tmux" inside it; NULL: the terminal is left. */
const char *opener_clipboard(void);
/* Starts it with the text. Whether it did its work opener_clipped() says. */
bool opener_clip(const char *program, const char *text, size_t len,
                 struct err *err);
/* Of the last one started: it still runs, ended well, or did not. */
enum opener_end { OPENER_RUNS, OPENER_DONE, OPENER_FAILED };
enum opener_end opener_clipped(void);
/* Collects those that ended, so that no zombie stays. */
void opener_reap(void);

#endif
