/* The events of a signal, as a list over the screen: Enter opens one. */
#ifndef TELLTALE_EVIDENCE_PANE_H
#define TELLTALE_EVIDENCE_PANE_H

#include "live/inbox.h"

struct pane;
struct screen;

/* The signal is only looked at for the call. */
struct pane *evidence_pane(struct screen *screen,
                           const struct inbox_signal *signal);

#endif
