/* The inbox as a table: who to call, and why. What is selected and its events
 * are drawn below it by signal_facts. */
#ifndef TELLTALE_PANE_SIGNAL_LIST_H
#define TELLTALE_PANE_SIGNAL_LIST_H

#include "live/inbox.h"
#include "ui/pane/evidence.h"

struct pane;
struct screen;

struct pane *signal_list_new(struct screen *screen);
/* The one under the cursor; NULL: none. Valid until the inbox changes. */
const struct inbox_signal *signal_list_selected(const struct pane *pane);
/* Its events. */
const struct evidence *signal_list_evidence(const struct pane *pane);
/* The cursor goes to that one. False: it is not there, and none is selected
 * until the next frame. */
bool signal_list_select(struct pane *pane, int64_t id);
/* What was read of its events is gone; what is left of them is read anew. */
void signal_list_forget(struct pane *pane);
/* The screen opens: sorted anew, the cursor on the first row. */
void signal_list_open(struct pane *pane);
/* The screen is left: what was under the cursor is seen. */
void signal_list_leave(struct pane *pane);
/* "1 min", "to Wed", "done": what stands in the last column. */
#define SINCE_SIZE 32
void signal_since(const struct inbox_signal *signal, int64_t now,
                  char out[SINCE_SIZE]);

#endif
