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
/* The name of the desktop's clipboard program ("wl-copy"), or NULL: then
 * OSC 52 is the way. */
const char *opener_clipboard(void);
bool opener_clip(const char *text, size_t len, struct err *err);
/* Collects those that ended, so that no zombie stays. */
void opener_reap(void);

#endif
