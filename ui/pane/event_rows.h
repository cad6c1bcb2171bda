/* The newest events of a filter as rows of another pane: those of an account,
 * of a person. */
#ifndef TELLTALE_EVENT_ROWS_H
#define TELLTALE_EVENT_ROWS_H

#include <stdbool.h>

#include "live/view.h"
#include "ui/term/draw.h"

struct screen;

struct event_rows {
    struct view *view; /* NULL: none yet */
    char *query;       /* its text */
};

/* Shows the events of that filter from now on. */
void event_rows_set(struct event_rows *rows, const struct screen *screen,
                    const char *query);
void event_rows_free(struct event_rows *rows);
/* True while there is work left. */
bool event_rows_update(struct event_rows *rows);
/* The newest of all; NULL: none. Valid until the turn ends. */
const struct record *event_rows_newest(const struct event_rows *rows,
                                       const struct screen *screen);
/* The newest that fit, the oldest of them first, under their days. */
void event_rows_draw(const struct event_rows *rows,
                     const struct screen *screen, struct draw *draw,
                     struct rect rect);

#endif
