/* Below the heat map: the cell under the cursor, day by day and by whom, and
 * what accounts never used. */
#ifndef TELLTALE_COVERAGE_FACTS_H
#define TELLTALE_COVERAGE_FACTS_H

struct pane;
struct screen;

/* table: the heat map. */
struct pane *coverage_facts_new(struct screen *screen,
                                const struct pane *table);

#endif
