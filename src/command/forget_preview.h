/* What `telltale forget` says before anything goes. */
#ifndef TELLTALE_FORGET_PREVIEW_H
#define TELLTALE_FORGET_PREVIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "journal/forget.h"

/* Finds out what text is (an address, an organisation or a distinct id that
 * was seen) and prints whom the journal knows by it, how many events that is,
 * and who else is behind the same ids. The caller frees what it found; NULL
 * with err: no journal. */
struct whom *forget_preview(const char *path, const char *text, FILE *out,
                            struct err *err);

#endif
