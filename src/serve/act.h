/* What a viewer says and does: POST /act, answered once it is committed and
 * told to all who follow the feed (who looks where is only told, a copy only
 * kept). What the journal's owner is told on this machine goes the same way.
 * doc/feed.md is its contract. */
#ifndef TELLTALE_ACT_H
#define TELLTALE_ACT_H

#include "config/viewers.h"
#include "journal/journal.h"
#include "net/server.h"
#include "serve/feed.h"
#include "serve/looks.h"
#include "signal/table.h"

struct act;
struct pin_place;

/* What a viewer has done, for the screen here. */
struct act_calls {
    void (*on_changed)(void *ctx); /* a signal is another than before */
    void (*on_pinned)(void *ctx);  /* the pins are others */
    void (*on_noted)(void *ctx);   /* the notes on accounts are */
    void (*on_read)(void *ctx, const char *account, int64_t at);
    void *ctx;
};

/* All are borrowed and outlive it. looks NULL: who looks where is not
 * told. */
struct act *act_new(struct journal *journal, const struct viewers *viewers,
                    struct feed *feed, struct looks *looks,
                    const struct act_calls *calls);
/* After journal_close() and server_free(). */
void act_free(struct act *act);
/* Adds its route to the server, which it answers by from now on. */
void act_serve(struct act *act, struct server *server);

/* Makes the change, copied, and tells it to the feed, as by somebody of that
 * name ("": who runs this telltale). kept NULL: what goes wrong is logged. */
void act_change(struct act *act, const struct signal_change *change,
                const char *by, const struct kept_call *kept);

/* Tells the feed what is done here already: an event pinned, or (on false) not
 * any more; an account read; a note written on one, NULL: taken away. */
void act_pinned(struct act *act, const struct pin_place *place,
                const char *note, bool on);
void act_read(struct act *act, const char *account);
void act_noted(struct act *act, const char *account, const char *note);

#endif
