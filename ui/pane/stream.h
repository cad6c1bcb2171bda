/* A list of events, newest at the bottom: the stream in the middle, and the
 * category panes. */
#ifndef TELLTALE_STREAM_H
#define TELLTALE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"
#include "live/view.h"

struct buf;
struct pane;
struct screen;

/* The stream itself: category CATEGORY_COUNT; else the pane of one. */
struct pane *stream_new(struct screen *screen, enum category category);
/* The pane of a saved view; the query must be one. */
struct pane *stream_new_view(struct screen *screen, const char *name,
                             const char *query);
/* Its name; NULL: it is no view's. */
const char *stream_view_name(const struct pane *pane);
/* Over the host's ring, whatever shows. */
struct view *stream_view(const struct pane *pane);
/* Is the row a rule (a day, "new since")? Its ends join the borders. */
bool stream_is_rule(const struct pane *pane, int row);
/* The event under the cursor, by its number in stream_ring(); 0: none. */
uint64_t stream_cursor(const struct pane *pane);
void stream_select(struct pane *pane, uint64_t number);
/* The host's ring was filled anew: goes to the newest, and stays there.
 * keep_past: unless it shows the journal beyond the ring, or reads it to. */
void stream_begin_again(struct pane *pane, bool keep_past);
/* The filter was taken away: stays on the event, and stops following unless
 * it is the newest. */
void stream_hold(struct pane *pane, uint64_t number);
bool stream_following(const struct pane *pane);
/* Events that came since it stopped following. */
size_t stream_missed(const struct pane *pane);
/* Does it show the journal beyond the ring? Then numbers are of stream_ring(),
 * and the title says how far back. */
bool stream_is_past(const struct pane *pane);
const struct ring *stream_ring(const struct pane *pane);
/* "3 d back", "PAST ×10": for the status line. */
void stream_past_state(const struct pane *pane, struct buf *out);
/* Shows what was received around that time, to be played from there. */
void stream_go_to_time(struct pane *pane, int64_t ms);
/* What is shown and hidden is another: the past is read anew. */
void stream_refilter(struct pane *pane);
/* Nothing to show yet, and nothing hides it: the stream's welcome. */
bool stream_is_empty(const struct pane *pane);

#endif
