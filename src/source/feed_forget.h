/* Whom another telltale has forgotten, we forget too. It tells hashes of their
 * names, and those of our journal are held against them. */
#ifndef TELLTALE_FEED_FORGET_H
#define TELLTALE_FEED_FORGET_H

#include <stdbool.h>

#include "journal/journal.h"
#include "net/loop.h"

struct feed_forgets;
struct feed_word;

/* All are borrowed; forget is as in struct feed_source_options. */
struct feed_forgets *feed_forgets_new(
    struct loop *loop, struct journal *journal,
    bool (*forget)(void *ctx, int kind, const char *text, int64_t at),
    void *ctx);
/* A line of kind "forgotten". Copies. What comes together is looked up
 * together. */
void feed_forgets_add(struct feed_forgets *forgets,
                      const struct feed_word *word);
void feed_forgets_stop(struct feed_forgets *forgets);
/* After journal_close(). */
void feed_forgets_free(struct feed_forgets *forgets);

#endif
