/* The open signals under the accounts of Live: title, account and person,
 * why, each over as many lines as it takes; S has the rest. */
#ifndef TELLTALE_INBOX_BRIEF_H
#define TELLTALE_INBOX_BRIEF_H

struct pane;
struct screen;

struct pane *inbox_brief_new(struct screen *screen);

#endif
