/* GET /report?since=T&account=A&format=F: some days on a page, made of the
 * journal while others are answered; needs a viewer's token. doc/feed.md is
 * its contract. */
#ifndef TELLTALE_SERVE_REPORT_H
#define TELLTALE_SERVE_REPORT_H

#include "config/viewers.h"
#include "event/redact.h"
#include "journal/journal.h"
#include "net/server.h"

struct reports;

/* All are borrowed and outlive it. conceal: what is kept and not shown, or
 * NULL; the journal's reader uses it. */
struct reports *reports_new(struct journal *journal,
                            const struct viewers *viewers,
                            const struct redaction *conceal);
/* After journal_close() and server_free(). */
void reports_free(struct reports *reports);
/* Adds its route to the server, which it answers by from now on. */
void reports_serve(struct reports *reports, struct server *server);
/* Gives up what is being made, and makes no more; may be called twice. Before
 * journal_close(). */
void reports_stop(struct reports *reports);

#endif
