/* How single lines of an event's detail look. Which there are, and where, is
 * the detail's. rect is one row. */
#ifndef TELLTALE_DETAIL_DRAW_H
#define TELLTALE_DETAIL_DRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"
#include "ui/pane/facts.h"
#include "ui/pane/tree.h"
#include "ui/term/draw.h"

/* Who did what. */
void detail_draw_sentence(struct draw *draw, struct rect rect,
                          const struct event *event);
/* Label, value, and behind it what more there is: in its own column while
 * the value is short. */
void detail_draw_fact(struct draw *draw, struct rect rect,
                      const struct fact_text *fact);
/* ─ Properties ───────────── 12 ─; count 0 is not told. */
void detail_draw_rule(struct draw *draw, struct rect rect, const char *title,
                      size_t count);
/* `+` or `-` in front of what folds, unless the cursor is there. */
void detail_draw_property(struct draw *draw, struct rect rect,
                          const struct tree_row *row, bool cursor);

#endif
