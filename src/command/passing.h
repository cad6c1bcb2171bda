/* A folder for a journal that goes when the command ends, below $TMPDIR or
 * /tmp, for the user alone. */
#ifndef TELLTALE_PASSING_H
#define TELLTALE_PASSING_H

#include "base/err.h"

/* "…/telltale-NAME-x8Kf2a"; NULL with err. The caller frees it. */
char *passing_make(const char *name, struct err *err);
/* The path of the journal in it; the caller frees it. */
char *passing_journal(const char *directory);
/* With all that a journal leaves there. NULL is allowed. */
void passing_remove(const char *directory);

#endif
