/* The links of rows, for terminals that show them (ui/term/hyper.h). Rows hold
 * none: what comes is asked for its own as it comes, what stands there from
 * before is read from the journal, one after the other. */
#ifndef TELLTALE_ROW_LINKS_H
#define TELLTALE_ROW_LINKS_H

#include <stdint.h>

struct row_links;
struct screen;

struct row_links *row_links_new(struct screen *screen);
void row_links_free(struct row_links *links); /* NULL is allowed */
/* The address of an event; NULL: there is none, or it is not known yet. Valid
 * until the turn ends. */
const char *row_links_find(struct row_links *links, uint64_t seq);
/* A frame is drawn: reads what it lacked. */
void row_links_read(struct row_links *links);

#endif
