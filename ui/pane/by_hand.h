/* What was sent to the terminal to be copied, to be selected by hand. */
#ifndef TELLTALE_BY_HAND_H
#define TELLTALE_BY_HAND_H

struct pane;
struct screen;

/* text is copied. */
struct pane *by_hand_new(struct screen *screen, const char *text);

#endif
