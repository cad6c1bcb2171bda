/* Private to the source "feed": the link, what is told by it, and what is kept
 * of that. */
#ifndef TELLTALE_FEED_STATE_H
#define TELLTALE_FEED_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "source/feed.h"
#include "source/feed_act.h"
#include "source/feed_forget.h"
#include "source/feed_fork.h"
#include "source/feed_look.h"
#include "source/feed_tell.h"
#include "source/feed_word.h"

#define FEED_RETRY_US INT64_C(1000000) /* the first wait */
#define FEED_LOOK_US INT64_C(1000000) /* while it is down: seconds are shown */
/* No journal gives out so many numbers between two lines, or at all. */
#define FEED_LEAP UINT64_C(1000000000)
#define FEED_MOST UINT64_C(1000000000000000)
#define FEED_CANNOT_BE "it gives numbers that cannot be"

enum link {
    LINK_NEW,  /* our place is being looked up */
    LINK_ASKS, /* asked, no line yet */
    LINK_UP,
    LINK_DOWN, /* the next try is at retry_us */
};

struct feed_source {
    struct feed_source_options options;
    char *url, *host;
    enum link link;
    uint64_t request;         /* the client's; 0: none */
    struct loop_timer *timer; /* of the link */
    struct loop_timer *flush; /* what was gathered goes to the journal */
    struct feed_lines lines;
    struct err why; /* the link is down, or was told to be */
    bool refused;   /* trying again soon is of no use */

    struct uuid there; /* the other journal; zero: not known */
    uint64_t kept;     /* everything there up to this one is kept here */
    uint64_t cursor;   /* and up to this one it was told */
    uint64_t asked;    /* behind which */
    struct feed_fork fork;
    unsigned backs;      /* how often it went back lately … */
    int64_t backs_us;    /* … since then, monotonic */
    unsigned others;     /* journals that answered, one after another, each
                         another than was asked for */
    unsigned era;        /* of asking: what was told before counts no more */
    bool broken;         /* something of this era could not be kept */
    unsigned keeping;    /* what is on its way to the journal, or our place */
    uint64_t last;       /* theirs, at hello */
    int64_t patience_us; /* silent for so long: the link is dead */
    int64_t heard_us;    /* monotonic, a line, or a part of a long one */
    int64_t retry_us;    /* monotonic */
    int64_t step_us;     /* to wait the next time */
    int64_t up_us;       /* monotonic, the last hello */
    int64_t lost_ms;     /* wall, when the link broke; 0: it is up */

    struct event_batch *batch; /* of this turn, or NULL */
    bool paused;
    bool catches_up;   /* below `last` everything is the past */
    size_t past;       /* events of it that were kept */
    uint64_t past_seq; /* ours, of the newest */
    struct feed_acts acts;
    struct feed_tells tells;
    uint64_t acts_asked; /* behind which act there, the link asks */
    struct feed_look look;
    char *name; /* ours there; NULL: none, or not known */
    struct feed_forgets *forgets;
    uint64_t left_out; /* lines that were no events to keep */
    bool stopped;
};

/* ---- feed_state.c: the link ---- */

void feed_changed(struct feed_source *source);
/* The timer of the link comes after so long. */
void feed_tick(struct feed_source *source, int64_t us);
void feed_link_up(struct feed_source *source);
/* Why it is to end; refused: trying again soon is of no use. */
void feed_give_up(struct feed_source *source, bool refused, const char *why);
/* It is down, and tried again. */
void feed_link_lost(struct feed_source *source);
/* The next try is now. */
void feed_retry(struct feed_source *source);
/* "hub:8420" of an address; the caller frees it. */
char *feed_host_of(const char *url);

/* ---- feed_take.c: what is told ---- */

/* A line of it; false: the link ends, and why is said. ctx is the source. */
bool feed_take_line(void *ctx, const char *text, size_t len);

/* ---- feed_keep.c: the way into the journal ---- */

/* What was gathered goes to the journal, and the place moves on. */
void feed_flush(void *source);
/* What was kept of the past is shown, once all of it is here. */
void feed_tell_past(struct feed_source *source);
/* The journal here does not take what came: the link ends, and what was not
 * kept is asked for again. */
void feed_not_kept(struct feed_source *source, const char *why);
/* More than an nth of what may wait for the journal. */
bool feed_is_ahead(const struct feed_source *source, unsigned n);
/* Goes on where that was too much. */
void feed_go_on(void *source);
/* The journal there has no events of ours behind `last`: goes back to the last
 * one up to `upto` from there that is kept here. Those that it does not have
 * any more stay, under a name of their own. The link is asked for again then;
 * where that comes too often, it is not followed. */
void feed_go_back(struct feed_source *source, uint64_t last, uint64_t upto);
/* Looks up our place in the journal that `there` says, or in the one that was
 * followed last: there, kept and acts_asked are set when then is called. */
typedef void feed_then(struct feed_source *source, bool ok,
                       const struct err *err);
void feed_find_place(struct feed_source *source, bool last, feed_then *then);
/* Whose journal is there; false: not known yet. */
bool feed_there(const struct feed_source *source, struct uuid *there);

#endif
