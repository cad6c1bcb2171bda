/* What a group of events adds to daily, hours, accounts and persons, summed
 * in memory and written once before the group commits. */
#ifndef TELLTALE_SUMS_H
#define TELLTALE_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "event/event.h"

struct sqlite3;
struct sums;

/* SQL, of events e left join identities i: the time that counts in daily, as
 * event_time() has it (flag 2 is backfilled), and whether it is counted. */
#define SUMS_TIME                                                             \
    "CASE WHEN e.occurred_at > e.received_at + 300000 OR (e.occurred_at < "   \
    "e.received_at - 604800000 AND NOT e.flags & 2) THEN e.received_at ELSE " \
    "e.occurred_at END"
#define SUMS_COUNTS                                                           \
    "coalesce(i.person_id, '') NOT IN ('telltale-test', 'distinct-id')"

/* NULL with err when the statements cannot be prepared. */
struct sums *sums_new(struct sqlite3 *db, struct err *err);
void sums_free(struct sums *sums); /* NULL is allowed */
/* Whose days are counted; NULL: the process's own. days stays the caller's,
 * for as long as sums are added. */
struct zone_days;
void sums_set_days(struct sums *sums, const struct zone_days *days);

/* account and person are row ids, 0 for none. The event must live until the
 * sums are written or cleared: its names may become the newest. */
void sums_add(struct sums *sums, const struct event *event, int64_t account,
              int64_t person);
/* Writes them inside the transaction that is open, and clears. */
bool sums_write(struct sums *sums, struct err *err);
/* Clears after a rollback or when rows were deleted: what was written
 * before may be gone. */
void sums_forget(struct sums *sums);

#endif
