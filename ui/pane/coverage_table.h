/* Coverage: accounts by categories, how much of each in 30 days; where
 * nothing is, there is something to talk about. */
#ifndef TELLTALE_COVERAGE_TABLE_H
#define TELLTALE_COVERAGE_TABLE_H

#include "live/tally.h"

struct pane;
struct screen;

struct pane *coverage_table_new(struct screen *screen);
/* The screen opens: sorted anew. */
void coverage_table_open(struct pane *pane);
/* The account under the cursor (NULL: none), and the category. */
const struct tally_account *coverage_table_selected(const struct pane *pane,
                                                    enum category *category);

#endif
