/* What is said of signals, over a feed: what others said there is done here,
 * and what is said here is told there, from where it comes back to all. Both
 * journals conclude for themselves, so signals are known by what they are
 * about. */
#ifndef TELLTALE_FEED_ACT_H
#define TELLTALE_FEED_ACT_H

#include <stddef.h>

#include "journal/journal.h"
#include "net/client.h"
#include "signal/table.h"

struct feed_word;
struct act_there;

/* Everything is borrowed but the list of those that are under way. */
struct feed_acts {
    struct journal *journal;
    struct client *client;
    void (*changed)(void *ctx); /* a signal here is another than before */
    void (*pins_changed)(void *ctx);
    void *ctx;
    void (*written)(void *source); /* one of those waiting, or it failed */
    void *source;
    size_t waiting; /* what others said there, not yet written here */
    struct act_there *first;
};

/* Does what a line of kind "act" says, to our signal about the same, if there
 * is one. Copies. */
void feed_act_apply(struct feed_acts *acts, const struct feed_word *word);
/* Says it of a signal of ours, by its id, to the telltale at url. Copies all;
 * what goes wrong is logged. */
void feed_act_ask(struct feed_acts *acts, const char *url, const char *token,
                  const struct signal_change *change);
/* The same of a pin, and of an account that was read. */
struct pin_place;
void feed_pin_ask(struct feed_acts *acts, const char *url, const char *token,
                  const struct pin_place *place, const char *note, bool on);
void feed_read_ask(struct feed_acts *acts, const char *url, const char *token,
                   const char *account);
/* After journal_close(), before or after client_free(). */
void feed_acts_free(struct feed_acts *acts);

#endif
