/* One event: the sentence, who, when, where, links, then its properties as a
 * folding tree, then raw. */
#ifndef TELLTALE_DETAIL_H
#define TELLTALE_DETAIL_H

#include <stdint.h>

struct pane;
struct screen;

/* Of an event that is in the ring, by its number there. */
struct pane *detail_new(struct screen *screen, uint64_t number);
/* Of any event of the journal, by its seq. */
struct pane *detail_of(struct screen *screen, uint64_t seq);

#endif
