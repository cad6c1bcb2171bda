/* What differs between two books of business. */
#ifndef TELLTALE_BOOK_CHANGES_H
#define TELLTALE_BOOK_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "event/accounts.h"

enum book_change { BOOK_CAME, BOOK_WENT, BOOK_OTHER };

struct book_changes {
    size_t came, went, other; /* accounts */
};

/* Either may be NULL: no accounts. each, unless NULL, is called for every
 * account that came, went or is described otherwise; what says how ("another
 * name"), "" for the first two. */
struct book_changes
book_compare(const struct book *before, const struct book *after,
             void (*each)(void *ctx, enum book_change change,
                          const struct account *account, const char *what),
             void *ctx);
/* True when there is any. */
bool book_changes_any(const struct book_changes *changes);

#endif
