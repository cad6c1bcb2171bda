/* What stands below a table, as far as it is the same for each: the table
 * whose selected row it tells of, the events of that row, and lines that begin
 * with a dim word. */
#ifndef TELLTALE_BELOW_H
#define TELLTALE_BELOW_H

#include "ui/pane/drill.h"
#include "ui/pane/event_rows.h"
#include "ui/pane/pane.h"

struct usage;
struct usage_account;
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
/* Those who did most of that category in 30 days, most first (CATEGORY_COUNT:
 * of all): how many, at most BELOW_PEOPLE. */
#define BELOW_PEOPLE 12
int below_top(const struct usage *usage, const struct usage_account *account,
              enum category category,
              const struct usage_person *top[BELOW_PEOPLE]);
/* One more in such a line: a person, with what is behind the name. *x: where,
 * from the pane's edge. False: there is no room for it. */
bool below_person(const struct pane *pane, struct draw *draw, int line, int *x,
                  const struct usage_person *person, const char *behind);

#endif
