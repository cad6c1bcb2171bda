/* A view: a query over the ring, with the numbers of what matches in order, a
 * position and an unread count. A large ring is judged in slices so that the
 * loop is never held up: the newest screenful first. Draws nothing. */
#ifndef TELLTALE_VIEW_H
#define TELLTALE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live/ring.h"
#include "query/query.h"

struct view;

/* The ring must outlive it. */
struct view *view_new(struct ring *ring);
void view_free(struct view *view);

/* Takes the query over (NULL: everything). Keeps the selected event if it
 * still matches, else the nearest. Narrowing judges only what matched. */
void view_set_query(struct view *view, struct query *query);
const struct query *view_query(const struct view *view);
/* Hidden events are left out unless shown. */
void view_show_hidden(struct view *view, bool show);
/* Only events with number > floor (hide everything until now); 0: all. */
void view_set_floor(struct view *view, uint64_t floor);

/* Judges events that arrived or were filled in since, and up to budget_us
 * microseconds of older ones; true while older ones wait. */
bool view_update(struct view *view, int64_t budget_us);

/* A deep query (query_deep()) asks what only bodies tell. Of events that
 * arrive it is known; where an older one is not, judging waits for it: gives
 * the numbers of up to max events, newest first, that are to be read from the
 * journal; 0: it waits for none. */
size_t view_wanted(struct view *view, uint64_t *numbers, size_t max);
/* What query_match_deep() said of one; its query must be the view's. */
void view_learn(struct view *view, uint64_t number, int bits);
/* Events of the ring that are not judged yet. */
size_t view_left(const struct view *view);

/* Matching rows, folded: row 0 is the oldest. A row is one event or a fold
 * of several; its number is the newest's. */
struct view_row {
    uint64_t number; /* newest event of the fold, in the ring */
    uint64_t first;  /* oldest */
    unsigned times;  /* 1: no fold */
    enum tone tone;  /* the worst of all in it */
};
size_t view_rows(const struct view *view);
bool view_row(const struct view *view, size_t index, struct view_row *out);
/* Of a row that is a fold: its events, newest first, up to max of them; what
 * left the ring is left out. Returns how many. */
size_t view_members(const struct view *view, size_t index, uint64_t *numbers,
                    size_t max);
/* How many different names of events it has, and whether they say different
 * things; of the newest VIEW_FOLD_LOOK. */
#define VIEW_FOLD_LOOK 256
struct view_fold {
    size_t names;
    bool differ;
};
struct view_fold view_fold(const struct view *view, size_t index);
/* Row that holds that event, or the last row before it. */
size_t view_find(const struct view *view, uint64_t number);
size_t view_events(const struct view *view); /* before folding */
/* The number of the event at that place among those, 0 the oldest. */
uint64_t view_event(const struct view *view, size_t index);
/* True once all of the ring was judged (the count is the full one). */
bool view_complete(const struct view *view);

/* Freeze: rows stay as they are; receiving goes on. view_fresh() counts what
 * arrived and matches since. */
void view_freeze(struct view *view, bool on);
bool view_frozen(const struct view *view);
size_t view_fresh(const struct view *view);
/* Events after that one that match: unread, since last looked. */
size_t view_count_after(const struct view *view, uint64_t number);

#endif
