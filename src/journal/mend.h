/* Putting a damaged journal aside and beginning a new one in its place. The
 * journal is not open in this process while these run. */
#ifndef TELLTALE_MEND_H
#define TELLTALE_MEND_H

#include <stdbool.h>

#include "base/err.h"
#include "journal/salvage.h"

/* What lies at a path. */
enum mend_state {
    MEND_SOUND,   /* a journal, or nothing yet */
    MEND_DAMAGED, /* a journal, but not whole: err says why */
    MEND_UNKNOWN, /* something else, or it cannot be read: db_open() says */
};
/* Reads all of a small journal, the ends of a large one; changes nothing. */
enum mend_state mend_examine(const char *path, struct err *err);

/* Renames it and its log to "PATH.WORD-20260914T080603Z"; the caller frees
 * the name. NULL with err. */
char *mend_set_aside(const char *path, const char *word, struct err *err);
/* Makes a journal at path, where none is, with all of the damaged one but its
 * events, whose seqs stay free; its log is empty. known: what the caller knows
 * of it, else NULL. False with err: nothing is there. */
bool mend_begin(const char *path, const char *damaged,
                const struct salvage_facts *known, struct err *err);
/* Begins a new journal in the place of the damaged one, which is put aside
 * only once that is made: as mend_begin() and mend_set_aside(). NULL with err:
 * it is tried again later, and nothing of the damaged one is lost. */
char *mend_replace(const char *path, const struct salvage_facts *known,
                   struct err *err);
/* Ends what mend_replace() had begun when it was killed; before looking. */
bool mend_finish(const char *path, struct err *err);

/* Removes a database that nobody has open, its log and its index; each need
 * not be there. */
void mend_remove(const char *path);

/* The first "PATH.damaged-…" that nobody salvaged yet; the caller frees it.
 * NULL: none. */
char *mend_find_damaged(const char *path);
/* All that was ever set aside of it, databases only: a list that ends with
 * NULL, for mend_free_list(). */
char **mend_list_aside(const char *path);
void mend_free_list(char **list);
/* Renames it to "PATH.salvaged-…", so that it is not found again. */
bool mend_set_salvaged(const char *aside, struct err *err);

#endif
