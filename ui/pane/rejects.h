/* The list of what was refused, over Live. */
#ifndef TELLTALE_REJECTS_PANE_H
#define TELLTALE_REJECTS_PANE_H

struct pane;
struct screen;

struct pane *rejects_pane(struct screen *screen);

#endif
