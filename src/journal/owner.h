/* Who owns a journal: a lock file beside it, "<journal>.lock", locked with
 * flock() for as long as the owner lives, and in it the owner's process id
 * and start time. The kernel gives the lock up when the process dies, so a
 * stale file never keeps anybody out. */
#ifndef TELLTALE_OWNER_H
#define TELLTALE_OWNER_H

#include "base/err.h"

struct owner;

/* Makes this process the owner. NULL with err; *pid, if given, is then the
 * owner's process id, or 0 when that is not why. */
struct owner *owner_take(const char *journal_path, long *pid, struct err *err);
void owner_release(struct owner *owner); /* NULL is allowed */
/* The process id of the owner, 0 when there is none. */
long owner_find(const char *journal_path);

#endif
