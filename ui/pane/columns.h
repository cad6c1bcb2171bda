/* Columns of a table: where they are, and their names in the rule above it. */
#ifndef TELLTALE_COLUMNS_H
#define TELLTALE_COLUMNS_H

#include <stdbool.h>

#include "ui/term/draw.h"

struct column {
    const char *name; /* NULL: not there */
    int at, cells;    /* from the left edge of the pane */
    bool right;       /* flush right */
    bool sorted;      /* the rows are in its order */
};

/* The names, on a rule that is drawn; the first one in brackets while the
 * table has the focus. */
void columns_draw(struct draw *draw, struct rect rule, bool focus,
                  const struct column *columns, int count);

#endif
