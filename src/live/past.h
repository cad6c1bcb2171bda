/* A window into the journal: what a filter shows of some stretch of the past,
 * in a ring of its own and a view over it, growing at either end as one goes
 * on. It holds so many events at most; what is far from where one reads goes
 * at the other end, and is read again when one comes back. */
#ifndef TELLTALE_PAST_H
#define TELLTALE_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "journal/reader.h"
#include "live/ring.h"
#include "live/view.h"

struct display_host;
struct past;

#define PAST_EVENTS 4000 /* in memory */

/* filter is a query's text, copied; NULL or "": everything. host is borrowed.
 * changed is called when there is something to go on with. */
struct past *past_new(const struct display_host *host, const char *filter,
                      bool show_hidden, void (*changed)(void *ctx), void *ctx);
void past_free(struct past *past); /* NULL is allowed */

/* Numbers are of this ring. What leaves at an end may come back under another
 * number. The view is brought up to date by past_update(). */
struct ring *past_ring(const struct past *past);
struct view *past_view(const struct past *past);

/* Where it begins, once, by one of these: with the oldest events, so many,
 * that a view of the host's ring shows, above which is what the journal has
 * before the ring's oldest; at a time; with one event, which is copied; with
 * the oldest of all. */
void past_join(struct past *past, const struct view *view, size_t count);
void past_go(struct past *past, int64_t ms);
void past_show(struct past *past, const struct event *event);
void past_go_oldest(struct past *past);

/* Takes up to so many events at either end, for as long as budget_us, and
 * none beyond the times of past_until(). True: there is work left (call it
 * again soon); false: it has what was asked for, or waits for the journal. */
bool past_update(struct past *past, size_t older, size_t newer,
                 int64_t budget_us);
/* Nothing received after that time is taken; CLOCK_NONE: everything is. */
void past_until(struct past *past, int64_t ms);
/* When the first was received that past_until() keeps out; CLOCK_NONE: it is
 * not known, or there is none. */
int64_t past_next(const struct past *past);
/* Takes out what is newer than the event with that number, so that it is read
 * again. */
void past_cut(struct past *past, uint64_t number);

enum past_end {
    PAST_MORE,    /* there may be more */
    PAST_READING, /* and it is looked for */
    PAST_END,     /* there is none */
    PAST_FAILED   /* the journal cannot be read */
};
enum past_end past_older(const struct past *past);
enum past_end past_newer(const struct past *past);
/* It failed since there is no link to the telltale that has it. */
bool past_away(const struct past *past);
/* How far it looked for older ones: events, and when the last was received;
 * CLOCK_NONE: it did not yet. */
uint64_t past_seen(const struct past *past);
/* Events gone over both ways. */
uint64_t past_gone_over(const struct past *past);
int64_t past_reached(const struct past *past);

#endif
