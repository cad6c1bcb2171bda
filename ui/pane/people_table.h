/* The people of all accounts, with their share of it: who carries an account,
 * and who no longer comes. */
#ifndef TELLTALE_PEOPLE_TABLE_H
#define TELLTALE_PEOPLE_TABLE_H

struct pane;
struct screen;

struct pane *people_table_new(struct screen *screen);
/* The screen opens: sorted anew. */
void people_table_open(struct pane *pane);

#endif
