/* Who is in the product now, on Live: a line an account, under the list of
 * accounts; one line for all where there is no room for more. */
#ifndef TELLTALE_WORKING_PANE_H
#define TELLTALE_WORKING_PANE_H

#include <stdint.h>

struct pane;
struct screen;

struct pane *working_new(struct screen *screen);
/* When an age that it shows changes, wall ms; CLOCK_NONE: never. */
int64_t working_next(const struct pane *pane, int64_t now);

#endif
