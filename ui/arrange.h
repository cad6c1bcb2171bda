/* How the panes of Live are arranged: which columns there are, and how wide.
 * Kept in a file beside the journal, JOURNAL.layout, as soon as it is another,
 * so that a terminal that goes away takes nothing along. */
#ifndef TELLTALE_ARRANGE_H
#define TELLTALE_ARRANGE_H

#include <stdbool.h>

struct screen;

/* Which columns stand beside the stream. */
enum arrangement {
    ARRANGE_ALL,
    ARRANGE_ACCOUNTS, /* at the left */
    ARRANGE_PANES,    /* at the right */
    ARRANGE_STREAM,   /* none */
    ARRANGE_COUNT
};

/* "all" */
const char *arrangement_name(enum arrangement arrangement);
bool arrangement_parse(const char *name, enum arrangement *out);

/* Reads the file, and keeps it from then on; NULL: none is kept. What is no
 * layout in it is left out. */
void arrange_open(struct screen *screen, const char *journal);
/* Writes it anew if it is another. */
void arrange_save(const struct screen *screen);
void arrange_close(void);

#endif
