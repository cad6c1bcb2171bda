/* A folder for a journal that goes when the command ends, below $TMPDIR or
 * /tmp, for the user alone. */
#ifndef TELLTALE_TEMP_JOURNAL_H
#define TELLTALE_TEMP_JOURNAL_H

#include "base/err.h"

/* "…/telltale-NAME-x8Kf2a"; NULL with err. The caller frees it. */
char *temp_journal_make(const char *name, struct err *err);
/* The path of the journal in it; the caller frees it. */
char *temp_journal_path(const char *directory);
/* With all that a journal leaves there. NULL is allowed. */
void temp_journal_remove(const char *directory);

#endif
