/* How far somebody got in PostHog's past: a line of text under a name, kept
 * with the journal's cursors, so that it goes on there after a restart. */
#ifndef TELLTALE_CHECKPOINT_H
#define TELLTALE_CHECKPOINT_H

#include "base/err.h"
#include "journal/journal.h"

/* On the loop's thread. err is NULL when it went well; text is what is kept,
 * NULL for nothing, and lives for that call. */
typedef void checkpoint_done(void *ctx, const char *text,
                             const struct err *err);

/* Both return at once. done is not called if the journal is closed first. */
void checkpoint_read(struct journal *journal, const char *name,
                     checkpoint_done *done, void *ctx);
void checkpoint_write(struct journal *journal, const char *name,
                      const char *text, checkpoint_done *done, void *ctx);

#endif
