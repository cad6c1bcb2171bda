/* What the tests of views share: a plain model of a view, which looks at every
 * event each time. */
#ifndef TELLTALE_VIEW_MODEL_H
#define TELLTALE_VIEW_MODEL_H

#include "live/ring.h"
#include "live/view.h"

#define UNLIMITED ((size_t)1 << 40) /* bytes of a ring */
#define LONG_US 60000000            /* a view is done within it */

/* The view has the query, which must parse. */
void view_ask(struct view *view, const char *text);
/* The view is complete, and each of its rows is as the model of the query has
 * it, or the case fails. At most 30,000 rows. */
void shows_the_model(struct view *view, struct ring *ring, const char *text);

#endif
