/* Reads from the journal what a view with a deep query waits for, a handful
 * of events at a time: the newest first, and no further once the view asks
 * for something else. */
#ifndef TELLTALE_READING_H
#define TELLTALE_READING_H

#include "live/view.h"

struct screen;
struct reading;

struct reading *reading_new(struct screen *screen, struct view *view);
/* Asks for what the view waits for, unless it is being read already. */
void reading_go_on(struct reading *reading);
/* What is under way comes to nothing. */
void reading_free(struct reading *reading);

#endif
