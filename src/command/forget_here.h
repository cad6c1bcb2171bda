/* Forgetting by this process, as the journal's owner. */
#ifndef TELLTALE_FORGET_HERE_H
#define TELLTALE_FORGET_HERE_H

#include <stdbool.h>

#include "base/err.h"
#include "journal/forget.h"

/* Opens the journal at path, deletes, closes it again; blocks. result may be
 * NULL. */
bool forget_here(const char *path, enum forget_kind kind, const char *text,
                 struct forget_result *result, struct err *err);

#endif
