/* Events that rules of the user's make stand out ([rule NAME] with
 * do = highlight), judged by what their rows show. */
#ifndef TELLTALE_HIGHLIGHT_H
#define TELLTALE_HIGHLIGHT_H

#include "live/display.h"

struct highlight;

/* The host's filters; NULL when there are none. The host and its ring must
 * outlive it. */
struct highlight *highlight_new(const struct display_host *host);
void highlight_free(struct highlight *highlight); /* NULL is allowed */
/* NULL is allowed: nothing stands out. */
bool highlight_is(struct highlight *highlight, const struct record *record,
                  int64_t now_ms);

#endif
