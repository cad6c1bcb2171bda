/* A journal that a command owns for as long as it takes, without a loop: what
 * is queued is waited for. */
#ifndef TELLTALE_JOURNAL_HERE_H
#define TELLTALE_JOURNAL_HERE_H

#include "base/err.h"
#include "journal/journal.h"

struct journal_here;

/* As journal_open(). */
struct journal_here *journal_here_open(const char *path, struct err *err);
struct journal *journal_here_journal(struct journal_here *here);
/* Waits until something is done, and delivers it: something must be queued. */
void journal_here_wait(struct journal_here *here);
/* Finishes what is queued, without delivering it. NULL is allowed. */
void journal_here_close(struct journal_here *here);

#endif
