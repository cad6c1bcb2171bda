/* Saved views: queries with a name, how far each was read, and whether it has
 * a pane of its own. They are kept in a file beside the journal,
 * JOURNAL.views. The first is always All, the query that asks for nothing. */
#ifndef TELLTALE_SAVED_H
#define TELLTALE_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SAVED_MAX 32
#define SAVED_NAME 40 /* cells of a name */

struct saved {
    char *name, *query;
    uint64_t read_seq; /* read up to this event of the journal */
    bool has_pane;
};

/* Reads the file; NULL: none is kept. Lines of it that are no views are left
 * out. */
void saved_open(const char *journal);
/* The same again, since somebody else wrote the file; nothing when none is
 * kept. */
void saved_reread(void);
/* Another one whenever it was read: indices of before mean nothing. */
unsigned saved_reading(void);
void saved_close(void);

size_t saved_count(void); /* 1 or more once it is open */
const struct saved *saved_at(size_t index);

/* Each writes the file anew. A name that is there already gets the other
 * query. False with err: no such name or query can be saved, there are too
 * many, or the file cannot be written, and then it is there until the end. */
bool saved_put(const char *name, const char *query, uint64_t read_seq,
               struct err *err);
void saved_remove(size_t index); /* not All */
void saved_mark_read(size_t index, uint64_t seq);
void saved_set_pane(size_t index, bool has_pane);

#endif
