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

/* What a column wants of the room there is. */
struct column_need {
    int least, most; /* cells */
    int share;       /* of what is left; 0: none */
    int leaves; /* 1 is the first to go where there is no room; 0: never */
};
#define COLUMN_ANY 10000 /* most: whatever there is */

/* Places columns in so many cells from the left edge of a pane on, behind its
 * gutter and with a blank between two. One that has no room gets 0 cells. */
void columns_fit(struct column *columns, const struct column_need *needs,
                 int count, int cells);

/* The names, on a rule that is drawn; the first one in brackets while the
 * table has the focus. */
void columns_draw(struct draw *draw, struct rect rule, bool focus,
                  const struct column *columns, int count);

#endif
