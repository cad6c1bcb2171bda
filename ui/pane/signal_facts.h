/* Below the table of signals: why the selected one is there, its events, its
 * note and that on its account, and what one could write. */
#ifndef TELLTALE_SIGNAL_FACTS_H
#define TELLTALE_SIGNAL_FACTS_H

struct pane;
struct screen;

/* signals: the table. */
struct pane *signal_facts_new(struct screen *screen,
                              const struct pane *signals);

#endif
