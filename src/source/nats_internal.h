/* The source's own parts, for src/source/nats*.c only. */
#ifndef TELLTALE_SOURCE_NATS_INTERNAL_H
#define TELLTALE_SOURCE_NATS_INTERNAL_H

#include "source/feed_forget.h"
#include "source/nats.h"
#include "source/nats_order.h"

#define NATS_PLACES "nats"             /* of readers: in streams */
#define NATS_RECEIVERS "nats receiver" /* of each, how far it has come */

struct nats_known {
    struct uuid receiver;
    uint64_t seq;
};

struct nats_source {
    struct nats_source_options options;
    struct nats_reader *reader;
    struct loop_timer *more, *patience;
    struct nats_order *order;
    struct feed_forgets *forgets;

    bool knows;         /* which stream, and our place in it */
    struct uuid stream; /* tells it from another of that name */
    struct nats_message hello;
    uint64_t cursor, kept; /* taken up to there; and our place, up to which
                              all is kept, and all who are to be forgotten are
                              forgotten */
    uint64_t came;         /* all events up to there are kept */
    unsigned era;          /* of asking: what was told before counts no more */
    bool broken;           /* something of this era could not be kept */
    unsigned keeping; /* what is on its way to the journal, or our place */

    struct event_batch *batch;       /* of this turn, or NULL */
    bool begins;                     /* nothing has come since the hello */
    bool catches_up, caught_up;      /* all until then is the past: */
    bool past_taken;                 /* … and is on its way to the journal */
    uint64_t past_took, past_awaits; /* messages of it */
    size_t past;                     /* events of it that were kept */
    uint64_t past_seq;
    bool waits; /* for the journal */
    bool stopped;
    enum nats_state told_state;
    struct err told_why;
    uint64_t told_missing;
    struct nats_source_stats stats;

    /* The reader thread's, while it looks. */
    bool looking;
    struct nats_known *looked;
    size_t looked_count;
    struct uuid looked_stream;
    bool looked_found;
    uint64_t looked_place;
};

/* nats_keep.c: what a message says, kept at the latest by the next flush. */
void nats_keep_message(struct nats_source *source,
                       const struct nats_message *message);
/* What was gathered goes to the journal, then our place moves. */
void nats_keep_flush(struct nats_source *source);
/* What was kept of the past is shown, if anything was. */
void nats_keep_past_complete(struct nats_source *source);
/* Our place goes back to the beginning. */
void nats_keep_anew(struct nats_source *source);

#endif
