/* What mirrors keep in the journal that pruning and forgetting have to know:
 * events that were not sent yet, and messages that name somebody. */
#include "mirror/room.h"

#include <stddef.h>

#include "base/banned.h"

static const char *const pruned[] = {
    "UPDATE mirrors SET pruned = pruned + (SELECT count(*) FROM pruned WHERE "
    "seq > (SELECT c.seq FROM cursors c WHERE c.reader = 'mirror ' || "
    "mirrors.name AND c.origin = x''))",
    NULL};

/* Messages of nothing but them; those of others are blotted later. */
static const char *const events[] = {
    "DELETE FROM outbox WHERE last_seq > ?3 AND first_seq <= ?4 AND "
    "json_valid(message) AND EXISTS (SELECT 1 FROM json_tree(message) j "
    "WHERE j.key = 'seq' AND j.atom IN " ROOM_THEIRS
    ") AND NOT EXISTS (SELECT 1 FROM json_tree(message) j JOIN events e "
    "ON e.seq = j.atom WHERE j.key = 'seq' AND e.who NOT "
    "IN " ROOM_IDENTITIES
    ") AND events <= (SELECT count(*) FROM json_tree(message) j WHERE "
    "j.key = 'seq')",
    NULL};

static const char *const mentions[] = {
    "UPDATE mirrors SET reason = trace_blot(reason) WHERE trace_in(reason)",
    "UPDATE outbox SET error = trace_blot(error), bucket = "
    "trace_blot(bucket) WHERE trace_in(error) OR trace_in(bucket)",
    NULL};

static const char *const texts[] = {
    "UPDATE outbox SET message = trace_blot(message) WHERE "
    "trace_in(message)",
    NULL};

const struct journal_room mirror_room = {{[ROOM_PRUNED] = pruned,
                                          [ROOM_EVENTS] = events,
                                          [ROOM_MENTIONS] = mentions,
                                          [ROOM_TEXTS] = texts}};
