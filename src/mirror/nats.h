/* Publishing to NATS: a follower of the journal that sends on every event in
 * the one JSON form (with what a journal keeps besides, as in a feed,
 * doc/feed.md) and moves on when the stream has acknowledged it. doc/nats.md
 * says what a message is. Nothing here waits: how it is sent is net/nats. */
#ifndef TELLTALE_MIRROR_NATS_H
#define TELLTALE_MIRROR_NATS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "event/redact.h"
#include "journal/journal.h"
#include "net/loop.h"
#include "net/nats.h"

struct nats_mirror;

/* All is borrowed. */
struct nats_mirror_options {
    struct loop *loop;
    struct journal *journal;
    const struct nats_settings *settings;
    const struct redaction *conceal; /* NULL: nothing is */
    void (*on_change)(void *ctx);    /* what is said of it */
    void *ctx;
};

struct nats_mirror *nats_mirror_new(const struct nats_mirror_options *options);
void nats_mirror_committed(struct nats_mirror *mirror, uint64_t last_seq);
/* loop_wake() was called. */
void nats_mirror_woken(struct nats_mirror *mirror);
/* Somebody was forgotten: who reads along is told. */
void nats_mirror_forgotten(struct nats_mirror *mirror);
void nats_mirror_stop(struct nats_mirror *mirror);
bool nats_mirror_busy(const struct nats_mirror *mirror);
/* After journal_close(). NULL is allowed. */
void nats_mirror_free(struct nats_mirror *mirror);

/* events that wait: kept here and not yet acknowledged there, about. */
void nats_mirror_status(struct nats_mirror *mirror, struct nats_published *out,
                        uint64_t *waiting);
/* What is wrong, in a sentence; false: nothing is. *refused: trying again will
 * not mend it. */
bool nats_mirror_problem(struct nats_mirror *mirror, struct buf *out,
                         bool *refused);

#endif
