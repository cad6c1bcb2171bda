/* GET /events?after=SEQ&before=SEQ&q=QUERY&limit=N: events of the journal as
 * JSON lines, for scripts; needs the viewer token. */
#ifndef TELLTALE_EVENTS_H
#define TELLTALE_EVENTS_H

#include "config/secret.h"
#include "journal/journal.h"
#include "net/server.h"

struct events;

/* Both are borrowed and outlive it. */
struct events *events_new(struct journal *journal,
                          const struct secret_set *viewer);
/* After journal_close(). */
void events_free(struct events *events);
struct route events_route(struct events *events);
/* The server comes after its routes. */
void events_set_server(struct events *events, struct server *server);

#endif
