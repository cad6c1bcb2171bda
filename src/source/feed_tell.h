/* What was said here and is to be told there, by POST /act (doc/feed.md): it
 * waits in the journal (journal/acts.h) from the moment it was said, and goes
 * when the link is up, one after another, in order. What is refused waits no
 * longer; what could not be taken is told again, later each time. Killed
 * between telling and noting so, it tells twice: that does no harm. */
#ifndef TELLTALE_FEED_TELL_H
#define TELLTALE_FEED_TELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "event/decode.h"
#include "journal/journal.h"
#include "net/client.h"
#include "net/loop.h"
#include "source/feed_act.h"

/* Everything is borrowed. */
struct feed_tells {
    struct journal *journal;
    struct client *client;
    const struct decoder *decoder;
    struct feed_acts *acts;   /* by which what stands there is done */
    const char *url, *token;  /* as in feed_source_options */
    const char *host;         /* what it is called */
    const struct uuid *there; /* whose journal is there */
    void (*said)(void *ctx, const char *text); /* for who is at the screen */
    void (*changed)(void *ctx); /* what feed_tells_problem() says */
    void *ctx;

    /* Its own. */
    struct loop_timer *timer; /* the next try */
    bool up, late;            /* the link is; late: as hello says */
    bool waits;               /* for the timer */
    bool due;                 /* it came: the same may be asked again */
    int64_t asked;            /* which act was, last; 0: none */
    bool stopped, again;
    enum {
        TELLS_NOTHING,
        TELLS_READS, /* what is to be told */
        TELLS_ASKS,
        TELLS_ENDS, /* that it is told is being noted */
    } step;
    uint64_t request;
    int64_t wait_us;          /* the next time */
    size_t waiting;           /* acts */
    struct err why;           /* they are not taken; "": no try failed */
    struct feed_telling *now; /* from reading to the end; NULL: none */
};

void feed_tells_init(struct feed_tells *tells, struct loop *loop);
/* Something may have come to be told. */
void feed_tells_more(struct feed_tells *tells);
/* The link is up, or down; late: the one there takes `ago`. */
void feed_tells_link(struct feed_tells *tells, bool up, bool late);
/* What feed_act_end() began is over; ok: it is noted. */
void feed_tells_ended(struct feed_tells *tells, bool ok);
void feed_tells_stop(struct feed_tells *tells);
/* After journal_close(). */
void feed_tells_free(struct feed_tells *tells);

/* "3 things wait to be told to hub:8420: it answers 503." False: there is
 * nothing to be said of them while the link is up. */
bool feed_tells_problem(const struct feed_tells *tells, struct buf *out);

#endif
