/* The list of saved views, with what is new in each: Enter opens one, which
 * sets the filter and marks it read. */
#ifndef TELLTALE_VIEWS_PANE_H
#define TELLTALE_VIEWS_PANE_H

struct pane;
struct screen;

struct pane *views_pane(struct screen *screen);

#endif
