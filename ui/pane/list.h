/* The rows of a list in a pane: how many there are, which has the cursor,
 * which are in sight, how far a key moves. What a row holds and how it looks
 * is the pane's. */
#ifndef TELLTALE_PANE_LIST_H
#define TELLTALE_PANE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/pane/action.h"
#include "ui/pane/pane.h"
#include "ui/term/draw.h"

struct list {
    size_t count, cursor;
    size_t top; /* the first row in sight */
    int height; /* rows that the pane has room for */
};

/* Rows came or went, or the pane's height changed: cursor and top stay where
 * they are as far as that is possible, and the cursor in sight. */
void list_fit(struct list *list, size_t count, int height);
/* The cursor goes to that row, or to the last if there are fewer; and by so
 * many rows, up if negative. */
void list_go(struct list *list, size_t row);
void list_move(struct list *list, long by);
/* Rows that an action moves in a list of that height: negative is up, 0 is
 * no such action. */
long list_steps(int height, enum action action);
/* Moves the cursor if the action does (a row, a page, to an end); false: it
 * does not. */
bool list_action(struct list *list, enum action action);
/* The row in that line of the pane; false: there is none. And the cursor
 * goes there, if there is one. */
bool list_at(const struct list *list, int line, size_t *row);
void list_click(struct list *list, int line);

/* Draws the rows in sight by a call each; the cursor's lies on its own
 * background with `>` in the first cell, as long as the pane has the focus. */
void list_draw(const struct list *list, const struct pane *pane,
               struct draw *draw,
               void (*draw_row)(const struct pane *pane, struct draw *draw,
                                struct rect rect, size_t row));
/* Draws what is said in place of rows where there are none, over as many lines
 * as it takes. */
void list_draw_none(const struct pane *pane, struct draw *draw,
                    const char *text);
/* The cursor's background and sign in a row that is drawn next;
 * draw_under(draw, ROLE_TEXT) ends it. */
void list_draw_cursor(struct draw *draw, struct rect rect);

#endif
