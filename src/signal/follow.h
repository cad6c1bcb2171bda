/* The signals as a follower of the journal, named "signals": what they
 * conclude goes into the table signals, what they know into signal_memory, in
 * the transaction that moves the cursor. After a restart they go on where
 * they were. All calls are on the loop's thread. */
#ifndef TELLTALE_SIGNAL_FOLLOW_H
#define TELLTALE_SIGNAL_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "journal/journal.h"
#include "signal/signal.h"

struct signals;

struct signals_options {
    struct journal *journal;
    const struct signal_settings *settings; /* borrowed */
    /* As in follower.h. */
    void (*arm)(void *ctx, int64_t us);
    /* A page is done; so many signals are new or withdrawn. ok false: it will
     * be tried again, err says why (NULL: the program ends). */
    void (*on_done)(void *ctx, bool ok, size_t concluded,
                    const struct err *err);
    void *ctx;
};

struct signals *signals_new(const struct signals_options *options);
void signals_wake(struct signals *signals);
void signals_committed(struct signals *signals, uint64_t last_seq);
/* Done up to and with this one. */
uint64_t signals_seq(const struct signals *signals);
void signals_stop(struct signals *signals);
bool signals_busy(const struct signals *signals);
/* After journal_close(). NULL is allowed. */
void signals_free(struct signals *signals);

#endif
