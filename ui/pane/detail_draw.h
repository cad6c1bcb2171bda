/* How single lines of an event's detail look, and into how many a text goes.
 * Which there are, and where, is the detail's. rect is one row, piece is which
 * line of a wrapped one it is. */
#ifndef TELLTALE_DETAIL_DRAW_H
#define TELLTALE_DETAIL_DRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"
#include "ui/pane/facts.h"
#include "ui/pane/tree.h"
#include "ui/term/draw.h"

/* Who did what. */
int detail_sentence_lines(const struct event *event, int cells);
void detail_draw_sentence(struct draw *draw, struct rect rect, int piece,
                          const struct event *event);
/* Label, value, and behind it what more there is: in its own column while
 * the value is short, below where there is no room. */
int detail_fact_lines(const struct fact_text *fact, int cells);
void detail_draw_fact(struct draw *draw, struct rect rect, int piece,
                      const struct fact_text *fact);
/* ─ Properties ───────────── 12 ─; count 0 is not told. */
void detail_draw_rule(struct draw *draw, struct rect rect, const char *title,
                      size_t count);
/* `+` or `-` in front of what folds, unless the cursor is there. A long value
 * is cut, in few columns after some lines; whole when it was opened. */
int detail_property_lines(const struct tree_row *row, int cells);
void detail_draw_property(struct draw *draw, struct rect rect, int piece,
                          int pieces, const struct tree_row *row, bool cursor);

#endif
