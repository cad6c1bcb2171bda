/* Events → planned messages: which wait, which go at once, which go
 * together. No clock, no database, no network: the same events at the same
 * moment give the same plan. */
#ifndef TELLTALE_BATCH_H
#define TELLTALE_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "event/event.h"
#include "mirror/outbox.h"
#include "mirror/settings.h"

/* Since when each account waits; the mirror keeps it between plans. */
struct cooldowns {
    struct cooldown {
        char account[64];
        int64_t until; /* wall ms */
        bool holds;    /* something waits for that */
    } * items;
    size_t count;
};
void cooldowns_free(struct cooldowns *cooldowns);

/* Does it match the mirror's query, and is not hidden, imported or of a
 * backfill? */
bool batch_wants(const struct mirror_settings *settings,
                 const struct event *event, int64_t now);
/* Plans events[0…count) of one page for `now`; what batch_wants() refuses is
 * left out. Returns an array of *planned messages, NULL when there are none;
 * batch_free() frees it. */
struct planned *batch_plan(const struct mirror_settings *settings,
                           struct cooldowns *cooldowns,
                           const struct uuid *journal_id,
                           const struct event *events, size_t count,
                           int64_t now, size_t *planned);
void batch_free(struct planned *planned, size_t count);

/* Events that somebody asked for, by hand or by a rule: whatever the mirror's
 * query says, at once, in as few messages as its type allows. */
struct planned *batch_now(const struct mirror_settings *settings,
                          const struct uuid *journal_id,
                          const struct event *const *events, size_t count,
                          int64_t now, size_t *planned);

#endif
