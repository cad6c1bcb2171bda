/* What stands below a table, as far as it is the same for each: the table
 * whose selected row it tells of, the events of that row, and lines that begin
 * with a dim word. */
#ifndef TELLTALE_BELOW_H
#define TELLTALE_BELOW_H

#include "ui/pane/drill.h"
#include "ui/pane/event_rows.h"
#include "ui/pane/pane.h"

struct usage_person;

struct below {
    struct pane pane;
    const struct pane *table; /* borrowed */
    struct event_rows events; /* of the selected row */
};

struct pane *below_new(const struct pane_ops *ops, struct screen *screen,
                       const struct pane *table);
void below_free(struct pane *pane);
const struct below *below_of(const struct pane *pane);
/* The events are those of that row from now on; true while work is left. */
bool below_update(struct pane *pane, const struct drill *row);

/* The dim word a line begins with; false: there is no such line. */
#define BELOW_LABEL_AT 3
#define BELOW_TEXT_AT 12
bool below_label(const struct pane *pane, struct draw *draw, int line,
                 const char *label);
/* One more in such a line: a person, with what is behind the name. *x: where,
 * from the pane's edge. False: there is no room for it. */
bool below_person(const struct pane *pane, struct draw *draw, int line, int *x,
                  const struct usage_person *person, const char *behind);

#endif
