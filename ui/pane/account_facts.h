/* Below the table of accounts: the selected one's note, its open signals, who
 * carries it, its newest events. */
#ifndef TELLTALE_ACCOUNT_FACTS_H
#define TELLTALE_ACCOUNT_FACTS_H

struct pane;
struct screen;

/* table: of accounts. */
struct pane *account_facts_new(struct screen *screen,
                               const struct pane *table);

#endif
