/* The source "nats": what receivers publish to a stream of NATS (doc/nats.md)
 * is kept here like what a feed tells. It resumes where the journal ends and
 * does not trust what it is sent. How it comes is net/nats. */
#ifndef TELLTALE_SOURCE_NATS_H
#define TELLTALE_SOURCE_NATS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "event/decode.h"
#include "journal/forget.h"
#include "journal/journal.h"
#include "net/loop.h"
#include "net/nats.h"

struct nats_source;

/* Everything is borrowed; calls are as in struct feed_source_options. */
struct nats_source_options {
    struct loop *loop;
    struct journal *journal;
    const struct decoder *decoder;
    const struct nats_settings *settings;
    void (*on_kept)(void *ctx, const struct event_batch *batch);
    void (*on_past)(void *ctx, const struct event_batch *batch);
    void (*on_past_complete)(void *ctx, uint64_t last_seq, size_t events);
    void (*on_changed)(void *ctx);
    forget_asked *on_forget; /* NULL: nobody is */
    void *ctx;
};

struct nats_source *nats_source_new(const struct nats_source_options *options);
/* loop_wake() was called. */
void nats_source_woken(struct nats_source *source);
/* Asks no more. Before journal_close(). */
void nats_source_stop(struct nats_source *source);
bool nats_source_busy(const struct nats_source *source);
/* After journal_close(). NULL is allowed. */
void nats_source_free(struct nats_source *source);

struct nats_source_stats {
    bool up;
    uint64_t events;   /* came, whether or not they were new */
    uint64_t left_out; /* messages that were nothing to keep */
    uint64_t missing;  /* gaps in what receivers published */
    uint64_t held;     /* 1 while some wait for what comes before them */
    bool waits;        /* something came that is not kept yet */
};
void nats_source_stats(struct nats_source *source,
                       struct nats_source_stats *out);
/* As feed_source_problem(). */
bool nats_source_problem(struct nats_source *source, struct buf *out,
                         bool *refused);

#endif
