/* The accounts at the left: who did something last, the last hour in six
 * bars, what is unread. */
#ifndef TELLTALE_ACCOUNTS_PANE_H
#define TELLTALE_ACCOUNTS_PANE_H

struct pane;
struct screen;

struct pane *accounts_new(struct screen *screen);

#endif
