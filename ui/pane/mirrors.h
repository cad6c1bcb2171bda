/* The list of mirrors: what each has sent, what waits, what is wrong. */
#ifndef TELLTALE_UI_MIRRORS_H
#define TELLTALE_UI_MIRRORS_H

struct pane;
struct screen;

struct pane *mirrors_pane(struct screen *screen);

#endif
