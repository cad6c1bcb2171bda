/* What `telltale forget` says before anything goes. */
#ifndef TELLTALE_FORGET_PREVIEW_H
#define TELLTALE_FORGET_PREVIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "journal/forget.h"

/* Finds out what text is (an address, an organisation or a distinct id that
 * was seen) and prints whom the journal knows by it, how many events that is,
 * and who else is behind the same ids. False with err: no journal. */
bool forget_preview(const char *path, const char *text, FILE *out,
                    enum forget_kind *kind, struct err *err);
/* Damaged journals that were kept aside are not looked into: names them, and
 * what to do. False if there is any. */
bool forget_say_aside(const char *path);

#endif
