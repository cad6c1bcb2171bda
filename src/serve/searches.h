/* What is read of the journal for those who ask over HTTP: only so many at
 * once, since each may hold a whole answer; the others wait, the one that came
 * first goes first, and whoever has not had a turn in time is told to come
 * again. */
#ifndef TELLTALE_SEARCHES_H
#define TELLTALE_SEARCHES_H

#include <stdint.h>

#include "journal/journal.h"
#include "net/server.h"

struct searches;

/* One kind of them; ctx is what searches_ask() was given. */
struct search_ops {
    /* It has its turn: called on the loop, before the first step. May be
     * NULL. */
    void (*begin)(void *ctx);
    /* On the reader's thread, as journal_read() says. */
    reader_job *step;
    /* On the loop again: answers id. */
    void (*answer)(void *ctx, struct request_id id, bool ok,
                   const struct err *err);
    /* Behind the answer, or without one when the journal is closed. */
    void (*free)(void *ctx);
};

/* At most so many are read at once. */
struct searches *searches_new(struct journal *journal, unsigned at_once);
/* After journal_close(). */
void searches_free(struct searches *searches);

/* Takes ctx over. What has had no turn within SEARCH_US is answered 503. */
void searches_ask(struct searches *searches, struct server *server,
                  struct request_id id, const struct search_ops *ops,
                  void *ctx);

#define SEARCH_US INT64_C(1500000) /* well below what a request may wait */

#endif
