/* Whom another telltale has forgotten, we forget too. It tells hashes of their
 * names, and those of our journal are held against them. */
#ifndef TELLTALE_FEED_FORGET_H
#define TELLTALE_FEED_FORGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/forget.h"
#include "journal/journal.h"
#include "net/loop.h"

struct feed_forgets;
struct feed_word;

/* All are borrowed. */
struct feed_forgets_options {
    struct loop *loop;
    struct journal *journal;
    forget_asked *forget;
    void *forget_ctx;
    /* Some of those with a place are forgotten here, or nobody here was meant:
     * feed_forgets_first() is another than before. May be NULL. */
    void (*obeyed)(void *ctx);
    /* Fewer wait than before. May be NULL. */
    void (*taken)(void *ctx);
    void *ctx;
};
struct feed_forgets *
feed_forgets_new(const struct feed_forgets_options *options);
/* A line of kind "forgotten", told then (wall ms). Copies. What comes together
 * is looked up together. place: where it stands in a stream, higher each time,
 * or 0: in none. One with a place waits until all before it is kept here. */
void feed_forgets_add(struct feed_forgets *forgets,
                      const struct feed_word *word, uint64_t place,
                      int64_t told);
/* All of the stream up to there is kept here. */
void feed_forgets_kept(struct feed_forgets *forgets, uint64_t place);
/* The first place of one that is not obeyed yet; 0: there is none. */
uint64_t feed_forgets_first(const struct feed_forgets *forgets);
/* How many wait to be looked up; at LIMIT_FORGOTTEN_THERE no more can be
 * added just now. */
size_t feed_forgets_waiting(const struct feed_forgets *forgets);
bool feed_forgets_full(const struct feed_forgets *forgets);
/* Places were those of another stream, or come again. */
void feed_forgets_unplace(struct feed_forgets *forgets);
void feed_forgets_stop(struct feed_forgets *forgets);
/* After journal_close(). */
void feed_forgets_free(struct feed_forgets *forgets);

#endif
