/* The accounts as a table that can be sorted: when they were last seen, two
 * weeks in bars, this week beside a usual one, people, signals, unread. */
#ifndef TELLTALE_ACCOUNT_TABLE_H
#define TELLTALE_ACCOUNT_TABLE_H

#include "live/tally.h"

struct pane;
struct screen;

struct pane *account_table_new(struct screen *screen);
/* The screen opens: sorted anew. */
void account_table_open(struct pane *pane);
/* The account under the cursor; NULL: none. */
const struct tally_account *account_table_selected(const struct pane *pane);

#endif
