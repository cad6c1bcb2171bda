/* Who owns a journal: a lock file beside it, "<journal>.lock", locked with
 * flock() for as long as the owner lives, and in it the owner's process id
 * and start time. The kernel gives the lock up when the process dies, so a
 * stale file never keeps anybody out. */
#ifndef TELLTALE_OWNER_H
#define TELLTALE_OWNER_H

#include <stdbool.h>

#include "base/err.h"

struct owner;

/* Makes this process the owner. NULL with err; *pid, if given, is then the
 * owner's process id, or 0 when that is not why. */
struct owner *owner_take(const char *journal_path, long *pid, struct err *err);
void owner_release(struct owner *owner); /* NULL is allowed */
/* Takes the lock anew where its file was deleted or replaced; where that cannot
 * be done now, it is tried again at the next call. False with err: another
 * telltale has taken it meanwhile. */
bool owner_keep(struct owner *owner, struct err *err);
/* The process id of the owner, 0 when there is none. */
long owner_find(const char *journal_path);

#endif
