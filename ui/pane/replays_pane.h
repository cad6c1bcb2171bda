/* The list of replays that wait until they are ready. */
#ifndef TELLTALE_REPLAYS_PANE_H
#define TELLTALE_REPLAYS_PANE_H

struct pane;
struct screen;
struct replays;

/* replays is borrowed and outlives the pane. */
struct pane *replays_pane(struct screen *screen, struct replays *replays);

#endif
