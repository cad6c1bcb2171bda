/* The source "feed": another telltale, from whose feed (doc/feed.md) our own
 * journal is kept up. It resumes where the journal ends, tries again when the
 * link breaks, later each time, and does not trust what it is told. */
#ifndef TELLTALE_SOURCE_FEED_H
#define TELLTALE_SOURCE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "event/decode.h"
#include "journal/forget.h"
#include "journal/journal.h"
#include "net/client.h"
#include "net/loop.h"

struct feed_source;
struct pin_place;

/* Everything is borrowed. */
struct feed_source_options {
    struct loop *loop;
    struct client *client;
    struct journal *journal;
    const struct decoder *decoder;
    const char *url;   /* "https://hub.example", without /feed */
    const char *token; /* of a viewer */
    /* Committed events, duplicates left out: of now, or of the past, all of
     * which is then told to be there. */
    void (*kept)(void *ctx, const struct event_batch *batch);
    void (*past)(void *ctx, const struct event_batch *batch);
    void (*past_complete)(void *ctx, uint64_t last_seq, size_t events);
    void (*changed)(void *ctx); /* what is said of the link */
    void (*signals_changed)(void *ctx);
    void (*pins_changed)(void *ctx);
    void (*notes_changed)(void *ctx); /* of accounts */
    /* An event was pinned there, or is not any more, that is not here. */
    void (*pin_told)(void *ctx, const struct pin_place *place,
                     const char *note, bool on);
    /* Somebody there has read all of that account, at that moment. */
    void (*others_read)(void *ctx, const char *account, int64_t at);
    /* Somebody there looks at that account, NULL: at none; who "": at the
     * receiver itself. who NULL: it is not known any more where anybody is. */
    void (*looked)(void *ctx, const char *who, const char *account);
    /* One line for whoever is at the screen. */
    void (*said)(void *ctx, const char *text);
    forget_asked *forget;
    void *ctx;
};

/* Connects in the next turns. */
struct feed_source *feed_source_new(const struct feed_source_options *options);
/* Asks no more. Before journal_close(). */
void feed_source_stop(struct feed_source *source);
/* After journal_close(). NULL is allowed. */
void feed_source_free(struct feed_source *source);

/* Something waits in the journal to be told there (acts_keep()): it goes as
 * soon as it can, and comes back by the feed. False: there is no link now. */
bool feed_source_tell(struct feed_source *source);

/* Tells there at which account we look, NULL: at none, until told otherwise;
 * who keeps quiet never calls it. */
void feed_source_look(struct feed_source *source, const char *account);

/* The first link is being made: whether it comes up is not known yet. */
bool feed_source_begins(const struct feed_source *source);
/* Whose journal is there; false: not known yet. */
bool feed_source_there(const struct feed_source *source, struct uuid *there);
/* GET of that, by our token: done once and later, unless the client is freed.
 * False: there is no link now. */
bool feed_source_get(struct feed_source *source, const char *target,
                     client_done *done, void *ctx);

/* Asks there for a pin, or that it is taken off: as feed_source_get(). */
bool feed_source_pin_asked(struct feed_source *source,
                           const struct pin_place *place, const char *note,
                           bool on, client_done *done, void *ctx);

/* "hub.example:8420"; lives as long as the source. */
const char *feed_source_host(const struct feed_source *source);
/* What is wrong with the link, in a sentence, or that it is catching up, or
 * that what was said here cannot be told;
 * *refused: trying again will not mend it. False: nothing is to be said. */
bool feed_source_problem(const struct feed_source *source, struct buf *out,
                         bool *refused);

/* True for "https://host[:port][/path]", and for http on this machine only;
 * else err. */
bool feed_source_check(const char *url, struct err *err);

#endif
