/* GET /events?after=SEQ&before=SEQ&q=QUERY&limit=N: events of the journal as
 * JSON lines, for scripts; needs the viewer token. */
#ifndef TELLTALE_EVENTS_H
#define TELLTALE_EVENTS_H

#include "config/viewers.h"
#include "event/redact.h"
#include "journal/journal.h"
#include "net/server.h"

struct events;

/* All are borrowed and outlive it. conceal: what is kept and not shown, or
 * NULL; the journal's reader uses it. */
struct events *events_new(struct journal *journal,
                          const struct viewers *viewers,
                          const struct redaction *conceal);
/* After journal_close(). */
void events_free(struct events *events);
/* Adds its route to the server, which it answers by from now on. */
void events_serve(struct events *events, struct server *server);

#endif
