/* Ctrl-C, or a terminal that is closed, for a command that reads, prints or
 * waits: it ends where it is, and says how far it came. (A loop's own signals
 * restart what was interrupted, so a write() that nobody reads would go on.) */
#ifndef TELLTALE_INTERRUPT_H
#define TELLTALE_INTERRUPT_H

#include <stdbool.h>

#include "base/err.h"
#include "net/loop.h"

/* From now on SIGTERM, and SIGINT and SIGHUP where they were not ignored
 * (nohup, the background of a script), are noted only. What this thread sleeps
 * in returns (EINTR), within a second also what it was about to sleep in when
 * the signal came: whoever goes on after EINTR looks whether one has come. */
void interrupt_catch(void);
/* One has come. */
bool interrupt_came(void);
/* interrupt_catch(), and call is called by the loop when one has come, maybe
 * more than once. loop_unwatch() it before the loop is freed. NULL with err. */
struct loop_fd *interrupt_watch(struct loop *loop, void (*call)(void *ctx),
                                void *ctx, struct err *err);

#endif
