/* Opening a journal's two connections: at the start, and again when guard.c
 * doubts the files below them. Afterwards there is a sound journal at the
 * path, or none is open, or what has lost its name stays open until there is
 * room to put it back. */
#ifndef TELLTALE_RENEW_H
#define TELLTALE_RENEW_H

#include <stdbool.h>

#include "base/err.h"
#include "journal/guard.h"
#include "journal/writer.h"

/* Opens what is not open; puts aside what is damaged and begins anew. */
bool renew_open(struct writer *writer, struct err *err);
/* On the writer's thread, before a group: false with err while another
 * telltale has the lock. Once it is over the journal is opened anew: what that
 * one wrote is not known here. */
bool renew_owned(struct writer *writer, struct err *err);
/* On the writer's thread, after a doubt, outside transactions. why: what the
 * guard said. What was done is in writer->notice. False: there is no journal
 * to write to now; the next group tries again, and so does a quiet writer
 * where something waits to be put back. */
bool renew_after(struct writer *writer, enum guard_state state,
                 const struct err *why);

#endif
