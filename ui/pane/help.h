/* The help: made from the action table, for the place it was called from;
 * typing narrows it. */
#ifndef TELLTALE_PANE_HELP_H
#define TELLTALE_PANE_HELP_H

#include "ui/pane/action.h"

struct pane;
struct screen;

struct pane *help_new(struct screen *screen, enum action_where where);

#endif
