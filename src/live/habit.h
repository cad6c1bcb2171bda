/* When a source is usually silent, and for how long: its habit by hour of the
 * local week, from the journal's past. A silence is out of the ordinary when
 * it has lasted several times the longest that these hours usually see, so
 * that nights, weekends and bursts are quiet without a word. Pure: it knows
 * no journal and reads no clock. */
#ifndef TELLTALE_HABIT_H
#define TELLTALE_HABIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define HABIT_WEEKS 6   /* and what there is of the present one */
#define HABIT_SLOTS 168 /* hours of a week, from Sunday 0:00 */
/* A slot of which fewer weeks are known has no habit. */
#define HABIT_LEAST 3

/* Wall times are ms. */
struct habit {
    int64_t from_ms, now_ms; /* what it is made of lies between */
    int64_t least_ms; /* no silence is called longer than usual sooner */
    int64_t last_ms;  /* of the times added; CLOCK_NONE: none yet */
    int64_t longest[HABIT_SLOTS][HABIT_WEEKS + 1]; /* silence; 0: not known */
    uint64_t events[HABIT_SLOTS][HABIT_WEEKS + 1];
    int64_t usual[HABIT_SLOTS]; /* the longest usual silence; 0: no habit */
};

/* Begins anew: the HABIT_WEEKS before now_ms. */
void habit_begin(struct habit *habit, int64_t now_ms, int64_t least_ms);
/* Something came at that time; in ascending order, those out of it are left
 * out. Not every event has to be named, but what is named makes the
 * silences. */
void habit_add(struct habit *habit, int64_t at_ms);
/* So many events came in the hour that begins at that time. */
void habit_count(struct habit *habit, int64_t hour_ms, uint64_t events);
/* All is added. False: no hour of the week has a habit. */
bool habit_end(struct habit *habit);

/* When a silence that began at since_ms is out of the ordinary; CLOCK_NONE:
 * not within two weeks. */
int64_t habit_due(const struct habit *habit, int64_t since_ms);
/* "No event for 22 min; every 40 s is usual at this hour of a Monday." */
void habit_describe(const struct habit *habit, int64_t since_ms,
                    int64_t now_ms, struct buf *out);

/* The silence of a running program: when it began. The wall clock says which
 * hour it is, the other how long it has been: a clock that is set, and a
 * machine that slept, make no silence. */
struct silence_watch {
    int64_t heard_us; /* monotonic: the last event, or the start */
};
int64_t silence_since(const struct silence_watch *watch, int64_t wall_ms,
                      int64_t mono_us);

#endif
