/* What health and metrics tell besides the journal's and the server's own
 * counters. The program fills it in when somebody asks: nothing is kept up
 * for nobody. */
#ifndef TELLTALE_FIGURES_H
#define TELLTALE_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/viewers.h"
#include "journal/journal.h"
#include "net/loop.h"
#include "serve/lag.h"

#define FIGURES_MIRRORS 16

struct figures_mirror {
    const char *name, *type, *state; /* "ok", "retrying", "off" … */
    const char *trouble;             /* the last one, "" */
    bool on;
    uint64_t sent, events;            /* messages, events in them, ever */
    uint64_t waiting, parked, pruned; /* events */
    uint64_t unread;                  /* not looked at: it is not on */
};

/* What is published to NATS, and what is read along there; off: nothing. */
struct figures_publish {
    bool on, up;
    uint64_t events, already, again, cut, left_out;
    uint64_t waiting;
};
struct figures_stream {
    bool on, up;
    uint64_t events, left_out, missing;
};

/* Since the start, unless it says otherwise. */
struct figures {
    uint64_t events, duplicates;
    uint64_t forgotten; /* not kept: of somebody who is to be forgotten */
    uint64_t deleted;   /* by age or size */
    uint64_t unread;    /* of those, before all that follow had read them */
    uint64_t not_json, unauthorised, unavailable; /* posts refused */
    uint64_t late;         /* events PostHog showed after it was asked */
    int64_t late_since_ms; /* when the oldest happened; CLOCK_NONE: none */
    const struct lag *lag;
    const struct loop_turns *turns;
    int64_t last_event_ms; /* wall; CLOCK_NONE: none since the start */
    const char *silence;   /* what is said of one out of the ordinary */
    unsigned habit_hours;  /* hours of the week of which it is known */
    size_t ring_bytes;     /* records and their texts; 0: no screen */
    size_t mirror_count;
    struct figures_mirror mirrors[FIGURES_MIRRORS];
    struct figures_publish publish;
    struct figures_stream stream;
};

/* Everything is borrowed. Texts of figures live until the turn ends. */
struct figures_source {
    const struct journal *journal;
    const struct viewers *viewers;
    void (*fill)(void *ctx, struct figures *out);
    void *ctx;
};

#endif
