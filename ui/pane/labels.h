/* Accounts' names in few cells, told apart: two that would look alike when
 * shortened keep their letters instead. Made once for each width, and again
 * when accounts come or the book changes. */
#ifndef TELLTALE_LABELS_H
#define TELLTALE_LABELS_H

#include "event/accounts.h"
#include "live/tally.h"

struct labels;

struct labels *labels_new(const struct tally *tally);
void labels_free(struct labels *labels); /* NULL is allowed */
/* Call before drawing. */
void labels_refresh(struct labels *labels, const struct book *book);
/* The label of an account at that width; NULL: it is not among the tally's.
 * Valid until the next refresh. */
const char *labels_text(struct labels *labels, const char *account_id,
                        int cells);

#endif
