/* Drilling in: from a row of a table to its events on Live, within the filter
 * that is set. */
#ifndef TELLTALE_DRILL_H
#define TELLTALE_DRILL_H

#include "base/buf.h"
#include "live/inbox.h"

struct screen;

struct drill {
    const char *id;   /* of the account; NULL or "": those without one */
    const char *name; /* NULL: the id stands for it */
    const char *person;
    int category; /* or INBOX_NO_CATEGORY */
};

/* As a filter: account="Borealis Freight" category=flags. */
void drill_query(struct buf *out, const struct drill *drill);
void drill_into(struct screen *screen, const struct drill *drill);

#endif
