/* GET /signals?all=1&account=A&limit=N&skip=N: the signals of the journal as
 * JSON lines, the most urgent first; needs a viewer's token. doc/feed.md is
 * its contract. */
#ifndef TELLTALE_SIGNAL_LIST_H
#define TELLTALE_SIGNAL_LIST_H

#include "config/viewers.h"
#include "journal/journal.h"
#include "net/server.h"

struct signal_lists;

/* All are borrowed and outlive it. */
struct signal_lists *signal_lists_new(struct journal *journal,
                                      const struct viewers *viewers);
/* After journal_close(). */
void signal_lists_free(struct signal_lists *lists);
/* Adds its route to the server, which it answers by from now on. */
void signal_lists_serve(struct signal_lists *lists, struct server *server);

#endif
