/* GET /feed?after=SEQ&q=QUERY: events that never end, for whoever carries a
 * viewer's token: what is there behind a seq, from the journal, then what
 * comes, as soon as it is committed. doc/feed.md is its contract. */
#ifndef TELLTALE_FEED_H
#define TELLTALE_FEED_H

#include <stdint.h>

#include "config/viewers.h"
#include "event/redact.h"
#include "journal/journal.h"
#include "net/server.h"
#include "serve/feed_line.h"

struct feed;

/* All are borrowed and outlive it. conceal: what is kept and not shown, or
 * NULL; the journal's reader uses it. */
struct feed *feed_new(struct journal *journal, const struct viewers *viewers,
                      const struct redaction *conceal);
/* After journal_close() and server_free(). */
void feed_free(struct feed *feed);
/* Adds its route to the server, which it answers by from now on. */
void feed_serve(struct feed *feed, struct server *server);

/* Committed events, in order of seq, as they are told in one turn; those that
 * are missing, and ticks, are read from the journal. */
void feed_kept(struct feed *feed, const struct event_batch *batch);
/* The end of a turn: the journal has all up to that seq. */
void feed_committed(struct feed *feed, uint64_t last_seq);
/* Tells every viewer something that is no event and in no journal; rest as
 * in feed_line_say(). */
void feed_say(struct feed *feed, const char *kind, const char *rest);
/* The same of kind "act", which is in the journal's table acts by now: who
 * asked for those is told from there. */
void feed_say_act(struct feed *feed, const char *rest);
/* Whoever comes is told what greet adds, behind hello. */
void feed_greet(struct feed *feed,
                void (*greet)(void *ctx, struct buf *out, enum feed_form form),
                void *ctx);
/* Does anybody of that name follow? And how many feeds have ended so far. */
bool feed_has(const struct feed *feed, const char *name);
uint64_t feed_left(const struct feed *feed);
/* Somebody was forgotten: viewers with a journal of their own are told. */
void feed_forgotten(struct feed *feed);
/* Viewers may have been removed: whoever is none any more is let go. */
void feed_recheck(struct feed *feed);
/* Says goodbye to all and takes nobody in any more; may be called twice. */
void feed_stop(struct feed *feed);

#endif
