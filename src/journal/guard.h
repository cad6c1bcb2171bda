/* Whether the files below an open journal are still the ones it writes to,
 * and hold what was written. Whoever deletes the log of a journal that is
 * open, or cuts or overwrites a file, is not noticed by SQLite: commits go on
 * into a file that no longer counts. So each group looks at names, inodes,
 * sizes and times before it is written and before it is acknowledged, and
 * every so often rows are read back from the file itself.
 *
 * Lives on the writer's thread. Never opens or closes the database by a
 * descriptor of its own: that would drop SQLite's locks. */
#ifndef TELLTALE_GUARD_H
#define TELLTALE_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/err.h"

enum guard_state {
    GUARD_OURS,
    GUARD_UNSURE,   /* cannot be looked at now: nothing is known to be wrong */
    GUARD_LOG_GONE, /* the log, or its index, was removed or replaced; what
                       this process has open is whole */
    GUARD_MOVED,    /* the same of the database itself */
    GUARD_DAMAGED,  /* what was written is not there any more */
};

struct guard;

/* db: the writer's connection, which stays the caller's and must outlive it;
 * its log must be there already. NULL with err. */
struct guard *guard_new(sqlite3 *db, const char *path, struct err *err);
void guard_free(struct guard *guard); /* NULL is allowed */

/* How the log stands: frames at the last commit (0: not known), and whether
 * all of them are in the database. */
struct guard_log {
    size_t frames;
    bool copied;
};
/* Before a transaction, and after its commit, whether it wrote anything or
 * not. err says what is wrong. *log is brought up to date where other programs
 * wrote. */
enum guard_state guard_before(struct guard *guard, struct guard_log *log,
                              struct err *err);
enum guard_state guard_after(struct guard *guard, struct guard_log *log,
                             struct err *err);
/* Lets the next look go through all of it. */
void guard_doubt(struct guard *guard);
/* After the log was copied into the database by us. */
void guard_note(struct guard *guard);

/* True when SQLite says by this result that the file is not what it was. */
bool guard_is_damage(int result);
/* Looks through all of the journal, slowly: true when nothing is wrong. */
bool guard_is_whole(sqlite3 *db, struct err *err);
/* The same: GUARD_OURS, or GUARD_DAMAGED, or GUARD_UNSURE where it cannot be
 * looked through now. */
enum guard_state guard_judge(sqlite3 *db, struct err *err);

#endif
