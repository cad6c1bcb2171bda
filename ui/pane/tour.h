/* Six lines for the first day. */
#ifndef TELLTALE_TOUR_H
#define TELLTALE_TOUR_H

struct pane;
struct screen;

struct pane *tour_new(struct screen *screen);

#endif
