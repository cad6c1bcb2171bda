/* What a viewer says of a signal: POST /act, answered once it is committed and
 * told to all who follow the feed. What the journal's owner is told on this
 * machine goes the same way. doc/feed.md is its contract. */
#ifndef TELLTALE_ACT_H
#define TELLTALE_ACT_H

#include "config/viewers.h"
#include "journal/journal.h"
#include "net/server.h"
#include "serve/feed.h"
#include "signal/table.h"

struct act;

/* All are borrowed and outlive it. */
/* changed: a signal is another than before. */
struct act *act_new(struct journal *journal, const struct viewers *viewers,
                    struct feed *feed, void (*changed)(void *ctx), void *ctx);
/* After journal_close() and server_free(). */
void act_free(struct act *act);
/* Adds its route to the server, which it answers by from now on. */
void act_serve(struct act *act, struct server *server);

/* Makes the change, copied, and tells it to the feed, as by somebody of that
 * name ("": who runs this telltale). What goes wrong is logged. */
void act_change(struct act *act, const struct signal_change *change,
                const char *by);

#endif
