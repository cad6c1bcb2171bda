/* Which lines of a list fill a pane: rows of a view, and the rules between
 * them (a new day, new since, what left memory). */
#ifndef TELLTALE_SHEET_H
#define TELLTALE_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live/ring.h"
#include "live/view.h"

enum line_kind { LINE_EVENT, LINE_DAY, LINE_NEW, LINE_OLDER };

struct line {
    enum line_kind kind;
    size_t row; /* in the view; of a rule: the row below it */
};

struct sheet {
    const struct ring *ring; /* borrowed, as is the view */
    const struct view *view;
    bool all_rules; /* false: days only (a category's pane) */
    bool above;     /* the oldest row has a rule above it: what is there */
    uint64_t looked_number; /* "new since" stands behind it; 0: nowhere */
    int32_t today;          /* of clock_day(); a list that begins on another
                               day says on which */
    struct line *list;
    int count, room;
};

void sheet_room(struct sheet *sheet, int room);
void sheet_free(struct sheet *sheet);
/* Fills so that the given row is the lowest, or the highest. */
void sheet_up(struct sheet *sheet, size_t row);
void sheet_down(struct sheet *sheet, size_t row);
/* Is it a row whose day no rule above it says? Of the highest line there is
 * none where the next day begins below it; and what came days late stands
 * among the events of the day it came. */
bool sheet_hides_day(const struct sheet *sheet, int line);
/* The record of a row; NULL when it left memory. */
const struct record *sheet_record(const struct sheet *sheet, size_t row,
                                  struct view_row *found);

#endif
