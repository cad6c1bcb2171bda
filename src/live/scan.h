/* Going through the journal in the order of time, for what a filter shows: a
 * piece at a time is read on the journal's thread, and judged here in slices,
 * so that the loop is never held up. Deep terms are asked of those events only
 * that hang on them. Keeps nothing of what it passed. */
#ifndef TELLTALE_SCAN_H
#define TELLTALE_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "event/event.h"
#include "journal/reader.h"

struct display_host;
struct scan;

struct scan_plan {
    const char *filter; /* a query; NULL or "": everything */
    const char *find;   /* another, which must match too; NULL: none */
    bool show_hidden;
    bool newer;               /* which way it goes */
    struct reader_place from; /* as in struct reader_walk */
};

/* Texts of the plan are copied; they must be queries. host is borrowed.
 * changed is called when there is something to go on with. */
struct scan *scan_new(const struct display_host *host,
                      const struct scan_plan *plan, void (*changed)(void *ctx),
                      void *ctx);
void scan_free(
    struct scan *scan); /* NULL is allowed; what is read is dropped */

enum scan_result {
    SCAN_FOUND, /* an event */
    SCAN_WAITS, /* for the journal: changed() tells */
    SCAN_BUSY,  /* time is up: ask again */
    SCAN_END,   /* there is no more */
    SCAN_FAILED /* the journal cannot be read */
};
/* The next event that matches, until scan_pass() or the turn ends; it is
 * looked for until deadline_us, monotonic. */
enum scan_result scan_next(struct scan *scan, int64_t deadline_us,
                           const struct event **event);
/* On to the one behind it. */
void scan_pass(struct scan *scan);

/* It failed since what is older is another telltale's, and there is no link. */
bool scan_away(const struct scan *scan);
/* Events gone over, and when the last of them was received; CLOCK_NONE: none
 * was. */
uint64_t scan_seen(const struct scan *scan);
int64_t scan_reached(const struct scan *scan);
/* False with err, a sentence: some were too costly to judge and left out. */
bool scan_explain(const struct scan *scan, struct err *err);

#endif
